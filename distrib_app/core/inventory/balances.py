"""How one balance changes: a conditional update and the movement rows that say why.

Balance = Σ movements, always; nobody else writes these two tables. Callers run inside `unscoped`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, or_, text
from sqlalchemy import select as select_columns
from sqlalchemy import update as update_table
from sqlmodel import Session, col, select, update

from ..catalog import Category, Product, Sku, SkuKind
from ..channels import ProductLine
from ..kernel.access import unscoped
from ..kernel.rows import add_all, decide, table_of, update_all
from .errors import InsufficientStockError, NotStockedError
from .models import Balance, Location, Movement, MovementKind
from .rules import Layer, net_receipts

# A place in stock: SKU id first, because rows are locked in the order of SKU, then location.
Place = tuple[int, int]

_ADD = text(
    "INSERT INTO stock_balance (location_id, sku_id, partner_id, partner_path, on_hand_qty, reserved_qty) "
    "VALUES (:location_id, :sku_id, :partner_id, :partner_path, :qty, 0) ON CONFLICT (location_id, sku_id) "
    "DO UPDATE SET on_hand_qty = stock_balance.on_hand_qty + excluded.on_hand_qty"
)
_balance, _place = table_of(Balance), table_of(Location)
# of many places at once; holds only while what is left free covers it
_HOLD = (
    update_table(_balance)
    .where(
        _balance.c.location_id == bindparam("at"),
        _balance.c.sku_id == bindparam("of"),
        _balance.c.on_hand_qty - _balance.c.reserved_qty >= bindparam("more"),
        _balance.c.reserved_qty + bindparam("more") >= 0,
    )
    .values(reserved_qty=_balance.c.reserved_qty + bindparam("more"))
)
_OWNERS = select_columns(_place.c.id, _place.c.partner_id, _place.c.partner_path).where(
    _place.c.id.in_(bindparam("places", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Placement:
    """A quantity of a SKU at one location."""

    sku_id: int
    location_id: int
    qty: int

    @property
    def place(self) -> Place:
        """Where it is, in the order of locking."""
        return self.sku_id, self.location_id


def merge(placements: Iterable[Placement]) -> list[Placement]:
    """One placement per place, in the order of locking."""
    totals: dict[Place, int] = defaultdict(int)
    for placement in placements:
        totals[placement.place] += placement.qty
    return [Placement(sku_id, location_id, qty) for (sku_id, location_id), qty in sorted(totals.items())]


@dataclass(frozen=True, slots=True)
class Goods:
    """A SKU that is kept in stock, and how its product line wants it handled."""

    code: str
    is_lot_tracked: bool
    min_life_days: int


def read_goods(session: Session, sku_ids: Collection[int]) -> dict[int, Goods]:
    """SKUs that are kept in stock. Raises `NotStockedError` for a service."""
    rows = session.execute(
        select(Sku.id, Sku.code, Sku.kind)
        .add_columns(col(ProductLine.is_lot_tracked), col(ProductLine.min_life_days))
        .join(Product, col(Product.id) == col(Sku.product_id))
        .join(Category, col(Category.id) == col(Product.category_id))
        .join(ProductLine, col(ProductLine.id) == col(Category.product_line_id))
        .where(col(Sku.id).in_(sorted(sku_ids)))
    ).all()
    for _, code, kind, _, _ in rows:
        if kind == SkuKind.SERVICE:
            raise NotStockedError(sku=code)
    return {sku_id: Goods(code, tracked, days) for sku_id, code, _, tracked, days in rows if sku_id}


def goods_codes(session: Session, sku_ids: Collection[int]) -> dict[int, str]:
    """The codes of SKUs that are kept in stock. Raises `NotStockedError` for a service."""
    return {sku_id: goods.code for sku_id, goods in read_goods(session, sku_ids).items()}


def lock_places(session: Session, places: Collection[Place]) -> dict[Place, tuple[int, int]]:
    """(on hand, reserved) of the places that have a balance, locked in sorted order until the end.

    Other places of the same SKUs and locations may be locked (and told) as well.
    PostgreSQL locks the rows; on SQLite a writing session is alone already.
    """
    if not places:
        return {}
    with unscoped(session, "a lock guards the row, whoever may see it"):
        rows = session.exec(
            select(Balance.sku_id, Balance.location_id, Balance.on_hand_qty, Balance.reserved_qty)
            .where(*_among(Balance, places))
            .order_by(col(Balance.sku_id), col(Balance.location_id))
            .with_for_update()
        ).all()
    return {(sku_id, place): (on_hand, reserved) for sku_id, place, on_hand, reserved in rows}


def read_receipts(
    session: Session, places: Collection[Place], *, until: datetime | None = None
) -> dict[Place, list[Layer]]:
    """Receipts (less what went back to suppliers) of each place in booking order, up to an instant."""
    receipts: dict[Place, list[Layer]] = {place: [] for place in places}
    if not places:
        return receipts
    statement = (
        select(Movement)
        .where(
            *_among(Movement, places),
            or_(col(Movement.on_hand_delta) > 0, col(Movement.kind) == MovementKind.RETURN),
        )
        .order_by(col(Movement.id))
    )
    if until is not None:
        statement = statement.where(col(Movement.moved_at) <= until)
    sent_back: dict[Place, list[Layer]] = defaultdict(list)
    for row in session.exec(statement):
        place = row.sku_id, row.location_id
        if place in receipts:
            target = receipts if row.on_hand_delta > 0 else sent_back
            layer = Layer(row.origin_on, row.unit_cost_micros, abs(row.on_hand_delta), row.lot_id)
            target[place].append(layer)
    return {place: net_receipts(receipts[place], sent_back[place]) for place in receipts}


def hold(
    session: Session,
    placements: Iterable[Placement],
    kind: MovementKind,
    *,
    sign: int,
    cause: str,
    now: datetime,
) -> None:
    """Reserve (`sign` 1) or free (−1) quantities, all or none, in three statements however many places.

    Raises `InsufficientStockError` for the first place that has not got it.
    """
    merged = merge(placements)
    if not merged:
        return
    rows = [{"at": one.location_id, "of": one.sku_id, "more": sign * one.qty} for one in merged]
    if update_all(session, _HOLD, rows) != len(rows):
        raise _short_of(session, merged)
    places = sorted({one.location_id for one in merged})
    owners = {place: (owner, path) for place, owner, path in decide(session, _OWNERS, places=places)}
    add_all(
        session,
        Movement,
        [
            {
                "location_id": one.location_id,
                "sku_id": one.sku_id,
                "partner_id": owners[one.location_id][0],
                "partner_path": owners[one.location_id][1],
                "kind": kind,
                "on_hand_delta": 0,
                "reserved_delta": sign * one.qty,
                "cause": cause,
                "moved_at": now,
            }
            for one in merged
        ],
    )


def take(
    session: Session,
    placement: Placement,
    kind: MovementKind,
    *,
    on_hand: int = 0,
    reserved: int = 0,
    layers: Sequence[Layer] = (),
    cause: str,
    now: datetime,
) -> None:
    """Change a balance by ±quantity (`on_hand`, `reserved`: −1, 0 or 1), one movement row per layer.

    The update holds only while 0 ≤ reserved ≤ on hand afterwards; otherwise `InsufficientStockError`.
    """
    on_hand_delta, reserved_delta = on_hand * placement.qty, reserved * placement.qty
    changed = session.exec(
        update(Balance)
        .where(
            col(Balance.location_id) == placement.location_id,
            col(Balance.sku_id) == placement.sku_id,
            col(Balance.on_hand_qty) + on_hand_delta >= col(Balance.reserved_qty) + reserved_delta,
            col(Balance.reserved_qty) + reserved_delta >= 0,
        )
        .values(
            on_hand_qty=col(Balance.on_hand_qty) + on_hand_delta,
            reserved_qty=col(Balance.reserved_qty) + reserved_delta,
        )
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise _insufficient(session, placement)
    location = session.get_one(Location, placement.location_id)
    for layer in layers or (Layer(None, None, placement.qty),):
        session.add(
            _movement(
                location,
                placement.sku_id,
                layer,
                kind,
                on_hand=on_hand,
                reserved=reserved,
                cause=cause,
                now=now,
            )
        )


def put(
    session: Session, place: Place, layer: Layer, kind: MovementKind, *, cause: str, now: datetime
) -> None:
    """A layer comes in; the balance is made where there is none."""
    sku_id, location_id = place
    location = session.get_one(Location, location_id)
    session.execute(
        _ADD,
        {
            "location_id": location_id,
            "sku_id": sku_id,
            "partner_id": location.partner_id,
            "partner_path": location.partner_path,
            "qty": layer.qty,
        },
    )
    session.add(_movement(location, sku_id, layer, kind, on_hand=1, reserved=0, cause=cause, now=now))


def _among(model: type[Balance | Movement], places: Collection[Place]) -> tuple[ColumnElement[bool], ...]:
    """Rows whose SKU and location both occur in `places`: a superset that the index finds on either database.

    (SQLite scans the whole table for pairs.)
    """
    skus, locations = {sku_id for sku_id, _ in places}, {location_id for _, location_id in places}
    return col(model.location_id).in_(sorted(locations)), col(model.sku_id).in_(sorted(skus))


def _short_of(session: Session, placements: Sequence[Placement]) -> InsufficientStockError:
    """Which place of a refused batch has less than was wanted of it.

    Some of the batch stands in the balances already, none of it in the movements: they tell what was there.
    """
    rows = session.exec(
        select(
            Movement.sku_id,
            Movement.location_id,
            func.sum(col(Movement.on_hand_delta) - col(Movement.reserved_delta)),
        )
        .where(*_among(Movement, [one.place for one in placements]))
        .group_by(col(Movement.sku_id), col(Movement.location_id))
    ).all()
    free = {(sku_id, place): int(qty) for sku_id, place, qty in rows}
    short = next((one for one in placements if free.get(one.place, 0) < one.qty), placements[0])
    code = goods_codes(session, [short.sku_id])[short.sku_id]
    return InsufficientStockError(sku=code, wanted=short.qty, available=free.get(short.place, 0))


def _insufficient(session: Session, placement: Placement) -> InsufficientStockError:
    on_hand, reserved = lock_places(session, [placement.place]).get(placement.place, (0, 0))
    code = goods_codes(session, [placement.sku_id])[placement.sku_id]
    return InsufficientStockError(sku=code, wanted=placement.qty, available=on_hand - reserved)


def _movement(
    location: Location,
    sku_id: int,
    layer: Layer,
    kind: MovementKind,
    *,
    on_hand: int,
    reserved: int,
    cause: str,
    now: datetime,
) -> Movement:
    assert location.id is not None
    return Movement(
        location_id=location.id,
        sku_id=sku_id,
        partner_id=location.partner_id,
        partner_path=location.partner_path,
        kind=kind,
        on_hand_delta=on_hand * layer.qty,
        reserved_delta=reserved * layer.qty,
        cause=cause,
        origin_on=layer.origin_on,
        unit_cost_micros=layer.unit_cost_micros,
        lot_id=layer.lot_id,
        moved_at=now,
    )
