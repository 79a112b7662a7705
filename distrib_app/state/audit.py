"""The audit: every event, found by who, what, on what and when."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.audit import AuditRow
from ..core.kernel.errors import msg
from ..core.lists.administration import EVENT_KINDS, facts
from ..i18n import gettext
from ..i18n.presentation import for_people, instant
from .listed import Listed

MAX_FACTS = 200
_RECORDS = {"partner": routes.partner, "order": routes.order, "user": routes.user}


class AuditList(Listed, rx.State):
    """Events, newest first; everything asked for lives in the URL."""

    first_day: str = ""
    last_day: str = ""
    _list: str = "audit"

    def _row(self, row: AuditRow, language: str, zone: str) -> dict[str, str]:
        return audit_row(row, language, zone)

    @rx.event
    async def show_days(self) -> None:
        """The two days of the URL stand in their boxes."""
        await self._ask_in()
        asked = dict(self._pairs())
        self.first_day = asked.get("from", "")[:10]
        self.last_day = asked.get("to", "")[:10]


def audit_row(row: AuditRow, language: str, zone: str) -> dict[str, Any]:
    """One event in the list; nobody known is `-`."""
    known = row.subject_kind in _RECORDS and row.subject_key != "-"
    text = for_people(facts(row.payload), language, zone)
    return {
        "when": instant(row.occurred_at, zone),
        "who": f"{row.name} ({row.username})" if row.username else gettext(msg("System"), language),
        "what": gettext(EVENT_KINDS[row.kind], language) if row.kind in EVENT_KINDS else row.kind,
        "subject": f"{gettext(row.subject_kind, language)} {row.subject_key}",
        "subject_href": _RECORDS[row.subject_kind](row.subject_key) if known else "",
        "facts": text if len(text) <= MAX_FACTS else text[: MAX_FACTS - 1] + "…",
    }
