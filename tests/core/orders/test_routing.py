"""Routing of one order: each part of the cost by hand, the whole against every integer split."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from distrib_app.core.inventory.freight import Tariff, WeightBand, ZoneCharge, check_tariff
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.money import CurrencyMismatchError
from distrib_app.core.orders.routing import RoutePlan, route
from distrib_app.core.orders.routing_bounds import draw_floors
from distrib_app.core.orders.routing_programme import solve_programme
from distrib_app.core.orders.routing_rules import (
    RouteLine,
    RouteSource,
    RouteTerms,
    admit_sources,
    demand_of,
)
from distrib_app.core.orders.routing_search import cheapest, most_served

from .routing_oracle import DAY, best_plan, random_order

# 10.00 for the first kilogram, 2.00 per started kilogram
TARIFF = Tariff("ROAD", "CNY", (WeightBand(0, 1000, 1000, 200),), {"a": ZoneCharge()}, 6000)
TERMS = RouteTerms("CNY", split_amount=500, may_backorder=True)


def line(line_no: int, sku: str, qty: int, **changes: object) -> RouteLine:
    """A line of units of 1 kg that are not bulky."""
    return replace(RouteLine(line_no, sku, qty, weight_g=1000, volume_cm3=1000), **changes)


def source(code: str, stock: Mapping[str, int], days: int = 1, **changes: object) -> RouteSource:
    """A brand warehouse that delivers `days` after the order."""
    base = RouteSource(
        code=code,
        owner_code="BRAND",
        mode="direct",
        stock=stock,
        tariff=TARIFF,
        zone="a",
        ready_on=DAY,
        arrives_on=DAY + timedelta(days=days),
    )
    return replace(base, **changes)


def parcels(plan: RoutePlan) -> list[tuple[str, tuple[tuple[int, int], ...], int]]:
    return [(parcel.source_code, parcel.lines, parcel.cost) for parcel in plan.parcels]


def rank(plan: RoutePlan) -> tuple[int, int, int, date, tuple[str, ...]] | None:
    if plan.arrives_on is None:
        return None
    codes = tuple(parcel.source_code for parcel in plan.parcels)
    return (sum(plan.missing.values()), plan.cost, len(plan.parcels), plan.arrives_on, codes)


def test_a_thousand_random_orders_against_every_split() -> None:
    split = 0
    for seed in range(1000):
        lines, sources, terms = random_order(seed)
        for each in sources:
            check_tariff(each.tariff)
        plan = route(lines, sources, terms)
        assert rank(plan) == best_plan(lines, sources, terms), seed
        _check_books(plan, lines, sources, terms)
        split += len(plan.parcels) > 1
    assert split > 300


def _check_books(
    plan: RoutePlan, lines: Sequence[RouteLine], sources: Sequence[RouteSource], terms: RouteTerms
) -> None:
    """Quantities add up to the order, stock is kept, the cost is its parts, the front falls."""
    taken: dict[int, int] = {}
    for parcel in plan.parcels:
        stock = next(each.stock for each in sources if each.code == parcel.source_code)
        for number, qty in parcel.lines:
            sku = next(each.sku_code for each in lines if each.line_no == number)
            assert 0 < qty <= stock[sku]
            taken[number] = taken.get(number, 0) + qty
    assert {each.line_no: each.qty for each in lines} == {
        each.line_no: taken.get(each.line_no, 0) + plan.missing.get(each.line_no, 0) for each in lines
    }
    extra = plan.split_amount + plan.late_amount
    assert plan.cost == sum(parcel.cost for parcel in plan.parcels) + extra
    points = [(point.arrives_on, point.cost) for point in plan.front]
    assert points == sorted(points) and [cost for _, cost in points] == sorted(
        {cost for _, cost in points}, reverse=True
    )


def test_the_front_is_the_cheapest_plan_for_each_day() -> None:
    """Every day asked on its own, with only the sources that arrive by then."""
    several = 0
    for seed in range(400):
        lines, sources, terms = random_order(seed)
        punctual = replace(terms, late_amount_per_day=0)
        plan = route(lines, sources, terms)
        asked = []
        for day in sorted({each.arrives_on for each in sources}):
            best = best_plan(lines, [each for each in sources if each.arrives_on <= day], punctual)
            if best is None or best[0] > sum(plan.missing.values()):
                continue
            if not asked or best[1] < asked[-1][0]:
                asked.append((best[1], best[3]))
        assert [(point.cost, point.arrives_on) for point in plan.front] == asked, seed
        several += len(asked) > 1
    assert several > 30


def test_the_integer_programme_finds_the_same_cost_and_number_of_parcels() -> None:
    asked = 0
    for seed in range(1000, 1090):
        lines, sources, terms = random_order(seed)
        demand = demand_of(lines)
        offers, _ = admit_sources(demand, sources, terms)
        target = most_served(demand, offers, terms.max_parcels)
        if not target:
            continue
        floors = draw_floors(demand, offers, terms.split_amount)
        searched = cheapest(demand, floors, terms, target)
        answer = solve_programme(demand, offers, terms, target)
        assert searched is not None and searched.rank[:2] == (answer.cost, answer.parcels), seed
        programmed = cheapest(demand, floors, terms, target, budget=1)
        assert programmed is not None and programmed.rank[:2] == searched.rank[:2], seed
        asked += 1
    assert asked > 60


def test_larger_orders_that_must_split_agree_with_the_integer_programme() -> None:
    """Too large for every split: the two exact ways have to agree."""
    for seed in range(6):
        dice = random.Random(seed)
        lines = [
            line(number, f"SKU{number}", dice.randint(5, 30), weight_g=dice.randint(100, 4000))
            for number in range(1, 5)
        ]
        tariffs = [
            replace(TARIFF, bands=(WeightBand(0, 1000, dice.randint(300, 1500), dice.randint(50, 300)),))
            for _ in range(2)
        ]
        sources = [
            source(
                f"S{number}",
                {each.sku_code: dice.randint(0, each.qty) for each in lines},
                tariff=tariffs[number % 2],
                fee_amount=dice.randint(0, 20),
            )
            for number in range(3)
        ]
        demand = demand_of(lines)
        offers, _ = admit_sources(demand, sources, TERMS)
        target = most_served(demand, offers, 99)
        searched = cheapest(demand, draw_floors(demand, offers, 500), TERMS, target)
        answer = solve_programme(demand, offers, TERMS, target)
        assert searched is not None and searched.rank[:2] == (answer.cost, answer.parcels)


def test_the_worked_example() -> None:
    """The numbers of docs/algorithms/routing.md."""
    lines = [
        line(1, "KETTLE", 6),
        line(2, "TOASTER", 4, weight_g=2500, volume_cm3=18_000, unit_amount=20_000),
    ]
    plant = source("PLANT", {"KETTLE": 100, "TOASTER": 100}, days=4, handling_amount=300)
    plant = replace(plant, tariff=replace(TARIFF, code="FAR", bands=(WeightBand(0, 1000, 1500, 500),)))
    east = source("EAST", {"KETTLE": 100, "TOASTER": 2}, 2, mode="regional", transfer_amount=30)
    agent = source("AGENT", {"TOASTER": 9}, 1, mode="partner", owner_code="P7", fee_ppm=20_000)
    terms = replace(TERMS, wanted_on=DAY + timedelta(days=2), late_amount_per_day=400)
    plan = route(lines, [plant, east, agent], terms)
    # EAST: 6 kg + 5 kg, volumetric (6 × 1000 + 2 × 18 000) ÷ 6000 = 7 kg → 11 kg: 10.00 + 10 × 2.00;
    # 8 units to move at 0.30. AGENT: 2 units, volumetric 6 kg: 10.00 + 5 × 2.00; fee 2 % of 200.00 each.
    assert parcels(plan) == [("AGENT", ((2, 2),), 2000 + 800), ("EAST", ((1, 6), (2, 2)), 3000 + 240)]
    assert (plan.split_amount, plan.late_amount, plan.cost) == (500, 0, 6540)
    # PLANT alone: 16 kg, 15.00 + 15 × 5.00 + 3.00, and two days late
    assert [(point.cost, point.arrives_on) for point in plan.front] == [(6540, DAY + timedelta(days=2))]
    assert [(each.source_code, each.reason.format(**each.facts)) for each in plan.rejected] == [
        ("AGENT", "it has no KETTLE to give"),
        ("PLANT", "serving all of it from here costs 101.00 CNY, arriving 2026-05-08"),
    ]
    assert [(step.text.format(**step.facts), step.result) for step in plan.steps] == [
        ("3 of 3 sources can serve goods of this order", ""),
        (
            "AGENT: 2 units, arriving 2026-05-05: freight 20.00 CNY, handling 0.00 CNY, "
            "transfer 0.00 CNY, fee 8.00 CNY",
            "28.00 CNY",
        ),
        (
            "EAST: 8 units, arriving 2026-05-06: freight 30.00 CNY, handling 0.00 CNY, "
            "transfer 2.40 CNY, fee 0.00 CNY",
            "32.40 CNY",
        ),
        ("Parcels beyond the first: 1", "5.00 CNY"),
        ("No other way of serving as much costs less", "65.40 CNY"),
    ]


def test_eight_of_five_and_five_are_eight() -> None:
    plan = route([line(1, "A", 8)], [source("S1", {"A": 5}), source("S2", {"A": 5})], TERMS)
    given = [qty for parcel in plan.parcels for _, qty in parcel.lines]
    assert sorted(given) == [3, 5] and plan.missing == {}


def test_lines_of_one_sku_share_its_stock_and_the_last_goes_short() -> None:
    lines = [line(1, "A", 4), line(2, "B", 1), line(3, "A", 4)]
    plan = route(lines, [source("S1", {"A": 6, "B": 1})], TERMS)
    assert parcels(plan) == [("S1", ((1, 4), (2, 1), (3, 2)), 1000 + 6 * 200)]
    assert plan.missing == {3: 2}


def test_a_second_parcel_costs_its_freight_and_the_split() -> None:
    lines = [line(1, "A", 1), line(2, "B", 1)]
    near, far = source("S1", {"A": 1}), source("S2", {"A": 1, "B": 1}, handling_amount=900)
    assert parcels(route(lines, [near, far], TERMS)) == [("S2", ((1, 1), (2, 1)), 1000 + 200 + 900)]
    plan = route(lines, [near, source("S3", {"B": 1})], TERMS)
    assert (plan.cost, plan.split_amount) == (1000 + 1000 + 500, 500)


def test_lateness_is_that_of_the_latest_parcel() -> None:
    cheap = source("CHEAP", {"A": 9}, days=5)
    fast = source("FAST", {"A": 9}, days=1, handling_amount=700)
    terms = replace(TERMS, wanted_on=DAY + timedelta(days=3), late_amount_per_day=349)
    late = route([line(1, "A", 1)], [cheap, fast], terms)
    assert (parcels(late)[0][0], late.late_amount, late.cost) == ("CHEAP", 698, 1698)
    dearer = route([line(1, "A", 1)], [cheap, fast], replace(terms, late_amount_per_day=351))
    assert (parcels(dearer)[0][0], dearer.late_amount, dearer.cost) == ("FAST", 0, 1700)
    # the front is the same: lateness is no part of it
    assert late.front == dearer.front
    assert [(point.cost, point.arrives_on.day, point.parcels[0].source_code) for point in late.front] == [
        (1700, DAY.day + 1, "FAST"),
        (1000, DAY.day + 5, "CHEAP"),
    ]


def test_missing_comes_before_cost() -> None:
    """The dear source is used though sending less would be cheaper."""
    dear = source("DEAR", {"B": 1}, handling_amount=10**6)
    plan = route([line(1, "A", 1), line(2, "B", 2)], [source("S1", {"A": 1}), dear], TERMS)
    assert ([code for code, _, _ in parcels(plan)], plan.missing) == (["DEAR", "S1"], {2: 1})


def test_parcels_are_limited_before_cost_too() -> None:
    lines = [line(1, "A", 2), line(2, "B", 3)]
    sources = [
        source("S1", {"A": 2}),
        source("S2", {"B": 2}, handling_amount=5000),
        source("S3", {"A": 1, "B": 1}),
    ]
    one = route(lines, sources, replace(TERMS, max_parcels=1))
    assert (sum(one.missing.values()), len(one.parcels), one.parcels[0].source_code) == (3, 1, "S1")
    two = route(lines, sources, replace(TERMS, max_parcels=2))
    assert (two.missing, [code for code, _, _ in parcels(two)]) == ({2: 1}, ["S1", "S2"])
    assert route(lines, sources, TERMS).missing == {}
    assert route(lines, sources, replace(TERMS, max_parcels=0)).parcels == ()


def test_without_backorder_nothing_goes_where_part_is_short() -> None:
    lines = [line(1, "A", 3), line(2, "B", 1)]
    plan = route(lines, [source("S1", {"A": 2, "B": 5})], replace(TERMS, may_backorder=False))
    assert (plan.parcels, plan.missing, plan.cost, plan.arrives_on, plan.front) == ((), {1: 1}, 0, None, ())
    assert plan.steps[0].text.format(**plan.steps[0].facts) == "Short by 1, and no part of the order may wait"
    nothing = route(lines, [], TERMS)
    assert (nothing.parcels, nothing.missing) == ((), {1: 3, 2: 1})
    assert route([], [source("S1", {})], TERMS).missing == {}


def test_every_refusal_has_its_reason() -> None:
    lines = [
        line(1, "VACCINE", 1, is_cold_chain=True),
        line(2, "DRUG", 1, qualification="MED"),
        line(3, "A", 1),
    ]
    stock = {"VACCINE": 9, "DRUG": 9, "A": 9}
    sources = [
        source("SHUT", stock, closed="closed for the holidays"),
        source("ZONE", stock, zone="b"),
        source("WARM", stock, qualifications=frozenset({"MED"})),
        source("PLAIN", {**stock, "A": 0}, is_cold_chain=True),
        source("GOOD", stock, is_cold_chain=True, qualifications=frozenset({"MED", "X"})),
    ]
    plan = route(lines, sources, TERMS)
    assert [code for code, _, _ in parcels(plan)] == ["GOOD"]
    assert [(each.source_code, each.line_no, each.reason.format(**each.facts)) for each in plan.rejected] == [
        ("PLAIN", 2, "it lacks the qualification MED"),
        ("PLAIN", 3, "it has no A to give"),
        ("SHUT", None, "closed for the holidays"),
        ("WARM", 1, "it cannot keep VACCINE cold"),
        ("ZONE", None, "tariff ROAD has no price for zone b"),
        ("PLAIN", None, "no plan that uses it ranks before this one"),
        ("WARM", None, "no plan that uses it ranks before this one"),
    ]


def test_equal_costs_are_decided_by_parcels_then_arrival_then_code() -> None:
    free = replace(TARIFF, bands=(WeightBand(0, 0, 0, 100),))
    terms = replace(TERMS, split_amount=0)
    lines = [line(1, "A", 1), line(2, "B", 1)]
    both = {"A": 1, "B": 1}
    ties = [source(code, both, days, tariff=free) for code, days in (("S4", 3), ("S3", 2), ("S2", 2))]
    parts = [source("S0", {"A": 1}, 1, tariff=free), source("S1", {"B": 1}, 1, tariff=free)]
    plan = route(lines, [*ties, *parts], terms)
    assert (plan.cost, [code for code, _, _ in parcels(plan)]) == (200, ["S2"])
    # two parcels cost the same and arrive earlier: that is the front, not the choice
    assert [(point.cost, point.arrives_on.day, len(point.parcels)) for point in plan.front] == [
        (200, DAY.day + 1, 2)
    ]


def test_the_order_of_the_input_decides_nothing() -> None:
    """T26: the same decision with its reasons for the same stock, another one once it has changed."""
    dice = random.Random(7)
    for seed in range(150):
        lines, sources, terms = random_order(seed)
        plan = route(lines, sources, terms)
        dice.shuffle(lines)
        dice.shuffle(sources)
        assert route(lines, sources, terms) == plan
    stock = {"A": 5}
    first = source("S1", stock)
    second = source("S2", {"A": 5}, handling_amount=100)
    quoted = route([line(1, "A", 5)], [first, second], TERMS)
    stock["A"] = 4
    confirmed = route([line(1, "A", 5)], [first, second], TERMS)
    assert [code for code, _, _ in parcels(quoted)] == ["S1"]
    assert [code for code, _, _ in parcels(confirmed)] == ["S2"]


@pytest.mark.parametrize(
    ("lines", "sources", "error"),
    [
        ([line(1, "A", 1), line(1, "B", 1)], [], InvalidError),
        ([line(1, "A", 0)], [], InvalidError),
        ([line(1, "A", 1, weight_g=-1)], [], InvalidError),
        ([line(1, "A", 1), line(2, "A", 1, weight_g=2)], [], InvalidError),
        ([line(1, "A", 1)], [source("S1", {}), source("S1", {})], InvalidError),
        (
            [line(1, "A", 1)],
            [source("S1", {}, tariff=replace(TARIFF, currency="USD"))],
            CurrencyMismatchError,
        ),
    ],
)
def test_contradictions_are_refused(
    lines: list[RouteLine], sources: list[RouteSource], error: type[Exception]
) -> None:
    with pytest.raises(error):
        route(lines, sources, TERMS)
