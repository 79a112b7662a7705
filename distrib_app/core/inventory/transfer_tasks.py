"""Work that a transfer gives to people: count what has arrived, see to a parcel, find what is missing.

The platform raises them, whoever did what made it so: so nobody is kept from a task as its own request, and
the taker does not see what a loss has cost the giver. Each is closed as soon as the transfer no longer asks
for it.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from ..kernel.access import SYSTEM, unscoped
from ..kernel.errors import msg
from ..kernel.explain import Step
from ..kernel.money import Money, micros_to_minor
from ..workbench import Severity, cure_tasks, raise_task
from .models import Movement, MovementKind
from .rules import Layer
from .shipping_models import Shipment, ShipmentStatus
from .transfer_models import ShortReason
from .transfer_work import SUBJECT, TransferWork

TRANSFER_ARRIVED = "transfer_arrived"
TRANSFER_REFUSED = "transfer_refused"
TRANSFER_LOST = "transfer_lost"
TRANSFER_SHORT = "transfer_short"
TRANSFER_TASK_NAMES: dict[str, str] = {
    TRANSFER_ARRIVED: msg("Transfer to count"),
    TRANSFER_REFUSED: msg("Transfer refused"),
    TRANSFER_LOST: msg("Transfer lost"),
    TRANSFER_SHORT: msg("Transfer came in short"),
}
ROAD_TASKS = (TRANSFER_ARRIVED, TRANSFER_REFUSED, TRANSFER_LOST)
# who answers at a company: those who decide on its transfers
SEERS = ("operations", "administrator", "owner")
ARRIVED_HOURS, STUCK_HOURS, SHORT_HOURS = 8, 4, 8
SHORT_REASONS: dict[str, str] = {
    ShortReason.LOST: msg("lost"),
    ShortReason.DAMAGED: msg("damaged"),
    ShortReason.NOT_SENT: msg("not sent"),
    ShortReason.OTHER: msg("other"),
}
_STUCK = {
    ShipmentStatus.REFUSED.value: (TRANSFER_REFUSED, msg("{transfer} was refused at {target}")),
    ShipmentStatus.LOST.value: (TRANSFER_LOST, msg("{transfer} to {target} is reported lost")),
}


def ask_to_count(
    session: Session, work: TransferWork, shipment: Shipment, *, signed_by: str, now: datetime
) -> None:
    """The carrier says it has handed the goods over: the taker's people count them and sign."""
    signer = [Step(msg("Signed by {name}"), {"name": signed_by})] if signed_by else []
    _raise(
        session,
        work,
        kind=TRANSFER_ARRIVED,
        title=msg("{transfer} from {source} has arrived: count {qty} pieces"),
        owner_id=work.transfer.taker_id,
        steps=[_carried(shipment), *signer],
        hours=ARRIVED_HOURS,
        now=now,
    )


def follow_stuck(
    session: Session,
    work: TransferWork,
    shipment: Shipment,
    reached: ShipmentStatus,
    *,
    now: datetime,
) -> None:
    """The giver's people see to a parcel that was refused or lost, until the carrier says otherwise."""
    kind, title = _STUCK.get(reached.value, ("", ""))
    cure_transfer_tasks(
        session, work.transfer.number, [one for one, _ in _STUCK.values() if one != kind], now=now
    )
    if kind and work.facts().road_qty:
        _raise(
            session,
            work,
            kind=kind,
            title=title,
            owner_id=work.transfer.giver_id,
            steps=[_carried(shipment)],
            severity=Severity.HIGH,
            hours=STUCK_HOURS,
            now=now,
        )


def ask_for_short(session: Session, work: TransferWork, *, now: datetime) -> None:
    """The giver's people look into what did not come in; the loss, at its own cost, stands on the task."""
    currency = work.transfer.currency
    lost = written_off(session, work)
    loss = micros_to_minor(sum(layer.qty * (layer.unit_cost_micros or 0) for _, layer in lost), currency)
    steps = [
        Step(
            msg("Line {line}, {sku}: {qty} {why}"),
            {
                "line": line.line_no,
                "sku": work.skus[line.sku_id].code,
                "qty": line.short_qty,
                "why": SHORT_REASONS[line.short_reason],
            },
        )
        for line in work.lines
        if line.short_qty
    ]
    if loss:
        steps.append(Step(msg("Written off at cost"), {}, str(Money(currency, loss))))
    _raise(
        session,
        work,
        kind=TRANSFER_SHORT,
        title=msg("{transfer} to {target} came in short by {qty} pieces"),
        owner_id=work.transfer.giver_id,
        steps=steps,
        severity=Severity.HIGH,
        qty=sum(line.short_qty for line in work.lines),
        amount=loss or None,
        hours=SHORT_HOURS,
        now=now,
    )


def written_off(session: Session, work: TransferWork) -> list[tuple[int, Layer]]:
    """What the giver's books lost by a transfer: SKU id and layer, in the order of writing."""
    with unscoped(session, "what was lost stands in the giver's books, whoever counted"):
        rows = session.exec(
            select(Movement)
            .where(
                Movement.cause == work.transfer.number,
                Movement.kind == MovementKind.CORRECTION,
                Movement.location_id == work.transfer.from_location_id,
                col(Movement.on_hand_delta) < 0,
            )
            .order_by(col(Movement.id))
        ).all()
    return [
        (row.sku_id, Layer(row.origin_on, row.unit_cost_micros, -row.on_hand_delta, row.lot_id))
        for row in rows
    ]


def cure_transfer_tasks(session: Session, number: str, kinds: Collection[str], *, now: datetime) -> None:
    """Close what a transfer no longer asks for, whoever did what made it so."""
    for kind in kinds:
        cure_tasks(session, SYSTEM, kind=kind, subjects=[(SUBJECT, number)], now=now)


def _carried(shipment: Shipment) -> Step:
    return Step(
        msg("Shipment {number}, waybill {waybill}"),
        {"number": shipment.number, "waybill": shipment.waybill or "–"},
        shipment.carrier,
    )


def _raise(
    session: Session,
    work: TransferWork,
    *,
    kind: str,
    title: str,
    owner_id: int,
    steps: Collection[Step],
    hours: int,
    severity: str = Severity.NORMAL,
    qty: int | None = None,
    amount: int | None = None,
    now: datetime,
) -> None:
    raise_task(
        session,
        SYSTEM,
        kind=kind,
        subject=(SUBJECT, work.transfer.number),
        title=title,
        facts={
            "transfer": work.transfer.number,
            "source": work.source.name,
            "source_en": work.source.name_en or work.source.name,
            "target": work.target.name,
            "target_en": work.target.name_en or work.target.name,
            "qty": work.facts().road_qty if qty is None else qty,
        },
        owner_id=owner_id,
        roles=SEERS,
        severity=severity,
        evidence=[step.frozen() for step in steps],
        amount=amount,
        currency=work.transfer.currency if amount else "",
        hours=hours,
        now=now,
    )
