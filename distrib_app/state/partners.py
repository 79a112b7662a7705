"""Partners: the list, one partner with its next actions, and how far each tier sees."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import reflex as rx
from sqlmodel import Session, select

from .. import routes
from ..core.accounts import AccountRow, list_accounts
from ..core.channels import (
    Partner,
    PartnerDetail,
    PartnerKind,
    RegionRow,
    TierRow,
    create_partner,
    get_network,
    get_partner,
    list_partners,
    list_regions,
    list_tiers,
    move_partner,
    set_partner_status,
    set_scope_level,
)
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import business_day, utc_now
from ..core.kernel.errors import ForbiddenError, NotFoundError, msg
from ..gate import allowed
from . import accounts_view
from . import partners_view as view
from .base import Gate
from .table import Table

ACCOUNTS_SHOWN = 12


class PartnerList(Table, rx.State):
    """Partners within scope; search, tier and status live in the URL."""

    tier: str = ""
    status: str = ""
    tier_options: list[dict[str, str]] = []
    status_options: list[dict[str, str]] = []
    is_forbidden: bool = False

    async def _fetch(
        self, *, offset: int, limit: int, query: dict[str, str]
    ) -> tuple[list[dict[str, str]], int]:
        language = await self._language()
        try:
            tiers = await self._read(allowed(Permission.PARTNERS_READ, list_tiers))
        except ForbiddenError:
            self.is_forbidden = True
            return [], 0
        tier = query.get("tier", "") if query.get("tier") in {row.code for row in tiers} else ""
        status = query.get("status", "") if query.get("status") in view.STATUSES else ""
        page = await self._read(
            allowed(Permission.PARTNERS_READ, list_partners),
            search=query.get("search", ""),
            tier_code=tier,
            status=status,
            offset=offset,
            limit=limit,
        )
        self.tier = tier
        self.status = status
        self.tier_options = view.tier_options(tiers, language)
        self.status_options = view.options(
            {value: text for value, (text, _) in view.STATUSES.items()}, language
        )
        self.is_forbidden = False
        return [view.partner_row(row, language) for row in page.rows], page.total


@dataclass(frozen=True, slots=True)
class _Record:
    """What the page of one partner needs, read in one session."""

    detail: PartnerDetail
    is_parent_seen: bool
    tiers: list[TierRow]
    regions: list[RegionRow]
    accounts: tuple[AccountRow, ...]
    account_total: int
    can_write: bool
    can_see_accounts: bool


def _record(session: Session, actor: Actor, *, partner_code: str, now: datetime) -> _Record:
    actor.require(Permission.PARTNERS_READ)
    detail = get_partner(session, partner_code, now=now)
    can_write = actor.can(Permission.PARTNERS_WRITE)
    can_see_accounts = actor.can(Permission.ACCOUNTS_READ)
    parent = select(Partner.id).where(Partner.code == detail.partner.parent_code)
    accounts = (
        list_accounts(
            session,
            day=business_day(now, get_network(session).zone),
            partner_code=partner_code,
            limit=ACCOUNTS_SHOWN,
        )
        if can_see_accounts
        else None
    )
    return _Record(
        detail=detail,
        is_parent_seen=session.exec(parent).first() is not None,
        tiers=list_tiers(session),
        regions=list_regions(session, parent_code=detail.partner.region_code) if can_write else [],
        accounts=accounts.rows if accounts else (),
        account_total=accounts.total if accounts else 0,
        can_write=can_write,
        can_see_accounts=can_see_accounts,
    )


class PartnerRecord(Gate, rx.State):
    """One partner: facts, actions, partners below, territories, people, accounts, what happened."""

    is_loaded: bool = False
    is_missing: bool = False
    can_write: bool = False
    can_see_accounts: bool = False
    has_more_accounts: bool = False
    is_brand: bool = False
    facts: dict[str, str] = {}
    children: list[dict[str, str]] = []
    territories: list[dict[str, str]] = []
    members: list[dict[str, str]] = []
    events: list[dict[str, str]] = []
    accounts: list[dict[str, str]] = []
    accounts_href: str = ""
    tier_options: list[dict[str, str]] = []
    kind_options: list[dict[str, str]] = []
    region_options: list[dict[str, str]] = []
    next_tier: str = ""
    form_key: str = ""
    _shown_code: str = ""
    _version: int = 0
    _saved: int = 0

    @rx.event
    async def load(self) -> None:
        """Read the partner the URL names."""
        self._shown_code = unquote(self.router.url.path.rstrip("/").rpartition("/")[2])[:40]
        await self._reload()

    async def _reload(self) -> None:
        try:
            found = await self._read(_record, partner_code=self._shown_code, now=utc_now())
        except (NotFoundError, ForbiddenError):
            self.is_missing = True
            self.is_loaded = True
            return
        language = await self._language()
        detail = found.detail
        self.facts = view.facts(detail, language, is_parent_seen=found.is_parent_seen)
        self.children = [view.partner_row(row, language) for row in detail.children]
        self.territories = view.territories(detail.territories, language)
        self.members = view.members(detail.members, language)
        self.events = view.events(detail, language, await self._zone())
        self.accounts = [accounts_view.account_row(row, language) for row in found.accounts]
        self.has_more_accounts = found.account_total > len(found.accounts)
        self.accounts_href = f"{routes.ACCOUNTS}?search={detail.partner.code}"
        self.can_write = found.can_write
        self.can_see_accounts = found.can_see_accounts
        self.is_brand = detail.partner.kind == PartnerKind.BRAND
        self.tier_options = view.tier_options(found.tiers, language, with_brand=False)
        self.kind_options = view.options(
            {kind: text for kind, text in view.KINDS.items() if kind != PartnerKind.BRAND}, language
        )
        self.region_options = view.region_options(detail.partner, found.regions, language)
        self.next_tier = view.next_tier(found.tiers, detail.partner.tier_code)
        self.form_key = f"{detail.partner.code}:{self._saved}"
        self._version = detail.partner.version
        self.is_missing = False
        self.is_loaded = True

    @rx.event
    async def change_status(self, status: str) -> Any:
        """Suspend or activate the partner shown."""
        await self._write(
            set_partner_status, code=self._shown_code, status=status[:20], version=self._version
        )
        return await self._done()

    @rx.event
    async def add_below(self, values: dict[str, Any]) -> Any:
        """Admit a partner below the one shown; a refusal leaves the form as it was."""
        form = _texts(values)
        partner = await self._write(
            create_partner,
            code=form.get("new_code", "")[:40],
            name=form.get("name", "")[:160],
            name_en=form.get("name_en", "")[:160],
            tier_code=form.get("tier", ""),
            kind=form.get("kind", ""),
            region_code=form.get("region", ""),
            parent_code=self._shown_code,
        )
        self._saved += 1
        await self._reload()
        return await self._say(msg("Partner {code} was admitted."), code=partner.code)

    @rx.event
    async def move(self, values: dict[str, Any]) -> Any:
        """Put the partner shown below another one from today on."""
        parent = _texts(values).get("parent", "")
        await self._write(move_partner, code=self._shown_code, parent_code=parent, version=self._version)
        self._saved += 1
        await self._reload()
        return await self._say(msg("Moved below {parent}"), parent=parent)

    async def _done(self) -> Any:
        await self._reload()
        return await self._say(msg("Saved."))


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {key: str(value).strip() for key, value in values.items()}


def _tiers(session: Session, actor: Actor) -> tuple[list[TierRow], bool]:
    actor.require(Permission.PARTNERS_READ)
    return list_tiers(session), actor.can(Permission.ADMIN_ACCESS)


class TierMatrix(Gate, rx.State):
    """How far each tier sees into each resource, and what it may do at all."""

    is_loaded: bool = False
    is_forbidden: bool = False
    can_edit: bool = False
    heads: list[dict[str, str]] = []
    levels: list[list[dict[str, str]]] = []
    permissions: list[list[dict[str, str]]] = []
    level_options: list[dict[str, str]] = []

    @rx.event
    async def load(self) -> None:
        """Read tiers with their levels."""
        try:
            tiers, can_edit = await self._read(_tiers)
        except ForbiddenError:
            self.is_forbidden = True
            self.is_loaded = True
            return
        language = await self._language()
        self.heads = view.tier_heads(tiers, language)
        self.levels = view.level_matrix(tiers, language)
        self.permissions = view.permission_matrix(tiers, language)
        self.level_options = view.options(view.LEVELS, language)
        self.can_edit = can_edit
        self.is_forbidden = False
        self.is_loaded = True

    @rx.event
    async def change_level(self, tier: str, resource: str, level: str) -> Any:
        """Let a tier see further, or less far, into a resource."""
        await self._write(set_scope_level, tier_code=tier, resource=resource, level=level)
        await self.load()
        return await self._say(msg("Saved."))
