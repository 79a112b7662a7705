"""Why the numbers of a quote are what they are: pure, named as on the record of the order that it becomes."""

from collections.abc import Callable, Mapping

from ..kernel.errors import msg
from ..kernel.explain import Step, Why
from .order_whys import amount_why, price_why, promise_why, total_why
from .quoted_lines import QuoteLine
from .quoting import OrderQuote


def why_of_quote(quote: OrderQuote, key: str) -> Why | None:
    """Why the number named `key` (`gross`, `price:1` …) is what it is; None where the quote has none such.

    Of the places that may serve the order a buyer learns how many there are, not which.
    """
    name, _, subject = key.partition(":")
    if not subject:
        return _total(quote, name) if name in {"net", "tax", "gross"} else None
    line = next((one for one in quote.lines if str(one.line_no) == subject), None)
    return _OF_LINE[name](quote, line) if line is not None and name in _OF_LINE else None


def _total(quote: OrderQuote, name: str) -> Why:
    lines = ((line.line_no, line.sku_code, line.qty, line.amounts) for line in quote.lines)
    return total_why(name, lines, getattr(quote.amounts, name), quote.currency)


def _price(quote: OrderQuote, line: QuoteLine) -> Why | None:
    if line.unit_price is None:
        return None
    return price_why(line.line_no, line.steps, line.unit_price, line.tax_ppm, quote.currency)


def _amount(quote: OrderQuote, line: QuoteLine) -> Why:
    return amount_why(line.line_no, line.steps, line.amounts.gross, quote.currency)


def _available(quote: OrderQuote, line: QuoteLine) -> Why | None:
    if line.available_qty is None:
        return None
    open_places = [one.route for one in quote.sources.values() if not one.route.closed]
    count = sum(1 for place in open_places if place.stock.get(line.sku_code))
    step = Step(
        msg("Free now at {count} places that can serve this order, less what is reserved or expired"),
        {"count": count},
        str(line.available_qty),
    )
    return Why(msg("Available for line {line}"), {"line": line.line_no}, (step,))


def _promised(quote: OrderQuote, line: QuoteLine) -> Why:
    days = [
        (Step(msg("{qty} in parcel {parcel}"), {"qty": one.qty, "parcel": at}), part.promised_on)
        for at, part in enumerate(quote.parts, 1)
        for one in part.lines
        if one.line_no == line.line_no
    ]
    return promise_why(msg("Promise of line {line}"), {"line": line.line_no}, days, line.promised_on)


def _quota(_quote: OrderQuote, line: QuoteLine) -> Why | None:
    if line.quota_left is None:
        return None
    step = Step(msg("The quota of this buyer less what its orders have used of it"), {}, str(line.quota_left))
    return Why(msg("Quota left for line {line}"), {"line": line.line_no}, (step,))


_OF_LINE: Mapping[str, Callable[[OrderQuote, QuoteLine], Why | None]] = {
    "price": _price,
    "amount": _amount,
    "available": _available,
    "promised": _promised,
    "quota": _quota,
}
