"""Who decides for whom while somebody is away."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from ..kernel.access import Actor, User
from ..kernel.db import row_id
from ..kernel.errors import ForbiddenError, NotFoundError, msg
from ..kernel.events import emit
from .models import Delegation
from .subjects import find_person
from .task_errors import DelegationError

MAX_DAYS = 366
MAX_REASON = 200


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """Somebody decides for somebody; `is_mine` says that the reader lent it."""

    from_name: str
    to_username: str
    to_name: str
    valid_from: datetime
    valid_to: datetime
    reason: str
    is_mine: bool


def find_delegators(session: Session, *, user_id: int, now: datetime) -> tuple[int, ...]:
    """The users whose decisions `user_id` may take at `now`."""
    return tuple(
        session.exec(
            select(Delegation.from_user_id)
            .where(
                Delegation.to_user_id == user_id,
                Delegation.valid_from <= now,
                Delegation.valid_to > now,
                col(Delegation.revoked_at).is_(None),
            )
            .order_by(col(Delegation.from_user_id))
        ).all()
    )


def next_delegation_change(session: Session, *, user_id: int, now: datetime) -> datetime | None:
    """When the next of the known delegations to `user_id` begins or ends; None for never."""
    rows = session.exec(
        select(Delegation.valid_from, Delegation.valid_to).where(
            Delegation.to_user_id == user_id, Delegation.valid_to > now, col(Delegation.revoked_at).is_(None)
        )
    ).all()
    return min((instant for row in rows for instant in row if instant > now), default=None)


def delegate(
    session: Session,
    actor: Actor,
    *,
    to_username: str,
    valid_from: datetime,
    valid_to: datetime,
    reason: str = "",
    now: datetime,
) -> Delegation:
    """Let a colleague decide in the actor's place from `[valid_from, valid_to)`.

    Lent posts are not lent on, and open nothing that the colleague may not see. Raises `NotFoundError` for
    somebody who is no colleague, `DelegationError` for oneself and for times that make no sense.
    """
    if actor.user_id is None or not actor.posts:
        raise ForbiddenError(permission="delegate")
    other = find_person(session, actor, to_username, now=now)
    if other is None or other.user_id is None or not set(other.partner_ids) & set(actor.partner_ids):
        raise NotFoundError(kind="user", key=to_username)
    if other.user_id == actor.user_id:
        raise DelegationError(reason=msg("that is you"))
    if valid_to <= max(valid_from, now) or (valid_to - valid_from).days > MAX_DAYS:
        raise DelegationError(reason=msg("it ends after it begins, in the future, within a year"))
    if len(reason) > MAX_REASON:
        raise DelegationError(reason=msg("the reason is too long"))
    row = Delegation(
        from_user_id=actor.user_id,
        to_user_id=other.user_id,
        valid_from=valid_from,
        valid_to=valid_to,
        reason=reason.strip(),
    )
    session.add(row)
    session.flush()
    emit(
        session,
        actor,
        "delegation.given",
        subject=("user", actor.username),
        now=now,
        to=to_username,
        until=valid_to.isoformat(),
    )
    return row


def revoke_delegation(session: Session, actor: Actor, *, to_username: str, now: datetime) -> int:
    """Take back what the actor lent to a colleague; returns how many delegations that were.

    Raises `NotFoundError` when nothing is lent to that user.
    """
    rows = session.exec(
        select(Delegation)
        .join(User, col(User.id) == col(Delegation.to_user_id))
        .where(
            User.username == to_username,
            Delegation.from_user_id == actor.user_id,
            Delegation.valid_to > now,
            col(Delegation.revoked_at).is_(None),
        )
    ).all()
    if not rows:
        raise NotFoundError(kind="delegation", key=to_username)
    for row in rows:
        row.revoked_at = now
    emit(session, actor, "delegation.revoked", subject=("user", actor.username), now=now, to=to_username)
    return len(rows)


def list_delegations(session: Session, actor: Actor, *, now: datetime) -> tuple[DelegationRow, ...]:
    """What the actor lent and was lent, as far as it holds or will hold."""
    rows = session.exec(
        select(Delegation)
        .where(
            or_(col(Delegation.from_user_id) == actor.user_id, col(Delegation.to_user_id) == actor.user_id),
            col(Delegation.valid_to) > now,
            col(Delegation.revoked_at).is_(None),
        )
        .order_by(col(Delegation.valid_from), col(Delegation.id))
    ).all()
    people = {row.from_user_id for row in rows} | {row.to_user_id for row in rows}
    users = {row_id(user): user for user in session.exec(select(User).where(col(User.id).in_(people)))}
    return tuple(
        DelegationRow(
            from_name=users[row.from_user_id].name,
            to_username=users[row.to_user_id].username,
            to_name=users[row.to_user_id].name,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            reason=row.reason,
            is_mine=row.from_user_id == actor.user_id,
        )
        for row in rows
    )
