"""What planning reads of the past: demand per place and SKU, and how long goods are on their way there.

Sums are made in the database, one statement per source, whatever the number of places. Callers run inside
`unscoped`: a line is computed from all the sales of a place, whoever asks for it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, cast, func, select
from sqlmodel import Session, col

from ..channels import Region
from ..journal import FlowStep, JournalLeg
from ..kernel.clock import day_start, zone
from .models import Location, LocationKind, Movement, MovementKind
from .order_points import Way
from .shipping_models import Lane
from .water_lines import THOUSAND, Demand

# (location id, SKU id) → demand
Demands = dict[tuple[int, int], Demand]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as planning sees it; `region_path` is the chain of region codes it lies in."""

    id: int
    code: str
    partner_id: int
    kind: str
    region_path: str
    is_cold_chain: bool


def read_spots(session: Session, where: Sequence[ColumnElement[bool]]) -> list[Spot]:
    """The places that meet `where`, by code."""
    statement = (
        select(
            col(Location.id),
            col(Location.code),
            col(Location.partner_id),
            col(Location.kind),
            col(Region.path),
            col(Location.is_cold_chain),
        )
        .join(Region, col(Region.id) == col(Location.region_id))
        .where(*where)
        .order_by(col(Location.code))
    )
    return [Spot(*row) for row in session.execute(statement)]


def read_demand(
    session: Session, spots: Sequence[Spot], *, today: date, days: int, zone_name: str
) -> Demands:
    """The demand of the last `days` whole days before `today` per place and SKU.

    What a partner sold to end customers counts where it has one place and reports its sales; otherwise what
    the place shipped; a store that ships nothing shows its sales in its counts.
    """
    first = today - timedelta(days=days)
    places = Counter(spot.partner_id for spot in spots)
    sold = _sold(session, first, today)
    moved = _moved(session, first, today, zone_name)
    by_place = {kind: _by_place(rows) for kind, rows in (("ship", moved[0]), ("count", moved[1]))}
    by_seller = _by_place(sold)
    demands: Demands = {}
    for spot in spots:
        if places[spot.partner_id] == 1 and spot.partner_id in by_seller:
            rows = by_seller[spot.partner_id]
        elif spot.kind == LocationKind.STORE and spot.id not in by_place["ship"]:
            for sku_id, total, _ in by_place["count"].get(spot.id, ()):
                demands[spot.id, sku_id] = Demand.counted(days, total)
            continue
        else:
            rows = by_place["ship"].get(spot.id, [])
        for sku_id, total, squares in rows:
            demands[spot.id, sku_id] = Demand.summed(days, total, squares)
    return demands


def _sold(session: Session, first: date, end: date) -> Iterable[Any]:
    """(seller, SKU, Σ quantity, Σ quantity² of a day) sold to end customers."""
    daily = (
        select(col(JournalLeg.seller_id), col(JournalLeg.sku_id), func.sum(col(JournalLeg.qty)).label("qty"))
        .where(
            col(JournalLeg.step) == FlowStep.SELL_OUT,
            col(JournalLeg.booked_on) >= first,
            col(JournalLeg.booked_on) < end,
        )
        .group_by(col(JournalLeg.seller_id), col(JournalLeg.sku_id), col(JournalLeg.booked_on))
        .subquery()
    )
    columns = (daily.c.seller_id, daily.c.sku_id)
    sums = (func.sum(daily.c.qty), func.sum(daily.c.qty * daily.c.qty))
    return session.execute(select(*columns, *sums).group_by(*columns)).all()


def _moved(
    session: Session, first: date, end: date, zone_name: str
) -> tuple[list[Sequence[Any]], list[Sequence[Any]]]:
    """(place, SKU, Σ quantity, Σ quantity² of a day): what was shipped, and what counts found missing."""
    day = _business_day(session, end, zone_name)
    daily = (
        select(
            col(Movement.location_id),
            col(Movement.sku_id),
            col(Movement.kind),
            func.sum(-col(Movement.on_hand_delta)).label("qty"),
        )
        .where(
            col(Movement.kind).in_([MovementKind.SHIP, MovementKind.COUNT]),
            col(Movement.on_hand_delta) < 0,
            col(Movement.moved_at) >= day_start(first, zone_name),
            col(Movement.moved_at) < day_start(end, zone_name),
        )
        .group_by(col(Movement.location_id), col(Movement.sku_id), col(Movement.kind), day)
        .subquery()
    )
    columns = (daily.c.location_id, daily.c.sku_id, daily.c.kind)
    sums = (func.sum(daily.c.qty), func.sum(daily.c.qty * daily.c.qty))
    shipped: list[Sequence[Any]] = []
    counted: list[Sequence[Any]] = []
    for place, sku_id, kind, total, squares in session.execute(select(*columns, *sums).group_by(*columns)):
        target = shipped if kind == MovementKind.SHIP else counted
        target.append((place, sku_id, total, squares))
    return shipped, counted


def _business_day(session: Session, day: date, zone_name: str) -> ColumnElement[Any]:
    """The day of a movement in the zone, as either database computes it.

    SQLite knows no zones: it takes the offset of `day`, an hour off in the other half of a year with
    daylight saving.
    """
    moved_at = col(Movement.moved_at)
    if session.get_bind().dialect.name == "sqlite":
        offset = day_start(day, zone_name).astimezone(zone(zone_name)).utcoffset()
        minutes = int(offset.total_seconds()) // 60 if offset else 0
        return func.date(moved_at, f"{minutes:+d} minutes")
    return cast(func.timezone(zone_name, moved_at), Date)


def _by_place(rows: Iterable[Sequence[Any]]) -> dict[int, list[tuple[int, int, int]]]:
    """Rows by their first column; sums of PostgreSQL come as decimals."""
    found: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for owner, sku_id, total, squares in rows:
        found[owner].append((sku_id, int(total), int(squares)))
    return found


def read_lanes(session: Session, sources: Collection[int] | None = None) -> dict[int, dict[str, Lane]]:
    """Lanes by the place they start from (all, or those of `sources`) and the path of their region."""
    statement = select(Lane, col(Region.path)).join(Region, col(Region.id) == col(Lane.to_region_id))
    if sources is not None:
        statement = statement.where(col(Lane.from_location_id).in_(sorted(sources)))
    lanes: dict[int, dict[str, Lane]] = defaultdict(dict)
    for lane, path in session.execute(statement.order_by(col(Lane.id))):
        lanes[lane.from_location_id][path] = lane
    return lanes


def find_lane(lanes: dict[str, Lane], region_path: str) -> Lane | None:
    """The lane of the nearest region that covers a place; None where there is none or it is closed."""
    path = region_path
    while path:
        if path in lanes:
            return None if lanes[path].closed_reason else lanes[path]
        path = path.rstrip("/").rpartition("/")[0]
        path = f"{path}/" if path else ""
    return None


def open_ways(
    lanes: dict[int, dict[str, Lane]], sources: Iterable[Spot], targets: Sequence[Spot]
) -> dict[tuple[int, int], Way]:
    """The open lanes between places, by (from, to)."""
    ways = {}
    for source in sources:
        if source.id not in lanes:
            continue
        reached = {path: find_lane(lanes[source.id], path) for path in {spot.region_path for spot in targets}}
        for target in targets:
            lane = reached[target.region_path]
            if lane is not None and target.id != source.id:
                is_cold = lane.is_cold_chain and target.is_cold_chain
                ways[source.id, target.id] = Way(lane.handling_amount, lane.distance_km, is_cold)
    return ways


def lead_times(
    lanes: dict[int, dict[str, Lane]], suppliers: Sequence[Spot], spots: Sequence[Spot]
) -> dict[int, int]:
    """Thousandths of a day by place: the quickest open lane from a supplier's place; no lane, no entry."""
    found: dict[int, int] = {}
    for spot in spots:
        leads = [
            lane.lead_days * THOUSAND
            for supplier in suppliers
            if supplier.id != spot.id and supplier.id in lanes
            if (lane := find_lane(lanes[supplier.id], spot.region_path)) is not None
        ]
        if leads:
            found[spot.id] = min(leads)
    return found
