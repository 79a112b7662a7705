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
    PARTNER_LIFECYCLE,
    Partner,
    PartnerDetail,
    PartnerKind,
    PartnerRow,
    RegionRow,
    TierRow,
    create_partner,
    get_network,
    get_partner,
    list_regions,
    list_tiers,
    move_partner,
    partner_actions,
    require_partner,
    set_partner_status,
)
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import business_day, utc_now
from ..core.kernel.errors import ForbiddenError, InvalidError, NotFoundError, msg
from ..core.kernel.lifecycle import ActionRow
from ..core.kernel.listing import ListQuery
from . import accounts_view, record_view
from . import partners_view as view
from .listed import Listed
from .record import Record
from .record_view import Words

ACCOUNTS_SHOWN = 12


class PartnerList(Listed, rx.State):
    """Partners within scope."""

    _list: str = "partners"

    def _row(self, row: PartnerRow, language: str, zone: str) -> dict[str, str]:
        del zone
        return view.partner_row(row, language)


@dataclass(frozen=True, slots=True)
class _Record:
    """What the page of one partner needs, read in one session."""

    detail: PartnerDetail
    is_parent_seen: bool
    tiers: list[TierRow]
    regions: list[RegionRow]
    accounts: tuple[AccountRow, ...]
    account_total: int
    actions: tuple[ActionRow, ...]
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
            query=ListQuery(limit=ACCOUNTS_SHOWN),
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
        actions=partner_actions(actor, require_partner(session, partner_code)),
        can_see_accounts=can_see_accounts,
    )


class PartnerRecord(Record, rx.State):
    """One partner: facts, actions, partners below, territories, people, accounts."""

    can_see_accounts: bool = False
    has_more_accounts: bool = False
    children: list[dict[str, str]] = []
    territories: list[dict[str, str]] = []
    members: list[dict[str, str]] = []
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
            self._miss()
            return
        language = await self._language()
        detail = found.detail
        await self._follow("partner", detail.partner.code, Words(view.event_words(detail, language)))
        self.facts = view.facts(detail, language, is_parent_seen=found.is_parent_seen)
        self.children = [view.partner_row(row, language) for row in detail.children]
        self.territories = view.territories(detail.territories, language)
        self.members = view.members(detail.members, language)
        self.accounts = [accounts_view.account_row(row, language) for row in found.accounts]
        self.has_more_accounts = found.account_total > len(found.accounts)
        self.accounts_href = f"{routes.ACCOUNTS}?search={detail.partner.code}"
        self.actions = record_view.actions(found.actions, language)
        self.can_see_accounts = found.can_see_accounts
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
    async def act(self, verb: str) -> Any:
        """Open the form an action needs, or take it at once."""
        if verb in {"add", "move"}:
            await self._ask_in()
            self.form = "" if self.form == verb else verb
            return None
        transition = await self._checked(_status_change, verb)
        await self._write(set_partner_status, code=self._shown_code, status=transition, version=self._version)
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
        self.form = ""
        return await self._say(msg("Partner {code} was admitted."), code=partner.code)

    @rx.event
    async def move(self, values: dict[str, Any]) -> Any:
        """Put the partner shown below another one from today on."""
        parent = _texts(values).get("parent", "")
        await self._write(move_partner, code=self._shown_code, parent_code=parent, version=self._version)
        self._saved += 1
        await self._reload()
        self.form = ""
        return await self._say(msg("Moved below {parent}"), parent=parent)

    async def _done(self) -> Any:
        await self._reload()
        self.form = ""
        return await self._say(msg("Saved."))


def _status_change(verb: str) -> str:
    """The status an action leads to. Raises `InvalidError`."""
    for transition in PARTNER_LIFECYCLE.transitions:
        if transition.verb == verb and transition.target:
            return str(transition.target)
    raise InvalidError(field="verb", reason=verb[:20])


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {key: str(value).strip() for key, value in values.items()}
