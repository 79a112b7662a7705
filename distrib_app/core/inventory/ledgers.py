"""Reads of one balance, through the actor's scope: its movements with the running balance, its layers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func
from sqlmodel import Session, col, select

from ..catalog import Sku
from ..kernel.db import get_by, row_id
from ..kernel.listing import FIRST_PAGE, Facet, Listing, ListQuery, ListSpec, run
from .balances import Place, read_receipts
from .fefo import LotStock
from .lot_models import Lot
from .lots import read_lots
from .models import Location, Movement, MovementKind
from .rules import Layer, age_bucket, age_layers, derive_layers


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One change of a balance; `balance_qty` is what was on hand after it."""

    moved_at: datetime
    kind: str
    on_hand_delta: int
    reserved_delta: int
    cause: str
    origin_on: date | None
    unit_cost_micros: int | None
    lot_code: str
    balance_qty: int


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A quantity on hand by origin day and net unit cost (millionths), with its age in days and its lot."""

    origin_on: date | None
    unit_cost_micros: int | None
    qty: int
    age_days: int | None
    bucket: str | None
    lot_code: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class LayersView:
    """What is on hand by layer (newest first) and by ageing bucket."""

    on_hand_qty: int
    layers: tuple[LayerRow, ...]
    ageing: dict[str, int]


def list_movements(
    session: Session, *, location_code: str = "", sku_code: str = "", query: ListQuery = FIRST_PAGE
) -> Listing[MovementRow]:
    """The changes of one balance, of a place, of a SKU, or of all within scope; newest first.

    Facets: kind, lot. Raises `NotFoundError`.
    """
    mine = []
    if location_code:
        location = get_by(session, Location, "location", code=location_code)
        mine.append(col(Movement.location_id) == row_id(location))
    if sku_code:
        mine.append(col(Movement.sku_id) == row_id(get_by(session, Sku, "SKU", code=sku_code)))
    found = run(session, MOVEMENTS, query, mine)
    balances = _running(session, [row for row, _ in found.rows])
    rows = [
        MovementRow(
            moved_at=row.moved_at,
            kind=row.kind,
            on_hand_delta=row.on_hand_delta,
            reserved_delta=row.reserved_delta,
            cause=row.cause,
            origin_on=row.origin_on,
            unit_cost_micros=row.unit_cost_micros,
            lot_code=lot.code if lot else "",
            balance_qty=balances[row_id(row)],
        )
        for row, lot in found.rows
    ]
    return found.showing(rows)


def _with_lot(statement: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
    return statement.outerjoin(Lot, col(Lot.id) == col(Movement.lot_id))


MOVEMENTS = ListSpec(
    entity=Movement,
    columns=(Lot,),
    join=_with_lot,
    key=(col(Movement.id),),
    sorts={"recorded": (col(Movement.id),), "moved_at": (col(Movement.moved_at),)},
    default_sort="-recorded",
    codes=(col(Movement.cause),),
    facets={
        "kind": Facet(col(Movement.kind), allowed=frozenset(MovementKind)),
        "lot": Facet(col(Lot.code)),
    },
    totals={"on_hand_qty": col(Movement.on_hand_delta), "reserved_qty": col(Movement.reserved_delta)},
)


def _running(session: Session, movements: Sequence[Movement]) -> dict[int, int]:
    """What was on hand after each of these movements, in booking order, whatever the list leaves out."""
    if not movements:
        return {}
    place = (col(Movement.location_id), col(Movement.sku_id))
    balance = func.sum(Movement.on_hand_delta).over(partition_by=place, order_by=col(Movement.id))
    running = (
        select(col(Movement.id).label("id"), balance.label("balance"))
        .where(
            place[0].in_({row.location_id for row in movements}),
            place[1].in_({row.sku_id for row in movements}),
        )
        .subquery()
    )
    ids = [row_id(row) for row in movements]
    rows = session.execute(select(running.c.id, running.c.balance).where(running.c.id.in_(ids))).all()
    return {movement_id: int(after) for movement_id, after in rows}


def get_layers(
    session: Session, *, location_code: str, sku_code: str, day: date, until: datetime | None = None
) -> LayersView:
    """The layers of one balance as it stands, or as it stood at the instant `until`; aged on `day`.

    Raises `NotFoundError`.
    """
    place = find_place(session, location_code, sku_code)
    on_hand = on_hand_at(session, place, until=until)
    receipts = read_receipts(session, [place], until=until)
    lots = read_lots(session, receipts, until=until).get(place, [])
    layers = lying(on_hand, receipts[place], lots)
    return show_layers(on_hand, layers, lots, day)


def lying(on_hand: int, receipts: Sequence[Layer], lots: Sequence[LotStock]) -> list[Layer]:
    """The layers on hand, newest first: lot by lot where there are lots."""
    if not lots:
        return derive_layers(on_hand, receipts)
    layers = [layer for lot in lots for layer in lot.layers]
    return sorted(layers, key=lambda layer: layer.origin_on or date.min, reverse=True)


def show_layers(on_hand: int, layers: Sequence[Layer], lots: Sequence[LotStock], day: date) -> LayersView:
    """Layers as rows, aged on `day`, each with its lot."""
    by_id = {lot.lot_id: lot for lot in lots}
    rows = []
    for layer in layers:
        age = None if layer.origin_on is None else (day - layer.origin_on).days
        bucket = None if age is None else age_bucket(age)
        lot = by_id.get(layer.lot_id) if layer.lot_id else None
        rows.append(
            LayerRow(
                origin_on=layer.origin_on,
                unit_cost_micros=layer.unit_cost_micros,
                qty=layer.qty,
                age_days=age,
                bucket=bucket,
                lot_code=lot.code if lot else "",
                expires_on=lot.expires_on if lot else None,
            )
        )
    return LayersView(on_hand, tuple(rows), age_layers(layers, day))


def on_hand_at(session: Session, place: Place, *, until: datetime | None = None) -> int:
    """What lay at a place at an instant: the sum of its movements up to it."""
    movements = select(func.coalesce(func.sum(Movement.on_hand_delta), 0)).where(
        Movement.sku_id == place[0], Movement.location_id == place[1]
    )
    if until is not None:
        movements = movements.where(col(Movement.moved_at) <= until)
    return int(session.exec(movements).one())


def find_place(session: Session, location_code: str, sku_code: str) -> Place:
    """A place of a SKU within scope. Raises `NotFoundError`."""
    location = get_by(session, Location, "location", code=location_code)
    return row_id(get_by(session, Sku, "SKU", code=sku_code)), row_id(location)
