"""Verbs of production requests: asked for, planned for a day, started, finished into stock, cancelled."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import PartnerKind, get_network
from ..inventory import Layer, Location, LotRequiredError, Placement, read_goods, receive, reserve
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import InvalidError, NotFoundError, msg
from ..kernel.events import emit
from ..kernel.lifecycle import Lifecycle, Transition
from ..kernel.money import price_to_micros
from ..kernel.numbers import next_number
from ..workbench import work_calendar
from .errors import NotYourOrderError
from .models import FulfilmentMode, FulfilmentOrder, FulfilmentStatus, SalesOrder
from .parties import find_party
from .parting import wait
from .production_models import ProductionLine, ProductionRequest, ProductionStatus
from .sourcing import Wanted, sources_at
from .work import OrderWork, PartWork, advance, load_work, read_work

_OPEN = frozenset({ProductionStatus.OPEN.value})
_PLANNED = frozenset({ProductionStatus.PLANNED.value})
_STARTED = frozenset({ProductionStatus.IN_PRODUCTION.value})

PRODUCTION = Lifecycle(
    "production request",
    (
        Transition("plan", _OPEN | _PLANNED, ProductionStatus.PLANNED, Permission.ORDERS_FULFIL, msg("Plan")),
        Transition("start", _PLANNED, ProductionStatus.IN_PRODUCTION, Permission.ORDERS_FULFIL, msg("Start")),
        Transition(
            "finish",
            _PLANNED | _STARTED,
            ProductionStatus.FINISHED,
            Permission.ORDERS_FULFIL,
            msg("Finish"),
        ),
        Transition(
            "cancel",
            _OPEN | _PLANNED | _STARTED,
            ProductionStatus.CANCELLED,
            Permission.ORDERS_FULFIL,
            msg("Cancel"),
        ),
    ),
)


def ask_production(session: Session, actor: Actor, work: OrderWork, *, now: datetime) -> list[str]:
    """The brand makes what its order waits for: a request per waiting part; their numbers.

    Parts of other sellers wait for their seller. Callers run inside `unscoped`.
    """
    if work.seller.kind != PartnerKind.BRAND:
        return []
    numbers = []
    day = business_day(now, get_network(session).zone)
    for part in work.lacking():
        if part.part.status != FulfilmentStatus.WAITING:
            continue
        request = ProductionRequest(
            number=next_number(session, "MO", day),
            maker_id=work.order.seller_id,
            maker_path=work.order.seller_path,
            fulfilment_id=row_id(part.part),
            part_number=part.part.number,
            is_urgent=part.part.is_urgent,
            wanted_on=work.order.requested_on,
            asked_at=now,
        )
        session.add(request)
        session.flush()
        for sku_id, qty in _needs(work, part).items():
            session.add(ProductionLine(request_id=row_id(request), sku_id=sku_id, qty=qty))
        part.part.status = FulfilmentStatus.IN_PRODUCTION
        numbers.append(request.number)
        _say(session, actor, "production.asked", request, work, now)
    if numbers:
        work.follow_parts()
        session.flush()
    return numbers


def request_production(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> SalesOrder:
    """Have the brand make what an order still waits for (the brand's side).

    Raises `TransitionError`, `StaleError`, `NotFoundError`, `NotYourOrderError`.
    """
    work = load_work(session, actor, number=number, verb="produce")
    advance(actor, work, verb="produce", version=version)
    with unscoped(session, "what an order waits for is made by its seller"):
        ask_production(session, actor, work, now=now)
    return work.order


def plan_production(
    session: Session,
    actor: Actor,
    *,
    number: str,
    promised_on: date,
    location_code: str,
    version: int | None = None,
    now: datetime,
) -> ProductionRequest:
    """Promise a request for a day and a place of the maker's; its part is promised that day plus the way.

    Raises `InvalidError` for a day that is over, `TransitionError`, `StaleError`, `NotFoundError`,
    `NotYourOrderError`.
    """
    request, work = _load(session, actor, number, "plan")
    check_version(request, version, number)
    if promised_on < business_day(now, get_network(session).zone):
        raise InvalidError(field="promised_on", reason=promised_on.isoformat())
    place = _own_place(session, request, location_code)
    request.status, request.promised_on = ProductionStatus.PLANNED, promised_on
    request.location_id = row_id(place)
    part = _part_of(request, work)
    if work is not None and part is not None:
        with unscoped(session, "when goods arrive that are still to be made"):
            part.part.ready_on = work_calendar().working_day_from(promised_on)
            part.part.promised_on = part.part.ready_on + _way(session, work, place, now)
        part.part.version += 1
        work.follow_parts()
    session.flush()
    _say(session, actor, "production.planned", request, work, now)
    return request


def start_production(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> ProductionRequest:
    """Say that the goods of a planned request are being made. Raises like `plan_production`."""
    request, work = _load(session, actor, number, "start")
    check_version(request, version, number)
    request.status = ProductionStatus.IN_PRODUCTION
    session.flush()
    _say(session, actor, "production.started", request, work, now)
    return request


def finish_production(
    session: Session,
    actor: Actor,
    *,
    number: str,
    unit_costs: Mapping[str, Decimal] | None = None,
    version: int | None = None,
    now: datetime,
) -> ProductionRequest:
    """The goods have come into the place they were planned for; the part that waits for them is allocated.

    `unit_costs` are net by SKU code (none: unknown). What the part needs no more is free stock. Raises
    `LotRequiredError` for SKUs kept by lot, `InvalidError`, and like `plan_production`.
    """
    request, work = _load(session, actor, number, "finish")
    check_version(request, version, number)
    lines = _lines(session, request)
    costs = unit_costs or {}
    if set(costs) - {code for code, _ in lines.values()}:
        raise InvalidError(field="unit_costs", reason=", ".join(sorted(costs)))
    day = business_day(now, get_network(session).zone)
    with unscoped(session, "what is made goes to the part that waits for it"):
        for sku_id, goods in read_goods(session, list(lines)).items():
            if goods.is_lot_tracked:
                raise LotRequiredError(sku=lines[sku_id][0])
        layers = [
            (
                sku_id,
                Layer(day, price_to_micros(costs[code]) if code in costs else None, qty),
            )
            for sku_id, (code, qty) in sorted(lines.items())
        ]
        place_id = request.location_id
        assert place_id is not None  # planned requests have one
        receive(session, location_id=place_id, layers=layers, cause=number, now=now)
        part = _part_of(request, work)
        if work is not None and part is not None and _covers(work, part, lines):
            _allocate(session, work, part, place_id, now)
    request.status, request.finished_at = ProductionStatus.FINISHED, now
    session.flush()
    _say(session, actor, "production.finished", request, work, now)
    return request


def cancel_production(
    session: Session,
    actor: Actor,
    *,
    number: str,
    reason: str = "",
    version: int | None = None,
    now: datetime,
) -> ProductionRequest:
    """Give a request up; the part waits for the seller again, without a day.

    Raises like `plan_production`.
    """
    request, work = _load(session, actor, number, "cancel")
    check_version(request, version, number)
    part = _part_of(request, work)
    if work is not None and part is not None:
        wait(work, part.part)
        part.part.version += 1
        work.follow_parts()
    request.status, request.fulfilment_id = ProductionStatus.CANCELLED, None
    session.flush()
    _say(session, actor, "production.cancelled", request, work, now, reason=reason[:200])
    return request


def _load(
    session: Session, actor: Actor, number: str, verb: str
) -> tuple[ProductionRequest, OrderWork | None]:
    """A request with the order behind it, both locked: permission, scope, side, state."""
    actor.require(PRODUCTION.find(verb).permission)
    request = get_by(session, ProductionRequest, "production request", number=number)
    if not (actor.is_system or request.maker_id in actor.partner_ids):
        raise NotYourOrderError(order=number, verb=verb)
    work = None
    with unscoped(session, "the order that waits for what is made"):
        if request.fulfilment_id is not None:
            part = session.get(FulfilmentOrder, request.fulfilment_id)
            if part is None:
                raise NotFoundError(kind="production request", key=number)
            order = session.get_one(SalesOrder, part.order_id, with_for_update=True, populate_existing=True)
            work = read_work(session, order)
        session.refresh(request, with_for_update=True)
    PRODUCTION.check(actor, verb, state=request.status, document=None, key=number)
    return request, work


def _part_of(request: ProductionRequest, work: OrderWork | None) -> PartWork | None:
    if work is None:
        return None
    return next((part for part in work.parts if part.part.id == request.fulfilment_id), None)


def _own_place(session: Session, request: ProductionRequest, code: str) -> Location:
    place = get_by(session, Location, "location", code=code)
    if place.partner_id != request.maker_id:
        raise NotFoundError(kind="location", key=code)
    return place


def _needs(work: OrderWork, part: PartWork) -> dict[int, int]:
    needs: dict[int, int] = {}
    for line in part.lines:
        if work.lacks(part, line):
            needs[line.sku_id] = needs.get(line.sku_id, 0) + line.qty
    return needs


def _lines(session: Session, request: ProductionRequest) -> dict[int, tuple[str, int]]:
    rows = session.exec(
        select(ProductionLine.sku_id, Sku.code, ProductionLine.qty)
        .join(Sku, col(Sku.id) == col(ProductionLine.sku_id))
        .where(ProductionLine.request_id == row_id(request))
    ).all()
    return {sku_id: (code, qty) for sku_id, code, qty in rows}


def _covers(work: OrderWork, part: PartWork, lines: Mapping[int, tuple[str, int]]) -> bool:
    """Whether what was made is all that the part waits for."""
    if part.part.status != FulfilmentStatus.IN_PRODUCTION:
        return False
    return all(lines.get(sku_id, ("", 0))[1] >= qty for sku_id, qty in _needs(work, part).items())


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
    row.promised_on = row.ready_on + _way(session, work, place, now)
    row.version += 1
    work.follow_parts()


def _way(session: Session, work: OrderWork, place: Location, now: datetime) -> timedelta:
    """How long goods travel from a place to the buyer."""
    buyer = find_party(session, work.order.buyer_id)
    wanted = Wanted(
        seller_id=work.order.seller_id,
        seller_kind=work.seller.kind,
        supplier_id=None,
        buyer_id=work.order.buyer_id,
        region_path=buyer.region_path,
        currency=work.order.currency,
        qtys={},
        codes={},
        goods={},
        is_urgent=bool(work.order.urgency),
    )
    [source] = sources_at(session, wanted, {row_id(place): {}}, now=now)
    return source.route.arrives_on - source.route.ready_on


def _say(
    session: Session,
    actor: Actor,
    kind: str,
    request: ProductionRequest,
    work: OrderWork | None,
    now: datetime,
    **facts: str,
) -> None:
    """The request remembers, and the order it is for."""
    promised = request.promised_on.isoformat() if request.promised_on else "–"
    told = {"number": request.number, "part": request.part_number, "promised_on": promised} | facts
    emit(session, actor, kind, subject=("production", request.number), now=now, **told)
    if work is not None:
        emit(session, actor, kind, subject=("order", work.order.number), now=now, **told)
