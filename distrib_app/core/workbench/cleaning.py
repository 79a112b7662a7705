"""What has had its time goes: files, answers kept for repeated requests, read notices, old runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete

from ..kernel.access import SYSTEM, forget_access_changes
from ..kernel.db import Database
from ..kernel.idempotency import forget_old_answers
from .files import sweep_files
from .job_models import JobRun
from .models import Notice
from .storage import FileStore

NOTICES_KEPT = timedelta(days=180)
RUNS_KEPT = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Removed:
    """How much was removed."""

    files: int
    rows: int


def remove_expired(database: Database, *, files: FileStore, now: datetime) -> Removed:
    """Remove what has expired, in short transactions; running it again removes nothing more."""
    swept = 0
    while count := _swept(database, files, now):
        swept += count
    rows = 0
    for remove in (_answers, _notices, _runs, _access_changes):
        with database.write(SYSTEM) as session:
            rows += remove(session, now)
    return Removed(swept, rows)


def _swept(database: Database, files: FileStore, now: datetime) -> int:
    with database.write(SYSTEM) as session:
        return sweep_files(session, SYSTEM, files=files, now=now)


def _answers(session: Session, now: datetime) -> int:
    return forget_old_answers(session, now=now)


def _notices(session: Session, now: datetime) -> int:
    return session.exec(delete(Notice).where(col(Notice.read_at) < now - NOTICES_KEPT)).rowcount


def _runs(session: Session, now: datetime) -> int:
    return session.exec(delete(JobRun).where(col(JobRun.finished_at) < now - RUNS_KEPT)).rowcount


def _access_changes(session: Session, _now: datetime) -> int:
    return forget_access_changes(session)
