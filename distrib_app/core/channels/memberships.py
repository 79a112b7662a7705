"""Verbs of memberships: who acts for which company in which role. Nobody grants more than they hold."""

from datetime import date, datetime

from sqlmodel import Session, select

from ..kernel.access import Actor, User
from ..kernel.clock import business_day
from ..kernel.db import get_by, row_id
from ..kernel.errors import ConflictError, NotFoundError
from ..kernel.events import emit
from .managing import (
    check_admits,
    check_company,
    check_post,
    find_managed,
    keep_an_administrator,
    lock_administrators,
)
from .models import Membership, Partner, Role


def add_membership(
    session: Session, actor: Actor, *, username: str, partner_code: str, role_code: str, now: datetime
) -> Membership:
    """Let a user act for a partner in a role, from today on.

    Owners give posts in their own company to its people, administrators everywhere to everybody. Raises
    `NotFoundError`, `ForbiddenError` and `GrantAboveOwnLevelError` for what the granter lacks,
    `HigherUserError`, `ConflictError` for a post that is held already.
    """
    check_admits(actor)
    partner = get_by(session, Partner, "partner", code=partner_code)
    check_company(session, actor, partner)
    role = get_by(session, Role, "role", code=role_code)
    user = _find_member(session, actor, username, now=now)
    check_post(session, actor, partner, role)
    return insert_membership(session, actor, user=user, partner=partner, role=role, now=now)


def _find_member(session: Session, actor: Actor, username: str, *, now: datetime) -> User:
    if actor.is_system:
        return get_by(session, User, "user", username=username)
    return find_managed(session, actor, username, now=now)


def insert_membership(
    session: Session, actor: Actor, *, user: User, partner: Partner, role: Role, now: datetime
) -> Membership:
    """The row and its event; whoever calls has checked who may. Raises `ConflictError`."""
    today = business_day(now, partner.zone)
    if _find(session, user, partner, role, today) is not None:
        raise ConflictError(subject=f"{user.username} – {partner.code} – {role.code}")
    membership = Membership(
        user_id=row_id(user),
        partner_id=row_id(partner),
        role_id=row_id(role),
        valid_from=today,
        recorded_at=now,
        recorded_by=actor.user_id,
    )
    session.add(membership)
    emit(
        session,
        actor,
        "membership.added",
        subject=("partner", partner.code),
        now=now,
        role=role.code,
        user=user.username,
    )
    return membership


def end_membership(
    session: Session, actor: Actor, *, username: str, partner_code: str, role_code: str, now: datetime
) -> None:
    """End a post at once. Raises `NotFoundError`, `HigherUserError`, `LastAdministratorError`."""
    lock_administrators(session)
    _end(session, actor, username, partner_code, role_code, now=now)
    keep_an_administrator(session, actor, now=now)


def change_role(
    session: Session,
    actor: Actor,
    *,
    username: str,
    partner_code: str,
    role_code: str,
    new_role_code: str,
    now: datetime,
) -> Membership:
    """Another role in the same company, at once. Raises what ending and adding a membership raise."""
    lock_administrators(session)
    _end(session, actor, username, partner_code, role_code, now=now)
    session.flush()
    partner = get_by(session, Partner, "partner", code=partner_code)
    role = get_by(session, Role, "role", code=new_role_code)
    check_post(session, actor, partner, role)
    user = get_by(session, User, "user", username=username)
    membership = insert_membership(session, actor, user=user, partner=partner, role=role, now=now)
    keep_an_administrator(session, actor, now=now)
    return membership


def _end(
    session: Session, actor: Actor, username: str, partner_code: str, role_code: str, *, now: datetime
) -> None:
    user = find_managed(session, actor, username, now=now)
    partner = get_by(session, Partner, "partner", code=partner_code)
    check_company(session, actor, partner)
    role = get_by(session, Role, "role", code=role_code)
    # whichever day is earlier: the post ends for both at once
    today = min(business_day(now, user.zone), business_day(now, partner.zone))
    held = _find(session, user, partner, role, business_day(now, partner.zone))
    if held is None:
        raise NotFoundError(kind="membership", key=f"{username} – {partner_code} – {role_code}")
    held.valid_to = max(held.valid_from, today)
    emit(
        session,
        actor,
        "membership.ended",
        subject=("partner", partner.code),
        now=now,
        role=role.code,
        user=user.username,
    )


def _find(session: Session, user: User, partner: Partner, role: Role, day: date) -> Membership | None:
    return session.exec(
        select(Membership).where(
            Membership.user_id == user.id,
            Membership.partner_id == partner.id,
            Membership.role_id == role.id,
            Membership.as_of(day),
        )
    ).first()
