"""The approval rules of each party: which steps a kind needs from which amount."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from ..kernel.access import Actor, Permission
from ..kernel.db import check_version
from ..kernel.errors import ForbiddenError
from ..kernel.events import emit
from ..kernel.money import decimal_to_minor
from .approvals import StepRule, check_rules
from .models import ApprovalRule

# who may change the rules of their party
RULE_EDITORS = ("administrator", "owner")
# (kind, position, roles, from amount, bulk limit) in whole units of the network's currency
_DEFAULTS: tuple[tuple[str, int, tuple[str, ...], int, int], ...] = (
    ("credit_limit", 1, ("finance", "administrator"), 0, 200_000),
    ("credit_limit", 2, ("executive",), 1_000_000, 0),
    ("goods_return", 1, ("operations", "administrator"), 0, 10_000),
    ("stock_correction", 1, ("finance", "administrator"), 10_000, 0),
    ("user_invitation", 1, ("administrator",), 0, 1),
)


def read_rules(session: Session, *, party_id: int, kind: str = "") -> dict[str, tuple[StepRule, ...]]:
    """A party's rules by kind, each in the order of its steps; of one kind if it is named."""
    statement = select(ApprovalRule).where(ApprovalRule.party_id == party_id)
    if kind:
        statement = statement.where(ApprovalRule.kind == kind)
    found: dict[str, tuple[StepRule, ...]] = {}
    for row in session.exec(statement.order_by(col(ApprovalRule.kind), col(ApprovalRule.position))):
        rule = StepRule(row.position, tuple(row.roles), row.from_amount, row.bulk_limit_amount, row.hours)
        found[row.kind] = (*found.get(row.kind, ()), rule)
    return found


def add_default_rules(session: Session, *, party_id: int, currency: str) -> None:
    """Give a party that has no rules those a brand starts with."""
    if session.exec(select(ApprovalRule.id).where(ApprovalRule.party_id == party_id).limit(1)).first():
        return
    session.add_all(
        ApprovalRule(
            party_id=party_id,
            kind=kind,
            position=position,
            roles=list(roles),
            from_amount=decimal_to_minor(Decimal(from_amount), currency),
            bulk_limit_amount=decimal_to_minor(Decimal(bulk_limit), currency),
        )
        for kind, position, roles, from_amount, bulk_limit in _DEFAULTS
    )


def can_set_rules(actor: Actor, party_id: int) -> bool:
    """Whether the actor runs the party: who may change its rules."""
    # the permission is also what a narrow token must carry
    return actor.can(Permission.USERS_INVITE) and actor.holds(party_id, RULE_EDITORS)


def set_rules(
    session: Session,
    actor: Actor,
    *,
    party_id: int,
    kind: str,
    rules: Sequence[StepRule],
    now: datetime,
) -> None:
    """Replace a party's rules for a kind; none at all lets its verb act at once.

    For the party's administrators and owners. Tasks that are open keep the steps they were asked with.
    Raises `ForbiddenError`, `InvalidError`.
    """
    if not can_set_rules(actor, party_id):
        raise ForbiddenError(permission=" / ".join(RULE_EDITORS))
    check_rules(rules)
    rows = {
        row.position: row
        for row in session.exec(
            select(ApprovalRule).where(ApprovalRule.party_id == party_id, ApprovalRule.kind == kind)
        )
    }
    for rule in rules:
        row = rows.pop(rule.position, None)
        if row is None:
            row = ApprovalRule(party_id=party_id, kind=kind, position=rule.position)
            session.add(row)
        else:
            check_version(row, None, kind)
        row.roles = list(rule.roles)
        row.from_amount = rule.from_amount
        row.bulk_limit_amount = rule.bulk_limit_amount
        row.hours = rule.hours
    for row in rows.values():
        session.delete(row)
    session.flush()
    emit(
        session,
        actor,
        "approval_rules.set",
        subject=("approval_rules", kind),
        now=now,
        party=party_id,
        steps=len(rules),
    )
