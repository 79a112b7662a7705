"""What happened, append-only: the audit trail and the only way a lower floor speaks to a higher one.

Payloads carry facts and keys, never personal data. `core/reactions.py` holds the one table
`event kind → functions`; the composition root installs it here.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel

from .rows import add_all

if TYPE_CHECKING:  # access writes events itself
    from .access import Actor


class Event(SQLModel, table=True):
    """One fact about one subject."""

    __tablename__ = "event"

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=60, index=True)
    subject_kind: str = Field(max_length=30)
    subject_key: str = Field(max_length=80, index=True)
    actor_user_id: int | None = Field(default=None, foreign_key="user_account.id")
    occurred_at: datetime
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


Reaction = Callable[[Session, Event, datetime], None]
_reactions: dict[str, tuple[Reaction, ...]] = {}


def install_reactions(table: Mapping[str, Sequence[Reaction]]) -> None:
    """Take the reaction table; replaces an earlier one."""
    _reactions.clear()
    _reactions.update({kind: tuple(functions) for kind, functions in table.items()})


def emit(
    session: Session,
    actor: "Actor",
    kind: str,
    *,
    subject: tuple[str, str],
    now: datetime,
    **payload: Any,
) -> Event:
    """Append an event about `subject` (kind, key) and run its reactions in the same transaction."""
    event = Event(
        kind=kind,
        subject_kind=subject[0],
        subject_key=subject[1],
        actor_user_id=actor.user_id,
        occurred_at=now,
        payload=payload,
    )
    columns = ("kind", "subject_kind", "subject_key", "actor_user_id", "occurred_at", "payload")
    add_all(session, Event, [{name: getattr(event, name) for name in columns}])
    for reaction in _reactions.get(kind, ()):
        reaction(session, event, now)
    return event
