"""Reads of the network, through the actor's scope."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_
from sqlmodel import Session, col, select

from ..kernel.access import RESOURCE_NAMES, User, unscoped
from ..kernel.clock import business_day
from ..kernel.db import get_by, row_id
from ..kernel.events import Event
from ..kernel.listing import FIRST_PAGE, Facet, Listing, ListQuery, ListSpec, check_window, run
from .models import (
    Membership,
    Partner,
    PartnerStatus,
    ProductLine,
    Region,
    Role,
    Territory,
    Tier,
    TierScope,
)


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A partner in a list."""

    code: str
    name: str
    name_en: str
    kind: str
    tier_code: str
    tier_name: str
    tier_name_en: str
    parent_code: str
    parent_name: str
    parent_name_en: str
    region_code: str
    region_name: str
    region_name_en: str
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class TerritoryRow:
    """A grant of a region (and product line, empty for all) to a partner."""

    region_code: str
    region_name: str
    region_name_en: str
    line_name: str
    line_name_en: str
    is_exclusive: bool
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person who acts for a partner."""

    username: str
    name: str
    role_name: str
    role_name_en: str


@dataclass(frozen=True, slots=True)
class PartnerEventRow:
    """Something that happened to a partner; `actor_name` is empty for what the system did."""

    kind: str
    occurred_at: datetime
    actor_name: str
    payload: dict[str, object]


@dataclass(frozen=True, slots=True)
class PartnerDetail:
    """A partner with what hangs on it; members only for those who may administer or act for it."""

    partner: PartnerRow
    language: str
    zone: str
    children: tuple[PartnerRow, ...]
    territories: tuple[TerritoryRow, ...]
    members: tuple[MemberRow, ...]
    events: tuple[PartnerEventRow, ...]


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier with its permissions and its level per resource."""

    code: str
    name: str
    name_en: str
    rank: int
    partner_count: int
    permissions: tuple[str, ...]
    levels: dict[str, str]


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region of the tree."""

    code: str
    name: str
    name_en: str
    level: str
    path: str


def list_partners(
    session: Session, *, query: ListQuery = FIRST_PAGE, parent_code: str = ""
) -> Listing[PartnerRow]:
    """Partners within scope, by tier and code; `parent_code` keeps those right below one partner.

    Sorts: tier, code, name, region, created_at. Facets: tier, status, region (with those below it). Raises
    `NotFoundError` for an unknown tier, parent or region.
    """
    extra = []
    if parent_code:
        parent = get_by(session, Partner, "partner", code=parent_code)
        extra.append(col(Partner.parent_id) == row_id(parent))
    found = run(session, PARTNERS, query, extra)
    return found.showing(_partner_rows(session, [(p, t, r) for p, t, r in found.rows]))


def _with_tier_and_region(statement: Select[Any]) -> Select[Any]:
    return statement.join(Tier, col(Tier.id) == col(Partner.tier_id)).join(
        Region, col(Region.id) == col(Partner.region_id)
    )


def _in_tiers(session: Session, codes: tuple[str, ...]) -> ColumnElement[bool]:
    return col(Partner.tier_id).in_([row_id(get_by(session, Tier, "tier", code=code)) for code in codes])


def _in_regions(session: Session, codes: tuple[str, ...]) -> ColumnElement[bool]:
    paths = [get_by(session, Region, "region", code=code).path for code in codes]
    inside = select(Region.id).where(
        or_(*(col(Region.path).startswith(one, autoescape=True) for one in paths))
    )
    return col(Partner.region_id).in_(inside)


PARTNERS = ListSpec(
    entity=Partner,
    columns=(Tier, Region),
    join=_with_tier_and_region,
    key=(col(Partner.id),),
    sorts={
        "tier": (col(Tier.rank), col(Partner.code)),
        "code": (col(Partner.code),),
        "name": (col(Partner.name),),
        "region": (col(Region.path),),
        "created_at": (col(Partner.created_at),),
    },
    default_sort="tier",
    codes=(col(Partner.code),),
    names=(col(Partner.name), col(Partner.name_en)),
    initials=(col(Partner.initials),),
    facets={
        "tier": Facet(col(Tier.code), col(Tier.name), col(Tier.name_en), where=_in_tiers),
        "status": Facet(col(Partner.status), allowed=frozenset(PartnerStatus)),
        "region": Facet(col(Region.code), col(Region.name), col(Region.name_en), where=_in_regions),
    },
)


def _partner_rows(session: Session, found: list[tuple[Partner, Tier, Region]]) -> tuple[PartnerRow, ...]:
    parents = {partner.parent_id for partner, _, _ in found if partner.parent_id}
    with unscoped(session, "a partner may know its own parent's name"):
        names = {
            row.id: row for row in session.exec(select(Partner).where(col(Partner.id).in_(parents))).all()
        }
    rows = []
    for partner, tier, region in found:
        parent = names.get(partner.parent_id)
        rows.append(
            PartnerRow(
                code=partner.code,
                name=partner.name,
                name_en=partner.name_en or partner.name,
                kind=partner.kind,
                tier_code=tier.code,
                tier_name=tier.name,
                tier_name_en=tier.name_en,
                parent_code=parent.code if parent else "",
                parent_name=parent.name if parent else "",
                parent_name_en=(parent.name_en or parent.name) if parent else "",
                region_code=region.code,
                region_name=region.name,
                region_name_en=region.name_en,
                status=partner.status,
                version=partner.version,
            )
        )
    return tuple(rows)


def get_partner(session: Session, code: str, *, now: datetime) -> PartnerDetail:
    """A partner by code. Raises `NotFoundError`, also out of scope."""
    partner = get_by(session, Partner, "partner", code=code)
    tier = session.get_one(Tier, partner.tier_id)
    region = session.get_one(Region, partner.region_id)
    today = business_day(now, partner.zone)
    return PartnerDetail(
        partner=_partner_rows(session, [(partner, tier, region)])[0],
        language=partner.language,
        zone=partner.zone,
        children=list_partners(session, query=ListQuery(limit=100), parent_code=code).rows,
        territories=_territories(session, partner, today),
        members=_members(session, partner, today),
        events=_events(session, code),
    )


def _events(session: Session, code: str) -> tuple[PartnerEventRow, ...]:
    """The newest fifty events of a partner with the name of who did it."""
    rows = session.exec(
        select(Event, User.name)
        .outerjoin(User, col(User.id) == col(Event.actor_user_id))
        .where(Event.subject_kind == "partner", Event.subject_key == code)
        .order_by(col(Event.id).desc())
        .limit(50)
    ).all()
    return tuple(
        PartnerEventRow(event.kind, event.occurred_at, name or "", dict(event.payload))
        for event, name in rows
    )


def _territories(session: Session, partner: Partner, today: date) -> tuple[TerritoryRow, ...]:
    rows = session.exec(
        select(Territory, Region, ProductLine)
        .join(Region, col(Region.id) == col(Territory.region_id))
        .outerjoin(ProductLine, col(ProductLine.id) == col(Territory.product_line_id))
        .where(Territory.partner_id == partner.id, Territory.as_of(today))
        .order_by(col(Region.path))
    ).all()
    return tuple(
        TerritoryRow(
            region_code=region.code,
            region_name=region.name,
            region_name_en=region.name_en,
            line_name=line.name if line else "",
            line_name_en=line.name_en if line else "",
            is_exclusive=territory.is_exclusive,
            valid_from=territory.valid_from,
            valid_to=territory.valid_to,
        )
        for territory, region, line in rows
    )


def _members(session: Session, partner: Partner, today: date) -> tuple[MemberRow, ...]:
    actor = session.info["actor"]
    if partner.id not in actor.partner_ids and not actor.can("admin.access"):
        return ()
    rows = session.exec(
        select(User, Role)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .join(Role, col(Role.id) == col(Membership.role_id))
        .where(Membership.partner_id == partner.id, Membership.as_of(today))
        .order_by(col(User.username))
    ).all()
    return tuple(MemberRow(user.username, user.name, role.name, role.name_en) for user, role in rows)


def list_tiers(session: Session) -> list[TierRow]:
    """All tiers with their scope levels per resource; partner counts within the reader's scope."""
    levels: dict[int, dict[str, str]] = {}
    for row in session.exec(select(TierScope)):
        levels.setdefault(row.tier_id, {})[row.resource] = row.level
    counts = dict(session.exec(select(Partner.tier_id, func.count()).group_by(col(Partner.tier_id))).all())
    return [
        TierRow(
            code=tier.code,
            name=tier.name,
            name_en=tier.name_en,
            rank=tier.rank,
            partner_count=counts.get(row_id(tier), 0),
            permissions=tuple(tier.permissions),
            levels={
                resource: levels.get(row_id(tier), {}).get(resource, "none") for resource in RESOURCE_NAMES
            },
        )
        for tier in session.exec(select(Tier).order_by(col(Tier.rank)))
    ]


def list_regions(
    session: Session, *, parent_code: str = "", search: str = "", limit: int = 100
) -> list[RegionRow]:
    """The children of a region (the roots without one), or those whose code or name begins with `search`."""
    check_window(0, limit)
    statement = select(Region)
    if search.strip():
        text = search.strip()
        statement = statement.where(
            or_(
                col(Region.code).istartswith(text, autoescape=True),
                col(Region.name).istartswith(text, autoescape=True),
                col(Region.name_en).istartswith(text, autoescape=True),
            )
        )
    elif parent_code:
        parent = get_by(session, Region, "region", code=parent_code)
        statement = statement.where(Region.parent_id == parent.id)
    else:
        statement = statement.where(col(Region.parent_id).is_(None))
    rows = session.exec(statement.order_by(col(Region.path)).limit(limit)).all()
    return [RegionRow(row.code, row.name, row.name_en, row.level, row.path) for row in rows]
