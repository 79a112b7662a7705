"""Parts that come about after placing: what was missing is served, what was promised gives way.

Callers run inside `unscoped`, with the order locked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from ..channels import PartnerKind
from ..inventory import InsufficientStockError, Placement, reserve
from ..kernel.db import row_id
from ..kernel.money import TaxSplit
from .models import FulfilmentLine, FulfilmentMode, FulfilmentOrder, FulfilmentStatus
from .production_following import follow_part
from .rerouting import Rerouted
from .rules import split_amounts
from .supplied_parts import shrink_supply
from .work import OrderWork, PartWork, amounts_of, read_work


def serve_parcels(
    session: Session,
    work: OrderWork,
    lacking: Sequence[PartWork],
    parcels: Sequence[Rerouted],
    *,
    now: datetime,
) -> int:
    """Reserve what parcels hold and make parts of it; how many units that is.

    A part that gets only some of what it lacks is split, its amounts shared out so that the order's total
    stays. Raises `InsufficientStockError`.
    """
    placements = [
        Placement(line.sku_id, parcel.location_id, qty) for parcel in parcels for line, qty in parcel.lines
    ]
    if not placements:
        return 0
    reserve(session, placements=placements, cause=work.order.number, now=now)
    _give_to_parts(session, work, lacking, parcels, now=now)
    return sum(placement.qty for placement in placements)


def nothing_for(work: OrderWork) -> InsufficientStockError:
    """The refusal that names the first line without stock."""
    lacking = work.lacking()
    line = next(line for part in lacking for line in part.lines if work.lacks(part, line))
    missing = sum(one.qty for part in lacking for one in part.lines if one.sku_id == line.sku_id)
    return InsufficientStockError(sku=work.skus[line.sku_id].code, wanted=missing, available=0)


def give_way(
    session: Session, work: OrderWork, part: PartWork, taken: Mapping[int, int], *, now: datetime
) -> FulfilmentOrder:
    """A part loses what it had reserved, by line number; the part that waits for it now.

    A part that loses all its goods waits itself; else what it loses waits in a part of its own. The stock has
    been freed by the caller.
    """
    part.part.version += 1
    goods = [line for line in part.lines if work.is_goods(line.sku_id)]
    if all(taken.get(line.line_no, 0) == line.qty for line in goods):
        for line in goods:
            line.reserved_qty = 0
        wait(work, part.part)
        session.flush()
        return part.part
    waiting = _part_without_source(work, part.part, now)
    session.add(waiting)
    session.flush()
    for line in goods:
        qty = taken.get(line.line_no, 0)
        if not qty:
            continue
        moved, kept = split_amounts(amounts_of(line), [qty, line.qty - qty])
        session.add(_line_like(line, row_id(waiting), qty, moved, reserved=0))
        line.qty -= qty
        line.reserved_qty -= qty
        set_amounts(line, kept)
        if line.qty == 0:
            session.delete(line)
    session.flush()
    for fresh in read_work(session, work.order).parts:
        set_amounts(fresh.part, _sum(fresh.lines))
    session.flush()
    return waiting


def wait(work: OrderWork, part: FulfilmentOrder) -> None:
    """A part has no source any more: it waits for the seller."""
    part.status, part.answer_until = FulfilmentStatus.WAITING, None
    part.location_id, part.ready_on, part.promised_on = None, None, None
    part.owner_id, part.owner_path = work.order.seller_id, work.order.seller_path
    part.freight_amount, part.cost_amount = 0, 0
    part.mode = waiting_mode(work)


def waiting_mode(work: OrderWork) -> FulfilmentMode:
    """Who is to serve what has no source yet."""
    is_brand = work.seller.kind == PartnerKind.BRAND
    return FulfilmentMode.DIRECT if is_brand else FulfilmentMode.OWN


def next_part_number(work: OrderWork) -> str:
    """The number of one part more."""
    return f"{work.order.number}-{max(int(part.part.number.rpartition('-')[2]) for part in work.parts) + 1}"


def _part_without_source(work: OrderWork, origin: FulfilmentOrder, now: datetime) -> FulfilmentOrder:
    return FulfilmentOrder(
        number=next_part_number(work),
        order_id=origin.order_id,
        mode=waiting_mode(work),
        status=FulfilmentStatus.WAITING,
        seller_id=origin.seller_id,
        buyer_id=origin.buyer_id,
        owner_id=origin.seller_id,
        seller_path=origin.seller_path,
        buyer_path=origin.buyer_path,
        owner_path=origin.seller_path,
        currency=origin.currency,
        is_urgent=origin.is_urgent,
        created_at=now,
    )


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
            shrink_supply(session, work, origin, line, qty, now=now)
            moved, kept = split_amounts(amounts_of(line), [qty, line.qty - qty])
            session.add(_line_like(line, row_id(new), qty, moved, reserved=qty))
            line.qty -= qty
            set_amounts(line, kept)
            session.add(line)
        session.flush()
    for part in lacking:
        _close_emptied(session, work, part, first_new)
    session.flush()
    for fresh in read_work(session, work.order).parts:
        set_amounts(fresh.part, _sum(fresh.lines))


def _close_emptied(session: Session, work: OrderWork, part: PartWork, heir_id: int) -> None:
    """Lines that moved on altogether leave the part; without goods its services follow and it ends."""
    follow_part(session, work, part)
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


def _line_like(
    line: FulfilmentLine, fulfilment_id: int, qty: int, amounts: TaxSplit, *, reserved: int
) -> FulfilmentLine:
    return FulfilmentLine(
        fulfilment_id=fulfilment_id,
        line_no=line.line_no,
        sku_id=line.sku_id,
        qty=qty,
        reserved_qty=reserved,
        net_amount=amounts.net,
        tax_amount=amounts.tax,
        gross_amount=amounts.gross,
    )


def set_amounts(row: Any, amounts: TaxSplit) -> None:
    """Write amounts into the columns of a row."""
    row.net_amount, row.tax_amount, row.gross_amount = amounts.net, amounts.tax, amounts.gross


def _sum(lines: Sequence[FulfilmentLine]) -> TaxSplit:
    return TaxSplit(
        sum(line.net_amount for line in lines),
        sum(line.tax_amount for line in lines),
        sum(line.gross_amount for line in lines),
    )
