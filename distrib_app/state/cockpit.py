"""The cockpit: reads the URL, asks core, turns figures into cards, tiles, bars and a trend."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

import plotly.graph_objects as go
import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.analytics import Cockpit, CockpitQuery, View, get_cockpit
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import Period, add_months, parse_day
from ..core.kernel.errors import InvalidError
from ..lake import get_lake
from . import cockpit_areas as areas
from . import cockpit_view as view
from .base import Gate

LEAGUE_ROWS = 100


def parse_period(text: str, latest: date | None) -> Period | None:
    """A period as the URL says it: `all`, `12m`, `2026`, `2026-10`, `2026-10-01..2026-10-15`.

    Nothing means the latest month with data.
    """
    if text == "all":
        return None
    if ".." in text:
        first, _, last = text.partition("..")
        return Period.inclusive(parse_day(first, "period"), parse_day(last, "period"))
    if text == "12m" and latest:
        end = add_months(latest.replace(day=1), 1)
        return Period(add_months(end, -12), end)
    if len(text) == 4 and text.isdigit():
        return Period(parse_day(f"{text}-01-01"), add_months(parse_day(f"{text}-01-01"), 12))
    if text:
        return Period.month(parse_day(f"{text}-01", "period"))
    return Period.month(latest) if latest else None


def _ask(
    session: Session, actor: Actor, *, query: dict[str, str]
) -> tuple[Cockpit, date | None, date | None]:
    store = get_lake()
    version = store.refresh()
    asked = CockpitQuery(
        period=parse_period(query.get("period", ""), version.last_day),
        region_code=query.get("region", ""),
        category_code=query.get("category", ""),
        view=query.get("view", ""),
        is_cross=True,
        league_rows=LEAGUE_ROWS,
    )
    return get_cockpit(session, actor, store=store, query=asked), version.first_day, version.last_day


def _version(_session: Session, actor: Actor) -> int:
    actor.require(Permission.COCKPIT_READ)
    return get_lake().refresh().seq


def _check_filter(name: str) -> None:
    if name not in {"period", "region", "category", "view"}:
        raise InvalidError(field="filter", reason=name[:20])


class CockpitState(Gate, rx.State):
    """What the cockpit shows; filters live in the URL."""

    is_loaded: bool = False
    is_partner_view: bool = False
    is_restricted: bool = False
    views: list[dict[str, str]] = []
    as_of: str = ""
    period: str = ""
    period_options: list[dict[str, str]] = []
    region: str = ""
    region_name: str = ""
    category: str = ""
    category_name: str = ""
    cards: list[dict[str, str]] = []
    tiles: list[dict[str, str]] = []
    area_total: str = ""
    ranking: list[dict[str, str]] = []
    categories: list[dict[str, str]] = []
    league: list[dict[str, str]] = []
    league_count: str = ""
    months: list[dict[str, str]] = []
    trend: go.Figure = go.Figure()
    is_trend_table: bool = False
    rows_href: str = ""
    money_unit: str = ""
    _version: int = -1

    @rx.event
    async def load(self) -> None:
        """Answer the question the URL asks."""
        query = dict(self.router.url.query_parameters)
        language = await self._language()
        cockpit, first, last = await self._read(_ask, query=query)
        self._show(cockpit, query, language, await self._zone(), (first, last))

    def _show(
        self,
        cockpit: Cockpit,
        query: dict[str, str],
        language: str,
        zone: str,
        days: tuple[date | None, date | None],
    ) -> None:
        self.is_partner_view = cockpit.view is View.PARTNER
        self.is_restricted = cockpit.is_restricted
        self.views = view.view_options(cockpit, language)
        self.as_of = view.as_of(cockpit, zone)
        self.period = query.get("period", "") or (
            f"{cockpit.period.start:%Y-%m}" if not cockpit.is_all_time else "all"
        )
        self.period_options = view.period_options(days, language)
        self.region = query.get("region", "")
        self.region_name = view.name_of(cockpit.areas, self.region, language)
        self.category = query.get("category", "")
        self.category_name = view.name_of(cockpit.categories, self.category, language)
        self.cards = view.cards(cockpit, language, self._rows_query(query))
        self.money_unit = areas.money_unit(cockpit.areas, language) or cockpit.currency
        self.tiles = areas.tiles(cockpit, self.region, language)
        self.area_total = areas.area_total(cockpit, language)
        self.ranking = areas.ranking(cockpit, self.region, language)
        self.categories = view.categories(cockpit, self.category, language)
        self.league = view.league(cockpit, language, self._rows_query(query))
        self.league_count = str(len(cockpit.league))
        self.months = view.months(cockpit, language)
        self.trend = view.trend(cockpit, language)
        self.rows_href = f"{routes.SALES_ROWS}?{urlencode(self._rows_query(query))}"
        self._version = cockpit.version
        self.is_loaded = True

    def _rows_query(self, query: dict[str, str]) -> dict[str, str]:
        kept = {key: query[key] for key in ("region", "category", "view") if query.get(key)}
        return {"period": self.period} | kept

    @rx.event
    async def poll(self, _now: str) -> Any:
        """Load again when something new has reached the lake."""
        if await self._read(_version) != self._version:
            return CockpitState.load
        return None

    @rx.event
    async def choose(self, name: str, value: str) -> Any:
        """Put a filter into the URL; the chosen value once more takes it away."""
        await self._checked(_check_filter, name)
        query = dict(self.router.url.query_parameters)
        if query.get(name) == value and name != "period":
            value = ""
        if name == "view":
            query.pop("region", None)
            query.pop("category", None)
        if self.is_restricted and value and name in {"region", "category"}:
            query.pop("category" if name == "region" else "region", None)
        kept = {key: item for key, item in (query | {name: value[:60]}).items() if item}
        return rx.redirect(routes.COCKPIT + (f"?{urlencode(kept)}" if kept else ""))

    @rx.event
    async def choose_month(self, points: list[dict[str, Any]]) -> Any:
        """A click on the trend chooses that month."""
        await self._ask_in()
        month = str(points[0].get("x", "")) if points else ""
        return CockpitState.choose("period", month[:7])

    @rx.event
    async def toggle_trend_table(self) -> None:
        """Show the trend as a table, or as a chart again."""
        await self._ask_in()
        self.is_trend_table = not self.is_trend_table
