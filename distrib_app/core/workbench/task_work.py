"""What people do with a task beside deciding: answer, withdraw, resolve, assign."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from ..kernel.access import Actor
from ..kernel.errors import InvalidError, NotFoundError, msg
from ..kernel.events import emit
from ..kernel.explain import Step
from .calendar import work_calendar
from .models import Decision, Task, TaskStatus
from .subjects import find_person
from .task_kinds import find_task_kind
from .task_steps import load_task
from .tasks import MAX_REASON, check_reason, close_task

MAX_RESOLUTION = 40
# the resolution of a task whose rows were resolved in several ways
MIXED = "mixed"


def answer_supplement(
    session: Session, actor: Actor, *, number: str, answer: str, version: int | None = None, now: datetime
) -> Task:
    """Give what was missing: the clock goes on, and the due time moves by the working time it stood still.

    Raises `NotFoundError`, `NotYourTaskError`, `TransitionError`, `InvalidError`, `StaleError`.
    """
    text = check_reason(answer, field="answer")
    work = load_task(session, actor, number=number, verb="answer", version=version)
    task, step = work.task, work.current
    assert step is not None
    assert task.stopped_at is not None
    if task.due_at is not None:
        calendar = work_calendar()
        task.due_at = calendar.after(task.due_at, calendar.business_seconds(task.stopped_at, now))
    task.evidence = [*task.evidence, Step(msg("Supplement: {answer}"), {"answer": text}).frozen()]
    task.status, task.stopped_at, task.reason = TaskStatus.OPEN, None, ""
    step.decision, step.reason, step.decided_by, step.decided_at = "", "", None, None
    step.on_behalf_of = None
    emit(session, actor, "task.answered", subject=("task", number), now=now, owner=task.owner_id)
    return task


def withdraw_task(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> Task:
    """Take a request back before it is decided. Raises as `answer_supplement` does."""
    work = load_task(session, actor, number=number, verb="withdraw", version=version)
    close_task(work.task, TaskStatus.WITHDRAWN, resolution="withdrawn", now=now)
    emit(session, actor, "task.withdrawn", subject=("task", number), now=now)
    return work.task


def resolve_task(
    session: Session,
    actor: Actor,
    *,
    number: str,
    resolution: str,
    choices: Mapping[int, str] | None = None,
    reason: str = "",
    version: int | None = None,
    now: datetime,
) -> Task:
    """Say that something raised is dealt with: `resolution` is a short code, `reason` a sentence.

    Of a kind with resolutions it is one of them, `choices` names another one for rows of the evidence (from
    1), and what they mean is done in the same transaction; a refusal by that undoes the decision. Where the
    rows differ the task is resolved as `MIXED`. Raises `NotFoundError`, `NotYourTaskError`,
    `TransitionError`, `InvalidError`, `StaleError`.
    """
    code = resolution.strip()
    if not 1 <= len(code) <= MAX_RESOLUTION:
        raise InvalidError(field="resolution", reason=f"1 … {MAX_RESOLUTION}")
    if len(reason) > MAX_REASON:
        raise InvalidError(field="reason", reason=f"{len(reason)} > {MAX_REASON}")
    work = load_task(session, actor, number=number, verb="resolve", version=version)
    kind = find_task_kind(work.task.kind)
    code = _choose(work.task, kind.resolutions, code, choices or {})
    step = work.current
    assert step is not None
    step.decision, step.decided_by, step.decided_at = Decision.APPROVED, actor.user_id, now
    step.on_behalf_of = work.facts(actor).right.on_behalf_of
    step.reason = reason.strip()
    close_task(work.task, TaskStatus.DONE, resolution=code, reason=reason.strip(), now=now)
    if kind.apply is not None:
        resolving = replace(actor, permissions=actor.permissions | kind.grants)
        kind.apply(session, resolving, work.task, None, now)
    emit(session, actor, "task.resolved", subject=("task", number), now=now, resolution=code)
    return work.task


def choice_of(task: Task, row: int) -> str:
    """The resolution that was chosen for a row of a task's evidence (from 1)."""
    chosen: list[str] = task.payload.get("choices", [])
    return chosen[row - 1] if chosen else task.resolution


def _choose(task: Task, known: Mapping[str, str], code: str, choices: Mapping[int, str]) -> str:
    """Keep what was chosen for each row; the resolution of the task as a whole. Raises `InvalidError`."""
    if known and code not in known:
        raise InvalidError(field="resolution", reason=" | ".join(known))
    if not choices:
        return code
    for row, choice in choices.items():
        if not 1 <= row <= len(task.evidence):
            raise InvalidError(field="choices", reason=f"{row} – 1 … {len(task.evidence)}")
        if choice not in known:
            raise InvalidError(field="choices", reason=" | ".join(known))
    chosen = [choices.get(row, code) for row in range(1, len(task.evidence) + 1)]
    task.payload = {**task.payload, "choices": chosen}
    return chosen[0] if len(set(chosen)) == 1 else MIXED


def assign_task(
    session: Session, actor: Actor, *, number: str, username: str, version: int | None = None, now: datetime
) -> Task:
    """Say which colleague sees to it; an empty name takes that back. It gives no right to decide.

    Raises `NotFoundError` (also for somebody of another company), `NotYourTaskError`, `TransitionError`,
    `StaleError`.
    """
    work = load_task(session, actor, number=number, verb="assign", version=version)
    other = find_person(session, actor, username, now=now) if username else None
    if username and (other is None or work.task.owner_id not in other.partner_ids):
        raise NotFoundError(kind="user", key=username)
    work.task.assigned_to = other.user_id if other else None
    emit(session, actor, "task.assigned", subject=("task", number), now=now, user=work.task.assigned_to)
    return work.task
