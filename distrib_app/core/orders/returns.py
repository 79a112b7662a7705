"""The verb that takes goods back: money, journal, stock of both sides, each exactly undone in part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from ..accounts import InvoiceLineDraft, insert_unique, issue_credit_note
from ..channels import get_network
from ..inventory import Placement, find_receipts, lock_places, send_back, take_back
from ..journal import JournalLeg, LegDraft, post_legs
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import InvalidError
from ..kernel.events import emit
from ..kernel.money import TaxSplit, minor_to_micros
from ..kernel.numbers import next_number
from .errors import ReturnQuantityError, ReusedKeyError
from .fulfilment import shipments_of
from .models import OrderLine, ReturnLine, SalesOrder, SalesReturn
from .rules import refund
from .work import OrderWork, advance, amounts_of, load_work

MAX_KEY = 80
MAX_REASON = 200


@dataclass(frozen=True, slots=True)
class ReturnedPart:
    """A quantity of an order line that comes back, with what it refunds."""

    line_no: int
    line: OrderLine
    qty: int
    refund: TaxSplit
    origin: JournalLeg


def return_goods(
    session: Session,
    actor: Actor,
    *,
    number: str,
    lines: Sequence[tuple[int, int]],
    reason: str,
    idempotency_key: str,
    now: datetime,
) -> SalesReturn:
    """Take back quantities per order line number (seller's side), never more than is out.

    Refunds are differences of cumulative roundings, so partial returns add up to the line exactly. The
    journal gets negative legs under the origin's parties, paths and region; the credit note settles the
    order's invoice first; goods leave the buyer's stock if they were received there and go back to where
    they were shipped from with their origin day and cost. The same key with the same lines returns the
    first return. Raises `ReturnQuantityError`, `InsufficientStockError` (the buyer no longer has them),
    `ReusedKeyError`, `TransitionError`, `InvalidError`, `NotFoundError`, `NotYourOrderError`.
    """
    wanted = sum_wanted(lines)
    if not 1 <= len(idempotency_key) <= MAX_KEY:
        raise InvalidError(field="idempotency_key", reason=f"{len(idempotency_key)} – 1 … {MAX_KEY}")
    if len(reason) > MAX_REASON:
        raise InvalidError(field="reason", reason=f"{len(reason)} > {MAX_REASON}")
    work = load_work(session, actor, number=number, verb="return")
    key = f"{row_id(work.order)}:{idempotency_key}"
    earlier = _find_earlier(session, work, key, idempotency_key, wanted)
    if earlier is not None:
        return earlier
    advance(actor, work, verb="return", version=None)
    account = work.lock_account(session)
    day = business_day(now, get_network(session).zone)
    backs = plan_return(work, wanted, sold_legs(session, work.order))
    document = _write_return(session, work, backs, day=day, key=key, reason=reason, now=now)
    _move_goods(session, work, backs, document=document.number, now=now)
    for back in backs:
        back.line.returned_qty += back.qty
    legs = [_leg(work.order, back, document.number, day) for back in backs]
    post_legs(session, key=f"return:{document.number}", source="return", legs=legs, now=now)
    issue_credit_note(
        session,
        actor,
        account=account,
        document=document.number,
        lines=[_credit_line(work, back) for back in backs],
        day=day,
        applies_to_document=number,
        now=now,
    )
    emit(
        session,
        actor,
        "order.returned",
        subject=("order", number),
        now=now,
        document=document.number,
        qty=sum(back.qty for back in backs),
        gross_amount=sum(back.refund.gross for back in backs),
    )
    return document


def sum_wanted(lines: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Quantities per line number, each at least 1. Raises `InvalidError` for others and for none."""
    wanted: dict[int, int] = {}
    for line_no, qty in lines:
        if qty < 1:
            raise InvalidError(field="qty", reason=str(qty))
        wanted[line_no] = wanted.get(line_no, 0) + qty
    if not wanted:
        raise InvalidError(field="lines", reason="empty")
    return dict(sorted(wanted.items()))


def _find_earlier(
    session: Session, work: OrderWork, key: str, shown_key: str, wanted: Mapping[int, int]
) -> SalesReturn | None:
    """The return booked with this key, if it held the same lines; `ReusedKeyError` if others."""
    with unscoped(session, "a key belongs to the order; the return behind it decides"):
        document = session.exec(select(SalesReturn).where(SalesReturn.idempotency_key == key)).one_or_none()
        if document is None:
            return None
        rows = session.exec(select(ReturnLine).where(ReturnLine.return_id == row_id(document))).all()
    numbers = {row_id(line): line.line_no for line in work.lines}
    booked = {numbers[row.order_line_id]: row.qty for row in rows if row.order_line_id is not None}
    if booked != wanted:
        raise ReusedKeyError(key=shown_key, document=document.number)
    return document


def sold_legs(session: Session, order: SalesOrder) -> dict[int, JournalLeg]:
    """The sale's legs of an order by its line numbers."""
    with unscoped(session, "a return carries its origin's parties and paths"):
        legs = session.exec(
            select(JournalLeg).where(JournalLeg.order_id == row_id(order), col(JournalLeg.qty) > 0)
        ).all()
    return {leg.line_no: leg for leg in legs}


def plan_return(
    work: OrderWork, wanted: Mapping[int, int], origins: Mapping[int, JournalLeg]
) -> list[ReturnedPart]:
    """What comes back per line. Raises `InvalidError` for a line that is none, `ReturnQuantityError`."""
    lines = {line.line_no: line for line in work.lines}
    backs = []
    for position, (line_no, qty) in enumerate(wanted.items(), 1):
        line = lines.get(line_no)
        if line is None:
            raise InvalidError(field="line_no", reason=str(line_no))
        if qty > line.shipped_qty - line.returned_qty:
            raise ReturnQuantityError(
                line=line_no,
                sku=work.skus[line.sku_id].code,
                wanted=qty,
                returnable=line.shipped_qty - line.returned_qty,
            )
        amounts = refund(amounts_of(line), qty=line.qty, returned_before=line.returned_qty, returning=qty)
        backs.append(ReturnedPart(position, line, qty, amounts, origins[line_no]))
    return backs


def _write_return(
    session: Session,
    work: OrderWork,
    backs: Sequence[ReturnedPart],
    *,
    day: date,
    key: str,
    reason: str,
    now: datetime,
) -> SalesReturn:
    origin = backs[0].origin
    document = SalesReturn(
        number=next_number(session, "RT", day),
        order_id=row_id(work.order),
        seller_id=work.order.seller_id,
        buyer_id=work.order.buyer_id,
        seller_path=origin.seller_path,
        buyer_path=origin.buyer_path,
        returned_at=now,
        returned_on=day,
        reason=reason.strip(),
        idempotency_key=key,
    )
    insert_unique(session, document, ReusedKeyError(key=key.partition(":")[2], document=work.order.number))
    session.add_all(
        ReturnLine(
            return_id=row_id(document),
            line_no=back.line_no,
            order_line_id=row_id(back.line),
            sku_id=back.line.sku_id,
            qty=back.qty,
            unit_price=back.line.unit_price,
            net_amount=back.refund.net,
            tax_amount=back.refund.tax,
            gross_amount=back.refund.gross,
        )
        for back in backs
    )
    return document


def _move_goods(
    session: Session, work: OrderWork, backs: Sequence[ReturnedPart], *, document: str, now: datetime
) -> None:
    """Out of the buyer's stock where the goods were received, back to where the seller shipped from."""
    shipment = shipments_of(session, work.order)[0]
    goods = [back for back in backs if back.line.location_id is not None]
    received = find_receipts(session, cause=shipment.number, partner_id=work.order.buyer_id)
    from_buyer = [
        Placement(back.line.sku_id, received[back.line.sku_id], back.qty)
        for back in goods
        if back.line.sku_id in received
    ]
    to_seller = [Placement(back.line.sku_id, back.line.location_id or 0, back.qty) for back in goods]
    lock_places(session, [placement.place for placement in (*from_buyer, *to_seller)])
    send_back(session, placements=from_buyer, received_cause=shipment.number, cause=document, now=now)
    returned: dict[tuple[int, int], int] = {}
    for line in work.lines:
        place = (line.sku_id, line.location_id or 0)
        returned[place] = returned.get(place, 0) + line.returned_qty
    for placement in to_seller:
        take_back(
            session,
            placement=placement,
            shipped_cause=shipment.number,
            returned_before_qty=returned[placement.place],
            fallback_on=backs[0].origin.booked_on,
            cause=document,
            now=now,
        )
        returned[placement.place] += placement.qty


def _leg(order: SalesOrder, back: ReturnedPart, document: str, day: date) -> LegDraft:
    origin = back.origin
    return LegDraft(
        step=origin.step,
        booked_on=day,
        seller_id=origin.seller_id,
        buyer_id=origin.buyer_id,
        seller_path=origin.seller_path,
        buyer_path=origin.buyer_path,
        region_id=origin.region_id,
        sku_id=origin.sku_id,
        qty=-back.qty,
        price_micros=origin.price_micros,
        amount=-minor_to_micros(back.refund.gross, order.currency),
        tax_amount=-minor_to_micros(back.refund.tax, order.currency),
        order_id=row_id(order),
        document=document,
        line_no=back.line_no,
        origin_leg_id=row_id(origin),
        origin_on=origin.booked_on,
    )


def _credit_line(work: OrderWork, back: ReturnedPart) -> InvoiceLineDraft:
    sku = work.skus[back.line.sku_id]
    return InvoiceLineDraft(
        sku_code=sku.code,
        text=sku.name,
        qty=-back.qty,
        tax_ppm=back.line.tax_ppm,
        net=-back.refund.net,
        tax=-back.refund.tax,
        gross=-back.refund.gross,
    )
