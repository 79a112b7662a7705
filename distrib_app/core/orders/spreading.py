"""How a line lies over locations: one order line per location, amounts shared out by quantity.

A line is reserved whole or not at all; what is missing of a back-ordered SKU is a line of its own.
"""

from collections.abc import Sequence

from ..catalog import Sku, SkuKind
from ..inventory import Reservation
from ..kernel.db import row_id
from ..kernel.errors import msg
from ..kernel.explain import Step
from ..kernel.money import TaxSplit
from .models import OrderLine, SalesOrder
from .quoting import QuoteLine
from .rules import split_amounts
from .work import amounts_of

# A part of a line: at which location, how much, how much of it is reserved.
Part = tuple[int | None, int, int]


def reserved_parts(sku_id: int, reservation: Reservation) -> list[Part]:
    """How a SKU is reserved: a part per location, then what is missing."""
    parts: list[Part] = [
        (placement.location_id, placement.qty, placement.qty)
        for placement in reservation.placements
        if placement.sku_id == sku_id
    ]
    missing = reservation.missing.get(sku_id, 0)
    return [*parts, (None, missing, 0)] if missing else parts


def spread_line(line: QuoteLine, sku: Sku, reservation: Reservation) -> list[tuple[Part, TaxSplit]]:
    """The parts a quoted line is kept as, each with its share of the amounts; a service is one part."""
    parts: list[Part] = [(None, line.qty, 0)]
    if sku.kind == SkuKind.GOODS:
        parts = reserved_parts(row_id(sku), reservation)
    return list(zip(parts, split_amounts(line.amounts, [qty for _, qty, _ in parts]), strict=True))


def order_line(
    order: SalesOrder, *, line_no: int, line: QuoteLine, sku: Sku, part: Part, amounts: TaxSplit
) -> OrderLine:
    """The order line of one part, with the frozen price steps and, if shared out, a step that says so."""
    assert line.unit_price is not None  # a line without a price is refused
    location_id, qty, reserved = part
    steps = list(line.steps)
    if qty != line.qty:
        text = msg("Part of a line of {qty}, shared out by quantity")
        steps.append(Step(text, {"qty": line.qty}, f"{qty}"))
    return OrderLine(
        order_id=row_id(order),
        line_no=line_no,
        sku_id=row_id(sku),
        qty=qty,
        unit_price=line.unit_price,
        tax_ppm=line.tax_ppm,
        net_amount=amounts.net,
        tax_amount=amounts.tax,
        gross_amount=amounts.gross,
        location_id=location_id,
        reserved_qty=reserved,
        steps=[step.frozen() for step in steps],
    )


def take_parts(parts: list[Part], qty: int) -> list[Part]:
    """The next `qty` units of `parts`, which shrinks."""
    taken: list[Part] = []
    while qty:
        location_id, size, reserved = parts.pop(0)
        part = min(qty, size)
        taken.append((location_id, part, part if reserved else 0))
        if part < size:
            parts.insert(0, (location_id, size - part, size - part if reserved else 0))
        qty -= part
    return taken


def split_line(line: OrderLine, parts: Sequence[Part]) -> list[OrderLine]:
    """Put a line's first part on the line itself; return new lines (not numbered yet) for the others."""
    split = split_amounts(amounts_of(line), [qty for _, qty, _ in parts])
    whole, steps = line.qty, line.steps or []
    if len(parts) > 1:
        text = msg("Part of a line of {qty}, shared out by quantity")
        steps = [*steps, Step(text, {"qty": whole}).frozen()]
    extras = []
    for index, ((location_id, qty, reserved), amounts) in enumerate(zip(parts, split, strict=True)):
        target = line
        if index:
            target = OrderLine(
                order_id=line.order_id,
                line_no=0,
                sku_id=line.sku_id,
                qty=qty,
                unit_price=line.unit_price,
                tax_ppm=line.tax_ppm,
            )
            extras.append(target)
        target.qty, target.location_id, target.reserved_qty = qty, location_id, reserved
        target.net_amount, target.tax_amount, target.gross_amount = amounts.net, amounts.tax, amounts.gross
        target.steps = steps
    return extras
