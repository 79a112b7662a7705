"""Reads of stock, through the actor's scope; two decisions for the floors above look further."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func
from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import Partner
from ..kernel.access import unscoped
from ..kernel.db import get_by, row_id
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from .balances import read_receipts
from .models import Balance, Location, Movement, MovementKind
from .rules import Layer, age_bucket, age_layers, derive_layers


@dataclass(frozen=True, slots=True)
class LocationRow:
    """A place with its owner."""

    code: str
    name: str
    name_en: str
    kind: str
    partner_code: str
    partner_name: str
    partner_name_en: str
    priority: int


@dataclass(frozen=True, slots=True)
class StockRow:
    """What lies of a SKU at a location."""

    partner_code: str
    partner_name: str
    partner_name_en: str
    location_code: str
    location_name: str
    location_name_en: str
    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    on_hand_qty: int
    reserved_qty: int

    @property
    def available_qty(self) -> int:
        """On hand less reserved."""
        return self.on_hand_qty - self.reserved_qty


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One change of a balance."""

    moved_at: datetime
    kind: str
    on_hand_delta: int
    reserved_delta: int
    cause: str
    origin_on: date | None
    unit_cost_micros: int | None


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A quantity on hand by origin day and net unit cost (millionths), with its age in days."""

    origin_on: date | None
    unit_cost_micros: int | None
    qty: int
    age_days: int | None
    bucket: str | None


@dataclass(frozen=True, slots=True)
class LayersView:
    """What is on hand by layer (newest first) and by ageing bucket."""

    on_hand_qty: int
    layers: tuple[LayerRow, ...]
    ageing: dict[str, int]


def list_locations(session: Session, *, partner_code: str | None = None) -> list[LocationRow]:
    """The places the actor sees, by owner, priority and code."""
    statement = select(Location, Partner).join(Partner, col(Partner.id) == col(Location.partner_id))
    if partner_code:
        statement = statement.where(Partner.code == partner_code)
    statement = statement.order_by(col(Partner.code), col(Location.priority), col(Location.code))
    return [
        LocationRow(
            code=location.code,
            name=location.name,
            name_en=location.name_en,
            kind=location.kind,
            partner_code=partner.code,
            partner_name=partner.name,
            partner_name_en=partner.name_en,
            priority=location.priority,
        )
        for location, partner in session.exec(statement)
    ]


def list_stock(session: Session, *, query: ListQuery = FIRST_PAGE) -> Listing[StockRow]:
    """Balances by partner, place and SKU. A search looks into all three.

    Sorts: place, partner, sku, on_hand, reserved, available. Facets: partner, location, sku, state. Totals:
    on_hand_qty, reserved_qty, available_qty.
    """
    found = run(session, STOCK, query)
    rows = [
        StockRow(
            partner_code=partner.code,
            partner_name=partner.name,
            partner_name_en=partner.name_en,
            location_code=location.code,
            location_name=location.name,
            location_name_en=location.name_en,
            sku_code=sku.code,
            sku_name=sku.name,
            sku_name_en=sku.name_en,
            unit=sku.unit,
            on_hand_qty=balance.on_hand_qty,
            reserved_qty=balance.reserved_qty,
        )
        for balance, location, partner, sku in found.rows
    ]
    return found.showing(rows)


def _with_names(statement: Select[Any]) -> Select[Any]:
    return (
        statement.join(Location, col(Location.id) == col(Balance.location_id))
        .join(Partner, col(Partner.id) == col(Balance.partner_id))
        .join(Sku, col(Sku.id) == col(Balance.sku_id))
    )


_ON_HAND, _RESERVED = col(Balance.on_hand_qty), col(Balance.reserved_qty)
STOCK = ListSpec(
    entity=Balance,
    columns=(Location, Partner, Sku),
    join=_with_names,
    key=(col(Balance.location_id), col(Balance.sku_id)),
    sorts={
        "place": (col(Partner.code), col(Location.priority), col(Location.code), col(Sku.code)),
        "partner": (col(Partner.code),),
        "sku": (col(Sku.code),),
        "on_hand": (_ON_HAND,),
        "reserved": (_RESERVED,),
        "available": (_ON_HAND - _RESERVED,),
    },
    default_sort="place",
    codes=(col(Sku.code), col(Partner.code), col(Location.code)),
    names=tuple(col(column) for model in (Sku, Partner, Location) for column in (model.name, model.name_en)),
    initials=(col(Sku.initials), col(Partner.initials)),
    facets={
        "partner": Facet(col(Partner.code), col(Partner.name), col(Partner.name_en)),
        "location": Facet(col(Location.code), col(Location.name), col(Location.name_en)),
        "sku": Facet(col(Sku.code), is_counted=False),
        "state": Choices(
            {"available": _ON_HAND > _RESERVED, "reserved": _RESERVED > 0, "empty": _ON_HAND == _RESERVED}
        ),
    },
    totals={"on_hand_qty": _ON_HAND, "reserved_qty": _RESERVED, "available_qty": _ON_HAND - _RESERVED},
)


def list_movements(
    session: Session, *, location_code: str, sku_code: str, query: ListQuery = FIRST_PAGE
) -> Listing[MovementRow]:
    """The changes of one balance, newest first. Facet: kind. Raises `NotFoundError`."""
    sku_id, location_id = _place(session, location_code, sku_code)
    mine = [col(Movement.location_id) == location_id, col(Movement.sku_id) == sku_id]
    found = run(session, MOVEMENTS, query, mine)
    rows = [
        MovementRow(
            moved_at=row.moved_at,
            kind=row.kind,
            on_hand_delta=row.on_hand_delta,
            reserved_delta=row.reserved_delta,
            cause=row.cause,
            origin_on=row.origin_on,
            unit_cost_micros=row.unit_cost_micros,
        )
        for row in found.rows
    ]
    return found.showing(rows)


MOVEMENTS = ListSpec(
    entity=Movement,
    key=(col(Movement.id),),
    sorts={"recorded": (col(Movement.id),), "moved_at": (col(Movement.moved_at),)},
    default_sort="-recorded",
    codes=(col(Movement.cause),),
    facets={"kind": Facet(col(Movement.kind), allowed=frozenset(MovementKind))},
    totals={"on_hand_qty": col(Movement.on_hand_delta), "reserved_qty": col(Movement.reserved_delta)},
)


def get_layers(
    session: Session, *, location_code: str, sku_code: str, day: date, until: datetime | None = None
) -> LayersView:
    """The layers of one balance as it stands, or as it stood at the instant `until`; aged on `day`.

    Raises `NotFoundError`.
    """
    place = _place(session, location_code, sku_code)
    movements = select(func.coalesce(func.sum(Movement.on_hand_delta), 0)).where(
        Movement.sku_id == place[0], Movement.location_id == place[1]
    )
    if until is not None:
        movements = movements.where(col(Movement.moved_at) <= until)
    on_hand = int(session.exec(movements).one())
    layers = derive_layers(on_hand, read_receipts(session, [place], until=until)[place])
    return LayersView(on_hand, tuple(_layer_row(layer, day) for layer in layers), age_layers(layers, day))


def location_ids_of(session: Session, *, partner_id: int) -> list[int]:
    """A partner's places in the order they ship, for a decision of a floor above; no rows leave."""
    with unscoped(session, "a seller's places are chosen for its buyer"):
        rows = session.exec(
            select(Location.id)
            .where(Location.partner_id == partner_id)
            .order_by(col(Location.priority), col(Location.id))
        ).all()
    return [location_id for location_id in rows if location_id is not None]


def available_of(session: Session, *, partner_id: int, sku_ids: Collection[int]) -> dict[int, int]:
    """What a partner could promise per SKU id over all its places; only the number is handed out."""
    with unscoped(session, "a buyer learns how much its seller can promise"):
        rows = session.exec(
            select(Balance.sku_id, func.sum(col(Balance.on_hand_qty) - col(Balance.reserved_qty)))
            .where(Balance.partner_id == partner_id, col(Balance.sku_id).in_(sorted(sku_ids)))
            .group_by(col(Balance.sku_id))
        ).all()
    return dict.fromkeys(sku_ids, 0) | {sku_id: int(qty) for sku_id, qty in rows}


def _place(session: Session, location_code: str, sku_code: str) -> tuple[int, int]:
    location = get_by(session, Location, "location", code=location_code)
    return row_id(get_by(session, Sku, "SKU", code=sku_code)), row_id(location)


def _layer_row(layer: Layer, day: date) -> LayerRow:
    age = None if layer.origin_on is None else (day - layer.origin_on).days
    bucket = None if age is None else age_bucket(age)
    return LayerRow(layer.origin_on, layer.unit_cost_micros, layer.qty, age, bucket)
