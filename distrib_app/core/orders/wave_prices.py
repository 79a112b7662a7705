"""Prices of scarce stock, and the lower bound on a wave's cost that they prove.

Lagrangian relaxation: let orders pay a price for each unit of a (source, SKU) cell instead of obeying its
limit. Each order then chooses its sources alone, and the sum of the best choices, less what the stock is
worth at these prices, is a cost no plan can go below (Fisher, Management Science 27, 1981). Subgradient steps
with a deflected direction (Camerini, Fratta and Maffioli, Mathematical Programming Study 3, 1975) raise it.

All numbers are integers: prices are `SCALE`ths of a unit of cost, so the bound is proved without rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

SCALE = 256
# among more possible sources than this an order's choice is exact for two at once, or one, instead of three
TRIPLES_UP_TO = 16
PAIRS_UP_TO = 48
# the length of a step in THETA_ONEths of the gap; shortened after so many steps without a better bound
THETA_ONE = 1024
THETA_START = 1536
PATIENCE = 6
# how much of the last direction goes on, in MOMENTUM_ONEths
MOMENTUM, MOMENTUM_ONE = 10, 16


@dataclass(frozen=True, slots=True)
class WaveTable:
    """A wave as integer arrays of sources × lines × orders; what an order lacks is filled up with nothing.

    `cell` numbers (source, SKU); the last cell is nobody's and empty. `qty` is lines × orders, `margin` what
    a unit saves against back-ordering it: sources × orders, never negative.
    """

    stock: Any
    skus: int
    cell: Any
    qty: Any
    margin: Any
    fixed_cost: int
    backorder_cost: int

    @property
    def orders(self) -> int:
        """How many orders there are."""
        return int(self.qty.shape[1])


def tabulate(
    stock: Sequence[Sequence[int]],
    orders: Sequence[tuple[Sequence[tuple[int, int]], Sequence[int], Sequence[int]]],
    *,
    fixed_cost: int,
    backorder_cost: int,
) -> WaveTable:
    """Arrays of a wave: per order its (SKU, quantity) lines, its sources and their unit costs."""
    skus = len(stock[0]) if stock else 0
    nothing = len(stock) * skus
    shape = (max(len(sources) for _, sources, _ in orders), max(len(lines) for lines, _, _ in orders))
    cell = np.full((len(orders), *shape), nothing, dtype=np.int64)
    qty = np.zeros((len(orders), shape[1]), dtype=np.int64)
    margin = np.zeros((len(orders), shape[0]), dtype=np.int64)
    for row, (lines, sources, costs) in enumerate(orders):
        if not lines:
            continue
        wanted, amounts = np.array(lines, dtype=np.int64).T
        first = np.array(sources, dtype=np.int64)[:, None] * skus
        cell[row, : len(sources), : len(lines)] = first + wanted
        qty[row, : len(lines)] = amounts
        margin[row, : len(sources)] = np.maximum(0, backorder_cost - np.array(costs, dtype=np.int64))
    return WaveTable(
        stock=np.append(np.array(stock, dtype=np.int64).ravel(), 0),
        skus=skus,
        cell=np.ascontiguousarray(np.moveaxis(cell, 0, -1)),
        qty=np.ascontiguousarray(qty.T),
        margin=np.ascontiguousarray(margin.T),
        fixed_cost=fixed_cost,
        backorder_cost=backorder_cost,
    )


@lru_cache(maxsize=64)
def _groups(width: int) -> tuple[Any, Any, Any]:
    """Pairs (2 × n) and triples (3 × n) of sources, and for each triple its pairs ab, ac, bc (3 × n)."""
    pairs = list(combinations(range(width if width <= PAIRS_UP_TO else 0), 2))
    triples = list(combinations(range(width if width <= TRIPLES_UP_TO else 0), 3))
    place = {pair: index for index, pair in enumerate(pairs)}
    inner = [(place[a, b], place[a, c], place[b, c]) for a, b, c in triples]
    return (
        np.array(pairs, dtype=np.int64).reshape(-1, 2).T,
        np.array(triples, dtype=np.int64).reshape(-1, 3).T,
        np.array(inner, dtype=np.int64).reshape(-1, 3).T,
    )


def fill_lines(gain: Any, reach: Any, qty: Any) -> Any:
    """Units each of few sources (first axis) gives, the most gainful first, none without a gain."""
    reach = np.where(gain > 0, reach, 0)
    taken = np.empty_like(reach)
    for mine in range(len(gain)):
        before = np.zeros_like(qty)
        for other in range(len(gain)):
            if other != mine:
                is_before = gain[other] >= gain[mine] if other < mine else gain[other] > gain[mine]
                before = before + np.where(is_before, reach[other], 0)
        taken[mine] = np.clip(qty - before, 0, reach[mine])
    return taken


def choose_sources(gain: Any, reach: Any, qty: Any, fixed: int) -> tuple[Any, Any, Any]:
    """For each order the best set of at most `most_together` sources and what it gains after fixed costs.

    `gain` (per unit, not negative) and `reach` (units it could give, at most `qty`) are sources × lines ×
    orders, `qty` is lines × orders. Returns the sources (3 × orders, −1: none), the gain, and a limit that no
    set can gain more than, fixed costs not counted. What sources gain together is a submodular function of
    the set – a third source never adds more to two than to one of them – so few triples need computing.
    """
    width, _, count = gain.shape
    pairs, _, _ = _groups(width)
    every = np.arange(count)
    best, chosen = np.zeros(count, dtype=np.int64), np.full((3, count), -1, dtype=np.int64)
    each = gain * reach
    single = each.sum(axis=1)
    top = single.argmax(axis=0)
    value = single[top, every] - fixed
    better = value > best
    best[better], chosen[0, better] = value[better], top[better]
    limit = np.minimum(qty * gain.max(axis=0), each.sum(axis=0)).sum(axis=0)
    rest = np.nonzero(limit - 2 * fixed > best)[0]
    if not pairs.size or not rest.size:
        return chosen, best, limit
    both = _pair_gains(gain[:, :, rest], reach[:, :, rest], qty[:, rest], single[:, rest])
    top = both.argmax(axis=0)
    value = both[top, np.arange(len(rest))] - 2 * fixed
    better = value > best[rest]
    best[rest[better]], chosen[:2, rest[better]] = value[better], pairs[:, top[better]]
    third = np.nonzero(limit[rest] - 3 * fixed > best[rest])[0]
    if third.size:
        _try_triples(gain, reach, qty, fixed, rest[third], single, both[:, third], best, chosen)
    return chosen, best, limit


def most_together(width: int) -> int:
    """How many sources at once are weighed exactly when an order may choose among `width`."""
    return 1 if width > PAIRS_UP_TO else 2 if width > TRIPLES_UP_TO else 3


def _pair_gains(gain: Any, reach: Any, qty: Any, single: Any) -> Any:
    """What two sources gain together: both, less the lesser gain on what they have too much."""
    return np.concatenate(
        [
            single[one]
            + single[one + 1 :]
            - (
                np.minimum(gain[one], gain[one + 1 :]) * np.maximum(0, reach[one] + reach[one + 1 :] - qty)
            ).sum(axis=1)
            for one in range(len(gain) - 1)
        ]
    )


def _try_triples(
    gain: Any, reach: Any, qty: Any, fixed: int, rows: Any, single: Any, both: Any, best: Any, chosen: Any
) -> None:
    """Put triples into `best` and `chosen` where they gain more; `both` are the pairs of orders `rows`."""
    _, triples, (ab, ac, bc) = _groups(len(gain))
    if not triples.size:
        return
    a, b, c = single[:, rows][triples]
    limit = np.minimum(both[ab] + both[ac] - a, both[ab] + both[bc] - b)
    np.minimum(limit, both[ac] + both[bc] - c, out=limit)
    which, place = np.nonzero(limit - 3 * fixed > best[rows])
    if not which.size:
        return
    orders, sources = rows[place], triples[:, which]
    # advanced indices around a slice come first: sources × found × lines
    some_gain = gain[sources, :, orders].transpose(0, 2, 1)
    taken = fill_lines(some_gain, reach[sources, :, orders].transpose(0, 2, 1), qty[:, orders])
    value = (taken * some_gain).sum(axis=(0, 1)) - 3 * fixed
    ranked = np.lexsort((value, orders))
    is_last = np.append(orders[ranked][1:] != orders[ranked][:-1], True)
    tops = ranked[is_last]
    tops = tops[value[tops] > best[orders[tops]]]
    best[orders[tops]], chosen[:, orders[tops]] = value[tops], sources[:, tops]


def units_of(gain: Any, reach: Any, qty: Any, chosen: Any) -> tuple[Any, Any]:
    """Units taken of the chosen sources (3 × lines × orders), and the sources with 0 instead of −1."""
    place = np.maximum(chosen, 0)
    every = np.arange(qty.shape[1])
    some_gain = gain[place, :, every].transpose(0, 2, 1) * (chosen >= 0)[:, None, :]
    return fill_lines(some_gain, reach[place, :, every].transpose(0, 2, 1), qty), place


def _gain_of_all(gain: Any, reach: Any, qty: Any) -> Any:
    """What all sources gain together, nothing paid for using them."""
    ranked = np.argsort(-gain, axis=0)
    given = np.minimum(np.take_along_axis(reach, ranked, axis=0).cumsum(axis=0), qty)
    units = np.diff(given, axis=0, prepend=0)
    return (units * np.take_along_axis(gain, ranked, axis=0)).sum(axis=(0, 1))


class PriceSearch:
    """Prices that rise where orders want more than there is, and the best bound proved so far."""

    def __init__(self, table: WaveTable, known_cost: int) -> None:
        self.table = table
        self.known_cost = known_cost
        self.best_prices = np.zeros_like(table.stock)
        self._prices = np.zeros_like(table.stock)
        self._direction = np.zeros_like(table.stock)
        self._proved = 0
        self._theta, self._stale = THETA_START, 0
        self._reach = np.minimum(table.qty, table.stock[table.cell])
        self.is_settled = False

    @property
    def bound(self) -> int:
        """No plan costs less: the proved sum, rounded up to whole units of cost."""
        return -(-self._proved // SCALE)

    def step(self) -> None:
        """Let all orders choose at the current prices, keep the bound if better, move the prices."""
        value, usage = self._choose()
        if value > self._proved:
            self._proved, self.best_prices, self._stale = value, self._prices, 0
        else:
            self._stale += 1
            if self._stale == PATIENCE:
                self._theta, self._stale = self._theta * 7 // 10, 0
        slope = usage - self.table.stock
        is_free = self._prices == 0
        slope[is_free & (slope < 0)] = 0
        self._direction = MOMENTUM_ONE * slope + self._direction * MOMENTUM // MOMENTUM_ONE
        self._direction[is_free & (self._direction < 0)] = 0
        norm = int((self._direction**2).sum())
        if norm == 0 or self._theta == 0 or self.bound >= self.known_cost:
            self.is_settled = True
            return
        # a first plan may be far off: no target further than a sixteenth above what is proved
        target = min(self.known_cost * SCALE, self._proved + (self._proved >> 4))
        gap = max(target - value, SCALE)
        step, per = self._theta * gap * MOMENTUM_ONE, THETA_ONE * norm
        excess = max(0, step.bit_length() - 24)  # the product with a direction stays within 64 bits
        moved = self._prices + self._direction * (step >> excess) // max(1, per >> excess)
        self._prices = np.clip(moved, 0, self.table.backorder_cost * SCALE)

    def _choose(self) -> tuple[int, Any]:
        """The relaxed cost (in SCALEths) and how many units of each cell the orders would take."""
        table, fixed = self.table, self.table.fixed_cost * SCALE
        gain = np.maximum(0, table.margin[:, None, :] * SCALE - self._prices[table.cell])
        chosen, best, limit = choose_sources(gain, self._reach, table.qty, fixed)
        extra = (most_together(len(gain)) + 1) * fixed
        # a larger set might gain more: assume that it gives all that all sources could
        rows = np.nonzero(limit - extra > best)[0]
        if rows.size:
            at_most = _gain_of_all(gain[:, :, rows], self._reach[:, :, rows], table.qty[:, rows]) - extra
            best[rows] = np.maximum(best[rows], at_most)
        units, place = units_of(gain, self._reach, table.qty, chosen)
        cells = table.cell[place, :, np.arange(table.orders)].transpose(0, 2, 1)
        usage = np.zeros_like(table.stock)
        np.add.at(usage, cells.ravel(), units.ravel())
        whole = int(table.qty.sum()) * table.backorder_cost * SCALE
        return whole - int(best.sum()) - int((self._prices * table.stock).sum()), usage
