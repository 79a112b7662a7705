"""What was made comes in: by lot where goods are kept so, at its cost, for the part that waits for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session

from ..channels import get_network
from ..inventory import (
    Layer,
    Location,
    LotName,
    Placement,
    cost_micros,
    find_or_make_lot,
    lock_places,
    read_goods,
    receive,
    reserve,
    unfit_qty,
)
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import check_version
from ..kernel.errors import InvalidError
from ..workbench import work_calendar
from .models import FulfilmentMode, FulfilmentStatus
from .production_models import ProductionLine, ProductionRequest, ProductionStatus
from .production_work import check_made, lines_of, load_request, needs_of, part_of, say, way_to_buyer
from .work import OrderWork, PartWork


@dataclass(frozen=True, slots=True)
class MadeGoods:
    """How a SKU came out: its net unit cost (None: as planned), and the lot of what is kept by lot.

    A new lot needs its last good day.
    """

    sku_code: str
    unit_cost: Decimal | None = None
    lot_code: str = ""
    expires_on: date | None = None


def finish_production(
    session: Session,
    actor: Actor,
    *,
    number: str,
    made: Sequence[MadeGoods] = (),
    version: int | None = None,
    now: datetime,
) -> ProductionRequest:
    """The goods have come into the place they were planned for; the part that waits for them is allocated.

    What `made` does not name came out as planned. What the part needs no more is free stock, and so is what
    has too little life left to be shipped. Raises `LotRequiredError`, `LotMismatchError`, `InvalidError`, and
    like `plan_production`.
    """
    request, work = load_request(session, actor, number, "finish")
    check_version(request, version, number)
    lines = lines_of(session, request)
    check_made(lines, [one.sku_code for one in made], field="made")
    known = {one.sku_code: one for one in made}
    place_id = request.location_id
    assert place_id is not None  # planned requests have one
    day = business_day(now, get_network(session).zone)
    with unscoped(session, "what is made goes to the part that waits for it"):
        goods = read_goods(session, [line.sku_id for line in lines.values()])
        layers = []
        for code, line in lines.items():
            one = known.get(code, MadeGoods(code))
            if one.expires_on is not None and one.expires_on < day:
                raise InvalidError(field="expires_on", reason=one.expires_on.isoformat())
            name = LotName(one.lot_code, one.expires_on, day if one.expires_on else None)
            lot_id = find_or_make_lot(session, sku_id=line.sku_id, goods=goods[line.sku_id], name=name)
            cost = one.unit_cost
            line.unit_cost_micros = line.planned_cost_micros if cost is None else cost_micros(cost)
            layers.append((line.sku_id, Layer(day, line.unit_cost_micros, line.qty, lot_id)))
        receive(session, location_id=place_id, layers=layers, cause=number, now=now)
        part = part_of(request, work)
        if work is not None and part is not None and _covers(session, work, part, lines, place_id, now):
            _allocate(session, work, part, place_id, now)
    request.status, request.finished_at = ProductionStatus.FINISHED, now
    session.flush()
    say(session, actor, "production.finished", request, work, now)
    return request


def _covers(
    session: Session,
    work: OrderWork,
    part: PartWork,
    lines: Mapping[str, ProductionLine],
    place_id: int,
    now: datetime,
) -> bool:
    """Whether what was made is all that the part waits for, and may be shipped."""
    if part.part.status != FulfilmentStatus.IN_PRODUCTION:
        return False
    needs = needs_of(work, part)
    made = {line.sku_id: line.qty for line in lines.values()}
    places = [(sku_id, place_id) for sku_id in sorted(needs)]
    held = lock_places(session, places)
    unfit = unfit_qty(session, read_goods(session, sorted(needs)), [place_id], now=now)
    return all(
        made.get(sku_id, 0) >= qty
        and held[sku_id, place_id][0] - held[sku_id, place_id][1] - unfit.get((sku_id, place_id), 0) >= qty
        for sku_id, qty in needs.items()
    )


def _allocate(session: Session, work: OrderWork, part: PartWork, place_id: int, now: datetime) -> None:
    """The part takes what was made for it, and leaves from where it lies."""
    lacking = [line for line in part.lines if work.lacks(part, line)]
    placements = [Placement(line.sku_id, place_id, line.qty) for line in lacking]
    reserve(session, placements=placements, cause=work.order.number, now=now)
    for line in lacking:
        line.reserved_qty = line.qty
    place = session.get_one(Location, place_id)
    row = part.part
    row.status, row.mode, row.location_id = FulfilmentStatus.ALLOCATED, FulfilmentMode.DIRECT, place_id
    row.ready_on = work_calendar().working_day_from(business_day(now, get_network(session).zone))
    row.promised_on = row.ready_on + way_to_buyer(session, work, place, now)
    row.version += 1
    work.follow_parts()
