"""Which tasks lie in which box of a person, as conditions of a statement."""

from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, false, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from ..kernel.access import Actor
from ..kernel.errors import InvalidError
from .models import Task, TaskStatus, TaskStep
from .task_steps import UNDECIDED

BOXES = ("inbox", "waiting", "all")
# made once: every page asks with them, and an alias costs more than the rest of the statement
_step: Any = aliased(TaskStep)
_earlier: Any = aliased(TaskStep)
_waits = (
    select(_earlier.id)
    .where(
        _earlier.task_id == _step.task_id,
        _earlier.position < _step.position,
        _earlier.decision.in_(UNDECIDED),
    )
    .exists()
)


def in_box(actor: Actor, box: str) -> list[ColumnElement[bool]]:
    """The conditions of `inbox` (what the actor may decide now), `waiting` (what it asked for), or `all`.

    Raises `InvalidError` for another box.
    """
    if box not in BOXES:
        raise InvalidError(field="box", reason=box)
    if box == "all":
        return []
    if box == "waiting":
        return [col(Task.requested_by) == actor.user_id]
    return [
        col(Task.status) == TaskStatus.OPEN,
        _is_mine(actor),
        or_(col(Task.requested_by).is_(None), col(Task.requested_by) != actor.user_id),
    ]


def _is_mine(actor: Actor) -> ColumnElement[bool]:
    """Whether the current step of a task may be taken by the actor: the SQL of `right_to_decide`."""
    if actor.user_id is None:
        return false()
    mine = [_owned(party, role) for party, role in sorted(actor.posts)]
    mine += [
        and_(
            _owned(party, role),
            or_(col(Task.requested_by).is_(None), col(Task.requested_by) != lender),
            _untouched_by(lender),
        )
        for lender, party, role in sorted(actor.delegated)
    ]
    return and_(or_(false(), *mine), _untouched_by(actor.user_id))


def _owned(party_id: int, role: str) -> ColumnElement[bool]:
    """Whether a party has the task, and its current step names a role."""
    # roles are a JSON list of codes; both databases keep its text
    named = cast(_step.roles, String).contains(f'"{role}"', autoescape=True)
    current = select(_step.task_id).where(_step.decision.in_(UNDECIDED), named, ~_waits)
    return and_(col(Task.owner_id) == party_id, col(Task.id).in_(current))


def _untouched_by(user_id: int) -> ColumnElement[bool]:
    """Whether somebody has taken no step of the task, nor had one taken in their place."""
    touched = select(_step.task_id).where(
        _step.decision.not_in(UNDECIDED),
        or_(_step.decided_by == user_id, _step.on_behalf_of == user_id),
    )
    return col(Task.id).not_in(touched)
