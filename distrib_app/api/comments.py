"""Comments and the timeline of a record over REST."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field
from sqlmodel import Session

from ..core.kernel.access import Actor
from ..core.workbench import TimelineRow, add_comment, timeline
from .caller import CallerDep
from .files import FILE, file_json
from .models import PLAIN, Body, CodePath, Json, WindowDep, facts_json, list_json
from .schemas import FLAG, INSTANT, OBJECT, TEXT, Named, array_of, asks, list_of, object_of, or_null

router = APIRouter(tags=["comments"])

SubjectPath = Annotated[str, Path(min_length=1, max_length=80, pattern=PLAIN)]
COMPANY = object_of(code=TEXT, name=TEXT, name_en=TEXT)
ENTRY = Named(
    "TimelineEntry",
    object_of(
        kind={"type": "string", "enum": ["event", "comment", "file", "task", "decision"]},
        at=INSTANT,
        actor_name=TEXT,
        what=TEXT | {"description": "The kind of event, the decision, or the title of a task."},
        facts=OBJECT,
        text=TEXT,
        company=or_null(COMPANY),
        is_shared=FLAG,
        files=array_of(FILE),
        reference=TEXT | {"description": "The number of the task."},
    ),
)


class NewComment(Body):
    """What to say, and whether everybody who sees the record may read it; `@username` tells somebody."""

    text: Annotated[str, Field(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]
    is_shared: bool = False


@router.get("/subjects/{kind}/{key}/comments", openapi_extra=asks(answers=list_of(ENTRY)))
async def read_comments(caller: CallerDep, kind: CodePath, key: SubjectPath, window: WindowDep) -> Json:
    """The newest comments on a record (order, partner, account as `seller:buyer`, sku, task)."""
    rows = await caller.read(timeline, subject=(kind, key))
    return list_json([row for row in rows if row.kind == "comment"], window, entry_json)


@router.get("/subjects/{kind}/{key}/timeline", openapi_extra=asks(answers=list_of(ENTRY)))
async def read_timeline(caller: CallerDep, kind: CodePath, key: SubjectPath, window: WindowDep) -> Json:
    """What happened, was decided, said and attached, newest first; the newest 200."""
    return list_json(await caller.read(timeline, subject=(kind, key)), window, entry_json)


@router.post("/subjects/{kind}/{key}/comments", status_code=201, openapi_extra=asks(answers=ENTRY))
async def write_comment(caller: CallerDep, kind: CodePath, key: SubjectPath, body: NewComment) -> Json:
    """Write a comment: to colleagues, or shared with everybody who sees the record."""

    def verb(session: Session, actor: Actor, **facts: Any) -> Json:
        comment = add_comment(session, actor, subject=(kind, key), **facts)
        session.flush()
        rows = timeline(session, actor, subject=(kind, key))
        return entry_json(
            next(row for row in rows if row.at == comment.written_at and row.text == comment.text)
        )

    return await caller.write(verb, text=body.text, is_shared=body.is_shared)


def entry_json(row: TimelineRow) -> Json:
    """An entry of a timeline as JSON."""
    return {
        "kind": row.kind,
        "at": row.at.isoformat(),
        "actor_name": row.actor_name,
        "what": row.what,
        "facts": facts_json(row.facts, str(row.facts.get("currency", "CNY"))),
        "text": row.text,
        "company": {"code": row.company.code, "name": row.company.name, "name_en": row.company.name_en}
        if row.company
        else None,
        "is_shared": row.is_shared,
        "files": [file_json(file) for file in row.files],
        "reference": row.reference,
    }
