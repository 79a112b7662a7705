"""Rows that hold for a time and remember when they were recorded (what was known on day K)."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Field, SQLModel, col

from .errors import InvalidError


class Effective(SQLModel):
    """Valid `[valid_from, valid_to)` in business days, recorded at an instant by a user."""

    valid_from: date
    valid_to: date | None = None
    recorded_at: datetime
    recorded_by: int | None = Field(default=None, foreign_key="user_account.id")

    @classmethod
    def as_of(cls, day: date, known_at: datetime | None = None) -> ColumnElement[bool]:
        """Rows that hold on `day`; with `known_at` only those recorded by that instant."""
        clause = and_(
            col(cls.valid_from) <= day,
            or_(col(cls.valid_to).is_(None), col(cls.valid_to) > day),
        )
        return clause if known_at is None else and_(clause, col(cls.recorded_at) <= known_at)

    def holds_on(self, day: date) -> bool:
        """Whether the row holds on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def check_range(valid_from: date, valid_to: date | None) -> None:
    """Refuse an empty or reversed range."""
    if valid_to is not None and valid_to <= valid_from:
        raise InvalidError(field="valid_to", reason=f"{valid_to} ≤ {valid_from}")


def overlaps(
    first: tuple[date, date | None], second: tuple[date, date | None], *, infinity: date = date.max
) -> bool:
    """Whether two half-open ranges share a day."""
    return first[0] < (second[1] or infinity) and second[0] < (first[1] or infinity)
