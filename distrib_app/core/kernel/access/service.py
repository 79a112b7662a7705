"""Verbs of access: create users and tokens, sign in and out, find the user behind a credential.

Sessions and tokens are random 256-bit strings handed out once; the database keeps their SHA-256.
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlmodel import Session, col, delete, func, select

from ..db import row_id
from ..errors import ConflictError, DomainError, InvalidError, NotFoundError, RateLimitedError, msg
from .models import ApiToken, FailedSignIn, User, UserSession

THROTTLE_WINDOW = timedelta(minutes=15)
MAX_FAILURES_PER_USER = 10
MAX_FAILURES_PER_ADDRESS = 50
MIN_PASSWORD = 8


class BadCredentialsError(DomainError):
    """User name and password don't belong together (or the user is disabled)."""

    code = "bad_credentials"
    status = 401
    template = msg("User name or password is wrong.")


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobody_hash() -> str:
    return _hasher().hash(secrets.token_hex(8))


def hash_password(password: str) -> str:
    """An argon2id hash with its parameters."""
    return _hasher().hash(password)


def hash_token(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_user(
    session: Session,
    *,
    username: str,
    name: str,
    password: str,
    now: datetime,
    language: str = "zh_CN",
    zone: str = "Asia/Shanghai",
) -> User:
    """Create a user; the caller has checked who may. Raises `InvalidError`, `ConflictError`."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._@-]{1,63}", username):
        raise InvalidError(field="username", reason=username)
    if len(password) < MIN_PASSWORD:
        raise InvalidError(field="password", reason=f"≥ {MIN_PASSWORD}")
    if session.exec(select(User.id).where(User.username == username)).first():
        raise ConflictError(subject=username)
    user = User(
        username=username,
        name=name or username,
        password_hash=hash_password(password),
        language=language,
        zone=zone,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def check_throttle(session: Session, *, username: str, address: str, now: datetime) -> None:
    """Refuse when this name or this address failed too often lately."""
    since = now - THROTTLE_WINDOW
    recent = select(func.count()).select_from(FailedSignIn).where(col(FailedSignIn.failed_at) > since)
    by_user = session.exec(recent.where(FailedSignIn.username == username)).one()
    by_address = session.exec(recent.where(FailedSignIn.address == address)).one()
    if by_user >= MAX_FAILURES_PER_USER or by_address >= MAX_FAILURES_PER_ADDRESS:
        raise RateLimitedError(minutes=int(THROTTLE_WINDOW.total_seconds() // 60))


def record_failure(session: Session, *, username: str, address: str, now: datetime) -> None:
    """Count a failed sign-in and forget those outside the window."""
    session.exec(delete(FailedSignIn).where(col(FailedSignIn.failed_at) <= now - THROTTLE_WINDOW))
    session.add(FailedSignIn(username=username[:64], address=address[:64], failed_at=now))


def verify_password(session: Session, *, username: str, password: str) -> User:
    """The user whose password this is; takes as long for an unknown name. Raises `BadCredentialsError`."""
    user = session.exec(select(User).where(User.username == username)).one_or_none()
    try:
        _hasher().verify(user.password_hash if user else _nobody_hash(), password)
    except VerificationError as error:
        raise BadCredentialsError from error
    if user is None or user.is_disabled:
        raise BadCredentialsError
    return user


def open_session(session: Session, *, user: User, hours: int, now: datetime) -> str:
    """Start a browser session and return its token (shown once); expired ones of the user are removed."""
    token = secrets.token_urlsafe(32)
    session.exec(delete(UserSession).where(col(UserSession.expires_at) <= now))
    session.add(
        UserSession(
            token_hash=hash_token(token),
            user_id=row_id(user),
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    return token


def close_session(session: Session, *, token: str) -> None:
    """End a browser session; unknown tokens are no error."""
    session.exec(delete(UserSession).where(col(UserSession.token_hash) == hash_token(token)))


def find_session_user(session: Session, *, token: str, now: datetime) -> User | None:
    """The enabled user behind a live browser session."""
    return session.exec(
        select(User)
        .join(UserSession, col(UserSession.user_id) == col(User.id))
        .where(
            UserSession.token_hash == hash_token(token),
            UserSession.expires_at > now,
            col(User.is_disabled).is_(False),
        )
    ).one_or_none()


def find_token_user(session: Session, *, token: str) -> User | None:
    """The enabled user behind a live bearer token."""
    return session.exec(
        select(User)
        .join(ApiToken, col(ApiToken.user_id) == col(User.id))
        .where(
            ApiToken.token_hash == hash_token(token),
            col(ApiToken.revoked_at).is_(None),
            col(User.is_disabled).is_(False),
        )
    ).one_or_none()


def find_demo_user(session: Session, *, username: str) -> User | None:
    """A demo user by name; the caller has checked that demo mode is on."""
    return session.exec(
        select(User).where(User.username == username, User.is_demo, col(User.is_disabled).is_(False))
    ).one_or_none()


def create_token(session: Session, *, username: str, name: str, now: datetime) -> str:
    """A new bearer token of `username`, returned once. Raises `NotFoundError`."""
    user = session.exec(select(User).where(User.username == username)).one_or_none()
    if user is None:
        raise NotFoundError(kind="user", key=username)
    token = secrets.token_urlsafe(32)
    session.add(ApiToken(token_hash=hash_token(token), user_id=row_id(user), name=name, created_at=now))
    return token
