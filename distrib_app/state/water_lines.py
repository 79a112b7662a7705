"""Water lines: the list, how each came about, setting one by hand, computing the others."""

from decimal import Decimal
from typing import Any

import reflex as rx
from sqlmodel import Session

from ..core.inventory import (
    LineSource,
    WaterLineRow,
    compute_water_lines,
    explain_stock,
    explain_water_line,
    list_water_lines,
    release_water_lines,
    set_water_lines,
    why_of_line,
)
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import InvalidError, NotFoundError, msg
from ..core.kernel.explain import Why
from ..core.kernel.listing import ListQuery
from ..core.lists.words import LINE_SOURCES
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, in_language, instant, number
from .listed import Listed
from .steps import WhyPanel

FIELDS = {
    "safety_qty": msg("Safety line"),
    "warning_qty": msg("Warning line"),
    "max_qty": msg("Maximum line"),
}


class WaterLines(Listed, WhyPanel, rx.State):
    """The list of water lines; a click opens one to be read or set."""

    chosen: dict[str, str] = {}
    form_key: int = 0

    _list: str = "water-lines"

    def _row(self, row: WaterLineRow, language: str, zone: str) -> dict[str, str]:
        return _line_row(row, language, zone)

    @rx.event
    async def open_line(self, location: str, sku: str, key: str) -> None:
        """Show how a number of a place and SKU came about, with the form to set its lines."""
        await self._open_line(location, sku, key)

    async def _open_line(self, location: str, sku: str, key: str = "maximum") -> None:
        row, why = await self._read(_get, location_code=location, sku_code=sku, key=key)
        language, zone = await self._language(), await self._zone()
        self.chosen = _line_row(row, language, zone) | {
            "version": str(row.version),
            "safety_qty": str(row.safety_qty),
            "warning_qty": str(row.warning_qty),
            "max_qty": str(row.max_qty),
            "is_hand": "yes" if row.source == LineSource.HAND else "",
        }
        await self._show_why(key, why)
        self.form_key += 1

    @rx.event
    async def save(self, values: dict[str, Any]) -> Any:
        """Set the lines by hand; the form stays as it is when refused."""
        form = {key: str(value).strip() for key, value in values.items()}
        lines = await self._checked(_lines, form)
        location, sku = self.chosen.get("location", ""), self.chosen.get("sku", "")
        await self._write(
            set_water_lines,
            location_code=location,
            sku_code=sku,
            version=int(self.chosen.get("version", "0")),
            **lines,
        )
        await self._open_line(location, sku)
        return [type(self).load, await self._say(msg("Saved."))]

    @rx.event
    async def release(self) -> Any:
        """Give lines set by hand back to the computation."""
        location, sku = self.chosen.get("location", ""), self.chosen.get("sku", "")
        await self._write(release_water_lines, location_code=location, sku_code=sku)
        self._put_why_away()
        return [type(self).load, await self._say(msg("The next computation sets these lines."))]

    def _put_why_away(self) -> None:
        super()._put_why_away()
        self.chosen = {}

    @rx.event
    async def compute(self) -> Any:
        """Compute all lines that nobody set by hand."""
        count = await self._write(compute_water_lines)
        said = msg("{computed} lines computed, {kept} kept as set by hand")
        return [type(self).load, await self._say(said, computed=count.computed, kept=count.kept)]


def _get(
    session: Session, actor: Actor, *, location_code: str, sku_code: str, key: str
) -> tuple[WaterLineRow, Why]:
    actor.require(Permission.STOCK_READ)
    query = ListQuery(facets={"location": (location_code,), "sku": (sku_code,)}, limit=1, with_totals=False)
    rows = list_water_lines(session, query=query).rows
    if not rows:
        raise NotFoundError(kind="water line", key=f"{location_code} · {sku_code}")
    if key == "available":  # what the lines are held against: lots that are too old count as well
        now, key = utc_now(), "free"
        return rows[0], explain_stock(
            session, actor, location_code=location_code, sku_code=sku_code, key=key, now=now
        )
    steps = explain_water_line(session, location_code=location_code, sku_code=sku_code)
    why = why_of_line(rows[0], steps, key)
    if why is None:
        raise NotFoundError(kind="number", key=key[:40])
    return rows[0], why


def _lines(form: dict[str, str]) -> dict[str, int]:
    for field, label in FIELDS.items():
        if not form.get(field, "").isdecimal() or len(form[field]) > 9:
            raise InvalidError(field=label, reason=msg("is not a whole number"))
    return {field: int(form[field]) for field in FIELDS}


def _line_row(row: WaterLineRow, language: str, zone: str) -> dict[str, str]:
    return {
        "partner": in_language(row.partner_name, row.partner_name_en, language),
        "place": in_language(row.location_name, row.location_name_en, language),
        "location": row.location_code,
        "sku": row.sku_code,
        "name": in_language(row.sku_name, row.sku_name_en, language),
        "available": number(row.available_qty, language),
        "safety": number(row.safety_qty, language),
        "warning": number(row.warning_qty, language),
        "maximum": number(row.max_qty, language),
        "daily": NO_VALUE if row.daily_milli is None else f"{Decimal(row.daily_milli).scaleb(-3):.2f}",
        "source": gettext(LINE_SOURCES[row.source], language),
        "source_tone": "accent" if row.source == LineSource.HAND else "neutral",
        "set_at": instant(row.set_at, zone),
    }
