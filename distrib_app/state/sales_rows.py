"""The rows behind a figure of the cockpit."""

from datetime import date

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.analytics import RowsQuery, SalesRows, View, available_views, list_sales_rows
from ..core.channels import get_network
from ..core.kernel.access import Actor
from ..core.kernel.errors import msg
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, in_language, micros, number, own_name
from ..lake import get_lake
from .cockpit import parse_period
from .table import Table

STEPS = {"sell_in": msg("sell-in"), "sell_through": msg("sell-through"), "sell_out": msg("sell-out")}
SHOWN = {
    "period": msg("Period"),
    "region": msg("Region"),
    "category": msg("Category"),
    "partner": msg("Partner"),
    "side": msg("Side"),
}


def _rows(session: Session, actor: Actor, *, query: dict[str, str], offset: int, limit: int) -> SalesRows:
    latest: date | None = get_lake().refresh().last_day
    views = available_views(actor, get_network(session))
    asked = query.get("view", "")
    return list_sales_rows(
        session,
        actor,
        query=RowsQuery(
            period=parse_period(query.get("period", ""), latest),
            region_code=query.get("region", ""),
            category_code=query.get("category", ""),
            partner_code=query.get("partner", ""),
            view=View(asked) if asked in views else views[0],
            is_purchases=query.get("side") == "purchases",
        ),
        offset=offset,
        limit=limit,
    )


class SalesRowsState(Table, rx.State):
    """Journal legs with the sums over all of them."""

    sums: dict[str, str] = {}
    filters: list[str] = []

    async def _fetch(
        self, *, offset: int, limit: int, query: dict[str, str]
    ) -> tuple[list[dict[str, str]], int]:
        found = await self._read(_rows, query=query, offset=offset, limit=limit)
        language = await self._language()
        currency = found.currency
        self.sums = {
            "sales": micros(found.sales, currency, language),
            "returns": micros(found.returns, currency, language),
            "net": micros(found.sales + found.returns, currency, language),
            "rows": number(found.total, language),
        }
        self.filters = [
            f"{gettext(text, language)}: {query[key]}" for key, text in SHOWN.items() if query.get(key)
        ]
        rows = [
            {
                "day": row.booked_on.isoformat(),
                "step": gettext(STEPS[row.step], language),
                "document": row.document,
                "document_href": routes.order(row.document) if row.order_id and row.qty > 0 else "",
                "seller": own_name(row.seller, language),
                "buyer": own_name(row.buyer, language),
                "sku": row.sku_code,
                "name": in_language(row.sku_name, row.sku_name_en, language),
                "qty": number(row.qty, language),
                "amount": micros(row.amount, currency, language) if row.amount else NO_VALUE,
            }
            for row in found.rows
        ]
        return rows, found.total
