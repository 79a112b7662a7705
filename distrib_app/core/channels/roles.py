"""Verbs of roles and tiers: what a member may do, and what the tier caps. Nobody grants what they lack."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from ..kernel.access import Actor, Permission
from ..kernel.clock import business_day
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import ConflictError, InvalidError, msg
from ..kernel.events import emit
from .managing import keep_an_administrator, lock_administrators
from .models import Membership, Role, Tier

_CODE = re.compile(r"[a-z][a-z0-9_-]{1,39}")


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role with its permissions, how many hold it today, and whether the reader may give it."""

    code: str
    name: str
    name_en: str
    permissions: tuple[str, ...]
    member_count: int
    can_grant: bool
    version: int


def list_roles(session: Session, actor: Actor, *, now: datetime) -> tuple[RoleRow, ...]:
    """All roles; the counts only for administrators. Raises `ForbiddenError`."""
    is_administrator = actor.can(Permission.ADMIN_ACCESS)
    if not is_administrator:
        actor.require(Permission.USERS_INVITE)
    counts: dict[int, int] = {}
    if is_administrator:
        held = (
            select(Membership.role_id, func.count(func.distinct(Membership.user_id)))
            .where(Membership.as_of(business_day(now, actor.zone)))
            .group_by(col(Membership.role_id))
        )
        counts = dict(session.exec(held).all())
    return tuple(
        RoleRow(
            code=role.code,
            name=role.name,
            name_en=role.name_en,
            permissions=tuple(role.permissions),
            member_count=counts.get(row_id(role), 0),
            can_grant=all(actor.can(permission) for permission in role.permissions),
            version=role.version,
        )
        for role in session.exec(select(Role).order_by(col(Role.id)))
    )


def create_role(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    name_en: str = "",
    permissions: Sequence[str],
    now: datetime,
) -> Role:
    """A new role. Raises `InvalidError`, `ConflictError`, `ForbiddenError` for a permission one lacks."""
    actor.require(Permission.ADMIN_ACCESS)
    _check_names(code, name)
    if session.exec(select(Role.id).where(Role.code == code)).first() is not None:
        raise ConflictError(subject=code)
    wanted = _checked(actor, permissions, known=())
    role = Role(code=code, name=name.strip(), name_en=name_en.strip() or name.strip(), permissions=wanted)
    session.add(role)
    session.flush()
    emit(session, actor, "role.created", subject=("role", code), now=now, permissions=wanted)
    return role


def edit_role(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    name_en: str = "",
    permissions: Sequence[str],
    version: int | None = None,
    now: datetime,
) -> Role:
    """Rename a role and change what it may do; holds from the next call of everybody concerned.

    Raises `StaleError`, `InvalidError`, `ForbiddenError` for an added permission one lacks,
    `LastAdministratorError`.
    """
    actor.require(Permission.ADMIN_ACCESS)
    lock_administrators(session)
    role = get_by(session, Role, "role", code=code)
    _check_names(code, name)
    check_version(role, version, code)
    wanted = _checked(actor, permissions, known=role.permissions)
    added = sorted(set(wanted) - set(role.permissions))
    removed = sorted(set(role.permissions) - set(wanted))
    role.name, role.name_en, role.permissions = name.strip(), name_en.strip() or name.strip(), wanted
    keep_an_administrator(session, actor, now=now)
    emit(session, actor, "role.changed", subject=("role", code), now=now, added=added, removed=removed)
    return role


def create_tier(
    session: Session, actor: Actor, *, code: str, name: str, name_en: str = "", now: datetime
) -> Tier:
    """A new tier, the last one, which may nothing and sees nothing yet. `InvalidError`, `ConflictError`."""
    actor.require(Permission.ADMIN_ACCESS)
    _check_names(code, name)
    if session.exec(select(Tier.id).where(Tier.code == code)).first() is not None:
        raise ConflictError(subject=code)
    last = session.exec(select(func.max(Tier.rank))).one() or 0
    tier = Tier(code=code, name=name.strip(), name_en=name_en.strip() or name.strip(), rank=last + 1)
    session.add(tier)
    session.flush()
    emit(session, actor, "tier.created", subject=("tier", code), now=now)
    return tier


def rename_tier(
    session: Session, actor: Actor, *, code: str, name: str, name_en: str = "", now: datetime
) -> Tier:
    """Another name for a tier; its code stays. Raises `InvalidError`, `NotFoundError`."""
    actor.require(Permission.ADMIN_ACCESS)
    tier = get_by(session, Tier, "tier", code=code)
    _check_names(code, name)
    check_version(tier, None, code)
    tier.name, tier.name_en = name.strip(), name_en.strip() or name.strip()
    emit(session, actor, "tier.renamed", subject=("tier", code), now=now)
    return tier


def order_tiers(session: Session, actor: Actor, *, codes: Sequence[str], now: datetime) -> None:
    """The order of the tiers from the top: every code once. Raises `InvalidError`."""
    actor.require(Permission.ADMIN_ACCESS)
    tiers = {tier.code: tier for tier in session.exec(select(Tier))}
    if sorted(codes) != sorted(tiers):
        raise InvalidError(field="codes", reason=msg("name every tier once"))
    for rank, code in enumerate(codes):
        tiers[code].rank = rank
    emit(session, actor, "tier.order_changed", subject=("tier", codes[0]), now=now, codes=list(codes))


def set_tier_permission(
    session: Session, actor: Actor, *, tier_code: str, permission: str, is_allowed: bool, now: datetime
) -> None:
    """Whether a role held in a tier may have a permission at all.

    Raises `InvalidError`, `ForbiddenError` for a permission one lacks, `LastAdministratorError`.
    """
    actor.require(Permission.ADMIN_ACCESS)
    lock_administrators(session)
    tier = get_by(session, Tier, "tier", code=tier_code)
    check_version(tier, None, tier_code)
    kept = [held for held in tier.permissions if held != permission]
    tier.permissions = _checked(actor, [*kept, permission] if is_allowed else kept, known=tier.permissions)
    keep_an_administrator(session, actor, now=now)
    emit(
        session,
        actor,
        "tier.permission_changed",
        subject=("tier", tier_code),
        now=now,
        permission=permission,
        is_allowed=is_allowed,
    )


def _check_names(code: str, name: str) -> None:
    if not _CODE.fullmatch(code):
        raise InvalidError(field="code", reason=code or msg("empty"))
    if not name.strip() or len(name) > 80:
        raise InvalidError(field="name", reason=name or msg("empty"))


def _checked(actor: Actor, permissions: Sequence[str], *, known: Sequence[str]) -> list[str]:
    """`permissions` in the order of their table; what is new among them the actor must hold."""
    unknown = sorted(set(permissions) - set(Permission))
    if unknown:
        raise InvalidError(field="permissions", reason=unknown[0])
    for permission in sorted(set(permissions) - set(known)):
        actor.require(permission)
    return [permission.value for permission in Permission if permission in permissions]
