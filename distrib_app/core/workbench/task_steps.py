"""A task under work: the locked row, its steps, and how the actor stands to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from ..kernel.access import Actor
from ..kernel.db import check_version, get_by, row_id
from ..kernel.lifecycle import TransitionError
from .approvals import NOT_THEIRS, TASK_LIFECYCLE, Right, TaskFacts, right_to_decide, verbs_of
from .models import Decision, Task, TaskStep
from .task_errors import NotYourTaskError
from .task_kinds import find_task_kind

UNDECIDED = ("", Decision.SUPPLEMENT.value)


@dataclass(frozen=True, slots=True)
class TaskWork:
    """A task with its steps in order."""

    task: Task
    steps: Sequence[TaskStep]

    @property
    def current(self) -> TaskStep | None:
        """The step that is to be taken next; None when all are taken."""
        return next((step for step in self.steps if step.decision in UNDECIDED), None)

    @property
    def granted(self) -> int | None:
        """What the steps taken so far have granted; None before the first."""
        amounts = [step.amount for step in self.steps if step.decision not in UNDECIDED]
        return amounts[-1] if amounts else None

    def facts(self, actor: Actor) -> TaskFacts:
        """How the actor stands to the task."""
        return TaskFacts(
            verb=self.task.verb,
            is_divisible=bool(self.task.amount) and find_task_kind(self.task.kind).is_divisible,
            is_requester=is_requester(actor, self.task),
            right=self._right(actor),
        )

    def _right(self, actor: Actor) -> Right:
        current = self.current
        if current is None:
            return Right(NOT_THEIRS)
        taken = [step for step in self.steps if step.decision not in UNDECIDED]
        people = {step.decided_by for step in taken} | {step.on_behalf_of for step in taken}
        return right_to_decide(
            user_id=actor.user_id,
            posts=actor.posts,
            delegated=actor.delegated,
            owner_id=self.task.owner_id,
            roles=current.roles,
            requested_by=self.task.requested_by,
            taken_by={person for person in people if person is not None},
        )


def is_requester(actor: Actor, task: Task) -> bool:
    """Whether the actor asked for it, or its company did of another one."""
    if actor.user_id is not None and actor.user_id == task.requested_by:
        return True
    return (
        task.requester_id is not None
        and task.requester_id != task.owner_id
        and task.requester_id in actor.partner_ids
    )


def read_steps(session: Session, task: Task) -> Sequence[TaskStep]:
    """The steps of a task in their order, read afresh."""
    return session.exec(
        select(TaskStep)
        .where(TaskStep.task_id == row_id(task))
        .order_by(col(TaskStep.position))
        .execution_options(populate_existing=True)
    ).all()


def load_task(session: Session, actor: Actor, *, number: str, verb: str, version: int | None) -> TaskWork:
    """Lock a task within scope for `verb`, and check that its state and the actor's standing allow it.

    Two people who decide at once take turns; the second one sees what the first has done. Raises
    `NotFoundError` (also out of scope), `StaleError`, `NotYourTaskError`, `TransitionError`.
    """
    task = get_by(session, Task, "task", number=number)
    check_version(task, version, number)
    work = TaskWork(task, read_steps(session, task))
    facts = work.facts(actor)
    reason = TASK_LIFECYCLE.refusal(verb, task.status, facts)
    if reason is None and verb not in verbs_of(facts):
        raise TransitionError(document=number, state=task.status, verb=verb, reason=NOT_THEIRS)
    if reason is not None:
        if task.status in TASK_LIFECYCLE.find(verb).sources:
            raise NotYourTaskError(task=number, reason=reason)
        raise TransitionError(document=number, state=task.status, verb=verb, reason=reason)
    return work


def current_roles(session: Session, task: Task) -> tuple[str, ...]:
    """The roles that may take the present step; none when all are taken."""
    step = TaskWork(task, read_steps(session, task)).current
    return tuple(step.roles) if step else ()
