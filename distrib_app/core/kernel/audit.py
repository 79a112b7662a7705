"""The audit: every event of the platform, searched by administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlmodel import Session, col

from .access import Actor, Permission, User
from .clock import day_start, parse_day
from .events import Event
from .listing import Facet, Listing, ListQuery, ListSpec, run


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One event; `username` is empty for what the system did or nobody was known to do."""

    occurred_at: datetime
    kind: str
    subject_kind: str
    subject_key: str
    username: str
    name: str
    payload: Mapping[str, Any]


def search_audit(session: Session, actor: Actor, *, query: ListQuery) -> Listing[AuditRow]:
    """Events, newest first. A search finds subjects, kinds and user names by their beginning.

    Facets: kind, user, subject (its kind), and the inclusive days `from` and `to` in the actor's zone. Raises
    `ForbiddenError`, `InvalidError`.
    """
    actor.require(Permission.ADMIN_ACCESS)
    found = run(session, AUDIT, query)
    return found.showing(
        [
            AuditRow(
                occurred_at=event.occurred_at,
                kind=event.kind,
                subject_kind=event.subject_kind,
                subject_key=event.subject_key,
                username=user.username if user else "",
                name=user.name if user else "",
                payload=dict(event.payload),
            )
            for event, user in found.rows
        ]
    )


def _with_user(statement: Select[Any]) -> Select[Any]:
    return statement.outerjoin(User, col(User.id) == col(Event.actor_user_id))


def _since(session: Session, days: tuple[str, ...]) -> ColumnElement[bool]:
    first = min(parse_day(day, "from") for day in days)
    return col(Event.occurred_at) >= day_start(first, session.info["actor"].zone)


def _until(session: Session, days: tuple[str, ...]) -> ColumnElement[bool]:
    last = max(parse_day(day, "to") for day in days)
    return col(Event.occurred_at) < day_start(last + timedelta(days=1), session.info["actor"].zone)


AUDIT = ListSpec(
    entity=Event,
    columns=(User,),
    join=_with_user,
    key=(col(Event.id),),
    sorts={"occurred_at": (col(Event.id),)},
    default_sort="-occurred_at",
    codes=(col(Event.subject_key), col(Event.kind), col(User.username)),
    facets={
        "kind": Facet(col(Event.kind)),
        "user": Facet(col(User.username), col(User.name)),
        "subject": Facet(col(Event.subject_kind)),
        "from": Facet(col(Event.occurred_at), where=_since, is_counted=False),
        "to": Facet(col(Event.occurred_at), where=_until, is_counted=False),
    },
)
