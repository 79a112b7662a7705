"""Bearer tokens of the REST API: issued once, narrowed by scopes, ended; only their SHA-256 is kept."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, or_, select, update

from ..db import get_by, row_id
from ..errors import InvalidError, NotFoundError, msg
from ..events import emit
from ..rows import table_of
from .actor import Actor
from .models import ApiToken, User
from .permissions import Permission
from .sessions import hash_token, public_key
from .users import get_own_user

MAX_TOKEN_DAYS = 3650


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A bearer token, without what opens anything; no scopes means everything its person may."""

    key: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    is_live: bool


@dataclass(frozen=True, slots=True)
class TokenUse:
    """Whose a live bearer token is, and to what it is narrowed (no scopes: not at all)."""

    user_id: int
    zone: str
    scopes: frozenset[str]
    last_used_at: datetime | None


def create_token(
    session: Session,
    *,
    username: str,
    name: str,
    now: datetime,
    scopes: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> str:
    """A new bearer token of `username`, returned once; the caller has checked who may. `NotFoundError`."""
    user = get_by(session, User, "user", username=username)
    token = secrets.token_urlsafe(32)
    session.add(
        ApiToken(
            token_hash=hash_token(token),
            user_id=row_id(user),
            name=name,
            scopes=sorted(scopes),
            created_at=now,
            expires_at=expires_at,
        )
    )
    return token


def issue_token(
    session: Session,
    actor: Actor,
    *,
    name: str,
    scopes: Sequence[str] = (),
    days: int | None = None,
    now: datetime,
) -> str:
    """A token for oneself, returned once; narrowed to `scopes` (permissions), for `days` or until ended.

    Raises `InvalidError`; a narrowed token cannot issue another one (`ForbiddenError`).
    """
    user = get_own_user(session, actor)
    if not name.strip() or len(name) > 120:
        raise InvalidError(field="name", reason=name or msg("empty"))
    unknown = sorted(set(scopes) - set(Permission))
    if unknown:
        raise InvalidError(field="scopes", reason=unknown[0])
    if days is not None and not 1 <= days <= MAX_TOKEN_DAYS:
        raise InvalidError(field="days", reason=f"{days} ∉ 1–{MAX_TOKEN_DAYS}")
    token = create_token(
        session,
        username=user.username,
        name=name.strip(),
        scopes=sorted(set(scopes)),
        expires_at=None if days is None else now + timedelta(days=days),
        now=now,
    )
    emit(
        session,
        actor,
        "user.token_issued",
        subject=("user", user.username),
        now=now,
        name=name.strip(),
        scopes=sorted(set(scopes)),
    )
    return token


def find_token(session: Session, *, token: str, now: datetime) -> TokenUse | None:
    """Whose a live bearer token is; None where its user is disabled."""
    session.flush()
    values = {"token_hash": hash_token(token), "now": now}
    found = session.connection().execute(_find_live(), values).one_or_none()
    return TokenUse(found.user_id, found.zone, frozenset(found.scopes), found.last_used_at) if found else None


@cache
def _find_live() -> Select[Any]:
    """Put together once, as every call of the gate runs it."""
    token, user = table_of(ApiToken).c, table_of(User).c
    return (
        select_columns(token.user_id, user.zone, token.scopes, token.last_used_at)
        .join_from(table_of(ApiToken), table_of(User), token.user_id == user.id)
        .where(
            token.token_hash == bindparam("token_hash"),
            token.revoked_at.is_(None),
            or_(token.expires_at.is_(None), token.expires_at > bindparam("now")),
            user.is_disabled.is_(False),
        )
    )


def note_token_use(session: Session, *, token: str, now: datetime) -> None:
    """Write down when a token was last used; the gate does it at most once a minute."""
    session.exec(
        update(ApiToken).where(col(ApiToken.token_hash) == hash_token(token)).values(last_used_at=now)
    )


def tokens_of(session: Session, *, user: User, now: datetime) -> tuple[TokenRow, ...]:
    """The tokens of a user that were not ended, newest first; the caller has checked who may see them."""
    rows = session.exec(
        select(ApiToken)
        .where(ApiToken.user_id == row_id(user), col(ApiToken.revoked_at).is_(None))
        .order_by(col(ApiToken.id).desc())
    ).all()
    return tuple(
        TokenRow(
            key=public_key(row.token_hash),
            name=row.name,
            scopes=tuple(row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            is_live=row.expires_at is None or row.expires_at > now,
        )
        for row in rows
    )


def end_token(session: Session, actor: Actor, *, user: User, key: str, now: datetime) -> None:
    """End one token of a user by its key; the caller has checked who may. Raises `NotFoundError`."""
    rows = session.exec(
        select(ApiToken).where(ApiToken.user_id == row_id(user), col(ApiToken.revoked_at).is_(None))
    ).all()
    found = next((row for row in rows if public_key(row.token_hash) == key), None)
    if found is None:
        raise NotFoundError(kind="token", key=key)
    found.revoked_at = now
    emit(session, actor, "user.token_ended", subject=("user", user.username), now=now, name=found.name)
