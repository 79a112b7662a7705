"""Verbs that grant: scope levels of tiers, territories. Nobody grants more than they hold."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from ..kernel.access import Actor, Level, Permission, Resource, unscoped
from ..kernel.db import get_by, row_id
from ..kernel.effective import check_range
from ..kernel.errors import InvalidError
from ..kernel.events import emit
from .errors import TerritoryOutsideParentError, TerritoryOverlapError
from .managing import check_level
from .models import Partner, ProductLine, Region, Territory, Tier, TierScope
from .rules import Grant, find_overlap, is_inside
from .service import lock_network


def set_scope_level(
    session: Session, actor: Actor, *, tier_code: str, resource: str, level: str, now: datetime
) -> None:
    """Set how far a tier sees into a resource. Raises `GrantAboveOwnLevelError`."""
    actor.require(Permission.ADMIN_ACCESS)
    if resource not in set(Resource) or level not in set(Level):
        raise InvalidError(field="level", reason=f"{resource}: {level}")
    check_level(actor, resource, Level(level))
    tier = get_by(session, Tier, "tier", code=tier_code)
    row = session.get(TierScope, (row_id(tier), resource))
    if row is None:
        session.add(TierScope(tier_id=row_id(tier), resource=resource, level=level))
    else:
        row.level = level
    emit(
        session,
        actor,
        "tier.scope_changed",
        subject=("tier", tier_code),
        now=now,
        resource=resource,
        level=level,
    )


def grant_territory(
    session: Session,
    actor: Actor,
    *,
    partner_code: str,
    region_code: str,
    line_code: str | None = None,
    is_exclusive: bool,
    valid_from: date,
    valid_to: date | None = None,
    now: datetime,
) -> Territory:
    """Grant a region × product line for a time.

    Raises `TerritoryOverlapError` (an exclusive grant overlaps another line of the tree),
    `TerritoryOutsideParentError` (the parent holds territory and this lies outside it).
    """
    actor.require(Permission.PARTNERS_WRITE)
    check_range(valid_from, valid_to)
    lock_network(session)  # two grants at once could overlap
    partner = get_by(session, Partner, "partner", code=partner_code)
    region = get_by(session, Region, "region", code=region_code)
    line = get_by(session, ProductLine, "product_line", code=line_code) if line_code else None
    wanted = Grant(
        partner.path, region.path, line.path if line else "", is_exclusive, valid_from, valid_to, partner_code
    )
    with unscoped(session, "exclusivity is decided against every grant of the network"):
        grants = _all_grants(session)
        parent = session.get(Partner, partner.parent_id) if partner.parent_id else None
    clash = find_overlap(wanted, grants)
    if clash is not None:
        raise TerritoryOverlapError(
            region=region_code,
            kind="exclusive" if clash.is_exclusive else "shared",
            partner=clash.label,
            since=clash.valid_from,
            until=clash.valid_to or "∞",
        )
    held = [grant for grant in grants if parent is not None and grant.partner_path == parent.path]
    if parent is not None and held and not is_inside(wanted, held):
        raise TerritoryOutsideParentError(region=region_code, parent=parent.code)
    territory = Territory(
        partner_id=row_id(partner),
        region_id=row_id(region),
        product_line_id=row_id(line) if line else None,
        is_exclusive=is_exclusive,
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_at=now,
        recorded_by=actor.user_id,
    )
    session.add(territory)
    emit(session, actor, "territory.granted", subject=("partner", partner_code), now=now, region=region_code)
    return territory


def _all_grants(session: Session) -> list[Grant]:
    rows = session.exec(
        select(Territory, Partner, Region, ProductLine)
        .join(Partner, col(Partner.id) == col(Territory.partner_id))
        .join(Region, col(Region.id) == col(Territory.region_id))
        .outerjoin(ProductLine, col(ProductLine.id) == col(Territory.product_line_id))
    ).all()
    return [
        Grant(
            partner.path,
            region.path,
            line.path if line else "",
            territory.is_exclusive,
            territory.valid_from,
            territory.valid_to,
            partner.code,
        )
        for territory, partner, region, line in rows
    ]
