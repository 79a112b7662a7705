"""Why the numbers of an order are what they are: pure, from the order as its record shows it.

A number is named `gross` or, where there are several of its kind, `amount:2` (line 2), `cost:SO-1-1`
(a part), `refund:RT-1` (a return). Every list of steps ends in the number as it is shown.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..kernel.errors import msg
from ..kernel.explain import Step, Why
from ..kernel.money import Money, TaxSplit
from ..pricing import price_text
from .control_tower import delay_days
from .detail import OrderDetail, OrderLineRow
from .part_detail import PartRow
from .rules import AMOUNT_OF_FEE, TIMES_GROSS, TIMES_NET

RECORDED = msg("As the document was recorded")
NO_DAY = "–"


@dataclass(frozen=True, slots=True)
class PartShare:
    """How much of an order line a part holds, by part and line number; `fee_amount` is its owner's."""

    part_number: str
    line_no: int
    reserved_qty: int
    shipped_qty: int
    returned_qty: int
    fee_amount: int


@dataclass(frozen=True, slots=True)
class Refunded:
    """A line of a return: what came back of it, and what that refunded (minor units)."""

    return_number: str
    sku_code: str
    qty: int
    gross_amount: int


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """What the numbers of an order rest on; `today` is the network's business day."""

    order: OrderDetail
    shares: Sequence[PartShare]
    refunds: Sequence[Refunded]
    today: date

    def text(self, amount: int) -> str:
        """An amount of the order as a step states it."""
        return str(Money(self.order.currency, amount))


def why_of_order(figures: OrderFigures, key: str) -> Why | None:
    """Why the number named `key` is what it is; None where the order shows no such number."""
    name, _, subject = key.partition(":")
    order = figures.order
    if not subject:
        return _OF_ORDER[name](figures) if name in _OF_ORDER else None
    line = next((one for one in order.lines if str(one.line_no) == subject), None)
    if line is not None and name in _OF_LINE:
        return _OF_LINE[name](figures, line)
    part = next((one for one in order.parts if one.number == subject), None)
    if part is not None and name in _OF_PART:
        return _OF_PART[name](figures, part)
    if name == "refund" and any(row.number == subject for row in order.returns):
        return _refund(figures, subject)
    return None


def price_why(line_no: int, steps: Sequence[Step], unit_price: Decimal, tax_ppm: int, currency: str) -> Why:
    """How the unit price of a line, tax included, came about; `steps` are those of its amounts too."""
    shown = f"{price_text(unit_price)} {currency}"
    found = list(_before_amounts(steps)) or [Step(RECORDED, {}, shown)]
    if found[-1].result != shown:
        rate = f"{Decimal(tax_ppm).scaleb(-4).normalize():f} %"
        found.append(Step(msg("With tax of {rate}"), {"rate": rate}, shown))
    return Why(msg("Price of line {line}"), {"line": line_no}, tuple(found))


def amount_why(line_no: int, steps: Sequence[Step], gross: int, currency: str) -> Why:
    """How the amount of a line, tax included, came about."""
    shown = str(Money(currency, gross))
    amounts = list(steps[len(_before_amounts(steps)) :])
    if amounts and amounts[0].text == TIMES_GROSS:  # the tax inside changes nothing of what is paid
        amounts = amounts[:1]
    if not amounts or amounts[-1].result != shown:
        amounts = [Step(RECORDED, {}, shown)]
    return Why(msg("Amount of line {line}"), {"line": line_no}, (*_before_amounts(steps)[-1:], *amounts))


def total_why(name: str, lines: Iterable[tuple[int, str, int, TaxSplit]], total: int, currency: str) -> Why:
    """How `net`, `tax` or `gross` of an order adds up; lines are number, SKU code, quantity, amounts."""
    text = {
        "net": msg("Net amount of the order"),
        "tax": msg("Tax of the order"),
        "gross": msg("Total of the order"),
    }[name]
    steps = [
        Step(
            msg("Line {line}: {sku} × {qty}"),
            {"line": no, "sku": sku, "qty": qty},
            str(Money(currency, getattr(amounts, name))),
        )
        for no, sku, qty, amounts in lines
    ]
    return Why(text, {}, (*steps, Step(msg("Sum of the lines"), {}, str(Money(currency, total)))))


def promise_why(
    text: str, facts: Mapping[str, Any], days: Sequence[tuple[Step, date | None]], promised: date | None
) -> Why:
    """Which part of something arrives when: the last day counts, and none while one has none."""
    steps = [
        Step(step.text, step.facts, day.isoformat() if day is not None else NO_DAY) for step, day in days
    ]
    if promised is None:
        steps.append(Step(msg("Part of it has no day yet"), {}, NO_DAY))
    elif days:
        steps.append(Step(msg("The last of them counts"), {}, promised.isoformat()))
    else:
        steps.append(Step(RECORDED, {}, promised.isoformat()))
    return Why(text, facts, tuple(steps))


def _before_amounts(steps: Sequence[Step]) -> Sequence[Step]:
    """The steps that led to the unit price."""
    ends = next((at for at, step in enumerate(steps) if step.text in (TIMES_GROSS, TIMES_NET)), len(steps))
    return steps[:ends]


def _total(name: str) -> Callable[[OrderFigures], Why]:
    def why(figures: OrderFigures) -> Why:
        order = figures.order
        lines = ((line.line_no, line.sku_code, line.qty, line.amounts) for line in order.lines)
        return total_why(name, lines, getattr(order.amounts, name), order.currency)

    return why


def _promised(figures: OrderFigures) -> Why:
    order = figures.order
    days = [(Step(msg("Part {part}"), {"part": part.number}), part.promised_on) for part in order.parts]
    return promise_why(msg("Promise of the order"), {}, days, order.promised_on)


def _late(figures: OrderFigures) -> Why:
    order, today = figures.order, figures.today
    promised = order.promised_on.isoformat() if order.promised_on is not None else NO_DAY
    days = delay_days(order.promised_on, today)
    steps = (
        Step(msg("Promised"), {}, promised),
        Step(msg("Today"), {}, today.isoformat()),
        Step(msg("Days since then"), {}, str(days)),
    )
    return Why(msg("Days late"), {}, steps)


def _line_price(figures: OrderFigures, line: OrderLineRow) -> Why:
    steps = [Step.thawed(step) for step in line.steps]
    return price_why(line.line_no, steps, line.unit_price, line.tax_ppm, figures.order.currency)


def _line_amount(figures: OrderFigures, line: OrderLineRow) -> Why:
    steps = [Step.thawed(step) for step in line.steps]
    return amount_why(line.line_no, steps, line.amounts.gross, figures.order.currency)


def _line_promise(figures: OrderFigures, line: OrderLineRow) -> Why:
    days = [
        (Step(msg("Part {part}"), {"part": part.number}), part.promised_on)
        for part in figures.order.parts
        if any(one.line_no == line.line_no for one in part.lines)
    ]
    return promise_why(msg("Promise of line {line}"), {"line": line.line_no}, days, line.promised_on)


def _line_ordered(figures: OrderFigures, line: OrderLineRow) -> Why:
    served = [
        (part.number, one.qty)
        for part in figures.order.parts
        for one in part.lines
        if one.line_no == line.line_no
    ]
    steps = [Step(msg("Part {part}"), {"part": part}, str(qty)) for part, qty in served]
    ordered = Step(msg("What the buyer ordered"), {}, str(line.qty))
    return Why(msg("Ordered in line {line}"), {"line": line.line_no}, (*steps, ordered))


def _line_qty(name: str, text: str) -> Callable[[OrderFigures, OrderLineRow], Why]:
    def why(figures: OrderFigures, line: OrderLineRow) -> Why:
        mine = [one for one in figures.shares if one.line_no == line.line_no]
        steps = [Step(msg("Part {part}"), {"part": one.part_number}, str(getattr(one, name))) for one in mine]
        total = Step(msg("Sum of the parts"), {}, str(getattr(line, name)))
        return Why(text, {"line": line.line_no}, (*steps, total))

    return why


def _part_amount(figures: OrderFigures, part: PartRow) -> Why | None:
    if part.gross_amount is None:
        return None
    steps = [
        Step(
            msg("Line {line}: {sku} × {qty}"),
            {"line": line.line_no, "sku": line.sku_code, "qty": line.qty},
            figures.text(line.gross_amount or 0),
        )
        for line in part.lines
    ]
    total = Step(msg("Sum of the lines"), {}, figures.text(part.gross_amount))
    return Why(msg("Amount of part {part}"), {"part": part.number}, (*steps, total))


def _part_promise(_figures: OrderFigures, part: PartRow) -> Why:
    ready = Step(msg("Ready to leave")), part.ready_on
    arrives = Step(msg("Arrives by carrier, calendar and lane")), part.promised_on
    days = [one for one in (ready, arrives) if one[1] is not None]
    return promise_why(msg("Promise of part {part}"), {"part": part.number}, days, part.promised_on)


def _part_cost(figures: OrderFigures, part: PartRow) -> Why | None:
    """The step of the route that this part came from, then its cost."""
    if part.cost_amount is None:
        return None
    shown = figures.text(part.cost_amount)
    route = [Step.thawed(step) for step in (part.route or {}).get("steps", ())]
    mine = [step for step in route if step.facts.get("source") == part.location_code]
    total = Step(msg("Freight, handling, transfer and fee of this parcel"), {}, shown)
    return Why(msg("Cost of serving part {part}"), {"part": part.number}, (*mine, total))


def _part_fee(figures: OrderFigures, part: PartRow) -> Why | None:
    if part.fee_amount is None:
        return None
    route = [Step.thawed(step) for step in (part.route or {}).get("steps", ())]
    agreed = [step for step in route if step.text == AMOUNT_OF_FEE]
    mine = [one for one in figures.shares if one.part_number == part.number and one.fee_amount]
    kept = agreed or [
        Step(msg("Line {line}"), {"line": one.line_no}, figures.text(one.fee_amount)) for one in mine
    ]
    total = Step(msg("Sum of the lines"), {}, figures.text(part.fee_amount))
    return Why(msg("Fee of the owner of part {part}"), {"part": part.number}, (*kept, total))


def _refund(figures: OrderFigures, number: str) -> Why:
    mine = [one for one in figures.refunds if one.return_number == number]
    steps = [
        Step(
            msg("{sku} × {qty} came back"),
            {"sku": one.sku_code, "qty": one.qty},
            figures.text(one.gross_amount),
        )
        for one in mine
    ]
    total = Step(msg("Sum of the lines"), {}, figures.text(sum(one.gross_amount for one in mine)))
    return Why(msg("Refund of {number}"), {"number": number}, (*steps, total))


_OF_ORDER: Mapping[str, Callable[[OrderFigures], Why]] = {
    "net": _total("net"),
    "tax": _total("tax"),
    "gross": _total("gross"),
    "promised": _promised,
    "late": _late,
}
_OF_LINE: Mapping[str, Callable[[OrderFigures, OrderLineRow], Why]] = {
    "price": _line_price,
    "amount": _line_amount,
    "promised": _line_promise,
    "qty": _line_ordered,
    "reserved": _line_qty("reserved_qty", msg("Reserved of line {line}")),
    "shipped": _line_qty("shipped_qty", msg("Shipped of line {line}")),
    "returned": _line_qty("returned_qty", msg("Returned of line {line}")),
}
_OF_PART: Mapping[str, Callable[[OrderFigures, PartRow], Why | None]] = {
    "amount": _part_amount,
    "promised": _part_promise,
    "cost": _part_cost,
    "fee": _part_fee,
}
