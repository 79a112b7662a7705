"""How an order is split into the parts that its sources serve: pure, to the unit and to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..kernel.money import TaxSplit
from .models import FulfilmentMode, FulfilmentStatus
from .routing import Parcel, RoutePlan
from .rules import split_amounts


@dataclass(frozen=True, slots=True)
class PartLine:
    """A quantity of an order line (by number) in a part, with its share of the line's amounts."""

    line_no: int
    qty: int
    amounts: TaxSplit
    is_reserved: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an order to be: one source (None: nobody has it yet), one parcel."""

    source_code: str | None
    mode: str
    status: str
    lines: tuple[PartLine, ...]
    freight_amount: int = 0
    cost_amount: int = 0
    ready_on: date | None = None
    promised_on: date | None = None
    route: dict[str, Any] = field(default_factory=dict)

    @property
    def amounts(self) -> TaxSplit:
        """What the part is worth."""
        return sum_amounts(line.amounts for line in self.lines)


@dataclass(frozen=True, slots=True)
class SplitLine:
    """A line of the promise: number, quantity, amounts; a service travels with the first part."""

    line_no: int
    qty: int
    amounts: TaxSplit
    is_goods: bool


def sum_amounts(amounts: Any) -> TaxSplit:
    """Amounts added up, column by column."""
    net = tax = gross = 0
    for one in amounts:
        net, tax, gross = net + one.net, tax + one.tax, gross + one.gross
    return TaxSplit(net, tax, gross)


def split_order(lines: Sequence[SplitLine], plan: RoutePlan, *, waiting_mode: str) -> tuple[Part, ...]:
    """The parts of an order as `plan` has them; what is missing waits in a part of its own.

    Every line's amounts are shared out by quantity over its parts (largest remainder, in the order of the
    parts), so that the parts add up to the line and the lines to the order. Services go with the
    first part.
    """
    portions: list[list[tuple[int, int]]] = [list(parcel.lines) for parcel in plan.parcels]
    missing = [(line.line_no, plan.missing[line.line_no]) for line in lines if plan.missing.get(line.line_no)]
    if missing or not portions:
        portions.append(missing)
    services = [(line.line_no, line.qty) for line in lines if not line.is_goods]
    portions[0] = sorted([*portions[0], *services])
    shares = _shares(lines, portions)
    parts = []
    for index, portion in enumerate(portions):
        parcel = plan.parcels[index] if index < len(plan.parcels) else None
        held = tuple(
            PartLine(no, qty, shares[index, no], is_reserved=parcel is not None and (no, qty) not in services)
            for no, qty in portion
        )
        parts.append(_part(parcel, held, waiting_mode, only_services=not plan.parcels and not missing))
    return tuple(parts)


def _shares(
    lines: Sequence[SplitLine], portions: Sequence[Sequence[tuple[int, int]]]
) -> dict[tuple[int, int], TaxSplit]:
    """The amounts of every (part, line)."""
    shares: dict[tuple[int, int], TaxSplit] = {}
    for line in lines:
        held = [
            (index, qty)
            for index, portion in enumerate(portions)
            for no, qty in portion
            if no == line.line_no
        ]
        for (index, _), amounts in zip(
            held, split_amounts(line.amounts, [qty for _, qty in held]), strict=True
        ):
            shares[index, line.line_no] = amounts
    return shares


def _part(
    parcel: Parcel | None,
    lines: tuple[PartLine, ...],
    waiting_mode: str,
    *,
    only_services: bool,
) -> Part:
    if parcel is None:
        status = FulfilmentStatus.ALLOCATED if only_services else FulfilmentStatus.WAITING
        return Part(None, waiting_mode, status, lines)
    is_offered = parcel.mode == FulfilmentMode.PARTNER
    return Part(
        source_code=parcel.source_code,
        mode=parcel.mode,
        status=FulfilmentStatus.OFFERED if is_offered else FulfilmentStatus.ALLOCATED,
        lines=lines,
        freight_amount=parcel.freight.amount,
        cost_amount=parcel.cost,
        ready_on=parcel.ready_on,
        promised_on=parcel.arrives_on,
    )


def frozen_route(plan: RoutePlan) -> dict[str, Any]:
    """A plan as JSON, kept in the parts it led to: steps, what was rejected and why, cost against time."""
    return {
        "cost": plan.cost,
        "steps": [step.frozen() for step in plan.steps],
        "rejected": [
            {
                "source": one.source_code,
                "line_no": one.line_no,
                "reason": one.reason,
                "facts": dict(one.facts),
            }
            for one in plan.rejected
        ],
        "front": [
            {"cost": point.cost, "arrives_on": point.arrives_on.isoformat(), "parcels": len(point.parcels)}
            for point in plan.front
        ],
    }
