"""The price chart draws what held, and nothing where nothing did."""

from datetime import date
from decimal import Decimal

from distrib_app.figures.prices import price_steps


def test_steps_reach_until_the_day_asked_for() -> None:
    line = price_steps(
        [(date(2026, 1, 1), Decimal("100")), (date(2026, 3, 1), Decimal("104.50"))], until=date(2026, 10, 15)
    ).data[0]
    assert list(line.x) == [date(2026, 1, 1), date(2026, 3, 1), date(2026, 10, 15)]
    assert list(line.y) == ["100", "104.50", "104.50"]


def test_a_gap_ends_the_step_before_it() -> None:
    line = price_steps(
        [(date(2026, 1, 1), Decimal(100)), (date(2026, 3, 1), None)], until=date(2026, 4, 1)
    ).data[0]
    assert list(line.x) == [date(2026, 1, 1), date(2026, 3, 1), date(2026, 3, 1), date(2026, 4, 1)]
    assert list(line.y) == ["100", "100", None, None]


def test_no_price_is_an_empty_chart() -> None:
    assert price_steps([], until=date(2026, 4, 1)).data[0].x == ()
