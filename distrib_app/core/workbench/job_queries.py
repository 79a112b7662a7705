"""Reads of job runs: one's own, or all of them for administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col

from ..kernel.access import Actor, Permission, User, unscoped
from ..kernel.db import row_id
from ..kernel.listing import Facet, Listing, ListQuery, ListSpec, run
from .job_models import JobRun, JobStatus
from .jobs import UNFINISHED, find_run, job_kinds, live


@dataclass(frozen=True, slots=True)
class JobRow:
    """A run: `name` and `message` are msgids, `facts` fill the message; `result` names files and counts."""

    number: str
    kind: str
    name: str
    status: str
    arguments: Mapping[str, Any]
    done: int
    total: int
    message: str
    facts: Mapping[str, Any]
    result: Mapping[str, Any]
    starter: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    is_cancel_asked: bool

    @property
    def is_unfinished(self) -> bool:
        """Whether it waits or runs."""
        return self.status in UNFINISHED


_LIST = ListSpec(
    entity=JobRun,
    key=(col(JobRun.id),),
    columns=(col(User.name),),
    join=lambda statement: statement.outerjoin(User, col(User.id) == col(JobRun.started_by)),
    sorts={
        "created_at": (col(JobRun.created_at),),
        "kind": (col(JobRun.kind),),
        "starter": (col(User.name),),
        "status": (col(JobRun.status),),
    },
    default_sort="-created_at",
    codes=(col(JobRun.number), col(JobRun.kind)),
    names=(col(User.name),),
    facets={
        "status": Facet(col(JobRun.status), allowed=frozenset(JobStatus)),
        "kind": Facet(col(JobRun.kind)),
    },
)


def list_jobs(
    session: Session, actor: Actor, *, query: ListQuery, everybody: bool = False
) -> Listing[JobRow]:
    """Own runs, newest first; `everybody` shows all of them to administrators.

    Searches number, kind and starter; facets `status` and `kind`. Raises `ForbiddenError`, `InvalidError`.
    """
    if everybody:
        actor.require(Permission.ADMIN_ACCESS)
        with unscoped(session, "administrators see everybody's runs"):
            found = run(session, _LIST, query)
    else:
        found = run(session, _LIST, query, extra=[col(JobRun.started_by) == actor.user_id])
    return found.showing([_row(job, starter) for job, starter in found.rows])


def get_job(session: Session, actor: Actor, *, number: str) -> JobRow:
    """A run by number: an own one, or any for administrators. Raises `NotFoundError`."""
    with unscoped(session, "administrators see everybody's runs"):
        job = find_run(session, actor, number)
    starter = session.get(User, job.started_by) if job.started_by else None
    return _row(job, starter.name if starter else None)


def _row(job: JobRun, starter: str | None) -> JobRow:
    kind = job_kinds().get(job.kind)
    here = live.get(row_id(job)) if job.status in UNFINISHED else None
    newer = here if here is not None and here.total else job
    return JobRow(
        number=job.number,
        kind=job.kind,
        name=kind.name if kind else job.kind,
        status=job.status,
        arguments=dict(job.arguments),
        done=newer.done,
        total=newer.total,
        message=newer.message,
        facts=dict(newer.facts),
        result=dict(job.result),
        starter=starter or "",
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        is_cancel_asked=job.is_cancel_asked or bool(here and here.is_cancel_asked),
    )
