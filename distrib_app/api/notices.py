"""The caller's notices and how the caller wants to hear of things, over REST."""

from typing import Annotated

from fastapi import APIRouter, Path

from ..core.workbench import (
    NoticeRow,
    PreferenceRow,
    count_unread,
    list_notices,
    list_preferences,
    mark_all_read,
    mark_read,
    set_preference,
)
from ..i18n import gettext, translate_notice
from .caller import CallerDep, shown
from .models import Body, CodePath, CodesQuery, Json, WindowDep, page_json
from .schemas import FLAG, INSTANT, NUMBER, TEXT, Named, array_of, asks, list_of, object_of

router = APIRouter(tags=["notices"])

NoticeKey = Annotated[str, Path(min_length=32, max_length=32, pattern=r"^[0-9a-f]{32}$")]
NOTICE = Named(
    "Notice",
    object_of(
        key=TEXT,
        kind=TEXT,
        text=TEXT,
        subject_kind=TEXT,
        subject_key=TEXT,
        created_at=INSTANT,
        is_read=FLAG,
    ),
)
PREFERENCE = Named("NoticePreference", object_of(kind=TEXT, name=TEXT, in_inbox=FLAG, by_mail=FLAG))


class Preference(Body):
    """How to hear of a kind of notice."""

    in_inbox: bool
    by_mail: bool


@router.get("/notices", openapi_extra=asks(answers=list_of(NOTICE)))
async def read_notices(caller: CallerDep, window: WindowDep, state: CodesQuery, kind: CodesQuery) -> Json:
    """The caller's notices, newest first; `state=unread` keeps those not read yet."""
    page = await caller.read(list_notices, query=window.query(state=state, kind=kind))
    return page_json(page, window, lambda row: notice_json(row, caller.language))


@router.get("/notices/unread", openapi_extra=asks(answers=object_of(count=NUMBER)))
async def read_unread(caller: CallerDep) -> Json:
    """How many notices are not read yet."""
    return {"count": await caller.read(count_unread)}


@router.post("/notices/read", openapi_extra=asks(answers=object_of(count=NUMBER)))
async def read_all(caller: CallerDep) -> Json:
    """Mark everything as read; says how many notices that were."""
    return {"count": await caller.write(mark_all_read)}


@router.post("/notices/{key}/read", openapi_extra=asks(answers=NOTICE))
async def read_one(caller: CallerDep, key: NoticeKey) -> Json:
    """Mark a notice as read."""
    language = caller.language
    return await caller.write(shown(mark_read, lambda _session, row: notice_json(row, language)), key=key)


@router.get("/notices/preferences", openapi_extra=asks(answers=object_of(items=array_of(PREFERENCE))))
async def read_preferences(caller: CallerDep) -> Json:
    """Every kind of notice, and how the caller wants to hear of it."""
    rows = await caller.read(list_preferences)
    return {"items": [preference_json(row, caller.language) for row in rows]}


@router.put("/notices/preferences/{kind}", openapi_extra=asks(answers=PREFERENCE))
async def choose(caller: CallerDep, kind: CodePath, body: Preference) -> Json:
    """Choose how to hear of a kind of notice."""
    await caller.write(set_preference, kind=kind, in_inbox=body.in_inbox, by_mail=body.by_mail)
    rows = await caller.read(list_preferences)
    return preference_json(next(row for row in rows if row.kind == kind), caller.language)


def notice_json(row: NoticeRow, language: str) -> Json:
    """A notice as JSON, its text in the caller's language."""
    return {
        "key": row.key,
        "kind": row.kind,
        "text": translate_notice(row.title, row.facts, language),
        "subject_kind": row.subject[0],
        "subject_key": row.subject[1],
        "created_at": row.created_at.isoformat(),
        "is_read": row.is_read,
    }


def preference_json(row: PreferenceRow, language: str) -> Json:
    """A preference as JSON."""
    return {
        "kind": row.kind,
        "name": gettext(row.name, language),
        "in_inbox": row.in_inbox,
        "by_mail": row.by_mail,
    }
