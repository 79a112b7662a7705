"""What transferred units are worth, and how long a transfer took: cases, and what always holds."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median as middle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.inventory import Layer
from distrib_app.core.inventory.transfer_rules import OriginCost, TransferPrice, cycle_time, median
from distrib_app.core.workbench import work_calendar

MILLION = 1_000_000
PRICE = TransferPrice(Decimal("3500"), True, 130_000, "CNY")
THURSDAY = datetime(2026, 10, 15, 4, 0, tzinfo=UTC)  # noon in Shanghai


def rounded(value: Fraction) -> int:
    """Half away from zero."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("price", "qty", "expected"),
    [
        (PRICE, 3, (929_204, 120_796, 1_050_000)),
        (TransferPrice(Decimal("1000"), False, 130_000, "CNY"), 3, (300_000, 39_000, 339_000)),
        (TransferPrice(Decimal("0.0123"), True, 0, "CNY"), 100, (123, 0, 123)),
        (PRICE, 0, (0, 0, 0)),
    ],
)
def test_price_times_quantity(price: TransferPrice, qty: int, expected: tuple[int, int, int]) -> None:
    amounts = price.amounts(qty)
    assert (amounts.net, amounts.tax, amounts.gross) == expected
    assert price.explain(qty).result == f"{Decimal(expected[2]).scaleb(-2)} CNY"


def test_what_a_bought_unit_costs() -> None:
    assert PRICE.unit_cost_micros(3) == 3_097_346_667  # 9 292.04 over three


def test_credit_at_origin_cost() -> None:
    origin = OriginCost().plus([Layer(None, 2_000 * MILLION, 3), Layer(None, 2_100 * MILLION, 2)])
    amounts = origin.amounts(5, PRICE)
    assert (amounts.net, amounts.tax, amounts.gross) == (1_020_000, 132_600, 1_152_600)


def test_units_of_unknown_cost_are_worth_what_is_paid() -> None:
    origin = OriginCost().plus([Layer(None, None, 2)]).plus([Layer(None, 2_000 * MILLION, 1)])
    assert (origin.known_micros, origin.unknown_qty) == (2_000 * MILLION, 2)
    assert origin.amounts(3, PRICE).net == 200_000 + rounded(Fraction(929_204 * 2, 3))
    assert OriginCost().plus([Layer(None, None, 3)]).amounts(3, PRICE).net == PRICE.amounts(3).net


@settings(max_examples=60, deadline=None)
@given(
    costs=st.lists(
        st.tuples(st.one_of(st.none(), st.integers(0, 10**10)), st.integers(1, 50)), min_size=1, max_size=6
    )
)
def test_the_credit_is_the_sum_of_the_known_and_a_share_of_the_price(
    costs: list[tuple[int | None, int]],
) -> None:
    qty = sum(count for _, count in costs)
    origin = OriginCost().plus(Layer(None, cost, count) for cost, count in costs)
    known = sum(Fraction(cost * count, 10_000) for cost, count in costs if cost is not None)
    unknown = sum(count for cost, count in costs if cost is None)
    net = rounded(known) + rounded(Fraction(PRICE.amounts(qty).net * unknown, qty))
    amounts = origin.amounts(qty, PRICE)
    assert (amounts.net, amounts.tax) == (net, rounded(Fraction(net * 13, 100)))
    assert amounts.gross == amounts.net + amounts.tax


@pytest.mark.parametrize(
    ("hours", "calendar_hours", "working_hours"),
    [(0, 0, 0), (1, 1, 0), (6, 6, 5), (24, 24, 8), (72, 72, 5 + 8)],
)
def test_hours_on_the_clock_and_at_work(hours: int, calendar_hours: int, working_hours: int) -> None:
    # noon to one is lunch; Friday is worked through, Saturday and Sunday are off
    found = cycle_time(THURSDAY, THURSDAY + timedelta(hours=hours), work_calendar())
    assert found.calendar_seconds == calendar_hours * 3600
    assert found.working_seconds == working_hours * 3600


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=9))
def test_the_median_is_the_middle(values: list[int]) -> None:
    assert median(values) == rounded(Fraction(middle([Fraction(value) for value in values])))


def test_no_transfers_have_no_median() -> None:
    assert median([]) is None
