"""Lists as files: the download of a page by its session cookie, the same over REST, a job for large ones."""

import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import Field
from sqlmodel import Session

from .. import gate, routes
from ..core.kernel.access import Actor
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import NotFoundError
from ..core.lists import export_list, file_name, find_list
from ..core.workbench import JobRow, get_job, start_job
from ..core.workbench.export import FORMATS
from ..core.workbench.job_models import JobRun
from ..gate import COOKIE, Credential
from ..i18n import LANGUAGES
from .caller import CallerDep, shown
from .models import PLAIN, Body, CodePath, Json, Word
from .schemas import NUMBER, TEXT, Named, asks, object_of

router = APIRouter(tags=["exports"])
downloads = APIRouter(include_in_schema=False)
CHUNK = 65_536
IN_MEMORY = 1_048_576
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in FORMATS.values()}}
}
EXPORT_STARTED = Named("ExportStarted", object_of(number=TEXT, status=TEXT, done=NUMBER, total=NUMBER))


class Export(Body):
    """A list with the query of its page (`search=…&status=shipped`), as a job that leaves a file."""

    list: Word
    format: Literal["csv", "xlsx"]
    query: Annotated[str, Field(max_length=2000, pattern=PLAIN)] = ""


@downloads.get(routes.EXPORTS + "/{file}")
async def download(request: Request, file: str) -> StreamingResponse:
    """The file behind the download button of a list, for whoever is signed in on this browser."""
    credential = Credential(session_token=request.cookies.get(COOKIE, ""))
    wanted = request.query_params.get("lang", "")
    language = wanted if wanted in LANGUAGES else ""
    made = await run_in_threadpool(gate.read, credential, _make, file, request.url.query, language)
    return _answer(file, *made)


@router.get("/exports/{file}", response_class=StreamingResponse, openapi_extra=asks(), responses=_FILES)
async def read_export(caller: CallerDep, request: Request, file: CodePath) -> StreamingResponse:
    """A list as `<list>.csv` or `<list>.xlsx` (orders, partners, catalogue, stock, accounts, invoices, …).

    Takes search, sort and filters as the list's page does, and writes all rows within the caller's scope, at
    most 10,000; start an export for more.
    """
    made = await caller.read(_make, file, request.url.query, caller.language)
    return _answer(file, *made)


@router.post("/exports", status_code=202, openapi_extra=asks(answers=EXPORT_STARTED))
async def start_export(caller: CallerDep, body: Export) -> Json:
    """Start an export of any size; the job leaves a file and a notice."""

    def verb(session: Session, actor: Actor, **facts: Any) -> JobRun:
        actor.require(find_list(body.list).permission)
        return start_job(session, actor, **facts)

    def show(session: Session, run: JobRun) -> Json:
        row: JobRow = get_job(session, session.info["actor"], number=run.number)
        return {"number": row.number, "status": row.status, "done": row.done, "total": row.total}

    arguments = {
        "list": body.list,
        "query": body.query,
        "format": body.format,
        "language": caller.language,
    }
    return await caller.write(shown(verb, show), kind="export", arguments=arguments)


def _make(session: Session, actor: Actor, file: str, query: str, language: str) -> tuple[IO[bytes], str]:
    """Write the file; small ones stay in memory. Its name carries the day on the reader's calendar."""
    name, _, form = file.rpartition(".")
    if form not in FORMATS:
        raise NotFoundError(kind="list", key=file[:40])
    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when it was sent
    now = utc_now()
    try:
        export_list(
            session,
            actor,
            name=name,
            form=form,
            query=query,
            language=language,
            target=target,
            now=now,
        )
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target, file_name(name, form, zone=actor.zone, now=now)


def _answer(file: str, target: IO[bytes], title: str) -> StreamingResponse:
    def parts() -> Iterator[bytes]:
        with target:
            while part := target.read(CHUNK):
                yield part

    return StreamingResponse(
        parts(),
        media_type=FORMATS[file.rpartition(".")[2]],
        headers={"Content-Disposition": f'attachment; filename="{title}"', "Cache-Control": "no-store"},
    )
