"""The cockpit: every figure added up by hand, and what each reader may see."""

from datetime import date

import pytest

from distrib_app.core.analytics import (
    CockpitQuery,
    FiguresHiddenError,
    NoFiguresError,
    View,
    get_cockpit,
)
from distrib_app.core.channels import set_scope_level
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.clock import Period
from distrib_app.core.kernel.errors import NotFoundError

from .conftest import World

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
M = 1_000_000


@pytest.fixture
def trade(world: World) -> World:
    """October: P1 100+20, P2 50, P3 7 (Guangdong), J1 30, J2 11 (Jiangsu), B1 2 (Beijing); a return of 5."""
    world.sell("BR", "P1", "A", "2026-10-01", 10, "100", order=1)
    world.sell("BR", "P1", "B", "2026-10-02", 2, "20", order=1)
    world.sell("BR", "P2", "A", "2026-10-31", 5, "50", order=2)
    world.sell("BR", "P3", "A", "2026-10-31", 1, "7", order=3)
    world.sell("BR", "J1", "A", "2026-10-05", 3, "30", order=4)
    world.sell("BR", "J2", "A", "2026-10-05", 1, "11", order=5)
    world.sell("BR", "B1", "A", "2026-10-05", 1, "2", order=6)
    world.sell("BR", "P1", "A", "2026-10-20", -1, "-5", order=1)
    world.sell("BR", "P1", "A", "2026-09-30", 4, "40", order=7)
    world.sell("BR", "P1", "A", "2025-10-15", 4, "44", order=8)
    for buyer in ("P2", "P3"):
        world.sell("BR", buyer, "A", "2026-09-30", 1, "1")
        world.sell("BR", buyer, "A", "2025-10-15", 1, "1")
    world.sell("P1", "C1", "A", "2026-10-06", 2, "24", order=9)
    world.sell("P2", "C2", "A", "2026-10-07", 1, "13", order=10)
    world.sync()
    return world


def ask(world: World, username: str, **query):  # type: ignore[no-untyped-def]
    actor = SYSTEM if username == "system" else world.actor(username)
    with world.database.read(actor) as session:
        return get_cockpit(session, actor, store=world.store, query=CockpitQuery(**query))


def test_brand_view_of_a_month(trade: World) -> None:
    cockpit = ask(trade, "boss", period=OCTOBER)
    now = cockpit.current
    assert cockpit.view is View.BRAND
    assert (now.sales, now.returns, now.net_sales) == (220 * M, -5 * M, 215 * M)
    assert (now.orders, now.partners, now.units, now.lines, now.skus) == (6, 6, 23, 7, 2)
    assert (cockpit.previous.sales, cockpit.year_ago.sales) == (42 * M, 46 * M)
    assert [(row.name_en, row.figures.sales) for row in cockpit.areas] == [
        ("Guangdong", 177 * M),
        ("Jiangsu", 41 * M),
        ("Beijing", 2 * M),
    ]
    assert [(row.code, row.figures.sales) for row in cockpit.categories] == [("KA", 200 * M), ("KB", 20 * M)]
    assert [row.code for row in cockpit.league] == ["P1", "P2", "J1", "J2", "P3", "B1"]
    assert {row.month: row.figures.sales for row in cockpit.months}[date(2026, 9, 1)] == 42 * M


def test_all_time_has_no_comparison_and_the_system_sees_it(trade: World) -> None:
    cockpit = ask(trade, "system")
    assert cockpit.current.sales == 308 * M
    assert cockpit.previous is None
    assert (cockpit.period.start, cockpit.period.last) == (date(2025, 10, 15), date(2026, 10, 31))


def test_filters_cross(trade: World) -> None:
    cockpit = ask(trade, "boss", period=OCTOBER, region_code="440000", category_code="KA", is_cross=True)
    assert cockpit.current.sales == 157 * M
    assert {row.name_en: row.figures.sales for row in cockpit.areas} == {
        "Guangdong": 157 * M,
        "Jiangsu": 41 * M,
        "Beijing": 2 * M,
    }
    assert {row.code: row.figures.sales for row in cockpit.categories} == {"KA": 157 * M, "KB": 20 * M}
    plain = ask(trade, "boss", period=OCTOBER, region_code="440000")
    assert [row.name_en for row in plain.areas] == ["Guangdong"]
    with pytest.raises(NotFoundError):
        ask(trade, "boss", region_code="999999")


def test_a_provincial_agent_sees_the_nation_but_no_small_cell(trade: World) -> None:
    cockpit = ask(trade, "p1", period=OCTOBER)
    assert cockpit.is_restricted
    assert cockpit.views == (View.BRAND, View.PARTNER)
    assert cockpit.current.sales == 220 * M
    shown = {row.name_en: row.figures.sales if row.figures else None for row in cockpit.areas}
    assert shown == {"Guangdong": 177 * M, "Jiangsu": None, "Beijing": None}
    assert all(row.is_small for row in cockpit.areas if row.figures is None)
    assert [row.code for row in cockpit.league] == ["P1"], "no rival in the league"
    assert cockpit.previous.sales == 42 * M


def test_a_restricted_reader_gets_no_question_that_differences(trade: World) -> None:
    with pytest.raises(FiguresHiddenError):
        ask(trade, "p1", period=Period(date(2026, 10, 1), date(2026, 10, 6)))
    with pytest.raises(FiguresHiddenError):
        ask(trade, "p1", period=OCTOBER, region_code="440000", category_code="KA")
    with pytest.raises(FiguresHiddenError):
        ask(trade, "p1", period=OCTOBER, region_code="440100")
    jiangsu = ask(trade, "p1", period=OCTOBER, region_code="320000")
    assert jiangsu.current is None
    assert all(row.figures is None or row.figures.partners == 0 for row in jiangsu.months)


def test_a_city_agent_gets_its_own_purchases_and_sales(trade: World) -> None:
    trade.sell("C1", "P1", "A", "2026-10-08", 1, "9", order=11)
    trade.sync()
    cockpit = ask(trade, "c1", period=OCTOBER)
    assert cockpit.view is View.PARTNER
    assert (cockpit.purchases.sales, cockpit.current.sales) == (24 * M, 9 * M)
    other = ask(trade, "c2", period=OCTOBER, view="brand")
    assert other.view is View.PARTNER, "a view that is not held is not given"
    assert (other.purchases.sales, other.current.sales) == (13 * M, 0)
    assert other.league == ()


def test_a_tier_without_figures_sees_none(trade: World) -> None:
    with trade.database.write(SYSTEM) as session:
        set_scope_level(
            session, SYSTEM, tier_code="city", resource="sales_figures", level="none", now=trade.now
        )
    with pytest.raises(NoFiguresError):
        ask(trade, "c1")


def test_the_cockpit_follows_new_postings(trade: World) -> None:
    before = ask(trade, "boss", period=OCTOBER)
    trade.sell("BR", "J1", "A", "2026-10-09", 1, "1000", order=20)
    assert ask(trade, "boss", period=OCTOBER).version == before.version, "not in the lake yet"
    trade.sync()
    after = ask(trade, "boss", period=OCTOBER)
    assert after.version == before.version + 1
    assert after.current.sales == before.current.sales + 1000 * M
