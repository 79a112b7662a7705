"""Stock of the network against what the layers of each balance say, on both databases and in scope."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from sqlmodel import select

from distrib_app.core.catalog import Category, Sku, create_product, create_sku
from distrib_app.core.channels import ProductLine
from distrib_app.core.inventory import (
    Balance,
    Cover,
    HeatCell,
    Location,
    NetworkView,
    Placement,
    ReceiptLine,
    available_views,
    correct_stock,
    count_stock,
    get_heat,
    get_layers,
    list_network_stock,
    list_stock,
    receive_stock,
    reserve,
    send_back,
    ship,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.listing import ListQuery

from .shop import LONG_AGO, NOW, actor
from .test_service import ids

TODAY = date(2026, 10, 15)
ZONE = "Asia/Shanghai"
OWN_PLACES = ("PLANT", "SOUTH", "GD-WH", "GZ-WH", "SZ-WH")


@pytest.fixture
def lively(shop: Database) -> Database:
    """A year of random receipts, shipments, counts and returns, of plain goods and of goods kept by lot."""
    rng = Random(11)
    with shop.write(SYSTEM) as session:
        line = ProductLine(code="CARE", name="急救", name_en="Care", path="CARE/", is_lot_tracked=True)
        session.add(line)
        session.flush()
        session.add(Category(code="KITS", name="急救包", name_en="Kits", product_line_id=line.id))
        session.flush()
        create_product(session, SYSTEM, code="K", name="急救包", category_code="KITS", now=LONG_AGO)
        create_sku(session, SYSTEM, code="KIT", name="急救包", product_code="K", now=LONG_AGO)
    skus, places = ids(shop)
    for step in range(60):
        now = NOW - timedelta(days=240 - 4 * step)
        place, sku = rng.choice(OWN_PLACES), rng.choice(("AC", "TV", "KIT"))
        lot = (f"L{step // 6}", TODAY + timedelta(days=900 - step // 6)) if sku == "KIT" else ()
        origin = now.date() - timedelta(days=rng.randrange(40))
        cost = Decimal(rng.choice((90, 95)))
        with shop.write(SYSTEM) as session:
            line = ReceiptLine(sku, rng.randrange(3, 9), cost, *lot)
            receive_stock(
                session,
                SYSTEM,
                location_code=place,
                lines=[line],
                cause=f"G{step}",
                origin_on=origin,
                now=now,
            )
        leave(shop, rng, (skus[sku], places[place]), (place, sku), f"G{step}", now)
    return shop


def leave(
    shop: Database, rng: Random, key: tuple[int, int], place: tuple[str, str], cause: str, now: datetime
) -> None:
    """Part of what lies there is shipped, counted away, or goes back to its supplier."""
    with shop.write(SYSTEM) as session:
        match rng.randrange(4):
            case 0:
                send_back(
                    session, placements=[Placement(*key, 1)], received_cause=cause, cause=f"R{cause}", now=now
                )
            case 1:
                found = [Placement(key[0], key[1], 2)]
                reserve(session, placements=found, cause="SO", now=now)
                ship(session, placements=found, cause=f"S{cause}", now=now)
            case 2:
                correct_stock(
                    session,
                    SYSTEM,
                    location_code=place[0],
                    sku_code=place[1],
                    delta_qty=-1,
                    cause=f"C{cause}",
                    now=now,
                )


def expected_ageing(shop: Database, by: str, places: set[str]) -> dict[str, Counter[str]]:
    """Bucket by bucket from the layers of each balance, one after the other."""
    found: dict[str, Counter[str]] = {}
    with shop.read(SYSTEM) as session:
        rows = session.exec(
            select(Location.code, Sku.code)
            .join(Balance, Balance.location_id == Location.id)
            .join(Sku, Sku.id == Balance.sku_id)
        ).all()
        for location, sku in rows:
            if location in places:
                view = get_layers(session, location_code=location, sku_code=sku, day=TODAY)
                found.setdefault(sku if by == "sku" else location, Counter()).update(view.ageing)
    return found


@pytest.mark.parametrize("by", ["sku", "place"])
def test_ageing_of_many_places_equals_the_layers_of_each(lively: Database, by: str) -> None:
    views = {NetworkView.BRAND: {"PLANT", "SOUTH"}, NetworkView.PARTNER: {"GD-WH", "GZ-WH", "SZ-WH"}}
    for view, places in views.items():
        with lively.read(SYSTEM) as session:
            page = list_network_stock(session, view=view, by=by, day=TODAY, zone=ZONE)
        assert {row.code: Counter(row.ageing) for row in page.rows} == expected_ageing(lively, by, places)
        for row in page.rows:
            assert sum(row.ageing.values()) == row.on_hand_qty
        assert sum(row.on_hand_qty for row in page.rows) == page.totals["on_hand_qty"]


def simple(shop: Database) -> None:
    """20 are left at the plant after 13, 5 at Guangzhou that nobody wants, 8 reserved of 10 in Shenzhen."""
    skus, places = ids(shop)
    with shop.write(SYSTEM) as session:
        for place, qty in (("PLANT", 33), ("GZ-WH", 5), ("SZ-WH", 10)):
            lines = [("AC", qty, Decimal(90))]
            receive_stock(session, SYSTEM, location_code=place, lines=lines, cause="G", now=NOW)
        found = [Placement(skus["AC"], places["PLANT"], 13)]
        reserve(session, placements=found, cause="SO", now=NOW)
        ship(session, placements=found, cause="SH", now=NOW)
        reserve(session, placements=[Placement(skus["AC"], places["SZ-WH"], 8)], cause="SO", now=NOW)
    with shop.write(SYSTEM) as session:  # long ago: no demand of today
        lines = [("TV", 9, Decimal(90))]
        old = NOW - timedelta(days=92)
        receive_stock(session, SYSTEM, location_code="PLANT", lines=lines, cause="G", now=old)
        count_stock(session, SYSTEM, location_code="PLANT", sku_code="TV", counted_qty=4, cause="CT", now=old)


def test_cover_by_sku_and_place(shop: Database) -> None:
    simple(shop)
    with shop.read(SYSTEM) as session:
        brand = list_network_stock(session, view="brand", by="sku", day=TODAY, zone=ZONE)
        assert [
            (r.code, r.count, r.on_hand_qty, r.issued_qty, r.cover_tenths, r.cover) for r in brand.rows
        ] == [
            ("AC", 1, 20, 13, 200, Cover.MUCH),
            ("TV", 1, 4, 0, None, Cover.IDLE),
        ]
        assert brand.totals == {"on_hand_qty": 24, "reserved_qty": 0, "issued_qty": 13}
        partner = list_network_stock(
            session, view="partner", by="place", day=TODAY, zone=ZONE, query=ListQuery(sort="code")
        )
        assert [(r.code, r.group_code, r.count, r.on_hand_qty, r.reserved_qty) for r in partner.rows] == [
            ("GZ-WH", "GZ", 1, 5, 0),
            ("SZ-WH", "SZ", 1, 10, 8),
        ]
        chosen = ListQuery(facets={"partner": ("SZ",)}, with_facets=True, sort="-cover")
        page = list_network_stock(session, view="partner", by="place", day=TODAY, zone=ZONE, query=chosen)
        assert page.total == 1
        assert list_network_stock(session, view="store", by="sku", day=TODAY, zone=ZONE).total == 0
        for view, by in (("all", "sku"), ("brand", "region")):
            with pytest.raises(InvalidError):
                list_network_stock(session, view=view, by=by, day=TODAY, zone=ZONE)
        with pytest.raises(InvalidError):
            get_heat(session, view="brand", columns="moon", day=TODAY, zone=ZONE)


def test_the_heat_table_and_the_list_behind_a_cell(shop: Database) -> None:
    simple(shop)
    with shop.read(SYSTEM) as session:
        by_tier = get_heat(session, view="partner", columns="tier", day=TODAY, zone=ZONE)
        assert by_tier.cells == {("ALL", "city"): HeatCell(15, 0)}
        by_sku = get_heat(session, view="brand", columns="region", day=TODAY, zone=ZONE, category_code="ALL")
        assert by_sku.cells == {("AC", "440000"): HeatCell(20, 13), ("TV", "440000"): HeatCell(4, 0)}
        assert [column.name for column in by_sku.columns] == ["广东"]
        facets = {"view": ("partner",), "tier": ("city",), "category": ("ALL",), "region": ("440000",)}
        page = list_stock(session, query=ListQuery(facets=facets))
        assert (page.total, page.totals["on_hand_qty"]) == (2, 15)
        assert list_stock(session, query=ListQuery(facets={"view": ("brand",)})).totals["on_hand_qty"] == 24


def test_everybody_sees_the_network_within_reach(shop: Database) -> None:
    simple(shop)
    for name, views, on_hand in (
        ("ops", ["brand", "partner"], 15),
        ("gz", ["partner"], 5),
        ("sz", ["partner"], 10),
    ):
        who = actor(shop, name)
        with shop.read(who) as session:
            assert available_views(session) == views
            page = list_network_stock(session, view="partner", by="sku", day=TODAY, zone=ZONE)
            assert page.totals["on_hand_qty"] == on_hand
            assert page.rows[0].ageing["0–30 days"] == on_hand
            heat = get_heat(session, view="partner", columns="region", day=TODAY, zone=ZONE)
            assert heat.cells["ALL", "440000"].on_hand_qty == on_hand
            if name != "ops":
                brand = list_network_stock(session, view="brand", by="sku", day=TODAY, zone=ZONE)
                assert (
                    brand.total,
                    get_heat(session, view="brand", columns="region", day=TODAY, zone=ZONE).rows,
                ) == (0, ())
