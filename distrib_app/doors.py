"""Signing in and out, the second step, links and views: the doors that open before an actor is known.

A failure is counted and recorded in a transaction of its own, so that a refusal leaves its trace.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session

from . import gate
from .core.channels import find_forgetful, start_view, tell_of_forgotten_password
from .core.kernel.access import (
    SYSTEM,
    Actor,
    BadCredentialsError,
    LinkRow,
    NoViewError,
    WrongCodeError,
    WrongPasswordError,
    accept_invitation,
    check_throttle,
    close_session,
    complete_session,
    exchange_session,
    find_demo_user,
    find_link,
    find_session,
    has_second_factor,
    is_known,
    open_invitation_link,
    open_session,
    person,
    record_failure,
    take_code,
    verify_password,
)
from .core.kernel.clock import utc_now
from .core.kernel.errors import NotFoundError, UnauthenticatedError, msg
from .core.kernel.events import emit
from .core.kernel.settings import get_settings
from .gate import Credential
from .link_mail import can_mail_links, mail_link

Result = TypeVar("Result")


def sign_in(username: str, password: str, address: str, agent: str = "") -> str:
    """Check a password and open a browser session; returns its token.

    Somebody with a second factor gives the code next (`is_half_signed_in`). Raises `BadCredentialsError`,
    `RateLimitedError`.
    """
    now = utc_now()
    with gate.get_database().read(SYSTEM) as session:
        check_throttle(session, username=username, address=address, now=now)
        try:
            user = verify_password(session, username=username, password=password)
        except BadCredentialsError:
            session.rollback()
            _count_failure(username, address, "sign_in.failed", now)
            raise
    with gate.get_database().write(SYSTEM) as session:
        if not has_second_factor(user):
            emit(session, person(user), "sign_in.succeeded", subject=("user", user.username), now=now)
        hours = get_settings().session_hours
        return open_session(session, user=user, hours=hours, now=now, address=address, agent=agent)


def sign_in_demo(username: str, address: str = "", agent: str = "") -> str:
    """Open a browser session for a demo user without a password; only in demo mode."""
    if not get_settings().demo:
        raise NotFoundError(kind="user", key=username)
    now, hours = utc_now(), get_settings().session_hours
    with gate.get_database().write(SYSTEM) as session:
        user = find_demo_user(session, username=username)
        if user is None:
            raise NotFoundError(kind="user", key=username)
        emit(session, person(user), "sign_in.succeeded", subject=("user", username), now=now)
        return open_session(session, user=user, hours=hours, now=now, address=address, agent=agent)


def is_half_signed_in(token: str) -> bool:
    """Whether a session waits for the second factor."""
    with gate.get_database().read(SYSTEM) as session:
        return find_session(session, token=token, now=utc_now(), is_half=True) is not None


def give_code(token: str, code: str, address: str) -> str:
    """The second step of signing in: a code, or a recovery code; returns the token of the open session.

    Raises `UnauthenticatedError` when no session waits for it, `WrongCodeError`, `RateLimitedError`.
    """
    now = utc_now()
    with gate.get_database().write(SYSTEM) as session:
        found = find_session(session, token=token, now=now, is_half=True)
        if found is None:
            raise UnauthenticatedError
        user = found[1]
        check_throttle(session, username=user.username, address=address, now=now)
        if take_code(session, user, code, now=now):
            emit(session, person(user), "sign_in.succeeded", subject=("user", user.username), now=now)
            return complete_session(session, token=token, hours=get_settings().session_hours, now=now)
    _count_failure(user.username, address, "sign_in.code_failed", now)
    raise WrongCodeError


def sign_out(token: str) -> None:
    """End a browser session."""
    with gate.get_database().write(SYSTEM) as session:
        close_session(session, token=token)


def prove(credential: Credential, verb: Callable[..., Result], /, **kwargs: Any) -> Result:
    """`gate.write` for verbs that ask for the password or a code anew: guessing is slowed down here too.

    Raises what the verb raises, and `RateLimitedError`.
    """
    username = gate.read(credential, _username)

    def checked(session: Session, actor: Actor, *, now: datetime, **facts: Any) -> Result:
        check_throttle(session, username=actor.username, address="", now=now)
        return verb(session, actor, now=now, **facts)

    try:
        return gate.write(credential, checked, **kwargs)
    except (WrongPasswordError, WrongCodeError):
        _count_failure(username, "", "sign_in.proof_failed", utc_now())
        raise


def _username(_session: Session, actor: Actor) -> str:
    return actor.username


def _count_failure(username: str, address: str, kind: str, now: datetime) -> None:
    """Count it and write it down; what was typed instead of a known name is nobody's business."""
    with gate.get_database().write(SYSTEM) as session:
        subject = ("user", username if is_known(session, username) else "-")
        emit(session, SYSTEM, kind, subject=subject, now=now)
        if record_failure(session, username=username, address=address, now=now):
            emit(session, SYSTEM, "sign_in.locked", subject=subject, now=now)


def ask_reset(username: str) -> None:
    """Somebody at the door has forgotten the password; nothing tells whether there is such a person.

    Once in a while per person: a link goes out by mail where mail is configured and an address is known,
    otherwise the administrators are told. Raises nothing about the person.
    """
    now = utc_now()
    with gate.get_database().write(SYSTEM) as session:
        user = find_forgetful(session, username=username, now=now)
        if user is None:
            return
        if not (can_mail_links() and user.email):
            tell_of_forgotten_password(session, SYSTEM, user=user, now=now)
            return
        emit(session, person(user), "user.reset_asked", subject=("user", username), now=now)
        token = open_invitation_link(session, SYSTEM, user=user, now=now)
    if not mail_link(name=user.name, address=user.email, language=user.language, token=token):
        with gate.get_database().write(SYSTEM) as session:
            tell_of_forgotten_password(session, SYSTEM, user=user, now=now)


def read_link(token: str) -> LinkRow:
    """What a link to choose a password is for. Raises `DeadLinkError`."""
    with gate.get_database().read(SYSTEM) as session:
        return find_link(session, token=token, now=utc_now())


def use_link(token: str, password: str) -> str:
    """Set the password a link stands for; returns the user name. Raises `DeadLinkError`, `InvalidError`."""
    with gate.get_database().write(SYSTEM) as session:
        return accept_invitation(session, token=token, password=password, now=utc_now()).username


def begin_view(token: str, username: str) -> str:
    """An administrator looks through somebody's eyes from now on; returns the token of that session."""

    def verb(session: Session, actor: Actor, *, now: datetime) -> str:
        viewed = start_view(session, actor, username=username, now=now)
        return exchange_session(session, token=token, acting_as=viewed.id, now=now)

    return gate.write(Credential(session_token=token), verb)


def end_view(token: str) -> str:
    """Look with one's own eyes again; returns the token of that session. Raises `UnauthenticatedError`."""
    now = utc_now()
    with gate.get_database().write(SYSTEM) as session:
        visit = gate.find_visit(session, Credential(session_token=token))
        if visit is None:
            raise UnauthenticatedError
        if visit.actor.impersonated_by is None:
            raise NoViewError(username=visit.actor.username, reason=msg("no view is open"))
        subject = ("user", visit.actor.username)
        emit(session, visit.owner, "admin.view_as_ended", subject=subject, now=now)
        return exchange_session(session, token=token, acting_as=None, now=now)
