"""One rounding, one allocation, two tax splits, three scales: against `decimal` and `fractions`."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.money import (
    CURRENCIES,
    CurrencyMismatchError,
    Money,
    TaxSplit,
    UnitPrice,
    allocate,
    decimal_to_minor,
    divide,
    exponent,
    line_amount,
    micros_to_minor,
    micros_to_string,
    minor_factor,
    minor_to_decimal,
    minor_to_micros,
    price_to_micros,
    rate_of,
    split_gross,
    split_net,
)

AMOUNT = st.integers(-(10**15), 10**15)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)
RATE = st.integers(0, 2_000_000)
many = settings(max_examples=100, deadline=None)


def rounded(value: Fraction) -> int:
    """Half away from zero, by `decimal`."""
    with localcontext() as context:
        context.prec = 80
        return int(
            (Decimal(value.numerator) / value.denominator).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        )


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (5, 10, 1),
        (-5, 10, -1),
        (4, 10, 0),
        (-4, 10, 0),
        (15, 10, 2),
        (25, 10, 3),
        (-25, 10, -3),
        (5, -10, -1),
        (-5, -10, 1),
        (0, 7, 0),
        (7, 7, 1),
    ],
)
def test_half_is_rounded_away_from_zero(numerator: int, denominator: int, expected: int) -> None:
    assert divide(numerator, denominator) == expected


@many
@given(AMOUNT, st.integers(-(10**9), 10**9).filter(bool))
def test_the_one_rounding_is_that_of_decimal(numerator: int, denominator: int) -> None:
    assert divide(numerator, denominator) == rounded(Fraction(numerator, denominator))
    assert divide(-numerator, denominator) == -divide(numerator, denominator)


def test_nothing_is_divided_by_zero() -> None:
    with pytest.raises(ZeroDivisionError):
        divide(1, 0)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (1000, [1, 1, 1], [334, 333, 333]),  # T9
        (-1000, [1, 1, 1], [-334, -333, -333]),
        (2, [1, 1, 1], [1, 1, 0]),
        (100, [1, 2, 3], [17, 33, 50]),
        (5, [0, 0], [3, 2]),
        (7, [0, 1, 0], [0, 7, 0]),
        (0, [3, 4], [0, 0]),
        (0, [], []),
        (1, [10**18, 1], [1, 0]),
    ],
)
def test_a_total_is_spread(total: int, weights: list[int], parts: list[int]) -> None:
    assert allocate(total, weights) == parts


@many
@given(AMOUNT, WEIGHTS)
def test_parts_add_up_and_stay_within_one_of_the_exact_share(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    shares = weights if any(weights) else [1] * len(weights)
    assert sum(parts) == total
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - Fraction(total * share, sum(shares))) < 1
        assert part == 0 or (part > 0) == (total > 0)


@many
@given(AMOUNT, WEIGHTS)
def test_the_spread_is_stable_in_order(total: int, weights: list[int]) -> None:
    """More weight never gets less, and of equal weights the earlier gets at most one more."""
    parts = allocate(total, weights)
    for first, second in combinations(range(len(weights)), 2):
        ahead = abs(parts[first]) - abs(parts[second])
        if weights[first] == weights[second]:
            assert 0 <= ahead <= 1
        else:
            assert ahead == 0 or (ahead > 0) == (weights[first] > weights[second])


@pytest.mark.parametrize(("total", "weights"), [(5, []), (5, [1, -1]), (0, [-1])])
def test_a_total_without_takers_is_refused(total: int, weights: list[int]) -> None:
    with pytest.raises(InvalidError):
        allocate(total, weights)


def test_five_million_gross_at_thirteen_percent() -> None:
    assert split_gross(500_000_000, 130_000) == TaxSplit(442_477_876, 57_522_124, 500_000_000)
    assert split_net(100_00, 130_000) == TaxSplit(100_00, 13_00, 113_00)
    assert split_gross(-113_00, 130_000) == TaxSplit(-100_00, -13_00, -113_00)
    assert split_gross(1, 130_000) == TaxSplit(1, 0, 1)
    assert split_gross(999, 0) == TaxSplit(999, 0, 999)


@many
@given(AMOUNT, RATE)
def test_gross_is_net_and_tax(amount: int, ppm: int) -> None:
    by_gross, by_net = split_gross(amount, ppm), split_net(amount, ppm)
    assert by_gross.net + by_gross.tax == by_gross.gross == amount
    assert by_gross.net == rounded(Fraction(amount * 1_000_000, 1_000_000 + ppm))
    assert by_net.net + by_net.tax == by_net.gross
    assert by_net.tax == rate_of(amount, ppm) == rounded(Fraction(amount * ppm, 1_000_000))


@pytest.mark.parametrize(
    ("qty", "price", "currency", "amount"),
    [
        (3, "0.0123", "CNY", 4),  # 3.69 fen
        (1000, "0.0123", "CNY", 1230),
        (1, "0.005", "CNY", 1),
        (-1, "0.005", "CNY", -1),
        (7, "1499.5", "JPY", 10497),  # 10 496.5 yen
        (1, "0.0005", "KWD", 1),
        (2, "1.2345", "KWD", 2469),
        (0, "99", "USD", 0),
    ],
)
def test_a_line_is_rounded_once(qty: int, price: str, currency: str, amount: int) -> None:
    assert line_amount(qty, Decimal(price), currency) == amount


@pytest.mark.parametrize(
    ("currency", "digits", "factor", "shown"),
    [("CNY", 2, 100, "12345.67"), ("JPY", 0, 1, "1234567"), ("KWD", 3, 1000, "1234.567")],
)
def test_currencies_have_their_own_digits(currency: str, digits: int, factor: int, shown: str) -> None:
    assert (exponent(currency), minor_factor(currency)) == (digits, factor)
    assert str(minor_to_decimal(1_234_567, currency)) == shown
    assert decimal_to_minor(Decimal(shown), currency) == 1_234_567
    micros = minor_to_micros(1_234_567, currency)
    assert micros == Fraction(shown) * 1_000_000
    assert micros_to_minor(micros, currency) == 1_234_567
    assert micros_to_string(micros, currency) == shown
    with pytest.raises(InvalidError):
        decimal_to_minor(Decimal(1).scaleb(-digits - 1), currency)


def test_an_unknown_currency_is_refused() -> None:
    for code in ("XXX", "cny", ""):
        with pytest.raises(InvalidError):
            exponent(code)
    assert all(0 <= exponent(code) <= 3 for code in CURRENCIES)


@many
@given(st.sampled_from(sorted(CURRENCIES)), st.integers(-(10**16), 10**16))
def test_minor_units_survive_every_way_back(currency: str, amount: int) -> None:
    assert decimal_to_minor(minor_to_decimal(amount, currency), currency) == amount
    assert micros_to_minor(minor_to_micros(amount, currency), currency) == amount


def test_a_sum_of_millionths_is_rounded_when_shown() -> None:
    assert micros_to_string(17_374_804_270_000, "GBP") == "17374804.27"
    assert micros_to_string(-5_000, "GBP") == "-0.01"
    assert micros_to_string(4_999, "GBP") == "0.00"


STRANGE = ("NaN", "sNaN", "Infinity", "-Infinity", "1e30", "1E+999999999", "1e-999999999", "1" * 45)


@pytest.mark.parametrize("price", ["0.0000001", "1." + "0" * 50 + "1", "9223372036854.775808", *STRANGE])
def test_a_price_too_fine_or_too_large_is_refused(price: str) -> None:
    with pytest.raises(InvalidError):
        price_to_micros(Decimal(price))


@pytest.mark.parametrize("amount", ["0.001", "1." + "0" * 50 + "1", "92233720368547758.08", *STRANGE])
def test_an_amount_too_fine_or_too_large_is_refused(amount: str) -> None:
    with pytest.raises(InvalidError):
        decimal_to_minor(Decimal(amount), "CNY")


def test_unit_prices_are_stored_as_whole_millionths() -> None:
    column, dialect = UnitPrice(), sqlite.dialect()
    assert column.process_bind_param(Decimal("0.0123"), dialect) == 12_300
    assert column.process_bind_param(7, dialect) == 7_000_000
    assert column.process_result_value(12_300, dialect) == Decimal("0.0123")
    assert column.process_bind_param(None, dialect) is None
    assert column.process_result_value(None, dialect) is None
    with pytest.raises(InvalidError):
        column.process_bind_param(0.1, dialect)  # a binary float is never a price
    assert price_to_micros(Decimal("9223372036854.775807")) == 2**63 - 1


def test_money_of_two_currencies_does_not_mix() -> None:
    assert Money("CNY", 150) + Money("CNY", 50) - Money("CNY", 300) == -Money("CNY", 100)
    assert str(Money("CNY", -5)) == "-0.05 CNY"
    assert str(Money("JPY", 100_000_000_000)) == "100000000000 JPY"
    for combine in (Money.__add__, Money.__sub__):
        with pytest.raises(CurrencyMismatchError) as caught:
            combine(Money("CNY", 1), Money("USD", 1))
        assert str(caught.value) == "Amounts in CNY and USD cannot be combined."
