"""Reads of stock, through the actor's scope; two decisions for the floors above look further."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_
from sqlmodel import Session, col, select

from ..catalog import Category, Product, Sku
from ..channels import Partner, Region, Tier, get_network
from ..kernel.access import unscoped
from ..kernel.clock import business_day
from ..kernel.db import get_by
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from .lots import unfit_lots
from .models import Balance, Location, Movement
from .network_views import NetworkView, places_of


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
    """What lies of a SKU at a location; available is on hand less reserved, less what may not be shipped."""

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
    available_qty: int


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


def list_stock(
    session: Session, *, query: ListQuery = FIRST_PAGE, now: datetime | None = None
) -> Listing[StockRow]:
    """Balances by partner, place and SKU. A search looks into all three.

    With `now`, lots that may not be shipped any more are left out of what is available. Sorts: place,
    partner, sku, on_hand, reserved, available. Facets: partner, location, sku, state; category, region
    (with those below it), tier and view of places. Totals: on_hand_qty, reserved_qty, available_qty.
    """
    found = run(session, _stock_spec(session, now), query)
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
            available_qty=int(available),
        )
        for balance, location, partner, sku, available in found.rows
    ]
    return found.showing(rows)


def _with_names(statement: Select[Any]) -> Select[Any]:
    return (
        statement.join(Location, col(Location.id) == col(Balance.location_id))
        .join(Partner, col(Partner.id) == col(Balance.partner_id))
        .join(Sku, col(Sku.id) == col(Balance.sku_id))
    )


def _stock_spec(session: Session, now: datetime | None) -> ListSpec:
    """The list, its available quantity less what lies in lots that may not be shipped any more."""
    lot_ids = [] if now is None else unfit_lots(session, business_day(now, get_network(session).zone))
    free = _ON_HAND - _RESERVED
    if not lot_ids:
        return _stock_list(free, _with_names)
    unfit = (
        select(Movement.location_id, Movement.sku_id, func.sum(Movement.on_hand_delta).label("qty"))
        .where(col(Movement.lot_id).in_(lot_ids))
        .group_by(col(Movement.location_id), col(Movement.sku_id))
        .subquery()
    )
    left = free - func.coalesce(unfit.c.qty, 0)

    def with_lots(statement: Select[Any]) -> Select[Any]:
        here = (unfit.c.location_id == Balance.location_id) & (unfit.c.sku_id == Balance.sku_id)
        return _with_names(statement).outerjoin(unfit, here)

    return _stock_list(case((left > 0, left), else_=0), with_lots)


def _in_categories(_session: Session, codes: tuple[str, ...]) -> ColumnElement[bool]:
    inside = (
        select(Sku.id)
        .join(Product, col(Product.id) == col(Sku.product_id))
        .join(Category, col(Category.id) == col(Product.category_id))
        .where(col(Category.code).in_(codes))
    )
    return col(Balance.sku_id).in_(inside)


def _in_regions(session: Session, codes: tuple[str, ...]) -> ColumnElement[bool]:
    paths = [get_by(session, Region, "region", code=code).path for code in codes]
    inside = select(Region.id).where(
        or_(*(col(Region.path).startswith(path, autoescape=True) for path in paths))
    )
    return col(Location.region_id).in_(inside)


def _of_tiers(_session: Session, codes: tuple[str, ...]) -> ColumnElement[bool]:
    return col(Partner.tier_id).in_(select(Tier.id).where(col(Tier.code).in_(codes)))


def _of_views(session: Session, views: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(places_of(session, view) for view in views))


_ON_HAND, _RESERVED = col(Balance.on_hand_qty), col(Balance.reserved_qty)


def _stock_list(available: Any, join: Callable[[Select[Any]], Select[Any]]) -> ListSpec:
    return ListSpec(
        entity=Balance,
        columns=(Location, Partner, Sku, available.label("available")),
        join=join,
        key=(col(Balance.location_id), col(Balance.sku_id)),
        sorts={
            "place": (col(Partner.code), col(Location.priority), col(Location.code), col(Sku.code)),
            "partner": (col(Partner.code),),
            "sku": (col(Sku.code),),
            "on_hand": (_ON_HAND,),
            "reserved": (_RESERVED,),
            "available": (available,),
        },
        default_sort="place",
        codes=(col(Sku.code), col(Partner.code), col(Location.code)),
        names=tuple(
            col(column) for model in (Sku, Partner, Location) for column in (model.name, model.name_en)
        ),
        initials=(col(Sku.initials), col(Partner.initials)),
        facets={
            "partner": Facet(col(Partner.code), col(Partner.name), col(Partner.name_en)),
            "location": Facet(col(Location.code), col(Location.name), col(Location.name_en)),
            "sku": Facet(col(Sku.code), is_counted=False),
            "category": Facet(col(Balance.sku_id), where=_in_categories, is_counted=False),
            "region": Facet(col(Location.region_id), where=_in_regions, is_counted=False),
            "tier": Facet(col(Partner.tier_id), where=_of_tiers, is_counted=False),
            "view": Facet(
                col(Location.kind), allowed=frozenset(NetworkView), where=_of_views, is_counted=False
            ),
            "state": Choices(
                {"available": available > 0, "reserved": _RESERVED > 0, "empty": available == 0}
            ),
        },
        totals={"on_hand_qty": _ON_HAND, "reserved_qty": _RESERVED, "available_qty": available},
    )


def location_ids_of(session: Session, *, partner_id: int) -> list[int]:
    """A partner's places in the order they ship, for a decision of a floor above; no rows leave."""
    with unscoped(session, "a seller's places are chosen for its buyer"):
        rows = session.exec(
            select(Location.id)
            .where(Location.partner_id == partner_id)
            .order_by(col(Location.priority), col(Location.id))
        ).all()
    return [location_id for location_id in rows if location_id is not None]
