"""When a recipient may rate or complain; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..kernel.money import divide
from .models import OrderStatus

CHANGEABLE_FOR = timedelta(days=1)
LOWEST, HIGHEST = 1, 5
DELIVERED = frozenset({OrderStatus.DELIVERED.value, OrderStatus.COMPLETED.value})


def rating_closes_at(rated_at: datetime | None) -> datetime | None:
    """Until when a rating may still be changed; None before there is one."""
    return None if rated_at is None else rated_at + CHANGEABLE_FOR


def can_rate(status: str, rated_at: datetime | None, now: datetime) -> bool:
    """Whether an order may be rated now: once it has arrived, and within a day after the first rating."""
    closes_at = rating_closes_at(rated_at)
    return status in DELIVERED and (closes_at is None or now < closes_at)


@dataclass(frozen=True, slots=True)
class Ratings:
    """How often each rating 1 … 5 was given."""

    counts: tuple[int, ...]

    @property
    def answer_count(self) -> int:
        """How many recipients answered."""
        return sum(self.counts)

    @property
    def mean_hundredths(self) -> int | None:
        """The mean in hundredths, half away from zero (4.25 → 425); None without an answer."""
        total = sum(rating * count for rating, count in enumerate(self.counts, LOWEST))
        return divide(total * 100, self.answer_count) if self.answer_count else None


def count_ratings(ratings: Sequence[tuple[int, int]]) -> Ratings:
    """Ratings from (rating, how often)."""
    known = dict(ratings)
    return Ratings(tuple(known.get(rating, 0) for rating in range(LOWEST, HIGHEST + 1)))
