"""What stands on each kind of document: rows of core as formatted sheets, and what their seals say."""

from collections.abc import Sequence
from datetime import datetime

from ..core.accounts import AccountStatement
from ..core.inventory import ShipmentDetail
from ..core.kernel.clock import Period, business_day
from ..core.kernel.errors import msg
from ..core.kernel.money import MILLION
from ..core.orders import OrderDetail
from ..i18n import gettext
from ..i18n.capitals import amount_in_words
from ..i18n.presentation import NO_VALUE, day, in_language, instant, money, number, own_name, price, tenths
from .frame import Column, Sheet
from .seal import Seal, qr_svg

ENTRIES = {
    "invoice": msg("Invoice"),
    "credit_note": msg("Credit note"),
    "receipt": msg("Receipt"),
}
_RIGHT, _LINE = "right", "nowrap"


def order_sheet(order: OrderDetail, *, language: str, zone: str) -> Sheet:
    """The confirmation of an order."""
    return Sheet(
        title=msg("Order confirmation"),
        number=order.number,
        issuer=order.seller,
        parties=((msg("Seller"), order.seller), (msg("Buyer"), order.buyer)),
        facts=(
            (msg("Placed"), instant(order.placed_at, zone)),
            (msg("Currency"), order.currency),
            (msg("Lines"), number(len(order.lines), language)),
        ),
        columns=(
            Column(msg("Line"), _LINE),
            Column(msg("SKU"), _LINE),
            Column(msg("Name")),
            Column(msg("Quantity"), _RIGHT),
            Column(msg("Unit"), _LINE),
            Column(msg("Price"), _RIGHT),
            Column(msg("Tax rate"), _RIGHT),
            Column(msg("Amount"), _RIGHT),
        ),
        lines=[
            (
                str(line.line_no),
                line.sku_code,
                in_language(line.sku_name, line.sku_name_en, language),
                number(line.qty, language),
                line.unit,
                price(line.unit_price, order.currency, language),
                f"{tenths(line.tax_ppm, MILLION).removesuffix('.0')} %",
                money(line.amounts.gross, order.currency, language, sign=False),
            )
            for line in order.lines
        ],
        sums=(
            (msg("Net"), money(order.amounts.net, order.currency, language)),
            (msg("Tax"), money(order.amounts.tax, order.currency, language)),
            (msg("Total"), money(order.amounts.gross, order.currency, language)),
        ),
        words=_words(order.amounts.gross, order.currency, language),
        signers=(msg("Seller"), msg("Buyer")),
    )


def order_seal(order: OrderDetail, *, zone: str) -> Seal:
    """Number, day and total of an order."""
    placed_on = business_day(order.placed_at, zone).isoformat()
    return Seal("order", order.number, placed_on, order.amounts.gross, order.currency)


def delivery_sheet(
    shipment: ShipmentDetail,
    *,
    links: Sequence[tuple[str, str]] = (),
    photo: str = "",
    language: str,
    zone: str,
) -> Sheet:
    """The note that goes with the goods; without prices. Once they are signed for it says by whom.

    `links` are the tracking pages of the orders in it: number and address; `photo` that of the delivery.
    """
    signed = (
        (msg("Signed by"), shipment.signed_by or NO_VALUE),
        (msg("Delivered"), instant(shipment.delivered_at, zone)),
    )
    places = ((msg("From"), shipment.source), (msg("Sent to"), shipment.target))
    return Sheet(
        title=msg("Delivery note"),
        number=shipment.number,
        issuer=shipment.seller,
        parties=((msg("Sender"), shipment.seller), (msg("Recipient"), shipment.buyer)),
        facts=(
            (msg("For"), ", ".join(shipment.documents)),
            *((name, own_name(place, language)) for name, place in places if place),
            (msg("Shipped"), instant(shipment.shipped_at, zone)),
            (msg("Carrier"), shipment.carrier or NO_VALUE),
            (msg("Waybill"), shipment.waybill or NO_VALUE),
            *(signed if shipment.delivered_at else ()),
        ),
        columns=(
            Column(msg("Line"), _LINE),
            Column(msg("SKU"), _LINE),
            Column(msg("Name")),
            Column(msg("Quantity"), _RIGHT),
            Column(msg("Unit"), _LINE),
        ),
        lines=[
            (
                str(line.line_no),
                line.sku_code,
                in_language(line.sku_name, line.sku_name_en, language),
                number(line.qty, language),
                line.unit,
            )
            for line in shipment.lines
        ],
        sums=((msg("Quantity in all"), number(_pieces(shipment), language)),),
        note=msg("Received in full and in good condition unless stated otherwise."),
        signers=(msg("Sender"), msg("Recipient")),
        photo=photo,
        codes=[(gettext(msg("Track {order}"), language, order=order), qr_svg(url)) for order, url in links],
    )


def delivery_seal(shipment: ShipmentDetail, *, zone: str) -> Seal:
    """Number, day and pieces of a shipment."""
    shipped_on = business_day(shipment.shipped_at, zone).isoformat()
    return Seal("delivery", shipment.number, shipped_on, _pieces(shipment), "")


def _pieces(shipment: ShipmentDetail) -> int:
    return sum(line.qty for line in shipment.lines)


def statement_sheet(
    statement: AccountStatement, *, period: Period | None, now: datetime, language: str, zone: str
) -> Sheet:
    """The statement of account, for the buyer to confirm."""
    currency = statement.currency
    return Sheet(
        title=msg("Statement of account"),
        number=statement_number(statement),
        issuer=statement.seller,
        parties=((msg("Seller"), statement.seller), (msg("Buyer"), statement.buyer)),
        facts=(
            (msg("Period"), _span(statement, period)),
            (msg("Currency"), currency),
            (msg("As of"), instant(now, zone)),
        ),
        columns=(
            Column(msg("Day"), _LINE),
            Column(msg("Kind"), _LINE),
            Column(msg("Number"), _LINE),
            Column(msg("Document")),
            Column(msg("Charged"), _RIGHT),
            Column(msg("Paid or credited"), _RIGHT),
            Column(msg("Balance"), _RIGHT),
        ),
        lines=[
            (
                day(row.day),
                gettext(ENTRIES[row.kind], language),
                row.number,
                row.document,
                money(row.amount, currency, language, sign=False) if row.amount > 0 else "",
                money(-row.amount, currency, language, sign=False) if row.amount <= 0 else "",
                money(row.balance, currency, language, sign=False),
            )
            for row in statement.rows
        ],
        sums=(
            (msg("Opening balance"), money(statement.opening, currency, language)),
            (msg("Closing balance"), money(statement.closing, currency, language)),
        ),
        words=_words(statement.closing, currency, language),
        note=msg("Please compare with your books, sign and return within ten days."),
        signers=(msg("Seller"), msg("Buyer: the balance is correct ☐ / differs ☐")),
    )


def statement_number(statement: AccountStatement) -> str:
    """How a statement is called: the two parties."""
    return f"{statement.seller.code}:{statement.buyer.code}"


def statement_seal(statement: AccountStatement, *, period: Period | None, now: datetime, zone: str) -> Seal:
    """Parties, last day and closing balance of a statement."""
    last = period.last if period else business_day(now, zone)
    number_ = statement_number(statement)
    return Seal("statement", number_, last.isoformat(), statement.closing, statement.currency)


def _span(statement: AccountStatement, period: Period | None) -> str:
    if period is not None:
        return f"{period.start.isoformat()} – {period.last.isoformat()}"
    if not statement.rows:
        return NO_VALUE
    return f"{statement.rows[0].day.isoformat()} – {statement.rows[-1].day.isoformat()}"


def _words(amount: int, currency: str, language: str) -> str:
    """In words where law and custom want them: yuan, in Chinese."""
    if currency != "CNY" or language != "zh_CN":
        return ""
    return f"人民币{amount_in_words(amount)}"
