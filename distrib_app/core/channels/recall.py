"""Actors kept between calls: as good as resolved anew, at the price of one small statement."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from ..kernel.access import Actor, User, access_version
from ..kernel.clock import business_day
from ..workbench import next_delegation_change
from .actors import resolve_actor


@dataclass(frozen=True, slots=True)
class _Known:
    """An actor and how long it holds: for a version of the grants, a day, until a deputy changes."""

    version: tuple[int, str]
    day: date
    since: datetime
    until: datetime | None
    actor: Actor


class ActorMemory:
    """The actors of one database in one process."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}

    def resolve(self, session: Session, user_id: int, *, zone: str, now: datetime) -> Actor:
        """What `resolve_actor` answers; remembered until anybody's access, the day or a deputy changes."""
        version, day = access_version(session), business_day(now, zone)
        known = self._known.get(user_id)
        if (
            known is not None
            and (known.version, known.day) == (version, day)
            and known.since <= now
            and (known.until is None or now < known.until)
        ):
            return known.actor
        actor = resolve_actor(session, session.get_one(User, user_id), now=now)
        until = next_delegation_change(session, user_id=user_id, now=now)
        self._known[user_id] = _Known(version, day, now, until, actor)
        return actor
