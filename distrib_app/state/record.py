"""What the states of all record pages share: facts and next actions, the tab, the timeline with its talk."""

from typing import Any
from urllib.parse import urlencode

import reflex as rx
from sqlmodel import Session

from ..core.kernel.access import Actor
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import msg
from ..core.workbench import PersonRow, TimelineRow, get_people, remove_file, timeline
from ..files import get_files
from . import record_view as view
from .base import Gate
from .record_view import Entry, Words

# what a tab keeps at first; the rest comes when somebody asks for it
SHOWN = 40


def _talk(
    session: Session, actor: Actor, *, subject: tuple[str, str]
) -> tuple[tuple[TimelineRow, ...], tuple[PersonRow, ...]]:
    rows = timeline(session, actor, subject=subject)
    return rows, get_people().colleagues(session, actor, now=utc_now())


class Record(Gate, mixin=True):
    """One record. A subclass reads its own facts, then calls `_follow` with the subject it shows.

    `shown_at` is the path that was read: on the way to another record the page waits for that one, so that
    nobody acts on the record before.
    """

    is_loaded: bool = False
    is_missing: bool = False
    shown_at: str = ""
    facts: dict[str, str] = {}
    actions: list[dict[str, str]] = []
    form: str = ""
    tab: str = ""
    entries: list[Entry] = []
    has_earlier: bool = False
    subject_kind: str = ""
    subject_key: str = ""
    colleagues: list[dict[str, str]] = []
    _is_whole: bool = False
    _words: Words = Words()

    async def _follow(self, kind: str, key: str, words: Words = Words()) -> None:  # noqa: B008 - frozen
        """Show the record's timeline and the tab that the URL names."""
        if (kind, key) != (self.subject_kind, self.subject_key):
            self._is_whole = False
            self.form = ""
        self.shown_at = self.router.url.path
        self._words = words
        self.subject_kind = kind
        self.subject_key = key
        self.tab = self.router.url.query_parameters.get("tab", "")[:20]
        await self._read_talk()

    def _miss(self) -> None:
        """Say that the record does not exist for its reader; nothing of an earlier one stays behind."""
        self.reset()
        self.shown_at = self.router.url.path
        self.is_missing = True
        self.is_loaded = True

    async def _read_talk(self) -> None:
        subject = (self.subject_kind, self.subject_key)
        rows, people = await self._read(_talk, subject=subject)
        language, zone = await self._language(), await self._zone()
        shown = rows if self._is_whole else rows[:SHOWN]
        self.entries = [view.entry(row, self._words, language, zone) for row in shown]
        self.has_earlier = len(rows) > len(shown)
        self.colleagues = view.colleagues(people)

    @rx.event
    async def posted(self, is_sent: bool) -> None:
        """The comment box sent something, or could not: then it says so itself."""
        await self._ask_in()
        if is_sent and self.subject_kind:
            await self._read_talk()

    @rx.event
    async def show_earlier(self) -> None:
        """The whole timeline."""
        await self._ask_in()
        self._is_whole = True
        if self.subject_kind:
            await self._read_talk()

    @rx.event
    async def remove_file(self, key: str) -> Any:
        """Remove a file of one's own company."""
        await self._write(remove_file, files=get_files(), key=key[:40])
        await self._read_talk()
        return await self._say(msg("The file was removed."))

    @rx.event
    async def choose_tab(self, tab: str) -> Any:
        """Put the tab into the URL."""
        await self._ask_in()
        query = dict(self.router.url.query_parameters) | {"tab": tab[:20]}
        return rx.redirect(f"{self.router.url.path}?{urlencode(query)}", replace=True)
