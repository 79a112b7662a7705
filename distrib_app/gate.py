"""The one gate between the web and core: resolve the actor, open one session, call, commit once.

States, REST routes and jobs come through here. An actor is resolved anew for every call, from the browser
session or the bearer token; a verb that raises leaves nothing behind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlmodel import Session

from .core.channels import resolve_actor
from .core.kernel.access import (
    SYSTEM,
    Actor,
    BadCredentialsError,
    User,
    check_throttle,
    close_session,
    find_demo_user,
    find_session_user,
    find_token_user,
    open_session,
    record_failure,
    verify_password,
)
from .core.kernel.clock import utc_now
from .core.kernel.db import Database
from .core.kernel.errors import NotFoundError, UnauthenticatedError
from .core.kernel.events import install_reactions
from .core.kernel.settings import get_settings
from .core.reactions import REACTIONS

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
    """The database of this process, with the reactions installed."""
    install_reactions(REACTIONS)
    return Database(get_settings().url)


def find_actor(session: Session, credential: Credential) -> Actor | None:
    """The actor behind a credential, or None."""
    now = utc_now()
    user: User | None = None
    if credential.session_token:
        user = find_session_user(session, token=credential.session_token, now=now)
    elif credential.bearer_token:
        user = find_token_user(session, token=credential.bearer_token)
    return None if user is None else resolve_actor(session, user, now=now)


def _enter(session: Session, credential: Credential) -> Actor:
    session.info["actor"] = SYSTEM
    actor = find_actor(session, credential)
    if actor is None:
        raise UnauthenticatedError
    session.expunge_all()  # rows read to know the actor are not rows the actor may see
    session.info["actor"] = actor
    return actor


def read(credential: Credential, query: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
    """Call `query(session, actor, …)` in a read-only session."""
    with get_database().read() as session:
        actor = _enter(session, credential)
        return query(session, actor, *args, **kwargs)


def write(credential: Credential, verb: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
    """Call `verb(session, actor, …, now=…)` in a writing session that commits once, or not at all."""
    with get_database().write() as session:
        actor = _enter(session, credential)
        return verb(session, actor, *args, now=utc_now(), **kwargs)


def sign_in(username: str, password: str, address: str) -> str:
    """Check a password and open a browser session; returns its token.

    A failure is counted in a transaction of its own. Raises `BadCredentialsError`, `RateLimitedError`.
    """
    database, now, settings = get_database(), utc_now(), get_settings()
    with database.read(SYSTEM) as session:
        check_throttle(session, username=username, address=address, now=now)
        try:
            user = verify_password(session, username=username, password=password)
        except BadCredentialsError:
            session.rollback()
            with database.write(SYSTEM) as failing:
                record_failure(failing, username=username, address=address, now=now)
            raise
    with database.write(SYSTEM) as session:
        return open_session(session, user=user, hours=settings.session_hours, now=now)


def sign_in_demo(username: str) -> str:
    """Open a browser session for a demo user without a password; only in demo mode."""
    if not get_settings().demo:
        raise NotFoundError(kind="user", key=username)
    with get_database().write(SYSTEM) as session:
        user = find_demo_user(session, username=username)
        if user is None:
            raise NotFoundError(kind="user", key=username)
        return open_session(session, user=user, hours=get_settings().session_hours, now=utc_now())


def sign_out(token: str) -> None:
    """End a browser session."""
    with get_database().write(SYSTEM) as session:
        close_session(session, token=token)


def allowed(permission: str, query: Callable[..., Result]) -> Callable[..., Result]:
    """A query that takes no actor, behind a permission; its rows are limited by the session's scope."""

    def checked(session: Session, actor: Actor, /, *args: Any, **kwargs: Any) -> Result:
        actor.require(permission)
        return query(session, *args, **kwargs)

    return checked
