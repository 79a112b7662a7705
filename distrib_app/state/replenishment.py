"""Replenishment: what is suggested for whom, why, and what one thinks of it."""

from collections.abc import Mapping
from typing import Any

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.inventory import (
    SuggestionDetail,
    SuggestionKind,
    SuggestionRow,
    SuggestionStatus,
    dismiss_suggestion,
    get_suggestion,
    make_suggestions,
    snooze_suggestion,
    why_of_suggestion,
)
from ..core.kernel.access import Actor, Permission
from ..core.kernel.errors import InvalidError, NotFoundError, msg
from ..core.lists.words import SUGGESTION_KINDS, SUGGESTION_STATES, URGENCY
from ..core.orders import take_up_suggestion
from ..gate import allowed
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, in_language, number
from .listed import BulkAction, Listed
from .steps import WhyPanel

KIND_TONES = {
    SuggestionKind.REPLENISH: "accent",
    SuggestionKind.TRANSFER: "good",
    SuggestionKind.CLEARANCE: "warn",
    SuggestionKind.KEEP: "neutral",
}
STATUS_TONES = {
    SuggestionStatus.OPEN: "accent",
    SuggestionStatus.SNOOZED: "neutral",
    SuggestionStatus.ACCEPTED: "good",
    SuggestionStatus.DISMISSED: "neutral",
    SuggestionStatus.EXPIRED: "neutral",
}
LIVE = {SuggestionStatus.OPEN, SuggestionStatus.SNOOZED}
# what leads to a document
TAKEN_UP = {SuggestionKind.REPLENISH, SuggestionKind.TRANSFER}
OUTSIDE = msg("another place of the network")


class Suggestions(Listed, WhyPanel, rx.State):
    """The list of suggestions; a click opens why."""

    chosen: dict[str, str] = {}
    _list: str = "suggestions"

    def _row(self, row: SuggestionRow, language: str, zone: str) -> dict[str, str]:
        del zone
        return _suggestion_row(row, language)

    def _actions(self) -> Mapping[str, BulkAction]:
        return {
            "accept": BulkAction(msg("Take up"), Permission.STOCK_WRITE, take_up_suggestion),
            "snooze": BulkAction(msg("Snooze for a week"), Permission.STOCK_WRITE, snooze_suggestion),
            "dismiss": BulkAction(msg("Dismiss"), Permission.STOCK_WRITE, dismiss_suggestion),
        }

    @rx.event
    async def open_why(self, number: str, key: str) -> None:
        """Show a suggestion, and why its quantity, position or lines are what they are."""
        await self._open(number, key)

    async def _open(self, number: str, key: str = "qty") -> None:
        found = await self._read(_get, number=number)
        why = why_of_suggestion(found, key)
        if why is None:
            raise NotFoundError(kind="number", key=key[:40])
        self.chosen = _detail(found, await self._language())
        await self._show_why(key, why)

    def _put_why_away(self) -> None:
        super()._put_why_away()
        self.chosen = {}

    @rx.event
    async def snooze(self, values: dict[str, Any]) -> Any:
        """Let the open suggestion sleep for some days."""
        days = await self._checked(_days, str(values.get("days", "")).strip())
        await self._write(snooze_suggestion, number=self.chosen.get("number", ""), days=days)
        await self._open(self.chosen["number"])
        return [type(self).load, await self._say(msg("Snoozed."))]

    @rx.event
    async def accept(self) -> Any:
        """Do what the open suggestion says: ask for the transfer, or add it to the draft order."""
        document = await self._write(take_up_suggestion, number=self.chosen.get("number", ""))
        await self._open(self.chosen["number"])
        return [type(self).load, await self._say(msg("Taken up by {document}."), document=document)]

    @rx.event
    async def dismiss(self) -> Any:
        """Say no to the open suggestion."""
        await self._write(dismiss_suggestion, number=self.chosen.get("number", ""))
        self._put_why_away()
        return [type(self).load, await self._say(msg("Dismissed."))]

    @rx.event
    async def make(self) -> Any:
        """Decide every order point that today has not answered yet."""
        counts = await self._write(make_suggestions)
        said = await self._say(msg("{count} new suggestions"), count=sum(counts.values()))
        return [type(self).load, said]


def _get(session: Session, actor: Actor, *, number: str) -> SuggestionDetail:
    return allowed(Permission.STOCK_READ, get_suggestion)(session, actor, number=number)


def _days(text: str) -> int:
    if not text.isdecimal() or len(text) > 4:
        raise InvalidError(field=msg("Days"), reason=msg("is not a whole number"))
    return int(text)


def _suggestion_row(row: SuggestionRow, language: str) -> dict[str, str]:
    return {
        "key": row.number,
        "number": row.number,
        "kind": gettext(SUGGESTION_KINDS[row.kind], language),
        "kind_tone": KIND_TONES[SuggestionKind(row.kind)],
        "urgency": gettext(URGENCY["urgent" if row.is_urgent else "normal"], language),
        "urgency_tone": "bad" if row.is_urgent else "neutral",
        "place": in_language(row.location_name, row.location_name_en, language) or gettext(OUTSIDE, language),
        "sku": row.sku_code,
        "name": in_language(row.sku_name, row.sku_name_en, language),
        "position": number(row.position_qty, language),
        "lines": " / ".join(number(qty, language) for qty in (row.safety_qty, row.warning_qty, row.max_qty)),
        "qty": number(row.qty, language),
        "from": _source(row, language),
        "status": gettext(SUGGESTION_STATES[row.status], language),
        "status_tone": STATUS_TONES[SuggestionStatus(row.status)],
        "expires": day(row.expires_on),
    }


def _source(row: SuggestionRow, language: str) -> str:
    if row.kind != SuggestionKind.TRANSFER:
        return NO_VALUE
    return in_language(row.from_name, row.from_name_en, language) or gettext(OUTSIDE, language)


def _detail(found: SuggestionDetail, language: str) -> dict[str, str]:
    row = found.row
    return _suggestion_row(row, language) | {
        "partner": in_language(row.partner_name, row.partner_name_en, language),
        "suggested_on": day(row.suggested_on),
        "snoozed_until": day(row.snoozed_until) if row.snoozed_until else "",
        "document": row.accepted_document,
        "document_href": _document_href(row),
        "can_accept": "yes" if row.kind in TAKEN_UP else "",
        "is_live": "yes" if row.status in LIVE else "",
        "is_own": "yes" if found.is_own else "",
    }


def _document_href(row: SuggestionRow) -> str:
    """The page of the document that took a suggestion up: a transfer, an order, or the pad with its draft."""
    if row.kind == SuggestionKind.TRANSFER:
        return routes.transfer(row.accepted_document)
    is_draft = row.accepted_document.startswith("DRAFT-")
    return routes.ORDER_NEW if is_draft else routes.order(row.accepted_document)
