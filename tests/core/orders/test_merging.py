"""What may leave together, what that saves, and that the saving is kept with the shipment."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from distrib_app.core.catalog import Category, Product, Sku, create_category
from distrib_app.core.channels import ProductLine, Region
from distrib_app.core.inventory import CarrierTariff, Lane, Location, Shipment
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.orders import (
    MERGE_WINDOWS,
    FulfilmentOrder,
    Mergeable,
    NotBesideError,
    group_parts,
    list_merge_groups,
    read_merge_benefit,
    ship_parts,
)
from tests.core.inventory.shop import NOW

from .trade import Trader, check_books, counts

Who = Callable[[str], Trader]
DAY = date(2026, 10, 15)


def part(number: str, day: int = 0, **facts: object) -> Mergeable:
    journey = facts.pop("journey", (1, 1, 1, 2))
    return Mergeable(number, journey, DAY + timedelta(days=day), **facts)  # type: ignore[arg-type]


def grouped(parts: list[Mergeable], hours: int = 24) -> list[list[str]]:
    return [[one.number for one in group] for group in group_parts(parts, hours=hours)]


def test_a_window_opens_with_its_first_part() -> None:
    parts = [part("A", 0), part("B", 1), part("C", 2), part("D", 3), part("E", 9)]
    assert grouped(parts) == [["A", "B"], ["C", "D"]]
    assert grouped(parts, 48) == [["A", "B", "C"]]
    assert grouped(parts, 72) == [["A", "B", "C", "D"]]
    with pytest.raises(InvalidError):
        group_parts(parts, hours=25)


def test_only_what_is_alike_and_nothing_urgent_waits() -> None:
    assert grouped([part("A"), part("B", journey=(1, 1, 1, 3))]) == []
    assert grouped([part("A"), part("B", is_cold=True), part("C", is_cold=True)]) == [["B", "C"]]
    assert grouped([part("A"), part("B", is_urgent=True), part("C", 1), part("D", 1)]) == [
        ["A", "B"],
        ["C", "D"],
    ]
    # an urgent part takes with it what is ready no later than itself
    assert grouped([part("A"), part("B", 1, is_urgent=True)]) == [["A", "B"]]


parts_of = st.lists(
    st.builds(
        lambda index, day, cold, urgent, buyer: part(
            f"P{index:03}", day, is_cold=cold, is_urgent=urgent, journey=(1, 1, 1, buyer)
        ),
        st.integers(0, 999),
        st.integers(0, 8),
        st.booleans(),
        st.booleans(),
        st.integers(1, 2),
    ),
    max_size=12,
    unique_by=lambda one: one.number,
)


@settings(max_examples=100, deadline=None)
@given(parts=parts_of, hours=st.sampled_from(MERGE_WINDOWS))
def test_every_group_keeps_the_rules(parts: list[Mergeable], hours: int) -> None:
    groups = group_parts(parts, hours=hours)
    assert groups == group_parts(parts[::-1], hours=hours)
    seen = [one.number for group in groups for one in group]
    assert len(seen) == len(set(seen))
    for group in groups:
        assert len(group) > 1
        assert len({(one.journey, one.is_cold) for one in group}) == 1
        days = [one.ready_on for one in group]
        assert (max(days) - min(days)).days * 24 <= hours
        assert all(one.ready_on >= max(days) for one in group if one.is_urgent)


def roads(session: Session) -> None:
    """A kilogram is 12.00, each further 5.00; AC weighs 800 g, TV 1000 g."""
    tariff = CarrierTariff(
        code="ROAD",
        name="路",
        carrier="路",
        currency="CNY",
        bands=[{"over_g": 0, "first_g": 1000, "base_amount": 1200, "kg_amount": 500}],
        zones={"": {"surcharge_ppm": 0, "fixed_amount": 0}},
    )
    session.add(tariff)
    session.flush()
    region = session.exec(select(Region.id).where(Region.code == "440000")).one()
    for code in ("PLANT", "SOUTH"):
        place = session.exec(select(Location.id).where(Location.code == code)).one()
        session.add(Lane(from_location_id=place, to_region_id=region, tariff_id=tariff.id, lead_days=2))
    for code, weight in (("AC", 800), ("TV", 1000)):
        session.exec(select(Sku).where(Sku.code == code)).one().weight_g = weight


def groups_of(trader: Trader, hours: int = 24) -> list[tuple[tuple[str, ...], int, int, int]]:
    with trader.database.read(trader.actor) as session:
        return [
            (row.numbers, row.apart_amount, row.merged_amount, row.saving_amount)
            for row in list_merge_groups(session, hours=hours, now=NOW)
        ]


def send(trader: Trader, *numbers: str) -> str:
    with trader.database.write(trader.actor) as session:
        return ship_parts(session, trader.actor, numbers=numbers, now=NOW).number


def test_the_saving_is_shown_and_kept(trade: Database, who: Who) -> None:
    with trade.write(SYSTEM) as session:
        roads(session)
    a, b, c = (
        who("gz").place({sku: 1}, key=sku + key) for sku, key in (("AC", "1"), ("TV", "2"), ("AC", "3"))
    )
    who("gd").place({"TV": 1}, buyer="GD")  # another receiver
    numbers = tuple(f"{one}-1" for one in (a, b, c))
    # 0.8, 1.0 and 0.8 kg: 12.00 each; together 2.6 kg: 12.00 + 2 × 5.00
    assert groups_of(who("ops")) == [(numbers, 3600, 2200, 1400)]
    assert groups_of(who("gz")) == []  # not its goods to send
    shipment = send(who("ops"), *numbers)
    with trade.read(who("ops").actor) as session:
        row = session.exec(select(Shipment).where(Shipment.number == shipment)).one()
        assert (row.freight_amount, row.saving_amount, row.weight_g) == (2200, 1400, 2600)
        # by weight, the largest remainder: 676.92, 846.15, 676.92
        assert row.freight["shares"] == dict(zip(numbers, (677, 846, 677), strict=True))
        assert [step["result"] for step in row.freight["steps"][:3]] == [
            "36.00 CNY",
            "22.00 CNY",
            "14.00 CNY",
        ]
        month = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
        benefit = read_merge_benefit(session, start=month[0], end=month[1], currency="CNY")
        later = read_merge_benefit(session, start=month[1], end=month[1], currency="CNY")
    assert (benefit.shipments, benefit.freight_amount, benefit.saving_amount) == (1, 2200, 1400)
    assert (later.shipments, later.saving_amount) == (0, 0)
    assert groups_of(who("ops")) == []
    check_books(trade)


def test_one_part_alone_saves_nothing(trade: Database, who: Who) -> None:
    with trade.write(SYSTEM) as session:
        roads(session)
    number = who("gz").place({"AC": 1})
    send(who("ops"), f"{number}-1")
    with trade.read(SYSTEM) as session:
        row = session.exec(select(Shipment)).one()
    assert (row.freight_amount, row.saving_amount, row.freight, row.weight_g) == (1200, 0, None, 800)


def test_what_is_held_is_not_grouped_and_the_window_counts(trade: Database, who: Who) -> None:
    numbers = [who("gz").place({"TV": 1}, key=key) for key in ("a", "b")]
    assert [group[0] for group in groups_of(who("ops"))] == [tuple(f"{one}-1" for one in numbers)]
    with trade.write(SYSTEM) as session:
        row = session.exec(select(FulfilmentOrder).where(FulfilmentOrder.number == f"{numbers[1]}-1")).one()
        row.ready_on = DAY + timedelta(days=2)
    assert groups_of(who("ops")) == []
    assert len(groups_of(who("ops"), 48)) == 1


def test_cold_goods_travel_with_cold_goods(trade: Database, who: Who) -> None:
    with trade.write(SYSTEM) as session:
        session.add(ProductLine(code="COLD", name="冷", name_en="Cold", path="COLD/", is_cold_chain=True))
        session.flush()
        create_category(session, SYSTEM, code="ICE", name="冰", line_code="COLD", now=NOW)
        session.exec(select(Location).where(Location.code == "PLANT")).one().is_cold_chain = True
        cold = session.exec(select(Category).where(Category.code == "ICE")).one()
        product = Product(code="PI", name="冰", category_id=cold.id)
        session.add(product)
        session.flush()
        session.exec(select(Sku).where(Sku.code == "TV")).one().product_id = product.id
    numbers = [f"{who('gz').place({sku: 1}, key=sku)}-1" for sku in ("AC", "TV")]
    assert groups_of(who("ops")) == []
    before = counts(trade)
    with pytest.raises(NotBesideError):
        send(who("ops"), *numbers)
    assert counts(trade) == before
