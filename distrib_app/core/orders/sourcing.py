"""Where an order's goods could come from: places with stock, the lanes to the buyer, what each would cost.

The rows read here decide (inside `unscoped`); a buyer learns of them only what its plan says.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from ..channels import PartnerKind
from ..inventory import (
    OWN_DELIVERY_DAYS,
    Goods,
    LocationKind,
    Tariff,
    free_tariff,
    read_tariff,
    unfit_qty,
)
from ..kernel.access import unscoped
from ..kernel.clock import zone
from ..kernel.errors import msg
from ..kernel.rows import decide
from ..workbench import Calendar, work_calendar
from .models import FulfilmentMode
from .routing_rules import RouteSource
from .source_rows import PLACES, SHARED, SHARED_LOCKED, STOCK, STOCK_LOCKED
from .urgency import answer_hours_of, cut_off_of

# how many places one order is routed over: an exact search over more takes too long for who waits
MAX_SOURCES = 10
NO_LANE = msg("no lane leads to this region")


@dataclass(frozen=True, slots=True)
class Source:
    """A place an order may be served from, as routing sees it and as its part of the order will name it."""

    route: RouteSource
    location_id: int
    owner_id: int
    owner_path: str
    answer_hours: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who buys from whom, and how much of each SKU id is wanted, at `now`.

    `supplier_id` is the brand where the seller is somebody else that buys from it: the brand serves what
    the seller itself cannot. Urgent goods may take express lanes and leave later on the same day.
    """

    seller_id: int
    seller_kind: str
    supplier_id: int | None
    buyer_id: int
    region_path: str
    currency: str
    qtys: Mapping[int, int]
    codes: Mapping[int, str]
    goods: Mapping[int, Goods]
    is_urgent: bool = False
    needs_cold: bool = False


def find_sources(session: Session, wanted: Wanted, *, lock: bool, now: datetime) -> tuple[Source, ...]:
    """Every place that has some of it, in the order in which equals are chosen; `lock` holds it.

    The seller's own places first, then partners that share stock with the seller's buyers, then the brand's
    places for what the seller is short of.
    """
    with unscoped(session, "a promise rests on all stock that may serve it, not on what the buyer sees"):
        own = _own_stock(session, [wanted.seller_id], wanted.qtys, lock=lock)
        shared = _shared_stock(session, wanted, lock=lock)
        short = _short_of(wanted.qtys, own)
        supply: dict[int, dict[int, int]] = {}
        if short and wanted.supplier_id is not None:
            supply = _own_stock(session, [wanted.supplier_id], short, lock=lock)
        stock = {**{place: dict(part) for place, part in own.items()}, **supply}
        stock |= {place: {sku: row.qty for sku, row in rows.items()} for place, rows in shared.items()}
        for (sku, place), qty in unfit_qty(session, wanted.goods, sorted(stock), now=now).items():
            stock[place][sku] = max(0, stock[place].get(sku, 0) - qty)
        return _sources(session, wanted, stock, shared, now=now)


def sources_at(
    session: Session, wanted: Wanted, stock: Mapping[int, Mapping[int, int]], *, now: datetime
) -> tuple[Source, ...]:
    """The seller's places as sources of `stock` (place id → SKU id → quantity), whoever it is promised to."""
    with unscoped(session, "what is promised to others may have to give way"):
        return _sources(session, wanted, stock, {}, now=now)


def _sources(
    session: Session,
    wanted: Wanted,
    stock: Mapping[int, Mapping[int, int]],
    shared: Mapping[int, Mapping[int, "_Shared"]],
    *,
    now: datetime,
) -> tuple[Source, ...]:
    if not stock:
        return ()
    regions = wanted.region_path.strip("/").split("/")
    rows = decide(session, PLACES, places=sorted(stock), regions=regions, is_urgent=wanted.is_urgent)
    nearest = _promising(_nearest(rows, wanted), stock, wanted.qtys)
    return tuple(
        _source(row, wanted, stock[row.id], shared.get(row.id, {}), now=now)
        for row in sorted(
            nearest, key=lambda row: (row.partner_id != wanted.seller_id, row.priority, row.code)
        )
    )


def _own_stock(
    session: Session, owners: Sequence[int], skus: Mapping[int, int], *, lock: bool
) -> dict[int, dict[int, int]]:
    stock: dict[int, dict[int, int]] = defaultdict(dict)
    statement = STOCK_LOCKED if lock else STOCK
    for place, sku, qty in decide(session, statement, owners=list(owners), skus=sorted(skus)):
        stock[place][sku] = qty
    return stock


@dataclass(frozen=True, slots=True)
class _Shared:
    qty: int
    fee_ppm: int
    answer_hours: int


def _shared_stock(session: Session, wanted: Wanted, *, lock: bool) -> dict[int, dict[int, _Shared]]:
    statement = SHARED_LOCKED if lock else SHARED
    found: dict[int, dict[int, _Shared]] = defaultdict(dict)
    rows = decide(
        session, statement, seller=wanted.seller_id, buyer=wanted.buyer_id, skus=sorted(wanted.qtys)
    )
    for row in rows:
        found[row.location_id][row.sku_id] = _Shared(min(row.qty, row.shared), row.fee_ppm, row.answer_hours)
    return found


def _short_of(qtys: Mapping[int, int], own: Mapping[int, Mapping[int, int]]) -> dict[int, int]:
    """What the seller's own places lack together, per SKU id."""
    held: dict[int, int] = defaultdict(int)
    for part in own.values():
        for sku, qty in part.items():
            held[sku] += qty
    return {sku: qty - held[sku] for sku, qty in qtys.items() if qty > held[sku]}


def _nearest(rows: Sequence[Any], wanted: Wanted) -> list[Any]:
    """One row per place: of the lanes that cover the buyer's region the one to the smallest region.

    Urgent goods take an express lane before that, unless it is closed or too warm for them.
    """

    def rank(row: Any) -> tuple[bool, bool, int]:
        is_usable = not row.closed_reason and (bool(row.is_cold_lane) or not wanted.needs_cold)
        return (
            wanted.is_urgent and is_usable,
            wanted.is_urgent and bool(row.is_express),
            len(row.covers or ""),
        )

    best: dict[int, Any] = {}
    for row in rows:
        known = best.get(row.id)
        if known is None or rank(row) > rank(known):
            best[row.id] = row
    return list(best.values())


def _promising(rows: list[Any], stock: Mapping[int, Mapping[int, int]], qtys: Mapping[int, int]) -> list[Any]:
    """The `MAX_SOURCES` places worth routing over: who holds most lines whole, then the nearest.

    Further places are added only where the goods of those before them don't suffice.
    """

    def rank(row: Any) -> tuple[int, int, int, int]:
        whole = sum(stock[row.id].get(sku, 0) >= qty for sku, qty in qtys.items())
        return -whole, row.distance_km or 0, row.priority, row.id

    left = dict(qtys)
    kept: list[Any] = []
    for row in sorted(rows, key=rank):
        is_needed = any(left[sku] > 0 and stock[row.id].get(sku, 0) for sku in qtys)
        if len(kept) < MAX_SOURCES or is_needed:
            kept.append(row)
            left = {sku: qty - stock[row.id].get(sku, 0) for sku, qty in left.items()}
    return kept


def _source(
    row: Any, wanted: Wanted, stock: Mapping[int, int], shared: Mapping[int, _Shared], *, now: datetime
) -> Source:
    has_lane = row.covers is not None
    tariff = _tariff_of(row) if has_lane else free_tariff(wanted.currency)
    cut_off = cut_off_of(row.cut_off_minute, is_urgent=wanted.is_urgent)
    ready_on = ready_day(now, cut_off, work_calendar())
    closed = row.closed_reason if has_lane else (NO_LANE if row.has_lanes else "")
    lead_days = row.lead_days if has_lane else OWN_DELIVERY_DAYS
    route = RouteSource(
        code=row.code,
        owner_code=row.owner_code,
        mode=_mode(row, wanted, is_shared=bool(shared)),
        stock={wanted.codes[sku]: qty for sku, qty in stock.items()},
        tariff=tariff,
        zone=row.zone or "",
        distance_km=row.distance_km or 0,
        handling_amount=row.handling_amount or 0,
        fee_ppm=max((one.fee_ppm for one in shared.values()), default=0),
        is_cold_chain=row.is_cold_chain and (row.is_cold_lane or not has_lane),
        closed=closed,
        ready_on=ready_on,
        arrives_on=ready_on + timedelta(days=lead_days),
    )
    hours = max((one.answer_hours for one in shared.values()), default=0)
    answer_hours = answer_hours_of(hours, is_urgent=wanted.is_urgent)
    return Source(route, row.id, row.partner_id, row.owner_path, answer_hours)


def _mode(row: Any, wanted: Wanted, *, is_shared: bool) -> FulfilmentMode:
    if is_shared:
        return FulfilmentMode.PARTNER
    if row.partner_id != wanted.seller_id:
        return FulfilmentMode.DIRECT
    if row.kind == LocationKind.REGIONAL_WAREHOUSE:
        return FulfilmentMode.REGIONAL
    return FulfilmentMode.DIRECT if wanted.seller_kind == PartnerKind.BRAND else FulfilmentMode.OWN


def _tariff_of(row: Any) -> Tariff:
    """The lane's tariff, read from its stored form once per version."""
    return read_tariff(
        code=row.tariff_code,
        currency=row.tariff_currency,
        volumetric_divisor=row.tariff_volumetric_divisor,
        minimum_amount=row.tariff_minimum_amount,
        bands=row.tariff_bands,
        zones=row.tariff_zones,
    )


def ready_day(now: datetime, cut_off_minute: int, calendar: Calendar) -> date:
    """The working day on which goods ordered at `now` leave: today before the cut-off, else the next one."""
    local = now.astimezone(zone(calendar.zone))
    day = local.date()
    if local.hour * 60 + local.minute >= cut_off_minute:
        day += timedelta(days=1)
    return calendar.working_day_from(day)
