"""Saved views of lists over REST."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.kernel.access import Actor
from ..core.lists import find_list
from ..core.workbench import ViewRow, delete_view, list_views, rename_view, save_view
from .caller import CallerDep
from .models import PLAIN, Body, CodePath, Json, WindowDep, Word, list_json, row_json
from .schemas import asks, list_of, row_of

router = APIRouter(tags=["views"])
VIEW = row_of("View", ViewRow)
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=PLAIN)]


class NewView(Body):
    """A list's query under a name; the own view of that name is replaced. `query` is as in the page's URL."""

    list: Word
    name: Name
    query: Annotated[str, Field(max_length=1000, pattern=PLAIN)] = ""
    is_shared: bool = False


class NewName(Body):
    """Another name."""

    name: Name


@router.get("/views/{page}", openapi_extra=asks(answers=list_of(VIEW)))
async def read_views(caller: CallerDep, window: WindowDep, page: CodePath) -> Json:
    """One's own views of a list, then those colleagues share."""
    find_list(page)
    return list_json(await caller.read(list_views, page=page), window)


@router.post("/views", status_code=201, openapi_extra=asks(answers=VIEW))
async def add_view(caller: CallerDep, body: NewView) -> Json:
    """Save a view, own or shared with the colleagues of one's company."""

    def verb(session: Session, actor: Actor, **facts: Any) -> Json:
        find_list(body.list)
        return row_json(save_view(session, actor, **facts))

    return await caller.write(
        verb, page=body.list, name=body.name, query=body.query, is_shared=body.is_shared
    )


@router.patch("/views/{page}/{name}", openapi_extra=asks(answers=VIEW))
async def change_view(caller: CallerDep, page: CodePath, name: CodePath, body: NewName) -> Json:
    """Give one's own view another name."""
    return row_json(await caller.write(rename_view, page=page, name=name, new_name=body.name))


@router.delete("/views/{page}/{name}", status_code=204, openapi_extra=asks())
async def remove_view(caller: CallerDep, page: CodePath, name: CodePath) -> None:
    """Forget one's own view."""
    await caller.write(delete_view, page=page, name=name)
