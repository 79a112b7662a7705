"""Reads of tasks: the inbox, what one waits for, and one task with all that explains it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from ..kernel.access import Actor, User
from ..kernel.db import get_by
from ..kernel.lifecycle import ActionRow
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from .approvals import TASK_LIFECYCLE, explain_steps, verbs_of
from .deciding import bulk_limit
from .models import Severity, Task, TaskStatus, TaskStep
from .rule_book import read_rules
from .task_boxes import in_box
from .task_kinds import task_kind_names
from .task_steps import TaskWork, is_requester, read_steps
from .tasks import ALIVE


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in a list; `kind_name` and `title` are messages, the title is filled with `facts`.

    `amount` in minor units. The clock stands still from `stopped_at` on.
    """

    number: str
    kind: str
    kind_name: str
    verb: str
    title: str
    facts: Mapping[str, Any]
    subject: tuple[str, str]
    status: str
    severity: str
    amount: int | None
    currency: str
    requested_at: datetime
    requester_name: str
    due_at: datetime | None
    stopped_at: datetime | None
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class TaskStepRow:
    """A step: who may take it, and what was decided by whom (and in whose place)."""

    position: int
    roles: tuple[str, ...]
    decision: str
    decided_by_name: str
    on_behalf_of_name: str
    decided_at: datetime | None
    amount: int | None
    reason: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """A task with its steps, its evidence, why it needs these steps, and what the reader may do.

    `evidence` and `explanation` are frozen steps; `actions` say why not where not. `most_amount` is what
    can still be granted, `bulk_limit_amount` up to which the like can be decided together.
    """

    task: TaskRow
    assigned_to_name: str
    resolution: str
    reason: str
    evidence: tuple[dict[str, Any], ...]
    steps: tuple[TaskStepRow, ...]
    explanation: tuple[dict[str, Any], ...]
    actions: tuple[ActionRow, ...]
    most_amount: int | None
    bulk_limit_amount: int
    is_requester: bool


def list_tasks(
    session: Session,
    actor: Actor,
    *,
    query: ListQuery = FIRST_PAGE,
    box: str = "inbox",
    now: datetime | None = None,
) -> Listing[TaskRow]:
    """Tasks within scope: `inbox` what the actor may decide now, `waiting` what it asked for, or `all`.

    The inbox has what is due first on top, the others the newest. A search looks into number and subject.
    Sorts: due_at, requested_at, amount, number. Facets: kind, severity, status, and late (yes, no) when
    `now` is given. Raises `InvalidError`.
    """
    found = run(session, _spec(box, now), query, in_box(actor, box))
    return found.showing(_rows(session, found.rows))


def inbox_count(session: Session, actor: Actor) -> int:
    """How many tasks wait for a decision of the actor."""
    statement = select(func.count(col(Task.id))).where(*in_box(actor, "inbox"))
    return int(session.exec(statement).one())


def find_open_task(session: Session, *, kind: str, subject: tuple[str, str]) -> TaskRow | None:
    """The open task of this kind about a subject, if the reader sees it."""
    task = session.exec(
        select(Task).where(
            Task.kind == kind,
            Task.subject_kind == subject[0],
            Task.subject_key == subject[1],
            col(Task.status).in_(ALIVE),
        )
    ).one_or_none()
    return _rows(session, [task])[0] if task else None


def get_task(session: Session, actor: Actor, *, number: str) -> TaskDetail:
    """One task. Raises `NotFoundError`, also out of scope."""
    task = get_by(session, Task, "task", number=number)
    work = TaskWork(task, read_steps(session, task))
    facts = work.facts(actor)
    people = {task.assigned_to} | {key for step in work.steps for key in (step.decided_by, step.on_behalf_of)}
    names = _names(session, people)
    # how another company decides is nobody's business but its own
    is_inside = actor.is_system or task.owner_id in actor.partner_ids
    rules = read_rules(session, party_id=task.owner_id, kind=task.kind).get(task.kind, ())
    return TaskDetail(
        task=_rows(session, [task])[0],
        assigned_to_name=names.get(task.assigned_to or 0, "") if is_inside else "",
        resolution=task.resolution,
        reason=task.reason,
        evidence=tuple(dict(item) for item in task.evidence),
        steps=tuple(_step_row(step, work, names if is_inside else {}) for step in work.steps),
        explanation=tuple(step.frozen() for step in explain_steps(rules, task.amount, task.currency))
        if is_inside
        else (),
        actions=tuple(
            ActionRow(verb, TASK_LIFECYCLE.find(verb).label, TASK_LIFECYCLE.refusal(verb, task.status, facts))
            for verb in verbs_of(facts)
            if task.status in TASK_LIFECYCLE.find(verb).sources
        ),
        most_amount=task.amount if work.granted is None else work.granted,
        bulk_limit_amount=bulk_limit(session, task),
        is_requester=is_requester(actor, task),
    )


def _spec(box: str, now: datetime | None) -> ListSpec:
    facets: dict[str, Facet | Choices] = {
        "kind": Facet(col(Task.kind), allowed=frozenset(task_kind_names())),
        "severity": Facet(col(Task.severity), allowed=frozenset(Severity)),
        "status": Facet(col(Task.status), allowed=frozenset(TaskStatus)),
    }
    if now is not None:
        late = and_(col(Task.status) == TaskStatus.OPEN, col(Task.due_at) < now)
        facets["late"] = Choices({"yes": late, "no": or_(~late, col(Task.due_at).is_(None))})
    return ListSpec(
        entity=Task,
        key=(col(Task.id),),
        sorts={
            "due_at": (col(Task.due_at),),
            "requested_at": (col(Task.requested_at),),
            "amount": (col(Task.amount),),
            "number": (col(Task.number),),
        },
        default_sort="due_at" if box == "inbox" else "-requested_at",
        codes=(col(Task.number),),
        names=(col(Task.subject_key),),
        facets=facets,
    )


def _rows(session: Session, tasks: Sequence[Task]) -> tuple[TaskRow, ...]:
    names = _names(session, {task.requested_by for task in tasks})
    kinds = task_kind_names()
    return tuple(
        TaskRow(
            number=task.number,
            kind=task.kind,
            kind_name=kinds.get(task.kind, task.kind),
            verb=task.verb,
            title=task.title,
            facts=dict(task.facts),
            subject=(task.subject_kind, task.subject_key),
            status=task.status,
            severity=task.severity,
            amount=task.amount,
            currency=task.currency,
            requested_at=task.requested_at,
            requester_name=names.get(task.requested_by or 0, ""),
            due_at=task.due_at,
            stopped_at=task.stopped_at,
            closed_at=task.closed_at,
            version=task.version,
        )
        for task in tasks
    )


def _names(session: Session, user_ids: set[int | None]) -> dict[int, str]:
    ids = {user_id for user_id in user_ids if user_id is not None}
    found = session.exec(select(User.id, User.name).where(col(User.id).in_(ids))).all() if ids else []
    return {user_id: name for user_id, name in found if user_id is not None}


def _step_row(step: TaskStep, work: TaskWork, names: Mapping[int, str]) -> TaskStepRow:
    return TaskStepRow(
        position=step.position,
        roles=tuple(step.roles),
        decision=step.decision,
        decided_by_name=names.get(step.decided_by or 0, ""),
        on_behalf_of_name=names.get(step.on_behalf_of or 0, ""),
        decided_at=step.decided_at,
        amount=step.amount,
        reason=step.reason,
        is_current=step is work.current and work.task.status in ALIVE,
    )
