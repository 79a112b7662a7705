"""The control tower: every open order under its stage, the late ones first, each with its next step."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from distrib_app.core.inventory import Shipment
from distrib_app.core.inventory.shipping_models import ShipmentEvent
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.orders import (
    TOWER_STAGES,
    SalesOrder,
    TowerRow,
    delay_days,
    deliver_order,
    list_tower,
    next_step,
    pick_part,
    ship_order,
    tower_tiles,
)
from tests.core.inventory.shop import NOW

from .trade import Trader, owe

Who = Callable[[str], Trader]
TODAY = date(2026, 10, 15)


def promise(database: Database, number: str, day: date | None) -> None:
    with database.write(SYSTEM) as session:
        session.exec(select(SalesOrder).where(SalesOrder.number == number)).one().promised_on = day


def rows(trader: Trader, **facts: object) -> list[TowerRow]:
    with trader.database.read(trader.actor) as session:
        query = ListQuery(**facts)  # type: ignore[arg-type]
        return list(list_tower(session, today=TODAY, query=query).rows)


def test_orders_stand_under_their_stage_until_they_arrive(trade: Database, who: Who) -> None:
    gz, ops = who("gz"), who("ops")
    picked, shipped, arrived = (gz.place({"TV": 1}, key=key) for key in "abc")
    waiting = gz.place({"LATE": 1}, key="d")
    ops.do(pick_part, f"{picked}-1")
    for number in (shipped, arrived):
        ops.do(ship_order, number)
    gz.do(deliver_order, arrived, signed_by="x")
    owe(trade)
    held = gz.place({"TV": 2}, key="e")
    promise(trade, picked, date(2026, 10, 13))
    promise(trade, shipped, TODAY)
    with trade.read(ops.actor) as session:
        tiles = tower_tiles(session, today=TODAY)
    assert [tile.stage for tile in tiles] == list(TOWER_STAGES)
    assert {
        tile.stage: (tile.order_count, tile.late_count, tile.currency, tile.gross_amount)
        for tile in tiles
        if tile.order_count
    } == {
        "held": (1, 0, "CNY", 667),
        "in_production": (1, 0, "CNY", 113_000),
        "picked": (1, 1, "CNY", 333),
        "shipped": (1, 0, "CNY", 333),
    }
    assert {tile.oldest_at for tile in tiles if tile.order_count} == {NOW}
    found = {row.number: row for row in rows(ops)}
    assert set(found) == {held, waiting, picked, shipped}
    assert {number: row.next_step for number, row in found.items()} == {
        held: "release",
        waiting: "produce",
        picked: "ship",
        shipped: "follow",
    }
    assert found[held].hold_text.format(**found[held].hold_facts)
    assert (found[picked].delay_days, found[picked].place) == (2, "PLANT")
    assert rows(ops)[0].number == picked
    assert [row.number for row in rows(ops, facets={"state": ("late",)})] == [picked]
    assert [row.number for row in rows(ops, facets={"status": ("shipped",)})] == [shipped]
    with pytest.raises(InvalidError):
        rows(ops, facets={"status": ("delivered",)})


def test_the_latest_stand_first_and_those_without_a_promise_last(trade: Database, who: Who) -> None:
    days = {"a": date(2026, 10, 20), "b": date(2026, 10, 1), "c": None, "d": date(2026, 10, 14)}
    numbers = {key: who("gz").place({"TV": 1}, key=key) for key in days}
    for key, day in days.items():
        promise(trade, numbers[key], day)
    order = {number: key for key, number in numbers.items()}
    assert [(order[row.number], row.delay_days) for row in rows(who("ops"))] == [
        ("b", 14),
        ("d", 1),
        ("a", 0),
        ("c", 0),
    ]


def test_goods_are_where_a_carrier_saw_them_last(trade: Database, who: Who) -> None:
    number = who("gz").place({"TV": 1})
    [shipment] = who("ops").do(ship_order, number)
    with trade.write(SYSTEM) as session:
        row = session.exec(select(Shipment).where(Shipment.number == shipment)).one()
        for hours, place in ((3, "佛山"), (1, "广州"), (5, "")):
            session.add(
                ShipmentEvent(
                    shipment_id=row.id,
                    kind="in_transit",
                    occurred_at=NOW + timedelta(hours=hours),
                    recorded_at=NOW,
                    place=place,
                    source="sf",
                    source_key=str(hours),
                )
            )
    assert [row.place for row in rows(who("ops"))] == ["佛山"]


def test_everybody_sees_the_own_orders_only(trade: Database, who: Who) -> None:
    own = who("sz").place({"AC": 1}, seller="GD", buyer="SZ")
    other = who("gz").place({"TV": 1})
    assert {row.number for row in rows(who("ops"))} == {own, other}
    assert {row.number for row in rows(who("sz"))} == {own}
    with trade.read(who("sz").actor) as session:
        assert sum(tile.order_count for tile in tower_tiles(session, today=TODAY)) == 1
    assert [row.place for row in rows(who("sz"))] == [""]  # the seller's place is its own


@given(st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 1, 1)), st.integers(-400, 400))
def test_days_late_are_counted_from_the_promise(promised_on: date, shift: int) -> None:
    today = promised_on + timedelta(days=shift)
    assert delay_days(promised_on, today) == (shift if shift > 0 else 0)
    assert delay_days(None, today) == 0


def test_every_stage_has_a_next_step() -> None:
    steps = {stage: next_step(stage, is_late=False) for stage in TOWER_STAGES}
    assert steps == {
        "held": "release",
        "placed": "answer",
        "confirmed": "allocate",
        "in_production": "produce",
        "allocated": "pick",
        "picked": "ship",
        "shipped": "follow",
        "in_transit": "follow",
    }
    assert next_step("in_transit", is_late=True) == "chase"
    assert next_step("picked", is_late=True) == "ship"
