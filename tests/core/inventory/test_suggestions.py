"""What is decided for one snapshot of the network: tables of cases, and what always holds."""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.inventory import Lines, SuggestionKind
from distrib_app.core.inventory.order_points import OrderPoint, Position, Turnover, Way
from distrib_app.core.inventory.suggestions import Decision, decide, replenishment

LINES = Lines(10, 20, 40)


def point(place: int, on_hand: int, sku: int = 1, **changes: object) -> OrderPoint:
    made = OrderPoint(place, sku, Position(on_hand=on_hand), LINES, f"P{place}")
    return replace(made, **changes)


def outcome(decisions: list[Decision]) -> list[tuple[int, str, int, bool, int | None]]:
    return [(one.place_id, str(one.kind), one.qty, one.is_urgent, one.from_place_id) for one in decisions]


@pytest.mark.parametrize(
    ("position", "lines", "multiple", "expected"),
    [
        (19, LINES, 1, 21),
        (20, LINES, 1, 0),  # on the line is not below it
        (-5, LINES, 1, 45),
        (12, LINES, 12, 24),  # 28 rounds up to 36 and would pass the maximum: a pack fewer
        (16, LINES, 12, 24),  # fits exactly
        (5, Lines(5, 20, 30), 50, 0),  # not one pack fits
        (0, Lines(0, 0, 0), 1, 0),
    ],
)
def test_up_to_the_maximum_in_whole_packs(position: int, lines: Lines, multiple: int, expected: int) -> None:
    assert replenishment(position, lines, multiple) == expected


def test_positions_count_what_is_to_come() -> None:
    position = Position(on_hand=10, reserved=4, in_transit=3, on_order=5, backorder=2, leaving=1)
    assert (position.qty, position.free_qty) == (11, 5)


def test_each_side_of_the_lines() -> None:
    decisions = decide([point(1, 9), point(2, 10), point(3, 20), point(4, 40), point(5, 41)], {}, "CNY")
    assert outcome(decisions) == [
        (1, "replenish", 31, True, None),
        (2, "replenish", 30, False, None),
        (5, "clearance", 1, False, None),
    ]


def test_a_postponed_receipt_is_not_ordered_again() -> None:
    waiting = replace(point(1, 0), position=Position(on_order=25))
    assert decide([waiting], {}, "CNY") == []


def test_surplus_fills_gaps_over_open_lanes() -> None:
    points = [point(1, 5), point(2, 15), point(3, 70), point(4, 60)]
    near, far = Way(distance_km=100), Way(distance_km=900)
    ways = {(3, 1): near, (4, 1): far, (4, 2): near}
    heavy = [replace(one, weight_g=1_000) for one in points]
    assert outcome(decide(heavy, ways, "CNY")) == [
        (1, "transfer", 30, True, 3),
        (1, "replenish", 5, True, None),  # 4 has 20 to give, and 2 lies nearer to it
        (2, "transfer", 20, False, 4),
        (2, "replenish", 5, False, None),
    ]
    assert outcome(decide(heavy, {(3, 1): near}, "CNY")) == [
        (1, "transfer", 30, True, 3),
        (1, "replenish", 5, True, None),
        (2, "replenish", 25, False, None),
        (4, "clearance", 20, False, None),
    ]


def test_older_stock_leaves_first() -> None:
    old = point(2, 50, age_days=200, unit_amount=10_000)
    new = point(3, 50, age_days=10, unit_amount=10_000)
    way = Way(handling_amount=100)
    ways = {(2, 1): way, (3, 1): way}
    short = point(1, 19, lines=Lines(10, 20, 29))
    assert outcome(decide([short, new, old], ways, "CNY")) == [
        (1, "transfer", 10, False, 2),
        (3, "clearance", 10, False, None),
    ]


def test_a_way_dearer_than_the_goods_is_not_taken() -> None:
    source = point(2, 50, unit_amount=99)
    ways = {(2, 1): Way(handling_amount=100)}
    assert outcome(decide([point(1, 0), source], ways, "CNY")) == [
        (1, "replenish", 40, True, None),
        (2, "clearance", 10, False, None),
    ]
    assert decide([point(1, 0), source], ways, "CNY")[0].steps[-1].text.startswith("Not from {place}")


def test_cold_goods_travel_on_cold_ways() -> None:
    points = [point(1, 0, is_cold=True), point(2, 60, is_cold=True)]
    assert outcome(decide(points, {(2, 1): Way()}, "CNY"))[0] == (1, "replenish", 40, True, None)
    assert outcome(decide(points, {(2, 1): Way(is_cold=True)}, "CNY"))[0] == (1, "transfer", 20, True, 2)


def test_a_missed_benchmark_always_has_a_decision() -> None:
    missed = Turnover(2_300, 6_000, is_industry=False)
    (decision,) = decide([point(1, 30, missed=missed)], {}, "CNY")
    assert (decision.kind, decision.qty) == (SuggestionKind.KEEP, 0)
    texts = [step.text for step in decision.steps]
    assert texts[1].endswith("the median of its peers {benchmark}")
    assert texts[-1].startswith("0, because")
    assert decision.steps[1].facts == {"own": "2.3", "benchmark": "6.0"}
    industry = replace(missed, is_industry=True)
    assert "industry" in decide([point(1, 30, missed=industry)], {}, "CNY")[0].steps[1].text
    assert decide([point(1, 30)], {}, "CNY") == []


def test_a_pack_too_large_says_so() -> None:
    (decision,) = decide([point(1, 5, multiple=50)], {}, "CNY")
    assert (decision.kind, decision.qty, decision.is_urgent) == (SuggestionKind.KEEP, 0, True)
    assert decision.steps[-1].text.startswith("0, because one pack of {multiple}")


POINTS = st.builds(
    lambda hand, reserved, coming, lines, multiple, age, cost, missed: (
        Position(hand, min(hand, reserved), coming),
        Lines(*sorted(lines)),
        multiple,
        age,
        cost,
        missed,
    ),
    st.integers(0, 120),
    st.integers(0, 40),
    st.integers(0, 40),
    st.tuples(*[st.integers(0, 90)] * 3),
    st.sampled_from([1, 1, 6, 12]),
    st.integers(0, 400),
    st.sampled_from([0, 50, 20_000]),
    st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(
    drawn=st.lists(POINTS, min_size=1, max_size=7),
    open_lanes=st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20),
)
def test_what_always_holds(drawn: list[tuple], open_lanes: set[tuple[int, int]]) -> None:  # type: ignore[type-arg]
    multiple = drawn[0][2]  # of the SKU, not of the place
    points = {
        place: OrderPoint(
            place, 1, position, lines, f"P{place}", multiple, 500, age_days=age, unit_amount=cost,
            missed=Turnover(1, 2, is_industry=True) if missed else None,
        )
        for place, (position, lines, _, age, cost, missed) in enumerate(drawn)
    }  # fmt: skip
    ways = {pair: Way(10, 100) for pair in open_lanes if pair[0] != pair[1]}
    decisions = decide(list(points.values()), ways, "CNY")
    assert decisions == decide(list(points.values()), ways, "CNY")
    into: dict[int, int] = defaultdict(int)
    out: dict[int, int] = defaultdict(int)
    for one in decisions:
        target = points[one.place_id]
        assert one.inputs["position"] == target.position.qty
        if one.kind == SuggestionKind.TRANSFER:
            assert (one.from_place_id, one.place_id) in ways
            assert one.from_place_id is not None
            out[one.from_place_id] += one.qty
        if one.kind in {SuggestionKind.TRANSFER, SuggestionKind.REPLENISH}:
            into[one.place_id] += one.qty
            assert one.qty > 0
            assert one.qty % multiple == 0
            assert target.position.qty < target.lines.warning_qty
        if one.kind == SuggestionKind.CLEARANCE:
            out[one.place_id] += one.qty
    for place, target in points.items():
        assert target.position.qty + into[place] <= max(target.lines.max_qty, target.position.qty)
        if target.position.qty < target.lines.warning_qty:
            short = target.lines.max_qty - target.position.qty - into[place]
            assert 0 <= short < multiple
        assert out[place] in {0, target.surplus_qty}
        if target.missed:
            answered = {one.place_id for one in decisions} | {one.from_place_id for one in decisions}
            assert place in answered
