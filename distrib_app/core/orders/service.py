"""Verbs before shipping: place an order, reserve what it still lacks, cancel it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, select

from ..accounts import Reason, commit_amount, insert_unique
from ..catalog import Sku, find_skus_by_code
from ..inventory import InsufficientStockError, Reservation, location_ids_of, release, reserve
from ..kernel.access import Actor, unscoped
from ..kernel.db import row_id
from ..kernel.errors import InvalidError, msg
from ..kernel.events import emit
from ..kernel.numbers import next_number
from .errors import OrderRefusedError, ReusedKeyError
from .models import OrderLine, OrderStatus, SalesOrder
from .quoting import OrderQuote, Parties, find_parties, quote_lines
from .rules import LineRequest, sum_lines
from .spreading import order_line, reserved_parts, split_line, spread_line, take_parts
from .work import advance, load_work, reserved_placements

MAX_KEY = 80


def place_order(
    session: Session,
    actor: Actor,
    *,
    buyer_code: str,
    seller_code: str,
    lines: Sequence[LineRequest],
    idempotency_key: str,
    now: datetime,
) -> SalesOrder:
    """Place an order for the actor's own company: priced afresh, stock reserved, credit committed.

    A line whose SKU comes from several locations becomes one order line per location; the amounts add up
    to the quoted line. SKUs with backorder may be placed beyond the stock. The same key with the same
    content returns the first order and changes nothing.
    Raises `OrderRefusedError` with every reason, `ReusedKeyError` for the key with other content,
    `NotFoundError`, `NotYourBuyerError`, `InvalidError`.
    """
    if not 1 <= len(idempotency_key) <= MAX_KEY:
        raise InvalidError(field="idempotency_key", reason=f"{len(idempotency_key)} – 1 … {MAX_KEY}")
    parties = find_parties(session, actor, buyer_code=buyer_code, seller_code=seller_code, lock=True)
    wanted = sum_lines(lines)
    skus = find_skus_by_code(session, [line.sku_code for line in wanted])
    key = f"{row_id(parties.buyer)}:{idempotency_key}"
    earlier = _find_earlier(
        session, key=key, shown_key=idempotency_key, parties=parties, wanted=wanted, skus=skus
    )
    if earlier is not None:
        return earlier
    quote = quote_lines(session, parties=parties, lines=wanted, skus=skus, now=now)
    if quote.reasons or parties.account is None:
        raise OrderRefusedError(quote.reasons)
    number = next_number(session, "SO", quote.day)
    reservation = _reserve(session, parties, quote, skus, number=number, now=now)
    order = _write_order(session, actor, parties, quote, number=number, key=key, now=now)
    line_no = 0
    for line in quote.lines:
        for part, amounts in spread_line(line, skus[line.sku_code], reservation):
            line_no += 1
            session.add(
                order_line(
                    order,
                    line_no=line_no,
                    line=line,
                    sku=skus[line.sku_code],
                    part=part,
                    amounts=amounts,
                )
            )
    commit_amount(session, parties.account, document=number, amount=quote.amounts.gross, now=now)
    session.flush()
    emit(
        session,
        actor,
        "order.placed",
        subject=("order", number),
        now=now,
        seller=seller_code,
        buyer=buyer_code,
        gross_amount=quote.amounts.gross,
        currency=quote.currency,
    )
    return order


def allocate_order(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> SalesOrder:
    """Reserve what a back-ordered order still lacks, as far as stock allows (seller's side).

    A line may be split: its amounts are shared out so that the order's total stays. Raises
    `InsufficientStockError` when nothing at all could be reserved, `TransitionError`, `StaleError`,
    `NotFoundError`, `NotYourOrderError`.
    """
    work = load_work(session, actor, number=number, verb="allocate")
    advance(actor, work, verb="allocate", version=version)
    lacking = [line for line in work.lines if work.lacks(line)]
    wanted: dict[int, int] = {}
    for line in lacking:
        wanted[line.sku_id] = wanted.get(line.sku_id, 0) + line.qty
    reservation = reserve(
        session,
        location_ids_in_priority_order=location_ids_of(session, partner_id=work.order.seller_id),
        wanted=wanted,
        cause=number,
        now=now,
        backorder_sku_ids=wanted.keys(),
    )
    if not reservation.placements:
        sku = work.skus[lacking[0].sku_id]
        raise InsufficientStockError(sku=sku.code, wanted=wanted[lacking[0].sku_id], available=0)
    next_no = max(line.line_no for line in work.lines) + 1
    left = {sku_id: reserved_parts(sku_id, reservation) for sku_id in wanted}
    for line in lacking:
        for extra in split_line(line, take_parts(left[line.sku_id], line.qty)):
            extra.line_no, next_no = next_no, next_no + 1
            session.add(extra)
    session.flush()
    reserved = sum(placement.qty for placement in reservation.placements)
    emit(session, actor, "order.allocated", subject=("order", number), now=now, qty=reserved)
    return work.order


def cancel_order(
    session: Session,
    actor: Actor,
    *,
    number: str,
    reason: str = "",
    version: int | None = None,
    now: datetime,
) -> SalesOrder:
    """Cancel a placed order, by either side: stock and credit are free again.

    Raises `TransitionError` once shipped, `StaleError`, `NotFoundError`, `NotYourOrderError`.
    """
    work = load_work(session, actor, number=number, verb="cancel")
    advance(actor, work, verb="cancel", version=version)
    account = work.lock_account(session)
    release(session, placements=reserved_placements(work.lines), cause=number, now=now)
    for line in work.lines:
        line.reserved_qty = 0
    commit_amount(session, account, document=number, amount=-(work.order.gross_amount or 0), now=now)
    session.flush()
    emit(session, actor, "order.cancelled", subject=("order", number), now=now, reason=reason[:200])
    return work.order


def _find_earlier(
    session: Session,
    *,
    key: str,
    shown_key: str,
    parties: Parties,
    wanted: Sequence[LineRequest],
    skus: Mapping[str, Sku],
) -> SalesOrder | None:
    """The order placed with this key, if it asked for the same; `ReusedKeyError` if for something else."""
    with unscoped(session, "a key is the buyer's own; the order behind it decides"):
        order = session.exec(select(SalesOrder).where(SalesOrder.idempotency_key == key)).one_or_none()
        if order is None:
            return None
        placed: dict[int, int] = {}
        for line in session.exec(select(OrderLine).where(OrderLine.order_id == row_id(order))):
            placed[line.sku_id] = placed.get(line.sku_id, 0) + line.qty
    asked = {row_id(skus[line.sku_code]): line.qty for line in wanted if line.sku_code in skus}
    if order.seller_id != parties.seller.id or asked != placed or len(asked) != len(wanted):
        raise ReusedKeyError(key=shown_key, document=order.number)
    return order


def _reserve(
    session: Session,
    parties: Parties,
    quote: OrderQuote,
    skus: Mapping[str, Sku],
    *,
    number: str,
    now: datetime,
) -> Reservation:
    goods = {line.sku_code: line.qty for line in quote.lines if line.available_qty is not None}
    try:
        return reserve(
            session,
            location_ids_in_priority_order=location_ids_of(session, partner_id=row_id(parties.seller)),
            wanted={row_id(skus[code]): qty for code, qty in goods.items()},
            cause=number,
            now=now,
            backorder_sku_ids=[row_id(skus[code]) for code in goods if skus[code].is_backorder_allowed],
        )
    except InsufficientStockError as error:  # somebody was faster since the quote
        facts = {
            "sku": error.facts["sku"],
            "qty": error.facts["wanted"],
            "available": error.facts["available"],
        }
        text = msg("{sku}: {qty} wanted, {available} available.")
        raise OrderRefusedError([Reason("short_stock", text, facts)]) from error


def _write_order(
    session: Session,
    actor: Actor,
    parties: Parties,
    quote: OrderQuote,
    *,
    number: str,
    key: str,
    now: datetime,
) -> SalesOrder:
    order = SalesOrder(
        number=number,
        status=OrderStatus.PLACED,
        seller_id=row_id(parties.seller),
        buyer_id=row_id(parties.buyer),
        seller_path=parties.seller.path,
        buyer_path=parties.buyer.path,
        region_id=parties.buyer.region_id,
        account_id=row_id(parties.account),
        currency=quote.currency,
        net_amount=quote.amounts.net,
        tax_amount=quote.amounts.tax,
        gross_amount=quote.amounts.gross,
        placed_at=now,
        placed_by=actor.user_id,
        idempotency_key=key,
    )
    insert_unique(session, order, ReusedKeyError(key=key.partition(":")[2], document=number))
    return order
