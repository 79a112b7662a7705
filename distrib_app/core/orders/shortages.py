"""Less was signed for than had left: written down per line, and put before the seller as a task.

What is missing stays sold and invoiced until the seller has decided; it can neither be returned by the buyer
nor be completed away meanwhile. `settling.py` does what the seller decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from ..accounts import party_names
from ..kernel.access import Actor
from ..kernel.db import row_id
from ..kernel.errors import InvalidError, msg
from ..kernel.explain import Step
from ..workbench import Severity, Task, raise_task
from .errors import ShortageError
from .models import FulfilmentLine
from .return_requests import DECIDERS
from .tracking_models import DeliveryShortage, ShortageChoice, ShortageReason
from .work import OrderWork, PartWork

SHORT_DELIVERY = "short_delivery"
SHORT_DELIVERY_HOURS = 8
SHORTAGES: dict[str, str] = {
    ShortageReason.SHORT: msg("not in the parcel"),
    ShortageReason.DAMAGED: msg("arrived damaged"),
    ShortageReason.REFUSED: msg("refused by the recipient"),
}
CHOICES: dict[str, str] = {
    ShortageChoice.RESEND: msg("Send it again"),
    ShortageChoice.CREDIT: msg("Credit it"),
    ShortageChoice.FOUND: msg("It arrived after all"),
}


@dataclass(frozen=True, slots=True)
class Shortage:
    """A quantity of an order line (by number) that was not signed for, and why (`ShortageReason`)."""

    line_no: int
    qty: int
    reason: str = ShortageReason.SHORT


@dataclass(frozen=True, slots=True)
class MissingPart:
    """A shortage in the line of a part that it belongs to."""

    part: PartWork
    line: FulfilmentLine
    qty: int
    reason: str


@dataclass(frozen=True, slots=True)
class ShortageRow:
    """A quantity of a line that was not signed for; `choice` is empty while the seller has to decide."""

    part_number: str
    line_no: int
    sku_code: str
    qty: int
    reason: str
    recorded_at: datetime
    choice: str
    document: str


def place_shortages(
    work: OrderWork, arriving: Sequence[PartWork], shortages: Sequence[Shortage]
) -> list[MissingPart]:
    """In which of the arriving parts the missing pieces were, those that left last first.

    Raises `InvalidError` (an unknown reason, a quantity below 1, a service), `ShortageError` where more is
    said to be missing of a line than was on its way.
    """
    missing: list[MissingPart] = []
    taken: dict[int, int] = {}
    for shortage in shortages:
        if shortage.reason not in SHORTAGES:
            raise InvalidError(field="reason", reason=shortage.reason[:20])
        if shortage.qty < 1:
            raise InvalidError(field="qty", reason=str(shortage.qty))
        left = shortage.qty
        for part in reversed(arriving):
            for line in part.lines:
                if line.line_no != shortage.line_no or not work.is_goods(line.sku_id):
                    continue
                key = row_id(line)
                here = min(left, line.shipped_qty - line.returned_qty - taken.get(key, 0))
                if here > 0:
                    taken[key] = taken.get(key, 0) + here
                    missing.append(MissingPart(part, line, here, shortage.reason))
                    left -= here
        if left:
            raise ShortageError(line=shortage.line_no, wanted=shortage.qty, arriving=shortage.qty - left)
    return missing


def note_shortages(
    session: Session, actor: Actor, work: OrderWork, missing: Sequence[MissingPart], *, now: datetime
) -> Task | None:
    """Write down what was not signed for, and put it before the seller; None where everything arrived."""
    if not missing:
        return None
    for one in missing:
        one.line.missing_qty += one.qty
    session.add_all(
        DeliveryShortage(
            order_id=row_id(work.order),
            fulfilment_line_id=row_id(one.line),
            part_number=one.part.part.number,
            line_no=one.line.line_no,
            sku_id=one.line.sku_id,
            qty=one.qty,
            reason=one.reason,
            recorded_at=now,
        )
        for one in missing
    )
    session.flush()
    waiting = open_shortages(session, work)
    buyer = party_names(session, [work.order.buyer_id])[work.order.buyer_id]
    return raise_task(
        session,
        actor,
        kind=SHORT_DELIVERY,
        subject=("order", work.order.number),
        title=msg("{buyer} signed for {qty} pieces less of {order}"),
        facts={
            "buyer": buyer.name,
            "buyer_en": buyer.name_en or buyer.name,
            "qty": sum(row.qty for row in waiting),
            "order": work.order.number,
        },
        owner_id=work.order.seller_id,
        roles=DECIDERS,
        severity=Severity.HIGH,
        evidence=[
            Step(
                msg("Line {line}, {sku}: {qty} {why}, in {part}"),
                {
                    "line": row.line_no,
                    "sku": work.skus[row.sku_id].code,
                    "qty": row.qty,
                    "why": SHORTAGES[row.reason],
                    "part": row.part_number,
                },
            ).frozen()
            for row in waiting
        ],
        hours=SHORT_DELIVERY_HOURS,
        now=now,
    )


def open_shortages(session: Session, work: OrderWork) -> Sequence[DeliveryShortage]:
    """What of an order is missing and not settled yet, in the order in which it was written down."""
    return session.exec(
        select(DeliveryShortage)
        .where(
            DeliveryShortage.order_id == row_id(work.order), DeliveryShortage.choice == ShortageChoice.OPEN
        )
        .order_by(col(DeliveryShortage.id))
    ).all()


def shortage_rows(session: Session, work: OrderWork) -> tuple[ShortageRow, ...]:
    """All that was ever missing of an order, in the order in which it was written down."""
    rows = session.exec(
        select(DeliveryShortage)
        .where(DeliveryShortage.order_id == row_id(work.order))
        .order_by(col(DeliveryShortage.id))
    )
    return tuple(
        ShortageRow(
            row.part_number,
            row.line_no,
            work.skus[row.sku_id].code,
            row.qty,
            row.reason,
            row.recorded_at,
            row.choice,
            row.document,
        )
        for row in rows
    )
