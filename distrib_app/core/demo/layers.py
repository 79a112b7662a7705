"""What lies at one place under FIFO while the demo's history runs: which receipts the next units are of.

The same rule as `inventory.rules.derive_layers`: on hand are the newest receipts by origin day, so what
leaves is the oldest. Kept incrementally, because history has hundreds of thousands of movements.
"""

from bisect import insort
from datetime import date

# Origin day, net unit cost in millionths, quantity.
Layer = tuple[date, int, int]


class Layers:
    """Receipts of a place, oldest first, and how many of their units have left."""

    __slots__ = ("_gone", "_index", "_passed", "_receipts", "_serial")

    def __init__(self) -> None:
        self._receipts: list[tuple[date, int, int, int]] = []
        self._serial = 0
        self._gone = 0
        self._index = 0  # the receipt the last unit that left was of
        self._passed = 0  # units in the receipts before it

    def put(self, origin_on: date, cost: int, qty: int) -> None:
        """A receipt comes in."""
        self._serial += 1
        receipt = (origin_on, self._serial, cost, qty)
        if self._receipts and receipt < self._receipts[-1]:
            insort(self._receipts, receipt)
            self._index = self._passed = 0
        else:
            self._receipts.append(receipt)

    def take(self, qty: int) -> list[Layer]:
        """`qty` units leave; the layers they were of, oldest first."""
        taken: list[Layer] = []
        first, last = self._gone, self._gone + qty
        while first < last:
            origin_on, _, cost, size = self._receipts[self._index]
            end = self._passed + size
            if end <= first:
                self._index, self._passed = self._index + 1, end
                continue
            part = min(last, end) - first
            taken.append((origin_on, cost, part))
            first += part
        self._gone = last
        return taken

    def undo(self, origin_on: date, cost: int, qty: int) -> None:
        """Units of a receipt go back to the supplier: the receipt is smaller than it was."""
        for position in range(len(self._receipts) - 1, -1, -1):
            day, serial, unit_cost, size = self._receipts[position]
            if (day, unit_cost) == (origin_on, cost):
                part = min(size, qty)
                self._receipts[position] = (day, serial, unit_cost, size - part)
                qty -= part
                if not qty:
                    break
        self._index = self._passed = 0


def slice_oldest(layers: list[Layer], qty: int) -> list[Layer]:
    """The first `qty` units of `layers`: which of the shipped units come back first."""
    parts: list[Layer] = []
    for origin_on, cost, size in layers:
        if qty <= 0:
            break
        parts.append((origin_on, cost, min(size, qty)))
        qty -= size
    return parts
