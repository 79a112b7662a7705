"""Which tables a statement names, and which of them the scope cannot reach.

The clauses of `scope` are options of the ORM. A `select` that names no entity among its columns and FROMs –
only a Core table, or columns inside `and_`, `or_` or a function of its WHERE – is compiled without them, and
so is a subquery of that kind inside an otherwise scoped statement.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Alias, Delete, Join, Select, Table, Update
from sqlalchemy.sql import visitors


def survey(statement: Any) -> tuple[set[str], set[str]]:
    """The names of the tables in `statement`, and of those in parts that no ORM option reaches."""
    named: set[str] = set()
    unreached: set[str] = set()
    for part in visitors.iterate(statement):
        if isinstance(part, Table):
            named.add(part.name)
        elif isinstance(part, (Select, Update, Delete)):
            if part._propagate_attrs.get("compile_state_plugin") != "orm":
                froms = part.get_final_froms() if isinstance(part, Select) else [part.table]
                unreached.update(name for item in froms for name in _names(item))
        elif (source := getattr(part, "table", None)) is not None:
            named.update(_names(source))
    return named | unreached, unreached


def _names(item: Any) -> Iterator[str]:
    if isinstance(item, Join):
        yield from _names(item.left)
        yield from _names(item.right)
    elif isinstance(item, Alias):
        yield from _names(item.element)
    elif isinstance(item, Table):
        yield item.name
