"""The catalogue: the list of SKUs, and one SKU with its prices."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import plotly.graph_objects as go
import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.accounts import party_names
from ..core.catalog import Sku, SkuRow, list_categories, list_skus
from ..core.channels import get_network
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import business_day, parse_day, utc_now
from ..core.kernel.db import get_by
from ..core.kernel.errors import InvalidError, NotFoundError, msg
from ..core.pricing import (
    BuyerScope,
    Channel,
    PriceKind,
    PriceListRow,
    add_price,
    holding_rows,
    list_price_rows,
    price_changes,
)
from ..figures.prices import price_steps
from ..gate import allowed
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, in_language, own_name, price
from .base import Gate
from .table import Table

BUYERS = {
    "all": msg("all buyers"),
    "tier": msg("tier"),
    "region": msg("region"),
    "tier_in_region": msg("tier in region"),
    "partner": msg("partner"),
}
KINDS = {"base": msg("base price"), "promotion": msg("promotion price"), "special": msg("special price")}
PRICE_ROWS = 200


class Catalogue(Table, rx.State):
    """SKUs; search and category live in the URL."""

    category: str = ""
    category_options: list[dict[str, str]] = []

    async def _fetch(
        self, *, offset: int, limit: int, query: dict[str, str]
    ) -> tuple[list[dict[str, str]], int]:
        language = await self._language()
        categories = await self._read(allowed(Permission.CATALOG_READ, list_categories))
        page = await self._read(
            allowed(Permission.CATALOG_READ, list_skus),
            search=query.get("search", ""),
            category_code=query.get("category") or None,
            offset=offset,
            limit=limit,
        )
        self.category = query.get("category", "")
        self.category_options = [
            {"value": row.code, "text": own_name(row, language)} for row in categories if row.sku_count
        ]
        return [_sku_row(row, language) for row in page.rows], page.total


def _sku_row(row: SkuRow, language: str) -> dict[str, str]:
    is_open = row.is_orderable
    return {
        "code": row.code,
        "code_href": routes.sku(row.code),
        "name": own_name(row, language),
        "category": in_language(row.category_name, row.category_name_en, language),
        "kind": gettext(msg("goods") if row.kind == "goods" else msg("service"), language),
        "tax": f"{row.tax_ppm // 10_000}%",
        "backorder": gettext(msg("yes") if row.is_backorder_allowed else msg("no"), language),
        "status": gettext(msg("orderable") if is_open else msg("not orderable"), language),
        "status_tone": "good" if is_open else "neutral",
    }


def _price_book(session: Session, actor: Actor, *, code: str) -> tuple[SkuRow, list[PriceListRow], str, date]:
    actor.require(Permission.CATALOG_READ)
    get_by(session, Sku, "sku", code=code)
    sku = next(row for row in list_skus(session, search=code, limit=50).rows if row.code == code)
    network = get_network(session)
    rows = []
    if actor.can(Permission.PRICES_READ):
        rows = list(list_price_rows(session, sku_code=code, limit=PRICE_ROWS).rows)
    codes = party_names(session, [network.brand_id, *actor.partner_ids])
    mine = [codes[key].code for key in (actor.partner_ids or (network.brand_id,))]
    return sku, rows, mine[0], business_day(utc_now(), network.zone)


class SkuRecord(Gate, rx.State):
    """One SKU: facts, price book rows the reader may see, and a new price."""

    is_loaded: bool = False
    is_missing: bool = False
    facts: dict[str, str] = {}
    prices: list[dict[str, str]] = []
    history: go.Figure = go.Figure()
    has_history: bool = False
    is_form_open: bool = False
    today: str = ""
    _code: str = ""
    _seller: str = ""

    @rx.event
    async def load(self) -> None:
        """Read the SKU the URL names."""
        self._code = str(self.router.url.path.rstrip("/").rpartition("/")[2])[:60]
        await self._reload()

    async def _reload(self) -> None:
        try:
            sku, rows, seller, today = await self._read(_price_book, code=self._code)
        except NotFoundError:
            self.is_missing = True
            self.is_loaded = True
            return
        language = await self._language()
        self.facts = _sku_row(sku, language) | {
            "product": sku.product_name,
            "unit": sku.unit,
            "barcode": sku.barcode or NO_VALUE,
            "multiple": str(sku.order_multiple_qty),
        }
        zone = await self._zone()
        holding = holding_rows(rows, today)
        self.prices = [
            _price_row(row, language, zone) | _standing(row, language, today, is_holding=row.id in holding)
            for row in rows
        ]
        base = [
            row
            for row in rows
            if (row.kind, row.buyer_scope, row.channel) == (PriceKind.BASE, BuyerScope.ALL, Channel.OFFLINE)
            and row.seller.code == seller
        ]
        self.has_history = bool(base)
        self.history = price_steps(price_changes(base), until=today)
        self.today = today.isoformat()
        self._seller = seller
        self.is_form_open = False
        self.is_missing = False
        self.is_loaded = True

    @rx.event
    async def toggle_form(self) -> None:
        """Open or close the form for a new price."""
        await self._ask_in()
        self.is_form_open = not self.is_form_open

    @rx.event
    async def add_price(self, values: dict[str, Any]) -> Any:
        """A new row of the own price book; the form stays as it is when refused."""
        form = {key: str(value).strip() for key, value in values.items()}
        facts = await self._checked(_price_facts, form)
        await self._write(add_price, seller_code=self._seller, sku_code=self._code, **facts)
        await self._reload()
        return await self._say(msg("Saved."))


def _price_facts(form: dict[str, str]) -> dict[str, Any]:
    scope = form.get("buyer_scope", "all")
    return {
        "unit_price": _decimal(form.get("unit_price", "")),
        "valid_from": parse_day(form.get("valid_from", ""), "valid_from"),
        "valid_to": parse_day(form["valid_to"], "valid_to") if form.get("valid_to") else None,
        "kind": form.get("kind", "base"),
        "buyer_scope": scope,
        "buyer_code": form.get("scope_code") if scope == "partner" else None,
        "tier_code": form.get("scope_code") if scope == "tier" else None,
        "region_code": form.get("scope_code") if scope == "region" else None,
        "reason": form.get("reason", ""),
    }


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise InvalidError(field=msg("Price with tax"), reason=msg("is not an amount")) from error


def _price_row(row: PriceListRow, language: str, zone: str) -> dict[str, str]:
    buyers = [own_name(row.buyer, language) if row.buyer else "", row.tier_code, row.region_code]
    return {
        "seller": own_name(row.seller, language),
        "kind": gettext(KINDS[row.kind], language),
        "buyers": " ".join([gettext(BUYERS[row.buyer_scope], language), *filter(None, buyers)]),
        "price": price(row.unit_price, row.currency, language),
        "valid": f"{day(row.valid_from)} → {day(row.valid_to)}",
        "recorded": day(business_day(row.recorded_at, zone)),
        "reason": row.reason or NO_VALUE,
    }


def _standing(row: PriceListRow, language: str, today: date, *, is_holding: bool) -> dict[str, str]:
    is_now = row.valid_from <= today and (row.valid_to is None or today < row.valid_to)
    text = msg("not today")
    if is_now:
        text = msg("holds today") if is_holding else msg("replaced")
    return {"status": gettext(text, language), "status_tone": "good" if is_holding else "neutral"}
