"""The approval rules of a partner, as its people see and change them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from ..kernel.access import Actor
from ..kernel.errors import ForbiddenError, InvalidError
from ..workbench import StepRule, TaskVerb, find_task_kind, read_rules, set_rules, task_kind_names
from .models import Role
from .service import require_partner


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A partner's rule for a kind (`kind_name` is a message); no steps mean that its verb acts at once."""

    kind: str
    kind_name: str
    steps: tuple[StepRule, ...]


def list_approval_rules(session: Session, actor: Actor, *, partner_code: str) -> tuple[RuleRow, ...]:
    """The rules of one of the actor's own companies for every kind that is approved.

    Raises `NotFoundError`, `ForbiddenError` for another company.
    """
    partner = require_partner(session, partner_code)
    if partner.id not in actor.partner_ids:
        raise ForbiddenError(permission=partner_code)
    found = read_rules(session, party_id=partner.id or 0)
    return tuple(
        RuleRow(kind, name, found.get(kind, ()))
        for kind, name in task_kind_names().items()
        if _is_approved(kind)
    )


def _is_approved(kind: str) -> bool:
    found = find_task_kind(kind)
    return found.verb is TaskVerb.APPROVE and found.apply is not None


def set_approval_rules(
    session: Session, actor: Actor, *, partner_code: str, kind: str, steps: Sequence[StepRule], now: datetime
) -> None:
    """Replace a partner's rules for a kind. For its administrators and owners.

    Raises `ForbiddenError`, `InvalidError` (also for a kind or a role that does not exist), `NotFoundError`.
    """
    partner = require_partner(session, partner_code)
    if kind not in task_kind_names() or not _is_approved(kind):
        raise InvalidError(field="kind", reason=kind)
    known = set(session.exec(select(Role.code)).all())
    unknown = sorted({role for step in steps for role in step.roles} - known)
    if unknown:
        raise InvalidError(field="roles", reason=", ".join(unknown))
    set_rules(session, actor, party_id=partner.id or 0, kind=kind, rules=steps, now=now)


def role_names(session: Session) -> dict[str, tuple[str, str]]:
    """Name and English name of every role by its code."""
    return {role.code: (role.name, role.name_en) for role in session.exec(select(Role))}
