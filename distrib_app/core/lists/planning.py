"""Lists of planning: suggestions and water lines."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from ..inventory import QuotaRow, list_quotas, list_suggestions, list_water_lines
from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.listing import Listing
from ..workbench.export import Cell
from .frame import Asked, FacetWords, ListColumn, ListPage, Reader
from .parties import today
from .words import LINE_SOURCES, LINE_STATES, QUOTA_STATES, SUGGESTION_KINDS, SUGGESTION_STATES, URGENCY


def _read_suggestions(session: Session, actor: Actor, asked: Asked, _now: datetime) -> Listing[Any]:
    actor.require(Permission.STOCK_READ)
    return list_suggestions(session, query=asked.query)


def _read_water_lines(session: Session, actor: Actor, asked: Asked, _now: datetime) -> Listing[Any]:
    actor.require(Permission.STOCK_READ)
    return list_water_lines(session, query=asked.query)


def _read_quotas(session: Session, actor: Actor, asked: Asked, now: datetime) -> Listing[Any]:
    actor.require(Permission.STOCK_READ)
    return list_quotas(session, today=today(session, now), query=asked.query)


def buyers_of(row: QuotaRow, to: Reader) -> str:
    """Whom a quota is for: one buyer, a tier, or everybody."""
    if row.buyer is not None:
        return to.party(row.buyer)
    return to.name(row.tier_name, row.tier_name_en) if row.tier_code else to.say(msg("everybody"))


def _number(key: str, title: str, column: str, sort: str = "", total: str = "") -> ListColumn:
    def cell(row: Any, _to: Reader) -> Cell:
        return int(getattr(row, column))

    return ListColumn(key, title, cell, sort, is_number=True, total=total)


_PLACE = ListColumn(
    "place", msg("Place"), lambda row, to: to.name(row.location_name, row.location_name_en), "place"
)
_PARTNER = ListColumn(
    "partner", msg("Partner"), lambda row, to: to.name(row.partner_name, row.partner_name_en), "partner"
)
_SKU = ListColumn("sku", msg("SKU"), lambda row, to: row.sku_code, "sku")
_NAME = ListColumn("name", msg("Name"), lambda row, to: to.name(row.sku_name, row.sku_name_en))
_OWNERS = {
    "partner": FacetWords(msg("Partner")),
    "location": FacetWords(msg("Place")),
    "sku": FacetWords(msg("SKU")),
}

SUGGESTIONS = ListPage(
    title=msg("Replenishment"),
    permission=Permission.STOCK_READ,
    read=_read_suggestions,
    columns=(
        ListColumn("kind", msg("Suggestion"), lambda row, to: to.say(SUGGESTION_KINDS[row.kind])),
        ListColumn(
            "urgency",
            msg("Urgency"),
            lambda row, to: to.say(URGENCY["urgent" if row.is_urgent else "normal"]),
            "urgency",
        ),
        _SKU,
        _NAME,
        _PLACE,
        _number("qty", msg("Quantity"), "qty", "qty", total="qty"),
        _number("position", msg("Position"), "position_qty"),
        ListColumn(
            "lines",
            msg("Safety / warning / maximum"),
            lambda row, to: f"{row.safety_qty} / {row.warning_qty} / {row.max_qty}",
            is_number=True,
        ),
        ListColumn("from", msg("From"), lambda row, to: to.name(row.from_name, row.from_name_en)),
        ListColumn("expires", msg("Expires"), lambda row, to: row.expires_on, "expires_on"),
        ListColumn("status", msg("Status"), lambda row, to: to.say(SUGGESTION_STATES[row.status])),
        ListColumn("number", msg("Number"), lambda row, to: row.number, "number"),
    ),
    facets={
        "kind": FacetWords(msg("Suggestion"), SUGGESTION_KINDS),
        "urgency": FacetWords(msg("Urgency"), URGENCY),
        "status": FacetWords(msg("Status"), SUGGESTION_STATES),
        "from": FacetWords(msg("From")),
        **_OWNERS,
    },
)
WATER_LINES = ListPage(
    title=msg("Water lines"),
    permission=Permission.STOCK_READ,
    read=_read_water_lines,
    columns=(
        _PARTNER,
        _PLACE,
        _SKU,
        _NAME,
        _number("available", msg("Available"), "available_qty", "available"),
        _number("safety", msg("Safety line"), "safety_qty", "safety"),
        _number("warning", msg("Warning line"), "warning_qty", "warning"),
        _number("maximum", msg("Maximum line"), "max_qty", "maximum"),
        ListColumn(
            "daily",
            msg("Demand a day"),
            lambda row, to: None if row.daily_milli is None else Decimal(row.daily_milli).scaleb(-3),
            is_number=True,
        ),
        ListColumn("source", msg("Set"), lambda row, to: to.say(LINE_SOURCES[row.source])),
        ListColumn("set_at", msg("Since"), lambda row, to: to.local(row.set_at), "set_at"),
    ),
    facets={
        "state": FacetWords(msg("Stock"), LINE_STATES),
        "source": FacetWords(msg("Set"), LINE_SOURCES),
        **_OWNERS,
    },
)
QUOTAS = ListPage(
    title=msg("Quotas"),
    permission=Permission.STOCK_READ,
    read=_read_quotas,
    columns=(
        _SKU,
        _NAME,
        ListColumn("seller", msg("Seller"), lambda row, to: to.party(row.seller)),
        ListColumn("buyers", msg("Buyers"), buyers_of),
        ListColumn("first_on", msg("From day"), lambda row, to: row.first_on, "period"),
        ListColumn("last_on", msg("To day"), lambda row, to: row.last_on),
        _number("qty", msg("Quota"), "qty", total="qty"),
        _number("used", msg("Used"), "used_qty", total="used_qty"),
        _number("left", msg("Left"), "left_qty", "left"),
    ),
    facets={
        "state": FacetWords(msg("State"), QUOTA_STATES),
        "sku": FacetWords(msg("SKU")),
        "buyer": FacetWords(msg("Buyer")),
    },
)
