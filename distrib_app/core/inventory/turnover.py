"""Turnover: how often a year stock is turned, beside the industry's figure or that of its peers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from ..catalog import Category
from ..channels import Region
from ..kernel.access import Actor, Permission
from ..kernel.db import get_by, row_id
from ..kernel.errors import InvalidError
from ..kernel.events import emit
from ..kernel.money import divide
from .demand import Spot
from .order_points import Turnover
from .planning_models import TurnoverBenchmark

# (place id, category id)
Key = tuple[int, int]
YEAR_DAYS = 365
MAX_TURNOVER = 1_000_000


def set_turnover_benchmark(
    session: Session,
    actor: Actor,
    *,
    category_code: str,
    region_code: str,
    turnover_milli: int,
    source: str,
    now: datetime,
) -> TurnoverBenchmark:
    """Load an industry figure: turns a year (thousandths) of a category in a region and below, and whence.

    Raises `InvalidError`, `NotFoundError`.
    """
    actor.require(Permission.CATALOG_WRITE)
    if not 1 <= turnover_milli <= MAX_TURNOVER or not source.strip():
        field = "source" if 1 <= turnover_milli <= MAX_TURNOVER else "turnover"
        raise InvalidError(field=field, reason=source or str(turnover_milli))
    category = get_by(session, Category, "category", code=category_code)
    region = get_by(session, Region, "region", code=region_code)
    row = session.exec(
        select(TurnoverBenchmark)
        .where(TurnoverBenchmark.category_id == category.id, TurnoverBenchmark.region_id == region.id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        row = TurnoverBenchmark(
            category_id=row_id(category), region_id=row_id(region), turnover_milli=0, source=""
        )
    row.turnover_milli, row.source = turnover_milli, source.strip()[:120]
    session.add(row)
    session.flush()
    emit(
        session,
        actor,
        "turnover_benchmark.set",
        subject=("category", category_code),
        now=now,
        region=region_code,
        turnover_milli=turnover_milli,
    )
    return row


def missed_benchmarks(
    session: Session, demand: Mapping[Key, int], on_hand: Mapping[Key, int], spots: Mapping[int, Spot]
) -> dict[Key, Turnover]:
    """Where a category turns slower than its benchmark: (place, category) → both figures.

    `demand` is thousandths of a unit a day, `on_hand` units, by (place, category); turnover is a year's
    demand over what is on hand. The benchmark is the industry's figure for the nearest region where one is
    loaded, else the median of the places of the same kind. Places without stock are no peers.
    """
    own = {key: divide(demand[key] * YEAR_DAYS, qty) for key, qty in on_hand.items() if qty > 0}
    peers: dict[tuple[str, int], list[int]] = defaultdict(list)
    for (place, category), turns in own.items():
        peers[spots[place].kind, category].append(turns)
    medians = {group: _median(sorted(turns)) for group, turns in peers.items() if len(turns) > 1}
    industry = _industry(session)
    missed = {}
    for (place, category), turns in own.items():
        figure = _nearest(industry.get(category, {}), spots[place].region_path)
        benchmark = medians.get((spots[place].kind, category)) if figure is None else figure
        if benchmark is not None and turns < benchmark:
            missed[place, category] = Turnover(turns, benchmark, figure is not None)
    return missed


def _median(ordered: Sequence[int]) -> int:
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return divide(ordered[middle - 1] + ordered[middle], 2)


def _industry(session: Session) -> dict[int, dict[str, int]]:
    """Industry figures by category and region path."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    statement = select(TurnoverBenchmark.category_id, Region.path, TurnoverBenchmark.turnover_milli).join(
        Region, col(Region.id) == col(TurnoverBenchmark.region_id)
    )
    for category, path, turns in session.execute(statement):
        found[category][path] = turns
    return found


def _nearest(by_region: Mapping[str, int], region_path: str) -> int | None:
    covering = [path for path in by_region if region_path.startswith(path)]
    return by_region[max(covering, key=len)] if covering else None
