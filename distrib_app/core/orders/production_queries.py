"""The planning board: production requests by state, and what is planned for each week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from ..catalog import Sku
from ..inventory import Location, read_goods
from ..kernel.db import get_by, row_id
from ..kernel.lifecycle import ActionRow
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from ..kernel.money import micros_to_price
from .models import FulfilmentOrder, SalesOrder
from .production_models import ProductionLine, ProductionRequest, ProductionStatus
from .production_work import PRODUCTION

WEEKS = 4


@dataclass(frozen=True, slots=True)
class ProductionLineRow:
    """A quantity of a SKU to be made, with what a unit is planned to cost and what it did (net).

    Of what is kept by lot the lot is named when it comes in.
    """

    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    qty: int
    planned_cost: Decimal | None
    unit_cost: Decimal | None
    is_lot_tracked: bool


@dataclass(frozen=True, slots=True)
class ProductionRow:
    """A production request with the order it is for (as far as the reader sees it) and what can be done."""

    number: str
    status: str
    order_number: str
    part_number: str
    is_urgent: bool
    wanted_on: date | None
    promised_on: date | None
    is_late: bool
    location_code: str
    qty: int
    lines: tuple[ProductionLineRow, ...]
    version: int
    actions: tuple[ActionRow, ...]


@dataclass(frozen=True, slots=True)
class WeekLoad:
    """How many units are to be ready in the week that begins on `monday`."""

    monday: date
    qty: int


def list_production(
    session: Session, *, today: date, query: ListQuery = FIRST_PAGE
) -> Listing[ProductionRow]:
    """Production requests within scope, urgent ones first, then what was promised first.

    Facets: status, state (running, late). A search looks into the number and the part. Late is what runs and
    was promised for a day before `today`.
    """
    found = run(session, _requests(today), query)
    return found.showing(_rows(session, found.rows, today))


def get_production(session: Session, number: str, *, today: date) -> ProductionRow:
    """One production request. Raises `NotFoundError`, also out of scope."""
    request = get_by(session, ProductionRequest, "production request", number=number)
    return _rows(session, [request], today)[0]


def week_loads(session: Session, *, today: date) -> tuple[WeekLoad, ...]:
    """Units that are planned or being made, by the week of their promised day: this one and the next."""
    monday = today - timedelta(days=today.weekday())
    rows = session.exec(
        select(col(ProductionRequest.promised_on), func.sum(col(ProductionLine.qty)))
        .join(ProductionLine, col(ProductionLine.request_id) == col(ProductionRequest.id))
        .where(
            col(ProductionRequest.status).in_([ProductionStatus.PLANNED, ProductionStatus.IN_PRODUCTION]),
            col(ProductionRequest.promised_on) < monday + timedelta(weeks=WEEKS),
        )
        .group_by(col(ProductionRequest.promised_on))
    ).all()
    loads = dict.fromkeys(range(WEEKS), 0)
    for day, qty in rows:
        if day is not None:
            loads[max(0, (day - monday).days // 7)] += int(qty)
    return tuple(WeekLoad(monday + timedelta(weeks=week), qty) for week, qty in loads.items())


def _requests(today: date) -> ListSpec:
    request = ProductionRequest
    running = col(request.status).in_(
        [ProductionStatus.OPEN, ProductionStatus.PLANNED, ProductionStatus.IN_PRODUCTION]
    )
    return ListSpec(
        entity=request,
        key=(col(request.id),),
        sorts={
            "due": (
                case((running, 0), else_=1),
                case((col(request.is_urgent), 0), else_=1),
                func.coalesce(col(request.promised_on), col(request.wanted_on), date.max),
            ),
            "number": (col(request.number),),
        },
        default_sort="due",
        codes=(col(request.number), col(request.part_number)),
        facets={
            "status": Facet(col(request.status), allowed=frozenset(ProductionStatus)),
            "state": Choices({"running": running, "late": running & (col(request.promised_on) < today)}),
        },
    )


def _rows(session: Session, requests: Sequence[ProductionRequest], today: date) -> list[ProductionRow]:
    actor = session.info["actor"]
    lines = _lines(session, [row_id(row) for row in requests])
    places = dict(
        session.exec(
            select(Location.id, Location.code).where(
                col(Location.id).in_({row.location_id for row in requests if row.location_id})
            )
        ).all()
    )
    orders = _orders(session, requests)
    return [
        ProductionRow(
            number=row.number,
            status=row.status,
            order_number=orders.get(row.fulfilment_id or 0, ""),
            part_number=row.part_number,
            is_urgent=row.is_urgent,
            wanted_on=row.wanted_on,
            promised_on=row.promised_on,
            is_late=row.finished_at is None and row.promised_on is not None and row.promised_on < today,
            location_code=places.get(row.location_id, ""),
            qty=sum(line.qty for line in lines.get(row_id(row), ())),
            lines=lines.get(row_id(row), ()),
            version=row.version,
            actions=tuple(PRODUCTION.actions(actor, row.status, None))
            if actor.is_system or row.maker_id in actor.partner_ids
            else (),
        )
        for row in requests
    ]


def _lines(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[ProductionLineRow, ...]]:
    found: dict[int, tuple[ProductionLineRow, ...]] = {}
    rows = session.exec(
        select(ProductionLine, Sku)
        .join(Sku, col(Sku.id) == col(ProductionLine.sku_id))
        .where(col(ProductionLine.request_id).in_(ids))
        .order_by(col(Sku.code))
    ).all()
    goods = read_goods(session, sorted({line.sku_id for line, _ in rows}))
    for line, sku in rows:
        row = ProductionLineRow(
            sku_code=sku.code,
            sku_name=sku.name,
            sku_name_en=sku.name_en,
            unit=sku.unit,
            qty=line.qty,
            planned_cost=_cost(line.planned_cost_micros),
            unit_cost=_cost(line.unit_cost_micros),
            is_lot_tracked=goods[line.sku_id].is_lot_tracked,
        )
        found[line.request_id] = (*found.get(line.request_id, ()), row)
    return found


def _cost(micros: int | None) -> Decimal | None:
    return None if micros is None else micros_to_price(micros)


def _orders(session: Session, requests: Sequence[ProductionRequest]) -> dict[int, str]:
    """The orders behind requests that are seen, by part id."""
    parts = {row.fulfilment_id for row in requests if row.fulfilment_id}
    rows = session.exec(
        select(FulfilmentOrder.id, SalesOrder.number)
        .join(SalesOrder, col(SalesOrder.id) == col(FulfilmentOrder.order_id))
        .where(col(FulfilmentOrder.id).in_(parts))
    ).all()
    return {key: number for key, number in rows if key is not None}
