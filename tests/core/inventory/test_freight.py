"""Freight of a parcel: every part by hand, the whole against an oracle that weighs kilogram by kilogram."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.inventory.errors import TariffError
from distrib_app.core.inventory.freight import (
    Tariff,
    WeightBand,
    ZoneCharge,
    check_tariff,
    freight,
    merge_saving,
    share_freight,
    stairs,
)
from distrib_app.core.inventory.tariff_lines import LINE_SCALE, lower_line
from distrib_app.core.kernel.errors import InvalidError, NotFoundError

NEAR, FAR = "near", "far"
# 12.00 for the first kilogram, 5.00 per started kilogram up to 30 kg; above: 150.00 at 30 kg, 4.00 each
TARIFF = Tariff(
    code="EXPRESS",
    currency="CNY",
    bands=(WeightBand(0, 1000, 1200, 500), WeightBand(30_000, 30_000, 15_700, 400)),
    zones={NEAR: ZoneCharge(), FAR: ZoneCharge(surcharge_ppm=150_000, fixed_amount=300)},
    volumetric_divisor=6000,
)


def amount(weight_g: int, volume_cm3: int = 0, zone: str = NEAR, tariff: Tariff = TARIFF) -> int:
    return freight(tariff, weight_g=weight_g, volume_cm3=volume_cm3, zone=zone).amount


@pytest.mark.parametrize(
    ("weight_g", "expected"),
    [
        (0, 1200),
        (1, 1200),
        (1000, 1200),
        (1001, 1700),
        (2000, 1700),
        (2001, 2200),
        (30_000, 15_700),
        (30_001, 16_100),
        (31_000, 16_100),
        (31_001, 16_500),
    ],
)
def test_first_weight_then_started_kilograms(weight_g: int, expected: int) -> None:
    assert amount(weight_g) == expected


@pytest.mark.parametrize(
    ("weight_g", "volume_cm3", "billed", "expected"),
    [
        (2000, 12_000, 2000, 1700),
        (2000, 12_001, 2001, 2200),  # a cubic centimetre more is a started kilogram more
        (100, 60_000, 10_000, 5700),
        (10_001, 60_000, 10_001, 6200),
    ],
)
def test_the_greater_of_actual_and_volumetric_weight(
    weight_g: int, volume_cm3: int, billed: int, expected: int
) -> None:
    charge = freight(TARIFF, weight_g=weight_g, volume_cm3=volume_cm3, zone=NEAR)
    assert (charge.billed_weight_g, charge.amount) == (billed, expected)
    by_weight = replace(TARIFF, volumetric_divisor=None)
    assert freight(by_weight, weight_g=weight_g, volume_cm3=volume_cm3, zone=NEAR).billed_weight_g == weight_g


def test_a_zone_adds_its_rate_and_its_amount_rounded_once() -> None:
    assert amount(2000, zone=FAR) == 1700 + 255 + 300
    odd = replace(TARIFF, bands=(WeightBand(0, 1000, 1201, 500),))
    assert amount(1000, zone=FAR, tariff=odd) == 1201 + 180 + 300  # 180.15
    half = replace(TARIFF, bands=(WeightBand(0, 1000, 1210, 500),))
    assert amount(1000, zone=FAR, tariff=half) == 1210 + 182 + 300  # 181.5


def test_no_parcel_costs_less_than_the_minimum() -> None:
    tariff = replace(TARIFF, minimum_amount=2000)
    assert [amount(weight, tariff=tariff) for weight in (500, 2000, 2001)] == [2000, 2000, 2200]
    # the zone counts towards it
    assert amount(2000, zone=FAR, tariff=tariff) == 2255
    last = freight(tariff, weight_g=500, volume_cm3=0, zone=NEAR).steps[-1]
    assert last.text == "No parcel costs less than {minimum}" and last.result == "20.00 CNY"
    assert len(freight(tariff, weight_g=2001, volume_cm3=0, zone=NEAR).steps) == 2


def test_the_steps_lead_to_the_amount() -> None:
    charge = freight(TARIFF, weight_g=31_200, volume_cm3=60_000, zone=FAR)
    assert [(step.text.format(**step.facts), step.result) for step in charge.steps] == [
        ("Billed weight: the greater of 31.2 kg and 60000 cm³ ÷ 6000", "31.2 kg"),
        ("EXPRESS: 157.00 CNY up to 30 kg, then 2 started kg at 4.00 CNY", "165.00 CNY"),
        ("Zone far: 15 % of that and 3.00 CNY more", "27.75 CNY"),
    ]
    assert charge.amount == 16_500 + 2475 + 300


def test_a_zone_the_tariff_does_not_serve() -> None:
    with pytest.raises(NotFoundError, match="zone moon"):
        amount(1, zone="moon")


def test_a_tariff_that_falls_with_the_weight_is_refused_by_its_band() -> None:
    check_tariff(TARIFF)
    falling = replace(TARIFF, bands=(TARIFF.bands[0], WeightBand(30_000, 30_000, 15_299, 400)))
    with pytest.raises(TariffError) as error:
        check_tariff(falling)
    assert str(error.value) == (
        "Tariff EXPRESS: above 30 kg it charges 156.99 CNY, less than the 157.00 CNY just below; "
        "the amount must not fall with the weight."
    )
    check_tariff(replace(TARIFF, bands=(TARIFF.bands[0], WeightBand(30_000, 30_000, 15_300, 400))))


@pytest.mark.parametrize(
    "broken",
    [
        {"bands": ()},
        {"bands": (WeightBand(1, 1000, 1200, 500),)},
        {"bands": (WeightBand(0, 1000, 1200, -1),)},
        {"bands": (WeightBand(0, 1000, 1200, 500), WeightBand(0, 1000, 1200, 500))},
        {"minimum_amount": -1},
        {"volumetric_divisor": 0},
        {"zones": {NEAR: ZoneCharge(fixed_amount=-1)}},
        {"currency": "???"},
    ],
)
def test_a_tariff_that_cannot_be_is_refused(broken: dict) -> None:
    with pytest.raises(InvalidError):
        check_tariff(replace(TARIFF, **broken))


def test_merging_saves_the_first_weights_and_is_shared_by_weight() -> None:
    # alone 1200 + 1200 + 1700; together 3.4 kg: 1200 + 3 × 500
    saving = merge_saving(TARIFF, [(800, 0), (1000, 0), (1600, 0)], zone=NEAR)
    assert (saving.alone, saving.merged.amount, saving.saving_amount) == ((1200, 1200, 1700), 2700, 1400)
    assert saving.shares == (635, 794, 1271)  # 635.29, 794.12, 1270.59
    assert [step.result for step in saving.steps] == ["41.00 CNY", "27.00 CNY", "14.00 CNY"]


def test_merging_light_with_bulky_goods_saves_more_and_may_also_cost_more() -> None:
    bulky = merge_saving(TARIFF, [(5000, 0), (100, 30_000)], zone=NEAR)
    assert (bulky.alone, bulky.merged.amount) == ((3200, 3200), 3700)
    steep = Tariff(
        "STEEP", "CNY", (WeightBand(0, 1000, 100, 0), WeightBand(1000, 1000, 900, 0)), {NEAR: ZoneCharge()}
    )
    check_tariff(steep)
    assert merge_saving(steep, [(600, 0), (600, 0)], zone=NEAR).saving_amount == -700


@settings(max_examples=100)
@given(st.integers(0, 10**7), st.lists(st.integers(0, 50_000), min_size=1, max_size=8))
def test_shares_add_up_and_differ_from_the_exact_ones_by_less_than_one(
    total: int, weights: list[int]
) -> None:
    shares = share_freight(total, weights)
    assert sum(shares) == total
    if sum(weights):
        exact = [Fraction(total * weight, sum(weights)) for weight in weights]
        assert all(abs(share - each) < 1 for share, each in zip(shares, exact, strict=True))


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    """Tariffs of one to three bands that never fall with the weight."""
    bands: list[WeightBand] = []
    over, reached = 0, draw(st.integers(0, 2000))
    for _ in range(draw(st.integers(1, 3))):
        each = draw(st.integers(0, 700))
        first = draw(st.sampled_from([over, over + 1000, over + 2500, 500]))
        started = max(0, -(-(over + 1 - first) // 1000))
        bands.append(
            WeightBand(over, first, max(0, reached - started * each + draw(st.integers(0, 400))), each)
        )
        end = over + draw(st.integers(1, 15_000))
        reached = bands[-1].base_amount + each * max(0, -(-(end - first) // 1000))
        over = end
    zone = ZoneCharge(draw(st.sampled_from([0, 0, 150_000, 123_457])), draw(st.integers(0, 300)))
    divisor = draw(st.none() | st.sampled_from([5000, 6000, 333]))
    return Tariff("T", "CNY", tuple(bands), {NEAR: zone}, divisor, draw(st.sampled_from([0, 0, 1500, 3000])))


def oracle(tariff: Tariff, weight_g: int, volume_cm3: int) -> int:
    """The amount by walking up the scale, a kilogram at a time, in fractions."""
    billed = Fraction(weight_g)
    if tariff.volumetric_divisor:
        billed = max(billed, Fraction(volume_cm3 * 1000, tariff.volumetric_divisor))
    held = [band for band in tariff.bands if band.over_g < billed] or [tariff.bands[0]]
    paid, reach = Fraction(held[-1].base_amount), Fraction(held[-1].first_g)
    while reach < billed:
        paid, reach = paid + held[-1].kg_amount, reach + 1000
    zone = tariff.zones[NEAR]
    surcharge = int(paid * Fraction(zone.surcharge_ppm, 1_000_000) + Fraction(1, 2))
    return max(tariff.minimum_amount, int(paid) + surcharge + zone.fixed_amount)


@settings(max_examples=100, deadline=None)
@given(tariffs(), st.integers(0, 60_000), st.integers(0, 300_000), st.integers(0, 20_000))
def test_against_the_oracle_and_never_falling(tariff: Tariff, weight: int, volume: int, more: int) -> None:
    check_tariff(tariff)
    assert amount(weight, volume, tariff=tariff) == oracle(tariff, weight, volume)
    assert amount(weight + more, volume, tariff=tariff) >= amount(weight, volume, tariff=tariff)


@settings(max_examples=100, deadline=None)
@given(tariffs(), st.integers(0, 40_000), st.integers(0, 40_000))
def test_the_lower_line_lies_below_every_weight_of_its_range(tariff: Tariff, low: int, more: int) -> None:
    by_weight = replace(tariff, volumetric_divisor=None)
    start, slope = lower_line(tariff, tariff.zones[NEAR], low, low + more)
    for weight in {*range(low, low + more + 1, 500), *range(low, low + more + 1, 997), low + more}:
        assert start + slope * weight <= LINE_SCALE * amount(weight, tariff=by_weight)
    # where nothing changes, rounding the line up gives the amount itself
    if amount(low, tariff=by_weight) == amount(low + more, tariff=by_weight):
        assert -(-start // LINE_SCALE) == amount(low, tariff=by_weight)


@settings(max_examples=100, deadline=None)
@given(tariffs(), st.integers(0, 45_000), st.integers(0, 200_000))
def test_the_stairs_hold_the_charge_of_every_weight(tariff: Tariff, weight: int, volume: int) -> None:
    steps = stairs(tariff, tariff.zones[NEAR], (weight, volume))
    assert [most for most, _ in steps] == sorted({most for most, _ in steps})
    by_weight = replace(tariff, volumetric_divisor=None)
    for billed in {*range(0, steps[-1][0], 137), steps[-1][0]}:
        found = next(charge for most, charge in steps if most >= billed)
        assert found == oracle(by_weight, billed, 0)
    assert steps[-1][1] == amount(weight, volume, tariff=tariff)
