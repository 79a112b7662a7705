"""When what people may do last changed: a row for each transaction that touches a table marked `@grants`.

The listeners write the row, so no verb can forget it. Whoever keeps an actor for longer than one call
compares `access_version` before using it again.
"""

import secrets
from typing import TypeVar

from sqlalchemy import event
from sqlalchemy import select as select_columns
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Field, Session, SQLModel, col, delete, func, select

KEPT = 1000


class AccessChange(SQLModel, table=True):
    """Somebody's access may have changed in one transaction."""

    __tablename__ = "access_change"

    id: int | None = Field(default=None, primary_key=True)
    mark: str = Field(max_length=16)


# put together once, as every call of the gate runs it
_TABLE = SQLModel.metadata.tables["access_change"]
_NEWEST = select_columns(_TABLE.c.mark).order_by(_TABLE.c.id.desc()).limit(1).scalar_subquery()
_VERSION = select_columns(func.count(_TABLE.c.id), _NEWEST)

Model = TypeVar("Model", bound=type[SQLModel])
_granting: set[type[SQLModel]] = set()


def grants(model: Model) -> Model:
    """Class decorator: rows of this table decide what somebody may see or do."""
    _granting.add(model)
    return model


def granting_models() -> frozenset[type[SQLModel]]:
    """All tables whose rows decide what somebody may see or do."""
    return frozenset(_granting)


def access_version(session: Session) -> tuple[int, str]:
    """Another value as soon as a change of anybody's access is visible here.

    The count tells of a row with a smaller number that another transaction committed later, the mark of a
    database that was set back and went on differently.
    """
    session.flush()
    count, mark = session.connection().execute(_VERSION).one()
    return int(count), mark or ""


def forget_access_changes(session: Session) -> int:
    """Remove all but the newest rows; how many. It makes everybody's actor be resolved anew once."""
    newest = session.exec(select(func.max(AccessChange.id))).one() or 0
    return session.exec(delete(AccessChange).where(col(AccessChange.id) <= newest - KEPT)).rowcount


@event.listens_for(OrmSession, "before_flush")
def _note_rows(session: OrmSession, _context: object, _instances: object) -> None:
    if any(type(row) in _granting for rows in (session.new, session.dirty, session.deleted) for row in rows):
        _note(session)


@event.listens_for(OrmSession, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    is_change = state.is_insert or state.is_update or state.is_delete
    if is_change and mapper is not None and mapper.class_ in _granting:
        _note(state.session)


def _note(session: OrmSession) -> None:
    """Once a transaction; a savepoint that is rolled back takes its row with it, so each has its own."""
    here = session.get_nested_transaction() or session.get_transaction()
    if here is None or session.info.get("access_noted") is not here:
        session.info["access_noted"] = here
        session.add(AccessChange(mark=secrets.token_hex(8)))
