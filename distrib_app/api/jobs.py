"""Long work over REST: start, follow, cancel; for administrators the schedule."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from sqlmodel import Session

from ..core.kernel.access import Actor, Permission
from ..core.kernel.errors import NotFoundError
from ..core.workbench import (
    JobRow,
    ScheduleRow,
    ask_cancel,
    get_job,
    job_kinds,
    list_jobs,
    list_schedule,
    pause_scheduled,
    run_scheduled_now,
    start_job,
    stop_here,
)
from ..i18n import gettext, translate_step
from ..schedule_table import JOBS
from .caller import CallerDep, shown
from .models import Body, CodePath, CodesQuery, Json, Search, SortQuery, WindowDep, Word, page_json
from .schemas import FLAG, INSTANT, NUMBER, OBJECT, TEXT, Named, array_of, asks, list_of, object_of, or_null

router = APIRouter(tags=["jobs"])

JOB = Named(
    "Job",
    object_of(
        number=TEXT,
        kind=TEXT,
        name=TEXT,
        status={"type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"]},
        done=NUMBER,
        total=NUMBER,
        message=TEXT,
        result=OBJECT,
        starter=TEXT,
        is_cancel_asked=FLAG,
        created_at=INSTANT,
        started_at=or_null(INSTANT),
        finished_at=or_null(INSTANT),
    ),
)
SCHEDULED = Named(
    "ScheduledJob",
    object_of(
        kind=TEXT,
        name=TEXT,
        cadence=TEXT,
        is_paused=FLAG,
        is_run_asked=FLAG,
        last_at=or_null(INSTANT),
        last_status=TEXT,
        last_milliseconds=NUMBER,
        next_at=or_null(INSTANT),
        message=TEXT,
    ),
)


class NewJob(Body):
    """What to do; which arguments a kind takes is said where that kind is described."""

    kind: Word
    arguments: Annotated[dict[str, Any], Field(default_factory=dict, max_length=20)]


class Rest(Body):
    """Whether a scheduled job is to rest."""

    is_paused: bool


@router.get("/jobs", openapi_extra=asks(answers=list_of(JOB)))
async def read_jobs(
    caller: CallerDep,
    window: WindowDep,
    status: CodesQuery,
    kind: CodesQuery,
    search: Search = "",
    sort: SortQuery = "-created_at",
    everybody: Annotated[
        bool, Query(description="All runs instead of one's own; administrators only.")
    ] = False,
) -> Json:
    """Runs of long work, newest first."""
    query = window.query(search=search, sort=sort, status=status, kind=kind)
    page = await caller.read(list_jobs, query=query, everybody=everybody)
    return page_json(page, window, _shower(caller.language))


@router.post("/jobs", status_code=201, openapi_extra=asks(answers=JOB))
async def start(caller: CallerDep, body: NewJob) -> Json:
    """Start long work of a kind that is offered here; other kinds are started where they belong."""

    def begin(session: Session, actor: Actor, **facts: Any) -> Json:
        kind = job_kinds().get(body.kind)
        if kind is None or not kind.is_offered:
            raise NotFoundError(kind="job kind", key=body.kind)
        run = start_job(session, actor, kind=body.kind, arguments=body.arguments, **facts)
        return job_json(get_job(session, actor, number=run.number), caller.language)

    return await caller.write(begin)


@router.get("/jobs/{number}", openapi_extra=asks(answers=JOB))
async def read_job(caller: CallerDep, number: CodePath) -> Json:
    """One run: how far it is, and what came of it."""
    return job_json(await caller.read(get_job, number=number), caller.language)


@router.post("/jobs/{number}/cancel", openapi_extra=asks(answers=JOB))
async def cancel(caller: CallerDep, number: CodePath) -> Json:
    """Cancel a waiting run at once, a running one at its next step."""

    def show(session: Session, actor: Actor, **facts: Any) -> Json:
        run = ask_cancel(session, actor, number=number, **facts)
        return job_json(get_job(session, actor, number=run.number), caller.language)

    await caller.read(stop_here, number=number)
    return await caller.write(show)


@router.get(
    "/schedule", openapi_extra=asks(Permission.ADMIN_ACCESS, answers=object_of(items=array_of(SCHEDULED)))
)
async def read_schedule(caller: CallerDep) -> Json:
    """The scheduled jobs: when each last ran, how it went, and when it runs next."""
    rows = await caller.read(list_schedule)
    by_kind = {row.kind: row for row in rows}
    return {"items": [schedule_json(by_kind[kind], caller.language) for kind in JOBS if kind in by_kind]}


@router.post("/schedule/{kind}/run", openapi_extra=asks(Permission.ADMIN_ACCESS, answers=SCHEDULED))
async def run_now(caller: CallerDep, kind: CodePath) -> Json:
    """Run a scheduled job now, paused or not."""
    return await caller.write(shown(run_scheduled_now, _scheduled(kind, caller.language)), kind=kind)


@router.post("/schedule/{kind}/pause", openapi_extra=asks(Permission.ADMIN_ACCESS, answers=SCHEDULED))
async def pause(caller: CallerDep, kind: CodePath, body: Rest) -> Json:
    """Let a scheduled job rest, or run again."""
    return await caller.write(
        shown(pause_scheduled, _scheduled(kind, caller.language)), kind=kind, is_paused=body.is_paused
    )


def _scheduled(kind: str, language: str) -> Any:
    def show(session: Session, _nothing: None) -> Json:
        row = next(row for row in list_schedule(session, session.info["actor"]) if row.kind == kind)
        return schedule_json(row, language)

    return show


def _shower(language: str) -> Any:
    return lambda row: job_json(row, language)


def _said(row: JobRow | ScheduleRow, language: str) -> str:
    return translate_step({"text": row.message, "facts": row.facts}, language) if row.message else ""


def job_json(row: JobRow, language: str) -> Json:
    """A run as JSON; its texts speak the caller's language."""
    return {
        "number": row.number,
        "kind": row.kind,
        "name": gettext(row.name, language),
        "status": row.status,
        "done": row.done,
        "total": row.total,
        "message": _said(row, language),
        "result": dict(row.result),
        "starter": row.starter,
        "is_cancel_asked": row.is_cancel_asked,
        "created_at": row.created_at.isoformat(),
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
    }


def schedule_json(row: ScheduleRow, language: str) -> Json:
    """A scheduled job as JSON."""
    job = JOBS[row.kind]
    return {
        "kind": row.kind,
        "name": gettext(job.name, language),
        "cadence": gettext(job.cadence, language, **job.facts),
        "is_paused": row.is_paused,
        "is_run_asked": row.is_run_asked,
        "last_at": row.last_at.isoformat() if row.last_at else None,
        "last_status": row.last_status,
        "last_milliseconds": row.last_milliseconds,
        "next_at": row.next_at.isoformat() if row.next_at else None,
        "message": _said(row, language),
    }
