"""From shipments to what the pages of orders and transfers show: who carries them, and their track."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from .. import routes
from ..core.inventory import CarrierRow, ShipmentEventRow
from ..core.kernel.errors import msg
from ..core.lists.words import SHIPMENT_REPORTS, SHIPMENT_STATES
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, instant, number, own_name

SIGNED, SHORT = msg("signed by {name}"), msg("{qty} pieces missing")
TONES = {"shipped": "accent", "in_transit": "accent", "delivered": "good", "refused": "bad", "lost": "bad"}


class Carried(Protocol):
    """A shipment as a record of core shows it."""

    @property
    def number(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def carrier(self) -> str: ...
    @property
    def waybill(self) -> str: ...
    @property
    def shipped_at(self) -> datetime: ...
    @property
    def delivered_at(self) -> datetime | None: ...
    @property
    def signed_by(self) -> str: ...
    @property
    def events(self) -> Sequence[ShipmentEventRow]: ...
    @property
    def can_book(self) -> bool: ...


def shipment(row: Carried, language: str, zone: str) -> dict[str, str]:
    """What left, with whom, where it is, and who signed."""
    return {
        "number": row.number,
        "state": gettext(SHIPMENT_STATES[row.status], language),
        "state_tone": TONES[row.status],
        "paper": routes.document("delivery", row.number),
        "carrier": row.carrier or NO_VALUE,
        "waybill": row.waybill or NO_VALUE,
        "shipped_at": instant(row.shipped_at, zone),
        "delivered_at": instant(row.delivered_at, zone),
        "signed_by": row.signed_by or NO_VALUE,
        "can_book": "yes" if row.can_book else "",
    }


def reports(rows: Iterable[Carried], language: str, zone: str) -> list[dict[str, str]]:
    """What was reported of shipments, the latest first."""
    found = [(event, row) for row in rows for event in row.events]
    found.sort(key=lambda pair: pair[0].occurred_at, reverse=True)
    return [
        {
            "what": gettext(SHIPMENT_REPORTS[event.kind], language),
            "at": instant(event.occurred_at, zone),
            "place": event.place or NO_VALUE,
            "note": _note(event, language),
            "waybill": row.waybill or row.number,
        }
        for event, row in found
    ]


def _note(event: ShipmentEventRow, language: str) -> str:
    said = [event.note] if event.note else []
    if event.signed_by:
        said.append(gettext(SIGNED, language, name=event.signed_by))
    if event.short_qty:
        said.append(gettext(SHORT, language, qty=number(event.short_qty, language)))
    return " · ".join(said) or NO_VALUE


def bookable(rows: Iterable[CarrierRow], language: str) -> list[dict[str, str]]:
    """The carriers that a pick-up can be ordered from, as choices."""
    return [{"value": row.code, "text": own_name(row, language)} for row in rows if row.takes_bookings]
