"""The sales cockpit: one set of metrics in a brand view and a partner view.

Brand view (sell-in) is for the brand and for `sales_figures = all`; whoever is not the brand reads it
through `disclosure`. Everybody else gets the partner view: its purchases and its sales.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from ..catalog.models import Category
from ..channels.models import Network, Partner, Region, Tier
from ..channels.service import get_network
from ..kernel.access import Actor, Level, Permission, Resource, unscoped
from ..kernel.clock import Period, add_months, month_start
from .desk import (
    Desk,
    comparisons,
    during,
    filtered,
    is_small,
    open_desk,
    restrict,
    show,
    show_total,
    three,
    three_by,
)
from .errors import NoFiguresError
from .metrics import NOTHING, Figures
from .questions import Cut, by_key
from .rows import CellRow, Cockpit, CockpitQuery, MonthRow, View
from .store import LakeStore

TREND_MONTHS = 24


def available_views(actor: Actor, network: Network) -> tuple[View, ...]:
    """Which cockpits the actor may open, the usual one first. Raises `NoFiguresError`."""
    level = actor.scope(Resource.SALES_FIGURES).level
    if is_brand(actor, network):
        return (View.BRAND,)
    if level is Level.ALL:
        return (View.BRAND, View.PARTNER) if actor.partner_ids else (View.BRAND,)
    if level is Level.NONE or not actor.partner_ids:
        raise NoFiguresError
    return (View.PARTNER,)


def is_brand(actor: Actor, network: Network) -> bool:
    """Whether the actor reads for the brand itself, without disclosure control."""
    return actor.is_system or (
        network.brand_id in actor.partner_ids and actor.scope(Resource.SALES_FIGURES).is_all
    )


def get_cockpit(session: Session, actor: Actor, *, store: LakeStore, query: CockpitQuery) -> Cockpit:
    """The cockpit of `actor`.

    Raises `ForbiddenError`, `NoFiguresError`, `FiguresHiddenError`, `NotFoundError`.
    """
    actor.require(Permission.COCKPIT_READ)
    network = get_network(session)
    views = available_views(actor, network)
    view = View(query.view) if query.view in views else views[0]
    desk = open_desk(session, actor, store=store, query=query, network=network, view=view)
    if view is View.PARTNER:
        return _partner_view(desk, views)
    is_restricted = not is_brand(actor, network)
    if is_restricted:
        restrict(desk)
    return _brand_view(desk, views, is_restricted=is_restricted)


def _brand_view(desk: Desk, views: tuple[View, ...], *, is_restricted: bool) -> Cockpit:
    current, previous, year_ago = three(desk, "total", filtered(desk))
    shown = [
        show_total(desk, figures, period)
        for figures, period in zip((current, previous, year_ago), comparisons(desk), strict=True)
    ]
    is_cross = desk.query.is_cross
    hides_areas = is_restricted and desk.category is not None
    hides_categories = is_restricted and desk.region is not None
    return Cockpit(
        view=View.BRAND,
        views=views,
        as_of=desk.version.as_of,
        period=desk.period,
        is_all_time=desk.is_all_time,
        currency=desk.network.currency,
        current=shown[0],
        previous=shown[1],
        year_ago=shown[2],
        areas=()
        if hides_areas
        else _areas(desk, filtered(desk, region=not is_cross), is_restricted=is_restricted),
        categories=() if hides_categories else _categories(desk, filtered(desk, category=not is_cross)),
        league=_league(desk, filtered(desk), "buyer_id", is_restricted=is_restricted),
        months=_trend(desk, filtered(desk)),
        is_restricted=is_restricted,
        brand=desk.session.get_one(Partner, desk.network.brand_id).name if not is_restricted else "",
        version=desk.version.seq,
    )


def _areas(desk: Desk, rows: Cut, *, is_restricted: bool = False) -> tuple[CellRow, ...]:
    now, before, year = three_by(desk, "areas", rows, "area_id" if desk.view is View.BRAND else "place_id")
    regions = {
        region.id: region
        for region in desk.session.scalars(select(Region).where(col(Region.id).in_({*now, *before, *year})))
    }
    found = []
    for area_id in {*now, *before, *year}:
        region = regions[area_id]
        cells = [
            show(desk, desk.by_area, area_id, figures, period)
            for figures, period in zip(
                (now.get(area_id, NOTHING), before.get(area_id), year.get(area_id)),
                comparisons(desk),
                strict=True,
            )
        ]
        found.append(
            CellRow(
                code=region.code,
                name=region.name,
                name_en=region.name_en,
                short_name=region.short_name,
                figures=cells[0],
                previous=cells[1],
                year_ago=cells[2],
                is_small=cells[0] is None and is_small(desk, desk.by_area, area_id),
            )
        )
    return _ranked(found)


def _categories(desk: Desk, rows: Cut) -> tuple[CellRow, ...]:
    now, before, year = three_by(desk, "categories", rows, "category_id")
    names = {category.id: category for category in desk.session.scalars(select(Category))}
    found = []
    for key in now:
        cells = [
            show(desk, desk.by_category, key, figures, period)
            for figures, period in zip(
                (now[key], before.get(key), year.get(key)), comparisons(desk), strict=True
            )
        ]
        found.append(
            CellRow(
                code=names[key].code,
                name=names[key].name,
                name_en=names[key].name_en,
                figures=cells[0],
                previous=cells[1],
                year_ago=cells[2],
                is_small=cells[0] is None and is_small(desk, desk.by_category, key),
            )
        )
    return _ranked(found)


def _league(desk: Desk, rows: Cut, key: str, *, is_restricted: bool = False) -> tuple[CellRow, ...]:
    """The direct buyers by sales; a restricted reader gets only those whose documents it sees anyway."""
    now, before, year = three_by(desk, "league", rows, key)
    partners = _visible_partners(desk, now, is_restricted=is_restricted)
    ranked = sorted((k for k in now if k in partners), key=lambda k: (-now[k].sales, partners[k][0].code))
    return tuple(
        CellRow(
            code=partners[k][0].code,
            name=partners[k][0].name,
            name_en=partners[k][0].name_en or partners[k][0].name,
            group=partners[k][1],
            group_en=partners[k][2],
            figures=now[k],
            previous=before.get(k),
            year_ago=year.get(k),
        )
        for k in ranked[: desk.query.league_rows or None]
    )


def _visible_partners(
    desk: Desk, keys: Iterable[int], *, is_restricted: bool
) -> dict[int, tuple[Partner, str, str]]:
    statement = select(Partner, col(Tier.name), col(Tier.name_en)).join(
        Tier, col(Tier.id) == col(Partner.tier_id)
    )
    documents = desk.actor.scope(Resource.SALES_DOCUMENTS)
    if is_restricted:  # the session's own scope on partners and documents decides
        rows = desk.session.execute(statement).all()
        seen = [
            row
            for row in rows
            if documents.is_all or row[0].id in documents.party_ids or row[0].path.startswith(documents.paths)
        ]
    else:
        with unscoped(desk.session, "the brand and a seller name their own buyers"):
            seen = list(desk.session.execute(statement.where(col(Partner.id).in_(list(keys)))).all())
    return {row[0].id: (row[0], row[1], row[2]) for row in seen if row[0].id is not None}


def _trend(desk: Desk, rows: Cut, purchases: Cut | None = None) -> tuple[MonthRow, ...]:
    """Every month of the period, and at least the last 24 that have data."""
    last = month_start(desk.period.last)
    earliest = min(add_months(last, 1 - TREND_MONTHS), month_start(desk.period.start))
    window = Period(earliest, add_months(last, 1))
    start = month_start(desk.version.first_day or last)
    monthly = desk.ask("trend", lambda: _by_month(rows, window))
    bought = None if purchases is None else desk.ask("bought", lambda: _by_month(purchases, window))
    return tuple(
        MonthRow(
            month,
            show_total(desk, monthly.get(month, NOTHING), Period.month(month)),
            bought.get(month, NOTHING).sales if bought is not None else None,
        )
        for month in window.months()
        if month >= start
    )


def _by_month(rows: Cut, window: Period) -> dict[date, Figures]:
    return by_key(during(rows, window), "month")


def _ranked(rows: list[CellRow]) -> tuple[CellRow, ...]:
    return tuple(
        sorted(rows, key=lambda row: (row.figures is None, -(row.figures or NOTHING).sales, row.code))
    )


def _partner_view(desk: Desk, views: tuple[View, ...]) -> Cockpit:
    mine = list(desk.actor.partner_ids)
    rows = filtered(desk)
    sold, bought = rows.where("sold", sellers=mine), rows.where("bought", buyers=mine)
    current, previous, year_ago = three(desk, "sold", sold)
    purchases, purchases_previous, purchases_year_ago = three(desk, "purchases", bought)
    wide = filtered(desk, region=not desk.query.is_cross)
    deep = filtered(desk, category=not desk.query.is_cross)
    return Cockpit(
        view=View.PARTNER,
        views=views,
        as_of=desk.version.as_of,
        period=desk.period,
        is_all_time=desk.is_all_time,
        currency=desk.network.currency,
        current=current,
        previous=previous,
        year_ago=year_ago,
        areas=_areas(desk, wide.where("sold", sellers=mine)),
        categories=_categories(desk, deep.where("sold", sellers=mine)),
        league=_league(desk, sold, "buyer_id"),
        months=_trend(desk, sold, bought),
        purchases=purchases,
        purchases_previous=purchases_previous,
        purchases_year_ago=purchases_year_ago,
        version=desk.version.seq,
    )
