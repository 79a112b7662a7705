"""Lists of master data and stock."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from ..catalog import list_skus
from ..channels import list_partners
from ..inventory import list_stock
from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.listing import Listing
from .frame import Asked, FacetWords, ListColumn, ListPage, percent
from .words import NETWORK_VIEWS, PARTNER_STATES, SKU_KINDS, SKU_STATES, STOCK_STATES


def _read_partners(session: Session, actor: Actor, asked: Asked, _now: datetime) -> Listing[Any]:
    actor.require(Permission.PARTNERS_READ)
    return list_partners(session, query=asked.query, parent_code=asked.extras.get("parent", ""))


def _read_skus(session: Session, actor: Actor, asked: Asked, _now: datetime) -> Listing[Any]:
    actor.require(Permission.CATALOG_READ)
    return list_skus(session, query=asked.query)


def _read_stock(session: Session, actor: Actor, asked: Asked, now: datetime) -> Listing[Any]:
    actor.require(Permission.STOCK_READ)
    return list_stock(session, query=asked.query, now=now)


PARTNERS = ListPage(
    title=msg("Partners"),
    permission=Permission.PARTNERS_READ,
    read=_read_partners,
    columns=(
        ListColumn("code", msg("Code"), lambda row, to: row.code, "code"),
        ListColumn("name", msg("Name"), lambda row, to: to.party(row), "name"),
        ListColumn("tier", msg("Tier"), lambda row, to: to.name(row.tier_name, row.tier_name_en), "tier"),
        ListColumn("parent", msg("Parent"), lambda row, to: to.name(row.parent_name, row.parent_name_en)),
        ListColumn(
            "region",
            msg("Region"),
            lambda row, to: to.name(row.region_name, row.region_name_en),
            "region",
        ),
        ListColumn("status", msg("Status"), lambda row, to: to.say(PARTNER_STATES[row.status])),
    ),
    facets={
        "tier": FacetWords(msg("Tier")),
        "status": FacetWords(msg("Status"), PARTNER_STATES),
        "region": FacetWords(msg("Region")),
    },
    extras=("parent",),
)
CATALOGUE = ListPage(
    title=msg("Catalogue"),
    permission=Permission.CATALOG_READ,
    read=_read_skus,
    columns=(
        ListColumn("code", msg("SKU"), lambda row, to: row.code, "code"),
        ListColumn("name", msg("Name"), lambda row, to: to.party(row), "name"),
        ListColumn(
            "category",
            msg("Category"),
            lambda row, to: to.name(row.category_name, row.category_name_en),
            "category",
        ),
        ListColumn("kind", msg("Kind"), lambda row, to: to.say(SKU_KINDS[row.kind])),
        ListColumn("tax", msg("Tax (%)"), lambda row, to: percent(row.tax_ppm), "tax", is_number=True),
        ListColumn(
            "backorder",
            msg("Backorder"),
            lambda row, to: to.say(msg("yes") if row.is_backorder_allowed else msg("no")),
        ),
        ListColumn(
            "status",
            msg("Status"),
            lambda row, to: to.say(SKU_STATES["orderable" if row.is_orderable else "closed"]),
        ),
    ),
    facets={
        "category": FacetWords(msg("Category")),
        "kind": FacetWords(msg("Kind"), SKU_KINDS),
        "state": FacetWords(msg("Status"), SKU_STATES),
    },
)
STOCK = ListPage(
    title=msg("Stock"),
    permission=Permission.STOCK_READ,
    read=_read_stock,
    columns=(
        ListColumn(
            "partner",
            msg("Partner"),
            lambda row, to: to.name(row.partner_name, row.partner_name_en),
            "partner",
        ),
        ListColumn(
            "location_name",
            msg("Place"),
            lambda row, to: to.name(row.location_name, row.location_name_en),
            "place",
        ),
        ListColumn("sku", msg("SKU"), lambda row, to: row.sku_code, "sku"),
        ListColumn("name", msg("Name"), lambda row, to: to.name(row.sku_name, row.sku_name_en)),
        ListColumn(
            "on_hand",
            msg("On hand"),
            lambda row, to: row.on_hand_qty,
            "on_hand",
            True,
            total="on_hand_qty",
        ),
        ListColumn(
            "reserved",
            msg("Reserved"),
            lambda row, to: row.reserved_qty,
            "reserved",
            True,
            total="reserved_qty",
        ),
        ListColumn(
            "available",
            msg("Available"),
            lambda row, to: row.available_qty,
            "available",
            True,
            total="available_qty",
        ),
    ),
    facets={
        "partner": FacetWords(msg("Partner")),
        "location": FacetWords(msg("Place")),
        "state": FacetWords(msg("Stock"), STOCK_STATES),
        "sku": FacetWords(msg("SKU")),
        "category": FacetWords(msg("Category")),
        "region": FacetWords(msg("Region")),
        "tier": FacetWords(msg("Tier")),
        "view": FacetWords(msg("Whose stock"), NETWORK_VIEWS),
    },
)
