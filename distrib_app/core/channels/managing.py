"""Who may manage whom: administrators everybody, owners the people of their own company."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from ..kernel.access import Actor, Level, Permission, User, unscoped
from ..kernel.clock import business_day
from ..kernel.db import get_by, row_id
from ..kernel.errors import NotFoundError
from .actors import resolve_actor
from .errors import GrantAboveOwnLevelError, HigherUserError, LastAdministratorError
from .models import Membership, Partner, PartnerStatus, Role, Tier, TierScope
from .rules import can_grant, is_below
from .service import lock_network


def check_admits(actor: Actor) -> None:
    """Refuse somebody who gives nobody a post anywhere. Raises `ForbiddenError`."""
    if not actor.can(Permission.ADMIN_ACCESS):
        actor.require(Permission.USERS_INVITE)


def check_company(session: Session, actor: Actor, partner: Partner) -> None:
    """Refuse a company whose people are not the actor's to admit: its own and those below are.

    Administrators admit anywhere. Raises `ForbiddenError`, `NotFoundError`.
    """
    check_admits(actor)
    if actor.can(Permission.ADMIN_ACCESS):
        return
    own = session.exec(select(Partner.path).where(col(Partner.id).in_(actor.partner_ids))).all()
    if not any(is_below(partner.path, path) for path in own):
        raise NotFoundError(kind="partner", key=partner.code)


def check_post(session: Session, actor: Actor, partner: Partner, role: Role) -> None:
    """Refuse a post that would give more than the actor has.

    Raises `ForbiddenError` for a permission it lacks, `GrantAboveOwnLevelError` for a level of the partner's
    tier above its own.
    """
    for permission in role.permissions:
        actor.require(permission)
    for scope in session.exec(select(TierScope).where(TierScope.tier_id == partner.tier_id)):
        check_level(actor, scope.resource, Level(scope.level))


def check_level(actor: Actor, resource: str, level: Level) -> None:
    """A granter cannot grant above its own level: raises `GrantAboveOwnLevelError`."""
    own = actor.scope(resource).level
    if not can_grant(own, level):
        raise GrantAboveOwnLevelError(level=level.value, resource=resource, own=own.value)


def find_person(session: Session, actor: Actor, username: str, *, now: datetime) -> User:
    """A user the actor may look at; for owners only people of their own company exist. `NotFoundError`."""
    if not actor.can(Permission.ADMIN_ACCESS):
        actor.require(Permission.USERS_INVITE)
    user = get_by(session, User, "user", username=username)
    if actor.can(Permission.ADMIN_ACCESS):
        return user
    here = select(Membership.id).where(
        Membership.user_id == user.id,
        col(Membership.partner_id).in_(actor.partner_ids),
        Membership.as_of(business_day(now, actor.zone)),
    )
    if session.exec(here).first() is None:
        raise NotFoundError(kind="user", key=username)
    return user


def find_managed(session: Session, actor: Actor, username: str, *, now: datetime) -> User:
    """A user whose account the actor may change: nobody who may do more, or works elsewhere too.

    Raises `ForbiddenError`, `NotFoundError`, `HigherUserError`.
    """
    user = find_person(session, actor, username, now=now)
    other = resolve_actor(session, user, now=now)
    elsewhere = set(other.partner_ids) - set(actor.partner_ids)
    if not other.permissions <= actor.permissions or (elsewhere and not actor.can(Permission.ADMIN_ACCESS)):
        raise HigherUserError(username=username)
    return user


def administrator_ids(session: Session, *, day: date) -> list[int]:
    """The enabled users who administer the platform on `day`."""
    with unscoped(session, "administrators are counted, seen or not"):
        roles = [
            row_id(role) for role in session.exec(select(Role)) if Permission.ADMIN_ACCESS in role.permissions
        ]
        tiers = [
            row_id(tier) for tier in session.exec(select(Tier)) if Permission.ADMIN_ACCESS in tier.permissions
        ]
        found = session.exec(
            select(User.id)
            .join(Membership, col(Membership.user_id) == col(User.id))
            .join(Partner, col(Partner.id) == col(Membership.partner_id))
            .where(
                col(User.is_disabled).is_(False),
                col(Membership.role_id).in_(roles),
                col(Partner.tier_id).in_(tiers),
                Partner.status != PartnerStatus.TERMINATED,
                Membership.as_of(day),
            )
            .distinct()
            .order_by(col(User.id))
        ).all()
    return [user_id for user_id in found if user_id is not None]


def lock_administrators(session: Session) -> None:
    """Take turns with everybody who may remove an administrator; call it before the change."""
    lock_network(session)


def keep_an_administrator(session: Session, actor: Actor, *, now: datetime) -> None:
    """After a change: somebody must be left who administers. Raises `LastAdministratorError`."""
    session.flush()
    if not administrator_ids(session, day=business_day(now, actor.zone)):
        raise LastAdministratorError
