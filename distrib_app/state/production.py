"""The planning board: what is to be made, by state, and the steps of one request."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import reflex as rx
from sqlmodel import Session, col, select

from .. import routes
from ..core.channels import get_network
from ..core.inventory import Location
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import business_day, parse_day, utc_now
from ..core.kernel.errors import ForbiddenError, msg
from ..core.kernel.listing import ListQuery
from ..core.lists.words import PRODUCTION_STATES
from ..core.orders import (
    MadeGoods,
    ProductionRow,
    ProductionStatus,
    WeekLoad,
    cancel_production,
    finish_production,
    list_production,
    plan_production,
    start_production,
    week_loads,
)
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, in_language, number, price
from .base import Gate
from .stock import optional_day, unit_cost

COLUMNS: tuple[ProductionStatus, ...] = (
    ProductionStatus.OPEN,
    ProductionStatus.PLANNED,
    ProductionStatus.IN_PRODUCTION,
    ProductionStatus.FINISHED,
)
COLUMN_WORDS: dict[str, str] = {status.value: PRODUCTION_STATES[status] for status in COLUMNS}
PER_COLUMN = 40


class Production(Gate, rx.State):
    """Requests by state; the chosen one is planned, started, finished or given up."""

    is_loaded: bool = False
    is_forbidden: bool = False
    cards: list[dict[str, str]] = []
    counts: dict[str, str] = {}
    weeks: list[dict[str, str]] = []
    places: list[dict[str, str]] = []
    chosen: dict[str, str] = {}
    lines: list[dict[str, str]] = []
    _lines: dict[str, list[dict[str, str]]] = {}

    @rx.event
    async def load(self) -> None:
        """The board as it stands now."""
        await self._reload()

    async def _reload(self) -> None:
        try:
            found, weeks, places, currency = await self._read(_board, now=utc_now())
        except ForbiddenError:
            self.is_forbidden, self.is_loaded = True, True
            return
        language = await self._language()
        self.cards = [_card(row, language) for row in found]
        self._lines = {row.number: _lines(row, language, currency) for row in found}
        self.counts = {
            status.value: number(sum(row.status == status for row in found), language) for status in COLUMNS
        }
        self.weeks = [_week(week, language) for week in weeks]
        self.places = [
            {"value": place.code, "text": in_language(place.name, place.name_en, language)}
            for place in places
        ]
        chosen = self.chosen.get("number", "")
        self.chosen = next((card for card in self.cards if card["number"] == chosen), {})
        self.lines = self._lines.get(chosen, [])
        self.is_forbidden, self.is_loaded = False, True

    @rx.event
    async def choose(self, number_of_request: str) -> None:
        """Open a request beside the board, or put it away."""
        await self._ask_in()
        is_open = self.chosen.get("number") == number_of_request
        found = [card for card in self.cards if card["number"] == number_of_request and not is_open]
        self.chosen = found[0] if found else {}
        self.lines = self._lines.get(number_of_request, []) if found else []

    @rx.event
    async def plan(self, values: dict[str, Any]) -> Any:
        """Promise the chosen request for a day and a place."""
        promised_on = await self._checked(parse_day, str(values.get("promised_on", "")), msg("Ready on"))
        await self._write(
            plan_production,
            number=self.chosen.get("number", ""),
            promised_on=promised_on,
            location_code=str(values.get("location", ""))[:40],
            unit_costs=await self._checked(planned_costs, form_of(values)),
            version=int(self.chosen.get("version", "0")),
        )
        return await self._done()

    @rx.event
    async def finish(self, values: dict[str, Any]) -> Any:
        """Book what the chosen request made, as the form names it; the form stays when refused."""
        await self._write(
            finish_production,
            number=self.chosen.get("number", ""),
            made=await self._checked(made_goods, form_of(values)),
            version=int(self.chosen.get("version", "0")),
        )
        return await self._done()

    @rx.event
    async def act(self, verb: str) -> Any:
        """Start or give up the chosen request."""
        await self._write(
            cancel_production if verb == "cancel" else start_production,
            number=self.chosen.get("number", ""),
            version=int(self.chosen.get("version", "0")),
        )
        return await self._done()

    async def _done(self) -> Any:
        await self._reload()
        return await self._say(msg("Saved."))


def _board(
    session: Session, actor: Actor, *, now: datetime
) -> tuple[list[ProductionRow], tuple[WeekLoad, ...], list[Location], str]:
    """Each column's first requests, the load of the next weeks, places for goods, and the costs' currency."""
    actor.require(Permission.ORDERS_READ)
    network = get_network(session)
    today = business_day(now, network.zone)
    rows: list[ProductionRow] = []
    for status in COLUMNS:
        sort = "-number" if status == ProductionStatus.FINISHED else "due"
        query = ListQuery(sort=sort, facets={"status": (status,)}, limit=PER_COLUMN, with_totals=False)
        rows += list_production(session, today=today, query=query).rows
    places = session.exec(
        select(Location)
        .where(col(Location.partner_id).in_(actor.partner_ids))
        .order_by(col(Location.priority), col(Location.code))
    ).all()
    return rows, week_loads(session, today=today), list(places), network.currency


def _card(row: ProductionRow, language: str) -> dict[str, str]:
    allowed = {f"can_{action.verb}": "yes" for action in row.actions if action.is_allowed}
    return {
        "number": row.number,
        "status": row.status,
        "state": gettext(PRODUCTION_STATES[row.status], language),
        "order": row.order_number,
        "order_href": routes.order(row.order_number) if row.order_number else "",
        "part": row.part_number,
        "urgent": gettext(msg("urgent"), language) if row.is_urgent else "",
        "late": gettext(msg("late"), language) if row.is_late else "",
        "goods": " · ".join(f"{line.sku_code} × {number(line.qty, language)}" for line in row.lines),
        "qty": number(row.qty, language),
        "wanted": day(row.wanted_on) if row.wanted_on else NO_VALUE,
        "promised": day(row.promised_on) if row.promised_on else NO_VALUE,
        "place": row.location_code or NO_VALUE,
        "version": str(row.version),
        "can_plan": "",
        "can_start": "",
        "can_finish": "",
        "can_cancel": "",
        **allowed,
    }


def form_of(values: dict[str, Any]) -> dict[str, str]:
    """A form as it was sent: plain text, without blanks around it."""
    return {key: str(value).strip()[:60] for key, value in values.items()}


def planned_costs(form: dict[str, str]) -> dict[str, Decimal]:
    """The costs that were filled in, by SKU code, out of the fields `cost-SKU`. Raises `InvalidError`."""
    return {
        key.removeprefix("cost-"): unit_cost(value)
        for key, value in form.items()
        if key.startswith("cost-") and value
    }


def made_goods(form: dict[str, str]) -> list[MadeGoods]:
    """How each SKU came out, out of `cost-SKU`, `lot-SKU` and `expires-SKU`. Raises `InvalidError`."""
    costs = planned_costs(form)
    codes = dict.fromkeys(key.partition("-")[2] for key in form if key.startswith(("cost-", "lot-")))
    return [
        MadeGoods(
            code,
            costs.get(code),
            form.get(f"lot-{code}", ""),
            optional_day(form.get(f"expires-{code}", "")),
        )
        for code in codes
    ]


def _lines(row: ProductionRow, language: str, currency: str) -> list[dict[str, str]]:
    """The goods of a request with their costs; `typed` is the planned one as a field takes it."""
    return [
        {
            "sku": line.sku_code,
            "name": in_language(line.sku_name, line.sku_name_en, language),
            "qty": number(line.qty, language),
            "planned": price(line.planned_cost, currency, language),
            "cost": price(line.unit_cost, currency, language),
            "typed": "" if line.planned_cost is None else f"{line.planned_cost.normalize():f}",
            "has_lots": "yes" if line.is_lot_tracked else "",
        }
        for line in row.lines
    ]


def _week(week: WeekLoad, language: str) -> dict[str, str]:
    return {"week": day(week.monday), "qty": number(week.qty, language)}
