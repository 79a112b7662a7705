"""The list kit of states: search, page and filters live in the URL; one query fills the rows."""

from typing import Any
from urllib.parse import urlencode

import reflex as rx

from ..i18n import Locale
from ..i18n.presentation import number
from .base import Gate

PAGE_SIZE = 25


class Table(Gate, mixin=True):
    """A paged list. A subclass overrides `_fetch(offset, limit, query)` and gives rows of strings."""

    rows: list[dict[str, str]] = []
    total: int = 0
    total_text: str = ""
    page: int = 1
    first: int = 0
    last: int = 0
    search: str = ""
    search_key: int = 0
    is_filtered: bool = False
    is_loaded: bool = False
    _typed: str = ""

    async def _fetch(
        self, *, offset: int, limit: int, query: dict[str, str]
    ) -> tuple[list[dict[str, str]], int]:
        raise NotImplementedError

    @rx.event
    async def load(self) -> None:
        """Read the URL and fetch that page of rows."""
        query = dict(self.router.url.query_parameters)
        asked = query.get("page", "1")
        page = max(1, int(asked)) if asked.isdigit() and len(asked) < 7 else 1
        rows, total = await self._fetch(offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE, query=query)
        locale = await self.get_state(Locale)
        self.rows = rows
        self.total = total
        self.total_text = number(total, locale.lang)
        self.page = page
        self.first = (page - 1) * PAGE_SIZE + 1
        self.last = (page - 1) * PAGE_SIZE + len(rows)
        self.search = query.get("search", "")
        self.is_filtered = any(value for name, value in query.items() if name != "page")
        if self.search != self._typed:  # not typed here (a link, Back): the box starts anew with this word
            self._typed = self.search
            self.search_key += 1
        self.is_loaded = True

    @rx.event
    async def search_for(self, text: str) -> Any:
        """Put the search word into the URL."""
        self._typed = text.strip()[:80]
        return await self._go(replace=True, search=self._typed, page="")

    @rx.event
    async def previous_page(self) -> Any:
        """One page back."""
        return await self._go(page=str(max(1, self.page - 1)))

    @rx.event
    async def next_page(self) -> Any:
        """One page on."""
        return await self._go(page=str(self.page + 1))

    @rx.event
    async def filter_by(self, name: str, value: str) -> Any:
        """Set a filter in the URL; an empty value removes it."""
        return await self._go(**{name[:20]: value[:80]}, page="")

    async def _go(self, *, replace: bool = False, **changes: str) -> Any:
        await self._ask_in()
        query = dict(self.router.url.query_parameters) | changes
        kept = {key: value for key, value in query.items() if value}
        return rx.redirect(self.router.url.path + (f"?{urlencode(kept)}" if kept else ""), replace=replace)
