"""What production brings in: lots, planned and actual costs; and what the brand makes for another seller."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from distrib_app.core.catalog import Category, create_product, create_sku
from distrib_app.core.channels import ProductLine
from distrib_app.core.inventory import Lot, LotMismatchError, LotRequiredError, Movement
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.orders import (
    MadeGoods,
    OrderRefusedError,
    allocate_order,
    cancel_order,
    cancel_production,
    finish_production,
    plan_production,
    request_production,
    start_production,
)
from distrib_app.core.pricing import add_price
from tests.core.inventory.shop import LONG_AGO, NOW, stock

from .books import committed, invoices, legs
from .test_fees import broken
from .test_production import PLAN, one, requests
from .test_supply import limit, send
from .trade import Trader, check_books, counts, parts, receive

Who = Callable[[str], Trader]
FRESH, STALE = date(2027, 10, 15), date(2026, 11, 1)


def price(trade: Database, seller: str, sku: str, amount: int) -> None:
    with trade.write(SYSTEM) as session:
        add_price(
            session,
            SYSTEM,
            seller_code=seller,
            sku_code=sku,
            unit_price=Decimal(amount),
            valid_from=date(2026, 1, 2),
            now=NOW,
        )


@pytest.fixture
def kits(trade: Database) -> None:
    """First-aid kits are kept by lot, leave with 30 days of life left, and may be ordered beyond stock."""
    with trade.write(SYSTEM) as session:
        line = ProductLine(
            code="CARE", name="急救", name_en="Care", path="CARE/", is_lot_tracked=True, min_life_days=30
        )
        session.add(line)
        session.flush()
        session.add(Category(code="KITS", name="急救包", name_en="Kits", product_line_id=line.id))
        session.flush()
        create_product(session, SYSTEM, code="K", name="急救包", category_code="KITS", now=LONG_AGO)
        create_sku(
            session,
            SYSTEM,
            code="KIT",
            name="急救包",
            product_code="K",
            tax_ppm=130_000,
            is_backorder_allowed=True,
            now=LONG_AGO,
        )
    price(trade, "BR", "KIT", 50)


def planned(who: Who, lines: dict[str, int], **facts: Any) -> tuple[str, str]:
    """An order that waits for production, and its planned request."""
    number = who("gz").place(lines)
    [row] = requests(who("ops"))
    who("ops").do(plan_production, row.number, **PLAN, **facts)
    return number, row.number


def came_in(trade: Database, cause: str) -> list[tuple[int, int | None, str | None]]:
    """(quantity, unit cost, lot) of what came in with a document."""
    with trade.read(SYSTEM) as session:
        rows = session.exec(
            select(Movement, Lot.code)
            .join(Lot, Lot.id == Movement.lot_id, isouter=True)
            .where(Movement.cause == cause, Movement.kind == "receipt")
        ).all()
    return [(row.on_hand_delta, row.unit_cost_micros, lot) for row, lot in rows]


@pytest.mark.usefixtures("kits")
def test_goods_kept_by_lot_name_their_lot(trade: Database, who: Who) -> None:
    number, request = planned(who, {"KIT": 3})
    ops = who("ops")
    [line] = one(ops, request).lines
    assert line.is_lot_tracked
    before = counts(trade)
    for made, field in (
        ([], "lot_code"),
        ([MadeGoods("KIT")], "lot_code"),
        ([MadeGoods("KIT", lot_code="L1")], "expires_on"),
    ):
        with pytest.raises(LotRequiredError) as caught:
            ops.do(finish_production, request, made=made)
        assert caught.value.facts["field"] == field
    for wrong in (
        [MadeGoods("KIT", lot_code="L1", expires_on=date(2026, 10, 14))],
        [MadeGoods("KIT", Decimal(-1), "L1", FRESH)],
        [MadeGoods("KIT", None, "L1", FRESH)] * 2,
        [MadeGoods("KIT", None, "L1", FRESH), MadeGoods("AC")],
    ):
        with pytest.raises(InvalidError):
            ops.do(finish_production, request, made=wrong)
    assert counts(trade) == before
    ops.do(finish_production, request, made=[MadeGoods("KIT", Decimal("20.5"), "L1", FRESH)])
    assert came_in(trade, request) == [(3, 20_500_000, "L1")]
    assert who("gz").get(number).status == "allocated"
    with trade.read(SYSTEM) as session:
        [lot] = session.exec(select(Lot)).all()
    assert (lot.code, lot.expires_on, lot.made_on) == ("L1", FRESH, date(2026, 10, 15))
    assert broken(trade) == []


@pytest.mark.usefixtures("kits")
def test_a_known_lot_keeps_its_expiry(trade: Database, who: Who) -> None:
    _, first = planned(who, {"KIT": 1})
    who("ops").do(finish_production, first, made=[MadeGoods("KIT", lot_code="L1", expires_on=FRESH)])
    who("gz").place({"KIT": 2}, key="k2")
    [row] = [row for row in requests(who("ops")) if row.status == "open"]
    who("ops").do(plan_production, row.number, **PLAN)
    with pytest.raises(LotMismatchError):
        who("ops").do(finish_production, row.number, made=[MadeGoods("KIT", None, "L1", date(2028, 1, 1))])
    who("ops").do(finish_production, row.number, made=[MadeGoods("KIT", lot_code="L1")])
    assert stock(trade)["PLANT", "KIT"] == (3, 3)
    check_books(trade)


@pytest.mark.usefixtures("kits")
def test_what_has_too_little_life_left_is_not_promised(trade: Database, who: Who) -> None:
    number, request = planned(who, {"KIT": 3})
    who("ops").do(finish_production, request, made=[MadeGoods("KIT", None, "L1", STALE)])
    assert who("gz").get(number).status == "in_production"
    assert stock(trade)["PLANT", "KIT"] == (3, 0)
    check_books(trade)


def test_goods_come_in_at_the_planned_cost_or_the_actual_one(trade: Database, who: Who) -> None:
    price(trade, "BR", "LATE", 100)
    ops = who("ops")
    _, request = planned(who, {"LATE": 3}, unit_costs={"LATE": Decimal("61.5")})
    [line] = one(ops, request).lines
    assert (line.planned_cost, line.unit_cost) == (Decimal("61.5"), None)
    with pytest.raises(InvalidError):
        ops.do(plan_production, request, **PLAN, unit_costs={"AC": Decimal(1)})
    with pytest.raises(InvalidError):
        ops.do(plan_production, request, **PLAN, unit_costs={"LATE": Decimal(-1)})
    ops.do(start_production, request)
    ops.do(finish_production, request)
    assert came_in(trade, request) == [(3, 61_500_000, None)]
    who("gz").place({"LATE": 2}, key="k2")
    [row] = [row for row in requests(ops) if row.status == "open"]
    ops.do(plan_production, row.number, **PLAN, unit_costs={"LATE": Decimal("61.5")})
    ops.do(finish_production, row.number, made=[MadeGoods("LATE", Decimal("58.123456"))])
    assert came_in(trade, row.number) == [(2, 58_123_456, None)]
    [line] = one(ops, row.number).lines
    assert (line.planned_cost, line.unit_cost) == (Decimal("61.5"), Decimal("58.123456"))
    check_books(trade)


def for_gd(trade: Database, who: Who, qty: int = 3) -> tuple[str, str]:
    """GD sells LATE at 1200 with tax, bought at 1000 net; nobody has any: the brand is asked for it."""
    price(trade, "GD", "LATE", 1200)
    number = who("gz").place({"LATE": qty}, seller="GD")
    [row] = requests(who("ops"))
    return number, row.number


def test_the_brand_makes_what_it_delivers_for_another_seller(trade: Database, who: Who) -> None:
    number, request = for_gd(trade, who)
    detail = who("gz").get(number)
    assert [(part.status, part.mode, part.owner.code) for part in detail.parts] == [
        ("in_production", "direct", "BR")
    ]
    assert committed(trade, number) == {"GD:GZ": 360_000, "BR:GD": 339_000}
    assert requests(who("gd")) == []  # the board is the maker's
    assert "production.asked" in [event.kind for event in who("gd").get(number).events]
    ops = who("ops")
    ops.do(plan_production, request, **PLAN)
    assert who("gz").get(number).promised_on == date(2026, 10, 28)
    ops.do(finish_production, request, made=[MadeGoods("LATE", Decimal(600))])
    assert parts(who("gd"), number) == [("1", "allocated", None, [(1, 3)], 360_000)]
    assert stock(trade)["PLANT", "LATE"] == (3, 3)
    check_books(trade)
    send(ops, f"{number}-1")
    assert legs(trade) == [
        ("sell_through", "GD", "GZ", 3, 360_000, 41_416),
        ("sell_in", "BR", "GD", 3, 339_000, 39_000),
    ]
    assert invoices(trade) == [("invoice", "GD", "GZ", 360_000), ("invoice", "BR", "GD", 339_000)]
    assert committed(trade, number) == {"GD:GZ": 0, "BR:GD": 0}
    assert broken(trade) == []


def test_given_up_the_part_waits_for_its_seller_again(trade: Database, who: Who) -> None:
    number, request = for_gd(trade, who)
    who("ops").do(cancel_production, request, reason="停产")
    [part] = who("gz").get(number).parts
    assert (part.status, part.mode, part.owner.code) == ("waiting", "own", "GD")
    assert committed(trade, number) == {"GD:GZ": 360_000, "BR:GD": 0}
    check_books(trade)
    who("gd").do(request_production, number)  # asked for anew by hand
    assert committed(trade, number) == {"GD:GZ": 360_000, "BR:GD": 339_000}
    who("gz").do(cancel_order, number)
    assert committed(trade, number) == {"GD:GZ": 0, "BR:GD": 0}
    assert [row.status for row in requests(who("ops"))] == ["cancelled", "cancelled"]
    assert broken(trade) == []


def test_what_the_seller_serves_itself_is_not_bought(trade: Database, who: Who) -> None:
    number, request = for_gd(trade, who)
    receive(trade, ("GD-WH", "LATE", 1))
    who("gd").do(allocate_order, number)
    assert one(who("ops"), request).qty == 2
    assert committed(trade, number) == {"GD:GZ": 360_000, "BR:GD": 226_000}
    assert [(part.mode, part.status) for part in who("gd").get(number).parts] == [
        ("direct", "in_production"),
        ("own", "allocated"),
    ]
    check_books(trade)
    receive(trade, ("GD-WH", "LATE", 2))
    who("gd").do(allocate_order, number)
    assert one(who("ops"), request).status == "cancelled"
    assert committed(trade, number) == {"GD:GZ": 360_000, "BR:GD": 0}
    assert broken(trade) == []


def test_without_credit_with_the_brand_the_part_waits_and_says_why(trade: Database, who: Who) -> None:
    limit(trade, 100, seller="BR", buyer="GD")
    price(trade, "GD", "LATE", 1200)
    number = who("gz").place({"LATE": 3}, seller="GD")
    assert requests(who("ops")) == []
    [part] = who("gz").get(number).parts
    assert (part.status, part.owner.code) == ("waiting", "GD")
    before = counts(trade)
    with pytest.raises(OrderRefusedError) as caught:
        who("gd").do(request_production, number)
    assert [reason.code for reason in caught.value.reasons] == ["no_supply_credit"]
    assert counts(trade) == before
    check_books(trade)
