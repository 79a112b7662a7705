"""Plans of a wave: orders served from what is left, then group after group taken out and served anew.

Large neighbourhood search (Shaw, CP 1998; Pisinger and Ropke, Handbook of Metaheuristics, 2010) with
threshold accepting (Dueck and Scheuer, Journal of Computational Physics 90, 1990). Many disjoint groups are
tried at once on stock of their own – what is left and what they gave back – and all that still fit together
are kept.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .wave_prices import SCALE, WaveTable, choose_sources, units_of

GROUP = 10
# orders tried in one round, and numbers that the groups' own stock may take
ROUND_ORDERS = 1000
ROUND_CELLS = 4_000_000
# passes over all orders until the first threshold is down at zero; each further cycle is twice as long
FIRST_PASSES = 120
# quarters of the stock's price that a group minds when it is served anew
SHARES = np.array((0, 2, 2, 2, 4), dtype=np.int64)
WHOLE_PRICE = 4


class PlanSearch:
    """Who gets what from where (`taken`: sources × lines × orders), what is left, and the best plan seen."""

    def __init__(self, table: WaveTable, seed: int) -> None:
        self.table = table
        self.taken = np.zeros_like(table.cell)
        self.best_taken = self.taken.copy()
        self._left = table.stock.copy()
        self._costs = table.qty.sum(axis=0) * table.backorder_cost
        self.best_cost = self.cost
        self._rng = np.random.default_rng(seed)
        self._prices = np.zeros_like(table.stock)
        self._size = min(GROUP, table.orders)
        room = max(1, ROUND_CELLS // len(table.stock))
        self._count = min(room, max(1, min(table.orders, ROUND_ORDERS) // self._size))
        self._at, self._heat = 0, 0
        self._length = -(-FIRST_PASSES * table.orders // (self._count * self._size))

    @property
    def cost(self) -> int:
        """What all orders cost together."""
        return int(self._costs.sum())

    def build(self, prices: Any, may_go_on: Callable[[], bool]) -> None:
        """Serve the orders with most to lose first, until nobody gets more; stock counts at its price."""
        self._prices = prices
        table = self.table
        gain = np.maximum(0, table.margin[:, None, :] * SCALE - prices[table.cell])
        each = (gain * np.minimum(table.qty, table.stock[table.cell])).sum(axis=1)
        each.sort(axis=0)
        loss = each[-1] - each[-2] if len(each) > 1 else each[-1]
        waiting = np.argsort(-loss, kind="stable")
        step = max(1, min(100, ROUND_CELLS // len(table.stock)))
        while waiting.size:
            before = self.cost
            for start in range(0, len(waiting), step):
                if not may_go_on():
                    self._keep_best()
                    return
                some = waiting[start : start + step]
                self._try(some[:, None], np.full(len(some), WHOLE_PRICE), np.full(len(some), -1))
            waiting = waiting[~self.taken[:, :, waiting].any(axis=(0, 1))]
            if self.cost == before:
                break
        self._heat = self.cost // (2 * table.orders)
        self._keep_best()

    def improve(self, prices: Any) -> None:
        """One round: many groups of orders that want the same stock are served anew, in random order.

        A group may become dearer by a random amount below a threshold, which sinks from half of what an
        order costs to zero, and then starts again for twice as long.
        """
        self._prices = prices
        if self._at == self._length:
            self._at, self._length = 0, 2 * self._length
        ahead = self._length - self._at
        threshold = self._heat * ahead * ahead // (self._length * self._length)
        self._at += 1
        groups = self._draw_groups()
        shares = SHARES[self._rng.integers(0, len(SHARES), size=len(groups))]
        self._try(groups, shares, self._rng.integers(0, threshold + 1, size=len(groups)))
        self._keep_best()

    def _keep_best(self) -> None:
        if self.cost < self.best_cost:
            self.best_cost, self.best_taken = self.cost, self.taken.copy()

    def _draw_groups(self) -> Any:
        """Disjoint groups (groups × size): orders name a cell they use or want, neighbours go together."""
        table, rng = self.table, self._rng
        width, lines, count = table.cell.shape
        near = np.minimum(rng.integers(0, width, size=count), rng.integers(0, width, size=count))
        used = (self.taken.any(axis=1) * rng.integers(1, 1000, size=(width, count))).argmax(axis=0)
        column = np.where(rng.integers(0, 2, size=count) > 0, near, used)
        cell = table.cell[column, rng.integers(0, lines, size=count), np.arange(count)]
        sources = rng.permutation(len(table.stock) // table.skus + 1)
        key = sources[cell // table.skus] * table.skus + rng.permutation(table.skus)[cell % table.skus]
        ranked = np.lexsort((rng.permutation(count), key))
        wanted = self._count * self._size
        start = int(rng.integers(0, count - wanted + 1))
        groups = ranked[start : start + wanted].reshape(self._count, self._size)
        return rng.permuted(groups, axis=1)

    def _try(self, groups: Any, shares: Any, threshold: Any) -> None:
        """Serve each group anew; keep those that change the cost by at most `threshold` and fit together."""
        table = self.table
        count, size = groups.shape
        stock = np.repeat(self._left[None], count, axis=0)
        flat = groups.ravel()
        held = self.taken[:, :, flat]
        where = np.nonzero(held)
        np.add.at(stock, (where[2] // size, table.cell[:, :, flat][where]), held[where])
        served = [self._serve(stock, groups[:, place], shares) for place in range(size)]
        change = np.sum([cost for _, cost in served], axis=0) - self._costs[groups].sum(axis=1)
        willing = np.nonzero(change <= threshold)[0]
        willing = willing[np.argsort(change[willing], kind="stable")]
        # first come, first served: what a group needs beyond its own must be left after those before it
        need = np.maximum(0, self._left - stock[willing])
        kept = willing[(need.cumsum(axis=0) <= self._left).all(axis=1)]
        self._left += (stock[kept] - self._left).sum(axis=0)
        for place, (taken, cost) in enumerate(served):
            orders = groups[kept, place]
            self.taken[:, :, orders] = taken[:, :, kept]
            self._costs[orders] = cost[kept]

    def _serve(self, stock: Any, orders: Any, shares: Any) -> tuple[Any, Any]:
        """Serve one order from each row of `stock`, which shrinks; what they take and what they cost."""
        table = self.table
        every = np.arange(len(orders))
        cells = table.cell[:, :, orders]
        place = cells + every * stock.shape[1]
        qty, margin = table.qty[:, orders], table.margin[:, orders]
        reach = np.minimum(qty, stock.reshape(-1)[place])
        price = self._prices[cells] * shares // WHOLE_PRICE
        gain = np.maximum(0, margin[:, None, :] * SCALE - price)
        fixed = table.fixed_cost * SCALE
        chosen, _, _ = choose_sources(gain, reach, qty, fixed)
        units, source = units_of(gain, reach, qty, chosen)
        taken = np.zeros_like(reach)
        for rank in range(len(chosen)):
            used = chosen[rank] >= 0
            taken[source[rank, used], :, every[used]] = units[rank][:, used].T
        _take_more(gain, reach, qty, fixed, taken)
        is_taken = taken > 0
        stock.reshape(-1)[place[is_taken]] -= taken[is_taken]
        saved = (taken.sum(axis=1) * margin).sum(axis=0)
        shipments = taken.any(axis=1).sum(axis=0)
        return taken, qty.sum(axis=0) * table.backorder_cost - saved + table.fixed_cost * shipments


def _take_more(gain: Any, reach: Any, qty: Any, fixed: int, taken: Any) -> None:
    """Add one source after the other to `taken` while what is missing gains more than its fixed cost."""
    rows = np.nonzero((qty > taken.sum(axis=0)).any(axis=0))[0]
    while rows.size:
        mine = taken[:, :, rows]
        extra = np.minimum(reach[:, :, rows] - mine, qty[:, rows] - mine.sum(axis=0))
        extra[gain[:, :, rows] == 0] = 0
        value = (gain[:, :, rows] * extra).sum(axis=1) - np.where(mine.any(axis=1), 0, fixed)
        top = value.argmax(axis=0)
        place = np.nonzero(value[top, np.arange(len(rows))] > 0)[0]
        rows, top = rows[place], top[place]
        taken[top, :, rows] += extra[top, :, place]
