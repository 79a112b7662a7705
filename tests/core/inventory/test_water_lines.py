"""Water lines, fair shares and transport: exact values, properties, oracles written differently."""

from collections import Counter
from decimal import ROUND_CEILING, Decimal, localcontext
from itertools import product
from statistics import NormalDist, mean, pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.inventory import Demand, Lines, Supply, check_lines, compute_lines, explain_lines
from distrib_app.core.inventory.fair_share import fair_share
from distrib_app.core.inventory.transport import best_flow
from distrib_app.core.inventory.water_lines import Z_MICROS
from distrib_app.core.kernel.errors import InvalidError

SERIES = st.lists(st.integers(0, 5_000), min_size=1, max_size=60)
SUPPLIES = st.builds(
    Supply,
    lead_milli=st.integers(0, 60_000),
    lead_deviation_milli=st.integers(0, 20_000),
    review_days=st.integers(0, 60),
    service_ppm=st.sampled_from(sorted(Z_MICROS)),
)


def test_the_formula_by_hand() -> None:
    # 10 a day without deviation, lead time 4 ± 0 days, reviewed weekly: no safety, 40, 110
    steady = Supply(lead_milli=4_000, lead_deviation_milli=0)
    assert compute_lines(Demand.of([10] * 30), steady, 1) == Lines(0, 40, 110)
    # 4, 16: mean 10, deviation 6; z·6·√4 = 19.738…; 40 + 19.738 = 59.738; + 70 = 129.738
    assert compute_lines(Demand.of([4, 16]), steady, 1) == Lines(20, 60, 130)
    assert compute_lines(Demand.of([4, 16]), steady, 12) == Lines(24, 60, 132)
    # the lead time's deviation alone: z·10·2 = 32.897…
    late = Supply(lead_milli=4_000, lead_deviation_milli=2_000)
    assert compute_lines(Demand.of([10] * 30), late, 1) == Lines(33, 73, 143)


def test_no_demand_has_no_lines() -> None:
    for demand in (Demand.of([0] * 9), Demand.summed(90, -3, 9), Demand.counted(30, -1)):
        assert compute_lines(demand, Supply(7_000), 5) == Lines(0, 0, 0)


def test_a_count_tells_how_much_not_when() -> None:
    demand = Demand.counted(30, 120)
    assert (demand.daily_milli, demand.deviation_milli) == (4_000, 2_000)


def test_z_is_that_of_the_normal_distribution() -> None:
    normal = NormalDist()
    assert {level: round(normal.inv_cdf(level / 1e6) * 1e6) for level in Z_MICROS} == Z_MICROS


@settings(max_examples=100, deadline=None)
@given(series=SERIES, supply=SUPPLIES, multiple=st.integers(1, 48))
def test_lines_are_the_formula_rounded_up(series: list[int], supply: Supply, multiple: int) -> None:
    with localcontext() as context:
        context.prec = 60
        count = Decimal(len(series))
        d = sum(series) / count
        variance = sum((qty - d) ** 2 for qty in series) / count
        lead, spread = Decimal(supply.lead_milli) / 1000, Decimal(supply.lead_deviation_milli) / 1000
        z = Decimal(Z_MICROS[supply.service_ppm]) / 1_000_000
        safety = z * (lead * variance + d * d * spread * spread).sqrt()
        exact = [safety, d * lead + safety, d * lead + safety + d * supply.review_days]
        # a value that is a whole number but for the precision of the root
        expected = [
            int((value - Decimal("1e-40")).quantize(Decimal(1), ROUND_CEILING) if value else 0)
            for value in [value / multiple for value in exact]
        ]
    lines = compute_lines(Demand.of(series), supply, multiple)
    assert [lines.safety_qty, lines.warning_qty, lines.max_qty] == [
        min(10_000_000, packs * multiple) for packs in expected
    ]
    check_lines(lines)


@settings(max_examples=50, deadline=None)
@given(series=SERIES)
def test_mean_and_deviation(series: list[int]) -> None:
    demand = Demand.of(series)
    assert demand.daily_milli == pytest.approx(mean(series) * 1000, abs=0.51)
    assert demand.deviation_milli == pytest.approx(pstdev(series) * 1000, abs=1.01)


def test_an_explanation_ends_in_the_lines() -> None:
    decision = explain_lines(Demand.of([4, 16]), Supply(4_000, 0), 12)
    assert [step.result for step in decision.steps[-3:]] == ["24", "60", "132"]
    assert decision.steps[0].facts == {"total": 20, "days": 2, "mean": "10", "deviation": "6"}
    assert decision.steps[3].facts == {"exact": "19.738", "multiple": 12}
    assert decision.lines == compute_lines(Demand.of([4, 16]), Supply(4_000, 0), 12)


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        (Lines(-1, 5, 9), "safety_qty"),
        (Lines(6, 5, 9), "warning_qty"),
        (Lines(5, 5, 4), "max_qty"),
        (Lines(0, 0, 10_000_001), "max_qty"),
    ],
)
def test_lines_in_disorder_are_refused(lines: Lines, field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        check_lines(lines)
    assert caught.value.facts["field"] == field


@pytest.mark.parametrize(
    "supply", [Supply(-1), Supply(7_000, -1), Supply(7_000, 0, 366), Supply(7_000, 0, 7, 951_000)]
)
def test_supplies_nobody_has_are_refused(supply: Supply) -> None:
    with pytest.raises(InvalidError):
        compute_lines(Demand.of([1]), supply, 1)


# --- shares -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "needs", "weights", "expected"),
    [
        (100, [50, 30, 40], None, [42, 25, 33]),  # 41.7, 25, 33.3
        (100, [10, 90, 90], [1, 1, 1], [10, 45, 45]),  # what one does not need goes to the others
        (10, [5, 5, 5], [0, 0, 0], [4, 3, 3]),
        (7, [100, 100], [6, 1], [6, 1]),
        (500, [1, 2, 3], [1, 1, 1], [1, 2, 3]),
        (0, [4, 4], None, [0, 0]),
        (5, [], None, []),
        (5, [0, 9], None, [0, 5]),
    ],
)
def test_shares(total: int, needs: list[int], weights: list[int] | None, expected: list[int]) -> None:
    assert fair_share(total, needs, weights) == expected


@settings(max_examples=100, deadline=None)
@given(
    total=st.integers(0, 500),
    buyers=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 9)), max_size=8),
)
def test_shares_are_whole_capped_and_even(total: int, buyers: list[tuple[int, int]]) -> None:
    needs, weights = [need for need, _ in buyers], [weight for _, weight in buyers]
    parts = fair_share(total, needs, weights)
    assert sum(parts) == min(total, sum(needs))
    assert all(0 <= part <= need for part, need in zip(parts, needs, strict=True))
    # nobody who still needs more has, by weight, a unit less than another has
    for part, need, weight in zip(parts, needs, weights, strict=True):
        if part < need and weight:
            assert all(
                other - 1 <= (part + 1) * heavy / weight + 1e-9
                for other, heavy in zip(parts, weights, strict=True)
                if heavy
            )


def test_shares_of_nonsense_are_refused() -> None:
    for total, needs, weights in ((-1, [1], None), (1, [-1], None), (1, [1, 2], [1])):
        with pytest.raises(InvalidError):
            fair_share(total, needs, weights)


# --- transport ----------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(
    offers=st.lists(st.integers(0, 3), min_size=1, max_size=2),
    gaps=st.lists(st.integers(0, 3), min_size=1, max_size=2),
    gains=st.lists(st.integers(-5, 30), min_size=4, max_size=4),
)
def test_no_other_flow_gains_more(offers: list[int], gaps: list[int], gains: list[int]) -> None:
    arcs = [(i, j, gains[2 * i + j]) for i in range(len(offers)) for j in range(len(gaps))]
    flow = best_flow(offers, gaps, arcs)
    assert is_possible(flow, offers, gaps, arcs)
    best = max(
        worth(packs, arcs)
        for packs in product(range(4), repeat=len(arcs))
        if is_possible(packs, offers, gaps, arcs)
    )
    assert worth(flow, arcs) == best
    assert flow == best_flow(offers, gaps, arcs)


def is_possible(flow: "list[int] | tuple[int, ...]", offers, gaps, arcs) -> bool:  # type: ignore[no-untyped-def]
    out: Counter[int] = Counter()
    into: Counter[int] = Counter()
    for packs, (i, j, _) in zip(flow, arcs, strict=True):
        out[i] += packs
        into[j] += packs
    return all(out[i] <= one for i, one in enumerate(offers)) and all(
        into[j] <= one for j, one in enumerate(gaps)
    )


def worth(flow, arcs) -> int:  # type: ignore[no-untyped-def]
    return sum(packs * arc[2] for packs, arc in zip(flow, arcs, strict=True))


def test_a_large_problem_is_solved_in_whole_packs() -> None:
    offers, gaps = [7 + i % 5 for i in range(40)], [3 + j % 7 for j in range(60)]
    arcs = [(i, j, 1_000_000 - 37 * ((i * 7 + j * 11) % 90)) for i in range(40) for j in range(60)]
    flow = best_flow(offers, gaps, arcs)
    assert is_possible(flow, offers, gaps, arcs)
    assert sum(flow) == min(sum(offers), sum(gaps))
