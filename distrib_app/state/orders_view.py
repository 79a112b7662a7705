"""From orders of core to what their pages show."""

from .. import routes
from ..core.kernel.errors import msg
from ..core.kernel.settings import get_settings
from ..core.lists.words import ORDER_STATES
from ..core.orders import (
    CHOICES,
    EXCEPTION_NAMES,
    SHORTAGES,
    OrderDetail,
    OrderRow,
    OrderStatus,
    Urgency,
)
from ..documents import qr_data_uri
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, in_language, instant, money, number, own_name, price
from . import parts_view, shipments_view

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
        "amount_href": routes.order_why(row.number, "gross"),
        "lines": number(row.line_count, language),
        "lines_href": f"{routes.order(row.number)}?tab=lines",
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
        }
        for line in order.lines
    ]


def shipments(order: OrderDetail, language: str, zone: str) -> list[dict[str, str]]:
    """What left, with whom, where it is, who signed, and the photo of the delivery."""
    return [
        shipments_view.shipment(row, language, zone)
        | {
            "proof": routes.file(row.proof_file) if row.proof_file else "",
            "proof_small": routes.thumbnail(row.proof_file) if row.proof_file else "",
        }
        for row in order.shipments
    ]


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
