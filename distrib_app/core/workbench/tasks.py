"""How tasks come and go: ask for an approval, raise work to be done, cure what vanished, escalate.

Who may do what follows from posts and from having asked, not from a permission (`approvals.py`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import ForbiddenError, InvalidError
from ..kernel.events import emit
from ..kernel.numbers import next_number
from .approvals import StepRule, needed_steps
from .calendar import work_calendar
from .models import Severity, Task, TaskStatus, TaskStep
from .rule_book import read_rules
from .task_errors import OpenTaskError, ReasonMissingError
from .task_kinds import find_task_kind

MAX_REASON = 400
ALIVE = (TaskStatus.OPEN.value, TaskStatus.WAITING.value)
_BATCH = 500


def ask_approval(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    subject: tuple[str, str],
    title: str,
    facts: Mapping[str, Any],
    owner_id: int,
    now: datetime,
    subject_version: int | None = None,
    amount: int | None = None,
    currency: str = "",
    payload: Mapping[str, Any] | None = None,
    evidence: Sequence[Mapping[str, Any]] = (),
    requester_id: int | None = None,
    always_roles: Sequence[str] = (),
) -> Task | None:
    """Ask the party `owner_id` to approve; None when it has no rule for this amount: then act at once.

    `title` is a msgid filled with `facts` (a fact `name` may have an English twin `name_en`); `payload` is
    what the kind's `apply` reads, `evidence` are frozen explanation steps. `requester_id` is the company
    that asks, the owner itself unless named. With `always_roles` the answer is never None: where no rule
    applies they decide – for what one company asks of another. The system asks nobody.
    Raises `OpenTaskError` when the same is open already, also where it could be done at once.
    """
    if actor.is_system:
        return None
    existing = find_open(session, kind=kind, subject=subject)
    if existing is not None:
        raise OpenTaskError(task=existing.number)
    rules = read_rules(session, party_id=owner_id, kind=kind).get(kind, ())
    steps = needed_steps(rules, amount)
    if not steps and always_roles:
        steps = (StepRule(1, tuple(always_roles)),)
    if not steps:
        return None
    task = _insert(
        session,
        actor,
        kind=kind,
        subject=subject,
        steps=steps,
        now=now,
        subject_version=subject_version,
        title=title,
        facts=dict(facts),
        owner_id=owner_id,
        amount=amount,
        currency=currency,
        payload=dict(payload or {}),
        evidence=[dict(item) for item in evidence],
        requester_id=owner_id if requester_id is None else requester_id,
    )
    emit(
        session,
        actor,
        "task.asked",
        subject=("task", task.number),
        now=now,
        task_kind=kind,
        owner=owner_id,
        about=list(subject),
    )
    return task


def raise_task(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    subject: tuple[str, str],
    title: str,
    facts: Mapping[str, Any],
    owner_id: int,
    roles: Sequence[str],
    now: datetime,
    severity: str = Severity.NORMAL,
    evidence: Sequence[Mapping[str, Any]] = (),
    amount: int | None = None,
    currency: str = "",
    hours: int = 16,
) -> Task:
    """Give a party something to resolve, review or contact somebody about; due in business hours.

    While the same is open its facts, evidence, amount and (only upwards) severity are brought up to date
    instead: the clock goes on.
    """
    task = find_open(session, kind=kind, subject=subject)
    if task is not None:
        task.facts, task.evidence = dict(facts), [dict(item) for item in evidence]
        task.amount = amount
        task.severity = max(task.severity, severity, key=list(Severity).index)  # type: ignore[arg-type]
        task.version += 1
        return task
    task = _insert(
        session,
        actor,
        kind=kind,
        subject=subject,
        steps=(StepRule(1, tuple(roles), hours=hours),),
        now=now,
        title=title,
        facts=dict(facts),
        owner_id=owner_id,
        severity=severity,
        amount=amount,
        currency=currency,
        evidence=[dict(item) for item in evidence],
    )
    emit(
        session,
        actor,
        "task.raised",
        subject=("task", task.number),
        now=now,
        task_kind=kind,
        owner=owner_id,
        about=list(subject),
    )
    return task


def find_open(session: Session, *, kind: str, subject: tuple[str, str]) -> Task | None:
    """The open task of this kind about this subject, whoever asked for it."""
    with unscoped(session, "the same is asked once, whoever asked first"):
        return session.exec(
            select(Task).where(
                Task.kind == kind,
                Task.subject_kind == subject[0],
                Task.subject_key == subject[1],
                col(Task.status).in_(ALIVE),
            )
        ).one_or_none()


def _insert(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    subject: tuple[str, str],
    steps: Sequence[StepRule],
    now: datetime,
    **columns: Any,
) -> Task:
    calendar = work_calendar()
    task = Task(
        number=next_number(session, "TK", business_day(now, calendar.zone)),
        kind=kind,
        verb=find_task_kind(kind).verb,
        subject_kind=subject[0],
        subject_key=subject[1],
        requested_by=actor.user_id,
        requested_at=now,
        due_at=calendar.due_at(now, steps[0].hours),
        **columns,
    )
    try:
        with session.begin_nested():
            session.add(task)
    except IntegrityError as error:  # somebody else asked the same at this moment
        raise OpenTaskError(task=":".join(subject)) from error
    session.add_all(
        TaskStep(task_id=row_id(task), position=position, roles=list(step.roles))
        for position, step in enumerate(steps, 1)
    )
    session.flush()
    return task


# --- what the system does -----------------------------------------------------------------------------


def cure_tasks(
    session: Session, actor: Actor, *, kind: str, subjects: Collection[tuple[str, str]], now: datetime
) -> int:
    """Close the open tasks of a kind about `subjects`, whose cause has vanished; returns how many.

    For the system. Raises `ForbiddenError`.
    """
    _require_system(actor)
    cured = 0
    for subject in subjects:
        task = find_open(session, kind=kind, subject=subject)
        if task is not None:
            task.version += 1
            close_task(task, TaskStatus.CURED, resolution="cured", now=now)
            emit(session, actor, "task.cured", subject=("task", task.number), now=now)
            cured += 1
    return cured


def escalate_overdue(session: Session, actor: Actor, *, now: datetime) -> int:
    """Make tasks past their due time more severe, each once; returns how many. For the system.

    Whoever may decide is told by the reaction to `task.escalated`. Raises `ForbiddenError`.
    """
    _require_system(actor)
    late = session.exec(
        select(Task)
        .where(
            Task.status == TaskStatus.OPEN,
            col(Task.due_at) < now,
            col(Task.escalated_at).is_(None),
        )
        .order_by(col(Task.id))
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    levels = list(Severity)
    for task in late:
        task.severity = levels[min(levels.index(Severity(task.severity)) + 1, len(levels) - 1)]
        task.escalated_at = now
        task.version += 1
        emit(
            session,
            actor,
            "task.escalated",
            subject=("task", task.number),
            now=now,
            owner=task.owner_id,
            severity=task.severity,
        )
    return len(late)


def close_task(task: Task, status: TaskStatus, *, resolution: str, now: datetime, reason: str = "") -> None:
    """The last state of a task; its clock stands still for good."""
    task.status, task.resolution, task.closed_at, task.stopped_at = status, resolution, now, None
    task.reason = reason or task.reason


def check_reason(text: str, *, field: str = "reason") -> str:
    """A sentence somebody has to give. Raises `ReasonMissingError`, `InvalidError` when it is too long."""
    if not text.strip():
        raise ReasonMissingError(field=field)
    if len(text) > MAX_REASON:
        raise InvalidError(field=field, reason=f"{len(text)} > {MAX_REASON}")
    return text.strip()


def _require_system(actor: Actor) -> None:
    if not actor.is_system:
        raise ForbiddenError(permission=Permission.ADMIN_ACCESS)
