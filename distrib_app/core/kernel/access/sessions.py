"""Browser sessions: opened, shown, ended; the database keeps only the SHA-256 of their tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select, update

from ..db import row_id
from ..errors import NotFoundError
from ..events import emit
from .actor import Actor
from .models import User, UserSession

SECOND_STEP_WINDOW = timedelta(minutes=10)
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A signed-in browser; `key` names it among those of its person, `viewing` whom its owner views."""

    key: str
    created_at: datetime
    seen_at: datetime | None
    address: str
    agent: str
    is_current: bool
    viewing: str


def hash_token(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def public_key(token_hash: str) -> str:
    """How a session or token is named to people: nothing that it could be found by in the database."""
    return hashlib.sha256(token_hash.encode()).hexdigest()[:12]


def open_session(
    session: Session, *, user: User, hours: int, now: datetime, address: str = "", agent: str = ""
) -> str:
    """Start a browser session and return its token (shown once); expired sessions are removed.

    Somebody with a second factor gets ten minutes to give the code; until then the session opens nothing.
    """
    token = secrets.token_urlsafe(32)
    has_second_step = user.totp_counter > 0
    session.exec(delete(UserSession).where(col(UserSession.expires_at) <= now))
    session.add(
        UserSession(
            token_hash=hash_token(token),
            user_id=row_id(user),
            created_at=now,
            expires_at=now + (SECOND_STEP_WINDOW if has_second_step else timedelta(hours=hours)),
            seen_at=now,
            address=address[:64],
            agent=agent[:200],
            needs_second_factor=has_second_step,
        )
    )
    return token


def close_session(session: Session, *, token: str) -> None:
    """End a browser session; unknown tokens are no error."""
    session.exec(delete(UserSession).where(col(UserSession.token_hash) == hash_token(token)))


def find_session(
    session: Session, *, token: str, now: datetime, is_half: bool = False
) -> tuple[UserSession, User] | None:
    """A live session with its enabled user; `is_half` looks for one still waiting for the second factor."""
    return session.exec(
        select(UserSession, User)
        .join(User, col(UserSession.user_id) == col(User.id))
        .where(
            UserSession.token_hash == hash_token(token),
            UserSession.expires_at > now,
            col(UserSession.needs_second_factor).is_(is_half),
            col(User.is_disabled).is_(False),
        )
    ).one_or_none()


def complete_session(session: Session, *, token: str, hours: int, now: datetime) -> str:
    """The second factor was right: the session opens from now on, under a new token."""
    new = secrets.token_urlsafe(32)
    session.exec(
        update(UserSession)
        .where(col(UserSession.token_hash) == hash_token(token))
        .values(
            token_hash=hash_token(new), needs_second_factor=False, expires_at=now + timedelta(hours=hours)
        )
    )
    return new


def exchange_session(session: Session, *, token: str, acting_as: int | None, now: datetime) -> str:
    """Another session in place of this one, until the same hour: as somebody else, or as oneself again."""
    old = session.exec(select(UserSession).where(UserSession.token_hash == hash_token(token))).one()
    new = secrets.token_urlsafe(32)
    session.delete(old)
    session.add(
        UserSession(
            token_hash=hash_token(new),
            user_id=old.user_id,
            created_at=now,
            expires_at=old.expires_at,
            seen_at=now,
            address=old.address,
            agent=old.agent,
            acting_as=acting_as,
        )
    )
    return new


def note_session_use(session: Session, *, token: str, now: datetime) -> None:
    """Write down when a session was last used; the gate does it at most once a minute."""
    session.exec(
        update(UserSession).where(col(UserSession.token_hash) == hash_token(token)).values(seen_at=now)
    )


def end_sessions(session: Session, *, user: User, keep: str = "") -> int:
    """End every session of a user but the one whose token is `keep`; how many ended."""
    ended = delete(UserSession).where(col(UserSession.user_id) == row_id(user))
    if keep:
        ended = ended.where(col(UserSession.token_hash) != hash_token(keep))
    return session.exec(ended).rowcount


def sessions_of(session: Session, *, user: User, now: datetime, current: str = "") -> tuple[SessionRow, ...]:
    """The live sessions of a user, the one last used first; the caller has checked who may see them."""
    rows = session.exec(
        select(UserSession, User.username)
        .outerjoin(User, col(UserSession.acting_as) == col(User.id))
        .where(
            UserSession.user_id == row_id(user),
            UserSession.expires_at > now,
            col(UserSession.needs_second_factor).is_(False),
        )
        .order_by(col(UserSession.seen_at).desc(), col(UserSession.id).desc())
    ).all()
    here = hash_token(current) if current else ""
    return tuple(
        SessionRow(
            key=public_key(row.token_hash),
            created_at=row.created_at,
            seen_at=row.seen_at,
            address=row.address,
            agent=row.agent,
            is_current=row.token_hash == here,
            viewing=viewing or "",
        )
        for row, viewing in rows
    )


def end_session(session: Session, actor: Actor, *, user: User, key: str, now: datetime) -> None:
    """End one session of a user by its key; the caller has checked who may. Raises `NotFoundError`."""
    rows = session.exec(select(UserSession).where(UserSession.user_id == row_id(user))).all()
    found = next((row for row in rows if public_key(row.token_hash) == key), None)
    if found is None:
        raise NotFoundError(kind="session", key=key)
    session.delete(found)
    emit(session, actor, "user.session_ended", subject=("user", user.username), now=now)
