"""Verbs of water lines: set one by hand, give it back to the computation, compute those of many places."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, SQLModel, col, select

from ..catalog import Sku, SkuKind
from ..channels import Network, Partner, get_network
from ..kernel.access import Actor, Permission, Resource, unscoped
from ..kernel.clock import business_day
from ..kernel.db import bulk_insert, check_version, get_by, row_id
from ..kernel.errors import InvalidError, NotFoundError
from ..kernel.events import emit
from .demand import Demands, Spot, lead_times, read_demand, read_lanes, read_spots
from .errors import NotYourLocationError
from .models import Balance, Location
from .planning_models import LineSource, WaterLine
from .service import own_location, stocked_sku
from .water_lines import Demand, Lines, Supply, check_lines, check_supply, compute_lines

WINDOW_DAYS = 90
MAX_WINDOW = 730
USUAL_SUPPLY = Supply(lead_milli=7_000)
_COLUMNS = (
    "version", "location_id", "sku_id", "safety_qty", "warning_qty", "max_qty", "source", "daily_milli",
    "inputs", "set_at", "set_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineCount:
    """What a computation did: lines written, and lines left alone because somebody set them by hand."""

    computed: int
    kept: int


def set_water_lines(
    session: Session,
    actor: Actor,
    *,
    location_code: str,
    sku_code: str,
    safety_qty: int,
    warning_qty: int,
    max_qty: int,
    version: int | None = None,
    now: datetime,
) -> WaterLine:
    """Set the lines of a SKU at one's own place by hand; no computation changes them any more.

    Raises `InvalidError` unless 0 ≤ safety ≤ warning ≤ maximum, `StaleError`, `NotStockedError`,
    `NotFoundError`, `NotYourLocationError`.
    """
    actor.require(Permission.STOCK_WRITE)
    location, _ = own_location(session, actor, location_code, now)
    sku, _ = stocked_sku(session, sku_code)
    check_lines(Lines(safety_qty, warning_qty, max_qty))
    row = _line(session, location, sku)
    if row is None:
        row = WaterLine(
            location_id=row_id(location),
            sku_id=row_id(sku),
            safety_qty=safety_qty,
            warning_qty=warning_qty,
            max_qty=max_qty,
            source=LineSource.HAND,
            set_at=now,
            set_by=actor.user_id,
        )
        session.add(row)
    else:
        check_version(row, version, f"{location_code} · {sku_code}")
        row.safety_qty, row.warning_qty, row.max_qty = safety_qty, warning_qty, max_qty
        row.source, row.daily_milli, row.inputs = LineSource.HAND, row.daily_milli, {}
        row.set_at, row.set_by = now, actor.user_id
    session.flush()
    emit(
        session,
        actor,
        "water_line.set",
        subject=("location", location_code),
        now=now,
        sku=sku_code,
        safety=safety_qty,
        warning=warning_qty,
        maximum=max_qty,
    )
    return row


def release_water_lines(
    session: Session, actor: Actor, *, location_code: str, sku_code: str, now: datetime
) -> None:
    """Take away lines set by hand; the next computation sets them again. Raises `NotFoundError`."""
    actor.require(Permission.STOCK_WRITE)
    location, _ = own_location(session, actor, location_code, now)
    row = _line(session, location, get_by(session, Sku, "SKU", code=sku_code))
    if row is None or row.source != LineSource.HAND:
        raise NotFoundError(kind="water line", key=f"{location_code} · {sku_code}")
    session.delete(row)
    session.flush()
    emit(session, actor, "water_line.released", subject=("location", location_code), now=now, sku=sku_code)


def compute_water_lines(
    session: Session,
    actor: Actor,
    *,
    partner_code: str = "",
    supply: Supply = USUAL_SUPPLY,
    window_days: int = WINDOW_DAYS,
    now: datetime,
) -> LineCount:
    """Compute the lines of all SKUs with demand or stock at a partner's places, or at all one plans.

    `supply` holds where a place has no lane to be supplied over; with one, the lane's days are the lead
    time. Lines set by hand stay. Raises `InvalidError`, `NotFoundError`, `NotYourLocationError`.
    """
    actor.require(Permission.STOCK_WRITE)
    check_supply(supply)
    if not 1 <= window_days <= MAX_WINDOW:
        raise InvalidError(field="window_days", reason=f"{window_days} – 1 … {MAX_WINDOW}")
    network = lock_planning(session)
    where = planned_places(session, actor, partner_code)
    today = business_day(now, network.zone)
    spots = read_spots(session, where)
    with unscoped(session, "a line is computed from all that left a place and from how it is supplied"):
        demands = read_demand(session, spots, today=today, days=window_days, zone_name=network.zone)
        supplies = _supplies(session, spots, supply)
    idle = Demand(window_days, 0, 0)
    stocked = _stocked(session, where)
    wanted = {key: demands.get(key, idle) for key in sorted(demands.keys() | stocked)}
    versions, by_hand = _present(session, where)
    session.execute(
        delete(WaterLine).where(
            col(WaterLine.location_id).in_(select(Location.id).where(*where)),
            col(WaterLine.source) == LineSource.COMPUTED,
        )
    )
    multiples = _multiples(session)
    rows = _rows(wanted, supplies, multiples, versions, by_hand, actor, now)
    count = bulk_insert(session, SQLModel.metadata.tables["water_line"], _COLUMNS, rows)
    emit(
        session,
        actor,
        "water_lines.computed",
        subject=("partner", partner_code) if partner_code else ("network", network.source),
        now=now,
        computed=count,
        kept=len(by_hand),
    )
    return LineCount(count, len(by_hand))


def planned_places(session: Session, actor: Actor, partner_code: str) -> list[ColumnElement[bool]]:
    """The condition on `Location` for what an actor plans: a partner's places, or all that are its to plan.

    Who sees all stock plans the whole network, everybody else the places of its own partners. Raises
    `NotFoundError`, `NotYourLocationError`.
    """
    is_all = actor.is_system or actor.scope(Resource.STOCK).is_all
    if partner_code:
        partner_id = row_id(get_by(session, Partner, "partner", code=partner_code))
        if not is_all and partner_id not in actor.partner_ids:
            raise NotYourLocationError(location=partner_code)
        return [col(Location.partner_id) == partner_id]
    return [] if is_all else [col(Location.partner_id).in_(actor.partner_ids)]


def lock_planning(session: Session) -> Network:
    """The network, locked until the end of the transaction: two runs of planning never overlap."""
    get_network(session)
    return session.exec(select(Network).with_for_update()).one()


def _line(session: Session, location: Location, sku: Sku) -> WaterLine | None:
    return session.exec(
        select(WaterLine).where(WaterLine.location_id == location.id, WaterLine.sku_id == sku.id)
    ).one_or_none()


def _supplies(session: Session, spots: Sequence[Spot], usual: Supply) -> dict[int, Supply]:
    """The supply of each place: over the quickest open lane from its parent's places, else as usual."""
    parents = dict(
        session.exec(
            select(Partner.id, Partner.parent_id).where(
                col(Partner.id).in_({spot.partner_id for spot in spots})
            )
        ).all()
    )
    suppliers: dict[int | None, list[Spot]] = {}
    owners = {parent for parent in parents.values() if parent is not None}
    for spot in read_spots(session, [col(Location.partner_id).in_(owners)]):
        suppliers.setdefault(spot.partner_id, []).append(spot)
    lanes = read_lanes(session, {spot.id for places in suppliers.values() for spot in places})
    found: dict[int, Supply] = {}
    for parent in owners:
        below = [spot for spot in spots if parents.get(spot.partner_id) == parent]
        for place_id, lead in lead_times(lanes, suppliers.get(parent, []), below).items():
            found[place_id] = Supply(lead, usual.lead_deviation_milli, usual.review_days, usual.service_ppm)
    return {spot.id: found.get(spot.id, usual) for spot in spots}


def _stocked(session: Session, where: Sequence[ColumnElement[bool]]) -> set[tuple[int, int]]:
    statement = (
        select(Balance.location_id, Balance.sku_id)
        .join(Location, col(Location.id) == col(Balance.location_id))
        .where(*where, col(Balance.on_hand_qty) > 0)
    )
    return {(place, sku_id) for place, sku_id in session.execute(statement)}


def _present(
    session: Session, where: Sequence[ColumnElement[bool]]
) -> tuple[dict[tuple[int, int], int], set[tuple[int, int]]]:
    """Versions of the computed lines there are, and where lines are set by hand."""
    rows = session.execute(
        select(WaterLine.location_id, WaterLine.sku_id, WaterLine.version, WaterLine.source)
        .join(Location, col(Location.id) == col(WaterLine.location_id))
        .where(*where)
    ).all()
    versions = {(place, sku_id): version for place, sku_id, version, _ in rows}
    return versions, {(place, sku_id) for place, sku_id, _, source in rows if source == LineSource.HAND}


def _multiples(session: Session) -> dict[int, int]:
    rows = session.exec(select(Sku.id, Sku.order_multiple_qty).where(Sku.kind == SkuKind.GOODS))
    return {sku_id: max(1, multiple) for sku_id, multiple in rows if sku_id is not None}


def _rows(
    demands: Demands,
    supplies: Mapping[int, Supply],
    multiples: Mapping[int, int],
    versions: Mapping[tuple[int, int], int],
    by_hand: Iterable[tuple[int, int]],
    actor: Actor,
    now: datetime,
) -> Iterator[Sequence[Any]]:
    for (place, sku_id), demand in demands.items():
        if (place, sku_id) in by_hand or sku_id not in multiples:
            continue
        supply, multiple = supplies[place], multiples[sku_id]
        lines = compute_lines(demand, supply, multiple)
        version = versions.get((place, sku_id), 0) + 1
        inputs = json.dumps(line_inputs(demand, supply, multiple))
        yield (
            version, place, sku_id, lines.safety_qty, lines.warning_qty, lines.max_qty,
            str(LineSource.COMPUTED), demand.daily_milli, inputs, now, actor.user_id,
        )  # fmt: skip


def line_inputs(demand: Demand, supply: Supply, multiple: int) -> dict[str, int]:
    """The arguments of a computed line as it keeps them; `read_inputs` reads them back."""
    return {
        "days": demand.days,
        "total": demand.total_qty,
        "spread": demand.spread,
        "lead": supply.lead_milli,
        "lead_deviation": supply.lead_deviation_milli,
        "review": supply.review_days,
        "service": supply.service_ppm,
        "multiple": multiple,
    }


def read_inputs(inputs: Mapping[str, int]) -> tuple[Demand, Supply, int]:
    """Demand, supply and multiple of a computed line."""
    return (
        Demand(inputs["days"], inputs["total"], inputs["spread"]),
        Supply(inputs["lead"], inputs["lead_deviation"], inputs["review"], inputs["service"]),
        inputs["multiple"],
    )
