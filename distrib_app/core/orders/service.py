"""Verbs between placing and shipping: reserve what is missing, release a held order, cancel."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session

from ..accounts import TradingAccount, commit_amount, exposure_of
from ..channels import PartnerKind, get_network
from ..inventory import InsufficientStockError, Placement, release, reserve
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.events import emit
from ..workbench import release_holds
from .errors import StillHeldError
from .models import FulfilmentLine, FulfilmentMode, FulfilmentStatus, SalesOrder
from .parting import nothing_for, serve_parcels
from .production_following import drop_production
from .progress import OPEN_PARTS
from .rerouting import reroute
from .rules import credit_holds
from .supplying import NO_SUPPLY_CREDIT
from .work import (
    OrderWork,
    PartWork,
    advance,
    drop_shares,
    hold_accounts,
    load_work,
    read_work,
    return_to_quotas,
)


def allocate_order(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> SalesOrder:
    """Reserve what an order still lacks, as far as stock allows (seller's side).

    What is missing is routed anew; a part that gets only some of it is split, its amounts shared out so that
    the order's total stays. Raises `InsufficientStockError` when nothing at all could be reserved,
    `TransitionError`, `StaleError`, `NotFoundError`, `NotYourOrderError`.
    """
    work = load_work(session, actor, number=number, verb="allocate")
    advance(actor, work, verb="allocate", version=version)
    lacking = work.lacking()
    with unscoped(session, "what is missing may come from any place that serves the buyer"):
        reserved = serve_parcels(session, work, lacking, reroute(session, work, lacking, now=now), now=now)
    if not reserved:
        raise nothing_for(work)
    work = read_work(session, work.order)
    work.follow_parts()
    session.flush()
    emit(session, actor, "order.allocated", subject=("order", number), now=now, qty=reserved)
    return work.order


def release_order(
    session: Session, actor: Actor, *, number: str, note: str = "", version: int | None = None, now: datetime
) -> SalesOrder:
    """Let a held order go on, if nothing speaks against it any more (seller's side).

    From then on it takes credit, also of the seller with the brand where that serves a part. Stock that it
    kept no longer, because it was held too long, is reserved anew. Raises `StillHeldError` with every
    reason, `InsufficientStockError` where that stock is gone (the order stays held), `TransitionError`,
    `StaleError`, `NotFoundError`, `NotYourOrderError`.
    """
    work = load_work(session, actor, number=number, verb="release")
    advance(actor, work, verb="release", version=version)
    hold_accounts(session, [work])
    if any(hold.until is not None and hold.until <= now for hold in work.holds):
        work = _reserve_again(session, work, now=now)
    account = work.lock_account(session)
    gross = work.order.gross_amount or 0
    supplies = supply_of(session, work, work.parts)
    day = _today(session, now)
    reasons = [*credit_holds(exposure_of(session, account, day=day), gross)]
    for supplier in {row_id(one): one for one, _ in supplies}.values():
        wanted = sum(amount for one, amount in supplies if one.id == supplier.id)
        if credit_holds(exposure_of(session, supplier, day=day), wanted):
            reasons.append(NO_SUPPLY_CREDIT)
    if reasons:
        raise StillHeldError(reasons)
    release_holds(session, actor, work.holds, note=note, now=now)
    commit_amount(session, account, document=number, amount=gross, now=now)
    for supplier, amount in supplies:
        commit_amount(session, supplier, document=number, amount=amount, now=now)
    session.flush()
    work = read_work(session, work.order)
    work.follow_parts()
    emit(session, actor, "order.released", subject=("order", number), now=now, note=note[:200])
    return work.order


def _reserve_again(session: Session, work: OrderWork, *, now: datetime) -> OrderWork:
    """What a hold of too long gave back: from where it was planned, else from another place of the seller.

    Days move by as long as the order was held. Raises `InsufficientStockError` for a SKU that may not be
    ordered beyond the stock.
    """
    with unscoped(session, "what the order had kept is reserved wherever it was planned"):
        for part in work.parts:
            if part.part.status == FulfilmentStatus.WAITING and part.part.location_id is not None:
                _reserve_where_planned(session, work, part, now=now)
        strict = [part for part in work.parts if any(_is_missed(work, part, line) for line in part.lines)]
        if strict:
            serve_parcels(session, work, strict, reroute(session, work, strict, now=now), now=now)
    session.flush()
    work = read_work(session, work.order)
    missed = [line for part in work.parts for line in part.lines if _is_missed(work, part, line)]
    if missed:
        sku = work.skus[missed[0].sku_id]
        wanted = sum(line.qty for line in missed if line.sku_id == sku.id)
        raise InsufficientStockError(sku=sku.code, wanted=wanted, available=0)
    return work


def _is_missed(work: OrderWork, part: PartWork, line: FulfilmentLine) -> bool:
    return work.lacks(part, line) and not work.skus[line.sku_id].is_backorder_allowed


def _reserve_where_planned(session: Session, work: OrderWork, part: PartWork, *, now: datetime) -> None:
    """The part as it was, or the seller's own to serve from wherever it can."""
    row = part.part
    goods = [line for line in part.lines if work.is_goods(line.sku_id)]
    placements = [Placement(line.sku_id, row.location_id or 0, line.qty) for line in goods]
    try:
        with session.begin_nested():
            reserve(session, placements=placements, cause=work.order.number, now=now)
    except InsufficientStockError:
        row.location_id, row.promised_on, row.supply_account_id = None, None, None
        row.owner_id, row.owner_path = work.order.seller_id, work.order.seller_path
        is_brand = work.seller.kind == PartnerKind.BRAND
        row.mode = FulfilmentMode.DIRECT if is_brand else FulfilmentMode.OWN
        for line in part.lines:
            line.supply_price, line.supply_gross_amount = None, None
            line.supply_net_amount, line.supply_tax_amount = None, None
        return
    for line in goods:
        line.reserved_qty = line.qty
    waited = _today(session, now) - _today(session, row.created_at)
    row.status = FulfilmentStatus.ALLOCATED
    row.ready_on = row.ready_on and row.ready_on + waited
    row.promised_on = row.promised_on and row.promised_on + waited


def cancel_order(
    session: Session,
    actor: Actor,
    *,
    number: str,
    reason: str = "",
    version: int | None = None,
    now: datetime,
) -> SalesOrder:
    """Cancel what has not left of an order, by either side: its stock and credit are free again.

    Raises `TransitionError` once everything has left, `StaleError`, `NotFoundError`, `NotYourOrderError`.
    """
    work = load_work(session, actor, number=number, verb="cancel")
    advance(actor, work, verb="cancel", version=version)
    open_parts = [part for part in work.parts if part.part.status in OPEN_PARTS]
    free_parts(session, work, open_parts, now=now)
    return_to_quotas(session, work, [(line, line.qty) for part in open_parts for line in part.lines])
    with unscoped(session, "what nobody waits for is not made"):
        drop_production(session, open_parts)
    for part in open_parts:
        part.part.status = FulfilmentStatus.CANCELLED
        part.part.version += 1
    release_holds(session, actor, work.holds, note=reason, now=now)
    session.flush()
    work = read_work(session, work.order)
    work.follow_parts()
    emit(session, actor, "order.cancelled", subject=("order", number), now=now, reason=reason[:200])
    return work.order


def free_parts(session: Session, work: OrderWork, parts: Sequence[PartWork], *, now: datetime) -> None:
    """Stock, shares and credit that open parts have taken are free again; a held order took no credit."""
    hold_accounts(session, [work])
    account = work.lock_account(session)
    drop_shares(session, parts)
    placements = [placement for part in parts for placement in part.placements()]
    release(session, placements=placements, cause=work.order.number, now=now)
    for part in parts:
        for line in part.lines:
            line.reserved_qty = 0
    if not work.holds:
        uncommit(session, work, account, parts, now=now)


def uncommit(
    session: Session, work: OrderWork, account: TradingAccount, parts: Sequence[PartWork], *, now: datetime
) -> None:
    """Parts no longer take credit: neither the buyer's with the seller nor the seller's with the brand."""
    number = work.order.number
    gross = sum(part.part.gross_amount for part in parts)
    commit_amount(session, account, document=number, amount=-gross, now=now)
    for supplier, amount in supply_of(session, work, parts):
        commit_amount(session, supplier, document=number, amount=-amount, now=now)


def supply_of(
    session: Session, work: OrderWork, parts: Sequence[PartWork]
) -> list[tuple[TradingAccount, int]]:
    """The seller's purchases behind parts that the brand serves: account and gross amount of each."""
    found = []
    with unscoped(session, "the seller's purchase from the brand is part of its own order"):
        for part in parts:
            if part.part.supply_account_id is not None and part.part.mode == FulfilmentMode.DIRECT:
                supplier = session.get_one(TradingAccount, part.part.supply_account_id)
                found.append((supplier, sum(line.supply_gross_amount or 0 for line in part.lines)))
    return found


def _today(session: Session, now: datetime) -> date:
    return business_day(now, get_network(session).zone)
