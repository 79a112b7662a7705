"""What suggestions are decided on, read in few statements whatever the number of order points."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from ..catalog import Category, Product, Sku
from ..channels import ProductLine
from ..kernel.money import divide, micros_to_minor
from .demand import Spot
from .models import Balance, Location, Movement, MovementKind
from .order_points import OrderPoint, Position
from .planning_models import (
    PendingKind,
    PendingStock,
    Suggestion,
    SuggestionKind,
    SuggestionStatus,
    WaterLine,
)
from .rules import Layer, derive_layers, net_receipts, take_oldest
from .suggestions import Key
from .turnover import missed_benchmarks
from .water_lines import Lines

# origin day, net unit cost in millionths, quantity (below 0: gone back to the supplier)
_Receipt = tuple[date | None, int | None, int]


@dataclass(frozen=True, slots=True)
class _PointRow:
    """An order point as it stands in the tables."""

    location_id: int
    sku_id: int
    safety_qty: int
    warning_qty: int
    max_qty: int
    daily_milli: int | None
    on_hand: int
    reserved: int
    multiple: int
    weight_g: int
    category_id: int
    is_cold: bool

    @property
    def key(self) -> Key:
        return self.location_id, self.sku_id


@dataclass(frozen=True, slots=True)
class Settled:
    """What earlier suggestions leave to decide: places already answered, and goods about to leave others.

    `snoozed` (ids of suggestions) are asleep: they are decided anew only when their place has become urgent.
    """

    answered: frozenset[Key]
    snoozed: Mapping[Key, Sequence[int]]
    leaving: Mapping[Key, int]


def read_points(
    session: Session, where: Sequence[ColumnElement[bool]], spots: Mapping[int, Spot], settled: Settled
) -> list[OrderPoint]:
    """Every SKU with water lines at the places that meet `where`, by place and SKU."""
    rows = _rows(session, where)
    pending = _pending(session, where)
    missed = missed_benchmarks(session, *_by_category(rows), spots)
    points = []
    for row in rows:
        in_transit, on_order, backorder = pending.get(row.key, (0, 0, 0))
        leaving = settled.leaving.get(row.key, 0)
        points.append(
            OrderPoint(
                place_id=row.location_id,
                sku_id=row.sku_id,
                position=Position(row.on_hand, row.reserved, in_transit, on_order, backorder, leaving),
                lines=Lines(row.safety_qty, row.warning_qty, row.max_qty),
                place=spots[row.location_id].code,
                multiple=max(1, row.multiple),
                weight_g=row.weight_g,
                is_cold=row.is_cold,
                missed=missed.get((row.location_id, row.category_id)),
            )
        )
    return [point for point in points if _is_open(point, settled)]


def _is_open(point: OrderPoint, settled: Settled) -> bool:
    key = point.place_id, point.sku_id
    return key not in settled.answered and (key not in settled.snoozed or point.is_urgent)


def read_settled(session: Session, where: Sequence[ColumnElement[bool]], today: date) -> Settled:
    """What the suggestions of today, and the dismissed and snoozed ones of before, have settled."""
    mine = select(col(Location.id)).where(*where)
    statement = select(
        col(Suggestion.id),
        col(Suggestion.location_id),
        col(Suggestion.sku_id),
        col(Suggestion.kind),
        col(Suggestion.status),
        col(Suggestion.is_urgent),
        col(Suggestion.from_location_id),
        col(Suggestion.qty),
        col(Suggestion.suggested_on),
    ).where(
        or_(col(Suggestion.location_id).in_(mine), col(Suggestion.from_location_id).in_(mine)),
        or_(
            col(Suggestion.suggested_on) == today,
            col(Suggestion.status) == SuggestionStatus.SNOOZED,
            (col(Suggestion.status) == SuggestionStatus.DISMISSED) & (col(Suggestion.expires_on) > today),
        ),
    )
    answered: set[Key] = set()
    snoozed: dict[Key, list[int]] = defaultdict(list)
    leaving: dict[Key, int] = defaultdict(int)
    waiting = {SuggestionStatus.OPEN, SuggestionStatus.SNOOZED}
    for row_id, place, sku_id, kind, status, is_urgent, source, qty, day in session.execute(statement):
        if status == SuggestionStatus.SNOOZED and day != today and not is_urgent:
            snoozed[place, sku_id].append(row_id)
        else:
            answered.add((place, sku_id))
        if kind == SuggestionKind.TRANSFER and status in waiting:
            leaving[source, sku_id] += qty
    return Settled(frozenset(answered), snoozed, leaving)


def with_age(
    session: Session,
    where: Sequence[ColumnElement[bool]],
    points: Sequence[OrderPoint],
    *,
    today: date,
    currency: str,
) -> list[OrderPoint]:
    """The points, with age and net cost of what lies above the maximum: the oldest layers on hand."""
    surplus = {
        (point.place_id, point.sku_id): point.position.on_hand for point in points if point.surplus_qty
    }
    layers = _layers(session, where, surplus) if surplus else {}
    aged = []
    for point in points:
        key = point.place_id, point.sku_id
        if key in surplus:
            aged.append(_aged(point, take_oldest(layers[key], point.surplus_qty), today, currency))
        else:
            aged.append(point)
    return aged


def _aged(point: OrderPoint, layers: Sequence[Layer], today: date, currency: str) -> OrderPoint:
    dated = [(layer.qty, (today - layer.origin_on).days) for layer in layers if layer.origin_on]
    costed = [(layer.qty, layer.unit_cost_micros) for layer in layers if layer.unit_cost_micros is not None]
    age = _mean(dated)
    return replace(point, age_days=max(0, age), unit_amount=micros_to_minor(_mean(costed), currency))


def _mean(weighted: Sequence[tuple[int, int]]) -> int:
    weight = sum(qty for qty, _ in weighted)
    return divide(sum(qty * value for qty, value in weighted), weight) if weight else 0


def _rows(session: Session, where: Sequence[ColumnElement[bool]]) -> list[_PointRow]:
    statement = (
        select(
            col(WaterLine.location_id),
            col(WaterLine.sku_id),
            col(WaterLine.safety_qty),
            col(WaterLine.warning_qty),
            col(WaterLine.max_qty),
            col(WaterLine.daily_milli),
            func.coalesce(col(Balance.on_hand_qty), 0),
            func.coalesce(col(Balance.reserved_qty), 0),
            col(Sku.order_multiple_qty),
            col(Sku.weight_g),
            col(Product.category_id),
            col(ProductLine.is_cold_chain),
        )
        .select_from(WaterLine)
        .join(Location, col(Location.id) == col(WaterLine.location_id))
        .join(Sku, col(Sku.id) == col(WaterLine.sku_id))
        .join(Product, col(Product.id) == col(Sku.product_id))
        .join(Category, col(Category.id) == col(Product.category_id))
        .join(ProductLine, col(ProductLine.id) == col(Category.product_line_id))
        .outerjoin(
            Balance,
            (col(Balance.location_id) == col(WaterLine.location_id))
            & (col(Balance.sku_id) == col(WaterLine.sku_id)),
        )
        .where(*where)
        .order_by(col(Location.code), col(Sku.code))
    )
    return [_PointRow(*row) for row in session.execute(statement)]


def _pending(session: Session, where: Sequence[ColumnElement[bool]]) -> dict[Key, tuple[int, int, int]]:
    """(in transit, on order, back-ordered) by place and SKU."""
    statement = (
        select(
            col(PendingStock.location_id),
            col(PendingStock.sku_id),
            col(PendingStock.kind),
            col(PendingStock.is_in_transit),
            func.sum(col(PendingStock.qty)),
        )
        .join(Location, col(Location.id) == col(PendingStock.location_id))
        .where(*where)
        .group_by(
            col(PendingStock.location_id),
            col(PendingStock.sku_id),
            col(PendingStock.kind),
            col(PendingStock.is_in_transit),
        )
    )
    found: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
    for place, sku_id, kind, is_in_transit, qty in session.execute(statement):
        column = 2 if kind == PendingKind.BACKORDER else 0 if is_in_transit else 1
        found[place, sku_id][column] += int(qty)
    return {key: (sums[0], sums[1], sums[2]) for key, sums in found.items()}


def _layers(
    session: Session, where: Sequence[ColumnElement[bool]], on_hand: Mapping[Key, int]
) -> dict[Key, list[Layer]]:
    """What lies at the places of `on_hand`, newest layers first.

    Half a million receipts may be read for a few thousand layers, so rows stay tuples until they are needed.
    """
    receipts: dict[Key, list[_Receipt]] = {key: [] for key in on_hand}
    returning: set[Key] = set()
    statement = select(
        col(Movement.location_id),
        col(Movement.sku_id),
        col(Movement.origin_on),
        col(Movement.unit_cost_micros),
        col(Movement.on_hand_delta),
    ).where(or_(col(Movement.on_hand_delta) > 0, col(Movement.kind) == MovementKind.RETURN))
    if where:
        statement = statement.where(col(Movement.location_id).in_(select(col(Location.id)).where(*where)))
    for place, sku_id, origin_on, cost, delta in session.execute(statement.order_by(col(Movement.id))):
        key = place, sku_id
        if key in receipts:
            receipts[key].append((origin_on, cost, delta))
            if delta < 0:
                returning.add(key)
    return {
        key: derive_layers(qty, _net(receipts[key]) if key in returning else _newest(receipts[key], qty))
        for key, qty in on_hand.items()
    }


def _newest(receipts: Sequence[_Receipt], on_hand: int) -> list[Layer]:
    """The latest receipts that cover what is on hand, in booking order among equal days."""
    ordered = sorted(receipts, key=lambda receipt: receipt[0] or date.min)
    start, missing = len(ordered), on_hand
    while start and missing > 0:
        start -= 1
        missing -= ordered[start][2]
    return [Layer(*receipt) for receipt in ordered[start:]]


def _net(receipts: Sequence[_Receipt]) -> list[Layer]:
    came = [Layer(*receipt) for receipt in receipts if receipt[2] > 0]
    back = (Layer(day, cost, -delta) for day, cost, delta in receipts if delta < 0)
    return net_receipts(came, back)


def _by_category(rows: Sequence[_PointRow]) -> tuple[dict[Key, int], dict[Key, int]]:
    """Demand of a day (thousandths) and stock on hand per place and category, where the demand is known."""
    demand: dict[Key, int] = defaultdict(int)
    on_hand: dict[Key, int] = defaultdict(int)
    for row in rows:
        if row.daily_milli is not None:
            demand[row.location_id, row.category_id] += row.daily_milli
            on_hand[row.location_id, row.category_id] += row.on_hand
    return demand, on_hand
