"""What the demo's partners report to have in stock: month-end lists, some of them late, some with gaps."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from ..inventory.models import LocationKind
from .locations import LocationPlan
from .stock import Change
from .timeline import DAY, Month, Timeline

# month ends before the last one that a place reports, by the last digit of its id: most are in time
_REPORTED: dict[int, tuple[int, ...]] = {8: (1,), 9: (), 7: (3,)}
_IN_TIME = (0, 1)
_GAPS = 80  # lines in a thousand that differ from the books


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """A reported line as it will be written."""

    location: LocationPlan
    sku_id: int
    qty: int
    counted_on: date
    second: int
    source: str
    document: str
    line_no: int


def plan_reports(
    streams: Mapping[tuple[int, int], Sequence[Change]],
    locations: Mapping[int, LocationPlan],
    timeline: Timeline,
    rng: Random,
) -> list[ReportPlan]:
    """The reports of all partners' places; the brand's own stock is what its books say."""
    ends = [month for month in timeline.months if _last_day(month) < timeline.end // DAY]
    plans: list[ReportPlan] = []
    lines: dict[tuple[int, int], int] = defaultdict(int)
    for (location_id, sku_id), changes in streams.items():
        location = locations[location_id]
        if location.party.parent is None:
            continue
        for back in _REPORTED.get(location_id % 10, _IN_TIME):
            day = _last_day(ends[-1 - back])
            qty = sum(change.on_hand for change in changes if change.second < (day + 1) * DAY)
            source = "pos" if location.kind is LocationKind.STORE else "erp"
            lines[location_id, day] += 1
            plans.append(
                ReportPlan(
                    location=location,
                    sku_id=sku_id,
                    qty=_told(qty, rng),
                    counted_on=timeline.days[day],
                    second=(day + 1) * DAY + 7_200,
                    source=source,
                    document=f"{source.upper()}-{timeline.days[day]:%Y%m%d}",
                    line_no=lines[location_id, day],
                )
            )
    return plans


def _last_day(month: Month) -> int:
    return month.first_day + month.calendar_days - 1


def _told(qty: int, rng: Random) -> int:
    """What is reported of a quantity: mostly the same."""
    if rng.randrange(1_000) >= _GAPS:
        return qty
    return max(0, qty + rng.choice((-1, -1, 1)) * rng.randrange(1, max(2, qty // 5 + 2)))
