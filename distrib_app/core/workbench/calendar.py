"""Business time: which hours people work, so that a clock of theirs stands still at night and on holidays.

Pure: a calendar is a frozen value; the shipped table holds what the State Council announced.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files

from ..kernel.clock import zone
from ..kernel.errors import InvalidError

HOUR = 3600
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working hours of every day in one zone.

    `weekdays` count from Monday = 0; `holidays` are working weekdays that are off, `make_up_days` days off
    on which people work instead. `hours` are the spans of a working day, in order, without overlap.
    """

    zone: str
    weekdays: frozenset[int] = frozenset(range(5))
    hours: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13), time(18)))
    holidays: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        edges = [edge for span in self.hours for edge in span]
        if not self.weekdays or not edges or edges != sorted(set(edges)):
            raise InvalidError(field="calendar", reason=f"{sorted(self.weekdays)} {self.hours}")

    def is_working_day(self, day: date) -> bool:
        """Whether people work on `day`."""
        if day in self.make_up_days:
            return True
        return day.weekday() in self.weekdays and day not in self.holidays

    def working_day_from(self, day: date) -> date:
        """The first working day on or after `day`."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def spans(self, day: date) -> list[Span]:
        """The working hours of `day` as instants (UTC); none on a day off."""
        if not self.is_working_day(day):
            return []
        tz = zone(self.zone)
        return [
            (
                datetime.combine(day, opens, tzinfo=tz).astimezone(UTC),
                datetime.combine(day, closes, tzinfo=tz).astimezone(UTC),
            )
            for opens, closes in self.hours
        ]

    def due_at(self, start: datetime, business_hours: int) -> datetime:
        """The instant (UTC) at which `business_hours` of working time have passed since `start`."""
        return self.after(start, business_hours * HOUR)

    def after(self, start: datetime, seconds: int) -> datetime:
        """The instant (UTC) at which `seconds` of working time have passed since `start`.

        No time at all is `start` itself. Raises `InvalidError` for a negative length.
        """
        if seconds < 0:
            raise InvalidError(field="seconds", reason=str(seconds))
        left = timedelta(seconds=seconds)
        if not left:
            return start.astimezone(UTC)
        for opens, closes in self._spans_from(start):
            begins = max(opens, start)
            if closes - begins >= left:
                return begins + left
            left -= max(closes - begins, timedelta())
        raise AssertionError("a calendar has no last day")

    def business_seconds(self, first: datetime, last: datetime) -> int:
        """Working time between two instants in whole seconds; negative when `last` is the earlier one."""
        if last < first:
            return -self.business_seconds(last, first)
        total = timedelta()
        for opens, closes in self._spans_from(first):
            if opens >= last:
                break
            total += max(min(closes, last) - max(opens, first), timedelta())
        return total // timedelta(seconds=1)

    def _spans_from(self, start: datetime) -> Iterator[Span]:
        if start.tzinfo is None:
            raise InvalidError(field="instant", reason="no time zone")
        day = start.astimezone(zone(self.zone)).date()
        while True:
            yield from self.spans(day)
            day += timedelta(days=1)


@lru_cache(maxsize=1)
def work_calendar() -> Calendar:
    """The calendar of mainland China: Monday to Friday, public holidays and make-up days as announced.

    A year without an announced table counts its weekends only.
    """
    text = (files(__package__) / "tables" / "holidays_cn.csv").read_text(encoding="utf-8")
    days: dict[str, set[date]] = {"off": set(), "work": set()}
    for row in csv.DictReader(text.splitlines()):
        days[row["kind"]].add(date.fromisoformat(row["day"]))
    return Calendar("Asia/Shanghai", holidays=frozenset(days["off"]), make_up_days=frozenset(days["work"]))
