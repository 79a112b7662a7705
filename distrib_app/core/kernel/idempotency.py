"""A key names one piece of work: its first answer is kept with the work and given again.

The record is written in the transaction of the work, so that either both exist or neither does: a crash
between work and answer replays the answer, a crash before the commit does the work anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, delete, select

from .errors import DomainError, msg
from .rows import table_of, update_all

KEPT = timedelta(hours=48)


class IdempotencyRecord(SQLModel, table=True):
    """The first answer to a key of one user on one route; an empty one was not kept (it held a secret)."""

    __tablename__ = "idempotency_record"
    __table_args__ = (UniqueConstraint("user_id", "route", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id")
    route: str = Field(max_length=160)
    key: str = Field(max_length=80)
    request_hash: str = Field(max_length=64)
    status: int
    answer: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(index=True)


_TABLE = table_of(IdempotencyRecord)
_CLAIMS = {
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.id),
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.id),
}
_ANSWERED = update(_TABLE).where(_TABLE.c.id == bindparam("claim")).values(answer=bindparam("kept"))


class IdempotencyMismatchError(DomainError):
    """The key was used for another request; nothing was done."""

    code = "idempotency_mismatch"
    status = 422
    template = msg("The key {key} was used for another request. Nothing was done.")


class AlreadyDoneError(DomainError):
    """The work of this key was done; its answer held a secret that is shown only once."""

    code = "already_done"
    status = 409
    template = msg("This was done already with the key {key}; what it answered is shown only once.")


@dataclass(frozen=True, slots=True)
class Intention:
    """What a request with a key asks for: whose, on which route, with which content, answered how."""

    user_id: int
    route: str
    key: str
    request_hash: str
    status: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the work answered, now or the first time."""

    answer: Any
    is_replay: bool


def do_once(
    session: Session,
    intention: Intention,
    *,
    work: Callable[[], Any],
    is_secret: bool = False,
    now: datetime,
) -> Outcome:
    """Do `work` (it answers JSON) unless its key was used, then answer as it did the first time.

    The key is claimed before the work begins: a second request with the same key waits for the transaction
    of the first and finds its answer. A secret answer is never written down.
    Raises `IdempotencyMismatchError` for a key with other content, `AlreadyDoneError` after a secret answer.
    """
    claim = _claim(session, intention, now)
    if claim is None:
        return Outcome(_answer_of(_find(session, intention), intention), is_replay=True)
    answer = work()
    if not is_secret:
        update_all(session, _ANSWERED, [{"claim": claim, "kept": {"body": answer}}])
    return Outcome(answer, is_replay=False)


def forget_old_answers(session: Session, *, now: datetime) -> int:
    """Delete the answers kept longer than 48 hours; returns how many there were."""
    result = session.exec(delete(IdempotencyRecord).where(col(IdempotencyRecord.created_at) <= now - KEPT))
    return int(result.rowcount)


def _find(session: Session, intention: Intention) -> IdempotencyRecord:
    return session.exec(
        select(IdempotencyRecord).where(
            IdempotencyRecord.user_id == intention.user_id,
            IdempotencyRecord.route == intention.route,
            IdempotencyRecord.key == intention.key,
        )
    ).one()


def _claim(session: Session, intention: Intention, now: datetime) -> int | None:
    """Take the key; None where another transaction has it, which has ended by then."""
    connection = session.connection()
    return connection.execute(
        _CLAIMS[connection.dialect.name],
        {
            "user_id": intention.user_id,
            "route": intention.route,
            "key": intention.key,
            "request_hash": intention.request_hash,
            "status": intention.status,
            "answer": {},
            "created_at": now,
        },
    ).scalar()


def _answer_of(record: IdempotencyRecord, intention: Intention) -> Any:
    if record.request_hash != intention.request_hash:
        raise IdempotencyMismatchError(key=intention.key)
    if "body" not in record.answer:
        raise AlreadyDoneError(key=intention.key)
    return record.answer["body"]
