"""A wave: many open orders against scarce stock, served as cheaply as possible, with a proof of how far off.

cost = unit cost × units + a fixed cost per (order, source) used + a back-order cost × units not served. Lines
may be split over sources. Costs are whole numbers of one unit (minor units, or what the caller counts in).
Method, sources and figures: docs/algorithms/waves.md.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..kernel.errors import InvalidError, msg
from ..kernel.explain import Step
from ..kernel.money import MILLION, divide
from .wave_prices import SCALE, PriceSearch, tabulate
from .wave_search import PlanSearch

# steps of the prices before a plan is built on them, and how many orders are tried anew for one more step
OPENING_STEPS = 60
ORDERS_PER_STEP = 1000
SEED = 1
# sums stay within 64 bits, with room for sets of several sources
MAX_TOTAL = 1 << 58


@dataclass(frozen=True, slots=True)
class WaveOrder:
    """Lines of (SKU, units), the sources that may serve them, and what a unit costs from each of these."""

    lines: tuple[tuple[int, int], ...]
    sources: tuple[int, ...]
    unit_cost: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wave:
    """Orders and the stock they compete for: `stock[source][sku]` in units."""

    stock: tuple[tuple[int, ...], ...]
    orders: tuple[WaveOrder, ...]
    fixed_cost: int
    backorder_cost: int


@dataclass(frozen=True, slots=True)
class Pick:
    """So many units of a line of an order (both by their place) from a source."""

    order: int
    line: int
    source: int
    qty: int


@dataclass(frozen=True, slots=True)
class WaveCost:
    """What picks cost, how many (order, source) pairs they use, and how many units they leave out."""

    cost: int
    shipments: int
    backordered_qty: int


@dataclass(frozen=True, slots=True)
class WavePlan:
    """Picks in the order of the wave, what they cost, the bound no plan can beat, and how it was found.

    `gap_ppm`: how far the cost lies above the bound, in millionths of the bound. `greedy_cost` is what the
    nearest-source greedy costs; `cost` is never above it.
    """

    picks: tuple[Pick, ...]
    cost: int
    bound: int
    gap_ppm: int
    shipments: int
    backordered_qty: int
    greedy_cost: int
    steps: tuple[Step, ...]


# SKU → units of one order
Demand = dict[int, int]
# (order, source, SKU, units)
Grant = tuple[int, int, int, int]


def solve_wave(wave: Wave, *, may_go_on: Callable[[], bool], seed: int = SEED) -> WavePlan:
    """The cheapest plan found until `may_go_on` says no or the plan is proved best.

    `may_go_on` is asked before every round of some milliseconds: the caller keeps the time. The same answers
    give the same plan. If the first answer is no, the plan is the greedy's. Raises `InvalidError` for a wave
    that makes no sense (`check_wave`).
    """
    check_wave(wave)
    demands = [_add_up(order.lines) for order in wave.orders]
    grants = list(_serve_greedily(wave, demands))
    greedy = _cost_of(wave, demands, grants)
    total, bound, rounds = greedy, greedy.cost, 0
    # without stock, or without an order that may take some, there is one plan only
    if any(map(any, wave.stock)) and any(
        demand and order.sources for demand, order in zip(demands, wave.orders, strict=True)
    ):
        bound, found, rounds = _search(wave, demands, greedy.cost, may_go_on, seed)
        found_total = _cost_of(wave, demands, found)
        if found_total.cost < greedy.cost:
            grants, total = found, found_total
    gap_ppm = divide((total.cost - bound) * MILLION, max(bound, 1))
    return WavePlan(
        picks=tuple(_spread(wave, grants)),
        cost=total.cost,
        bound=bound,
        gap_ppm=gap_ppm,
        shipments=total.shipments,
        backordered_qty=total.backordered_qty,
        greedy_cost=greedy.cost,
        steps=_explain(total, greedy.cost, bound, gap_ppm, rounds),
    )


def check_wave(wave: Wave) -> None:
    """Refuse negative or huge numbers, unknown sources and SKUs, a source twice or without a cost."""
    skus = {len(row) for row in wave.stock}
    if len(skus) > 1:
        raise InvalidError(field="stock", reason=str(sorted(skus)))
    known = range(skus.pop() if skus else 0)
    numbers = [wave.fixed_cost, wave.backorder_cost, *(qty for row in wave.stock for qty in row)]
    if min(numbers) < 0:
        raise InvalidError(field="wave", reason=str(min(numbers)))
    for place, order in enumerate(wave.orders):
        if len(order.sources) != len(order.unit_cost) or len(set(order.sources)) != len(order.sources):
            raise InvalidError(field=f"orders[{place}].sources", reason=str(order.sources))
        if not all(0 <= source < len(wave.stock) for source in order.sources):
            raise InvalidError(field=f"orders[{place}].sources", reason=str(order.sources))
        if min(order.unit_cost, default=0) < 0:
            raise InvalidError(field=f"orders[{place}].unit_cost", reason=str(order.unit_cost))
        if not all(sku in known and qty >= 0 for sku, qty in order.lines):
            raise InvalidError(field=f"orders[{place}].lines", reason=str(order.lines))
    units = sum(map(sum, wave.stock)) + sum(qty for order in wave.orders for _, qty in order.lines)
    if (units * wave.backorder_cost + len(wave.orders) * wave.fixed_cost) * SCALE > MAX_TOTAL:
        raise InvalidError(field="wave", reason=f"{units} × {wave.backorder_cost}")


def _add_up(lines: Iterable[tuple[int, int]]) -> Demand:
    """Units per SKU: two lines of one SKU compete for the same stock and are served as one."""
    demand: Demand = {}
    for sku, qty in lines:
        if qty:
            demand[sku] = demand.get(sku, 0) + qty
    return demand


def _serve_greedily(wave: Wave, demands: Sequence[Demand]) -> Iterator[Grant]:
    """The nearest-source greedy: order after order, from the source that has most of what is missing.

    Of sources that have as much, the first named; again and again until none has any of it.
    """
    left = [list(row) for row in wave.stock]
    for place, order in enumerate(wave.orders):
        missing = dict(demands[place])
        while missing:
            offers = [
                sum(min(qty, left[source][sku]) for sku, qty in missing.items()) for source in order.sources
            ]
            if not any(offers):
                break
            source = order.sources[offers.index(max(offers))]
            for sku in list(missing):
                qty = min(missing[sku], left[source][sku])
                if qty:
                    yield place, source, sku, qty
                    left[source][sku] -= qty
                    missing[sku] -= qty
                if not missing[sku]:
                    del missing[sku]


def _search(
    wave: Wave, demands: Sequence[Demand], known_cost: int, may_go_on: Callable[[], bool], seed: int
) -> tuple[int, list[Grant], int]:
    """The bound, the best plan found (perhaps none of it) and the rounds of improvement made."""
    table = tabulate(
        wave.stock,
        [
            (tuple(demand.items()), order.sources, order.unit_cost)
            for demand, order in zip(demands, wave.orders, strict=True)
        ],
        fixed_cost=wave.fixed_cost,
        backorder_cost=wave.backorder_cost,
    )
    prices = PriceSearch(table, known_cost)
    prices.step()
    for _ in range(OPENING_STEPS):
        if prices.is_settled or not may_go_on():
            break
        prices.step()
    plan = PlanSearch(table, seed)
    plan.build(prices.best_prices, may_go_on)
    rounds, pause = 0, -(-2 * table.orders // ORDERS_PER_STEP)
    while min(plan.best_cost, known_cost) > prices.bound and may_go_on():
        plan.improve(prices.best_prices)
        rounds += 1
        if rounds % pause == 0 and not prices.is_settled:
            prices.known_cost = min(plan.best_cost, known_cost)
            prices.step()
    return prices.bound, list(_grants_of(wave, demands, plan.best_taken)), rounds


def _grants_of(wave: Wave, demands: Sequence[Demand], taken: Any) -> Iterator[Grant]:
    """What the arrays say (sources × lines × orders), order by order."""
    by_order = taken.transpose(2, 0, 1)
    places, columns, lines = (index.tolist() for index in by_order.nonzero())
    skus = [tuple(demand) for demand in demands]
    for place, column, line, qty in zip(
        places, columns, lines, by_order[by_order.nonzero()].tolist(), strict=True
    ):
        yield place, wave.orders[place].sources[column], skus[place][line], qty


def _cost_of(wave: Wave, demands: Sequence[Demand], grants: Iterable[Grant]) -> WaveCost:
    cost, served, used = 0, 0, set()
    unit_cost = [dict(zip(order.sources, order.unit_cost, strict=True)) for order in wave.orders]
    for place, source, _, qty in grants:
        cost += unit_cost[place][source] * qty
        served += qty
        used.add((place, source))
    missing = sum(sum(demand.values()) for demand in demands) - served
    return WaveCost(cost + wave.fixed_cost * len(used) + wave.backorder_cost * missing, len(used), missing)


def _spread(wave: Wave, grants: Iterable[Grant]) -> Iterator[Pick]:
    """Grants by line: of lines of one SKU the first is served first."""
    open_qty = [[qty for _, qty in order.lines] for order in wave.orders]
    for place, source, sku, units in grants:
        missing = units
        for line, (wanted, _) in enumerate(wave.orders[place].lines):
            qty = min(missing, open_qty[place][line]) if wanted == sku else 0
            if qty:
                yield Pick(place, line, source, qty)
                open_qty[place][line] -= qty
                missing -= qty


def _explain(total: WaveCost, greedy_cost: int, bound: int, gap_ppm: int, rounds: int) -> tuple[Step, ...]:
    return (
        Step(msg("Nearest-source greedy, order after order"), {}, str(greedy_cost)),
        Step(
            msg("{rounds} rounds: groups of orders served anew on what is left"),
            {"rounds": rounds},
            str(total.cost),
        ),
        Step(msg("No plan costs less: orders alone at the prices of scarce stock"), {}, str(bound)),
        Step(
            msg("{shipments} shipments, {qty} units on back-order, at most {gap} ppm above the best plan"),
            {"shipments": total.shipments, "qty": total.backordered_qty, "gap": gap_ppm},
        ),
    )
