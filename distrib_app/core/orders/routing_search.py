"""The cheapest way to serve an order from several sources, over all splits in whole units. Pure and exact.

Plans of one parcel first; if a bound cannot rule out a split, a branch and bound over the sets of sources
and, for a set, over boxes of quantities. Why no cheaper plan can be missed stands in
docs/algorithms/routing.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush
from operator import ge, mul

from ..inventory.tariff_lines import LINE_SCALE
from .routing_bounds import (
    Floor,
    Grid,
    draw_line,
    is_bulky,
    is_split_ruled_out,
    set_floor,
    tighten,
    unit_line,
    whole_qty,
)
from .routing_pairs import Pairs
from .routing_programme import solve_programme
from .routing_rules import Demand, Offer, RouteTerms

# sets and boxes looked at before an integer programme takes over
BUDGET = 2000
# what decides between plans: cost, parcels, arrival, sources in the order of their codes
Rank = tuple[int, int, date, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan in figures: its rank, the offers it uses, and what each gives of each SKU. Lateness left out."""

    rank: Rank
    offers: tuple[Offer, ...]
    taken: Grid

    @property
    def cost(self) -> int:
        """Freight, handling, transfer and fee of all parcels, and the split penalty."""
        return self.rank[0]

    @property
    def arrives_on(self) -> date:
        """The arrival of the latest parcel."""
        return self.rank[2]


def most_served(demand: Demand, offers: Sequence[Offer], limit: int) -> int:
    """The most units that at most `limit` of the offers can serve together."""
    whole = sum(whole_qty(demand, offers))
    if len(offers) <= limit or any(sum(offer.caps) == whole for offer in offers):
        return whole if limit > 0 else 0
    ranked = sorted(offers, key=lambda offer: (-sum(offer.caps), offer.index))
    best = 0

    def visit(position: int, chosen: list[Offer]) -> None:
        nonlocal best
        served = sum(whole_qty(demand, chosen))
        best = max(best, served)
        rest = ranked[position : position + limit - len(chosen)]
        # what an offer adds is at most what it has
        if best == whole or not rest or served + sum(sum(offer.caps) for offer in rest) <= best:
            return
        visit(position + 1, [*chosen, ranked[position]])
        visit(position + 1, chosen)

    visit(0, [])
    return best


def cheapest(
    demand: Demand, floors: Sequence[Floor], terms: RouteTerms, target: int, budget: int = BUDGET
) -> Choice | None:
    """The plan of the lowest rank that serves `target` units, the most there are; None where none does.

    `floors` are those of the offers at hand, in the order of their index. Where the search would look at
    more than `budget` sets and boxes, an integer programme finds the least cost and number of parcels.
    """
    whole = whole_qty(demand, [floor.offer for floor in floors])
    if sum(whole) < target:
        return None
    search = _Search(demand, floors, terms, target)
    if sum(whole) == target:
        search.try_singles(whole)
    best = search.best
    if best is not None:
        # a plan costs whole minor units: above one less than the best is as much as the best
        limit = LINE_SCALE * (best.cost - 1) + 1
        if is_split_ruled_out(floors, whole, terms.split_amount, terms.max_parcels, limit):
            return best
    search.run(budget)
    return search.best


class _Search:
    """One search; `best` is the plan of the lowest rank found so far."""

    def __init__(self, demand: Demand, floors: Sequence[Floor], terms: RouteTerms, target: int) -> None:
        self.demand = demand
        self.terms = terms
        self.target = target
        self.floors = floors
        self.best: Choice | None = None
        self.pairs = Pairs(demand)
        self.looked = 0
        self.sets: list[tuple[int, tuple[Floor, ...]]] = []

    def try_singles(self, whole: tuple[int, ...]) -> None:
        """Look at every plan of one parcel, exactly."""
        measures = self.demand.measure(whole)
        for floor in self.floors:
            offer = floor.offer
            if all(map(ge, offer.caps, whole)):
                rank = (offer.cost_of(measures, whole), 1, offer.source.arrives_on, (offer.index,))
                if self.best is None or rank < self.best.rank:
                    self.best = Choice(rank, (offer,), (whole,))

    def run(self, budget: int) -> None:
        """Search all plans; beyond the budget by an integer programme, if its answer holds exactly."""
        ranked = sorted(self.floors, key=lambda floor: (floor.opening, floor.offer.index))
        if self._visit(ranked, (), budget) and self._search_boxes(budget):
            return
        offers = [floor.offer for floor in self.floors]
        answer = solve_programme(self.demand, offers, self.terms, self.target)
        self._offer(self.floors, answer.taken)
        if self.best is None or self.best.rank[:2] != (answer.cost, answer.parcels):
            # the programme counts in floating point; where that fails it, the search goes on to its end
            self.sets.clear()
            self._visit(ranked, (), 1 << 62)
            self._search_boxes(1 << 62)

    def _visit(self, rest: Sequence[Floor], chosen: tuple[Floor, ...], budget: int) -> bool:
        """Keep the sets of sources that may hold the best plan, each priced once; False beyond the budget."""
        self.looked += 1
        if self.looked > budget:
            return False
        if len(chosen) >= self.terms.max_parcels:
            rest = ()
        both = [floor.offer for floor in (*chosen, *rest)]
        whole = whole_qty(self.demand, both)
        spare = sum(whole) - self.target
        if not both or spare < 0:
            return True
        # where fewer than all of these units are served, only what any plan must serve counts
        least = [max(0, qty - spare) for qty in whole]
        bound = -(-set_floor(chosen, rest, least, self.terms.split_amount) // LINE_SCALE)
        if self._is_beaten(bound, chosen):
            return True
        if rest:
            return self._visit(rest[1:], (*chosen, rest[0]), budget) and self._visit(rest[1:], chosen, budget)
        ordered = tuple(sorted(chosen, key=lambda floor: floor.offer.index))
        looked, _ = self._look(ordered, whole, *self._box(ordered, whole))
        self.sets.append((max(bound, looked), ordered))
        return True

    def _box(self, chosen: Sequence[Floor], whole: Sequence[int]) -> tuple[Grid, Grid]:
        """The least and the most each parcel can hold of each SKU."""
        box = tighten(whole, [(0,) * len(whole)] * len(chosen), [floor.offer.caps for floor in chosen])
        assert box is not None  # `whole` is what they serve together
        return box

    def _search_boxes(self, budget: int) -> bool:
        """Best bound first over boxes of quantities of the kept sets; False beyond the budget.

        A box is halved along the parcel whose line lies farthest below what the parcel really costs, in
        the SKU that spans the most weight there.
        """
        boxes = []
        for number, (bound, chosen) in enumerate(sorted(self.sets, key=lambda one: (len(one[1]), one[0]))):
            whole = whole_qty(self.demand, [floor.offer for floor in chosen])
            if not self._try_pair(bound, chosen, whole):
                boxes.append((bound, number, chosen, whole, self._box(chosen, whole)))
        boxes.sort()
        numbers = len(self.sets)
        while boxes:
            bound, _, chosen, whole, (lows, highs) = heappop(boxes)
            if self._cannot_win(bound, chosen):
                continue
            self.looked += 1
            if self.looked > budget:
                return False
            bound, parcel = self._look(chosen, whole, lows, highs)
            if self._cannot_win(bound, chosen):
                continue
            for half in self._halves(whole, lows, highs, parcel):
                numbers += 1
                heappush(boxes, (bound, numbers, chosen, whole, half))
        return True

    def _try_pair(self, bound: int, chosen: Sequence[Floor], whole: Sequence[int]) -> bool:
        """Settle a set of two sources by looking at all its splits; False where that is not possible."""
        if len(chosen) != 2:
            return False
        if self._cannot_win(bound, chosen):
            return True
        offers = [floor.offer for floor in chosen]
        taken = self.pairs.cheapest(offers, whole, self._box(chosen, whole))
        if taken is None:
            return False
        self._offer(chosen, taken)
        return True

    def _look(
        self, chosen: Sequence[Floor], whole: Sequence[int], lows: Grid, highs: Grid
    ) -> tuple[int, int]:
        """Offer the plans of a box that its lines favour: (its bound, parcel farthest above its line).

        Units are priced by what the whole order is billed by, then, if the box may still win, by what each
        parcel is; the higher bound holds.
        """
        offers = [floor.offer for floor in chosen]
        lines = [draw_line(self.demand, *box) for box in zip(offers, lows, highs, strict=True)]
        as_order = [is_bulky(self.demand, offer, whole, whole) for offer in offers]
        found = self._look_along(chosen, whole, (lows, highs), lines, as_order)
        if self._cannot_win(found[0], chosen):
            return found
        as_parcel = [is_bulky(self.demand, *box) for box in zip(offers, lows, highs, strict=True)]
        if as_parcel == as_order:
            return found
        return max(found, self._look_along(chosen, whole, (lows, highs), lines, as_parcel))

    def _look_along(
        self,
        chosen: Sequence[Floor],
        whole: Sequence[int],
        box: tuple[Grid, Grid],
        lines: Sequence[tuple[int, int]],
        bulky: Sequence[bool],
    ) -> tuple[int, int]:
        lows, highs = box
        units = [
            unit_line(self.demand, floor.offer, slope, by_volume=by_volume)
            for floor, (_, slope), by_volume in zip(chosen, lines, bulky, strict=True)
        ]
        columns = map(
            _fill, whole, zip(*units, strict=True), zip(*lows, strict=True), zip(*highs, strict=True)
        )
        taken = tuple(zip(*columns, strict=True))
        costs = self._offer(chosen, taken)
        total, farthest, parcel = LINE_SCALE * self.terms.split_amount * (len(chosen) - 1), -1, 0
        for index, (opening, _) in enumerate(lines):
            value = opening + sum(map(mul, units[index], taken[index]))
            total += value
            gap = LINE_SCALE * costs[index] - value
            if gap > farthest and lows[index] != highs[index]:
                farthest, parcel = gap, index
        return -(-total // LINE_SCALE), parcel

    def _halves(self, whole: Sequence[int], lows: Grid, highs: Grid, parcel: int) -> list[tuple[Grid, Grid]]:
        """The two halves of a box; none where it is a single plan."""
        spans = [
            (high - low) * max(1, weight)
            for low, high, weight in zip(lows[parcel], highs[parcel], self.demand.weight_g, strict=True)
        ]
        k = spans.index(max(spans))
        if not spans[k]:
            return []
        middle = (lows[parcel][k] + highs[parcel][k]) // 2
        halves = (
            tighten(whole, lows, _with(highs, parcel, k, middle)),
            tighten(whole, _with(lows, parcel, k, middle + 1), highs),
        )
        return [half for half in halves if half is not None]

    def _is_beaten(self, bound: int, chosen: Sequence[Floor]) -> bool:
        """Whether no plan that costs `bound` or more and uses all of `chosen` can rank before the best."""
        if self.best is None:
            return False
        arrives = max((floor.offer.source.arrives_on for floor in chosen), default=date.min)
        return (bound, max(1, len(chosen)), arrives) > self.best.rank[:3]

    def _cannot_win(self, bound: int, chosen: Sequence[Floor]) -> bool:
        """Whether no plan from exactly `chosen` that costs `bound` or more ranks before the best."""
        return self.best is not None and _rank(bound, [floor.offer for floor in chosen]) >= self.best.rank

    def _offer(self, chosen: Sequence[Floor], taken: Grid) -> list[int]:
        """Price a plan exactly (a parcel without goods is none) and keep it if it ranks before the best.

        Returns what a parcel of each source would cost, also of one without goods.
        """
        costs = [floor.offer.parcel_cost(self.demand, row) for floor, row in zip(chosen, taken, strict=True)]
        used = [index for index, row in enumerate(taken) if any(row)]
        cost = sum(costs[index] for index in used) + self.terms.split_amount * (len(used) - 1)
        if self.best is None or cost <= self.best.cost:
            offers = tuple(chosen[index].offer for index in used)
            rank = _rank(cost, offers)
            if self.best is None or rank < self.best.rank:
                self.best = Choice(rank, offers, tuple(taken[index] for index in used))
        return costs


def _rank(cost: int, offers: Sequence[Offer]) -> Rank:
    arrives = max(offer.source.arrives_on for offer in offers)
    return (cost, len(offers), arrives, tuple(offer.index for offer in offers))


def _fill(qty: int, units: Sequence[int], lows: Sequence[int], highs: Sequence[int]) -> list[int]:
    """Lay `qty` over places between their bounds, what is above the lower ones where a unit is cheapest."""
    parts = list(lows)
    qty -= sum(parts)
    for index in sorted(range(len(parts)), key=lambda place: (units[place], place)):
        more = min(qty, highs[index] - parts[index])
        parts[index] += more
        qty -= more
    return parts


def _with(grid: Grid, parcel: int, k: int, qty: int) -> Grid:
    row = grid[parcel]
    return (*grid[:parcel], (*row[:k], qty, *row[k + 1 :]), *grid[parcel + 1 :])
