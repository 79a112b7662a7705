"""Saved views: what a list was asked for, under a name, own or shared in one's company."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from ..kernel.access import Actor
from ..kernel.db import check_version
from ..kernel.errors import ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError, msg
from ..kernel.events import emit
from .models import SavedView

MAX_NAME = 60
MAX_QUERY = 1000
MAX_VIEWS = 50


class TooManyViewsError(DomainError):
    """A person keeps so many views of a list that nobody finds one."""

    code = "too_many_views"
    status = 409
    template = msg("You have {count} views of this list already. Delete one first.")


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A saved view; `query` is the list's URL without `?`."""

    name: str
    query: str
    is_shared: bool
    is_own: bool
    version: int


def list_views(session: Session, actor: Actor, *, page: str) -> list[ViewRow]:
    """One's own views of a list, then those colleagues share, by name."""
    rows = session.exec(
        select(SavedView).where(SavedView.page == page).order_by(col(SavedView.name), col(SavedView.id))
    ).all()
    found = [_row(row, actor) for row in rows]
    return sorted(found, key=lambda row: not row.is_own)


def save_view(
    session: Session,
    actor: Actor,
    *,
    page: str,
    name: str,
    query: str,
    is_shared: bool = False,
    now: datetime,
) -> ViewRow:
    """Keep a list's query under a name; the own view of that name is replaced.

    A shared view is seen by the colleagues of one's first company. Raises `InvalidError`, `ForbiddenError`
    (nobody's views), `TooManyViewsError`.
    """
    user_id = _person(actor)
    plain = _checked(name, query)
    mine = _mine(session, actor, page)
    view = next((one for one in mine if one.name == plain), None)
    if view is None:
        if len(mine) >= MAX_VIEWS:
            raise TooManyViewsError(count=len(mine))
        view = SavedView(page=page, name=plain, query=query, user_id=user_id, created_at=now)
    else:
        view.version += 1
    view.query, view.is_shared = query, is_shared
    view.party_id = actor.partner_ids[0] if actor.partner_ids else None
    session.add(view)
    session.flush()
    emit(session, actor, "view.saved", subject=("view", plain), now=now, page=page, is_shared=is_shared)
    return _row(view, actor)


def rename_view(
    session: Session, actor: Actor, *, page: str, name: str, new_name: str, now: datetime
) -> ViewRow:
    """Give one's own view another name.

    Raises `NotFoundError` (also for a colleague's), `ConflictError` when another own view is called so.
    """
    view = _own(session, actor, page, name)
    plain = _checked(new_name, view.query)
    if plain != view.name and plain in {one.name for one in _mine(session, actor, page)}:
        raise ConflictError(subject=plain)
    check_version(view, None, view.name)
    view.name = plain
    session.flush()
    emit(session, actor, "view.renamed", subject=("view", plain), now=now, page=page)
    return _row(view, actor)


def delete_view(session: Session, actor: Actor, *, page: str, name: str, now: datetime) -> None:
    """Forget one's own view. Raises `NotFoundError`, also for a colleague's."""
    session.delete(_own(session, actor, page, name))
    emit(session, actor, "view.deleted", subject=("view", name), now=now, page=page)


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise ForbiddenError(permission="views")
    return actor.user_id


def _mine(session: Session, actor: Actor, page: str) -> Sequence[SavedView]:
    own = select(SavedView).where(SavedView.page == page, SavedView.user_id == _person(actor))
    return session.exec(own.order_by(col(SavedView.id))).all()


def _own(session: Session, actor: Actor, page: str, name: str) -> SavedView:
    for view in _mine(session, actor, page):
        if view.name == name:
            return view
    raise NotFoundError(kind="view", key=name[:MAX_NAME])


def _checked(name: str, query: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > MAX_NAME or not plain.isprintable():
        raise InvalidError(field="name", reason=f"1–{MAX_NAME}")
    if len(query) > MAX_QUERY or not query.isprintable():
        raise InvalidError(field="query", reason=f"{len(query)} > {MAX_QUERY}")
    return plain


def _row(view: SavedView, actor: Actor) -> ViewRow:
    return ViewRow(
        name=view.name,
        query=view.query,
        is_shared=view.is_shared,
        is_own=view.user_id == actor.user_id,
        version=view.version,
    )
