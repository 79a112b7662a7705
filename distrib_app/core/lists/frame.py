"""What a list is to its page and its exports: columns with typed cells, words of its filters, its URL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from ..kernel.access import Actor
from ..kernel.clock import zone
from ..kernel.listing import MAX_SEARCH, Listing, ListQuery
from ..kernel.money import MILLION, minor_to_decimal
from ..workbench.export import Cell

# names of a list's URL that are no filters: what only the page shows
PAGE_NAMES = frozenset({"page", "size", "hide", "lang", "why"})
MAX_PAIRS = 100

_translate: list[Callable[[str, str], str]] = []


def install_words(translate: Callable[[str, str], str]) -> None:
    """Take the function (message, language) → text; files made here speak their reader's language."""
    _translate[:] = [translate]


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom cells are made: language, time zone, and the currency that headings name."""

    language: str
    zone: str
    currency: str

    def say(self, text: str) -> str:
        """A message in the reader's language."""
        return _translate[0](text, self.language) if _translate else text

    def name(self, chinese: str, english: str) -> str:
        """A name of master data; the Chinese one where there is no English one."""
        return chinese if self.language == "zh_CN" else english or chinese

    def party(self, row: Any) -> str:
        """The name of a row with `name` and `name_en`."""
        return self.name(row.name, row.name_en)

    def local(self, instant: datetime | None) -> datetime | None:
        """An instant on the reader's clock, to the second, without zone: what spreadsheets know."""
        if instant is None:
            return None
        return instant.astimezone(zone(self.zone)).replace(tzinfo=None, microsecond=0)


def amount(minor: int, currency: str) -> Decimal:
    """Minor units as an exact decimal."""
    return minor_to_decimal(minor, currency)


def percent(ppm: int) -> Decimal:
    """A rate in millionths as percent."""
    return Decimal(ppm) * 100 / MILLION


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column: key on the page, title (msgid), its typed cell; `sort` names what the list sorts by.

    An amount is of the network's currency, which stands in its heading. `total` names the sum of the list
    that stands below it.
    """

    key: str
    title: str
    cell: Callable[[Any, Reader], Cell]
    sort: str = ""
    is_number: bool = False
    is_amount: bool = False
    total: str = ""


@dataclass(frozen=True, slots=True)
class FacetWords:
    """A filter's title (msgid), and the words of its values where the data has no names for them."""

    title: str
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A list's URL, read: the query, what the list takes beside it (`extras`), hidden columns."""

    query: ListQuery
    extras: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list of the platform.

    `read(session, actor, asked, now)` checks the permission and answers a window. `extras` are names of the
    URL that the list takes beside search, sort and facets.
    """

    title: str
    permission: str
    read: Callable[[Session, Actor, Asked, datetime], Listing[Any]]
    columns: tuple[ListColumn, ...]
    facets: Mapping[str, FacetWords] = field(default_factory=dict)
    extras: tuple[str, ...] = ()

    def shown(self, hidden: frozenset[str]) -> tuple[ListColumn, ...]:
        """The columns that are not hidden; all of them when nothing would be left."""
        kept = tuple(column for column in self.columns if column.key not in hidden)
        return kept or self.columns


def parse_query(
    page: ListPage, pairs: Sequence[tuple[str, str]], *, offset: int = 0, limit: int = 25
) -> Asked:
    """A list's URL as (name, value) pairs. A name that is nothing else is a facet, which core may refuse.

    What comes too often is cut, a word too long to be searched for is left to core to refuse.
    """
    single: dict[str, str] = {}
    facets: dict[str, list[str]] = {}
    hidden: set[str] = set()
    for name, value in pairs[:MAX_PAIRS]:
        if not value:
            continue
        if name == "hide":
            hidden.add(value[:MAX_SEARCH])
        elif name in PAGE_NAMES:
            continue
        elif name in {"search", "sort"} or name in page.extras:
            single[name] = value
        elif value not in facets.setdefault(name[:MAX_SEARCH], []):
            facets[name[:MAX_SEARCH]].append(value)
    query = ListQuery(
        search=single.pop("search", ""),
        sort=single.pop("sort", ""),
        facets={name: tuple(values) for name, values in facets.items()},
        offset=offset,
        limit=limit,
    )
    return Asked(query, single, frozenset(hidden))
