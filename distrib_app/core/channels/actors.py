"""From a user to an actor: memberships, tier permissions and levels become permissions and prefixes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from ..kernel.access import NO_SCOPE, Actor, Level, Resource, Scope, User, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..workbench import find_delegators
from .models import (
    Membership,
    Partner,
    PartnerPath,
    PartnerStatus,
    ProductLine,
    Region,
    Role,
    Territory,
    Tier,
    TierScope,
)


def resolve_actor(session: Session, user: User, *, now: datetime) -> Actor:
    """The actor `user` is at `now`: the union over its memberships with partners not terminated.

    A membership gives the role's permissions that the partner's tier allows, and per resource the tier's
    level. Days are taken in the user's zone.
    """
    today = business_day(now, user.zone)
    with unscoped(session, "an actor is resolved before its scope is known"):
        held = _held(session, [row_id(user)], today)
        delegators = find_delegators(session, user_id=row_id(user), now=now)
        lent = _held(session, delegators, today) if delegators else []
        levels = _levels(session, [row_id(tier) for _, _, tier, _ in held])
        partner_ids = list(dict.fromkeys(row_id(partner) for _, partner, _, _ in held))
        past = _past_paths(session, partner_ids)
        lands = _territories(session, partner_ids, now=now, zone=user.zone)
    permissions: set[str] = set()
    scopes: dict[str, Scope] = {}
    for _, partner, tier, role in held:
        permissions |= set(role.permissions) & set(tier.permissions)
        for resource in Resource:
            level = levels.get((row_id(tier), resource), Level.NONE)
            one = _scope(level, row_id(user), partner, past[row_id(partner)], lands[row_id(partner)])
            scopes[resource] = _union(scopes.get(resource, NO_SCOPE), one)
    return Actor(
        user_id=user.id,
        username=user.username,
        name=user.name,
        language=user.language,
        zone=user.zone,
        permissions=frozenset(permissions),
        scopes=scopes,
        partner_ids=tuple(partner_ids),
        tier_codes=tuple(dict.fromkeys(tier.code for _, _, tier, _ in held)),
        posts=frozenset((row_id(partner), role.code) for _, partner, _, role in held),
        delegated=frozenset((user_id, row_id(partner), role.code) for user_id, partner, _, role in lent),
    )


def _held(
    session: Session, user_ids: Sequence[int], today: date
) -> Sequence[tuple[int, Partner, Tier, Role]]:
    """(user, partner, its tier, role) of every membership that holds today."""
    return session.exec(
        select(Membership.user_id, Partner, Tier, Role)
        .join(Partner, col(Membership.partner_id) == col(Partner.id))
        .join(Tier, col(Tier.id) == col(Partner.tier_id))
        .join(Role, col(Role.id) == col(Membership.role_id))
        .where(
            col(Membership.user_id).in_(user_ids),
            Membership.as_of(today),
            Partner.status != PartnerStatus.TERMINATED,
        )
        .order_by(col(Membership.id))
    ).all()


def _scope(
    level: Level, user_id: int, partner: Partner, past: tuple[str, ...], lands: tuple[tuple[str, str], ...]
) -> Scope:
    if level is Level.NONE:
        return Scope(level)
    if level in (Level.OWN, Level.ALL):
        return Scope(level, user_id=user_id)
    ids = (row_id(partner),)
    if level is Level.PARTNER:
        return Scope(level, user_id=user_id, party_ids=ids)
    if level is Level.TERRITORY:
        return Scope(level, user_id=user_id, party_ids=ids, territory=lands)
    return Scope(level, user_id=user_id, party_ids=ids, paths=(partner.path,), past_paths=past)


def _union(first: Scope, second: Scope) -> Scope:
    return Scope(
        level=max(first.level, second.level, key=lambda level: level.rank),
        user_id=first.user_id or second.user_id,
        party_ids=tuple(dict.fromkeys(first.party_ids + second.party_ids)),
        paths=tuple(dict.fromkeys(first.paths + second.paths)),
        past_paths=tuple(dict.fromkeys(first.past_paths + second.past_paths)),
        territory=tuple(dict.fromkeys(first.territory + second.territory)),
    )


def _levels(session: Session, tier_ids: list[int]) -> dict[tuple[int, str], Level]:
    rows = session.exec(select(TierScope).where(col(TierScope.tier_id).in_(tier_ids))).all()
    return {(row.tier_id, row.resource): Level(row.level) for row in rows}


def _past_paths(session: Session, partner_ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for row in session.exec(select(PartnerPath).where(col(PartnerPath.partner_id).in_(partner_ids))):
        found[row.partner_id][row.path] = None
    return {partner_id: tuple(found[partner_id]) for partner_id in partner_ids}


def _territories(
    session: Session, partner_ids: list[int], *, now: datetime, zone: str
) -> dict[int, tuple[tuple[str, str], ...]]:
    rows = session.exec(
        select(Territory.partner_id, Region.path, ProductLine.path)
        .join(Region, col(Region.id) == col(Territory.region_id))
        .outerjoin(ProductLine, col(ProductLine.id) == col(Territory.product_line_id))
        .where(col(Territory.partner_id).in_(partner_ids), Territory.as_of(business_day(now, zone)))
    ).all()
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for partner_id, region_path, line_path in rows:
        found[partner_id].append((region_path, line_path or ""))
    return {partner_id: tuple(found[partner_id]) for partner_id in partner_ids}
