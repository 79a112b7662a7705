"""The demo's calendar: trade runs in whole months up to a last instant; seconds since its first midnight.

The demo's zone has no daylight-saving change inside the period, so a day is 86,400 seconds; plain integers
keep a hundred thousand orders sortable, and are turned into instants where rows are written.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from ..kernel.clock import add_months, business_day, day_start, month_start
from ..kernel.errors import InvalidError

DAY = 86_400
HOUR = 3_600
OPENING, CLOSING = 8 * HOUR, 18 * HOUR
MONTHS_BACK = 24


@dataclass(frozen=True, slots=True)
class Month:
    """A month of trade: its first day as an index, the days traded and the days it has."""

    index: int
    number: int
    first_day: int
    day_count: int
    calendar_days: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """24 whole months and the running one; `end` is the last second that has happened."""

    start: date
    as_of: date
    base: datetime
    end: int
    days: tuple[date, ...]
    months: tuple[Month, ...]

    def instant(self, second: int) -> datetime:
        """The aware instant of a second."""
        return self.base + timedelta(seconds=second)

    def day(self, second: int) -> date:
        """The business day of a second."""
        return self.days[second // DAY]

    def working_second(self, rng: Random, day: int) -> int:
        """A second in the working hours of a day; on the last day never after `end`."""
        left = self.end - day * DAY
        opening, closing = OPENING, min(CLOSING, left)
        if closing - opening < HOUR:
            opening, closing = 0, max(1, left)
        return day * DAY + rng.randrange(opening, closing)


def plan_timeline(*, as_of: date, zone: str, now: datetime) -> Timeline:
    """The calendar ending on `as_of`, not after `now`. Raises `InvalidError` for a day still to come."""
    if business_day(now, zone) < as_of:
        raise InvalidError(field="as_of", reason=f"{as_of} > {business_day(now, zone)}")
    start = month_start(add_months(as_of, -MONTHS_BACK))
    days = tuple(start + timedelta(days=index) for index in range((as_of - start).days + 1))
    base = day_start(start, zone)
    end = min(int((now - base).total_seconds()), len(days) * DAY - 1)
    months = []
    for index in range(MONTHS_BACK + 1):
        first, following = add_months(start, index), add_months(start, index + 1)
        traded = (min(following, as_of + timedelta(days=1)) - first).days
        months.append(Month(index, first.month, (first - start).days, traded, (following - first).days))
    return Timeline(start, as_of, base, end, days, tuple(months))
