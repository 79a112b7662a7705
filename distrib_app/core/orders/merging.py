"""Which open parts may leave as one shipment; pure.

One owner, place, seller and receiver; cold goods with cold goods only; ready within a window. What is urgent
waits for nobody.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..kernel.errors import InvalidError

HOURS_OF_A_DAY = 24
MERGE_WINDOWS = (24, 48, 72)


@dataclass(frozen=True, slots=True)
class Mergeable:
    """An open part: `journey` is what must be alike in all parts of a shipment, weights g, volumes cm³."""

    number: str
    journey: tuple[int | None, ...]
    ready_on: date
    is_cold: bool = False
    is_urgent: bool = False
    weight_g: int = 0
    volume_cm3: int = 0


def check_window(hours: int) -> None:
    """Refuse a window that is none of `MERGE_WINDOWS`."""
    if hours not in MERGE_WINDOWS:
        raise InvalidError(field="hours", reason=f"{hours} ∉ {', '.join(map(str, MERGE_WINDOWS))}")


def group_parts(parts: Sequence[Mergeable], *, hours: int) -> list[tuple[Mergeable, ...]]:
    """Parts that may leave together, two or more each, in the order of their first day.

    Parts of a kind are taken in the order of their days; the first opens a window of `hours` (ready days are
    days: 24 hours are the day and the next), those within it join. A part ready after an urgent one of the
    group opens a window of its own. The order of `parts` decides nothing.
    """
    check_window(hours)
    kinds: dict[tuple[tuple[int | None, ...], bool], list[Mergeable]] = defaultdict(list)
    for part in parts:
        kinds[part.journey, part.is_cold].append(part)
    groups: list[list[Mergeable]] = []
    for kind in kinds.values():
        limit = date.min
        for part in sorted(kind, key=lambda one: (one.ready_on, one.number)):
            if part.ready_on > limit:
                groups.append([])
                limit = part.ready_on + timedelta(days=hours // HOURS_OF_A_DAY)
            groups[-1].append(part)
            if part.is_urgent:
                limit = part.ready_on
    found = [tuple(group) for group in groups if len(group) > 1]
    return sorted(found, key=lambda group: (group[0].ready_on, group[0].number))
