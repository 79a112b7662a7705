"""A list of `core.lists` on a page: facets, totals, columns, selection with bulk actions, views, exports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.channels import get_network
from ..core.kernel.access import Actor
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import DomainError, InvalidError, UnauthenticatedError, msg
from ..core.kernel.listing import Listing
from ..core.lists import LISTS, MAX_DOWNLOAD, Asked, ListColumn, parse_query
from ..core.workbench import ViewRow, delete_view, list_views, save_view, start_job
from ..i18n import gettext, translate_error
from ..i18n.presentation import money, number
from . import listed_view as view
from .jobs import JobWatch
from .table import MAX_VALUE, SHOWING, Table


def list_columns(name: str) -> tuple[ListColumn, ...]:
    """The columns of a list, for its page."""
    return LISTS[name].columns


@dataclass(frozen=True, slots=True)
class BulkAction:
    """What can be done with selected rows: a verb of core that takes the row's key as `argument`."""

    label: str
    permission: str
    verb: Callable[..., Any]
    argument: str = "number"


@dataclass(frozen=True, slots=True)
class Opened:
    """What the page of a list needs, read in one session."""

    listing: Listing[Any]
    views: list[ViewRow]
    currency: str
    permissions: frozenset[str]


def _open(session: Session, actor: Actor, *, name: str, asked: Asked, now: datetime) -> Opened:
    listing = LISTS[name].read(session, actor, asked, now)
    views = list_views(session, actor, page=name)
    return Opened(listing, views, get_network(session).currency, actor.permissions)


class Listed(Table, JobWatch, mixin=True):
    """A list of the table `LISTS`: a subclass names it in `_list` and makes rows of strings in `_row`."""

    facets: list[view.FacetBox] = []
    chips: list[dict[str, str]] = []
    selected: list[str] = []
    is_all_selected: bool = False
    bulk_actions: list[dict[str, str]] = []
    results: list[dict[str, str]] = []
    results_title: str = ""
    views: list[dict[str, str]] = []
    view_name: str = ""
    csv_href: str = ""
    xlsx_href: str = ""
    is_large: bool = False
    _list: str = ""
    _shown: tuple[list[tuple[str, str]], list[tuple[str, str]]] = ([], [])

    def _row(self, row: Any, language: str, zone: str) -> dict[str, str]:
        """A row as the page shows it; `key` names it for bulk actions."""
        raise NotImplementedError

    def _total(self, column: ListColumn, value: int, currency: str, language: str) -> str:
        """A sum as the page shows it."""
        return money(value, currency, language, sign=False) if column.is_amount else number(value, language)

    def _actions(self) -> Mapping[str, BulkAction]:
        """What can be done with selected rows."""
        return {}

    async def _refine(self, asked: Asked) -> Asked:
        """What the list takes beside its query, where the page knows it in another way."""
        return asked

    async def _fetch(
        self, *, offset: int, limit: int, query: dict[str, str]
    ) -> tuple[list[dict[str, str]], int]:
        del query  # names stand in the URL more than once here
        asked = await self._refine(parse_query(LISTS[self._list], self._pairs(), offset=offset, limit=limit))
        language, zone = await self._language(), await self._zone()
        turned = self._is_only_turned(str(language))
        found = await self._open_list(asked, with_facets=not turned)
        if turned and found.listing.total != self.total:  # something changed meanwhile
            turned, found = False, await self._open_list(asked, with_facets=True)
        self.unit = found.currency
        rows = [self._row(row, language, zone) for row in found.listing.rows]
        boxes = self.facets
        if not turned:
            boxes = [
                view.facet_box(name, self._list, values, asked.query.facets.get(name, ()), language)
                for name, values in found.listing.facets.items()
                if name in LISTS[self._list].facets
            ]
            self.facets = boxes
        self._show(found, asked, language)
        self.chips = view.chips(boxes, self._list, asked, language)
        self._keep_selection({row.get("key", "") for row in rows})
        return rows, found.listing.total

    async def _open_list(self, asked: Asked, *, with_facets: bool) -> Opened:
        asked = replace(asked, query=replace(asked.query, with_facets=with_facets))
        return await self._read(_open, name=self._list, asked=asked, now=utc_now())

    def _is_only_turned(self, language: str) -> bool:
        """Whether the same rows are asked for as before, from another place or in another order."""
        pairs = self._pairs()
        choosing = [("", language), *((name, value) for name, value in pairs if name not in SHOWING)]
        before, self._shown = self._shown, (pairs, choosing)
        has_rows = self.is_loaded and not self.failure and not self.is_forbidden
        return has_rows and before[1] == choosing and before[0] != pairs

    def _show(self, found: Opened, asked: Asked, language: str) -> None:
        page = LISTS[self._list]
        self.totals = {
            column.key: self._total(column, found.listing.totals[column.total], found.currency, language)
            for column in page.columns
            if column.total in found.listing.totals
        }
        self.hidden = sorted(asked.hidden & {column.key for column in page.columns})
        self.bulk_actions = [
            {"verb": verb, "label": gettext(action.label, language)}
            for verb, action in self._actions().items()
            if action.permission in found.permissions
        ]
        mine = self._view_query()
        self.views = [view.saved_view(row, self.router.url.path, mine) for row in found.views]
        self.view_name = next((row.name for row in found.views if row.query == mine), "")
        query = [*self._export_query(asked), ("lang", str(language))]
        self.csv_href = routes.export(self._list, "csv", urlencode(query))
        self.xlsx_href = routes.export(self._list, "xlsx", urlencode(query))
        self.is_large = found.listing.total > MAX_DOWNLOAD

    def _keep_selection(self, keys: set[str]) -> None:
        kept = [key for key in self.selected if key in keys]
        self.selected = kept
        self.is_all_selected = bool(kept) and len(kept) == len(keys)

    def _view_query(self) -> str:
        return urlencode([(name, value) for name, value in self._pairs() if name != "page"])

    def _export_query(self, asked: Asked) -> list[tuple[str, str]]:
        query = asked.query
        single = [("search", query.search), ("sort", query.sort), *asked.extras.items()]
        chosen = [(name, value) for name, values in query.facets.items() for value in values]
        return (
            [(name, value) for name, value in single if value]
            + chosen
            + [("hide", key) for key in sorted(asked.hidden)]
        )

    # --- filters and columns ------------------------------------------------------------------------

    @rx.event
    async def toggle_facet(self, name: str, value: str) -> Any:
        """Add a value to a filter, or take it away."""
        name, value = name[:40], value[:MAX_VALUE]
        values = [one for key, one in self._pairs() if key == name]
        turned = [one for one in values if one != value] if value in values else [*values, value]
        return await self._go(**{name: turned}, page="")

    @rx.event
    async def toggle_column(self, key: str) -> Any:
        """Hide a column, or show it again."""
        hidden = [one for name, one in self._pairs() if name == "hide"]
        turned = [one for one in hidden if one != key] if key in hidden else [*hidden, key[:40]]
        return await self._go(replace=True, hide=turned)

    # --- selected rows ------------------------------------------------------------------------------

    @rx.event
    async def select_row(self, key: str) -> None:
        """Select a row of this page, or leave it."""
        await self._ask_in()
        keys = {row.get("key", "") for row in self.rows}
        turned = (
            [one for one in self.selected if one != key] if key in self.selected else [*self.selected, key]
        )
        self.selected = turned
        self._keep_selection(keys)

    @rx.event
    async def select_page(self) -> None:
        """Select all rows of this page, or none."""
        await self._ask_in()
        keys = [row.get("key", "") for row in self.rows]
        self.selected = [] if self.is_all_selected else keys
        self._keep_selection(set(keys))

    @rx.event
    async def act_on_selected(self, verb: str) -> Any:
        """Do one thing to each selected row, each for itself: what is refused stops no other."""
        await self._ask_in()
        action = await self._checked(self._find_action, verb)
        language = await self._language()
        results = []
        for key in list(self.selected):
            try:
                await self._write(action.verb, **{action.argument: key})
            except UnauthenticatedError:
                raise
            except DomainError as error:
                results.append(view.result(key, translate_error(error, language), "bad"))
            else:
                results.append(view.result(key, gettext(msg("done"), language), "good"))
        refused = [one["key"] for one in results if one["tone"] == "bad"]
        self.results = sorted(results, key=lambda one: one["tone"])
        self.results_title = gettext(
            msg("{action}: {done} done, {refused} refused"),
            language,
            action=gettext(action.label, language),
            done=len(results) - len(refused),
            refused=len(refused),
        )
        self.selected = refused
        return type(self).load

    def _find_action(self, verb: str) -> BulkAction:
        if verb not in self._actions():
            raise InvalidError(field="action", reason=verb[:40])
        return self._actions()[verb]

    @rx.event
    async def close_results(self) -> None:
        """Put the results of a bulk action away."""
        await self._ask_in()
        self.results = []
        self.results_title = ""

    # --- saved views --------------------------------------------------------------------------------

    @rx.event
    async def save_view(self, values: dict[str, Any]) -> Any:
        """Keep what the page shows under a name, for oneself or for the colleagues."""
        await self._write(
            save_view,
            page=self._list,
            name=str(values.get("name", "")),
            query=self._view_query(),
            is_shared=bool(values.get("is_shared")),
        )
        return [type(self).load, await self._say(msg("The view was saved."))]

    @rx.event
    async def delete_view(self, name: str) -> Any:
        """Forget one's own view."""
        await self._write(delete_view, page=self._list, name=name)
        return [type(self).load, await self._say(msg("The view was deleted."))]

    # --- files --------------------------------------------------------------------------------------

    @rx.event
    async def start_export(self, form: str) -> Any:
        """Write a file of very many rows in a job, and follow it here."""
        asked = await self._refine(parse_query(LISTS[self._list], self._pairs()))
        arguments = {
            "list": self._list,
            "query": urlencode(self._export_query(asked)),
            "format": form[:10],
            "language": str(await self._language()),
        }
        await self._watch(await self._write(_start, arguments=arguments))


def _start(session: Session, actor: Actor, *, arguments: dict[str, str], now: datetime) -> str:
    actor.require(LISTS[arguments["list"]].permission)
    return start_job(session, actor, kind="export", arguments=arguments, now=now).number
