"""How one balance changes: a conditional update and the movement rows that say why.

Balance = Σ movements, always; nobody else writes these two tables. Callers run inside `unscoped`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, text
from sqlmodel import Session, col, select, update

from ..catalog import Sku, SkuKind
from ..kernel.access import unscoped
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


def goods_codes(session: Session, sku_ids: Collection[int]) -> dict[int, str]:
    """The codes of SKUs that are kept in stock. Raises `NotStockedError` for a service."""
    rows = session.exec(select(Sku.id, Sku.code, Sku.kind).where(col(Sku.id).in_(sorted(sku_ids)))).all()
    for _, code, kind in rows:
        if kind == SkuKind.SERVICE:
            raise NotStockedError(sku=code)
    return {sku_id: code for sku_id, code, _ in rows if sku_id is not None}


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
            target[place].append(Layer(row.origin_on, row.unit_cost_micros, abs(row.on_hand_delta)))
    return {place: net_receipts(receipts[place], sent_back[place]) for place in receipts}


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
        moved_at=now,
    )
