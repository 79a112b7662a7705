"""Rows that are found by the pinyin initials of their name: kept with every write, filled where they lack."""

from collections.abc import Iterator
from typing import Any, TypeVar, cast

from sqlalchemy import event
from sqlmodel import Session, SQLModel, col, select

from .words import initials

Model = TypeVar("Model", bound=type[SQLModel])
_BATCH = 2_000
_models: list[type[SQLModel]] = []


def keeps_initials(model: Model) -> Model:
    """Class decorator: `initials` follows `name` whenever a row is written, so that no verb can forget it.

    Bulk inserts go past it and give the column themselves.
    """
    _models.append(model)
    event.listen(model, "before_insert", _follow_name)
    event.listen(model, "before_update", _follow_name)
    return model


def _follow_name(_mapper: Any, _connection: Any, row: Any) -> None:
    row.initials = initials(row.name)


def fill_initials(session: Session) -> int:
    """Give every row without initials its own, in batches; returns how many got some."""
    return sum(_fill(session, model) for model in _models)


def _fill(session: Session, model: type[SQLModel]) -> int:
    filled = 0
    for rows in _batches(session, model):
        for row in rows:
            row.initials = initials(row.name)
            filled += bool(row.initials)
        session.flush()
        for row in rows:
            session.expunge(row)
    return filled


def _batches(session: Session, model: type[SQLModel]) -> Iterator[list[Any]]:
    """Rows without initials in the order of their ids; a name without letters is looked at and left."""
    table = cast(Any, model)
    last = 0
    while True:
        rows = session.exec(
            select(model)
            .where(col(table.initials) == "", col(table.id) > last)
            .order_by(col(table.id))
            .limit(_BATCH)
        ).all()
        if not rows:
            return
        last = cast(Any, rows[-1]).id
        yield list(rows)
