"""What the parts of one cockpit are computed from: rows, filters, periods, and what may be shown."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import ibis
from sqlalchemy import select
from sqlmodel import Session, col

from ..catalog.models import Category
from ..channels.models import Network, Region, RegionLevel
from ..journal.models import FlowStep
from ..kernel.access import Actor
from ..kernel.clock import Period
from ..kernel.errors import NotFoundError
from .disclosure import ALL, TOTAL, Disclosure, is_visible, protect
from .errors import FiguresHiddenError
from .metrics import Figures, by_key, totals
from .rows import CockpitQuery, View
from .store import LakeStore, LakeVersion


@dataclass(slots=True)
class Desk:
    """What the parts of one cockpit are computed from."""

    session: Session
    actor: Actor
    query: CockpitQuery
    network: Network
    version: LakeVersion
    rows: Any
    period: Period
    region: Region | None
    category: Category | None
    by_area: Disclosure | None = None
    by_category: Disclosure | None = None

    @property
    def is_all_time(self) -> bool:
        """Whether no period was asked for."""
        return self.query.period is None


def open_desk(
    session: Session, actor: Actor, *, store: LakeStore, query: CockpitQuery, network: Network, view: View
) -> Desk:
    """Lay out one question: the lake's rows of the view, the period, the region and category by code.

    Raises `NotFoundError` for an unknown region or category.
    """
    version = store.refresh()
    first = version.first_day or network.founded_on
    last = version.last_day or network.founded_on
    rows = store.table()
    rows = rows.mutate(area_id=rows.area_id if view is View.BRAND else rows.place_id)
    if view is View.BRAND:
        rows = rows.filter(rows.step == FlowStep.SELL_IN)
    return Desk(
        session=session,
        actor=actor,
        query=query,
        network=network,
        version=version,
        rows=rows,
        period=query.period or Period.inclusive(first, last),
        region=_one(session, Region, "region", query.region_code),
        category=_one(session, Category, "category", query.category_code),
    )


def _one(session: Session, model: Any, kind: str, code: str) -> Any:
    if not code:
        return None
    row = session.scalars(select(model).where(model.code == code)).one_or_none()
    if row is None:
        raise NotFoundError(kind=kind, key=code)
    return row


def during(rows: Any, period: Period) -> Any:
    """The lake's rows booked in the period."""
    return rows.filter(rows.booked_on >= ibis.date(period.start), rows.booked_on < ibis.date(period.end))


def filtered(desk: Desk, *, region: bool = True, category: bool = True) -> Any:
    """The rows of the question, limited to its region and category where asked for."""
    rows = desk.rows
    if region and desk.region is not None:
        below = desk.session.scalars(
            select(col(Region.id)).where(col(Region.path).startswith(desk.region.path))
        ).all()
        rows = rows.filter(rows.region_id.isin(below))
    if category and desk.category is not None:
        rows = rows.filter(rows.category_id == desk.category.id)
    return rows


def comparisons(desk: Desk) -> tuple[Period, Period, Period]:
    """The period, the one before and the same a year ago, like for like.

    A period whose days are not over yet is compared with the same number of days: 1–22 November with
    1–22 October. Where disclosure control asks for whole months, an unfinished month has no comparison.
    """
    period = desk.period
    previous, year_ago = period.previous(), period.year_ago()
    if not is_unfinished(desk):
        return period, previous, year_ago
    assert desk.version.last_day is not None
    days = desk.version.last_day + timedelta(days=1) - period.start
    return period, _first_days(previous, days), _first_days(year_ago, days)


def _first_days(period: Period, days: timedelta) -> Period:
    return Period(period.start, min(period.end, period.start + days))


def is_unfinished(desk: Desk) -> bool:
    """Whether the data ends inside the period."""
    last = desk.version.last_day
    return last is not None and last in desk.period and last < desk.period.last


def three(desk: Desk, rows: Any) -> tuple[Figures, Figures | None, Figures | None]:
    """Figures of the period, the one before, the year before; None where nothing is compared."""
    now, before, year = comparisons(desk)
    current = totals(during(rows, now))
    if not has_comparison(desk):
        return current, None, None
    return current, totals(during(rows, before)), totals(during(rows, year))


def three_by(desk: Desk, rows: Any, key: str) -> list[dict[Any, Figures]]:
    """Figures per value of a column for the three periods; empty where nothing is compared."""
    now, before, year = comparisons(desk)
    if not has_comparison(desk):
        return [by_key(during(rows, now), key), {}, {}]
    return [by_key(during(rows, period), key) for period in (now, before, year)]


def has_comparison(desk: Desk) -> bool:
    """All time has none; nor has an unfinished month that disclosure control would cut into days."""
    return not desk.is_all_time and not (desk.by_area is not None and is_unfinished(desk))


def restrict(desk: Desk) -> None:
    """Check the question and decide over both tables; cheap enough to do anew for each version."""
    if desk.query.period is not None and not desk.query.period.is_whole_months:
        raise FiguresHiddenError(reason=f"{desk.period.start} – {desk.period.last}")
    if desk.region is not None and desk.category is not None:
        raise FiguresHiddenError(reason=f"{desk.query.region_code} × {desk.query.category_code}")
    if desk.region is not None and desk.region.level not in (desk.network.area_level, RegionLevel.COUNTRY):
        raise FiguresHiddenError(reason=desk.query.region_code)
    rows = desk.rows.mutate(month=desk.rows.booked_on.truncate("M"))
    for key in ("area_id", "category_id"):
        cells: dict[tuple[Any, Any], set[int]] = {}
        for record in rows.select(key, "month", "buyer_id").distinct().to_pyarrow().to_pylist():
            cells.setdefault((record[key], record["month"]), set()).add(record["buyer_id"])
        decision = protect(cells)
        if key == "area_id":
            desk.by_area = decision
        else:
            desk.by_category = decision


def show(
    desk: Desk, table: Disclosure | None, row: Any, figures: Figures | None, period: Period
) -> Figures | None:
    """Figures of a row of a table, or None where disclosure control withholds one of the period's cells."""
    if table is None or figures is None:
        return figures
    return figures if is_visible(table, row, period.months(), is_all=desk.is_all_time) else None


def is_small(desk: Desk, table: Disclosure | None, row: Any) -> bool:
    """Whether a hidden row is hidden for its own few partners, not to protect another one."""
    if table is None:
        return False
    columns = [ALL] if desk.is_all_time else list(desk.period.months())
    return all((row, column) not in table.withheld for column in columns)


def show_total(desk: Desk, figures: Figures | None, period: Period) -> Figures | None:
    """A figure over the whole question: the row it belongs to is the filtered area, category or the total."""
    if desk.by_area is None or desk.by_category is None:
        return figures
    if desk.region is not None and desk.region.level == desk.network.area_level:
        return show(desk, desk.by_area, desk.region.id, figures, period)
    if desk.category is not None:
        return show(desk, desk.by_category, desk.category.id, figures, period)
    both = show(desk, desk.by_area, TOTAL, figures, period)
    return show(desk, desk.by_category, TOTAL, both, period)
