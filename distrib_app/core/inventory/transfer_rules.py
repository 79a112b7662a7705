"""Pure rules of transfers: what the units are worth between two owners, and how long one took."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ..kernel.errors import msg
from ..kernel.explain import Step
from ..kernel.money import (
    Money,
    TaxSplit,
    divide,
    line_amount,
    micros_to_minor,
    minor_to_micros,
    split_gross,
    split_net,
)
from ..workbench import Calendar
from .rules import Layer


@dataclass(frozen=True, slots=True)
class TransferPrice:
    """What one unit is sold for between the owners: with tax inside (`is_gross`) or without."""

    unit_price: Decimal
    is_gross: bool
    tax_ppm: int
    currency: str

    def amounts(self, qty: int) -> TaxSplit:
        """Quantity × price in minor units, rounded once; tax inside or on top. Nothing costs nothing."""
        amount = line_amount(qty, self.unit_price, self.currency)
        return split_gross(amount, self.tax_ppm) if self.is_gross else split_net(amount, self.tax_ppm)

    def explain(self, qty: int) -> Step:
        """How the amount of a quantity came about."""
        text = msg("{qty} × {price}, tax included") if self.is_gross else msg("{qty} × {price}, without tax")
        price = f"{self.unit_price.normalize():f}"
        return Step(text, {"qty": qty, "price": price}, str(Money(self.currency, self.amounts(qty).gross)))

    def unit_cost_micros(self, qty: int) -> int:
        """The net cost of one of `qty` bought units in millionths, rounded once."""
        return divide(minor_to_micros(self.amounts(qty).net, self.currency), qty)


@dataclass(frozen=True, slots=True)
class OriginCost:
    """What units had cost their owner: the sum in millionths of those known, and how many are not."""

    known_micros: int = 0
    unknown_qty: int = 0

    def plus(self, layers: Iterable[Layer]) -> "OriginCost":
        """With further units."""
        micros, unknown = self.known_micros, self.unknown_qty
        for layer in layers:
            if layer.unit_cost_micros is None:
                unknown += layer.qty
            else:
                micros += layer.qty * layer.unit_cost_micros
        return OriginCost(micros, unknown)

    def amounts(self, qty: int, price: TransferPrice) -> TaxSplit:
        """What `qty` units are credited at: their net cost, tax on top.

        Units of unknown cost are worth what is paid for them now, so that nobody gains by not knowing.
        """
        guess = divide(price.amounts(qty).net * self.unknown_qty, qty) if qty else 0
        return split_net(micros_to_minor(self.known_micros, price.currency) + guess, price.tax_ppm)


@dataclass(frozen=True, slots=True)
class CycleTime:
    """How long a transfer took from its request to the last unit received, in seconds.

    `working_seconds` count the hours people work.
    """

    calendar_seconds: int
    working_seconds: int


def cycle_time(requested_at: datetime, received_at: datetime, calendar: Calendar) -> CycleTime:
    """Request → received, by the clock and by the working calendar."""
    elapsed = received_at - requested_at
    return CycleTime(
        elapsed.days * 86_400 + elapsed.seconds, calendar.business_seconds(requested_at, received_at)
    )


def median(values: Sequence[int]) -> int | None:
    """The middle of whole numbers; of an even count the mean of the two in the middle, rounded once."""
    if not values:
        return None
    ordered = sorted(values)
    upper = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[upper]
    return divide(ordered[upper - 1] + ordered[upper], 2)
