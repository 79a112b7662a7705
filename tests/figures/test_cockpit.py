"""Figures are pure: rows in, figure out."""

from datetime import date

import pytest

from distrib_app.figures.cockpit import axis_ticks, sparkline, trend


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0, [0, 1]),
        (3, [0, 1, 2, 3]),
        (7, [0, 2, 4, 6, 8]),
        (12, [0, 5, 10, 15]),
        (138_000_000, [0, 50_000_000, 100_000_000, 150_000_000]),
    ],
)
def test_axis_ticks_are_round_and_reach_above(highest: int, ticks: list[int]) -> None:
    assert axis_ticks(highest) == ticks


def test_a_sparkline_spans_its_box_and_skips_what_is_hidden() -> None:
    assert sparkline([0, None, 10], width=100, height=20) == "0,18 100,2"
    assert sparkline([5]) == ""
    assert sparkline([4, 4], width=10, height=20) == "0,18 10,18"


def test_the_trend_has_both_years_and_its_own_ticks() -> None:
    figure = trend(
        (date(2026, 9, 1), date(2026, 10, 1)),
        (1, None),
        name="now",
        year_ago=(2, 3),
        year_ago_name="before",
        hover=("a", "b"),
        year_ago_hover=("c", "d"),
        ticks=((0, "0"), (5, "5 万")),
    )
    assert [trace.name for trace in figure.data] == ["before", "now"]
    assert list(figure.data[1].y) == [1, None]
    assert list(figure.layout.yaxis.ticktext) == ["0", "5 万"]
