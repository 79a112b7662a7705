"""From orders of core to what their pages show."""

from collections.abc import Sequence

from .. import routes
from ..core.catalog import SkuRow
from ..core.inventory import ShipmentEventRow
from ..core.kernel.errors import msg
from ..core.kernel.settings import get_settings
from ..core.lists.words import FULFILMENT_MODES, ORDER_STATES, PART_STATES, SHIPMENT_REPORTS, SHIPMENT_STATES
from ..core.orders import (
    CHOICES,
    EXCEPTION_NAMES,
    SHORTAGES,
    OrderDetail,
    OrderQuote,
    OrderRow,
    OrderStatus,
    SellerRow,
    Urgency,
)
from ..documents import qr_data_uri
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, in_language, instant, money, number, own_name, price
from . import parts_view
from .steps import step_row

SIGNED, SHORT = msg("signed by {name}"), msg("{qty} pieces missing")
TONES = {
    OrderStatus.HELD: "bad",
    OrderStatus.PLACED: "accent",
    OrderStatus.CONFIRMED: "accent",
    OrderStatus.IN_PRODUCTION: "accent",
    OrderStatus.ALLOCATED: "accent",
    OrderStatus.PICKED: "accent",
    OrderStatus.SHIPPED: "warn",
    OrderStatus.IN_TRANSIT: "warn",
    OrderStatus.DELIVERED: "good",
    OrderStatus.COMPLETED: "good",
    OrderStatus.RETURNED: "neutral",
    OrderStatus.CANCELLED: "neutral",
    OrderStatus.RECORDED: "neutral",
}


def status(value: str, language: str) -> dict[str, str]:
    """The status word and its tone."""
    return {"status": gettext(ORDER_STATES[value], language), "status_tone": TONES[OrderStatus(value)]}


def order_row(row: OrderRow, language: str, zone: str) -> dict[str, str]:
    """An order in the list."""
    return {
        "key": row.number,
        "number": row.number,
        "number_href": routes.order(row.number),
        "seller": own_name(row.seller, language),
        "buyer": own_name(row.buyer, language),
        "placed_at": instant(row.placed_at, zone),
        "amount": money(row.gross_amount, row.currency, language, sign=False),
        "lines": number(row.line_count, language),
        "urgent": gettext(msg("urgent"), language) if row.is_urgent else "",
        **status(row.status, language),
    }


def facts(order: OrderDetail, language: str, zone: str) -> dict[str, str]:
    """The header and the key facts."""
    return {
        "number": order.number,
        "seller": own_name(order.seller, language),
        "seller_code": order.seller.code,
        "seller_href": routes.partner(order.seller.code),
        "buyer": own_name(order.buyer, language),
        "buyer_code": order.buyer.code,
        "buyer_href": routes.partner(order.buyer.code),
        "account_href": routes.account(order.seller.code, order.buyer.code),
        "paper": routes.document("order", order.number),
        "placed_at": instant(order.placed_at, zone),
        "promised": day(order.promised_on) if order.promised_on else NO_VALUE,
        "urgent": urgency(order, language),
        "net": money(order.amounts.net, order.currency, language),
        "tax": money(order.amounts.tax, order.currency, language),
        "gross": money(order.amounts.gross, order.currency, language),
        **status(order.status, language),
    }


def urgency(order: OrderDetail, language: str) -> str:
    """What makes an order urgent, in a few words; empty where nothing does."""
    match order.urgency:
        case Urgency.LINE:
            return gettext(msg("urgent goods ({line})"), language, line=order.urgent_reason)
        case Urgency.CUSTOMER:
            return gettext(msg("urgent buyer"), language)
        case Urgency.HAND:
            return gettext(msg("urgent: {reason}"), language, reason=order.urgent_reason)
    return ""


def lines(order: OrderDetail, language: str) -> list[dict[str, str]]:
    """The lines with their quantities at each step."""
    rows = parts_view.arriving_lines(order.parts)
    arriving = {int(one["line_no"]): int(one["arriving"]) for one in rows}
    return [
        {
            "line_no": str(line.line_no),
            "sku": line.sku_code,
            "sku_href": routes.sku(line.sku_code),
            "name": in_language(line.sku_name, line.sku_name_en, language),
            "qty": number(line.qty, language),
            "reserved": number(line.reserved_qty, language),
            "shipped": number(line.shipped_qty, language),
            "returned": number(line.returned_qty, language),
            "returnable": str(line.shipped_qty - line.returned_qty - line.missing_qty),
            "arriving": str(arriving.get(line.line_no, 0)),
            "price": price(line.unit_price, order.currency, language),
            "tax": money(line.amounts.tax, order.currency, language),
            "gross": money(line.amounts.gross, order.currency, language),
            "location": ", ".join(line.location_codes) or NO_VALUE,
            "promised": day(line.promised_on) if line.promised_on else NO_VALUE,
            "has_steps": "yes" if line.steps else "",
        }
        for line in order.lines
    ]


def line_steps(order: OrderDetail, language: str, zone: str) -> dict[str, list[dict[str, str]]]:
    """The frozen price steps per line number."""
    return {
        str(line.line_no): [step_row(step, language, zone) for step in line.steps]
        for line in order.lines
        if line.steps
    }


def shipments(order: OrderDetail, language: str, zone: str) -> list[dict[str, str]]:
    """What left, with whom, where it is, and who signed."""
    return [
        {
            "number": row.number,
            "state": gettext(SHIPMENT_STATES[row.status], language),
            "paper": routes.document("delivery", row.number),
            "carrier": row.carrier or NO_VALUE,
            "waybill": row.waybill or NO_VALUE,
            "shipped_at": instant(row.shipped_at, zone),
            "delivered_at": instant(row.delivered_at, zone),
            "signed_by": row.signed_by or NO_VALUE,
            "proof": routes.file(row.proof_file) if row.proof_file else "",
            "proof_small": routes.thumbnail(row.proof_file) if row.proof_file else "",
        }
        for row in order.shipments
    ]


def reports(order: OrderDetail, language: str, zone: str) -> list[dict[str, str]]:
    """What was reported of the shipments, the latest first."""
    found = [(event, row) for row in order.shipments for event in row.events]
    found.sort(key=lambda pair: pair[0].occurred_at, reverse=True)
    return [
        {
            "what": gettext(SHIPMENT_REPORTS[event.kind], language),
            "at": instant(event.occurred_at, zone),
            "place": event.place or NO_VALUE,
            "note": _report_note(event, language),
            "waybill": row.waybill or row.number,
        }
        for event, row in found
    ]


def _report_note(event: ShipmentEventRow, language: str) -> str:
    said = [event.note] if event.note else []
    if event.signed_by:
        said.append(gettext(SIGNED, language, name=event.signed_by))
    if event.short_qty:
        said.append(gettext(SHORT, language, qty=number(event.short_qty, language)))
    return " · ".join(said) or NO_VALUE


def exception_words(language: str) -> dict[str, str]:
    """What the kinds of exceptions are called in the order's history."""
    return {kind: gettext(name, language) for kind, name in EXCEPTION_NAMES.items()}


def shortages(order: OrderDetail, language: str) -> list[dict[str, str]]:
    """What was not signed for, and what became of it."""
    return [
        {
            "part": row.part_number,
            "sku": row.sku_code,
            "qty": number(row.qty, language),
            "why": gettext(SHORTAGES[row.reason], language),
            "choice": gettext(CHOICES[row.choice], language)
            if row.choice
            else gettext(msg("still to be settled"), language),
            "document": row.document or NO_VALUE,
        }
        for row in order.shortages
    ]


def track(order: OrderDetail, origin: str, language: str) -> dict[str, str]:
    """The public page of an order: where it is, and its QR code; nothing for what is history."""
    if not order.tracking_token:
        return {}
    href = routes.tracking(order.tracking_token)
    base = get_settings().public_url.rstrip("/") or origin.rstrip("/")
    short = "en" if str(language) == "en" else "zh"
    return {"href": href, "url": base + href, "qr": qr_data_uri(f"{base}{href}?lang={short}")}


def returns(order: OrderDetail, language: str, zone: str) -> list[dict[str, str]]:
    """What came back and what it refunded."""
    return [
        {
            "number": row.number,
            "returned_at": instant(row.returned_at, zone),
            "lines": ", ".join(f"{code} × {qty}" for code, qty in row.lines),
            "reason": row.reason or NO_VALUE,
            "amount": money(row.gross_amount, order.currency, language),
        }
        for row in order.returns
    ]


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


def quote_lines(quote: OrderQuote | None, language: str, zone: str) -> list[dict[str, str]]:
    """The pad's lines with price, amount and what is available."""
    if quote is None:
        return []
    return [
        {
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
            "steps": " · ".join(
                " ".join(step_row(step.frozen(), language, zone).values()).strip() for step in line.steps
            ),
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


def reasons(quote: OrderQuote | None, language: str) -> list[str]:
    """Every reason against placing the order but those that stand beside their line."""
    if quote is None:
        return []
    whole = [reason for reason in quote.reasons if "sku" not in reason.facts]
    return [gettext(reason.text, language, **reason.facts) for reason in whole]


def holds(quote: OrderQuote | None, language: str) -> list[str]:
    """Why the order would wait once placed."""
    if quote is None:
        return []
    return [gettext(reason.text, language, **reason.facts) for reason in quote.holds]


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
