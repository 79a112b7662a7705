"""The schedule as rows: what the holder of the lease ran and runs next, and what operators ask of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from ..kernel.access import Actor, Permission
from ..kernel.errors import NotFoundError
from ..kernel.events import emit
from .job_models import JobSchedule, JobStatus


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A scheduled job; `facts` fill `message` (a msgid), what its last run said."""

    kind: str
    is_paused: bool
    is_run_asked: bool
    last_at: datetime | None
    last_status: str
    last_milliseconds: int
    next_at: datetime | None
    message: str
    facts: Mapping[str, Any]


def list_schedule(session: Session, actor: Actor) -> tuple[ScheduleRow, ...]:
    """All scheduled jobs that a process has declared, by kind. Raises `ForbiddenError`."""
    actor.require(Permission.ADMIN_ACCESS)
    return tuple(
        ScheduleRow(
            kind=row.kind,
            is_paused=row.is_paused,
            is_run_asked=row.is_run_asked,
            last_at=row.last_at,
            last_status=row.last_status,
            last_milliseconds=row.last_milliseconds,
            next_at=row.next_at,
            message=row.message,
            facts=dict(row.facts),
        )
        for row in session.exec(select(JobSchedule).order_by("kind"))
    )


def pause_scheduled(session: Session, actor: Actor, *, kind: str, is_paused: bool, now: datetime) -> None:
    """Let a scheduled job rest, or run again; the holder follows within a second. Raises `NotFoundError`."""
    actor.require(Permission.ADMIN_ACCESS)
    row = _find(session, kind)
    if row.is_paused != is_paused:
        row.is_paused = is_paused
        verb = "schedule.paused" if is_paused else "schedule.resumed"
        emit(session, actor, verb, subject=("schedule", kind), now=now)


def run_scheduled_now(session: Session, actor: Actor, *, kind: str, now: datetime) -> None:
    """Ask the holder to run a scheduled job at once, paused or not. Raises `NotFoundError`."""
    actor.require(Permission.ADMIN_ACCESS)
    row = _find(session, kind)
    row.is_run_asked = True
    emit(session, actor, "schedule.run_asked", subject=("schedule", kind), now=now)


def _find(session: Session, kind: str) -> JobSchedule:
    row = session.get(JobSchedule, kind)
    if row is None:
        raise NotFoundError(kind="scheduled job", key=kind)
    return row


def declare_schedule(session: Session, kinds: Collection[str]) -> None:
    """Make sure that every scheduled job has its row, and that none runs in a process that is gone."""
    rows = {row.kind: row for row in session.exec(select(JobSchedule))}
    session.add_all(JobSchedule(kind=kind) for kind in kinds if kind not in rows)
    for row in rows.values():
        if row.last_status == JobStatus.RUNNING:
            row.last_status = JobStatus.FAILED


def plan_scheduled(session: Session, times: Mapping[str, datetime | None]) -> None:
    """Note when each job runs next, as the process sees it that has just taken the schedule."""
    for kind, next_at in times.items():
        session.get_one(JobSchedule, kind).next_at = next_at


def begin_scheduled(session: Session, *, kind: str, now: datetime) -> None:
    """Note that the holder runs the job now; what was asked for is being done."""
    row = session.get_one(JobSchedule, kind)
    row.last_at, row.last_status, row.is_run_asked = now, JobStatus.RUNNING, False
    row.message, row.facts = "", {}


def end_scheduled(
    session: Session,
    *,
    kind: str,
    status: str,
    begun_at: datetime,
    milliseconds: int,
    next_at: datetime | None,
    message: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Note how a run of the job ended, what it said, and when the next one is due (None: paused or soon)."""
    row = session.get_one(JobSchedule, kind)
    row.last_at, row.last_status, row.last_milliseconds = begun_at, status, milliseconds
    row.next_at, row.message, row.facts = next_at, message, dict(facts or {})
