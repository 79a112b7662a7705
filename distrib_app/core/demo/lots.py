"""The demo's goods that are kept by lot: which lots lie where, and which leave first.

The same rule as `inventory.fefo`: first expired first among lots with enough life left, inside a lot the
oldest layers first.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from .catalogue import SkuPlan


@dataclass(frozen=True, slots=True)
class LotPlan:
    """A lot as it will be written."""

    id: int
    sku_id: int
    code: str
    made_on: date
    expires_on: date


@dataclass(slots=True)
class LotBook:
    """All lots of the demo: one per SKU and day of making."""

    next_id: int
    lots: dict[tuple[int, date], LotPlan] = field(default_factory=dict)

    def find(self, sku: SkuPlan, made_on: date) -> LotPlan:
        """The lot of a SKU made on a day."""
        key = (sku.id, made_on)
        if key not in self.lots:
            expires_on = made_on + timedelta(days=sku.category.shelf_days)
            self.lots[key] = LotPlan(self.next_id, sku.id, f"L{made_on:%y%m%d}", made_on, expires_on)
            self.next_id += 1
        return self.lots[key]


# Lot, origin day, net unit cost in millionths, quantity.
LotLayer = tuple[LotPlan, date, int, int]


class LotShelf:
    """What lies at one place, first expired first."""

    __slots__ = ("_layers", "_serial")

    def __init__(self) -> None:
        self._layers: list[tuple[date, date, int, LotPlan, int, int]] = []
        self._serial = 0

    def put(self, lot: LotPlan, origin_on: date, cost: int, qty: int) -> None:
        """A layer of a lot comes in."""
        self._serial += 1
        insort(self._layers, (lot.expires_on, origin_on, self._serial, lot, cost, qty))

    def take(self, qty: int, good_until: date) -> list[LotLayer]:
        """`qty` units leave: of lots good until that day or longer, of others only what those lack."""
        taken: list[LotLayer] = []
        for is_fit in (True, False):
            for layer in list(self._good(good_until) if is_fit else self._layers):
                if not qty:
                    return taken
                expires_on, origin_on, serial, lot, cost, size = layer
                part = min(qty, size)
                taken.append((lot, origin_on, cost, part))
                qty -= part
                self._layers.remove(layer)
                if size > part:
                    insort(self._layers, (expires_on, origin_on, serial, lot, cost, size - part))
        return taken

    def _good(self, until: date) -> Iterator[tuple[date, date, int, LotPlan, int, int]]:
        return (layer for layer in self._layers if layer[0] >= until)
