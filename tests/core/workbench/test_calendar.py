"""Business time against the announced days of 2026, and properties that hold for any two instants."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.workbench import Calendar, work_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = work_calendar()


def at(text: str) -> datetime:
    """An instant by its wall clock in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# start, business hours, when they are over (wall clock): nine to twelve, one to six
DUE = [
    ("2026-11-23 09:00", 1, "2026-11-23 10:00"),
    ("2026-11-23 11:30", 1, "2026-11-23 13:30"),  # over lunch
    ("2026-11-23 17:00", 2, "2026-11-24 10:00"),  # over night
    ("2026-11-27 17:00", 2, "2026-11-30 10:00"),  # over the weekend
    ("2026-11-28 10:00", 8, "2026-11-30 18:00"),  # asked on a Saturday
    ("2026-11-23 03:00", 8, "2026-11-23 18:00"),  # before work
    ("2026-11-23 23:59", 16, "2026-11-25 18:00"),
    ("2025-12-31 18:00", 8, "2026-01-04 18:00"),  # New Year: the Sunday is worked
    ("2026-02-13 18:00", 8, "2026-02-14 18:00"),  # the Saturday before Spring Festival is worked
    ("2026-02-14 18:00", 8, "2026-02-24 18:00"),
    ("2026-02-27 18:00", 16, "2026-03-02 18:00"),  # Saturday 28 February is worked
    ("2026-04-03 18:00", 1, "2026-04-07 10:00"),
    ("2026-04-30 18:00", 1, "2026-05-06 10:00"),
    ("2026-05-08 18:00", 8, "2026-05-09 18:00"),
    ("2026-06-18 18:00", 1, "2026-06-22 10:00"),
    ("2026-09-18 18:00", 8, "2026-09-20 18:00"),  # a worked Sunday
    ("2026-09-24 18:00", 1, "2026-09-28 10:00"),
    ("2026-09-30 18:00", 1, "2026-10-08 10:00"),
    ("2026-10-09 18:00", 8, "2026-10-10 18:00"),
]


@pytest.mark.parametrize(("start", "hours", "due"), DUE)
def test_hours_run_on_working_days_only(start: str, hours: int, due: str) -> None:
    assert CHINA.due_at(at(start), hours) == at(due)
    assert CHINA.business_seconds(at(start), at(due)) == hours * 3600


def test_the_table_of_2026() -> None:
    days = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(365)]
    worked = [day for day in days if CHINA.is_working_day(day)]
    assert len(worked) == 248
    assert [day for day in worked if day.weekday() > 4] == [
        date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))
    ]


def test_an_answer_is_an_instant_in_utc() -> None:
    due = CHINA.due_at(at("2026-11-23 09:00"), 1)
    assert due == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert due.tzinfo is UTC


def test_a_clock_change_neither_loses_nor_doubles_hours() -> None:
    nights = Calendar("America/New_York", frozenset(range(7)), ((time(0), time(8)),))
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)
    for day, hours in ((spring, 7), (autumn, 9)):
        (span,) = nights.spans(day)
        assert nights.business_seconds(*span) == hours * 3600


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekdays": frozenset()},
        {"hours": ()},
        {"hours": ((time(12), time(9)),)},
        {"hours": ((time(9), time(13)), (time(12), time(18)))},
    ],
)
def test_a_calendar_without_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidError):
        Calendar("Asia/Shanghai", **wrong)  # type: ignore[arg-type]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidError):
        CHINA.due_at(datetime(2026, 1, 1), 1)  # noqa: DTZ001
    with pytest.raises(InvalidError):
        CHINA.after(at("2026-11-23 09:00"), -1)


START = datetime(2025, 12, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 420 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))
SECONDS = st.integers(0, 400 * 3600)


@settings(max_examples=100, deadline=None)
@given(INSTANTS, SECONDS)
def test_what_is_added_is_what_has_passed(start: datetime, seconds: int) -> None:
    due = CHINA.after(start, seconds)
    assert due >= start
    assert CHINA.business_seconds(start, due) == seconds


@settings(max_examples=100, deadline=None)
@given(INSTANTS, SECONDS, SECONDS)
def test_two_pieces_of_time_are_one(start: datetime, first: int, second: int) -> None:
    assert CHINA.after(CHINA.after(start, first), second) == CHINA.after(start, first + second)


@settings(max_examples=100, deadline=None)
@given(INSTANTS, INSTANTS, INSTANTS)
def test_time_adds_up_and_turns_its_sign(one: datetime, two: datetime, three: datetime) -> None:
    total = CHINA.business_seconds(one, two) + CHINA.business_seconds(two, three)
    assert total == CHINA.business_seconds(one, three)
    assert CHINA.business_seconds(two, one) == -CHINA.business_seconds(one, two)
