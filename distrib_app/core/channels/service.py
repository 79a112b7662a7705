"""Verbs of the network: found it, admit partners, move them, set their status, add regions."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists
from sqlmodel import Session, col, select

from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import ConflictError, InvalidError
from ..kernel.events import emit
from ..workbench import add_default_rules
from .errors import NoNetworkError, SecondNetworkError, TreeCycleError
from .models import Network, Partner, PartnerKind, PartnerPath, PartnerStatus, Region, Tier
from .rules import child_path, is_below, rebased


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """What a network is founded with."""

    brand_code: str
    brand_name: str
    brand_name_en: str
    region_code: str
    currency: str
    zone: str
    area_level: str
    source: str
    founded_on: date


def get_network(session: Session) -> Network:
    """The network of this database. Raises `NoNetworkError`."""
    network = session.get(Network, 1)
    if network is None:
        raise NoNetworkError
    session.info["network"] = network  # a session holds its rows weakly: the next caller reads nothing
    return network


def lock_network(session: Session) -> None:
    """Take turns on PostgreSQL with everybody who changes the tree or its territories.

    Call it before reading what the decision rests on; without a network yet there is nobody to wait for.
    """
    session.get(Network, 1, with_for_update=True)


def found_network(session: Session, actor: Actor, *, plan: NetworkPlan, now: datetime) -> Network:
    """Create the root brand and the network, or return the one of the same source.

    Raises `SecondNetworkError` when another brand or source is there already.
    """
    actor.require(Permission.ADMIN_ACCESS)
    existing = session.get(Network, 1)
    if existing is not None:
        if existing.source == plan.source:
            return existing
        brand = session.get_one(Partner, existing.brand_id)
        raise SecondNetworkError(existing=brand.name, source=existing.source, wanted=plan.brand_name)
    brand = _insert_partner(
        session,
        actor,
        code=plan.brand_code,
        name=plan.brand_name,
        name_en=plan.brand_name_en,
        kind=PartnerKind.BRAND,
        tier=get_by(session, Tier, "tier", code="brand"),
        parent=None,
        region=get_by(session, Region, "region", code=plan.region_code),
        zone=plan.zone,
        since=plan.founded_on,
        now=now,
    )
    network = Network(
        brand_id=row_id(brand),
        currency=plan.currency,
        zone=plan.zone,
        area_level=plan.area_level,
        source=plan.source,
        founded_on=plan.founded_on,
    )
    session.add(network)
    add_default_rules(session, party_id=row_id(brand), currency=plan.currency)
    emit(session, actor, "network.founded", subject=("network", plan.source), now=now)
    return network


def create_partner(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    tier_code: str,
    parent_code: str,
    region_code: str,
    now: datetime,
    kind: str = PartnerKind.AGENT,
    name_en: str = "",
    since: date | None = None,
) -> Partner:
    """Admit a partner below `parent_code`, which the actor must see.

    Raises `ConflictError` for a used code, `NotFoundError` for unknown tier, parent or region.
    """
    actor.require(Permission.PARTNERS_WRITE)
    if kind not in set(PartnerKind) - {PartnerKind.BRAND}:
        raise InvalidError(field="kind", reason=kind)
    lock_network(session)  # the parent must not move meanwhile
    parent = get_by(session, Partner, "partner", code=parent_code)
    with unscoped(session, "partner codes are unique in the whole network"):
        if session.exec(select(Partner.id).where(Partner.code == code)).first():
            raise ConflictError(subject=code)
    return _insert_partner(
        session,
        actor,
        code=code,
        name=name,
        name_en=name_en,
        kind=PartnerKind(kind),
        tier=get_by(session, Tier, "tier", code=tier_code),
        parent=parent,
        region=get_by(session, Region, "region", code=region_code),
        zone=parent.zone,
        since=since or business_day(now, parent.zone),
        now=now,
    )


def _insert_partner(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    name_en: str,
    kind: PartnerKind,
    tier: Tier,
    parent: Partner | None,
    region: Region,
    zone: str,
    since: date,
    now: datetime,
) -> Partner:
    if not code.strip() or not name.strip():
        raise InvalidError(field="code" if not code.strip() else "name", reason="empty")
    partner = Partner(
        code=code.strip(),
        name=name.strip(),
        name_en=name_en.strip(),
        kind=kind,
        tier_id=row_id(tier),
        parent_id=row_id(parent) if parent else None,
        path="",
        region_id=row_id(region),
        zone=zone,
        created_at=now,
    )
    session.add(partner)
    session.flush()
    partner.path = child_path(parent.path if parent else "/", row_id(partner))
    session.add(
        PartnerPath(
            partner_id=row_id(partner),
            parent_id=partner.parent_id,
            path=partner.path,
            valid_from=since,
            recorded_at=now,
            recorded_by=actor.user_id,
        )
    )
    session.flush()
    emit(session, actor, "partner.created", subject=("partner", partner.code), now=now, tier=tier.code)
    return partner


def move_partner(
    session: Session, actor: Actor, *, code: str, parent_code: str, version: int | None = None, now: datetime
) -> Partner:
    """Put a partner (and all below it) under another parent from today on; history keeps the old path.

    Raises `TreeCycleError`, `StaleError`, `NotFoundError`.
    """
    actor.require(Permission.PARTNERS_WRITE)
    lock_network(session)  # two moves at once could put each below the other
    partner = get_by(session, Partner, "partner", code=code)
    parent = get_by(session, Partner, "partner", code=parent_code)
    if is_below(parent.path, partner.path):
        raise TreeCycleError(partner=code, parent=parent_code)
    check_version(partner, version, code)
    today = business_day(now, partner.zone)
    old_prefix, new_prefix = partner.path, child_path(parent.path, row_id(partner))
    partner.parent_id = row_id(parent)
    with unscoped(session, "the whole subtree moves, seen or not"):
        moved = session.exec(select(Partner).where(col(Partner.path).startswith(old_prefix))).all()
        for row in moved:
            row.path = rebased(row.path, old_prefix, new_prefix)
            _continue_path(session, actor, row, today=today, now=now)
    emit(session, actor, "partner.moved", subject=("partner", code), now=now, parent=parent_code)
    return partner


def _continue_path(session: Session, actor: Actor, partner: Partner, *, today: date, now: datetime) -> None:
    open_row = session.exec(
        select(PartnerPath).where(PartnerPath.partner_id == partner.id, col(PartnerPath.valid_to).is_(None))
    ).one()
    # moved again on its first day: an empty range, kept because documents of that day carry its path
    open_row.valid_to = max(open_row.valid_from, today)
    session.add(
        PartnerPath(
            partner_id=row_id(partner),
            parent_id=partner.parent_id,
            path=partner.path,
            valid_from=today,
            recorded_at=now,
            recorded_by=actor.user_id,
        )
    )


def set_partner_status(
    session: Session, actor: Actor, *, code: str, status: str, version: int | None = None, now: datetime
) -> Partner:
    """Activate, suspend or terminate a partner. Raises `StaleError`, `InvalidError`."""
    actor.require(Permission.PARTNERS_WRITE)
    if status not in set(PartnerStatus):
        raise InvalidError(field="status", reason=status)
    partner = get_by(session, Partner, "partner", code=code)
    if partner.kind == PartnerKind.BRAND:
        raise InvalidError(field="status", reason=code)
    check_version(partner, version, code)
    before, partner.status = partner.status, status
    emit(session, actor, "partner.status_changed", subject=("partner", code), now=now, old=before, new=status)
    return partner


def add_region(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    parent_code: str | None,
    level: str,
    name_en: str = "",
) -> Region:
    """Add a region of an own code namespace (imports, other countries); an existing code is returned."""
    actor.require(Permission.ADMIN_ACCESS)
    existing = session.exec(select(Region).where(Region.code == code)).one_or_none()
    if existing is not None:
        return existing
    parent = get_by(session, Region, "region", code=parent_code) if parent_code else None
    region = Region(
        code=code,
        name=name,
        name_en=name_en or name,
        short_name=name,
        level=level,
        parent_id=row_id(parent) if parent else None,
        path=child_path(parent.path if parent else "", code),
    )
    session.add(region)
    session.flush()
    return region


def require_partner(session: Session, code: str) -> Partner:
    """A partner by code within scope. Raises `NotFoundError`."""
    return get_by(session, Partner, "partner", code=code)


def has_partners(session: Session) -> bool:
    """Whether anybody is in the network."""
    return bool(session.exec(select(exists().where(col(Partner.id).is_not(None)))).one())
