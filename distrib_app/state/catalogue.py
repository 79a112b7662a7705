"""The catalogue: the list of SKUs, and one SKU with its prices."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import plotly.graph_objects as go
import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.accounts import party_names
from ..core.catalog import Sku, SkuRow, list_skus
from ..core.channels import get_network
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import business_day, parse_day, utc_now
from ..core.kernel.db import get_by
from ..core.kernel.errors import ForbiddenError, InvalidError, NotFoundError, msg
from ..core.kernel.lifecycle import ActionRow
from ..core.kernel.listing import ListQuery
from ..core.lists.frame import percent
from ..core.lists.words import BUYER_SCOPES, PRICE_KINDS
from ..core.pricing import (
    BuyerScope,
    Channel,
    PriceKind,
    PriceListRow,
    add_price,
    holding_rows,
    list_price_rows,
    price_changes,
    sku_actions,
)
from ..figures.prices import price_steps
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, in_language, own_name, price
from . import record_view
from .listed import Listed
from .record import Record

PRICE_ROWS = 200


class Catalogue(Listed, rx.State):
    """SKUs."""

    _list: str = "catalogue"

    def _row(self, row: SkuRow, language: str, zone: str) -> dict[str, str]:
        del zone
        return _sku_row(row, language) | {"tax": format(percent(row.tax_ppm).normalize(), "f")}


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


def _price_book(
    session: Session, actor: Actor, *, code: str
) -> tuple[SkuRow, list[PriceListRow], str, date, tuple[ActionRow, ...]]:
    actor.require(Permission.CATALOG_READ)
    get_by(session, Sku, "sku", code=code)
    sku = next(row for row in list_skus(session, query=ListQuery(code, limit=50)).rows if row.code == code)
    network = get_network(session)
    rows = []
    if actor.can(Permission.PRICES_READ):
        rows = list(list_price_rows(session, query=ListQuery(facets={"sku": (code,)}, limit=PRICE_ROWS)).rows)
    codes = party_names(session, [network.brand_id, *actor.partner_ids])
    mine = [codes[key].code for key in (actor.partner_ids or (network.brand_id,))]
    return sku, rows, mine[0], business_day(utc_now(), network.zone), sku_actions(actor)


class SkuRecord(Record, rx.State):
    """One SKU: facts, price book rows the reader may see, and a new price."""

    prices: list[dict[str, str]] = []
    history: go.Figure = go.Figure()
    has_history: bool = False
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
            sku, rows, seller, today, actions = await self._read(_price_book, code=self._code)
        except (NotFoundError, ForbiddenError):
            self._miss()
            return
        await self._follow("sku", sku.code)
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
        self.actions = record_view.actions(actions, language)
        self.is_missing = False
        self.is_loaded = True

    @rx.event
    async def act(self, verb: str) -> None:
        """Open or close the form an action needs."""
        await self._ask_in()
        self.form = "" if self.form == verb else verb[:20]

    @rx.event
    async def add_price(self, values: dict[str, Any]) -> Any:
        """A new row of the own price book; the form stays as it is when refused."""
        form = {key: str(value).strip() for key, value in values.items()}
        facts = await self._checked(_price_facts, form)
        await self._write(add_price, seller_code=self._seller, sku_code=self._code, **facts)
        await self._reload()
        self.form = ""
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
        "kind": gettext(PRICE_KINDS[row.kind], language),
        "buyers": " ".join([gettext(BUYER_SCOPES[row.buyer_scope], language), *filter(None, buyers)]),
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
