"""The verbs that decide: one task, or several at once, each on its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from ..kernel.access import Actor
from ..kernel.db import get_by
from ..kernel.errors import DomainError, InvalidError
from ..kernel.events import emit
from .approvals import granted_amount, is_bulk, needed_steps
from .calendar import work_calendar
from .models import Decision, Task, TaskStatus, TaskStep
from .rule_book import read_rules
from .task_errors import BulkLimitError
from .task_kinds import find_task_kind
from .task_steps import TaskWork, load_task
from .tasks import MAX_REASON, check_reason, close_task

MAX_BULK = 100
_VERBS = {
    Decision.APPROVED: "approve",
    Decision.PARTLY: "partly",
    Decision.REJECTED: "reject",
    Decision.SUPPLEMENT: "supplement",
}


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What became of a decision.

    `is_asked_again`: the subject had changed since it was asked for; nothing was decided, every step is to
    be taken anew on what stands there now.
    """

    number: str
    status: str
    amount: int | None
    is_asked_again: bool = False


@dataclass(frozen=True, slots=True)
class BulkRow:
    """The result of one task of several: what became of it, or why it was refused."""

    number: str
    result: DecisionResult | None
    error: DomainError | None


def decide(
    session: Session,
    actor: Actor,
    *,
    number: str,
    decision: str,
    amount: int | None = None,
    reason: str = "",
    version: int | None = None,
    now: datetime,
) -> DecisionResult:
    """Take the current step of a task: `approved`, `partly` with an amount, `rejected`, `supplement`.

    A refusal and a supplement say why in `reason`. The last approval does what was asked for in the same
    transaction; a refusal by what it does undoes the decision. Raises `NotFoundError`, `NotYourTaskError`
    (also for an own request or a second step), `TransitionError`, `StaleError`, `InvalidError`.
    """
    if decision not in set(Decision):
        raise InvalidError(field="decision", reason=decision)
    chosen = Decision(decision)
    if chosen in (Decision.REJECTED, Decision.SUPPLEMENT):
        reason = check_reason(reason)
    elif len(reason) > MAX_REASON:
        raise InvalidError(field="reason", reason=f"{len(reason)} > {MAX_REASON}")
    if (amount is None) == (chosen is Decision.PARTLY):
        raise InvalidError(field="amount", reason=chosen.value)
    work = load_task(session, actor, number=number, verb=_VERBS[chosen], version=version)
    task, step = work.task, work.current
    assert step is not None
    if chosen in (Decision.APPROVED, Decision.PARTLY):
        kind = find_task_kind(task.kind)
        present = kind.version(session, task.subject_key) if kind.version else None
        if present != task.subject_version:
            return _ask_again(session, actor, work, present, now=now)
        granted = granted_amount(asked=task.amount, granted_before=work.granted, wanted=amount)
        _take(actor, work, step, chosen, reason=reason, amount=granted, now=now)
        return _go_on(session, actor, work, now=now)
    _take(actor, work, step, chosen, reason=reason, amount=None, now=now)
    if chosen is Decision.SUPPLEMENT:
        task.status, task.stopped_at, task.reason = TaskStatus.WAITING, now, reason
        emit(session, actor, "task.supplement_asked", subject=("task", number), now=now, reason=reason)
    else:
        _reject(session, actor, task, reason=reason, now=now)
    return DecisionResult(number, task.status, None)


def decide_many(
    session: Session,
    actor: Actor,
    *,
    numbers: Sequence[str],
    decision: str,
    reason: str = "",
    now: datetime,
) -> tuple[BulkRow, ...]:
    """Approve or reject several tasks under the bulk limit of their rules, each on its own.

    A task that is refused changes nothing and does not stop the others. Raises `InvalidError` for another
    decision or too many tasks.
    """
    if decision not in (Decision.APPROVED, Decision.REJECTED):
        raise InvalidError(field="decision", reason=decision)
    if not 1 <= len(set(numbers)) <= MAX_BULK:
        raise InvalidError(field="numbers", reason=f"{len(set(numbers))} – 1 … {MAX_BULK}")
    rows = []
    for number in dict.fromkeys(numbers):
        try:
            with session.begin_nested():
                _check_bulk(session, number)
                result = decide(session, actor, number=number, decision=decision, reason=reason, now=now)
            rows.append(BulkRow(number, result, None))
        except DomainError as error:
            rows.append(BulkRow(number, None, error))
    return tuple(rows)


def bulk_limit(session: Session, task: Task) -> int:
    """Up to which amount tasks like this one may be decided together: the least of its steps; 0 for none."""
    rules = read_rules(session, party_id=task.owner_id, kind=task.kind).get(task.kind, ())
    return min((rule.bulk_limit_amount for rule in needed_steps(rules, task.amount)), default=0)


def _check_bulk(session: Session, number: str) -> None:
    task = get_by(session, Task, "task", number=number)
    if not is_bulk(task.amount, bulk_limit(session, task)):
        raise BulkLimitError(task=number)


def _take(
    actor: Actor,
    work: TaskWork,
    step: TaskStep,
    decision: Decision,
    *,
    reason: str,
    amount: int | None,
    now: datetime,
) -> None:
    step.on_behalf_of = work.facts(actor).right.on_behalf_of
    step.decision, step.reason, step.amount = decision, reason.strip(), amount
    step.decided_by, step.decided_at = actor.user_id, now


def _go_on(session: Session, actor: Actor, work: TaskWork, *, now: datetime) -> DecisionResult:
    """After an approval: the next step, or what was asked for."""
    task, granted = work.task, work.granted
    following = work.current
    is_partly = any(step.decision == Decision.PARTLY for step in work.steps)
    if following is not None:
        task.due_at = work_calendar().due_at(now, _hours(session, task, following))
        task.escalated_at = None
        emit(
            session,
            actor,
            "task.step_taken",
            subject=("task", task.number),
            now=now,
            owner=task.owner_id,
            position=following.position,
        )
        return DecisionResult(task.number, task.status, granted)
    kind = find_task_kind(task.kind)
    if kind.apply is not None:
        deciding = replace(actor, permissions=actor.permissions | kind.grants)
        kind.apply(session, deciding, task, granted, now)
    close_task(task, TaskStatus.DONE, resolution=Decision.PARTLY if is_partly else Decision.APPROVED, now=now)
    emit(
        session,
        actor,
        "task.approved",
        subject=("task", task.number),
        now=now,
        granted_amount=granted if is_partly else None,
    )
    return DecisionResult(task.number, task.status, granted)


def _hours(session: Session, task: Task, step: TaskStep) -> int:
    rules = needed_steps(
        read_rules(session, party_id=task.owner_id, kind=task.kind).get(task.kind, ()), task.amount
    )
    return rules[step.position - 1].hours if len(rules) >= step.position else 16


def _reject(session: Session, actor: Actor, task: Task, *, reason: str, now: datetime) -> None:
    kind = find_task_kind(task.kind)
    if kind.on_reject is not None:
        kind.on_reject(session, actor, task, None, now)
    close_task(task, TaskStatus.REJECTED, resolution=Decision.REJECTED, reason=reason, now=now)
    emit(session, actor, "task.rejected", subject=("task", task.number), now=now, reason=reason)


def _ask_again(
    session: Session, actor: Actor, work: TaskWork, present: int | None, *, now: datetime
) -> DecisionResult:
    """The subject is not what the requester saw: every step is to be taken anew, on what stands there now."""
    task = work.task
    for step in work.steps:
        step.decision, step.reason, step.amount = "", "", None
        step.decided_by, step.on_behalf_of, step.decided_at = None, None, None
    task.subject_version = present
    task.due_at = work_calendar().due_at(now, _hours(session, task, work.steps[0]))
    emit(session, actor, "task.asked_again", subject=("task", task.number), now=now, owner=task.owner_id)
    return DecisionResult(task.number, task.status, None, is_asked_again=True)
