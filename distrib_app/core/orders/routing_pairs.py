"""Two sources, every split at once: the cheapest way to share an order between them. Pure and exact.

What one source gives decides what the other one does, so that all splits fit in one array per pair. Whole
kilograms make many splits cost nearly the same, which bounds tell apart only one by one.
"""

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from ..inventory.freight import GRAMS_PER_KG, stairs
from .routing_bounds import Grid
from .routing_rules import Demand, Offer

# splits priced at once; above that the search over boxes is the shorter way
MOST_SPLITS = 50_000

_Ints = NDArray[np.int64]
# (greatest billed weight, amount) of every stair of a tariff in a zone
_Stairs = tuple[_Ints, _Ints]


class Pairs:
    """The pairs among the offers of one order; what a tariff costs is written down once per offer."""

    def __init__(self, demand: Demand) -> None:
        self.demand = demand
        self._stairs: dict[int, _Stairs] = {}

    def cheapest(self, offers: Sequence[Offer], whole: Sequence[int], box: tuple[Grid, Grid]) -> Grid | None:
        """What each of two offers gives of `whole` at the least cost; of equals the first takes less.

        `box` holds the least and the most each can give. None where there are too many splits.
        """
        lows, highs = box[0][0], box[1][0]
        if prod(high - low + 1 for low, high in zip(lows, highs, strict=True)) > MOST_SPLITS:
            return None
        given = np.ix_(
            *(np.arange(low, high + 1, dtype=np.int64) for low, high in zip(lows, highs, strict=True))
        )
        first, second = offers
        costs = self._costs(first, given) + self._costs(
            second, [qty - part for qty, part in zip(whole, given, strict=True)]
        )
        place = np.unravel_index(int(costs.argmin()), costs.shape)
        taken = tuple(low + int(index) for low, index in zip(lows, place, strict=True))
        return taken, tuple(qty - part for qty, part in zip(whole, taken, strict=True))

    def _costs(self, offer: Offer, given: Sequence[_Ints]) -> _Ints:
        """Freight, transfer and fee of the parcels with `given` (one axis per SKU)."""
        demand, tariff = self.demand, offer.source.tariff
        billed = _sum(given, demand.weight_g)
        if tariff.volumetric_divisor is not None:
            volume = _sum(given, demand.volume_cm3)
            billed = np.maximum(billed, -(-volume * GRAMS_PER_KG // tariff.volumetric_divisor))
        weights, amounts = self._stairs_of(offer)
        costs: _Ints = amounts[np.searchsorted(weights, billed)]
        return costs + _sum(given, offer.unit_amounts) if any(offer.unit_amounts) else costs

    def _stairs_of(self, offer: Offer) -> _Stairs:
        found = self._stairs.get(offer.index)
        if found is None:
            rows = stairs(offer.source.tariff, offer.charge, self.demand.measure(self.demand.qty))
            weights, amounts = zip(*rows, strict=True)
            found = self._stairs[offer.index] = np.array(weights), np.array(amounts)
        return found


def _sum(given: Sequence[_Ints], each: Sequence[int]) -> _Ints:
    total: _Ints = np.zeros((1,) * len(given), dtype=np.int64)
    for qty, one in zip(given, each, strict=True):
        total = total + qty * one
    return total
