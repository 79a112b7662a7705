"""Waves: against brute force on tiny ones, against an independent recount and greedy on larger ones."""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import count, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.settings import get_settings
from distrib_app.core.orders.wave_prices import choose_sources, most_together
from distrib_app.core.orders.waves import Wave, WaveOrder, WavePlan, solve_wave

Stock = tuple[tuple[int, ...], ...]


def for_steps(steps: int) -> Callable[[], bool]:
    """May go on so many times, then never again."""
    asked = count()
    return lambda: next(asked) < steps


def never() -> bool:
    return False


def recount(wave: Wave, plan: WavePlan) -> tuple[int, int, int]:
    """Cost, shipments and units left out, unit by unit; fails where stock, lines or sources forbid a pick."""
    left = [list(row) for row in wave.stock]
    open_qty = [[qty for _, qty in order.lines] for order in wave.orders]
    cost, used = 0, set()
    for pick in plan.picks:
        order = wave.orders[pick.order]
        assert pick.qty > 0
        for _ in range(pick.qty):
            left[pick.source][order.lines[pick.line][0]] -= 1
            open_qty[pick.order][pick.line] -= 1
            cost += order.unit_cost[order.sources.index(pick.source)]
        used.add((pick.order, pick.source))
    assert all(qty >= 0 for row in left for qty in row)
    assert all(qty >= 0 for row in open_qty for qty in row)
    missing = sum(map(sum, open_qty))
    return cost + wave.fixed_cost * len(used) + wave.backorder_cost * missing, len(used), missing


def check(wave: Wave, plan: WavePlan) -> None:
    """A plan is what it says, never dearer than the greedy, never below its bound."""
    assert (plan.cost, plan.shipments, plan.backordered_qty) == recount(wave, plan)
    assert plan.bound <= plan.cost <= plan.greedy_cost
    assert plan.gap_ppm * max(plan.bound, 1) == pytest.approx(
        (plan.cost - plan.bound) * 10**6, abs=plan.bound + 1
    )


def cheapest(wave: Wave) -> int:
    """The cost of the best plan: every way to share every line, orders one after the other."""

    @cache
    def rest(place: int, stock: Stock) -> int:
        if place == len(wave.orders):
            return 0
        order = wave.orders[place]
        costs = []
        ways = [_shares(qty, len(order.sources)) for _, qty in order.lines]
        for shares in product(*ways):
            left = [list(row) for row in stock]
            cost, used = 0, set()
            for (sku, qty), share in zip(order.lines, shares, strict=True):
                cost += (qty - sum(share)) * wave.backorder_cost
                for column, units in enumerate(share):
                    left[order.sources[column]][sku] -= units
                    cost += units * order.unit_cost[column]
                    used |= {column} if units else set()
            if min(map(min, left)) >= 0:
                cost += len(used) * wave.fixed_cost
                costs.append(cost + rest(place + 1, tuple(map(tuple, left))))
        return min(costs)

    return rest(0, wave.stock)


def _shares(qty: int, sources: int) -> list[tuple[int, ...]]:
    return [share for share in product(range(qty + 1), repeat=sources) if sum(share) <= qty]


def greedy_cost(wave: Wave) -> int:
    """The nearest-source greedy, counted with counters of (source, SKU)."""
    stock = Counter(
        {(source, sku): qty for source, row in enumerate(wave.stock) for sku, qty in enumerate(row)}
    )
    cost = 0
    for order in wave.orders:
        wanted: Counter[int] = Counter()
        for sku, qty in order.lines:
            wanted[sku] += qty
        while True:
            offers = [
                (wanted & Counter({sku: stock[source, sku] for sku in wanted}), -place, source)
                for place, source in enumerate(order.sources)
            ]
            offer, place, source = max(
                offers, key=lambda item: (item[0].total(), item[1]), default=(Counter(), 0, 0)
            )
            if not offer:
                break
            cost += wave.fixed_cost + offer.total() * order.unit_cost[-place]
            wanted -= offer
            stock -= Counter({(source, sku): qty for sku, qty in offer.items()})
        cost += wanted.total() * wave.backorder_cost
    return cost


@st.composite
def waves(draw: st.DrawFn, *, orders: int, skus: int, sources: int, units: int) -> Wave:
    """Random waves, stock scarce; a SKU may stand on two lines of an order, a line may ask for nothing."""
    places = st.lists(st.integers(0, sources - 1), unique=True, min_size=sources // 2, max_size=sources)
    line = st.tuples(st.integers(0, skus - 1), st.integers(0, units).map(lambda qty: units - qty))
    found = []
    for _ in range(draw(st.integers(orders // 2, orders))):
        names = draw(places)
        costs = draw(st.lists(st.integers(0, 30), min_size=len(names), max_size=len(names)))
        found.append(
            WaveOrder(tuple(draw(st.lists(line, min_size=1, max_size=2))), tuple(names), tuple(costs))
        )
    row = st.lists(st.sampled_from(range(units, -1, -1)), min_size=skus, max_size=skus).map(tuple)
    stock = draw(st.lists(row, min_size=sources, max_size=sources))
    return Wave(tuple(stock), tuple(found), draw(st.integers(0, 40)), 60 - draw(st.integers(0, 60)))


def town(orders: int, *, seed: int = 5, sources: int = 12, skus: int = 8, stock: int = 9) -> Wave:
    """A wave of some size: three lines each, six sources each, about as much stock as is wanted."""
    rng = np.random.default_rng(seed)

    def one() -> WaveOrder:
        names = rng.permutation(sources)[:6].tolist()
        costs = np.sort(rng.integers(0, 40, size=6)).tolist()
        lines = zip(rng.permutation(skus)[:3].tolist(), rng.integers(1, 8, size=3).tolist(), strict=True)
        return WaveOrder(tuple(lines), tuple(names), tuple(costs))

    rows = rng.integers(0, stock, size=(sources, skus)).tolist()
    return Wave(tuple(map(tuple, rows)), tuple(one() for _ in range(orders)), 120, 400)


# two sources, one SKU, five units in the near one: who gets them decides
SCARCE = Wave(
    stock=((5,), (9,)),
    orders=(WaveOrder(((0, 3),), (0, 1), (1, 2)), WaveOrder(((0, 5),), (0, 1), (1, 9))),
    fixed_cost=10,
    backorder_cost=50,
)


def test_worked_example() -> None:
    plan = solve_wave(SCARCE, may_go_on=for_steps(200))
    check(SCARCE, plan)
    # greedy: 3 + 10, then 5 × 9 + 10 from afar; best: 3 × 2 + 10 and 5 × 1 + 10
    assert (plan.greedy_cost, plan.cost, plan.bound, plan.gap_ppm) == (68, 31, 31, 0)
    assert {(pick.order, pick.source, pick.qty) for pick in plan.picks} == {(0, 1, 3), (1, 0, 5)}
    assert [step.result for step in plan.steps] == ["68", "31", "31", ""]
    assert plan.steps[3].facts == {"shipments": 2, "qty": 0, "gap": 0}


def test_a_line_is_split_where_no_source_has_enough() -> None:
    wave = Wave(((2,), (3,), (1,)), (WaveOrder(((0, 6),), (0, 1, 2), (1, 2, 3)),), 4, 50)
    plan = solve_wave(wave, may_go_on=for_steps(100))
    check(wave, plan)
    assert (plan.cost, plan.shipments, plan.backordered_qty) == (2 + 6 + 3 + 12, 3, 0)


def test_what_nobody_has_is_back_ordered() -> None:
    wave = Wave(((5, 0), (9, 0)), (WaveOrder(((1, 4), (0, 2)), (0, 1), (3, 1)),), 10, 50)
    plan = solve_wave(wave, may_go_on=for_steps(100))
    check(wave, plan)
    assert [(pick.line, pick.source, pick.qty) for pick in plan.picks] == [(1, 1, 2)]
    assert (plan.cost, plan.bound, plan.backordered_qty) == (200 + 2 + 10, 212, 4)


def test_a_shipment_dearer_than_waiting_is_not_made() -> None:
    wave = Wave(((1,),), (WaveOrder(((0, 1),), (0,), (0,)),), 60, 50)
    plan = solve_wave(wave, may_go_on=for_steps(100))
    assert (plan.cost, plan.greedy_cost, plan.picks) == (50, 60, ())


@pytest.mark.parametrize(
    "wave",
    [
        Wave((), (), 10, 50),
        Wave(((3, 4),), (), 10, 50),
        Wave((), (WaveOrder((), (), ()),), 10, 50),
        Wave(((3,),), (WaveOrder((), (0,), (1,)),), 10, 50),
        Wave(((3,),), (WaveOrder(((0, 0),), (0,), (1,)),), 10, 50),
    ],
)
def test_nothing_to_serve(wave: Wave) -> None:
    plan = solve_wave(wave, may_go_on=for_steps(100))
    assert (plan.picks, plan.cost, plan.bound, plan.gap_ppm) == ((), 0, 0, 0)


@pytest.mark.parametrize(
    "wave",
    [
        Wave(((0,),), (WaveOrder(((0, 3),), (0,), (1,)),), 10, 50),
        Wave(((9,),), (WaveOrder(((0, 3),), (), ()),), 10, 50),
    ],
)
def test_all_is_back_ordered_without_stock_or_source(wave: Wave) -> None:
    plan = solve_wave(wave, may_go_on=for_steps(100))
    assert (plan.picks, plan.cost, plan.bound, plan.backordered_qty) == ((), 150, 150, 3)


@settings(max_examples=60, deadline=None)
@given(waves(orders=3, skus=2, sources=2, units=3))
def test_bound_best_plan_and_plan_stand_in_this_order(wave: Wave) -> None:
    plan = solve_wave(wave, may_go_on=for_steps(40))
    check(wave, plan)
    assert plan.bound <= cheapest(wave) <= plan.cost


def test_tiny_waves_are_mostly_solved_best() -> None:
    tiny = [town(3, seed=seed, sources=6, skus=3, stock=4) for seed in range(6)]
    small = [
        replace(
            wave,
            orders=tuple(
                WaveOrder(
                    tuple((sku, 1 + qty % 2) for sku, qty in order.lines[:2]),
                    order.sources[:3],
                    order.unit_cost[:3],
                )
                for order in wave.orders
            ),
        )
        for wave in tiny
    ]
    plans = [solve_wave(wave, may_go_on=for_steps(110)) for wave in small]
    best = [cheapest(wave) for wave in small]
    assert all(plan.bound <= cost <= plan.cost for plan, cost in zip(plans, best, strict=True))
    assert sum(plan.cost == cost for plan, cost in zip(plans, best, strict=True)) >= 5


@settings(max_examples=50, deadline=None)
@given(waves(orders=12, skus=4, sources=5, units=9))
def test_every_plan_is_feasible(wave: Wave) -> None:
    plan = solve_wave(wave, may_go_on=for_steps(12))
    check(wave, plan)
    assert plan.greedy_cost == greedy_cost(wave)


@pytest.mark.parametrize("sources", [20, 60])
def test_orders_of_many_sources(sources: int) -> None:
    rng = np.random.default_rng(3)
    lines = tuple((sku, 6) for sku in range(4))
    costs = [tuple(rng.integers(0, 30, size=sources).tolist()) for _ in range(8)]
    stock = tuple(map(tuple, rng.integers(0, 4, size=(sources, 4)).tolist()))
    wave = Wave(stock, tuple(WaveOrder(lines, tuple(range(sources)), cost) for cost in costs), 20, 400)
    plan = solve_wave(wave, may_go_on=for_steps(120))
    check(wave, plan)
    assert plan.cost < plan.greedy_cost
    assert most_together(sources) == (2 if sources == 20 else 1)


def test_three_sources_are_chosen_exactly() -> None:
    rng = np.random.default_rng(11)
    width, lines, orders, fixed = 6, 3, 200, 90
    qty = rng.integers(1, 9, size=(lines, orders))
    gain = rng.integers(0, 60, size=(width, lines, orders))
    reach = np.minimum(rng.integers(0, 9, size=(width, lines, orders)), qty)
    chosen, value, limit = choose_sources(gain, reach, qty, fixed)

    def gain_of(order: int, sources: tuple[int, ...]) -> int:
        total = -fixed * len(sources)
        for line in range(lines):
            units = sorted(
                int(gain[one, line, order]) for one in sources for _ in range(reach[one, line, order])
            )
            total += sum(units[::-1][: qty[line, order]])
        return total

    sets = [one for size in range(4) for one in _sets(width, size)]
    sizes = Counter()
    for order in range(orders):
        best = max(gain_of(order, one) for one in sets)
        mine = tuple(int(one) for one in chosen[:, order] if one >= 0)
        assert value[order] == best == gain_of(order, mine)
        assert limit[order] >= gain_of(order, tuple(range(width))) + width * fixed
        sizes[len(mine)] += 1
    assert set(sizes) == {1, 2, 3}


def _sets(width: int, size: int) -> Iterator[tuple[int, ...]]:
    return (one for one in product(range(width), repeat=size) if list(one) == sorted(set(one)))


def test_stops_at_once_with_the_greedy() -> None:
    wave = town(60)
    plan = solve_wave(wave, may_go_on=never)
    check(wave, plan)
    assert plan.cost == plan.greedy_cost == greedy_cost(wave)
    assert plan.bound > 0


def test_the_same_steps_give_the_same_plan_and_more_steps_no_worse_one() -> None:
    wave = town(80)
    plans = [solve_wave(wave, may_go_on=for_steps(steps)) for steps in (30, 90, 90, 200)]
    assert plans[1] == plans[2]
    costs, bounds = [plan.cost for plan in plans], [plan.bound for plan in plans]
    assert costs == sorted(costs, reverse=True) and bounds == sorted(bounds)
    assert plans[3].cost < plans[3].greedy_cost
    for plan in plans:
        check(wave, plan)
    assert check(wave, solve_wave(wave, may_go_on=for_steps(90), seed=2)) is None


def test_is_asked_before_every_round() -> None:
    asked: list[int] = []

    def ask() -> bool:
        asked.append(1)
        return len(asked) < 100

    solve_wave(town(80), may_go_on=ask)
    assert len(asked) == 100  # a no is final


ORDER = WaveOrder(((0, 3),), (0,), (1,))


@pytest.mark.parametrize(
    ("wave", "field"),
    [
        (Wave(((1,), (1, 2)), (), 1, 1), "stock"),
        (Wave(((-1,),), (), 1, 1), "wave"),
        (Wave(((1,),), (), -1, 1), "wave"),
        (Wave(((1,),), (), 1, -1), "wave"),
        (Wave(((1,),), (replace(ORDER, sources=(1,)),), 1, 1), "orders[0].sources"),
        (Wave(((1,),), (replace(ORDER, sources=(0, 0), unit_cost=(1, 1)),), 1, 1), "orders[0].sources"),
        (Wave(((1,),), (ORDER, replace(ORDER, unit_cost=())), 1, 1), "orders[1].sources"),
        (Wave(((1,),), (replace(ORDER, unit_cost=(-1,)),), 1, 1), "orders[0].unit_cost"),
        (Wave(((1,),), (replace(ORDER, lines=((1, 1),)),), 1, 1), "orders[0].lines"),
        (Wave(((1,),), (replace(ORDER, lines=((0, -1),)),), 1, 1), "orders[0].lines"),
        (Wave(((1,),), (ORDER,), 1, 1 << 50), "wave"),
    ],
)
def test_a_wave_that_makes_no_sense_is_refused(wave: Wave, field: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        solve_wave(wave, may_go_on=never)
    assert refusal.value.facts["field"] == field


def shared_wave(name: str) -> Wave:
    """A wave of the shared data folder."""
    path = Path(get_settings().shared_data) / "waves" / f"{name}.json.gz"
    if not path.exists():
        pytest.skip(f"{path} is absent (SHARED_DATA)")
    raw = json.loads(gzip.decompress(path.read_bytes()))
    orders = (
        WaveOrder(tuple(map(tuple, one["lines"])), tuple(one["sources"]), tuple(one["unit_cost"]))
        for one in raw["orders"]
    )
    return Wave(
        tuple(map(tuple, raw["stock"])),
        tuple(orders),
        raw["fixed_cost_per_shipment"],
        raw["backorder_cost_per_unit"],
    )


def test_a_thousand_orders() -> None:
    wave = shared_wave("wave_1000")
    plan = solve_wave(wave, may_go_on=for_steps(180))
    check(wave, plan)
    assert plan.greedy_cost == greedy_cost(wave) == 457_256
    assert plan.cost < 385_000
    assert 340_000 < plan.bound <= 346_200


def test_ten_thousand_orders() -> None:
    wave = shared_wave("wave_10000")
    plan = solve_wave(wave, may_go_on=for_steps(230))
    check(wave, plan)
    assert plan.greedy_cost == 3_455_679
    assert plan.cost < 3_000_000
