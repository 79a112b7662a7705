"""The command palette: what the signed-in person may open that meets the word."""

from urllib.parse import quote

import reflex as rx

from .. import routes
from ..core.workbench import FoundGroup, FoundRow, search
from ..i18n import gettext
from .base import Gate


def _address(row: FoundRow) -> str:
    if row.kind == "customer":
        return f"{routes.CUSTOMERS}?search={quote(row.key)}"
    return routes.subject(row.kind, row.key)


def _title(row: FoundRow, language: str) -> str:
    if row.facts:
        return gettext(row.title, language, **row.facts)
    return row.title if language == "zh_CN" else row.title_en


def _rows(groups: tuple[FoundGroup, ...], language: str) -> list[dict[str, str]]:
    """Flat rows; the first of a group carries its heading."""
    return [
        {
            "id": f"found-{row.kind}-{row.key}",
            "href": _address(row),
            "title": _title(row, language),
            "note": row.note,
            "heading": gettext(group.title, language) if index == 0 else "",
        }
        for group in groups
        for index, row in enumerate(group.rows)
        if _address(row)
    ]


class Palette(Gate, rx.State):
    """What was found for the word asked last."""

    asked: str = ""
    rows: list[dict[str, str]] = []

    @rx.event(supersedes=True)
    async def look_for(self, word: str) -> None:
        """Search; a newer word makes an older search void."""
        groups = await self._read(search, word=word)
        language = await self._language()
        self.rows = _rows(groups, language)
        self.asked = word.strip()[:80]
