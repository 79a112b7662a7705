"""Files: upload and download of a page by its session cookie, the same over REST by a token."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from .. import gate, routes
from ..core.kernel.access import Actor
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import InvalidError, NotFoundError, msg
from ..core.workbench import (
    FileRow,
    PreparedFile,
    add_entry,
    prepare_file,
    read_file,
    remove_file,
    thumbnail_key,
)
from ..core.workbench.files import THUMBNAIL_TYPE
from ..files import get_files
from ..gate import COOKIE, Credential
from .caller import CallerDep
from .models import Json
from .schemas import FLAG, INSTANT, NUMBER, TEXT, Named, array_of, asks, object_of
from .sessions import check_origin

router = APIRouter(tags=["files"])
downloads = APIRouter(include_in_schema=False)
CHUNK = 65_536
MAX_FILES = 10
MAX_FIELD = 65_536
# what a browser shows may run nothing and reach nothing, whatever is in it
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; sandbox"
FileKey = Annotated[str, Path(min_length=32, max_length=32, pattern=r"^[0-9a-f]{32}$")]

FILE = Named(
    "File",
    object_of(
        key=TEXT,
        name=TEXT,
        media_type=TEXT,
        size=NUMBER,
        sha256=TEXT,
        subject_kind=TEXT,
        subject_key=TEXT,
        is_shared=FLAG,
        has_thumbnail=FLAG,
        uploaded_by=TEXT,
        uploaded_at=INSTANT,
        can_remove=FLAG,
    ),
)
FILES = Named("StoredFiles", object_of(files=array_of(FILE)))
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "subject_kind": TEXT
                        | {"description": "order, partner, account, sku, task; or empty."},
                        "subject_key": TEXT | {"description": "Its code or number."},
                        "text": TEXT | {"description": "A comment to go with the files."},
                        "is_shared": TEXT | {"enum": ["true", "false"]},
                    },
                }
            }
        },
    }
}
_BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


@dataclass(frozen=True, slots=True)
class Upload:
    """What a form sent: checked files, what they belong to, a comment."""

    attachments: tuple[PreparedFile, ...]
    subject: tuple[str, str]
    text: str
    is_shared: bool

    def facts(self) -> dict[str, Any]:
        """What the verb takes."""
        return {
            "files": get_files(),
            "attachments": self.attachments,
            "subject": self.subject,
            "text": self.text,
            "is_shared": self.is_shared,
        }


@downloads.post(routes.FILES)
async def upload(request: Request) -> Json:
    """What the comment box of a record page sends: a text, files, or both."""
    check_origin(request)
    credential = _browser(request)
    # who is not signed in sends nothing further
    await run_in_threadpool(gate.read, credential, _enter)
    async with request.form(max_files=MAX_FILES, max_fields=10, max_part_size=MAX_FIELD) as form:
        sent = await _read_form(form)
    stored: Json = await run_in_threadpool(gate.write, credential, _store, **sent.facts())
    return stored


@downloads.get(routes.FILES + "/{key}")
async def download(request: Request, key: FileKey) -> StreamingResponse:
    """A file for whoever is signed in on this browser and may see it."""
    row = await run_in_threadpool(gate.read, _browser(request), read_file, key=key, now=utc_now())
    return await _answer(row)


@downloads.get(routes.FILES + "/{key}/thumbnail")
async def download_thumbnail(request: Request, key: FileKey) -> StreamingResponse:
    """Its small picture."""
    row = await run_in_threadpool(gate.read, _browser(request), read_file, key=key, now=utc_now())
    return await _answer_thumbnail(row)


@router.post("/files", status_code=201, openapi_extra=asks(answers=FILES) | _FORM)
async def add_files(caller: CallerDep, request: Request) -> Json:
    """Attach files to a record one sees, with a comment if wanted; without a subject they stay one's own."""
    async with request.form(max_files=MAX_FILES, max_fields=10, max_part_size=MAX_FIELD) as form:
        sent = await _read_form(form)
        stored: Json = await caller.write(_store, **sent.facts())
    return stored


@router.get("/files/{key}", response_class=StreamingResponse, openapi_extra=asks(), responses=_BINARY)
async def read_content(caller: CallerDep, key: FileKey) -> StreamingResponse:
    """The bytes of a file."""
    return await _answer(await caller.read(read_file, key=key, now=utc_now()))


@router.get(
    "/files/{key}/thumbnail", response_class=StreamingResponse, openapi_extra=asks(), responses=_BINARY
)
async def read_thumbnail(caller: CallerDep, key: FileKey) -> StreamingResponse:
    """The small picture of an image, as WebP."""
    return await _answer_thumbnail(await caller.read(read_file, key=key, now=utc_now()))


@router.delete("/files/{key}", status_code=204, openapi_extra=asks())
async def delete_file(caller: CallerDep, key: FileKey) -> None:
    """Remove a file that oneself or a colleague uploaded."""
    await caller.write(remove_file, files=get_files(), key=key)


def _browser(request: Request) -> Credential:
    return Credential(session_token=request.cookies.get(COOKIE, ""))


def _enter(_session: Session, _actor: Actor) -> None:
    """Nothing: coming through the gate is what was asked."""


async def _read_form(form: FormData) -> Upload:
    attachments = []
    for part in form.getlist("file"):
        if part == "" or (isinstance(part, UploadFile) and not part.filename and not part.size):
            continue  # a form's file field that nobody filled
        if not isinstance(part, UploadFile):
            raise InvalidError(field="file", reason=msg("send it as a file"))
        attachments.append(
            await run_in_threadpool(
                prepare_file,
                part.filename or "",
                await part.read(),
                declared_type=part.content_type or "",
                max_bytes=get_files().max_bytes,
            )
        )
    return Upload(
        attachments=tuple(attachments),
        subject=(_field(form, "subject_kind", 30), _field(form, "subject_key", 80)),
        text=_field(form, "text", MAX_FIELD),
        is_shared=_field(form, "is_shared", 5) in {"true", "on"},
    )


def _field(form: FormData, name: str, most: int) -> str:
    value = form.get(name, "")
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise InvalidError(field=name, reason=f"≤ {most}")
    return value


def _store(session: Session, actor: Actor, **facts: Any) -> Json:
    rows = add_entry(session, actor, **facts)
    session.flush()
    return {"files": [file_json(read_file(session, actor, key=row.key)) for row in rows]}


def file_json(row: FileRow) -> Json:
    """A file as JSON."""
    return {
        "key": row.key,
        "name": row.name,
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "subject_kind": row.subject[0],
        "subject_key": row.subject[1],
        "is_shared": row.is_shared,
        "has_thumbnail": row.has_thumbnail,
        "uploaded_by": row.uploaded_by,
        "uploaded_at": row.uploaded_at.isoformat(),
        "can_remove": row.can_remove,
    }


async def _answer(row: FileRow) -> StreamingResponse:
    kind = "inline" if row.is_shown else "attachment"
    plain = row.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    named = f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(row.name, safe='')}"
    return await _stream(row.key, row.key, row.media_type, named, size=row.size)


async def _answer_thumbnail(row: FileRow) -> StreamingResponse:
    if not row.has_thumbnail:
        raise NotFoundError(kind="file", key=row.key)
    return await _stream(row.key, thumbnail_key(row.key), THUMBNAIL_TYPE, "inline")


async def _stream(
    key: str, stored_key: str, media_type: str, disposition: str, *, size: int | None = None
) -> StreamingResponse:
    try:
        content = await run_in_threadpool(get_files().open, stored_key)
    except FileNotFoundError as error:
        raise NotFoundError(kind="file", key=key) from error
    headers = {
        "Content-Disposition": disposition,
        "Content-Security-Policy": SANDBOX,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=300",
    }
    if size is not None:
        headers["Content-Length"] = str(size)
    return StreamingResponse(_parts(content), media_type=media_type, headers=headers)


def _parts(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while part := content.read(CHUNK):
            yield part
