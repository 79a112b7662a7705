"""One search over everything a person may open: each floor says what it finds, the best comes first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from ..kernel.access import Actor
from ..kernel.errors import InvalidError
from ..kernel.matching import Match, find_by_index
from ..kernel.words import search_words
from .models import Task

MAX_PER_KIND = 50


@dataclass(frozen=True, slots=True)
class FoundRow:
    """Something found. `key` is what its address names; with `facts` the title is a message they fill."""

    kind: str
    key: str
    title: str
    title_en: str
    note: str
    match: Match
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """What was found of one kind, best first; `title` is a message."""

    kind: str
    title: str
    rows: tuple[FoundRow, ...]


Find = Callable[[Session, Actor, str, int], Sequence[FoundRow]]


@dataclass(frozen=True, slots=True)
class Searchable:
    """A kind of thing that can be found: its heading (a message), who may look, and how it is looked for.

    `find` asks indexes only; `find_inside` reads every name, and is asked when those gave little.
    """

    kind: str
    title: str
    permission: str
    find: Find
    find_inside: Find | None = None


_searchables: list[Searchable] = []


def install_searches(table: Sequence[Searchable]) -> None:
    """Take the table of what can be found; replaces an earlier one."""
    _searchables[:] = table


def search(session: Session, actor: Actor, *, word: str, limit: int = 6) -> tuple[FoundGroup, ...]:
    """What the actor may open that meets `word`, at most `limit` of a kind; nothing for an empty word.

    Exact codes come before beginnings of codes, those before initials, those before parts of names; the
    group with the best row stands first. Parts of names are looked for only where no code is met exactly and
    the indexes gave fewer than `limit` rows in all. Raises `InvalidError` for a limit no search serves.
    """
    if not 1 <= limit <= MAX_PER_KIND:
        raise InvalidError(field="limit", reason=f"{limit} ∉ 1–{MAX_PER_KIND}")
    asked = search_words(word)
    if not asked:
        return ()
    mine = [one for one in _searchables if not one.permission or actor.can(one.permission)]
    found = {one.kind: list(one.find(session, actor, asked, limit)) for one in mine}
    rows = [row for group in found.values() for row in group]
    if len(rows) < limit and all(row.match is not Match.EXACT for row in rows):
        for one in mine:
            if one.find_inside is not None:
                found[one.kind] += one.find_inside(session, actor, asked, limit)
    groups = [_group(one, found[one.kind], limit) for one in mine if found[one.kind]]
    return tuple(sorted(groups, key=lambda group: group.rows[0].match))


def _group(searchable: Searchable, rows: Sequence[FoundRow], limit: int) -> FoundGroup:
    """The best rows of a kind, each once: what was found by an index is found inside its name again."""
    ordered = sorted(rows, key=lambda row: row.match)
    first = {row.key: row for row in reversed(ordered)}
    best = tuple(row for row in ordered if first[row.key] is row)
    return FoundGroup(searchable.kind, searchable.title, best[:limit])


def find_tasks(session: Session, _actor: Actor, word: str, limit: int) -> list[FoundRow]:
    """Tasks by the beginning of their number."""
    return [
        FoundRow("task", task.number, task.title, task.title, task.number, match, task.facts)
        for match, task in find_by_index(session, Task, word, limit, code=Task.number)
    ]
