"""Holds: what keeps a subject from going on, for which reason, how much of it and until when.

A floor that decides so writes a hold down; whoever works on the subject reads it. It ends by being released.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlmodel import Field, Session, SQLModel, col, select

from ..kernel.access import Actor
from ..kernel.explain import Step


class Hold(SQLModel, table=True):
    """Something waits: `reason` is a stable code, `text` and `facts` its sentence in the catalogue."""

    __tablename__ = "hold"
    __table_args__ = (Index("ix_hold_subject", "subject_kind", "subject_key"),)

    id: int | None = Field(default=None, primary_key=True)
    subject_kind: str = Field(max_length=30)
    subject_key: str = Field(max_length=80)
    reason: str = Field(max_length=40)
    text: str = Field(max_length=200)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    amount: int | None = Field(default=None, sa_type=BigInteger)
    qty: int | None = None
    placed_at: datetime
    placed_by: int | None = Field(default=None, foreign_key="user_account.id")
    until: datetime | None = Field(default=None, index=True)
    released_at: datetime | None = None
    released_by: int | None = Field(default=None, foreign_key="user_account.id")
    release_note: str = Field(default="", max_length=200)


def place_hold(
    session: Session,
    actor: Actor,
    *,
    subject: tuple[str, str],
    reason: str,
    why: Step,
    amount: int | None = None,
    qty: int | None = None,
    until: datetime | None = None,
    now: datetime,
) -> Hold:
    """Write a hold down; the calling verb has checked who may."""
    hold = Hold(
        subject_kind=subject[0],
        subject_key=subject[1],
        reason=reason,
        text=why.text,
        facts=dict(why.facts),
        amount=amount,
        qty=qty,
        placed_at=now,
        placed_by=actor.user_id,
        until=until,
    )
    session.add(hold)
    return hold


def find_holds(session: Session, *, kind: str, keys: Sequence[str]) -> list[Hold]:
    """The holds in force on subjects that the caller has found within scope, oldest first."""
    return list(
        session.exec(
            select(Hold)
            .where(
                Hold.subject_kind == kind, col(Hold.subject_key).in_(keys), col(Hold.released_at).is_(None)
            )
            .order_by(col(Hold.id))
        )
    )


def release_holds(
    session: Session, actor: Actor, holds: Sequence[Hold], *, note: str = "", now: datetime
) -> None:
    """End holds, with who did it and why."""
    for hold in holds:
        hold.released_at, hold.released_by, hold.release_note = now, actor.user_id, note.strip()[:200]
