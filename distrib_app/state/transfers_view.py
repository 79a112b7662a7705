"""From transfers to what their pages show: stages, lines, shipment, settlement, the why of the freight."""

from typing import Any

from .. import routes
from ..core.inventory import (
    SHORT_OUTCOMES,
    SHORT_REASONS,
    CycleFigures,
    TransferDetail,
    TransferLineRow,
    TransferRow,
    TransferStatus,
    TransferTitle,
)
from ..core.kernel.clock import Period
from ..core.kernel.errors import msg
from ..core.kernel.explain import Step
from ..core.lists.words import INVOICE_KINDS, TRANSFER_STATES, TRANSFER_TITLES
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, instant, money, number, own_name
from . import shipments_view
from .steps import step_row

STAGES: tuple[TransferStatus, ...] = (
    TransferStatus.REQUESTED,
    TransferStatus.APPROVED,
    TransferStatus.PICKED,
    TransferStatus.IN_TRANSIT,
    TransferStatus.RECEIVED,
    TransferStatus.SETTLED,
)
STAGE_WORDS: tuple[str, ...] = tuple(TRANSFER_STATES[stage] for stage in STAGES)
REASON_WORDS = SHORT_REASONS
TONES: dict[str, str] = {
    TransferStatus.REQUESTED: "accent",
    TransferStatus.APPROVED: "accent",
    TransferStatus.PICKED: "accent",
    TransferStatus.IN_TRANSIT: "warn",
    TransferStatus.PARTLY_RECEIVED: "warn",
    TransferStatus.RECEIVED: "warn",
    TransferStatus.SETTLED: "good",
    TransferStatus.REJECTED: "bad",
    TransferStatus.CANCELLED: "neutral",
}
ROAD = {TransferStatus.IN_TRANSIT, TransferStatus.PARTLY_RECEIVED}
HOUR = 3600


def list_row(row: TransferRow, language: str, zone: str) -> dict[str, str]:
    """A transfer in the list."""
    late = gettext(msg("late"), language) if row.is_late else ""
    return {
        "key": row.number,
        "number": row.number,
        "number_href": routes.transfer(row.number),
        "status": gettext(TRANSFER_STATES[row.status], language),
        "status_tone": TONES[row.status],
        "from": own_name(row.source, language),
        "to": own_name(row.target, language),
        "giver": own_name(row.giver, language),
        "taker": own_name(row.taker, language),
        "pieces": number(row.piece_count, language),
        "requested_at": instant(row.requested_at, zone),
        "promised_on": " ".join(filter(None, (day(row.promised_on), late))),
        "suggestion": row.suggestion_number or NO_VALUE,
    }


def facts(found: TransferDetail, language: str, zone: str) -> dict[str, str]:
    """Who, where, when, and how title passes."""
    reached = _reached(found.status)
    track = {
        f"stage{index}": "done" if index < reached else "now" if index == reached else "todo"
        for index in range(len(STAGES))
    }
    neutral = msg("not counted for rebates") if found.is_rebate_neutral else msg("counted for rebates")
    is_sale = found.title != TransferTitle.NONE
    return {
        "number": found.number,
        "status": gettext(TRANSFER_STATES[found.status], language),
        "status_tone": TONES[found.status],
        "giver": own_name(found.giver, language),
        "giver_href": routes.partner(found.giver.code),
        "taker": own_name(found.taker, language),
        "taker_href": routes.partner(found.taker.code),
        "from": own_name(found.source, language),
        "from_code": found.source.code,
        "to": own_name(found.target, language),
        "to_code": found.target.code,
        "asker": own_name(found.requester, language),
        "requested_at": instant(found.requested_at, zone),
        "promised": day(found.promised_on),
        "title": gettext(TRANSFER_TITLES[found.title], language),
        "neutral": gettext(neutral, language) if is_sale else "",
        "suggestion": found.suggestion_number,
        "note": found.note,
        "cycle": _hours(found.cycle.calendar_seconds, language) if found.cycle else NO_VALUE,
        "working": _hours(found.cycle.working_seconds, language) if found.cycle else "",
        "is_moving": "yes" if reached >= 0 else "",
        "is_out": "yes" if found.status in ROAD else "",
        "arrived": _arrived(found, language, zone),
        **track,
    }


def _arrived(found: TransferDetail, language: str, zone: str) -> str:
    """That the carrier has handed over what nobody has counted yet; empty otherwise."""
    sent = found.shipment
    if sent is None or found.status != TransferStatus.IN_TRANSIT or sent.delivered_at is None:
        return ""
    text = msg("{carrier} handed the goods over {at}; they count as received once they are counted.")
    carrier = sent.carrier or gettext(msg("The carrier"), language)
    return gettext(text, language, carrier=carrier, at=instant(sent.delivered_at, zone))


def _reached(status: str) -> int:
    """Which stage a transfer has reached; −1 where it was refused or called off."""
    stage = TransferStatus.IN_TRANSIT if status == TransferStatus.PARTLY_RECEIVED else status
    return next((index for index, one in enumerate(STAGES) if one == stage), -1)


def _hours(seconds: int, language: str) -> str:
    """Seconds as hours, rounded to the nearest."""
    return gettext(msg("{hours} h"), language, hours=number((seconds + HOUR // 2) // HOUR, language))


def lines(found: TransferDetail, language: str) -> list[dict[str, str]]:
    """The lines with where their units are."""
    return [_line(line, found.currency, language) for line in found.lines]


def _line(line: TransferLineRow, currency: str, language: str) -> dict[str, str]:
    reason = gettext(SHORT_REASONS[line.short_reason], language) if line.short_reason else ""

    def some(qty: int) -> str:
        return number(qty or None, language)

    return {
        "line_no": str(line.line_no),
        "sku": line.sku_code,
        "sku_href": routes.sku(line.sku_code),
        "name": line.sku_name if language == "zh_CN" else line.sku_name_en or line.sku_name,
        "unit": line.unit,
        "qty": number(line.qty, language),
        "shipped": some(line.shipped_qty),
        "road": some(line.road_qty),
        "road_qty": str(line.road_qty),
        "received": some(line.received_qty),
        "short": " · ".join(filter(None, (some(line.short_qty), reason))),
        "back": some(line.restored_qty + line.written_off_qty),
        "amount": money(line.gross_amount, currency, language),
    }


def shipment(found: TransferDetail, language: str, zone: str) -> list[dict[str, str]]:
    """The shipment as the one row of its table."""
    row = found.shipment
    if row is None:
        return []
    freight = money(row.freight_amount, row.currency, language)
    return [shipments_view.shipment(row, language, zone) | {"freight": freight}]


def reports(found: TransferDetail, language: str, zone: str) -> list[dict[str, str]]:
    """What was reported of the shipment, the latest first."""
    return shipments_view.reports([found.shipment] if found.shipment else [], language, zone)


def settlement(found: TransferDetail, language: str) -> list[dict[str, str]]:
    """The documents of its settlement."""
    return [
        {
            "number": row.number,
            "kind": gettext(INVOICE_KINDS[row.kind], language),
            "seller": own_name(row.seller, language),
            "buyer": own_name(row.buyer, language),
            "net": money(row.net_amount, found.currency, language),
            "tax": money(row.tax_amount, found.currency, language),
            "gross": money(row.gross_amount, found.currency, language),
            "account_href": routes.account(row.seller.code, row.buyer.code),
        }
        for row in found.settlement
    ]


def freight_steps(found: TransferDetail, language: str, zone: str) -> list[dict[str, str]]:
    """Why the freight is what it is, for who bears it."""
    return [
        step_row(step, language, zone) for step in (found.shipment.freight_steps if found.shipment else ())
    ]


def outcome_words(language: str) -> dict[str, str]:
    """What became of short units, as the transfer's history says it."""
    return {outcome: gettext(words, language) for outcome, words in SHORT_OUTCOMES.items()}


def cycle(figures: CycleFigures, language: str) -> dict[str, str]:
    """The tile of the cycle time; nothing where no transfer came in."""
    if figures.median_calendar_seconds is None or figures.median_working_seconds is None:
        return {}
    working = _hours(figures.median_working_seconds, language)
    return {
        "figure": _hours(figures.median_calendar_seconds, language),
        "note": gettext(msg("{hours} of work"), language, hours=working),
    }


def cycle_steps(period: Period, figures: CycleFigures) -> list[dict[str, Any]]:
    """How the cycle time came about, as frozen steps."""
    days = {"count": figures.count, "start": period.start.isoformat(), "end": period.last.isoformat()}
    seconds = (
        (msg("Fastest"), figures.fastest_calendar_seconds),
        (msg("Middle one, by the clock"), figures.median_calendar_seconds),
        (msg("Middle one, in working hours"), figures.median_working_seconds),
        (msg("Slowest"), figures.slowest_calendar_seconds),
    )
    return [
        Step(
            msg("From the request to the last unit received: {count} transfers, {start} – {end}"), days
        ).frozen(),
        *(Step(text, {}, _clock(value)).frozen() for text, value in seconds if value is not None),
    ]


def _clock(seconds: int) -> str:
    """Seconds as hours and minutes, minutes rounded down: 30:05."""
    return f"{seconds // HOUR}:{seconds % HOUR // 60:02d} h"
