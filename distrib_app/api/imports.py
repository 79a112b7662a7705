"""Sheets to records over REST: what can be imported, templates, mapping, check, import."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from sqlmodel import Session

from .. import gate, routes
from ..core.kernel.access import Actor, Permission
from ..core.kernel.errors import NotFoundError, msg
from ..core.workbench import (
    ImportEntity,
    TemplateColumn,
    get_job,
    import_entities,
    import_entity,
    look_at_sheet,
    start_import,
    write_template,
)
from ..files import get_files
from ..gate import COOKIE, Credential
from ..i18n import LANGUAGES, gettext
from .caller import CallerDep
from .jobs import JOB, job_json
from .models import PLAIN, Body, CodePath, Json
from .schemas import FLAG, NUMBER, TEXT, Named, array_of, asks, object_of

router = APIRouter(tags=["imports"])
downloads = APIRouter(include_in_schema=False)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# what any of the entities asks for
ANY = (
    Permission.PARTNERS_WRITE,
    Permission.CUSTOMERS_WRITE,
    Permission.CATALOG_WRITE,
    Permission.PRICES_WRITE,
    Permission.STOCK_WRITE,
    Permission.ACCOUNTS_WRITE,
)
ENTITY = Named(
    "ImportEntity",
    object_of(
        name=TEXT,
        title=TEXT,
        fields=array_of(
            object_of(key=TEXT, title=TEXT, is_required=FLAG, kind=TEXT, example=TEXT, note=TEXT)
        ),
    ),
)
LOOK = Named(
    "SheetLook",
    object_of(
        headers=array_of(TEXT),
        line_count=NUMBER,
        columns={"type": "object", "additionalProperties": TEXT},
    ),
)
_SHEET: dict[int | str, dict[str, Any]] = {
    200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
}
FileKey = Annotated[str, Field(min_length=32, max_length=32, pattern=r"^[0-9a-f]{32}$")]
Heading = Annotated[str, Field(max_length=400, pattern=PLAIN)]


class Upload(Body):
    """A sheet that was uploaded to `POST /files`."""

    file: FileKey


class Mapped(Upload):
    """A sheet, and which heading (value) is which field (key)."""

    columns: Annotated[dict[str, Heading], Field(min_length=1, max_length=60)]


@router.get("/imports", openapi_extra=asks(answers=object_of(items=array_of(ENTITY))))
async def read_entities(caller: CallerDep) -> Json:
    """What the caller may import, with the fields of each."""

    def names(_session: Session, actor: Actor) -> dict[str, ImportEntity]:
        return import_entities(actor)

    found = await caller.read(names)
    return {"items": [_entity_json(name, entity, caller.language) for name, entity in found.items()]}


@router.get("/imports/{entity}/template", response_class=Response, openapi_extra=asks(*ANY), responses=_SHEET)
async def read_template(caller: CallerDep, entity: CodePath) -> Response:
    """A workbook to fill in, in the caller's language."""
    return _sheet(entity, await caller.read(_template, entity, caller.language))


@router.post("/imports/{entity}/look", openapi_extra=asks(*ANY, answers=LOOK))
async def look(caller: CallerDep, entity: CodePath, body: Upload) -> Json:
    """The headings of a sheet, and which field each is as far as that can be told."""
    sheet, columns = await caller.read(look_at_sheet, files=get_files(), entity=entity, key=body.file)
    return {"headers": list(sheet.headers), "line_count": len(sheet.rows), "columns": columns}


@router.post("/imports/{entity}/check", status_code=201, openapi_extra=asks(*ANY, answers=JOB))
async def check(caller: CallerDep, entity: CodePath, body: Mapped) -> Json:
    """Start a dry run: its result counts what would happen and names what is wrong, and nothing changes."""
    return await _start(caller, entity, body, is_check=True)


@router.post("/imports/{entity}/commit", status_code=201, openapi_extra=asks(*ANY, answers=JOB))
async def commit(caller: CallerDep, entity: CodePath, body: Mapped) -> Json:
    """Start the import: all lines in one transaction, or none when any is wrong."""
    return await _start(caller, entity, body, is_check=False)


async def _start(caller: CallerDep, entity: str, body: Mapped, *, is_check: bool) -> Json:
    def begin(session: Session, actor: Actor, **facts: Any) -> Json:
        run = start_import(session, actor, **facts)
        return job_json(get_job(session, actor, number=run.number), caller.language)

    return await caller.write(
        begin, files=get_files(), entity=entity, key=body.file, columns=body.columns, is_check=is_check
    )


@downloads.get(routes.TEMPLATES + "/{file}")
async def download_template(request: Request, file: str) -> Response:
    """The template behind the download link of the wizard, for whoever is signed in on this browser."""
    entity, _, ending = file.partition(".")
    if ending != "xlsx":
        raise NotFoundError(kind="import", key=file[:40])
    credential = Credential(session_token=request.cookies.get(COOKIE, ""))
    wanted = request.query_params.get("lang", "")
    language = wanted if wanted in LANGUAGES else LANGUAGES[0]
    return _sheet(entity, await run_in_threadpool(gate.read, credential, _template, entity, language))


def _template(_session: Session, actor: Actor, name: str, language: str) -> bytes:
    entity = import_entity(actor, name)
    columns = [
        TemplateColumn(
            gettext(field.title, language),
            field.required,
            gettext(field.note, language) if field.note else "",
            field.example,
        )
        for field in entity.fields
    ]
    return write_template(gettext(entity.name, language), gettext(msg("Example"), language), columns)


def _sheet(entity: str, content: bytes) -> Response:
    disposition = f'attachment; filename="{entity}-template.xlsx"'
    return Response(content, media_type=XLSX, headers={"Content-Disposition": disposition})


def _entity_json(name: str, entity: ImportEntity, language: str) -> Json:
    return {
        "name": name,
        "title": gettext(entity.name, language),
        "fields": [
            {
                "key": field.key,
                "title": gettext(field.title, language),
                "is_required": field.required,
                "kind": "choice" if field.choices is not None else str(field.kind),
                "example": field.example,
                "note": gettext(field.note, language) if field.note else "",
            }
            for field in entity.fields
        ],
    }
