"""Runs are taken by one process at a time, done as who started them, and given an end that can be read."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from ..kernel.access import SYSTEM, Actor
from ..kernel.db import Database, row_id
from ..kernel.errors import DomainError, msg
from ..kernel.events import emit
from .job_models import JobRun, JobStatus
from .jobs import (
    ClaimedRun,
    JobCancelledError,
    JobContext,
    JobLostError,
    JobStoppedError,
    english,
    job_kind,
    job_kinds,
    live,
    update_claimed,
)

if TYPE_CHECKING:
    from .storage import FileStore

LOST_AFTER = timedelta(seconds=20)
MAX_ATTEMPTS = 5
GAVE_UP = msg("Given up: the process that did this job died {attempts} times.")
UNEXPECTED = msg("Something went wrong on our side. Error {error_id}.")
CANCELLED = msg("Cancelled.")


class StarterGoneError(DomainError):
    """A run acts as who started it, and that person may not act any more."""

    code = "starter_gone"
    status = 403
    template = msg("Whoever started this job can no longer sign in.")


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the composition root lends: who a user is now, files, the clock, where failures go, words."""

    find_actor: Callable[[Session, int | None, datetime], Actor | None]
    files: "FileStore"
    clock: Callable[[], datetime]
    report: Callable[[str, str, Exception], None]
    words: Callable[[str, Mapping[str, Any], str], str] = english


@dataclass(frozen=True, slots=True)
class _End:
    """How a run ended."""

    status: JobStatus
    message: str = ""
    facts: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None


def is_work_waiting(session: Session, *, now: datetime, lost_after: timedelta = LOST_AFTER) -> bool:
    """Whether `claim_next` would find something; only reads."""
    return session.exec(select(JobRun.id).where(_claimable(now - lost_after)).limit(1)).first() is not None


def claim_next(
    session: Session, *, holder: str, now: datetime, lost_after: timedelta = LOST_AFTER
) -> ClaimedRun | None:
    """Take the oldest waiting run of a kind known here, or one whose process died (no beat for `lost_after`).

    At most one process gets it. A run that was taken five times is given up.
    """
    while True:
        run = session.exec(
            select(JobRun)
            .where(_claimable(now - lost_after))
            .order_by(col(JobRun.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if run is None:
            return None
        if run.is_cancel_asked:
            run.status, run.finished_at, run.message, run.facts = JobStatus.CANCELLED, now, CANCELLED, {}
        elif run.attempts >= MAX_ATTEMPTS:
            run.status, run.finished_at = JobStatus.FAILED, now
            run.message, run.facts = GAVE_UP, {"attempts": run.attempts}
            emit(session, SYSTEM, "job.failed", subject=("job", run.number), now=now, job=run.kind)
        else:
            return _take(session, run, holder, now)
        session.flush()


def _claimable(lost_before: datetime) -> ColumnElement[bool]:
    is_lost = and_(
        col(JobRun.status) == JobStatus.RUNNING,
        col(JobRun.beat_at) < lost_before,
        col(JobRun.id).not_in(list(live)),
    )
    return and_(or_(col(JobRun.status) == JobStatus.QUEUED, is_lost), col(JobRun.kind).in_(list(job_kinds())))


def _take(session: Session, run: JobRun, holder: str, now: datetime) -> ClaimedRun:
    run.status, run.holder, run.beat_at = JobStatus.RUNNING, holder, now
    run.started_at = run.started_at or now
    run.attempts += 1
    session.flush()
    return ClaimedRun(
        id=row_id(run),
        number=run.number,
        kind=run.kind,
        arguments=dict(run.arguments),
        cursor=dict(run.cursor),
        started_by=run.started_by,
        permissions=frozenset(run.permissions),
        holder=holder,
        attempt=run.attempts,
    )


def run_claimed(database: Database, claimed: ClaimedRun, workshop: Workshop) -> None:
    """Bring a claimed run to its end: done, failed with a sentence, cancelled, or back in the queue."""
    try:
        try:
            end = _do(database, claimed, workshop)
        except JobCancelledError:
            end = _End(JobStatus.CANCELLED, CANCELLED, {})
        except DomainError as error:
            end = _End(JobStatus.FAILED, error.template, _storable(error.facts))
        except (JobLostError, JobStoppedError):
            raise
        except Exception as error:
            error_id = secrets.token_hex(4)
            workshop.report(claimed.kind, error_id, error)
            end = _End(JobStatus.FAILED, UNEXPECTED, {"error_id": error_id})
        _finish(database, claimed, end, workshop.clock())
    except JobLostError:
        return  # whoever has it now also ends it
    except JobStoppedError:
        _give_back(database, claimed)


def _do(database: Database, claimed: ClaimedRun, workshop: Workshop) -> _End:
    kind = job_kind(claimed.kind)
    now = workshop.clock()
    with database.write(SYSTEM) as session:
        person = workshop.find_actor(session, claimed.started_by, now)
        session.expunge_all()  # rows read to know the actor are not rows the actor may see
        if person is None:
            raise StarterGoneError
        actor = _narrowed(person, claimed.permissions)
        emit(
            session,
            actor,
            "job.started",
            subject=("job", claimed.number),
            now=now,
            job=claimed.kind,
            attempt=claimed.attempt,
        )
    if kind.permission:
        actor.require(kind.permission)
    context = JobContext(claimed, database, actor, workshop.files, workshop.clock, workshop.words)
    live[claimed.id] = context
    try:
        result = kind.run(context)
    finally:
        del live[claimed.id]
        _keep_figures(database, context)
    return _End(JobStatus.DONE, result=result)


def _narrowed(person: Actor, permissions: frozenset[str]) -> Actor:
    """The person now, but nobody who could do more than when starting the run (with a narrow token)."""
    if person.is_system or person.permissions <= permissions:
        return person
    return replace(
        person, permissions=person.permissions & permissions, posts=frozenset(), delegated=frozenset()
    )


def _keep_figures(database: Database, context: JobContext) -> None:
    """The last figures of a run, however it ends; progress tells them only every half second."""
    if context.total:
        with database.write(SYSTEM) as session:
            update_claimed(
                session,
                context.claimed,
                done=context.done,
                total=context.total,
                message=context.message,
                facts=_storable(context.facts),
            )


def _finish(database: Database, claimed: ClaimedRun, end: _End, now: datetime) -> None:
    words = {"message": end.message, "facts": end.facts} if end.message else {}
    with database.write(SYSTEM) as session:
        update_claimed(
            session, claimed, status=end.status, result=_storable(end.result or {}), finished_at=now, **words
        )
        event = {JobStatus.DONE: "job.finished", JobStatus.FAILED: "job.failed"}.get(end.status)
        starter = replace(SYSTEM, user_id=claimed.started_by)
        emit(
            session,
            starter,
            event or "job.cancelled",
            subject=("job", claimed.number),
            now=now,
            job=claimed.kind,
        )


def _give_back(database: Database, claimed: ClaimedRun) -> None:
    """The process ends in good order: the attempt does not count, another process goes on."""
    with database.write(SYSTEM) as session:
        update_claimed(session, claimed, status=JobStatus.QUEUED, holder="", attempts=claimed.attempt - 1)


def _storable(facts: Mapping[str, Any]) -> dict[str, Any]:
    plain = (str, int, bool, type(None), list, dict)
    return {
        key: value.isoformat()
        if isinstance(value, date)
        else value
        if isinstance(value, plain)
        else str(value)
        for key, value in facts.items()
    }


def beat(database: Database, *, now: datetime) -> None:
    """Say that the runs of this process are alive, however long their present step takes."""
    for context in list(live.values()):
        with database.write(SYSTEM) as session:
            try:
                update_claimed(session, context.claimed, beat_at=now)
            except JobLostError:
                context.is_stopping = True  # somebody took it over: stop at the next step


def stop_runs() -> None:
    """Ask all runs of this process to stop at their next step and go back to the queue."""
    for context in list(live.values()):
        context.is_stopping = True
