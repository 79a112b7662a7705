"""Time: aware UTC instants, business days in a zone, half-open periods.

Nothing in core reads the wall clock except through `utc_now`, which only the composition root, the gate,
the API and the jobs call; a verb gets `now`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import InvalidError

FIRST_YEAR, LAST_YEAR = 1900, 2999


def utc_now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def zone(name: str) -> ZoneInfo:
    """The IANA zone `name`. Raises `InvalidError` for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder, a name too long
        raise InvalidError(field="zone", reason=name) from error


def business_day(instant: datetime, zone_name: str) -> date:
    """The calendar day on which `instant` falls in the programme's zone."""
    if instant.tzinfo is None:
        raise InvalidError(field="instant", reason="no time zone")
    return instant.astimezone(zone(zone_name)).date()


def day_start(day: date, zone_name: str) -> datetime:
    """The instant (UTC) at which `day` begins in the zone; right across daylight-saving changes."""
    return datetime.combine(day, time.min, tzinfo=zone(zone_name)).astimezone(UTC)


def month_start(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)


def add_months(day: date, months: int) -> date:
    """`day` moved by whole months; the day of the month is clamped to the target month's end."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A half-open range of business days `[start, end)`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidError(field="period", reason=f"{self.start} > {self.end}")

    @classmethod
    def month(cls, day: date) -> "Period":
        """The calendar month that holds `day`."""
        first = month_start(day)
        return cls(first, add_months(first, 1))

    @classmethod
    def inclusive(cls, first: date, last: date) -> "Period":
        """The period from `first` to `last`, both named days included (what people type)."""
        return cls(first, last + timedelta(days=1))

    @property
    def last(self) -> date:
        """The last day inside."""
        return self.end - timedelta(days=1)

    @property
    def is_whole_months(self) -> bool:
        """Whether both edges are first days of a month."""
        return self.start.day == 1 and self.end.day == 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def months(self) -> Iterator[date]:
        """First days of all months the period touches."""
        current = month_start(self.start)
        while current < self.end:
            yield current
            current = add_months(current, 1)

    def previous(self) -> "Period":
        """The period of the same length right before; whole months stay whole months."""
        if self.is_whole_months:
            count = sum(1 for _ in self.months())
            return Period(add_months(self.start, -count), self.start)
        return Period(self.start - (self.end - self.start), self.start)

    def year_ago(self) -> "Period":
        """The same period one year earlier (29 February is clamped)."""
        if self.is_whole_months:
            return Period(add_months(self.start, -12), add_months(self.end, -12))
        return Period.inclusive(add_months(self.start, -12), add_months(self.last, -12))


def parse_day(text: str, field: str = "date") -> date:
    """An ISO day `2026-10-31` of the years 1900 to 2999. Raises `InvalidError` naming the field.

    The bounds leave room for the day after, the year before and the period before.
    """
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise InvalidError(field=field, reason=f"{text!r} – YYYY-MM-DD")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidError(field=field, reason=f"{text!r} – {error}") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidError(field=field, reason=f"{text!r} ∉ {FIRST_YEAR}–{LAST_YEAR}")
    return day


def parse_days(first: str, last: str) -> Period | None:
    """Two inclusive days as a period; neither means all time. Raises `InvalidError`, also for one alone."""
    if not first and not last:
        return None
    if not first or not last:
        raise InvalidError(field="from" if not first else "to", reason="YYYY-MM-DD")
    return Period.inclusive(parse_day(first, "from"), parse_day(last, "to"))
