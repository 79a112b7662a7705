"""From parts of orders to what their pages show: the track of stages, who serves what, why, and when."""

from collections.abc import Sequence
from typing import Any

from .. import routes
from ..core.kernel.errors import msg
from ..core.lists.words import FULFILMENT_MODES, PART_STATES, TRANSFER_STATES
from ..core.orders import FeedChoice, FulfilmentStatus, OrderDetail, PartListRow, PartRow
from ..i18n import gettext, translate_step
from ..i18n.presentation import NO_VALUE, day, for_people, in_language, instant, money, number, own_name
from .steps import step_row

STAGES: tuple[FulfilmentStatus, ...] = (
    FulfilmentStatus.ALLOCATED,
    FulfilmentStatus.PICKED,
    FulfilmentStatus.SHIPPED,
    FulfilmentStatus.IN_TRANSIT,
    FulfilmentStatus.DELIVERED,
)
STAGE_WORDS: tuple[str, ...] = tuple(PART_STATES[stage] for stage in STAGES)
TONES: dict[str, str] = {
    FulfilmentStatus.OFFERED: "warn",
    FulfilmentStatus.WAITING: "bad",
    FulfilmentStatus.IN_PRODUCTION: "warn",
    FulfilmentStatus.ALLOCATED: "accent",
    FulfilmentStatus.PICKED: "accent",
    FulfilmentStatus.SHIPPED: "warn",
    FulfilmentStatus.IN_TRANSIT: "warn",
    FulfilmentStatus.DELIVERED: "good",
    FulfilmentStatus.RETURNED: "neutral",
    FulfilmentStatus.CANCELLED: "neutral",
}
OUT = frozenset({FulfilmentStatus.SHIPPED.value, FulfilmentStatus.IN_TRANSIT.value})
VERBS = ("accept", "decline", "pick", "ship", "deliver", "feed")


def parts(order: OrderDetail, language: str, zone: str) -> list[dict[str, str]]:
    """The parts of an order with their track and what can be done with each."""
    return [_part(part, order.currency, language, zone) for part in order.parts]


def _part(part: PartRow, currency: str, language: str, zone: str) -> dict[str, str]:
    reached = _reached(part.status)
    track = {
        f"stage{index}": "done" if index < reached else "now" if index == reached else "todo"
        for index in range(len(STAGES))
    }
    actions = {action.verb: action.reason for action in part.actions}
    allowed = {f"can_{verb}": "yes" if verb in actions and not actions[verb] else "" for verb in VERBS}
    until = gettext(msg("answer until {instant}"), language, instant=instant(part.answer_until, zone))
    return {
        "number": part.number,
        "status": gettext(PART_STATES[part.status], language),
        "tone": TONES[part.status],
        "urgent": gettext(msg("urgent"), language) if part.is_urgent else "",
        "mode": gettext(FULFILMENT_MODES[part.mode], language),
        "owner": own_name(part.owner, language),
        "place": part.location_code or "",
        "promised": day(part.promised_on) if part.promised_on else NO_VALUE,
        "until": until if part.answer_until else "",
        "amount": "" if part.gross_amount is None else money(part.gross_amount, currency, language),
        "cost": "" if part.cost_amount is None else money(part.cost_amount, currency, language),
        "fee": money(part.fee_amount, currency, language) if part.fee_amount else "",
        "lines": " · ".join(f"{line.sku_code} × {number(line.qty, language)}" for line in part.lines),
        "shipment": part.shipment_number or "",
        "has_why": "yes" if part.route else "",
        "is_moving": "yes" if reached >= 0 else "",
        **track,
        **allowed,
    }


def feeds(order: OrderDetail, language: str) -> list[dict[str, str]]:
    """The transfers that bring goods for parts of an order."""
    return [
        {
            "number": row.transfer_number,
            "number_href": routes.transfer(row.transfer_number),
            "part": row.part_number,
            "source": row.from_code,
            "target": row.to_code,
            "qty": number(row.qty, language),
            "received": number(row.received_qty, language),
            "promised": day(row.promised_on) if row.promised_on else NO_VALUE,
            "status": gettext(TRANSFER_STATES[row.status], language),
        }
        for row in order.feeds
    ]


def feed_sources(choice: FeedChoice, language: str) -> list[dict[str, str]]:
    """The places that have some of what a part waits for, and how much."""
    return [
        {
            "value": one.place_code,
            "text": f"{in_language(one.place_name, one.place_name_en, language)} · "
            + ", ".join(f"{sku} × {number(qty, language)}" for sku, qty in one.qtys.items()),
        }
        for one in choice.sources
    ]


def arriving(order: OrderDetail) -> dict[str, list[dict[str, str]]]:
    """Per part on its way, what of each line may turn out to be missing."""
    return {part.number: arriving_lines([part]) for part in order.parts}


def arriving_lines(rows: Sequence[PartRow]) -> list[dict[str, str]]:
    """What of each order line is on its way in these parts."""
    found: dict[int, tuple[str, int]] = {}
    for part in rows:
        for line in part.lines if part.status in OUT else ():
            found[line.line_no] = (line.sku_code, found.get(line.line_no, ("", 0))[1] + line.arriving_qty)
    return [
        {"line_no": str(no), "sku": sku, "arriving": str(qty)} for no, (sku, qty) in sorted(found.items())
    ]


def _reached(status: str) -> int:
    """Which stage a part has reached; −1 before the first one."""
    return next((index for index, stage in enumerate(STAGES) if stage == status), -1)


def route_steps(order: OrderDetail, language: str, zone: str) -> dict[str, list[dict[str, str]]]:
    """Why each part is served from where it is: the steps of the route, what was rejected, the front."""
    return {
        part.number: _why(part.route, order.currency, language, zone) for part in order.parts if part.route
    }


def _why(route: dict[str, Any], currency: str, language: str, zone: str) -> list[dict[str, str]]:
    rows = [step_row(step, language, zone) for step in route.get("steps", ())]
    for one in route.get("rejected", ()):
        reason = translate_step({"text": one["reason"], "facts": one["facts"]}, language)
        rows.append({"text": f"{one['source']}: {reason}", "result": "✕"})
    for point in route.get("front", ()):
        text = gettext(
            msg("By {day}, in {parcels} parcels"), language, day=point["arrives_on"], parcels=point["parcels"]
        )
        rows.append({"text": text, "result": money(point["cost"], currency, language)})
    return rows


def holds(order: OrderDetail, language: str, zone: str) -> list[dict[str, str]]:
    """Why the order waits, and until when it keeps its stock."""
    return [
        {
            "text": for_people(gettext(hold.text, language, **hold.facts), language, zone),
            "until": gettext(
                msg("Its stock is kept until {instant}."), language, instant=instant(hold.until, zone)
            )
            if hold.until
            else "",
        }
        for hold in order.holds
    ]


def list_row(row: PartListRow, language: str) -> dict[str, str]:
    """A part in the list."""
    late = gettext(msg("late"), language) if row.is_late else ""
    return {
        "key": row.number,
        "number": row.number,
        "number_href": routes.order(row.order_number) if row.is_order_visible else "",
        "status": gettext(PART_STATES[row.status], language),
        "status_tone": TONES[row.status],
        "mode": gettext(FULFILMENT_MODES[row.mode], language),
        "place": in_language(row.location_name, row.location_name_en, language) or NO_VALUE,
        "buyer": own_name(row.buyer, language),
        "pieces": number(row.piece_count, language),
        "ready_on": day(row.ready_on) if row.ready_on else NO_VALUE,
        "promised_on": " ".join(filter(None, (day(row.promised_on) if row.promised_on else NO_VALUE, late))),
        "urgent": gettext(msg("urgent"), language) if row.is_urgent else "",
        "shipment": row.shipment_number or NO_VALUE,
    }
