"""Who decides in my place while I am away, and what my company wants approved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import reflex as rx
from sqlmodel import Session

from ..core.channels import Partner, RuleRow, get_network, list_approval_rules, role_names, set_approval_rules
from ..core.kernel.access import Actor
from ..core.kernel.clock import day_start, parse_day, utc_now
from ..core.kernel.errors import InvalidError, msg
from ..core.workbench import (
    DelegationRow,
    PersonRow,
    StepRule,
    can_set_rules,
    delegate,
    get_people,
    list_delegations,
    revoke_delegation,
)
from ..i18n import gettext
from ..i18n.presentation import in_language, instant, money
from .accounts_view import parse_amount
from .base import Gate
from .record_view import colleagues

STEPS, ROLES = 3, 3


@dataclass(frozen=True, slots=True)
class _Settings:
    """What the page needs, read in one session."""

    company: str
    currency: str
    rules: tuple[RuleRow, ...]
    roles: dict[str, tuple[str, str]]
    can_edit: bool
    delegations: tuple[DelegationRow, ...]
    colleagues: tuple[PersonRow, ...]


def _settings(session: Session, actor: Actor, *, now: datetime) -> _Settings:
    party_id = actor.partner_ids[0] if actor.partner_ids else None
    company = session.get(Partner, party_id) if party_id else None
    code = company.code if company else ""
    return _Settings(
        company=code,
        currency=get_network(session).currency,
        rules=list_approval_rules(session, actor, partner_code=code) if code else (),
        roles=role_names(session),
        can_edit=party_id is not None and can_set_rules(actor, party_id),
        delegations=list_delegations(session, actor, now=now),
        colleagues=get_people().colleagues(session, actor, now=now),
    )


class Approvals(Gate, rx.State):
    """Deputies and approval rules."""

    is_loaded: bool = False
    can_edit: bool = False
    deputies: list[dict[str, str]] = []
    colleagues: list[dict[str, str]] = []
    rules: list[dict[str, str]] = []
    role_options: list[dict[str, str]] = []
    editing: str = ""
    editing_name: str = ""
    fields: list[dict[str, str]] = []
    form_key: int = 0
    _company: str = ""
    _currency: str = ""
    _steps: dict[str, tuple[StepRule, ...]] = {}

    @rx.event
    async def load(self) -> None:
        """Read the deputies and the company's rules."""
        await self._load()

    async def _load(self) -> None:
        found = await self._read(_settings, now=utc_now())
        language, zone = await self._language(), await self._zone()
        self.deputies = [_deputy(row, language, zone) for row in found.delegations]
        self.colleagues = colleagues(found.colleagues)
        self.rules = [_rule(row, found.roles, found.currency, language) for row in found.rules]
        self.role_options = [
            {"value": code, "text": in_language(*names, language)} for code, names in found.roles.items()
        ]
        self.can_edit = found.can_edit
        self.editing = ""
        self.form_key += 1
        self._company = found.company
        self._currency = found.currency
        self._steps = {row.kind: row.steps for row in found.rules}
        self.is_loaded = True

    @rx.event
    async def lend(self, values: dict[str, Any]) -> Any:
        """Let a colleague decide in one's place, from a day through another."""
        form = {key: str(value).strip() for key, value in values.items()}
        zone = await self._zone()
        first, last = await self._checked(_days, form)
        await self._write(
            delegate,
            to_username=form.get("username", ""),
            valid_from=day_start(first, zone),
            valid_to=day_start(last, zone),
            reason=form.get("reason", ""),
        )
        await self._load()
        return await self._say(msg("Saved."))

    @rx.event
    async def revoke(self, username: str) -> Any:
        """Take back what was lent to a colleague."""
        await self._write(revoke_delegation, to_username=username[:64])
        await self._load()
        return await self._say(msg("Saved."))

    @rx.event
    async def edit(self, kind: str) -> None:
        """Open or close the form of a rule."""
        await self._ask_in()
        self.editing = "" if self.editing == kind or kind not in self._steps else kind
        rules = {step.position: step for step in self._steps.get(kind, ())}
        self.fields = [
            _fields(position, rules.get(position), self._currency) for position in range(1, STEPS + 1)
        ]
        self.editing_name = next((row["kind"] for row in self.rules if row["code"] == kind), "")
        self.form_key += 1

    @rx.event
    async def save(self, values: dict[str, Any]) -> Any:
        """Replace the steps of the rule that is open; a step without a role is none."""
        form = {key: str(value).strip() for key, value in values.items()}
        steps = await self._checked(_steps, form, self._currency)
        await self._write(set_approval_rules, partner_code=self._company, kind=self.editing, steps=steps)
        await self._load()
        return await self._say(msg("Saved."))


def _days(form: dict[str, str]) -> tuple[Any, Any]:
    """First day, and the day after the last."""
    first = parse_day(form.get("first", ""), msg("From day"))
    last = parse_day(form.get("last", ""), msg("Through"))
    return first, parse_day((last.fromordinal(last.toordinal() + 1)).isoformat(), msg("Through"))


def _steps(form: dict[str, str], currency: str) -> tuple[StepRule, ...]:
    found: list[StepRule] = []
    for position in range(1, STEPS + 1):
        chosen = [form.get(f"role-{position}-{place}", "") for place in range(1, ROLES + 1)]
        roles = tuple(dict.fromkeys(role for role in chosen if role))
        if not roles:
            continue
        hours = form.get(f"hours-{position}", "16")
        if not (hours.isdecimal() and hours.isascii() and len(hours) < 4):
            raise InvalidError(field=msg("Business hours"), reason=msg("is not a whole number"))
        found.append(
            StepRule(
                len(found) + 1,
                roles,
                parse_amount(form.get(f"from-{position}", "") or "0", currency, msg("From amount")),
                parse_amount(form.get(f"bulk-{position}", "") or "0", currency, msg("Several at once up to")),
                int(hours),
            )
        )
    return tuple(found)


def _fields(position: int, step: StepRule | None, currency: str) -> dict[str, str]:
    """What the form of a step starts with."""
    roles = list(step.roles) if step else []
    known = {f"role{place}": roles[place - 1] if len(roles) >= place else "" for place in range(1, ROLES + 1)}
    return known | {
        "position": str(position),
        "from": money(step.from_amount, currency, "en", sign=False) if step else "",
        "bulk": money(step.bulk_limit_amount, currency, "en", sign=False) if step else "",
        "hours": str(step.hours) if step else "16",
    }


def _deputy(row: DelegationRow, language: str, zone: str) -> dict[str, str]:
    return {
        "from": row.from_name,
        "to": row.to_name,
        "username": row.to_username if row.is_mine else "",
        "since": instant(row.valid_from, zone),
        "until": instant(row.valid_to, zone),
        "reason": row.reason,
        "whose": gettext(msg("I am away") if row.is_mine else msg("I stand in"), language),
    }


def _rule(row: RuleRow, roles: dict[str, tuple[str, str]], currency: str, language: str) -> dict[str, str]:
    lines = []
    for step in row.steps:
        names = " / ".join(in_language(*roles.get(code, (code, code)), language) for code in step.roles)
        if step.from_amount:
            limit = money(step.from_amount, currency, language)
            names = gettext(msg("from {limit}: {roles}"), language, limit=limit, roles=names)
        lines.append(names)
    return {
        "code": row.kind,
        "kind": gettext(row.kind_name, language),
        "steps": " → ".join(lines) or gettext(msg("acts at once"), language),
        "hours": " → ".join(str(step.hours) for step in row.steps),
    }
