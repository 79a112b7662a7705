"""Tasks over REST: the inbox, decisions, answers."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from sqlmodel import Session

from ..core.channels import get_network
from ..core.kernel.access import Actor
from ..core.kernel.clock import utc_now
from ..core.kernel.listing import Listing, ListQuery
from ..core.workbench import (
    TaskRow,
    answer_supplement,
    assign_task,
    decide,
    decide_many,
    get_task,
    list_tasks,
    resolve_task,
    withdraw_task,
)
from .caller import CallerDep
from .models import (
    MAX_INT,
    MAX_LINES,
    PLAIN,
    Body,
    CodePath,
    CodesQuery,
    Json,
    Money,
    Search,
    SortQuery,
    Version,
    WindowDep,
    page_json,
    row_json,
    to_minor,
)
from .schemas import asks, list_of
from .tasks_json import BULK, DECISION, TASK, TASK_DETAIL, bulk_json, task_detail_json, task_json

router = APIRouter(tags=["tasks"])

LongText = Annotated[str, Field(max_length=400, pattern=PLAIN)]
Number = Annotated[str, Field(min_length=1, max_length=30, pattern=PLAIN)]
BoxQuery = Annotated[str, Query(pattern="^(inbox|waiting|all)$", description="inbox, waiting or all")]


class TaskDecision(Body):
    """How the current step is taken; a part names its amount, a refusal and a supplement their reason."""

    decision: Annotated[str, Field(pattern="^(approved|partly|rejected|supplement)$")]
    amount: Money | None = None
    reason: LongText = ""
    version: Version | None = None


class BulkDecision(Body):
    """Several tasks under the bulk limit of their rules, each decided on its own."""

    numbers: Annotated[list[Number], Field(min_length=1, max_length=100)]
    decision: Annotated[str, Field(pattern="^(approved|rejected)$")]
    reason: LongText = ""


class SupplementAnswer(Body):
    """What was missing."""

    answer: Annotated[str, Field(min_length=1, max_length=400, pattern=PLAIN)]
    version: Version | None = None


class Seen(Body):
    """The version of the task one saw."""

    version: Version | None = None


class RowChoice(Body):
    """How one row of the evidence (from 1) is dealt with."""

    row: Annotated[int, Field(ge=1, le=MAX_INT)]
    resolution: Annotated[str, Field(min_length=1, max_length=40, pattern=PLAIN)]


class Resolution(Seen):
    """How something raised was dealt with: a short code, and a sentence.

    `choices` deal with rows of the evidence in another way, where the kind of task names its resolutions.
    """

    resolution: Annotated[str, Field(min_length=1, max_length=40, pattern=PLAIN)]
    choices: Annotated[list[RowChoice], Field(max_length=MAX_LINES)] = Field(default_factory=list)
    reason: LongText = ""


class Assignment(Seen):
    """Who sees to it; an empty name takes that back."""

    username: Annotated[str, Field(max_length=64, pattern=PLAIN)] = ""


@router.get("/tasks", openapi_extra=asks(answers=list_of(TASK)))
async def read_tasks(
    caller: CallerDep,
    window: WindowDep,
    kind: CodesQuery,
    severity: CodesQuery,
    status: CodesQuery,
    late: CodesQuery,
    box: BoxQuery = "inbox",
    search: Search = "",
    sort: SortQuery = "",
) -> Json:
    """What waits for the caller's decision, what the caller waits for, or all tasks in scope."""

    def query(session: Session, actor: Actor, *, query: ListQuery) -> Listing[TaskRow]:
        return list_tasks(session, actor, query=query, box=box, now=utc_now())

    asked = window.query(search=search, sort=sort, kind=kind, severity=severity, status=status, late=late)
    page = await caller.read(query, query=asked)
    return page_json(page, window, lambda row: task_json(row, caller.language))


@router.get("/tasks/{number}", openapi_extra=asks(answers=TASK_DETAIL))
async def read_task(caller: CallerDep, number: CodePath) -> Json:
    """One task with its evidence, steps, why it needs them, and what the caller may do."""
    return task_detail_json(await caller.read(get_task, number=number), caller.language)


@router.post("/tasks/{number}/decide", openapi_extra=asks(answers=DECISION))
async def decide_one(caller: CallerDep, number: CodePath, body: TaskDecision) -> Json:
    """Take the current step. `is_asked_again`: the subject had changed, look at it and decide anew."""

    def verb(session: Session, actor: Actor, **facts: Any) -> Json:
        amount = None
        if body.amount is not None:
            currency = get_task(session, actor, number=number).task.currency
            amount = to_minor(body.amount, currency or get_network(session).currency, "amount")
        result = decide(session, actor, number=number, amount=amount, **facts)
        return row_json(result, omit=("amount",))

    return await caller.write(verb, decision=body.decision, reason=body.reason, version=body.version)


@router.post("/tasks/decide", openapi_extra=asks(answers=BULK))
async def decide_several(caller: CallerDep, body: BulkDecision) -> Json:
    """Approve or reject several; what is refused changes nothing and does not stop the others."""

    def verb(session: Session, actor: Actor, **facts: Any) -> Json:
        rows = decide_many(session, actor, **facts)
        return {"rows": [bulk_json(row, caller.language) for row in rows]}

    return await caller.write(verb, numbers=body.numbers, decision=body.decision, reason=body.reason)


@router.post("/tasks/{number}/answer", openapi_extra=asks(answers=TASK_DETAIL))
async def answer(caller: CallerDep, number: CodePath, body: SupplementAnswer) -> Json:
    """Give the supplement that was asked for; the clock goes on."""
    verb = _then_shown(answer_supplement, number, caller.language)
    return await caller.write(verb, answer=body.answer, version=body.version)


@router.post("/tasks/{number}/withdraw", openapi_extra=asks(answers=TASK_DETAIL))
async def withdraw(caller: CallerDep, number: CodePath, body: Seen) -> Json:
    """Take a request back before it is decided."""
    return await caller.write(_then_shown(withdraw_task, number, caller.language), version=body.version)


@router.post("/tasks/{number}/resolve", openapi_extra=asks(answers=TASK_DETAIL))
async def resolve(caller: CallerDep, number: CodePath, body: Resolution) -> Json:
    """Say that something raised is dealt with, all of it alike or row by row."""
    return await caller.write(
        _then_shown(resolve_task, number, caller.language),
        resolution=body.resolution,
        choices={one.row: one.resolution for one in body.choices},
        reason=body.reason,
        version=body.version,
    )


@router.post("/tasks/{number}/assign", openapi_extra=asks(answers=TASK_DETAIL))
async def assign(caller: CallerDep, number: CodePath, body: Assignment) -> Json:
    """Say who sees to it."""
    verb = _then_shown(assign_task, number, caller.language)
    return await caller.write(verb, username=body.username, version=body.version)


def _then_shown(verb: Any, number: str, language: str) -> Any:
    def call(session: Session, actor: Actor, **facts: Any) -> Json:
        verb(session, actor, number=number, **facts)
        session.flush()
        return task_detail_json(get_task(session, actor, number=number), language)

    return call
