"""Who decides in whose place, and what a company wants approved, over REST."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, Field
from sqlmodel import Session

from ..core.channels import RuleRow, get_network, list_approval_rules, set_approval_rules
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import utc_now
from ..core.kernel.money import decimal_to_minor
from ..core.workbench import StepRule, delegate, list_delegations, revoke_delegation
from .caller import CallerDep
from .models import Body, Code, CodePath, Json, Money, Text, WindowDep, list_json, row_json
from .schemas import asks, list_of
from .tasks_json import DELEGATION, RULE, rule_json

router = APIRouter(tags=["tasks"])


class NewDelegation(Body):
    """A colleague decides in the caller's place, from and to an instant."""

    username: Code
    valid_from: Annotated[AwareDatetime, Field(strict=False)]
    valid_to: Annotated[AwareDatetime, Field(strict=False)]
    reason: Text = ""


class RuleStep(Body):
    """A step: who takes it, from which amount, up to which amount several at once, in business hours."""

    roles: Annotated[list[Code], Field(min_length=1, max_length=20)]
    from_amount: Money = "0"
    bulk_limit_amount: Money = "0"
    hours: Annotated[int, Field(ge=1, le=400)] = 16


class RuleSteps(Body):
    """The steps in their order; none lets the verb act at once."""

    steps: Annotated[list[RuleStep], Field(max_length=10)]


@router.get("/delegations", openapi_extra=asks(answers=list_of(DELEGATION)))
async def read_delegations(caller: CallerDep, window: WindowDep) -> Json:
    """What the caller lent to colleagues and was lent."""
    return list_json(await caller.read(list_delegations, now=utc_now()), window, row_json)


@router.post("/delegations", status_code=201, openapi_extra=asks(answers=list_of(DELEGATION)))
async def lend(caller: CallerDep, window: WindowDep, body: NewDelegation) -> Json:
    """Let a colleague decide in the caller's place."""

    def verb(session: Session, actor: Actor, *, now: datetime, **facts: Any) -> Json:
        delegate(session, actor, now=now, **facts)
        return list_json(list_delegations(session, actor, now=now), window, row_json)

    return await caller.write(
        verb,
        to_username=body.username,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        reason=body.reason,
    )


@router.delete("/delegations/{username}", status_code=204, openapi_extra=asks())
async def take_back_post(caller: CallerDep, username: CodePath) -> None:
    """Take back what was lent to a colleague."""
    await caller.write(revoke_delegation, to_username=username)


@router.get("/approval-rules/{partner}", openapi_extra=asks(answers=list_of(RULE)))
async def read_rules(caller: CallerDep, window: WindowDep, partner: CodePath) -> Json:
    """The approval rules of one of the caller's own companies."""

    def query(session: Session, actor: Actor) -> tuple[tuple[RuleRow, ...], str]:
        return list_approval_rules(session, actor, partner_code=partner), get_network(session).currency

    rows, currency = await caller.read(query)
    return list_json(rows, window, lambda row: rule_json(row, currency, caller.language))


@router.put(
    "/approval-rules/{partner}/{kind}",
    openapi_extra=asks(Permission.USERS_INVITE, answers=RULE),
)
async def change_rules(caller: CallerDep, partner: CodePath, kind: CodePath, body: RuleSteps) -> Json:
    """Replace the steps of a kind; open tasks keep those they were asked with."""

    def verb(session: Session, actor: Actor, *, now: datetime) -> Json:
        currency = get_network(session).currency
        steps = [
            StepRule(
                position,
                tuple(step.roles),
                decimal_to_minor(Decimal(step.from_amount), currency),
                decimal_to_minor(Decimal(step.bulk_limit_amount), currency),
                step.hours,
            )
            for position, step in enumerate(body.steps, 1)
        ]
        set_approval_rules(session, actor, partner_code=partner, kind=kind, steps=steps, now=now)
        rows = list_approval_rules(session, actor, partner_code=partner)
        return rule_json(next(row for row in rows if row.kind == kind), currency, caller.language)

    return await caller.write(verb)
