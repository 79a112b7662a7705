"""Long work as rows: what kinds there are, how a run is started and cancelled, what a run works with.

A run is done by `job_running` outside a request, as the person who started it. Its work and the cursor that
says how far it is are committed together, so that another process can go on where a dead one stopped.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from ..kernel.access import SYSTEM, Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import Database, get_by, row_id
from ..kernel.errors import DomainError, NotFoundError, msg
from ..kernel.numbers import next_number
from .job_models import JobRun, JobStatus

if TYPE_CHECKING:
    from .storage import FileStore

TELL_EVERY = timedelta(milliseconds=500)
MAX_WAITING = 20
UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


class JobFinishedError(DomainError):
    """A finished run cannot be cancelled any more."""

    code = "job_finished"
    status = 409
    template = msg("Job {number} is over already.")


class TooManyJobsError(DomainError):
    """One person has enough work waiting."""

    code = "too_many_jobs"
    status = 429
    template = msg("{count} of your jobs are waiting or running already. Start another when some are done.")


class JobCancelledError(Exception):
    """Somebody asked to cancel this run. No refusal of a row, so that no loop over rows takes it for one."""


class JobStoppedError(Exception):
    """This process ends; the run goes back to the queue."""


class JobLostError(Exception):
    """Another process has taken the run over; nothing more may be written."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of long work: its name (msgid), what it does, and the permission to start it.

    `run` gets a `JobContext` and returns what came of it: counts, and the keys of files under `file`.
    `is_offered` kinds may be started by name over REST.
    """

    name: str
    run: Callable[["JobContext"], dict[str, Any]]
    permission: str = ""
    is_offered: bool = False


_kinds: dict[str, JobKind] = {}


def install_job_kinds(table: Mapping[str, JobKind]) -> None:
    """Take the table of kinds; replaces an earlier one."""
    _kinds.clear()
    _kinds.update(table)


def job_kinds() -> Mapping[str, JobKind]:
    """The installed kinds by name."""
    return _kinds


def job_kind(name: str) -> JobKind:
    """An installed kind. Raises `NotFoundError`."""
    if name not in _kinds:
        raise NotFoundError(kind="job kind", key=name)
    return _kinds[name]


def start_job(
    session: Session, actor: Actor, *, kind: str, arguments: Mapping[str, Any], now: datetime
) -> JobRun:
    """Queue a run of `kind`; a worker takes it within about a second.

    Raises `NotFoundError` for an unknown kind, `ForbiddenError`, `TooManyJobsError`.
    """
    wanted = job_kind(kind)
    if wanted.permission:
        actor.require(wanted.permission)
    if not actor.is_system:
        waiting = select(func.count(col(JobRun.id))).where(
            col(JobRun.started_by) == actor.user_id, col(JobRun.status).in_(UNFINISHED)
        )
        count = session.exec(waiting).one()
        if count >= MAX_WAITING:
            raise TooManyJobsError(count=count)
    run = JobRun(
        number=next_number(session, "JB", business_day(now, actor.zone)),
        kind=kind,
        arguments=dict(arguments),
        started_by=actor.user_id,
        permissions=sorted(actor.permissions),
        created_at=now,
    )
    session.add(run)
    session.flush()
    return run


def ask_cancel(session: Session, actor: Actor, *, number: str, now: datetime) -> JobRun:
    """Cancel a waiting run at once, a running one at its next step; own runs, or any for administrators.

    Raises `NotFoundError`, `JobFinishedError`.
    """
    with unscoped(session, "administrators cancel anybody's run"):
        run = find_run(session, actor, number)
        session.refresh(run, with_for_update=True)
        if run.status not in UNFINISHED:
            raise JobFinishedError(number=number)
        run.is_cancel_asked = True
        if run.status == JobStatus.QUEUED:
            run.status = JobStatus.CANCELLED
            run.finished_at = now
    return run


def stop_here(session: Session, actor: Actor, *, number: str) -> None:
    """Tell a run of this process to stop, before `ask_cancel`, which may have to wait for the run's lock.

    Raises `NotFoundError`. Changes nothing in the database.
    """
    with unscoped(session, "administrators cancel anybody's run"):
        run = find_run(session, actor, number)
    if context := live.get(row_id(run)):
        context.is_cancel_asked = True


def find_run(session: Session, actor: Actor, number: str) -> JobRun:
    """A run the actor may look at: an own one, or any for administrators. Raises `NotFoundError`."""
    run = get_by(session, JobRun, "job", number=number)
    if not actor.can(Permission.ADMIN_ACCESS) and (actor.user_id is None or run.started_by != actor.user_id):
        raise NotFoundError(kind="job", key=number)
    return run


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run that this process has taken; the attempt tells it from a later taking by the same process."""

    id: int
    number: str
    kind: str
    arguments: Mapping[str, Any]
    cursor: Mapping[str, Any]
    started_by: int | None
    permissions: frozenset[str]
    holder: str
    attempt: int


def english(text: str, facts: Mapping[str, Any], _language: str) -> str:
    """How a message is said where nobody lends a translation."""
    return text.format(**facts) if facts else text


@dataclass(slots=True)
class JobContext:
    """What the work of a run gets: database, actor, arguments, its cursor, file storage and the clock.

    Write through `write()`, so that on SQLite progress does not wait for the lock this run itself holds.
    """

    claimed: ClaimedRun
    database: Database
    actor: Actor
    files: "FileStore"
    clock: Callable[[], datetime]
    words: Callable[[str, Mapping[str, Any], str], str] = english
    done: int = 0
    total: int = 0
    message: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    is_cancel_asked: bool = False
    is_stopping: bool = False
    _cursor: dict[str, Any] = field(default_factory=dict)
    _told_at: datetime | None = None
    _holds_lock: bool = False

    def __post_init__(self) -> None:
        self._cursor = dict(self.claimed.cursor)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What the run was asked."""
        return self.claimed.arguments

    @property
    def cursor(self) -> dict[str, Any]:
        """Where to go on; empty at the first start."""
        return dict(self._cursor)

    def now(self) -> datetime:
        """The present instant."""
        return self.clock()

    def say(self, text: str, /, **facts: Any) -> str:
        """A message (msgid) in the language of who started the run, for files."""
        return self.words(text, facts, self.actor.language)

    def progress(self, done: int, total: int, /, message: str = "", **facts: Any) -> None:
        """Say how far the run is (`message` is a msgid filled with `facts`); call it often, it is cheap.

        Written at most every half second. Raises `JobCancelledError` when somebody asked for that.
        """
        self.done, self.total, self.message, self.facts = done, total, message, facts
        now = self.now()
        is_due = self._told_at is None or now - self._told_at >= TELL_EVERY
        if is_due and not self._holds_lock:
            self._told_at = now
            with self.database.write(SYSTEM) as session:
                self._update(session, done=done, total=total, message=message, facts=facts)
                asked = select(JobRun.is_cancel_asked).where(JobRun.id == self.claimed.id)
                self.is_cancel_asked = self.is_cancel_asked or session.exec(asked).one()
        if self.is_cancel_asked:
            raise JobCancelledError
        if self.is_stopping:
            raise JobStoppedError

    def save(self, cursor: Mapping[str, Any], *, session: Session | None = None) -> None:
        """Keep where to go on; with the session of the work, work and cursor are committed together.

        Raises `JobLostError` when another process has taken over, which rolls the work back. In a long
        transaction save last: the row stays locked until it ends.
        """
        self._cursor = dict(cursor)
        if session is None:
            with self.database.write(SYSTEM) as own:
                self._update(own, cursor=self._cursor)
            return
        with unscoped(session, "a run keeps its own place"):
            self._update(session, cursor=self._cursor)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A writing session as the actor, committed at its end; on SQLite progress is told after it."""
        self._holds_lock = self.database.is_sqlite
        try:
            with self.database.write(self.actor) as session:
                yield session
        finally:
            self._holds_lock = False

    def _update(self, session: Session, **values: Any) -> None:
        update_claimed(session, self.claimed, beat_at=self.now(), **values)


# the runs of this process, by id: their figures are newer than those of their rows
live: dict[int, JobContext] = {}


def update_claimed(session: Session, claimed: ClaimedRun, **values: Any) -> None:
    """Write to the run's row as long as this process has it. Raises `JobLostError`."""
    statement = (
        update(JobRun)
        .where(
            col(JobRun.id) == claimed.id,
            col(JobRun.status) == JobStatus.RUNNING,
            col(JobRun.holder) == claimed.holder,
            col(JobRun.attempts) == claimed.attempt,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not session.exec(statement).rowcount:
        raise JobLostError(claimed.number)
