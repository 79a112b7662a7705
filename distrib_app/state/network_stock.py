"""Stock of the network: by SKU, by place, or as a heat table."""

from dataclasses import replace
from datetime import date
from typing import Any, TypedDict
from urllib.parse import urlencode

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.channels import get_network
from ..core.inventory import (
    AGE_BUCKETS,
    Cover,
    HeatCell,
    HeatTable,
    NetworkRow,
    NetworkView,
    available_views,
    explain_network,
    get_heat,
)
from ..core.kernel.access import Permission
from ..core.kernel.clock import business_day, utc_now
from ..core.kernel.explain import Why
from ..core.lists import Asked
from ..core.lists.stock import weeks
from ..core.lists.words import COVERS, NETWORK_VIEWS
from ..gate import allowed
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, in_language, number, own_name
from .listed import Listed
from .steps import Explained

TONES = {
    Cover.OUT: "bad",
    Cover.SHORT: "warn",
    Cover.FINE: "good",
    Cover.HIGH: "neutral",
    Cover.MUCH: "accent",
    Cover.IDLE: "accent",
    Cover.NONE: "neutral",
}
SHADES = 5
MOST_WEEKS = 99  # longer is no other number to anybody
# what stays in the URL when another view is chosen
KEPT = frozenset({"view", "by", "measure", "columns"})


class Cell(TypedDict):
    """A cell of the heat table; the first of a line names it."""

    text: str
    title: str
    href: str
    tone: str
    is_head: bool


def _views(session: Session) -> tuple[list[NetworkView], date, str]:
    network = get_network(session)
    return available_views(session), business_day(utc_now(), network.zone), network.zone


class NetworkStock(Listed, Explained, rx.State):
    """Stock of the brand, of partners or of stores; what is chosen lives in the URL."""

    view: str = ""
    by: str = "sku"
    measure: str = "cover"
    columns: str = "region"
    inside: str = ""
    view_options: list[dict[str, str]] = []
    heads: list[dict[str, str]] = []
    lines: list[list[Cell]] = []
    _list: str = "network-stock"

    async def _fetch(
        self, *, offset: int, limit: int, query: dict[str, str]
    ) -> tuple[list[dict[str, str]], int]:
        views, day, zone = await self._read(allowed(Permission.STOCK_READ, _views))
        self._put_why_away()
        language = await self._language()
        self.view_options = [
            {"value": view, "text": gettext(NETWORK_VIEWS[view], language)} for view in views
        ]
        usual = views[0] if views else NetworkView.BRAND
        wanted = query.get("view", "")
        self.view = wanted if wanted in set(NetworkView) else usual
        self.by = query.get("by", "") if query.get("by", "") in {"place", "heat"} else "sku"
        self.measure = "qty" if query.get("measure") == "qty" else "cover"
        self.columns = "tier" if query.get("columns") == "tier" else "region"
        self.inside = query.get("inside", "")[:40]
        if self.by != "heat":
            return await Listed._fetch(self, offset=offset, limit=limit, query=query)
        heat = await self._read(
            allowed(Permission.STOCK_READ, get_heat),
            view=self.view,
            columns=self.columns,
            category_code=self.inside,
            day=day,
            zone=zone,
        )
        self._lay_out(heat, language)
        return [], 0

    async def _find_why(self, key: str) -> Why:
        name, _, code = key.partition(":")
        _, day, zone = await self._read(allowed(Permission.STOCK_READ, _views))
        return await self._read(
            allowed(Permission.STOCK_READ, explain_network),
            view=self.view,
            by=self.by,
            code=code,
            key=name,
            day=day,
            zone=zone,
        )

    async def _refine(self, asked: Asked) -> Asked:
        """The view that is usual for the reader, where the URL names none."""
        return replace(asked, extras=dict(asked.extras) | {"view": self.view, "by": self.by})

    def _row(self, row: NetworkRow, language: str, zone: str) -> dict[str, str]:
        del zone
        chosen = {"sku": row.code} if self.by == "sku" else {"location": row.code}
        ages = {
            f"age{place}": number(row.ageing[label], language) if row.ageing[label] else NO_VALUE
            for place, (label, _) in enumerate(AGE_BUCKETS)
        }
        return ages | {
            "code": row.code,
            "code_href": _stock_list({"view": self.view} | chosen),
            "name": own_name(row, language),
            "group": in_language(row.group_name, row.group_name_en, language),
            "count": number(row.count, language),
            "on_hand": number(row.on_hand_qty, language),
            "on_hand_href": _stock_list({"view": self.view} | chosen),
            "issued": number(row.issued_qty, language),
            "cover": _weeks(row.cover_tenths),
            "state": gettext(COVERS[row.cover], language),
            "state_tone": TONES[row.cover],
        }

    def _lay_out(self, heat: HeatTable, language: str) -> None:
        """Provinces or tiers down, categories or SKUs across."""
        self.heads = [
            {
                "name": row.code if self.inside else own_name(row, language),
                "title": own_name(row, language),
                "code": row.code,
            }
            for row in heat.rows
        ]
        most = max((cell.on_hand_qty for cell in heat.cells.values()), default=0)
        lines = []
        for column in heat.columns:
            name = own_name(column, language)
            line = [Cell(text=name, title=name, href="", tone="", is_head=True)]
            for row in heat.rows:
                cell = heat.cells.get((row.code, column.code), HeatCell(0, 0))
                where = {"view": self.view, self.columns: column.code}
                where |= {"sku": row.code} if self.inside else {"category": row.code}
                line.append(self._cell(cell, f"{name} · {own_name(row, language)}", where, most, language))
            lines.append(line)
        self.lines = lines

    def _cell(self, cell: HeatCell, name: str, where: dict[str, str], most: int, language: str) -> Cell:
        word = gettext(COVERS[cell.cover], language)
        quantity, lasts = number(cell.on_hand_qty, language), _weeks(cell.cover_tenths)
        if self.measure == "qty":
            text = quantity if cell.on_hand_qty else NO_VALUE
            tone = f"shade-{-(-cell.on_hand_qty * SHADES // most)}" if cell.on_hand_qty else "shade-0"
        else:
            text = lasts if cell.cover_tenths is not None and cell.on_hand_qty else word
            tone = f"cover-{cell.cover}"
        return Cell(
            text=text,
            title=f"{name}: {quantity} · {lasts} · {word}",
            href=_stock_list(where) if cell.on_hand_qty else "",
            tone=tone,
            is_head=False,
        )

    @rx.event
    async def choose(self, name: str, value: str) -> Any:
        """Another view, another way to look; filters and page begin anew."""
        await self._ask_in()
        kept = {
            key: one
            for key, one in dict(self._pairs()).items()
            if key in {"view", "by", "measure", "columns"}
        }
        inside = {"inside": value[:40]} if name == "inside" else {}
        chosen = {} if name == "inside" else {name[:20]: value[:40]}
        return rx.redirect(f"{self.router.url.path}?{urlencode(kept | chosen | inside)}")


def _stock_list(where: dict[str, str]) -> str:
    """The list of balances behind a number."""
    return f"{routes.STOCK}?{urlencode(where)}"


def _weeks(tenths: int | None) -> str:
    if tenths is None:
        return NO_VALUE
    return f"{MOST_WEEKS}+" if tenths > MOST_WEEKS * 10 else str(weeks(tenths))
