"""What happened to a record, what was decided, said and attached: one list, newest first."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from ..kernel.access import Actor, User
from ..kernel.events import Event
from .files import FileRow, file_row
from .models import Comment, Decision, StoredFile, Task, TaskStep
from .subjects import Company, SubjectKey, get_people, load_subject

MOST = 200
EVENT, COMMENT, FILE, TASK, DECISION = "event", "comment", "file", "task", "decision"
# said by rows of their own, or nobody's business but the author's company
_QUIET = ("comment.", "file.", "task.")


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One entry. `what` is the kind of event, the decision, or the title of a task (a message).

    `actor_name` is empty for what the system did; `company` is named on comments and files only.
    """

    kind: str
    at: datetime
    actor_name: str
    what: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    company: Company | None = None
    is_shared: bool = False
    files: tuple[FileRow, ...] = ()
    reference: str = ""


def timeline(session: Session, actor: Actor, *, subject: SubjectKey) -> tuple[TimelineRow, ...]:
    """The newest entries on a record that the actor may see. Raises `NotFoundError`."""
    load_subject(session, actor, subject)
    rows = [
        *_events(session, actor, subject),
        *_talk(session, actor, subject),
        *_decisions(session, subject),
    ]
    return tuple(sorted(rows, key=lambda row: row.at, reverse=True)[:MOST])


def _events(session: Session, actor: Actor, subject: SubjectKey) -> Iterator[TimelineRow]:
    # a task's own steps are its history; on other records the task itself stands for them
    prefixes = [prefix for prefix in _QUIET if prefix != f"{subject[0]}."]
    quiet = or_(*(col(Event.kind).startswith(prefix) for prefix in prefixes))
    found = session.exec(
        select(Event, User.name)
        .outerjoin(User, col(User.id) == col(Event.actor_user_id))
        .where(
            Event.subject_kind == subject[0],
            Event.subject_key == subject[1],
            or_(~quiet, col(Event.kind) == "file.removed"),
        )
        .order_by(col(Event.id).desc())
        .limit(MOST)
    )
    for event, name in found:
        facts = dict(event.payload)
        if event.kind == "file.removed":
            party_id = facts.pop("party_id", None)
            if not facts.pop("is_shared", False) and party_id not in actor.partner_ids:
                continue
        yield TimelineRow(EVENT, event.occurred_at, name or "", what=event.kind, facts=facts)


def _talk(session: Session, actor: Actor, subject: SubjectKey) -> Iterator[TimelineRow]:
    """Comments with the files that came with them, then the files that came alone."""
    comments = session.exec(
        select(Comment, User.name)
        .join(User, col(User.id) == col(Comment.author_id))
        .where(Comment.subject_kind == subject[0], Comment.subject_key == subject[1])
        .order_by(col(Comment.id).desc())
        .limit(MOST)
    ).all()
    stored = session.exec(
        select(StoredFile, User.name)
        .outerjoin(User, col(User.id) == col(StoredFile.uploaded_by))
        .where(StoredFile.subject_kind == subject[0], StoredFile.subject_key == subject[1])
        .order_by(col(StoredFile.id).desc())
        .limit(MOST)
    ).all()
    ids = {row.party_id for row, _ in comments} | {row.party_id for row, _ in stored if row.party_id}
    companies = get_people().companies(session, {party_id for party_id in ids if party_id is not None})
    # what one person sends together is written at one instant
    sent: dict[tuple[int | None, datetime, bool], list[tuple[StoredFile, str]]] = defaultdict(list)
    for stored_file, name in reversed(stored):
        key = (stored_file.uploaded_by, stored_file.uploaded_at, stored_file.is_shared)
        sent[key].append((stored_file, name or ""))
    for comment, name in comments:
        entry = TimelineRow(
            COMMENT,
            comment.written_at,
            name,
            text=comment.text,
            company=companies.get(comment.party_id),
            is_shared=comment.is_shared,
        )
        with_it = sent.pop((comment.author_id, comment.written_at, comment.is_shared), [])
        yield replace(entry, files=tuple(file_row(row, actor, by) for row, by in with_it))
    for group in sent.values():
        first, name = group[0]
        yield TimelineRow(
            FILE,
            first.uploaded_at,
            name,
            company=companies.get(first.party_id) if first.party_id else None,
            is_shared=first.is_shared,
            files=tuple(file_row(row, actor, by) for row, by in group),
        )


def _decisions(session: Session, subject: SubjectKey) -> Iterator[TimelineRow]:
    """Tasks about the record as they were asked for, and each decision taken on them."""
    on_subject = (Task.subject_kind == subject[0], Task.subject_key == subject[1])
    asked = session.exec(
        select(Task, User.name)
        .outerjoin(User, col(User.id) == col(Task.requested_by))
        .where(*on_subject)
        .order_by(col(Task.id).desc())
        .limit(MOST)
    )
    for task, name in asked:
        yield TimelineRow(
            TASK,
            task.requested_at,
            name or "",
            what=task.title,
            facts=dict(task.facts),
            reference=task.number,
        )
    decided = session.exec(
        select(Task, TaskStep, User.name)
        .join(TaskStep, col(TaskStep.task_id) == col(Task.id))
        .outerjoin(User, col(User.id) == col(TaskStep.decided_by))
        .where(*on_subject, col(TaskStep.decided_at).is_not(None))
        .order_by(col(TaskStep.id).desc())
        .limit(MOST)
    )
    for task, step, name in decided:
        assert step.decided_at is not None
        yield TimelineRow(
            DECISION,
            step.decided_at,
            name or "",
            what=Decision(step.decision),
            facts={"title": task.title, "facts": dict(task.facts)},
            text=step.reason,
            reference=task.number,
        )
