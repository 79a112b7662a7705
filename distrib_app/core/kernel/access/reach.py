"""Which statements the scope cannot reach: those that SQLAlchemy does not take for statements on entities.

The clauses of `scope` are options of the ORM. A `select` that names no entity among its columns and FROMs –
only a Core table, or columns inside `and_`, `or_` or a function of its WHERE – is compiled without them, and
so is a subquery of that kind inside an otherwise scoped statement. Such a part may not touch a scoped table.
"""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Alias, Delete, FromClause, Join, Select, Table, Update
from sqlalchemy.sql.selectable import AliasedReturnsRows


def find_unreached(statement: Any, tables: Collection[Table]) -> Table | None:
    """A table of `tables` that a part of `statement` touches beyond the reach of the ORM's options."""
    for part in _parts(statement):
        if not isinstance(part, (Select, Update, Delete)):
            continue
        if part._propagate_attrs.get("compile_state_plugin") == "orm":
            continue
        froms = part.get_final_froms() if isinstance(part, Select) else [part.table]
        for table in (table for item in froms for table in _tables(item)):
            if table in tables:
                return table
    return None


def _parts(statement: Any) -> Iterator[Any]:
    """Every element once, also the subqueries that are only known by their columns."""
    waiting, seen = [statement], set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        waiting.extend(part.get_children())
        source = getattr(part, "table", None)
        if isinstance(source, AliasedReturnsRows):
            waiting.append(source)


def _tables(item: FromClause) -> Iterator[Table]:
    if isinstance(item, Join):
        yield from _tables(item.left)
        yield from _tables(item.right)
    elif isinstance(item, Alias):
        yield from _tables(item.element)
    elif isinstance(item, Table):
        yield item
