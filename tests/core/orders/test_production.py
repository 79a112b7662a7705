"""What the brand is short of is made: asked for when placed, planned, started, finished into the part."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from distrib_app.core.inventory import Movement
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.orders import (
    MadeGoods,
    ProductionRow,
    allocate_order,
    cancel_order,
    cancel_production,
    finish_production,
    get_production,
    list_production,
    plan_production,
    request_production,
    ship_order,
    start_production,
    week_loads,
)
from distrib_app.core.pricing import add_price
from tests.core.inventory.shop import NOW, stock

from .test_supply import limit
from .trade import Trader, check_books, counts, parts, receive

Who = Callable[[str], Trader]
TODAY = date(2026, 10, 15)
PLAN = {"promised_on": date(2026, 10, 24), "location_code": "PLANT"}  # a Saturday


@pytest.fixture(autouse=True)
def late(trade: Database) -> None:
    """The brand sells LATE, which may be ordered beyond stock, at 100; there is none."""
    with trade.write(SYSTEM) as session:
        add_price(
            session,
            SYSTEM,
            seller_code="BR",
            sku_code="LATE",
            unit_price=Decimal(100),
            valid_from=date(2026, 1, 2),
            now=NOW,
        )


def requests(trader: Trader) -> list[ProductionRow]:
    with trader.database.read(trader.actor) as session:
        return list(list_production(session, today=TODAY).rows)


def do(trader: Trader, verb: Any, number: str, **facts: Any) -> None:
    trader.do(verb, number, **facts)


def one(trader: Trader, number: str) -> ProductionRow:
    with trader.database.read(trader.actor) as session:
        return get_production(session, number, today=TODAY)


def test_what_is_missing_is_asked_for(trade: Database, who: Who) -> None:
    receive(trade, ("PLANT", "LATE", 2))
    number = who("gz").place({"AC": 1, "LATE": 5})
    detail = who("gz").get(number)
    assert (detail.status, detail.promised_on) == ("in_production", None)
    assert [part.status for part in detail.parts] == ["allocated", "in_production"]
    [row] = requests(who("ops"))
    assert (row.status, row.order_number, row.part_number, row.qty, row.promised_on) == (
        "open",
        number,
        f"{number}-2",
        3,
        None,
    )
    assert [(line.sku_code, line.qty) for line in row.lines] == [("LATE", 3)]
    assert [action.verb for action in row.actions] == ["plan", "cancel"]
    assert requests(who("gz")) == []  # the buyer sees its order, not the board
    assert "production.asked" in [event.kind for event in detail.events]
    check_books(trade)


def test_planned_the_promise_follows_and_finished_it_is_allocated(trade: Database, who: Who) -> None:
    number = who("gz").place({"LATE": 3, "POST": 1})
    [row] = requests(who("ops"))
    ops = who("ops")
    do(ops, plan_production, row.number, **PLAN, version=1)
    # ready on the Monday after, two days on the way
    assert who("gz").get(number).promised_on == date(2026, 10, 28)
    with trade.read(ops.actor) as session:
        loads = week_loads(session, today=TODAY)
    assert [(load.monday, load.qty) for load in loads] == [
        (date(2026, 10, 12), 0),
        (date(2026, 10, 19), 3),
        (date(2026, 10, 26), 0),
        (date(2026, 11, 2), 0),
    ]
    do(ops, start_production, row.number)
    do(ops, finish_production, row.number, made=[MadeGoods("LATE", Decimal("61.5"))])
    assert one(ops, row.number).status == "finished"
    assert parts(ops, number) == [("1", "allocated", "PLANT", [(1, 3), (2, 1)], 32_120)]
    assert stock(trade)["PLANT", "LATE"] == (3, 3)
    with trade.read(SYSTEM) as session:
        moves = session.exec(select(Movement).where(Movement.cause.in_([row.number, number]))).all()
    assert [
        (move.kind, move.on_hand_delta, move.reserved_delta, move.unit_cost_micros) for move in moves
    ] == [
        ("receipt", 3, 0, 61_500_000),
        ("reserve", 0, 3, None),
    ]
    assert who("gz").get(number).promised_on == date(2026, 10, 17)
    check_books(trade)
    ops.do(ship_order, number)
    check_books(trade)


def test_refusals_leave_no_trace(trade: Database, who: Who) -> None:
    who("gz").place({"LATE": 3})
    [row] = requests(who("ops"))
    before = counts(trade)
    for name, verb, facts, error in (
        ("gz", plan_production, PLAN, NotFoundError),
        ("boss", plan_production, PLAN, ForbiddenError),
        ("ops", plan_production, PLAN | {"version": 4}, StaleError),
        ("ops", plan_production, PLAN | {"promised_on": date(2026, 10, 14)}, InvalidError),
        ("ops", plan_production, PLAN | {"location_code": "GD-WH"}, NotFoundError),
        ("ops", start_production, {}, TransitionError),
        ("ops", finish_production, {}, TransitionError),
    ):
        with pytest.raises(error):
            who(name).do(verb, row.number, **facts)
    assert counts(trade) == before
    who("ops").do(plan_production, row.number, **PLAN)
    before = counts(trade)
    with pytest.raises(InvalidError):
        who("ops").do(finish_production, row.number, made=[MadeGoods("AC", Decimal(1))])
    assert counts(trade) == before


def test_cancelled_orders_and_requests(trade: Database, who: Who) -> None:
    first = who("gz").place({"LATE": 3})
    second = who("gz").place({"LATE": 2}, key="k2")
    ops = who("ops")
    one_of, other = sorted(requests(ops), key=lambda row: row.number)
    ops.do(plan_production, one_of.number, **PLAN)
    who("gz").do(cancel_order, first)
    assert one(ops, one_of.number).status == "cancelled"
    ops.do(cancel_production, other.number, reason="停产")
    detail = who("gz").get(second)
    assert (detail.status, detail.parts[0].status) == ("confirmed", "waiting")
    ops.do(request_production, second)  # asked for anew by hand
    assert who("gz").get(second).status == "in_production"
    with pytest.raises(TransitionError):
        ops.do(request_production, second)
    check_books(trade)


def test_stock_that_comes_meanwhile_makes_the_request_smaller(trade: Database, who: Who) -> None:
    number = who("gz").place({"LATE": 5})
    ops = who("ops")
    [row] = requests(ops)
    receive(trade, ("PLANT", "LATE", 2))
    ops.do(allocate_order, number)
    assert (one(ops, row.number).status, one(ops, row.number).qty) == ("open", 3)
    receive(trade, ("PLANT", "LATE", 3))
    ops.do(allocate_order, number)
    assert one(ops, row.number).status == "cancelled"
    assert who("gz").get(number).status == "allocated"
    check_books(trade)


def test_what_was_started_is_made_and_becomes_free_stock(trade: Database, who: Who) -> None:
    number = who("gz").place({"LATE": 5})
    ops = who("ops")
    [row] = requests(ops)
    ops.do(plan_production, row.number, **PLAN)
    ops.do(start_production, row.number)
    who("gz").do(cancel_order, number)
    assert one(ops, row.number).status == "in_production"
    ops.do(finish_production, row.number)
    assert stock(trade)["PLANT", "LATE"] == (5, 0)
    check_books(trade)


def test_a_held_order_is_not_made(trade: Database, who: Who) -> None:
    limit(trade, 0, seller="BR", buyer="GZ")
    number = who("gz").place({"LATE": 5})
    assert requests(who("ops")) == []
    assert [part.status for part in who("gz").get(number).parts] == ["waiting"]
    check_books(trade)
