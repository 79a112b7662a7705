"""One search over everything the caller may open, over REST."""

from typing import Annotated

from fastapi import APIRouter, Query

from ..core.workbench import FoundGroup, search
from ..i18n import gettext
from .caller import CallerDep
from .models import PLAIN, Json
from .schemas import TEXT, Named, array_of, asks, object_of

router = APIRouter(tags=["search"])

ROW = Named("FoundRow", object_of(key=TEXT, title=TEXT, title_en=TEXT, note=TEXT, match=TEXT))
GROUP = Named("FoundGroup", object_of(kind=TEXT, title=TEXT, rows=array_of(ROW)))


@router.get("/search", openapi_extra=asks(answers=object_of(groups=array_of(GROUP))))
async def find(
    caller: CallerDep,
    q: Annotated[str, Query(max_length=100, pattern=PLAIN, description="Code, initials or part of a name.")],
    limit: Annotated[int, Query(ge=1, le=50, description="Rows of a kind.")] = 6,
) -> Json:
    """Partners, orders, products, accounts, end customers and tasks that meet the word, best first.

    Exact codes come before beginnings of codes, those before pinyin initials, those before parts of names.
    """
    groups = await caller.read(search, word=q, limit=limit)
    return {"groups": [_group(group, caller.language) for group in groups]}


def _group(group: FoundGroup, language: str) -> Json:
    return {
        "kind": group.kind,
        "title": gettext(group.title, language),
        "rows": [
            {
                "key": row.key,
                "title": gettext(row.title, language, **row.facts) if row.facts else row.title,
                "title_en": gettext(row.title_en, "en", **row.facts) if row.facts else row.title_en,
                "note": row.note,
                "match": row.match.name.lower(),
            }
            for row in group.rows
        ],
    }
