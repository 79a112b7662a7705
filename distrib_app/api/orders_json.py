"""What the API answers about orders and quotes."""

from collections.abc import Iterable
from typing import Any

from ..core.kernel.lifecycle import ActionRow
from ..core.orders import (
    HoldRow,
    OrderDetail,
    OrderLineRow,
    OrderQuote,
    OrderRow,
    PartRow,
    QuoteLine,
    ReturnRow,
)
from ..i18n import gettext
from .accounts_json import exposure_json
from .models import Json, amounts_json, facts_json, money, price, row_json, step_json


def order_json(row: OrderRow) -> Json:
    """An order in a list."""
    return row_json(row, currency=row.currency)


def order_detail_json(detail: OrderDetail, language: str) -> Json:
    """An order with everything the caller may see of it."""
    currency = detail.currency
    shown_apart = ("amounts", "lines", "parts", "holds", "returns", "events", "actions")
    return (
        row_json(detail, omit=shown_apart, currency=currency)
        | amounts_json(detail.amounts, currency)
        | {
            "lines": [_line_json(line, currency, language) for line in detail.lines],
            "parts": [part_json(part, currency, language) for part in detail.parts],
            "holds": [_hold_json(hold, language) for hold in detail.holds],
            "returns": [return_json(row, currency) for row in detail.returns],
            "events": [
                row_json(row, omit=("payload",)) | {"facts": facts_json(row.payload, currency)}
                for row in detail.events
            ],
            "actions": actions_json(detail.actions, language),
        }
    )


def part_json(part: PartRow, currency: str, language: str) -> Json:
    """A part of an order: who serves what from where, how far it is, and why."""
    route = part.route
    return row_json(part, omit=("lines", "route", "actions"), currency=currency) | {
        "lines": [row_json(line, currency=currency) for line in part.lines],
        "route": None if route is None else _route_json(route, currency, language),
        "actions": actions_json(part.actions, language),
    }


def _route_json(route: dict[str, Any], currency: str, language: str) -> Json:
    return {
        "cost": money(route.get("cost", 0), currency),
        "steps": [step_json(step, language) for step in route.get("steps", ())],
        "rejected": [
            {
                "source": one["source"],
                "line_no": one["line_no"],
                "reason": gettext(one["reason"], language, **one["facts"]),
            }
            for one in route.get("rejected", ())
        ],
        "front": [
            {
                "cost": money(point["cost"], currency),
                "arrives_on": point["arrives_on"],
                "parcels": point["parcels"],
            }
            for point in route.get("front", ())
        ],
    }


def _hold_json(hold: HoldRow, language: str) -> Json:
    return row_json(hold, omit=("text", "facts")) | {"title": gettext(hold.text, language, **hold.facts)}


def actions_json(actions: Iterable[ActionRow], language: str) -> list[Json]:
    """What can be done next, with the reason where not now."""
    return [
        {
            "verb": action.verb,
            "label": gettext(action.label, language),
            "reason": gettext(action.reason, language) if action.reason else None,
        }
        for action in actions
    ]


def _line_json(line: OrderLineRow, currency: str, language: str) -> Json:
    return (
        row_json(line, omit=("amounts", "steps"))
        | amounts_json(line.amounts, currency)
        | {"steps": [step_json(step, language) for step in line.steps]}
    )


def return_json(row: ReturnRow, currency: str) -> Json:
    """A return with what it refunded."""
    return {
        "number": row.number,
        "returned_at": row.returned_at.isoformat(),
        "reason": row.reason,
        "lines": [{"sku_code": sku, "qty": qty} for sku, qty in row.lines],
        "gross_amount": money(row.gross_amount, currency),
    }


def quote_json(found: OrderQuote, language: str) -> Json:
    """A quote with the reasons that speak against placing it."""
    shown_apart = ("lines", "amounts", "exposure", "reasons", "holds", "parts", "plan", "sources", "quotas")
    return (
        row_json(found, omit=shown_apart)
        | amounts_json(found.amounts, found.currency)
        | {
            "can_place": found.can_place,
            "reasons": [
                {"code": reason.code, "title": gettext(reason.text, language, **reason.facts)}
                for reason in found.reasons
            ],
            "holds": [
                {"code": reason.code, "title": gettext(reason.text, language, **reason.facts)}
                for reason in found.holds
            ],
            "promised_on": found.promised_on.isoformat() if found.promised_on else None,
            "parts": [
                {
                    "mode": part.mode,
                    "status": part.status,
                    "promised_on": part.promised_on.isoformat() if part.promised_on else None,
                    "lines": [{"line_no": line.line_no, "qty": line.qty} for line in part.lines],
                }
                for part in found.parts
            ],
            "lines": [_quote_line_json(line, found.currency, language) for line in found.lines],
            "exposure": exposure_json(found.exposure) if found.exposure else None,
        }
    )


def _quote_line_json(line: QuoteLine, currency: str, language: str) -> Json:
    return (
        row_json(line, omit=("amounts", "steps", "unit_price"))
        | amounts_json(line.amounts, currency)
        | {
            "unit_price": price(line.unit_price),
            "short_qty": line.short_qty,
            "steps": [step_json(step, language) for step in line.steps],
        }
    )
