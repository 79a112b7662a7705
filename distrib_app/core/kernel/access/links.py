"""One-time links to choose a password: for a new member, or after one was forgotten."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select, update

from ..db import row_id
from ..errors import DomainError, msg
from ..events import emit
from .actor import Actor
from .models import Invitation, User
from .passwords import check_new_password, hash_password
from .sessions import end_sessions, hash_token
from .users import has_password

LINK_LIFETIME = timedelta(days=7)


class LinkKind(StrEnum):
    """What a link is for."""

    INVITATION = "invitation"
    RESET = "reset"


class DeadLinkError(DomainError):
    """The link was used, replaced by a newer one, has expired or never existed: all look the same."""

    code = "dead_link"
    status = 404
    template = msg("This link is no longer valid. Ask for a new one.")


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A live link: for whom and what for."""

    username: str
    name: str
    kind: str
    expires_at: datetime


def open_invitation_link(session: Session, actor: Actor, *, user: User, now: datetime) -> str:
    """A new link for a user, returned once; earlier ones end. The caller has checked who may."""
    kind = LinkKind.RESET if has_password(user) else LinkKind.INVITATION
    _end_links(session, user, now=now)
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(
            token_hash=hash_token(token),
            user_id=row_id(user),
            kind=kind,
            created_by=actor.user_id,
            created_at=now,
            expires_at=now + LINK_LIFETIME,
        )
    )
    emit(session, actor, "user.link_opened", subject=("user", user.username), now=now, purpose=kind.value)
    return token


def find_link(session: Session, *, token: str, now: datetime) -> LinkRow:
    """What a link is for. Raises `DeadLinkError`."""
    link, user = _live(session, token, now)
    return LinkRow(user.username, user.name, link.kind, link.expires_at)


def accept_invitation(session: Session, *, token: str, password: str, now: datetime) -> User:
    """Set the password a link stands for; the link and every session of the user end.

    Raises `DeadLinkError`, `InvalidError`.
    """
    link, user = _live(session, token, now)
    session.refresh(link, with_for_update=True)
    if link.used_at is not None:
        raise DeadLinkError
    check_new_password(password, user.username)
    user.password_hash = hash_password(password)
    user.version += 1
    _end_links(session, user, now=now)
    end_sessions(session, user=user)
    kind = "user.joined" if link.kind == LinkKind.INVITATION else "user.password_reset"
    emit(session, person(user), kind, subject=("user", user.username), now=now)
    return user


def person(user: User) -> Actor:
    """The user as the author of an event, without any permission."""
    return Actor(user_id=row_id(user), username=user.username, name=user.name)


def _live(session: Session, token: str, now: datetime) -> tuple[Invitation, User]:
    found = session.exec(
        select(Invitation, User)
        .join(User, col(Invitation.user_id) == col(User.id))
        .where(
            Invitation.token_hash == hash_token(token),
            Invitation.expires_at > now,
            col(Invitation.used_at).is_(None),
            col(User.is_disabled).is_(False),
        )
    ).one_or_none()
    if found is None:
        raise DeadLinkError
    return found


def _end_links(session: Session, user: User, *, now: datetime) -> None:
    session.exec(
        update(Invitation)
        .where(col(Invitation.user_id) == row_id(user), col(Invitation.used_at).is_(None))
        .values(used_at=now)
    )
