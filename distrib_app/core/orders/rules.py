"""Pure rules of orders: may this be ordered, how a line's amounts split, what a partial return refunds."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..accounts import Exposure, Reason, credit_reason, overdue_reason
from ..inventory import MAX_QTY
from ..kernel.errors import msg
from ..kernel.explain import Step
from ..kernel.money import (
    MILLION,
    TaxSplit,
    allocate,
    divide,
    line_amount,
    minor_to_decimal,
    price_to_micros,
    rate_of,
    split_gross,
    split_net,
)

UNKNOWN_SKU = "unknown_sku"
# by these steps a line's explanation is taken apart: its price before them, its amounts from them on
TIMES_GROSS = msg("{qty} × {price}, tax included")
TIMES_NET = msg("{qty} × {price}, without tax")
AMOUNT_OF_FEE = msg("Fee of the owner: {qty} × {price} × {rate}")


@dataclass(frozen=True, slots=True)
class LineRequest:
    """A quantity of a SKU somebody wants."""

    sku_code: str
    qty: int


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """What `ordering_reasons` needs to know of the two parties and their account."""

    seller_code: str
    seller_status: str
    buyer_code: str
    buyer_status: str
    has_account: bool
    is_account_closed: bool


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What `ordering_reasons` needs to know of one SKU; `available_qty` None: not kept in stock.

    `quota_left` is what the buyer may still have of it, None where nothing is limited.
    """

    sku_code: str
    qty: int
    is_known: bool = True
    is_orderable: bool = True
    multiple_qty: int = 1
    has_price: bool = True
    is_foreign_currency: bool = False
    available_qty: int | None = None
    is_backorder_allowed: bool = False
    quota_left: int | None = None


@dataclass(frozen=True, slots=True)
class PricedAmount:
    """A line's tax-inclusive unit price, its amounts (minor units) and how they came about."""

    unit_price: Decimal
    amounts: TaxSplit
    steps: tuple[Step, ...]


_BUYER_STATUS = {
    "applicant": msg("{buyer} has not been admitted yet."),
    "suspended": msg("{buyer} is suspended."),
    "terminated": msg("{buyer} has left the network."),
}


def sum_lines(lines: Iterable[LineRequest]) -> tuple[LineRequest, ...]:
    """One line per SKU in the order of first mention; quantities of the same SKU are added."""
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.sku_code] = totals.get(line.sku_code, 0) + line.qty
    return tuple(LineRequest(code, qty) for code, qty in totals.items())


def ordering_reasons(
    *, parties: PartyFacts, lines: Sequence[LineFacts], exposure: Exposure | None, gross: int
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Why this order cannot be placed (parties first, then lines), and why it would be held once placed.

    Debt holds an order, it does not refuse it. `gross` is the order's total in minor units; `exposure` is
    None where there is no account.
    """
    reasons = [*_party_reasons(parties)]
    if not lines:
        reasons.append(Reason("no_lines", msg("The order has no lines.")))
    for line in lines:
        reasons += _line_reasons(line)
    return tuple(reasons), credit_holds(exposure, gross)


def credit_holds(exposure: Exposure | None, gross: int) -> tuple[Reason, ...]:
    """Why an order of `gross` minor units must wait for money: overdue invoices, or the credit limit."""
    if exposure is None:
        return ()
    found = (overdue_reason(exposure), credit_reason(exposure, gross))
    return tuple(reason for reason in found if reason is not None)


def _party_reasons(parties: PartyFacts) -> Iterable[Reason]:
    facts = {"seller": parties.seller_code, "buyer": parties.buyer_code}
    if parties.buyer_status != "active":
        yield Reason(f"buyer_{parties.buyer_status}", _BUYER_STATUS[parties.buyer_status], facts)
    if parties.seller_status != "active":
        yield Reason("seller_not_active", msg("{seller} does not sell at present."), facts)
    if not parties.has_account:
        yield Reason("no_account", msg("{buyer} has no trading account with {seller}."), facts)
    elif parties.is_account_closed:
        yield Reason("account_closed", msg("The account of {buyer} with {seller} is closed."), facts)


def _line_reasons(line: LineFacts) -> list[Reason]:
    facts = {"sku": line.sku_code, "qty": line.qty}
    if not line.is_known:
        return [Reason(UNKNOWN_SKU, msg("There is no SKU {sku}."), facts)]
    reasons = []
    if not line.is_orderable:
        reasons.append(Reason("not_orderable", msg("{sku} cannot be ordered at present."), facts))
    if not 1 <= line.qty <= MAX_QTY:
        text = msg("{sku}: a quantity of {qty} cannot be ordered (1 to {max}).")
        reasons.append(Reason("quantity", text, facts | {"max": MAX_QTY}))
    elif line.qty % line.multiple_qty:
        text = msg("{sku} is sold in multiples of {multiple}; {qty} is none.")
        reasons.append(Reason("multiple", text, facts | {"multiple": line.multiple_qty}))
    if not line.has_price:
        reasons.append(Reason("no_price", msg("{sku} has no price for this buyer today."), facts))
    elif line.is_foreign_currency:
        text = msg("The price of {sku} is not in the currency of the account.")
        reasons.append(Reason("currency", text, facts))
    if line.available_qty is not None and line.qty > line.available_qty and not line.is_backorder_allowed:
        reasons.append(short_stock(line.sku_code, line.qty, available=line.available_qty))
    if line.quota_left is not None and line.qty > line.quota_left:
        text = msg("{sku}: {qty} wanted, {left} left of your quota.")
        reasons.append(Reason("quota", text, facts | {"left": line.quota_left}))
    return reasons


def short_stock(sku_code: str, qty: int, *, available: int) -> Reason:
    """Why more of a SKU than there is cannot be ordered."""
    text = msg("{sku}: {qty} wanted, {available} available.")
    return Reason("short_stock", text, {"sku": sku_code, "qty": qty, "available": available})


def price_line(qty: int, price: Decimal, *, is_gross: bool, tax_ppm: int, currency: str) -> PricedAmount:
    """Amounts of a line: quantity × price, rounded once, tax inside (gross price) or on top (net price).

    The unit price that comes back includes tax in either case: it is what the buyer pays for one.
    """
    amount = line_amount(qty, price, currency)
    amounts = split_gross(amount, tax_ppm) if is_gross else split_net(amount, tax_ppm)
    rate = f"{Decimal(tax_ppm).scaleb(-4).normalize():f} %"
    text_of = {name: _text(getattr(amounts, name), currency) for name in ("net", "tax", "gross")}
    times = {"qty": qty, "price": f"{price.normalize():f}"}
    if is_gross:
        return PricedAmount(
            price,
            amounts,
            (
                Step(TIMES_GROSS, times, text_of["gross"]),
                Step(
                    msg("Tax of {rate} inside: gross − round(gross ÷ (1 + rate))"),
                    {"rate": rate},
                    text_of["tax"],
                ),
                Step(msg("Net amount"), {}, text_of["net"]),
            ),
        )
    micros = divide(price_to_micros(price) * (MILLION + tax_ppm), MILLION)
    return PricedAmount(
        Decimal(micros).scaleb(-6),
        amounts,
        (
            Step(TIMES_NET, times, text_of["net"]),
            Step(msg("Tax of {rate} on top: round(net × rate)"), {"rate": rate}, text_of["tax"]),
            Step(msg("Amount to pay"), {}, text_of["gross"]),
        ),
    )


def _text(amount: int, currency: str) -> str:
    return f"{minor_to_decimal(amount, currency):f} {currency}"


def split_amounts(amounts: TaxSplit, qtys: Sequence[int]) -> list[TaxSplit]:
    """A line's amounts over parts by quantity; each column adds up to the whole, each part to itself."""
    pairs = zip(allocate(amounts.gross, qtys), allocate(amounts.tax, qtys), strict=True)
    return [TaxSplit(gross - tax, tax, gross) for gross, tax in pairs]


def refund(amounts: TaxSplit, *, qty: int, returned_before: int, returning: int) -> TaxSplit:
    """What returning some units of a line gives back: the difference of two cumulative roundings.

    Up to unit k the refund is round(total × k ÷ quantity); so the refunds of all units add up to the line
    exactly: 10.00 for 3 units comes back as 3.33, 3.34, 3.33.
    """

    def between(total: int) -> int:
        return divide(total * (returned_before + returning), qty) - divide(total * returned_before, qty)

    gross, tax = between(amounts.gross), between(amounts.tax)
    return TaxSplit(gross - tax, tax, gross)


def partner_fee(qty: int, unit_net: int, fee_ppm: int, currency: str) -> tuple[int, Step]:
    """What the owner of shared stock earns for a line: quantity × round(net unit price × rate).

    Rounded per unit, like the route's cost, so that splitting a line never changes it.
    """
    amount = qty * rate_of(unit_net, fee_ppm)
    facts = {
        "qty": qty,
        "price": _text(unit_net, currency),
        "rate": f"{Decimal(fee_ppm).scaleb(-4).normalize():f} %",
    }
    return amount, Step(AMOUNT_OF_FEE, facts, _text(amount, currency))


def fee_back(fee: int, *, qty: int, returned_before: int, returning: int) -> int:
    """What of a line's fee is not earned for goods that come back: the difference of two roundings."""
    return divide(fee * (returned_before + returning), qty) - divide(fee * returned_before, qty)


def units_within(amounts: TaxSplit, *, qty: int, returned_before: int, most: int, room: int) -> int:
    """How many units of a line, at most `most`, refund no more than `room` (minor units, tax included)."""

    def gross(returning: int) -> int:
        return refund(amounts, qty=qty, returned_before=returned_before, returning=returning).gross

    return bisect_right(range(most + 1), room, key=gross) - 1 if room >= 0 else 0
