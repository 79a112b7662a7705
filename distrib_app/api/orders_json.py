"""What the API answers about orders and quotes."""

from ..core.orders import OrderDetail, OrderLineRow, OrderQuote, OrderRow, QuoteLine, ReturnRow
from ..i18n import gettext
from .accounts_json import exposure_json
from .models import Json, amounts_json, facts_json, money, price, row_json, step_json


def order_json(row: OrderRow) -> Json:
    """An order in a list."""
    return row_json(row, currency=row.currency)


def order_detail_json(detail: OrderDetail, language: str) -> Json:
    """An order with everything the caller may see of it."""
    currency = detail.currency
    shown_apart = ("amounts", "lines", "returns", "events", "actions")
    return (
        row_json(detail, omit=shown_apart, currency=currency)
        | amounts_json(detail.amounts, currency)
        | {
            "lines": [_line_json(line, currency, language) for line in detail.lines],
            "returns": [return_json(row, currency) for row in detail.returns],
            "events": [
                row_json(row, omit=("payload",)) | {"facts": facts_json(row.payload, currency)}
                for row in detail.events
            ],
            "actions": [
                {
                    "verb": action.verb,
                    "label": gettext(action.label, language),
                    "reason": gettext(action.reason, language) if action.reason else None,
                }
                for action in detail.actions
            ],
        }
    )


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
    return (
        row_json(found, omit=("lines", "amounts", "exposure", "reasons"))
        | amounts_json(found.amounts, found.currency)
        | {
            "can_place": found.can_place,
            "reasons": [
                {"code": reason.code, "title": gettext(reason.text, language, **reason.facts)}
                for reason in found.reasons
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
