"""The one query contract of lists: search, sort, facets and window in; rows, totals and facet counts out.

A floor names its list once as a `ListSpec`; `run` reads a window of it in few statements: the rows, count
and totals together, and one per facet when facets are asked for. All of them go through the session's scope.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.exc import OperationalError, StatementError
from sqlmodel import Session

from .errors import InvalidError, msg
from .keyset import BadCursorError, behind

Item = TypeVar("Item")
Shown = TypeVar("Shown")
Names = Mapping[Any, tuple[str, str, str]]

MAX_LIMIT = 1000
MAX_OFFSET = 1_000_000_000
MAX_SEARCH = 100
MAX_VALUES = 100
FACET_VALUES = 50
FEW = 500


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list is asked for. `sort` is a column, `-` before it for descending, empty for the usual order.

    Facets are OR inside one, AND across; the window is `[offset, offset + limit)`, counted from the row
    whose `end` stands in `after` where one does. Facet counts cost a statement each and are read only
    `with_facets`; who has read count and totals already leaves them out (both are 0 then).
    """

    search: str = ""
    sort: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    offset: int = 0
    limit: int = 25
    with_facets: bool = False
    with_totals: bool = True
    after: tuple[Any, ...] | None = None


FIRST_PAGE = ListQuery(limit=50)


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet, its names where the data carries them, and how many rows have it."""

    value: str
    count: int
    name: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """Rows of a window, how many there are in all, sums over all of them, and the values of each facet.

    `end` are the values that the last row is sorted by, where more rows follow: the next window's `after`.
    """

    rows: tuple[Item, ...]
    total: int
    totals: Mapping[str, int] = field(default_factory=dict)
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    end: tuple[Any, ...] | None = None

    def showing(self, rows: Sequence[Shown]) -> "Listing[Shown]":
        """The same listing with its rows as a floor hands them out."""
        return Listing(tuple(rows), self.total, self.totals, self.facets, self.end)


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter by the values of a column. `name` and `name_en` are columns that name a value.

    `allowed` are the only values there are; others are refused. `where` turns the chosen values into a
    condition where the column alone does not say it (a tree, codes of hidden names); `label` turns the
    counted values into (value, name, name_en). Without `is_counted` its values are not listed.
    """

    column: Any
    name: Any = None
    name_en: Any = None
    allowed: frozenset[str] = frozenset()
    where: Callable[[Session, tuple[str, ...]], ColumnElement[bool]] | None = None
    label: Callable[[Session, Sequence[Any]], Names] | None = None
    is_counted: bool = True


@dataclass(frozen=True, slots=True)
class Choices:
    """A filter by named conditions; a row may meet several of them."""

    conditions: Mapping[str, ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list: what it reads, and what it can be searched, sorted, filtered and summed by.

    `sorts` name one or more columns; `key` is unique and breaks ties, so that pages never overlap. A search
    finds codes by their beginning, names by any part, initials (of pinyin) by their beginning; `also` adds
    what only the floor knows. `totals` are summed over all filtered rows.
    """

    entity: Any
    key: tuple[Any, ...]
    sorts: Mapping[str, tuple[Any, ...]]
    default_sort: str
    columns: tuple[Any, ...] = ()
    join: Callable[[Select[Any]], Select[Any]] = lambda statement: statement
    codes: tuple[Any, ...] = ()
    names: tuple[Any, ...] = ()
    initials: tuple[Any, ...] = ()
    also: Callable[[Session, str], ColumnElement[bool]] | None = None
    facets: Mapping[str, Facet | Choices] = field(default_factory=dict)
    totals: Mapping[str, Any] = field(default_factory=dict)


def run(
    session: Session, spec: ListSpec, query: ListQuery, extra: Sequence[ColumnElement[bool]] = ()
) -> Listing[Any]:
    """One window of a list: entities, or rows of entity and `columns` where the list reads more.

    `extra` are conditions that hold for rows, totals and facets alike. Raises `InvalidError` naming the
    field: an unknown sort, facet or value, a window that no list serves, a search too long to mean anything.
    """
    check_window(query.offset, query.limit)
    order = _order(spec, query.sort)
    always = [*extra, *_searched(session, spec, query.search, extra)]
    chosen = {name: _chosen(session, spec, name, values) for name, values in query.facets.items() if values}
    where = [*always, *chosen.values()]
    rows, end = _window(session, spec, query, where, order)
    total, totals = 0, dict.fromkeys(spec.totals, 0)
    if query.with_totals:
        sums = [func.coalesce(func.sum(column), 0) for column in spec.totals.values()]
        total, *summed = session.execute(_from(spec, func.count(), *sums).where(*where)).one()
        totals = {name: int(value) for name, value in zip(spec.totals, summed, strict=True)}
    facets = {}
    if query.with_facets:
        for name, facet in spec.facets.items():
            others = [*always, *(clause for other, clause in chosen.items() if other != name)]
            if isinstance(facet, Choices):
                facets[name] = _choice_values(session, spec, facet, others)
            elif facet.is_counted:
                facets[name] = _values(session, spec, facet, others, query.facets.get(name, ()))
    return Listing(rows, int(total), totals, facets, end)


def check_window(offset: int, limit: int) -> None:
    """Refuse a window that no list serves."""
    if not 0 <= offset <= MAX_OFFSET:
        raise InvalidError(field="offset", reason=str(offset))
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidError(field="limit", reason=f"{limit} ∉ 1–{MAX_LIMIT}")


def clean_search(text: str) -> str:
    """What a person searches for: one line without control characters (PostgreSQL stores no NUL).

    Raises `InvalidError` when it is longer than any name.
    """
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if len(plain) > MAX_SEARCH:
        raise InvalidError(field="search", reason=f"{len(plain)} > {MAX_SEARCH}")
    return plain


def matches(
    text: str, *, codes: Sequence[Any] = (), names: Sequence[Any] = (), initials: Sequence[Any] = ()
) -> ColumnElement[bool]:
    """Codes and initials that begin with `text`, names that contain it; case aside, wildcards literal."""
    begins = [column.istartswith(text, autoescape=True) for column in (*codes, *initials)]
    return or_(*begins, *(column.icontains(text, autoescape=True) for column in names))


def _from(spec: ListSpec, *columns: Any) -> Select[Any]:
    return spec.join(select(*columns).select_from(spec.entity))


def _window(
    session: Session,
    spec: ListSpec,
    query: ListQuery,
    where: Sequence[ColumnElement[bool]],
    order: Sequence[Any],
) -> tuple[tuple[Any, ...], tuple[Any, ...] | None]:
    """The rows of the window, and what the last of them is sorted by if there is one more behind it."""
    wanted = query.sort or spec.default_sort
    sorted_by = (*spec.sorts[wanted.removeprefix("-")], *spec.key)
    statement = _from(spec, spec.entity, *spec.columns, *sorted_by).where(*where).order_by(*order)
    if query.after is not None:
        statement = statement.where(behind(sorted_by, query.after, is_descending=wanted.startswith("-")))
    try:
        found = session.execute(statement.offset(query.offset).limit(query.limit + 1)).all()
    except (StatementError, OverflowError, TypeError, ValueError) as error:
        if query.after is None or isinstance(error, OperationalError):
            raise
        raise BadCursorError from error  # values that no row of this list can have
    width = 1 + len(spec.columns)
    rows = tuple(tuple(row[:width]) if spec.columns else row[0] for row in found[: query.limit])
    end = tuple(found[query.limit - 1][width:]) if len(found) > query.limit else None
    return rows, end


def _order(spec: ListSpec, sort: str) -> list[Any]:
    wanted = sort or spec.default_sort
    columns = spec.sorts.get(wanted.removeprefix("-"))
    if columns is None:
        raise InvalidError(field="sort", reason=sort)
    order = []
    for column in (*columns, *spec.key):
        turned = column.desc() if wanted.startswith("-") else column.asc()
        # a row without a value comes last whichever way, and the same on both databases
        order.append(turned.nulls_last() if getattr(column, "nullable", True) else turned)
    return order


def _searched(
    session: Session, spec: ListSpec, search: str, extra: Sequence[ColumnElement[bool]]
) -> list[ColumnElement[bool]]:
    text = clean_search(search)
    if not text:
        return []
    found = matches(text, codes=spec.codes, names=spec.names, initials=spec.initials)
    if spec.also is not None:
        found = or_(found, spec.also(session, text))
    if len(spec.key) > 1:
        return [found]
    # a word reads every row: few rows that have it are looked up once, not for rows, totals and each facet
    (key,) = spec.key
    ids = session.execute(_from(spec, key).where(*extra, found).limit(FEW + 1)).scalars().all()
    return [found] if len(ids) > FEW else [key.in_(ids)]


def _chosen(session: Session, spec: ListSpec, name: str, values: Sequence[str]) -> ColumnElement[bool]:
    facet = spec.facets.get(name)
    if facet is None:
        raise InvalidError(field=name, reason=msg("there is no such filter"))
    if len(values) > MAX_VALUES:
        raise InvalidError(field=name, reason=f"{len(values)} > {MAX_VALUES}")
    known = frozenset(facet.conditions) if isinstance(facet, Choices) else facet.allowed
    for value in values:
        if (known and value not in known) or not value.isprintable() or len(value) > MAX_SEARCH:
            raise InvalidError(field=name, reason=repr(value[:MAX_SEARCH]))
    if isinstance(facet, Choices):
        return or_(*(facet.conditions[value] for value in values))
    if facet.where is not None:
        return facet.where(session, tuple(values))
    return and_(facet.column.in_(values))


def _values(
    session: Session,
    spec: ListSpec,
    facet: Facet,
    where: Sequence[ColumnElement[bool]],
    selected: Sequence[str],
) -> tuple[FacetValue, ...]:
    """The commonest values and those selected, most rows first; values that no row has are left out."""
    named = [column for column in (facet.name, facet.name_en) if column is not None]
    statement = _from(spec, facet.column, func.count(), *named).where(*where)
    statement = statement.group_by(facet.column, *named)
    if facet.label is None and not selected:  # one more: rows without a value are a group, too
        statement = statement.order_by(func.count().desc(), facet.column).limit(FACET_VALUES + 1)
    counted = session.execute(statement).all()
    if facet.label is not None:
        counted = counted if selected else _commonest(counted)
        names = facet.label(session, [row[0] for row in counted])
        found = [FacetValue(names[key][0], count, *names[key][1:]) for key, count in counted if key in names]
    else:
        found = [FacetValue(str(key), count, *more) for key, count, *more in counted if key is not None]
    found.sort(key=lambda one: (-one.count, one.value))
    return tuple(one for rank, one in enumerate(found) if rank < FACET_VALUES or one.value in selected)


def _commonest(counted: Sequence[Any]) -> Sequence[Any]:
    """The values that may be among those shown: as many rows as the last of them or more."""
    if len(counted) <= FACET_VALUES:
        return counted
    fewest = sorted((row[1] for row in counted), reverse=True)[FACET_VALUES - 1]
    return [row for row in counted if row[1] >= fewest]


def _choice_values(
    session: Session, spec: ListSpec, facet: Choices, where: Sequence[ColumnElement[bool]]
) -> tuple[FacetValue, ...]:
    sums = [
        func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in facet.conditions.values()
    ]
    counts = session.execute(_from(spec, *sums).where(*where)).one()
    return tuple(FacetValue(value, int(count)) for value, count in zip(facet.conditions, counts, strict=True))
