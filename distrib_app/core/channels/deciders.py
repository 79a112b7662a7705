"""Who holds which post where, so that those who may decide are told of what waits for them."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from ..kernel.access import User, unscoped
from ..kernel.clock import business_day
from ..kernel.db import get_by
from ..kernel.errors import msg
from ..kernel.events import Event
from ..workbench import Task, TaskStatus, current_roles, find_task_kind, notify
from .models import Membership, Partner, Role

TO_DECIDE, DECIDED = "task", "task_answer"
_NEWS = {
    "task.asked": msg("To decide: {kind} {number}"),
    "task.raised": msg("To do: {kind} {number}"),
    "task.step_taken": msg("The next step is yours: {kind} {number}"),
    "task.asked_again": msg("Changed meanwhile, please decide again: {kind} {number}"),
    "task.answered": msg("The supplement has come: {kind} {number}"),
    "task.escalated": msg("Overdue: {kind} {number}"),
    "task.approved": msg("Approved: {kind} {number}"),
    "task.rejected": msg("Rejected: {kind} {number}"),
    "task.supplement_asked": msg("A supplement is needed: {kind} {number}"),
}


def holders_of(
    session: Session, *, partner_id: int, roles: Collection[str], now: datetime
) -> tuple[int, ...]:
    """The ids of the enabled users who hold one of `roles` at a partner today."""
    with unscoped(session, "who decides at a company is told, whoever asked it"):
        partner = session.get_one(Partner, partner_id)
        return tuple(
            session.exec(
                select(Membership.user_id)
                .join(Role, col(Role.id) == col(Membership.role_id))
                .join(User, col(User.id) == col(Membership.user_id))
                .where(
                    Membership.partner_id == partner_id,
                    col(Role.code).in_(roles),
                    col(User.is_disabled).is_(False),
                    Membership.as_of(business_day(now, partner.zone)),
                )
                .distinct()
                .order_by(col(Membership.user_id))
            )
        )


def tell_deciders(session: Session, event: Event, now: datetime) -> None:
    """Reaction: those who may take the present step of a task get a notice, but for who caused it."""
    session.flush()
    with unscoped(session, "the task that just changed"):
        task = get_by(session, Task, "task", number=event.subject_key)
        roles = current_roles(session, task)
    people = holders_of(session, partner_id=task.owner_id, roles=roles, now=now)
    _tell(session, event, task, people, TO_DECIDE, now)


def tell_requester(session: Session, event: Event, now: datetime) -> None:
    """Reaction: who asked for an approval learns what became of it."""
    session.flush()
    with unscoped(session, "the task that just changed"):
        task = get_by(session, Task, "task", number=event.subject_key)
    if task.requested_by is not None and task.status != TaskStatus.WITHDRAWN:
        _tell(session, event, task, [task.requested_by], DECIDED, now)


def _tell(
    session: Session, event: Event, task: Task, people: Collection[int], kind: str, now: datetime
) -> None:
    notify(
        session,
        user_ids=[one for one in people if one != event.actor_user_id],
        kind=kind,
        title=_NEWS[event.kind],
        facts={"kind": find_task_kind(task.kind).name, "number": task.number},
        subject=("task", task.number),
        now=now,
    )
