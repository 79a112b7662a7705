"""Business days in the programme's zone, across daylight-saving changes; half-open periods."""

import calendar
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.kernel.clock import (
    Period,
    add_months,
    business_day,
    day_start,
    month_start,
    parse_day,
    utc_now,
    zone,
)
from distrib_app.core.kernel.errors import InvalidError

ZONES = ("Asia/Shanghai", "Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
many = settings(max_examples=100, deadline=None)


def test_the_programmes_zone_decides_the_quarter() -> None:
    """T7: 16:30 UTC on 31 March is 1 April in Shanghai, wherever the dealer sits."""
    instant = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)
    assert business_day(instant, "Asia/Shanghai") == date(2026, 4, 1)
    assert business_day(instant, "Europe/London") == date(2026, 3, 31)
    dealer = instant.astimezone(timezone(timedelta(hours=-9)))
    assert business_day(dealer, "Asia/Shanghai") == date(2026, 4, 1)
    with pytest.raises(InvalidError):
        business_day(instant.replace(tzinfo=None), "Asia/Shanghai")


def test_an_end_date_is_inclusive_where_people_type_it() -> None:
    """T8: 至6月18日 ends before 19 June 00:00 in Shanghai."""
    period = Period.inclusive(date(2026, 6, 1), date(2026, 6, 18))
    assert (period.end, period.last) == (date(2026, 6, 19), date(2026, 6, 18))
    end = day_start(period.end, "Asia/Shanghai")
    assert end == datetime(2026, 6, 18, 16, 0, tzinfo=UTC)
    assert business_day(end - timedelta(microseconds=1), "Asia/Shanghai") in period
    assert business_day(end, "Asia/Shanghai") not in period


@pytest.mark.parametrize(
    ("day", "zone_name", "hours"),
    [
        (date(2026, 3, 29), "Europe/London", 23),
        (date(2026, 10, 25), "Europe/London", 25),
        (date(2026, 3, 8), "America/New_York", 23),
        (date(2026, 11, 1), "America/New_York", 25),
        (date(2026, 10, 25), "Asia/Shanghai", 24),
    ],
)
def test_days_of_23_and_25_hours_lose_and_double_nothing(day: date, zone_name: str, hours: int) -> None:
    start, end = day_start(day, zone_name), day_start(day + timedelta(days=1), zone_name)
    assert end - start == timedelta(hours=hours)
    instants = [start + timedelta(minutes=30 * step) for step in range(-2, 2 * hours + 2)]
    assert sum(business_day(instant, zone_name) == day for instant in instants) == 2 * hours


@many
@given(st.integers(0, 2**31), st.sampled_from(ZONES))
def test_every_instant_lies_in_its_business_day(seconds: int, zone_name: str) -> None:
    instant = datetime.fromtimestamp(seconds, UTC)
    day = business_day(instant, zone_name)
    assert day_start(day, zone_name) <= instant < day_start(day + timedelta(days=1), zone_name)


@pytest.mark.parametrize("name", ["", "Mars/Phobos", "Asia", "../etc/passwd", "a" * 300, "Asia/Shanghai\0"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidError):
        zone(name)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), -48, date(2020, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 5, 31), 0, date(2026, 5, 31)),
    ],
)
def test_months_are_added_and_the_day_is_clamped(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@many
@given(DAYS, st.integers(-600, 600))
def test_a_moved_day_keeps_its_number_or_ends_the_month(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day == min(day.day, calendar.monthrange(moved.year, moved.month)[1])


def test_whole_months_compare_with_whole_months() -> None:
    quarter = Period(date(2026, 1, 1), date(2026, 4, 1))
    assert quarter.is_whole_months
    assert quarter.previous() == Period(date(2025, 10, 1), date(2026, 1, 1))
    assert quarter.year_ago() == Period(date(2025, 1, 1), date(2025, 4, 1))
    assert list(quarter.months()) == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert Period.month(date(2024, 2, 29)) == Period(date(2024, 2, 1), date(2024, 3, 1))
    assert Period.month(date(2024, 2, 1)).year_ago() == Period(date(2023, 2, 1), date(2023, 3, 1))
    assert Period.month(date(2026, 3, 5)).previous() == Period(date(2026, 2, 1), date(2026, 3, 1))


def test_other_periods_compare_with_as_many_days() -> None:
    period = Period.inclusive(date(2024, 2, 20), date(2024, 2, 29))
    assert period.previous() == Period.inclusive(date(2024, 2, 10), date(2024, 2, 19))
    assert period.year_ago() == Period.inclusive(date(2023, 2, 20), date(2023, 2, 28))
    assert list(Period(date(2026, 1, 31), date(2026, 2, 2)).months()) == [date(2026, 1, 1), date(2026, 2, 1)]
    empty = Period(date(2026, 5, 5), date(2026, 5, 5))
    assert date(2026, 5, 5) not in empty
    with pytest.raises(InvalidError):
        Period(date(2026, 5, 2), date(2026, 5, 1))


@many
@given(DAYS, st.integers(0, 800))
def test_the_previous_period_ends_where_this_one_begins(start: date, days: int) -> None:
    period = Period(start, start + timedelta(days=days))
    before = period.previous()
    assert before.end == period.start
    if not period.is_whole_months:
        assert before.end - before.start == period.end - period.start
    assert period.year_ago().start == add_months(period.start, -12)
    assert all(first == month_start(first) for first in period.months())


def test_a_typed_day_is_read_or_refused() -> None:
    assert parse_day("2024-02-29") == date(2024, 2, 29)
    for text in ("2023-02-29", "2026-1-1", "20260101", "", "2026-13-01", "٢٠٢٦-١٠-٣١", "2026-01-01T00:00"):
        with pytest.raises(InvalidError) as caught:
            parse_day(text, "from")
        assert caught.value.facts["field"] == "from"


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31"])
def test_a_typed_day_leaves_room_for_its_neighbours(text: str) -> None:
    with pytest.raises(InvalidError):
        parse_day(text)
    widest = Period.inclusive(parse_day("1900-01-01"), parse_day("2999-12-31"))
    assert widest.previous().end == widest.start
    assert widest.year_ago().start == date(1899, 1, 1)


def test_the_present_is_aware() -> None:
    assert utc_now().tzinfo is UTC
