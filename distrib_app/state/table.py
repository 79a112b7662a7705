"""The list kit of states: search, sort, page and filters live in the URL; one query fills the rows."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

import reflex as rx

from ..core.kernel.errors import DomainError, ForbiddenError, UnauthenticatedError, msg
from ..i18n import gettext, translate_error
from ..i18n.presentation import number
from .base import Gate

PAGE_SIZE = 25
SIZES = (25, 50, 100)
MAX_VALUE = 100
# names of the URL that choose no rows
SHOWING = frozenset({"page", "size", "sort", "hide", "why"})
NOT_NOW = msg("The list could not be read just now.")


class Table(Gate, mixin=True):
    """A paged list. A subclass overrides `_fetch(offset, limit, query)` and gives rows of strings."""

    rows: list[dict[str, str]] = []
    total: int = 0
    total_text: str = ""
    page: int = 1
    size: int = PAGE_SIZE
    first: int = 0
    last: int = 0
    sort: str = ""
    totals: dict[str, str] = {}
    unit: str = ""
    hidden: list[str] = []
    search: str = ""
    search_key: int = 0
    is_filtered: bool = False
    is_loaded: bool = False
    is_forbidden: bool = False
    failure: str = ""
    _typed: str = ""

    async def _fetch(
        self, *, offset: int, limit: int, query: dict[str, str]
    ) -> tuple[list[dict[str, str]], int]:
        raise NotImplementedError

    def _pairs(self) -> list[tuple[str, str]]:
        """The query of the URL, names as often as they stand there."""
        return [(name, value) for name, value in parse_qsl(str(self.router.url.query)) if value]

    @rx.event(supersedes=True)
    async def load(self) -> None:
        """Read the URL and fetch that page of rows; a newer one overtakes this one."""
        pairs = self._pairs()
        query = dict(pairs)
        page = _whole(query.get("page", ""), 1)
        size = _whole(query.get("size", ""), PAGE_SIZE)
        size = size if size in SIZES else PAGE_SIZE
        language = await self._language()
        rows, total, is_forbidden, failure = [], 0, False, ""
        try:
            rows, total = await self._fetch(offset=(page - 1) * size, limit=size, query=query)
        except UnauthenticatedError:
            raise
        except ForbiddenError:
            is_forbidden = True
        except DomainError as error:
            failure = translate_error(error, language)
        except Exception:
            self.failure = gettext(NOT_NOW, language)
            self.is_loaded = True
            raise
        self.rows = rows
        self.total = total
        self.total_text = number(total, language)
        self.page = page
        self.size = size
        self.first = (page - 1) * size + 1
        self.last = (page - 1) * size + len(rows)
        self.sort = query.get("sort", "")
        self.search = query.get("search", "")
        self.is_filtered = any(name not in SHOWING for name, _ in pairs)
        self.is_forbidden = is_forbidden
        self.failure = failure
        if self.search != self._typed:  # not typed here (a link, Back): the box starts anew with this word
            self._typed = self.search
            self.search_key += 1
        self.is_loaded = True

    @rx.event(supersedes=True)
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
    async def choose_size(self, size: str) -> Any:
        """So many rows a page."""
        return await self._go(size="" if size == str(PAGE_SIZE) else size[:4], page="")

    @rx.event
    async def sort_by(self, column: str) -> Any:
        """Sort by a column: ascending, descending, as usual."""
        turned = {column: f"-{column}", f"-{column}": ""}.get(self.sort, column)
        return await self._go(sort=turned[:40], page="")

    @rx.event
    async def filter_by(self, name: str, value: str) -> Any:
        """Set a filter in the URL; an empty value removes it."""
        return await self._go(**{name[:20]: value[:MAX_VALUE]}, page="")

    @rx.event
    async def clear_filters(self) -> Any:
        """Show all rows again; sort and columns stay."""
        names = {name for name, _ in self._pairs() if name not in SHOWING - {"page"}}
        return await self._go(**dict.fromkeys(names, ""))

    @rx.event
    async def try_again(self) -> Any:
        """Read the list anew after a failure."""
        await self._ask_in()
        self.is_loaded = False
        return type(self).load

    async def _go(self, *, replace: bool = False, **changes: str | list[str]) -> Any:
        """To the same page with other values; an empty one leaves the URL."""
        await self._ask_in()
        kept = [(name, value) for name, value in self._pairs() if name not in changes]
        for name, values in changes.items():
            kept += [(name, value) for value in ([values] if isinstance(values, str) else values) if value]
        path = str(self.router.url.path)
        return rx.redirect(path + (f"?{urlencode(kept)}" if kept else ""), replace=replace)


def _whole(text: str, usual: int) -> int:
    return max(1, int(text)) if text.isdecimal() and text.isascii() and len(text) < 7 else usual
