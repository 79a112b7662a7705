"""The one gate between the web and core: resolve the actor, open one session, call, commit once.

States, REST routes and jobs come through here. The browser session or the bearer token is looked up anew for
every call, and with it whether anybody's access has changed; a verb that raises leaves nothing behind.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from .core.channels import PEOPLE, ActorMemory, resolve_actor
from .core.kernel.access import (
    SYSTEM,
    USE_NOTED_EVERY,
    Actor,
    Permission,
    User,
    ViewOnlyError,
    find_session,
    find_token,
    note_session_use,
    note_token_use,
    view_refusal,
)
from .core.kernel.clock import utc_now
from .core.kernel.db import Database, row_id
from .core.kernel.errors import StorageError, UnauthenticatedError
from .core.kernel.events import install_reactions
from .core.kernel.settings import get_settings
from .core.lists import install_words
from .core.reactions import IMPORTS, JOB_KINDS, NOTICE_KINDS, REACTIONS, SEARCHES, SUBJECTS, TASK_KINDS
from .core.workbench import (
    count_unread_of,
    install_imports,
    install_job_kinds,
    install_notice_kinds,
    install_searches,
    install_subjects,
    install_task_kinds,
)
from .i18n import gettext

Result = TypeVar("Result")
COOKIE = "distrib_session"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a caller shows: a browser session token or a bearer token; both empty for nobody."""

    session_token: str = ""
    bearer_token: str = ""


NOBODY = Credential()


@lru_cache(maxsize=1)
def get_database() -> Database:
    """The database of this process, with the tables of core installed."""
    install_tables()
    return Database(get_settings().url)


def install_tables() -> None:
    """Give the floors the tables they look things up in: reactions, kinds, imports, searches, texts."""
    install_reactions(REACTIONS)
    install_searches(SEARCHES)
    install_task_kinds(TASK_KINDS)
    install_job_kinds(JOB_KINDS)
    install_imports(IMPORTS)
    install_words(gettext)
    install_subjects(SUBJECTS, PEOPLE)
    install_notice_kinds(NOTICE_KINDS)


_memories: WeakKeyDictionary[Database, ActorMemory] = WeakKeyDictionary()


def _resolve(session: Session, user_id: int, zone: str, now: datetime) -> Actor:
    """The actor behind a browser or a program, which come back every few seconds."""
    memory = _memories.setdefault(get_database(), ActorMemory())
    return memory.resolve(session, user_id, zone=zone, now=now)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who came in; `owner` is whose session or token it is, also while somebody else is viewed."""

    actor: Actor
    owner: Actor
    last_used_at: datetime | None


def find_actor(session: Session, credential: Credential) -> Actor | None:
    """The actor behind a credential, or None."""
    visit = find_visit(session, credential)
    return visit.actor if visit else None


def find_visit(session: Session, credential: Credential) -> Visit | None:
    """Who comes in with a credential, and whose it is; None for nobody."""
    now = utc_now()
    if credential.session_token:
        return _find_browser(session, credential.session_token, now)
    if not credential.bearer_token:
        return None
    found = find_token(session, token=credential.bearer_token, now=now)
    if found is None:
        return None
    actor = _resolve(session, found.user_id, found.zone, now)
    if found.scopes:  # a narrowed token holds no office either: it decides nothing in its person's place
        actor = replace(
            actor,
            permissions=actor.permissions & found.scopes,
            token_scopes=found.scopes,
            posts=frozenset(),
            delegated=frozenset(),
        )
    return Visit(actor, actor, found.last_used_at)


def _find_browser(session: Session, token: str, now: datetime) -> Visit | None:
    found = find_session(session, token=token, now=now)
    if found is None:
        return None
    row, user = found
    owner = _resolve(session, row_id(user), user.zone, now)
    if row.acting_as is None:
        return Visit(owner, owner, row.seen_at)
    viewed = session.get_one(User, row.acting_as)
    eyes = _resolve(session, row_id(viewed), viewed.zone, now)
    if viewed.is_disabled or not owner.can(Permission.ADMIN_ACCESS) or view_refusal(owner, eyes):
        return None  # what allowed the view no longer holds
    return Visit(replace(eyes, impersonated_by=owner.user_id), owner, row.seen_at)


def _enter(session: Session, credential: Credential) -> Visit:
    session.info["actor"] = SYSTEM
    visit = find_visit(session, credential)
    if visit is None:
        raise UnauthenticatedError
    session.expunge_all()  # rows read to know the actor are not rows the actor may see
    session.info["actor"] = visit.actor
    return visit


def _note_use(credential: Credential, visit: Visit) -> None:
    """Write down, at most once a minute, that a session or token was used."""
    now = utc_now()
    if visit.last_used_at is not None and now - visit.last_used_at < USE_NOTED_EVERY:
        return
    # somebody who only reads goes on reading while the disk is full
    with suppress(StorageError, OperationalError), get_database().write(SYSTEM) as session:
        if credential.session_token:
            note_session_use(session, token=credential.session_token, now=now)
        else:
            note_token_use(session, token=credential.bearer_token, now=now)


def read(credential: Credential, query: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
    """Call `query(session, actor, …)` in a read-only session."""
    with get_database().read() as session:
        visit = _enter(session, credential)
        result = query(session, visit.actor, *args, **kwargs)
    _note_use(credential, visit)
    return result


def write(credential: Credential, verb: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
    """Call `verb(session, actor, …, now=…)` in a writing session that commits once, or not at all.

    Where another transaction crossed it, all of it is done again. Raises `ViewOnlyError` for an administrator
    who views as somebody else.
    """

    def work(session: Session) -> tuple[Visit, Result]:
        visit = _enter(session, credential)
        if visit.actor.impersonated_by is not None:
            raise ViewOnlyError(name=visit.actor.name)
        return visit, verb(session, visit.actor, *args, now=utc_now(), **kwargs)

    visit, result = get_database().transact(None, work)
    _note_use(credential, visit)
    return result


def allowed(permission: str, query: Callable[..., Result]) -> Callable[..., Result]:
    """A query that takes no actor, behind a permission; its rows are limited by the session's scope."""

    def checked(session: Session, actor: Actor, /, *args: Any, **kwargs: Any) -> Result:
        actor.require(permission)
        return query(session, *args, **kwargs)

    return checked


def find_job_actor(session: Session, user_id: int | None, now: datetime) -> Actor | None:
    """As whom a job runs: the person who started it as that person is now, None for one who may not sign in.

    Jobs that the platform itself starts run as the system.
    """
    if user_id is None:
        return SYSTEM
    user = session.get(User, user_id)
    return None if user is None or user.is_disabled else resolve_actor(session, user, now=now)


def count_unread_notices(credential: Credential) -> int:
    """How many notices wait for the person of a browser session: two indexed reads, as every tab asks often.

    Raises `UnauthenticatedError`. Asking is no use of the session: an idle tab keeps nobody signed in.
    """
    with get_database().read(SYSTEM) as session:
        found = find_session(session, token=credential.session_token, now=utc_now())
        if found is None:
            raise UnauthenticatedError
        row, user = found
        return count_unread_of(session, user_id=row.acting_as or row_id(user))
