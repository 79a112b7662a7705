"""Users: created with a password or waiting for their first one, found, and what they change themselves."""

import re
from datetime import datetime

from sqlmodel import Session, col, select

from ..db import get_by
from ..errors import ConflictError, ForbiddenError, InvalidError, msg
from ..events import emit
from .actor import Actor
from .models import User
from .passwords import (
    BadCredentialsError,
    WrongPasswordError,
    check_new_password,
    hash_password,
    is_password,
)
from .sessions import end_sessions

NO_PASSWORD = ""  # of somebody invited who has not chosen one yet
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]+")


def create_user(
    session: Session,
    *,
    username: str,
    name: str,
    password: str | None,
    now: datetime,
    email: str = "",
    language: str = "zh_CN",
    zone: str = "Asia/Shanghai",
) -> User:
    """Create a user, without a password one who still has to choose it; the caller has checked who may.

    Raises `InvalidError`, `ConflictError`.
    """
    if not _USERNAME.fullmatch(username):
        raise InvalidError(field="username", reason=username)
    if password is not None:
        check_new_password(password, username)
    check_email(email)
    if session.exec(select(User.id).where(User.username == username)).first():
        raise ConflictError(subject=username)
    user = User(
        username=username,
        name=name or username,
        password_hash=NO_PASSWORD if password is None else hash_password(password),
        email=email,
        language=language,
        zone=zone,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def check_email(email: str) -> None:
    """Refuse what is no address; none at all is fine."""
    if email and (len(email) > 200 or not _EMAIL.fullmatch(email)):
        raise InvalidError(field="email", reason=email)


def has_password(user: User) -> bool:
    """Whether the invitation was accepted."""
    return user.password_hash != NO_PASSWORD


def is_known(session: Session, username: str) -> bool:
    """Whether somebody has this user name."""
    return session.exec(select(User.id).where(User.username == username)).first() is not None


def verify_password(session: Session, *, username: str, password: str) -> User:
    """The user whose password this is; takes as long for an unknown name. Raises `BadCredentialsError`."""
    user = session.exec(select(User).where(User.username == username)).one_or_none()
    is_right = is_password(user.password_hash if user else NO_PASSWORD, password)
    if user is None or not is_right or user.is_disabled:
        raise BadCredentialsError
    return user


def find_demo_user(session: Session, *, username: str) -> User | None:
    """A demo user by name; the caller has checked that demo mode is on."""
    return session.exec(
        select(User).where(User.username == username, User.is_demo, col(User.is_disabled).is_(False))
    ).one_or_none()


def get_own_user(session: Session, actor: Actor) -> User:
    """The actor's own row; a narrowed token does not stand for its person. Raises `ForbiddenError`."""
    if actor.token_scopes or actor.is_system:
        raise ForbiddenError(permission=msg("one's own account"))
    return get_by(session, User, "user", username=actor.username)


def change_password(
    session: Session, actor: Actor, *, present: str, password: str, keep: str = "", now: datetime
) -> None:
    """Change one's own password; every session ends but the one whose token is `keep`.

    Raises `WrongPasswordError`, `InvalidError`.
    """
    user = get_own_user(session, actor)
    if not is_password(user.password_hash, present):
        raise WrongPasswordError
    check_new_password(password, user.username)
    user.password_hash = hash_password(password)
    user.version += 1
    end_sessions(session, user=user, keep=keep)
    emit(session, actor, "user.password_changed", subject=("user", user.username), now=now)


def change_profile(session: Session, actor: Actor, *, name: str, email: str, now: datetime) -> None:
    """Change one's own name and e-mail address. Raises `InvalidError`."""
    user = get_own_user(session, actor)
    if not name.strip() or len(name) > 120:
        raise InvalidError(field="name", reason=name or msg("empty"))
    check_email(email.strip())
    user.name, user.email = name.strip(), email.strip()
    user.version += 1
    emit(session, actor, "user.profile_changed", subject=("user", user.username), now=now)
