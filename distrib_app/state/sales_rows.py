"""The rows behind a figure of the cockpit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.analytics import SalesRow
from ..core.kernel.access import Actor
from ..core.kernel.errors import msg
from ..core.kernel.money import micros_to_minor
from ..core.lists import Asked, ListColumn
from ..core.lists.words import FLOW_STEPS
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, in_language, micros, money, number, own_name
from ..lake import get_lake
from .cockpit import parse_period
from .listed import Listed, Opened

SHOWN = {
    "period": msg("Period"),
    "region": msg("Region"),
    "category": msg("Category"),
    "partner": msg("Partner"),
    "side": msg("Side"),
}


def _latest(_session: Session, _actor: Actor) -> date | None:
    return get_lake().refresh().last_day


class SalesRowsState(Listed, rx.State):
    """Journal legs with the sums over all of them; the cockpit's period and filters come by the URL."""

    sums: dict[str, str] = {}
    filters: list[str] = []
    _list: str = "sales-rows"

    async def _refine(self, asked: Asked) -> Asked:
        """The cockpit names a period in one word; the list takes two days."""
        if "from" in asked.extras:
            return asked
        word = asked.extras.get("period", "")
        period = parse_period(word, await self._read(_latest))
        days: Mapping[str, str] = (
            {} if period is None else {"from": period.start.isoformat(), "to": period.last.isoformat()}
        )
        kept = {name: value for name, value in asked.extras.items() if name != "period"}
        return replace(asked, extras=kept | days)

    def _show(self, found: Opened, asked: Asked, language: str) -> None:
        Listed._show(self, found, asked, language)
        sums = found.listing.totals
        self.sums = {
            name: micros(sums[name], found.currency, language) for name in ("sales", "returns", "net")
        } | {"rows": number(found.listing.total, language)}
        said = dict(self._pairs())
        self.filters = [
            f"{gettext(text, language)}: {said[key]}" for key, text in SHOWN.items() if said.get(key)
        ]

    def _total(self, column: ListColumn, value: int, currency: str, language: str) -> str:
        if column.is_amount:
            return money(micros_to_minor(value, currency), currency, language, sign=False)
        return number(value, language)

    def _row(self, row: SalesRow, language: str, zone: str) -> dict[str, str]:
        del zone
        amount = money(micros_to_minor(row.amount, self.unit), self.unit, language, sign=False)
        return {
            "key": f"{row.document}:{row.line_no}",
            "day": row.booked_on.isoformat(),
            "step": gettext(FLOW_STEPS[row.step], language),
            "document": row.document,
            "document_href": routes.order(row.document) if row.order_id and row.qty > 0 else "",
            "seller": own_name(row.seller, language),
            "buyer": own_name(row.buyer, language),
            "sku": row.sku_code,
            "name": in_language(row.sku_name, row.sku_name_en, language),
            "qty": number(row.qty, language),
            "amount": amount if row.amount else NO_VALUE,
        }
