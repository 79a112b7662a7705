"""Quote, place, allocate, cancel: on both databases, with what a refusal leaves behind (nothing)."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from distrib_app.core.accounts import set_credit
from distrib_app.core.catalog import Sku, set_sku_flags
from distrib_app.core.channels import Partner, set_partner_status
from distrib_app.core.inventory import InsufficientStockError, receive_stock
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.kernel.money import TaxSplit
from distrib_app.core.orders import (
    LineRequest,
    NotYourBuyerError,
    NotYourOrderError,
    OrderRefusedError,
    ReusedKeyError,
    SalesOrder,
    allocate_order,
    cancel_order,
    quote_order,
    ship_order,
)
from distrib_app.core.pricing import add_price
from tests.core.inventory.shop import NOW, stock

from .trade import Trader, check_books, counts, owe, parts, receive

Who = Callable[[str], Trader]


def quote(trader: Trader, lines: list[tuple[str, int]], *, seller: str = "BR", buyer: str = "GZ"):
    with trader.database.read(trader.actor) as session:
        return quote_order(
            session,
            trader.actor,
            buyer_code=buyer,
            seller_code=seller,
            lines=[LineRequest(*line) for line in lines],
            now=NOW,
        )


def test_a_quote_prices_every_line_and_tells_what_is_there(who: Who) -> None:
    found = quote(who("gz"), [("AC", 2), ("TV", 3), ("AC", 1), ("POST", 1), ("LATE", 2)])
    assert [(line.sku_code, line.qty, line.available_qty, line.short_qty) for line in found.lines] == [
        ("AC", 3, 10, 0),
        ("TV", 3, 100, 0),
        ("POST", 1, None, 0),
        ("LATE", 2, 0, 2),
    ]
    assert [line.amounts for line in found.lines] == [
        TaxSplit(900_000, 117_000, 1_017_000),
        TaxSplit(885, 115, 1000),
        TaxSplit(2000, 120, 2120),
        TaxSplit(200_000, 26_000, 226_000),
    ]
    assert [line.unit_price for line in found.lines] == [
        Decimal(3390),
        Decimal("3.333333"),
        Decimal("21.2"),
        Decimal(1130),
    ]
    assert found.amounts == TaxSplit(1_102_885, 143_235, 1_246_120)
    assert (found.day, found.currency, found.reasons, found.can_place) == (
        date(2026, 10, 15),
        "CNY",
        (),
        True,
    )
    assert found.exposure is not None
    assert found.exposure.available == 100_000_000
    # two days after it is ready; of LATE nobody has any
    arrival = date(2026, 10, 17)
    assert [line.promised_on for line in found.lines[:2]] == [arrival, arrival]
    assert (found.lines[3].promised_on, found.promised_on, found.holds) == (None, None, ())
    assert all(len(line.steps) >= 4 for line in found.lines)  # the price's own steps, then ours


def test_a_quote_names_every_reason(trade: Database, who: Who) -> None:
    with trade.write(SYSTEM) as session:
        version = session.exec(select(Sku.version).where(Sku.code == "TV")).one()
        set_sku_flags(session, SYSTEM, code="TV", version=version, is_orderable=False, now=NOW)
    found = quote(who("gz"), [("AC", 11), ("TV", 1), ("BOX", 7), ("NONE", 1), ("LATE", 0)])
    assert [reason.code for reason in found.reasons] == [
        "short_stock",
        "not_orderable",
        "multiple",
        "unknown_sku",
        "quantity",
    ]
    assert found.reasons[0].facts["available"] == 10
    assert [reason.code for reason in quote(who("gz"), []).reasons] == ["no_lines"]
    # GD sells AC only, at its own price; of BOX there is what the brand has
    below = quote(who("gz"), [("AC", 1), ("BOX", 105)], seller="GD")
    assert below.lines[0].unit_price == Decimal(3500)
    assert [(reason.code, reason.facts["sku"]) for reason in below.reasons] == [
        ("no_price", "BOX"),
        ("short_stock", "BOX"),
    ]
    assert below.reasons[1].facts["available"] == 100


def test_only_the_buyers_own_people_order_and_only_from_partners_they_know(who: Who) -> None:
    for name, buyer, seller, error in (
        ("ops", "GZ", "BR", ForbiddenError),  # the seller's staff does not order on behalf
        ("gd", "GZ", "GD", NotYourBuyerError),  # nor does the partner above
        ("sz", "GZ", "GD", NotFoundError),  # a neighbour does not exist
        ("gz", "GZ", "SZ", NotFoundError),
        ("gz", "GZ", "NOBODY", NotFoundError),
    ):
        with pytest.raises(error):
            quote(who(name), [("AC", 1)], buyer=buyer, seller=seller)
    # SZ stands below the brand and may ask, but has no account there
    assert [reason.code for reason in quote(who("sz"), [("AC", 1)], buyer="SZ").reasons] == ["no_account"]


def test_placing_freezes_the_quote_reserves_and_commits(trade: Database, who: Who) -> None:
    asked = quote(who("gz"), [("AC", 8), ("POST", 1)])
    number = who("gz").place({"AC": 8, "POST": 1})
    assert number == "SO-20261015-0001"
    # T11: 8 over [5, 5] is [5, 3], one part per place, the amounts as quoted
    assert stock(trade)["PLANT", "AC"] == (5, 5)
    assert stock(trade)["SOUTH", "AC"] == (5, 3)
    detail = who("ops").get(number)
    assert [
        (row.line_no, row.sku_code, row.qty, row.reserved_qty, row.amounts.gross, row.location_codes)
        for row in detail.lines
    ] == [
        (1, "AC", 8, 8, 2_712_000, ("PLANT", "SOUTH")),
        (2, "POST", 1, 0, 2120, ("PLANT",)),
    ]
    assert [
        (part.number, part.mode, part.status, part.location_code, part.gross_amount, part.owner.code)
        for part in detail.parts
    ] == [
        (f"{number}-1", "direct", "allocated", "PLANT", 1_697_120, "BR"),
        (f"{number}-2", "regional", "allocated", "SOUTH", 1_017_000, "BR"),
    ]
    assert [
        [(line.line_no, line.sku_code, line.qty, line.gross_amount) for line in part.lines]
        for part in detail.parts
    ] == [
        [(1, "AC", 5, 1_695_000), (2, "POST", 1, 2120)],  # a service travels with the first part
        [(1, "AC", 3, 1_017_000)],
    ]
    assert detail.amounts.gross == 2_714_120
    assert [list(row.steps) for row in detail.lines] == [
        [step.frozen() for step in line.steps] for line in asked.lines
    ]
    arrival = date(2026, 10, 17)
    assert [part.promised_on for part in detail.parts] == [arrival, arrival]
    assert (detail.status, detail.promised_on, detail.holds) == ("allocated", arrival, ())
    check_books(trade)
    # the stock and the credit it takes are gone for the next one
    found = quote(who("gz"), [("AC", 2)])
    assert found.lines[0].available_qty == 2
    assert found.exposure is not None
    assert found.exposure.open_orders == 2_714_120


def test_amounts_of_a_line_over_three_parts_add_up(trade: Database, who: Who) -> None:
    """T9: 10.00 over three equal parts."""
    with trade.write(SYSTEM) as session:
        for location in ("PLANT", "SOUTH"):
            receive_stock(
                session, SYSTEM, location_code=location, lines=[("LATE", 1, Decimal(1))], cause="G", now=NOW
            )
        add_price(
            session,
            SYSTEM,
            seller_code="BR",
            sku_code="LATE",
            unit_price=Decimal("3.333333"),
            kind="special",
            valid_from=date(2026, 10, 1),
            now=NOW,
        )
    number = who("gz").place({"LATE": 3})
    detail = who("ops").get(number)
    assert [(part.location_code, part.status, part.gross_amount) for part in detail.parts] == [
        ("PLANT", "allocated", 334),
        ("SOUTH", "allocated", 333),
        (None, "in_production", 333),
    ]
    [line] = detail.lines
    assert (line.qty, line.reserved_qty, line.amounts) == (3, 2, TaxSplit(885, 115, 1000))
    assert (line.location_codes, line.promised_on) == (("PLANT", "SOUTH"), None)
    assert (detail.status, detail.promised_on) == ("in_production", None)
    # where the seller's goods lie and what they cost it is not the buyer's business
    mine = who("gz").get(number)
    assert mine.lines[0].location_codes == ()
    assert {(part.location_code, part.cost_amount, part.route) for part in mine.parts} == {(None, None, None)}
    check_books(trade)


def test_the_same_key_places_once(trade: Database, who: Who) -> None:
    gz = who("gz")
    number = gz.place({"AC": 2, "TV": 1}, key="cart-1")
    before = counts(trade)
    assert gz.place({"TV": 1, "AC": 2}, key="cart-1") == number
    for lines, seller in (
        ({"AC": 3, "TV": 1}, "BR"),
        ({"AC": 2}, "BR"),
        ({"AC": 2, "NONE": 1}, "BR"),
        ({"AC": 2, "TV": 1}, "GD"),
    ):
        with pytest.raises(ReusedKeyError):
            gz.place(lines, key="cart-1", seller=seller)
    assert counts(trade) == before
    # another buyer's key is another key
    assert who("gd").place({"AC": 1}, buyer="GD", key="cart-1") != number
    # T12: cancelled and tried again, the key still means the first order
    gz.do(cancel_order, number)
    assert gz.place({"AC": 2, "TV": 1}, key="cart-1") == number
    assert gz.get(number).status == "cancelled"
    check_books(trade)
    for key in ("", "x" * 81):
        with pytest.raises(InvalidError):
            gz.place({"AC": 1}, key=key)


def test_refused_orders_leave_nothing(trade: Database, who: Who) -> None:
    gz = who("gz")
    with trade.write(SYSTEM) as session:
        set_credit(
            session,
            SYSTEM,
            seller_code="BR",
            buyer_code="GZ",
            credit_limit_amount=1_017_000,
            version=1,
            now=NOW,
        )
    before = counts(trade)
    with pytest.raises(OrderRefusedError) as caught:
        gz.place({"AC": 4, "BOX": 101})
    # what would only hold the order is no reason against it, but the quote tells both
    assert [reason.code for reason in caught.value.reasons] == ["multiple", "short_stock"]
    asked = quote(gz, [("AC", 4), ("BOX", 101)])
    assert asked.reasons == caught.value.reasons
    assert [hold.code for hold in asked.holds] == ["credit_limit"]
    assert (
        asked.holds[0]
        .text.format(**asked.holds[0].facts)
        .startswith("Exposure 0.00 CNY plus this order 13561.24 CNY is above the credit limit")
    )
    with pytest.raises(OrderRefusedError) as caught:
        gz.place({"AC": 11, "TV": 1})
    assert caught.value.reasons[0].facts == {"sku": "AC", "qty": 11, "available": 10}
    assert counts(trade) == before
    number = gz.place({"AC": 3})  # 10,170.00: exactly at the limit
    assert gz.get(number).status == "allocated"
    check_books(trade)


def test_suspended_buyers_are_refused_with_or_without_debt(trade: Database, who: Who) -> None:
    gz = who("gz")
    owe(trade)
    with trade.write(SYSTEM) as session:
        set_partner_status(session, SYSTEM, code="GZ", status="suspended", now=NOW)
    before = counts(trade)
    with pytest.raises(OrderRefusedError) as caught:
        gz.place({"AC": 1})
    assert [reason.code for reason in caught.value.reasons] == ["buyer_suspended"]
    assert [hold.code for hold in quote(gz, [("AC", 1)]).holds] == ["overdue"]
    assert counts(trade) == before


def test_backorders_are_placed_short_and_allocated_later(trade: Database, who: Who) -> None:
    gz, ops = who("gz"), who("ops")
    number = gz.place({"LATE": 8, "POST": 1})
    placed = gz.get(number)
    assert [(row.qty, row.reserved_qty) for row in placed.lines] == [(8, 0), (1, 0)]
    assert [(part.number, part.status, part.mode) for part in placed.parts] == [
        (f"{number}-1", "in_production", "direct")
    ]
    assert placed.status == "in_production"
    with pytest.raises(TransitionError) as caught:
        ops.do(ship_order, number)
    assert caught.value.facts["reason"] == "nothing is reserved yet"
    before = counts(trade)
    with pytest.raises(InsufficientStockError) as short:
        ops.do(allocate_order, number)
    assert short.value.facts == {"sku": "LATE", "wanted": 8, "available": 0}
    for name in ("gz", "gd"):
        with pytest.raises(NotYourOrderError):
            who(name).do(allocate_order, number)
    assert counts(trade) == before
    receive(trade, ("PLANT", "LATE", 3), ("SOUTH", "LATE", 4))
    ops.do(allocate_order, number, version=1)
    assert parts(ops, number) == [
        ("1", "in_production", None, [(1, 1), (2, 1)], 115_120),  # the service stays with what still waits
        ("2", "allocated", "PLANT", [(1, 3)], 339_000),
        ("3", "allocated", "SOUTH", [(1, 4)], 452_000),
    ]
    assert ops.get(number).status == "in_production"
    check_books(trade)
    receive(trade, ("PLANT", "LATE", 9))
    ops.do(allocate_order, number, version=2)
    with pytest.raises(TransitionError) as caught:
        ops.do(allocate_order, number)
    assert caught.value.facts["reason"] == "everything is reserved already"
    assert parts(ops, number) == [
        ("2", "allocated", "PLANT", [(1, 3)], 339_000),
        ("3", "allocated", "SOUTH", [(1, 4)], 452_000),
        ("4", "allocated", "PLANT", [(1, 1), (2, 1)], 115_120),
    ]
    assert ops.get(number).status == "allocated"
    assert len(ops.do(ship_order, number)) == 2  # one shipment per place
    assert stock(trade)["PLANT", "LATE"] == (8, 0)
    assert ("SOUTH", "LATE") not in stock(trade)
    check_books(trade)
    # the same key still finds the order, whose one part has become three
    assert gz.place({"LATE": 8, "POST": 1}) == number


@pytest.mark.parametrize("side", ["gz", "ops"])
def test_either_side_cancels_before_shipping(trade: Database, who: Who, side: str) -> None:
    number = who("gz").place({"AC": 7, "LATE": 2})
    with pytest.raises(StaleError):
        who(side).do(cancel_order, number, version=7)
    with pytest.raises(NotYourOrderError):
        who("gd").do(cancel_order, number)  # sees it (the buyer is below), but stands on neither side
    assert stock(trade)["PLANT", "AC"] == (5, 5)
    who(side).do(cancel_order, number, reason="错单", version=1)
    assert stock(trade)["PLANT", "AC"] == (5, 0)
    detail = who("gz").get(number)
    assert (detail.status, detail.version, detail.actions) == ("cancelled", 2, ())
    assert detail.events[-1].payload == {"reason": "错单"}
    check_books(trade)
    before = counts(trade)
    for verb in (cancel_order, ship_order):
        with pytest.raises(TransitionError):
            who("ops").do(verb, number)
    assert counts(trade) == before


def test_days_are_those_of_the_networks_zone(trade: Database, who: Who) -> None:
    """T7: 2026-10-31 16:30 UTC is 1 November in Shanghai."""
    gz = who("gz")
    late = NOW.replace(day=31, hour=16, minute=30)
    with trade.read(gz.actor) as session:
        found = quote_order(
            session,
            gz.actor,
            buyer_code="GZ",
            seller_code="BR",
            lines=[LineRequest("AC", 1)],
            now=late,
        )
        earlier = quote_order(
            session,
            gz.actor,
            buyer_code="GZ",
            seller_code="BR",
            lines=[LineRequest("AC", 1)],
            now=late - timedelta(hours=1),
        )
    assert (found.day, earlier.day) == (date(2026, 11, 1), date(2026, 10, 31))


def test_the_order_remembers_its_parties_and_who_placed_it(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 1})
    with trade.read(SYSTEM) as session:
        order = session.exec(select(SalesOrder).where(SalesOrder.number == number)).one()
        paths = {row.code: row.path for row in session.exec(select(Partner))}
    assert (order.seller_path, order.buyer_path) == (paths["BR"], paths["GZ"])
    assert order.placed_by == who("gz").actor.user_id
    assert order.placed_at == NOW
