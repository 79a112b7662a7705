"""Verbs between placing and shipping: reserve what is missing, release a held order, cancel."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from ..accounts import TradingAccount, commit_amount, exposure_of
from ..channels import get_network
from ..inventory import InsufficientStockError, Placement, release, reserve
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.events import emit
from ..kernel.money import TaxSplit
from ..workbench import release_holds
from .errors import StillHeldError
from .models import FulfilmentLine, FulfilmentMode, FulfilmentOrder, FulfilmentStatus, SalesOrder
from .progress import OPEN_PARTS
from .rerouting import Rerouted, reroute
from .rules import credit_holds, split_amounts
from .supplying import NO_SUPPLY_CREDIT
from .work import OrderWork, PartWork, advance, amounts_of, drop_shares, hold_accounts, load_work, read_work


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
    lacking = [part for part in work.parts if any(work.lacks(part, line) for line in part.lines)]
    with unscoped(session, "what is missing may come from any place that serves the buyer"):
        parcels = reroute(session, work, lacking, now=now)
        if not parcels:
            line = next(line for part in lacking for line in part.lines if work.lacks(part, line))
            missing = sum(one.qty for part in lacking for one in part.lines if one.sku_id == line.sku_id)
            raise InsufficientStockError(sku=work.skus[line.sku_id].code, wanted=missing, available=0)
        placements = [
            Placement(line.sku_id, parcel.location_id, qty)
            for parcel in parcels
            for line, qty in parcel.lines
        ]
        reserve(session, placements=placements, cause=number, now=now)
        _give_to_parts(session, work, lacking, parcels, now=now)
    work = read_work(session, work.order)
    work.follow_parts()
    session.flush()
    reserved = sum(placement.qty for placement in placements)
    emit(session, actor, "order.allocated", subject=("order", number), now=now, qty=reserved)
    return work.order


def release_order(
    session: Session, actor: Actor, *, number: str, note: str = "", version: int | None = None, now: datetime
) -> SalesOrder:
    """Let a held order go on, if nothing speaks against it any more (seller's side).

    From then on it takes credit, also of the seller with the brand where that serves a part. Raises
    `StillHeldError` with every reason, `TransitionError`, `StaleError`, `NotFoundError`, `NotYourOrderError`.
    """
    work = load_work(session, actor, number=number, verb="release")
    advance(actor, work, verb="release", version=version)
    hold_accounts(session, [work])
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


def _give_to_parts(
    session: Session,
    work: OrderWork,
    lacking: Sequence[PartWork],
    parcels: Sequence[Rerouted],
    *,
    now: datetime,
) -> None:
    """What was reserved becomes parts of its own; what is still missing stays where it waited."""
    next_no = max(int(part.part.number.rpartition("-")[2]) for part in work.parts) + 1
    first_new = 0
    for parcel in parcels:
        origin = next(part for part in lacking if parcel.lines[0][0] in part.lines)
        new = _part_like(origin.part, f"{work.order.number}-{next_no}", parcel, now)
        session.add(new)
        session.flush()
        first_new = first_new or row_id(new)
        next_no += 1
        for line, qty in parcel.lines:
            moved, kept = split_amounts(amounts_of(line), [qty, line.qty - qty])
            session.add(_line_like(line, row_id(new), qty, moved))
            line.qty -= qty
            _set_amounts(line, kept)
            session.add(line)
        session.flush()
    for part in lacking:
        _close_emptied(session, work, part, first_new)
    session.flush()
    for fresh in read_work(session, work.order).parts:
        _set_amounts(fresh.part, _sum(fresh.lines))


def _close_emptied(session: Session, work: OrderWork, part: PartWork, heir_id: int) -> None:
    """Lines that moved on altogether leave the part; without goods its services follow and it ends."""
    for line in part.lines:
        if line.qty == 0:
            session.delete(line)
    left = [line for line in part.lines if line.qty]
    if any(work.is_goods(line.sku_id) for line in left):
        return
    for line in left:
        line.fulfilment_id = heir_id
    session.flush()
    session.delete(part.part)


def _part_like(origin: FulfilmentOrder, number: str, parcel: Rerouted, now: datetime) -> FulfilmentOrder:
    return FulfilmentOrder(
        number=number,
        order_id=origin.order_id,
        mode=parcel.mode,
        status=FulfilmentStatus.ALLOCATED,
        location_id=parcel.location_id,
        seller_id=origin.seller_id,
        buyer_id=origin.buyer_id,
        owner_id=origin.seller_id,
        seller_path=origin.seller_path,
        buyer_path=origin.buyer_path,
        owner_path=origin.seller_path,
        currency=origin.currency,
        freight_amount=parcel.freight_amount,
        cost_amount=parcel.cost_amount,
        ready_on=parcel.ready_on,
        promised_on=parcel.promised_on,
        is_urgent=origin.is_urgent,
        route=parcel.route,
        created_at=now,
    )


def _line_like(line: FulfilmentLine, fulfilment_id: int, qty: int, amounts: TaxSplit) -> FulfilmentLine:
    return FulfilmentLine(
        fulfilment_id=fulfilment_id,
        line_no=line.line_no,
        sku_id=line.sku_id,
        qty=qty,
        reserved_qty=qty,
        net_amount=amounts.net,
        tax_amount=amounts.tax,
        gross_amount=amounts.gross,
    )


def _set_amounts(row: Any, amounts: TaxSplit) -> None:
    row.net_amount, row.tax_amount, row.gross_amount = amounts.net, amounts.tax, amounts.gross


def _sum(lines: Sequence[FulfilmentLine]) -> TaxSplit:
    return TaxSplit(
        sum(line.net_amount for line in lines),
        sum(line.tax_amount for line in lines),
        sum(line.gross_amount for line in lines),
    )


def _today(session: Session, now: datetime) -> date:
    return business_day(now, get_network(session).zone)
