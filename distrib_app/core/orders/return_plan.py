"""What comes back of an order: out of which parts, and what it gives back of every transfer behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from ..journal import JournalLeg
from ..kernel.access import unscoped
from ..kernel.db import row_id
from ..kernel.errors import InvalidError
from ..kernel.money import TaxSplit, micros_to_minor
from .errors import ReturnQuantityError
from .models import FulfilmentLine, SalesOrder
from .rules import refund
from .work import OrderWork, PartWork


@dataclass(frozen=True, slots=True)
class ReturnedPart:
    """A quantity of an order line that comes back out of one part, with what it refunds.

    `second` is the purchase (or buy-back) behind the sale, `second_refund` what of it is undone (positive).
    `undone_before_qty` is how much of the SKU had left with the part and was undone before.
    """

    line_no: int
    part: PartWork
    line: FulfilmentLine
    qty: int
    refund: TaxSplit
    origin: JournalLeg
    second: JournalLeg | None
    second_refund: TaxSplit | None
    undone_before_qty: int


def sum_wanted(lines: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Quantities per line number, each at least 1. Raises `InvalidError` for others and for none."""
    wanted: dict[int, int] = {}
    for line_no, qty in lines:
        if qty < 1:
            raise InvalidError(field="qty", reason=str(qty))
        wanted[line_no] = wanted.get(line_no, 0) + qty
    if not wanted:
        raise InvalidError(field="lines", reason="empty")
    return dict(sorted(wanted.items()))


def sold_legs(session: Session, order: SalesOrder) -> dict[int, JournalLeg]:
    """The legs of an order's shipments by id."""
    with unscoped(session, "a return carries its origin's parties and paths"):
        legs = session.exec(select(JournalLeg).where(JournalLeg.order_id == row_id(order))).all()
    return {row_id(leg): leg for leg in legs}


def plan_return(
    work: OrderWork, wanted: Mapping[int, int], legs: Mapping[int, JournalLeg]
) -> list[ReturnedPart]:
    """What comes back per line, out of the parts that left first.

    Raises `InvalidError` for a line that is none, `ReturnQuantityError`.
    """
    known = {line.line_no: line for line in work.lines}
    backs: list[ReturnedPart] = []
    for line_no, qty in wanted.items():
        if line_no not in known:
            raise InvalidError(field="line_no", reason=str(line_no))
        out = [
            (part, line)
            for part in work.parts
            for line in part.lines
            if line.line_no == line_no and returnable_qty(line)
        ]
        returnable = sum(returnable_qty(line) for _, line in out)
        if qty > returnable:
            sku = work.skus[known[line_no].sku_id]
            raise ReturnQuantityError(line=line_no, sku=sku.code, wanted=qty, returnable=returnable)
        left = qty
        for part, line in out:
            taken = min(left, returnable_qty(line))
            left -= taken
            if taken:
                backs.append(give_back(len(backs) + 1, part, line, taken, legs))
    return backs


def returnable_qty(line: FulfilmentLine) -> int:
    """What of a line is out at the buyer's: neither returned yet nor missing in the delivery."""
    return line.shipped_qty - line.returned_qty - line.missing_qty


def give_back(
    position: int, part: PartWork, line: FulfilmentLine, qty: int, legs: Mapping[int, JournalLeg]
) -> ReturnedPart:
    """`qty` more pieces of a line undone, with what that refunds of every transfer behind it."""
    assert line.leg_id is not None  # what left has been booked
    origin = legs[line.leg_id]
    second = legs[line.supply_leg_id] if line.supply_leg_id is not None else None
    amounts, known = sold(line, origin, part.part.currency)
    second_refund = None
    if second is not None:
        second_refund = refund(_amounts(second, part.part.currency), **known, returning=qty)
    return ReturnedPart(
        position,
        part,
        line,
        qty,
        refund(amounts, **known, returning=qty),
        origin,
        second,
        second_refund,
        sum(_undone(one, legs) for one in part.lines if one.sku_id == line.sku_id),
    )


def _undone(line: FulfilmentLine, legs: Mapping[int, JournalLeg]) -> int:
    """Pieces of a line that left with it and came back, or were sent again in another part."""
    assert line.leg_id is not None  # what left has been booked
    return abs(legs[line.leg_id].qty) - line.qty + line.returned_qty


def sold(line: FulfilmentLine, origin: JournalLeg, currency: str) -> tuple[TaxSplit, dict[str, int]]:
    """What a line was sold for, how many pieces, and how many of them were undone already.

    Pieces that were sent again in another part left the line; in the sale they count as undone, so that the
    refunds of all pieces add up to the sale.
    """
    return _amounts(origin, currency), {
        "qty": abs(origin.qty),
        "returned_before": _undone(line, {row_id(origin): origin}),
    }


def _amounts(leg: JournalLeg, currency: str) -> TaxSplit:
    gross, tax = (micros_to_minor(abs(value), currency) for value in (leg.amount, leg.tax_amount))
    return TaxSplit(gross - tax, tax, gross)
