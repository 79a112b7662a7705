"""From the choice of goods and the quote of core to what the order pad shows."""

from collections.abc import Sequence

from ..core.accounts import Reason
from ..core.catalog import SkuRow
from ..core.kernel.errors import msg
from ..core.lists.words import FULFILMENT_MODES, PART_STATES
from ..core.orders import OrderQuote, SellerRow
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, for_people, in_language, money, number, own_name, price
from .steps import step_row


def sellers(rows: Sequence[SellerRow], language: str) -> list[dict[str, str]]:
    """The choice of seller; the buyer is named where one person buys for several companies."""
    many = len({row.buyer.code for row in rows}) > 1
    return [
        {
            "value": f"{row.buyer.code}|{row.seller.code}",
            "text": own_name(row.seller, language) + (f" → {own_name(row.buyer, language)}" if many else ""),
        }
        for row in rows
    ]


def sku_choice(row: SkuRow, language: str) -> dict[str, str]:
    """A SKU one may add."""
    return {
        "code": row.code,
        "name": own_name(row, language),
        "category": in_language(row.category_name, row.category_name_en, language),
        "multiple": str(row.order_multiple_qty),
    }


def quote_lines(quote: OrderQuote | None, language: str) -> list[dict[str, str]]:
    """The pad's lines with price, amount and what is available."""
    if quote is None:
        return []
    return [
        {
            "line_no": str(line.line_no),
            "sku": line.sku_code,
            "name": in_language(line.sku_name, line.sku_name_en, language),
            "qty": str(line.qty),
            "price": price(line.unit_price, quote.currency, language),
            "gross": money(line.amounts.gross, quote.currency, language),
            "available": number(line.available_qty, language),
            "available_tone": "warn" if line.short_qty else "good",
            "bumped": gettext(msg("{qty} from orders that can wait"), language, qty=line.bumped_qty)
            if line.bumped_qty
            else "",
            "quota": ""
            if line.quota_left is None
            else gettext(msg("quota left: {left}"), language, left=number(line.quota_left, language)),
            "promised": day(line.promised_on) if line.promised_on else NO_VALUE,
        }
        for line in quote.lines
    ]


def totals(quote: OrderQuote | None, language: str) -> dict[str, str]:
    """Net, tax and gross of the quote."""
    if quote is None:
        return {}
    return {
        "net": money(quote.amounts.net, quote.currency, language),
        "tax": money(quote.amounts.tax, quote.currency, language),
        "gross": money(quote.amounts.gross, quote.currency, language),
    }


def reasons(quote: OrderQuote | None, language: str, zone: str) -> list[str]:
    """Every reason against placing the order but those that stand beside their line."""
    if quote is None:
        return []
    whole = [reason for reason in quote.reasons if "sku" not in reason.facts]
    return [_told(reason, language, zone) for reason in whole]


def holds(quote: OrderQuote | None, language: str, zone: str) -> list[str]:
    """Why the order would wait once placed."""
    if quote is None:
        return []
    return [_told(reason, language, zone) for reason in quote.holds]


def _told(reason: Reason, language: str, zone: str) -> str:
    return for_people(gettext(reason.text, language, **reason.facts), language, zone)


def split(quote: OrderQuote | None, language: str) -> list[dict[str, str]]:
    """The parts the order would be served in: by whom, what, and when it arrives."""
    if quote is None:
        return []
    codes = {line.line_no: line.sku_code for line in quote.lines}
    return [
        {
            "mode": gettext(FULFILMENT_MODES[part.mode], language),
            "status": gettext(PART_STATES[part.status], language),
            "lines": " · ".join(
                f"{codes[line.line_no]} × {number(line.qty, language)}" for line in part.lines
            ),
            "promised": day(part.promised_on) if part.promised_on else NO_VALUE,
            "tone": "good" if part.promised_on else "warn",
        }
        for part in quote.parts
    ]


def credit(quote: OrderQuote | None, language: str, zone: str) -> list[dict[str, str]]:
    """How much of the credit limit is used, step by step."""
    if quote is None or quote.exposure is None:
        return []
    return [step_row(step.frozen(), language, zone) for step in quote.exposure.steps()]
