"""The inbox of notices: a page of them, read marks, and how one wants to hear of things."""

import json
from typing import Any

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.kernel.access import Actor
from ..core.kernel.errors import msg
from ..core.kernel.listing import Listing, ListQuery
from ..core.workbench import (
    NoticeRow,
    PreferenceRow,
    list_notices,
    list_preferences,
    mark_all_read,
    mark_read,
    set_preference,
)
from ..i18n import gettext, translate_notice
from ..i18n.presentation import instant, number
from .base import Gate
from .shell import Shell

PAGE = 30


def _inbox(
    session: Session, actor: Actor, *, query: ListQuery
) -> tuple[Listing[NoticeRow], tuple[PreferenceRow, ...]]:
    return list_notices(session, actor, query=query), list_preferences(session, actor)


class Notices(Gate, rx.State):
    """One's notices, newest first; unread ones only and the page live in the URL."""

    is_loaded: bool = False
    rows: list[dict[str, str]] = []
    total: str = ""
    is_unread_only: bool = False
    page: int = 1
    has_next: bool = False
    preferences: list[dict[str, str]] = []
    is_choosing: bool = False

    @rx.event
    async def load(self) -> None:
        """Read the page that the URL names."""
        query = self.router.url.query_parameters
        asked = query.get("page", "1")
        page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1
        is_unread_only = query.get("state") == "unread"
        found, preferences = await self._read(
            _inbox,
            query=ListQuery(
                facets={"state": ("unread",)} if is_unread_only else {},
                offset=(page - 1) * PAGE,
                limit=PAGE,
            ),
        )
        language, zone = await self._language(), await self._zone()
        self.rows = [_row(row, language, zone) for row in found.rows]
        self.total = number(found.total, language)
        self.is_unread_only = is_unread_only
        self.page = page
        self.has_next = found.total > page * PAGE
        self.preferences = [_preference(row, language) for row in preferences]
        self.is_loaded = True

    @rx.event
    async def open_notice(self, key: str) -> Any:
        """Mark a notice as read and go where it points."""
        row = await self._write(mark_read, key=key[:40])
        kind, subject_key = row.subject
        href = routes.subject(kind, subject_key)
        if href and kind != "file":
            return [Shell.count_notices, rx.redirect(href)]
        await self.load()
        # a file is no page of the app: the browser takes it and stays here
        opened = [rx.call_script(f"window.location.assign({json.dumps(href)})")] if href else []
        return [*opened, Shell.count_notices]

    @rx.event
    async def read_all(self) -> Any:
        """Mark everything as read."""
        await self._write(mark_all_read)
        await self.load()
        return Shell.count_notices

    @rx.event
    async def show(self, state: str) -> Any:
        """All notices, or those not read yet."""
        await self._ask_in()
        return rx.redirect(routes.NOTICES + ("?state=unread" if state == "unread" else ""))

    @rx.event
    async def turn(self, pages: int) -> Any:
        """Some pages on, or back."""
        await self._ask_in()
        state = "state=unread&" if self.is_unread_only else ""
        return rx.redirect(f"{routes.NOTICES}?{state}page={max(1, self.page + pages)}")

    @rx.event
    async def toggle_preferences(self) -> None:
        """Show or hide how one wants to hear of things."""
        await self._ask_in()
        self.is_choosing = not self.is_choosing

    @rx.event
    async def choose(self, kind: str, way: str, is_wanted: bool) -> Any:
        """Hear of a kind of notice in the inbox or by mail, or no longer."""
        await self._write(_choose, kind=kind[:40], way=way, is_wanted=is_wanted)
        await self.load()
        return await self._say(msg("Saved."))


def _choose(session: Session, actor: Actor, *, kind: str, way: str, is_wanted: bool, now: Any) -> None:
    """One box of the form; the other one stays as it is."""
    known = {row.kind: row for row in list_preferences(session, actor)}
    row = known.get(kind)
    in_inbox, by_mail = (row.in_inbox, row.by_mail) if row else (True, False)
    set_preference(
        session,
        actor,
        kind=kind,
        in_inbox=is_wanted if way == "inbox" else in_inbox,
        by_mail=is_wanted if way == "mail" else by_mail,
        now=now,
    )


def _row(row: NoticeRow, language: str, zone: str) -> dict[str, str]:
    kind, key = row.subject
    return {
        "key": row.key,
        "text": translate_notice(row.title, row.facts, language),
        "subject": key.replace(":", " → ") if kind != "file" and routes.subject(kind, key) else "",
        "at": instant(row.created_at, zone),
        "unread": "" if row.is_read else "yes",
    }


def _preference(row: PreferenceRow, language: str) -> dict[str, str]:
    return {
        "kind": row.kind,
        "name": gettext(row.name, language),
        "inbox": "yes" if row.in_inbox else "",
        "mail": "yes" if row.by_mail else "",
    }
