"""The verb that takes goods back: money, journal, stock of both sides, each exactly undone in part."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from ..accounts import InvoiceLineDraft, TradingAccount, insert_unique, issue_credit_note
from ..channels import get_network
from ..inventory import Placement, Shipment, find_receipts, lock_places, send_back, take_back
from ..journal import LegDraft, post_legs
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import InvalidError
from ..kernel.events import emit
from ..kernel.money import minor_to_micros
from ..kernel.numbers import next_number
from .errors import ReusedKeyError
from .fees import reverse_fees
from .models import FulfilmentStatus, ReturnLine, SalesOrder, SalesReturn
from .progress import OUT_PARTS
from .return_plan import ReturnedPart, plan_return, sold_legs, sum_wanted
from .second_titles import settle_second
from .titles import tax_of
from .work import OrderWork, advance, hold_accounts, load_work, return_to_quotas

MAX_KEY = 80
MAX_REASON = 200


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
    hold_accounts(session, [work])
    account = work.lock_account(session)
    day = business_day(now, get_network(session).zone)
    backs = plan_return(work, wanted, sold_legs(session, work.order))
    document = write_return(session, work, backs, day=day, key=key, reason=reason, now=now)
    _move_goods(session, work, backs, document=document.number, now=now)
    undo_titles(session, actor, work, backs, account=account, document=document.number, day=day, now=now)
    count_returned(session, work, backs)
    _close_returned(work, backs)
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


def undo_titles(
    session: Session,
    actor: Actor,
    work: OrderWork,
    backs: Sequence[ReturnedPart],
    *,
    account: TradingAccount,
    document: str,
    day: date,
    now: datetime,
) -> None:
    """Undo every transfer of title behind these pieces: journal, second transfers, and a credit note."""
    legs = [_leg(work.order, back, document, day) for back in backs]
    behind = (_second_leg(work.order, back, document, day) for back in backs)
    legs += [leg for leg in behind if leg is not None]
    post_legs(session, key=f"return:{document}", source="return", legs=legs, now=now)
    settle_second(session, actor, work, backs, document=document, day=day, now=now)
    reverse_fees(session, actor, work, backs, document=document, now=now)
    issue_credit_note(
        session,
        actor,
        account=account,
        document=document,
        lines=[_credit_line(work, back) for back in backs],
        day=day,
        applies_to_document=work.order.number,
        now=now,
    )


def count_returned(session: Session, work: OrderWork, backs: Sequence[ReturnedPart]) -> None:
    """Lines count what came back of them, and its quotas are free again."""
    return_to_quotas(session, work, [(back.line, back.qty) for back in backs])
    for back in backs:
        back.line.returned_qty += back.qty


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
    booked: dict[int, int] = {}
    for row in rows:
        if row.order_line_id is not None:
            line_no = numbers[row.order_line_id]
            booked[line_no] = booked.get(line_no, 0) + row.qty
    if booked != wanted:
        raise ReusedKeyError(key=shown_key, document=document.number)
    return document


def write_return(
    session: Session,
    work: OrderWork,
    backs: Sequence[ReturnedPart],
    *,
    day: date,
    key: str,
    reason: str,
    now: datetime,
) -> SalesReturn:
    """The return as a document with its lines. Raises `ReusedKeyError`."""
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
            order_line_id=row_id(work.promise(back.line)),
            fulfilment_line_id=row_id(back.line),
            sku_id=back.line.sku_id,
            qty=back.qty,
            unit_price=work.promise(back.line).unit_price,
            net_amount=back.refund.net,
            tax_amount=back.refund.tax,
            gross_amount=back.refund.gross,
        )
        for back in backs
    )
    return document


def _close_returned(work: OrderWork, backs: Sequence[ReturnedPart]) -> None:
    """Parts that came back altogether while on their way end here, and the order follows."""
    for part in {back.part.part.number: back.part for back in backs}.values():
        is_out = part.part.status in OUT_PARTS and part.part.status != FulfilmentStatus.DELIVERED
        if is_out and all(line.returned_qty == line.shipped_qty for line in part.lines):
            part.part.status = FulfilmentStatus.RETURNED
            part.part.version += 1
            work.follow_parts()


def _move_goods(
    session: Session, work: OrderWork, backs: Sequence[ReturnedPart], *, document: str, now: datetime
) -> None:
    """Out of the buyer's stock where the goods were received, back to the place they were shipped from."""
    goods = [back for back in backs if work.is_goods(back.line.sku_id)]
    shipments = _shipment_numbers(session, goods)
    received = {
        number: find_receipts(session, cause=number, partner_id=work.order.buyer_id)
        for number in sorted(set(shipments.values()))
    }
    from_buyer: dict[str, list[Placement]] = defaultdict(list)
    for back in goods:
        number = shipments[back.part.part.shipment_id or 0]
        if back.line.sku_id in received[number]:
            place = received[number][back.line.sku_id]
            from_buyer[number].append(Placement(back.line.sku_id, place, back.qty))
    to_owner = [Placement(back.line.sku_id, back.part.part.location_id or 0, back.qty) for back in goods]
    leaving = [placement for placements in from_buyer.values() for placement in placements]
    lock_places(session, [placement.place for placement in (*leaving, *to_owner)])
    for number, placements in from_buyer.items():
        send_back(session, placements=placements, received_cause=number, cause=document, now=now)
    for back, placement in zip(goods, to_owner, strict=True):
        take_back(
            session,
            placement=placement,
            shipped_cause=back.part.part.number,
            returned_before_qty=back.undone_before_qty,
            fallback_on=back.origin.booked_on,
            cause=document,
            now=now,
        )


def _shipment_numbers(session: Session, goods: Sequence[ReturnedPart]) -> dict[int, str]:
    ids = {back.part.part.shipment_id for back in goods}
    with unscoped(session, "the shipments of an order within reach"):
        rows = session.exec(select(Shipment.id, Shipment.number).where(col(Shipment.id).in_(ids))).all()
    return {key: number for key, number in rows if key is not None}


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


def _second_leg(order: SalesOrder, back: ReturnedPart, document: str, day: date) -> LegDraft | None:
    """The purchase behind a line (or the buy-back) undone for what came back."""
    second, amounts = back.second, back.second_refund
    if second is None or amounts is None:
        return None
    sign = -1 if second.qty > 0 else 1
    return LegDraft(
        step=second.step,
        booked_on=day,
        seller_id=second.seller_id,
        buyer_id=second.buyer_id,
        seller_path=second.seller_path,
        buyer_path=second.buyer_path,
        region_id=second.region_id,
        sku_id=second.sku_id,
        qty=sign * back.qty,
        price_micros=second.price_micros,
        amount=sign * minor_to_micros(amounts.gross, order.currency),
        tax_amount=sign * minor_to_micros(amounts.tax, order.currency),
        order_id=row_id(order),
        document=document,
        line_no=back.line_no,
        origin_leg_id=row_id(second),
        origin_on=second.booked_on,
    )


def _credit_line(work: OrderWork, back: ReturnedPart) -> InvoiceLineDraft:
    sku = work.skus[back.line.sku_id]
    return InvoiceLineDraft(
        sku_code=sku.code,
        text=sku.name,
        qty=-back.qty,
        tax_ppm=tax_of(work, back.line),
        net=-back.refund.net,
        tax=-back.refund.tax,
        gross=-back.refund.gross,
    )
