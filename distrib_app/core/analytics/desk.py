"""What the parts of one cockpit are computed from: rows, filters, periods, and what may be shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import Session

from ..catalog.models import Category
from ..channels.models import Network, Region, RegionLevel
from ..kernel.access import Actor
from ..kernel.clock import Period
from ..kernel.errors import NotFoundError
from .disclosure import ALL, TOTAL, Disclosure, is_visible, protect
from .errors import FiguresHiddenError
from .metrics import Figures
from .questions import Cut, buyers_by_month, by_key, totals
from .rows import CockpitQuery, View
from .store import LakeStore, LakeVersion

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Desk:
    """What the parts of one cockpit are computed from."""

    session: Session
    actor: Actor
    query: CockpitQuery
    network: Network
    view: View
    store: LakeStore
    version: LakeVersion
    rows: Cut
    period: Period
    region: Region | None
    category: Category | None
    by_area: Disclosure | None = None
    by_category: Disclosure | None = None

    def ask(self, part: str, answer: Callable[[], Answer]) -> Answer:
        """The figures of a part of this question, computed once per version of the lake.

        The partner view is a question of its own companies; scope and disclosure come after the figures.
        """
        asked = self.query
        own = self.actor.partner_ids if self.view is View.PARTNER else ()
        filters = (self.period, asked.period is None, asked.region_code, asked.category_code, asked.is_cross)
        return self.store.remember(
            self.version, (part, self.view, own, has_comparison(self), *filters), answer
        )

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
    return Desk(
        session=session,
        actor=actor,
        query=query,
        network=network,
        view=view,
        store=store,
        version=version,
        rows=Cut(store, ("sell_in",)) if view is View.BRAND else Cut(store),
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


def during(rows: Cut, period: Period) -> Cut:
    """The rows booked in the period."""
    return rows.where("during", start=period.start, end=period.end)


def filtered(desk: Desk, *, region: bool = True, category: bool = True) -> Cut:
    """The rows of the question, limited to its region and category where asked for."""
    rows = desk.rows
    if region and desk.region is not None:
        rows = rows.where("region", region=desk.region.path)
    if category and desk.category is not None:
        rows = rows.where("category", category=desk.category.id)
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


def three(desk: Desk, part: str, rows: Cut) -> tuple[Figures, Figures | None, Figures | None]:
    """Figures of the period, the one before, the year before; None where nothing is compared."""
    now, before, year = comparisons(desk)

    def answer() -> tuple[Figures, Figures | None, Figures | None]:
        current = totals(during(rows, now))
        if not has_comparison(desk):
            return current, None, None
        return current, totals(during(rows, before)), totals(during(rows, year))

    return desk.ask(part, answer)


def three_by(desk: Desk, part: str, rows: Cut, key: str) -> list[dict[Any, Figures]]:
    """Figures per value of a column for the three periods; empty where nothing is compared."""
    periods = comparisons(desk) if has_comparison(desk) else comparisons(desk)[:1]

    def answer() -> list[dict[Any, Figures]]:
        found = [by_key(during(rows, period), key) for period in periods]
        return found + [{}] * (3 - len(found))

    return desk.ask(part, answer)


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
    desk.by_area = desk.store.remember(desk.version, ("area",), lambda: _decide(desk, "area_id"))
    desk.by_category = desk.store.remember(desk.version, ("category",), lambda: _decide(desk, "category_id"))


def _decide(desk: Desk, key: str) -> Disclosure:
    """What is withheld of a table of one column by months, from who bought in each cell."""
    cells: dict[tuple[Any, Any], set[int]] = {}
    for record in buyers_by_month(desk.rows, key):
        cells.setdefault((record[key], record["month"]), set()).add(record["buyer_id"])
    return protect(cells)


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
