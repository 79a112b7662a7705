"""Many rows at once for the busiest verbs: one statement each, without an object per row.

Both run on the session's connection, beside the ORM and therefore beside the scope: a read only decides
(inside `unscoped`), an insert is a consequence that its verb has checked.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Insert, Table, Update, insert
from sqlmodel import Session, SQLModel

from .errors import UnreachedTableError


def decide(session: Session, statement: Executable, **values: Any) -> Sequence[Any]:
    """Rows of columns for one decision; what the session still holds back is written first.

    Raises `UnreachedTableError` outside `unscoped`: the scope does not reach this statement.
    """
    if not session.info.get("unscoped"):
        raise UnreachedTableError("a prepared statement decides inside unscoped")
    session.flush()
    return session.connection().execute(statement, values).all()


def insert_all(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows that all name the same columns; their ids in the order given.

    Defaults of the model don't apply: a row names every column that may not be null.
    """
    if not rows:
        return []
    result = session.connection().execute(_returning(model), list(rows))
    return [int(key) for key in result.scalars()]


def add_all(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Like `insert_all`, where nobody asks for ids."""
    if rows:
        session.connection().execute(_plain(model), list(rows))


def update_all(session: Session, statement: Update, rows: Sequence[Mapping[str, Any]]) -> int:
    """Run a conditional update once per row of values, in the order given; how many rows it met in all."""
    if not rows:
        return 0
    return session.connection().execute(statement, list(rows)).rowcount


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


@lru_cache
def _returning(model: type[SQLModel]) -> Any:
    table = table_of(model)
    return insert(table).returning(table.c.id, sort_by_parameter_order=True)


@lru_cache
def _plain(model: type[SQLModel]) -> Insert:
    return insert(table_of(model))
