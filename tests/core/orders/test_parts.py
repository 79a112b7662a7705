"""Parts of orders: what is ready leaves, what waits follows, several leave together."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import select

from distrib_app.core.accounts import exposure_of, get_account
from distrib_app.core.channels import set_partner_status
from distrib_app.core.inventory import Movement, get_shipment
from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.orders import (
    NotTogetherError,
    NotYourOrderError,
    accept_part,
    allocate_order,
    cancel_order,
    complete_order,
    decline_part,
    deliver_order,
    deliver_part,
    list_parts,
    pick_part,
    return_goods,
    ship_order,
    ship_parts,
)
from tests.core.inventory.shop import NOW, stock

from .trade import Trader, check_books, counts, parts, receive

Who = Callable[[str], Trader]
TODAY = date(2026, 10, 15)
PART_VERBS = (
    (pick_part, {}),
    (accept_part, {}),
    (decline_part, {}),
    (deliver_part, {"signed_by": "x"}),
)


def together(trader: Trader, numbers: list[str], **facts: str) -> str:
    with trader.database.write(trader.actor) as session:
        return ship_parts(session, trader.actor, numbers=numbers, now=NOW, **facts).number


def states(trader: Trader, number: str) -> tuple[str, list[str]]:
    """Where an order and its parts stand."""
    detail = trader.get(number)
    return detail.status, [part.status for part in detail.parts]


def test_what_is_ready_leaves_while_the_rest_waits(trade: Database, who: Who) -> None:
    gz, ops = who("gz"), who("ops")
    number = gz.place({"AC": 2, "LATE": 3, "POST": 1})
    assert states(gz, number) == ("in_production", ["allocated", "in_production"])
    ops.do(pick_part, f"{number}-1")
    assert states(gz, number) == ("in_production", ["picked", "in_production"])
    [first] = ops.do(ship_order, number)
    assert states(gz, number) == ("in_production", ["shipped", "in_production"])
    # invoiced is what left; what waits is still committed
    with trade.read(SYSTEM) as session:
        account = get_account(session, seller_code="BR", buyer_code="GZ")
        exposure = exposure_of(session, account, day=TODAY)
    assert (exposure.unpaid, exposure.open_orders) == (678_000 + 2120, 339_000)
    with pytest.raises(TransitionError) as caught:
        ops.do(ship_order, number)
    assert caught.value.facts["reason"] == "nothing is reserved yet"
    gz.do(deliver_order, number, signed_by="李四")
    assert states(gz, number) == ("in_production", ["delivered", "in_production"])
    assert [(row.qty, row.shipped_qty, row.delivered_qty) for row in gz.get(number).lines] == [
        (2, 2, 2),
        (3, 0, 0),
        (1, 1, 1),
    ]
    check_books(trade)
    receive(trade, ("SOUTH", "LATE", 3))
    ops.do(allocate_order, number)
    assert states(gz, number) == ("allocated", ["delivered", "allocated"])
    [second] = ops.do(ship_order, number)
    assert [row.number for row in gz.get(number).shipments] == [first, second]
    gz.do(deliver_part, f"{number}-3", signed_by="王五")
    assert states(gz, number) == ("delivered", ["delivered", "delivered"])
    assert [row.signed_by for row in gz.get(number).shipments] == ["李四", "王五"]
    gz.do(complete_order, number)
    assert states(gz, number) == ("completed", ["delivered", "delivered"])
    check_books(trade)


def test_what_has_not_left_may_be_cancelled_and_the_rest_goes_on(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 2, "LATE": 3})
    who("ops").do(ship_order, number)
    who("gz").do(cancel_order, number, reason="不要了")
    assert states(who("gz"), number) == ("shipped", ["shipped", "cancelled"])
    with trade.read(SYSTEM) as session:
        account = get_account(session, seller_code="BR", buyer_code="GZ")
        exposure = exposure_of(session, account, day=TODAY)
    assert (exposure.unpaid, exposure.open_orders) == (678_000, 0)
    check_books(trade)
    before = counts(trade)
    for verb in (cancel_order, allocate_order):
        with pytest.raises(TransitionError):
            who("ops").do(verb, number)
    assert counts(trade) == before
    who("gz").do(deliver_order, number, signed_by="李四")
    assert states(who("gz"), number) == ("delivered", ["delivered", "cancelled"])
    who("ops").do(return_goods, number, lines=[(1, 2)], reason="", idempotency_key="r")
    assert stock(trade)["PLANT", "AC"] == (5, 0)
    check_books(trade)


def test_picking_and_delivering_a_part_is_refused_without_a_trace(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 1, "LATE": 1})
    one, two = f"{number}-1", f"{number}-2"
    before = counts(trade)
    for name, verb, part, facts, error in (
        ("gz", pick_part, one, {}, NotYourOrderError),  # the owner of the goods picks
        ("gd", pick_part, one, {}, NotYourOrderError),
        ("sz", pick_part, one, {}, NotFoundError),
        ("boss", pick_part, one, {}, ForbiddenError),
        ("ops", pick_part, two, {}, TransitionError),  # it waits
        ("ops", pick_part, one, {"version": 7}, StaleError),
        ("ops", pick_part, f"{number}-9", {}, NotFoundError),
        ("gz", deliver_part, one, {"signed_by": "x"}, TransitionError),
        ("gz", deliver_part, one, {"signed_by": " "}, InvalidError),
        ("gz", deliver_part, one, {"signed_by": "x" * 61}, InvalidError),
        ("gd", deliver_part, one, {"signed_by": "x"}, NotYourOrderError),
        ("sz", deliver_part, one, {"signed_by": "x"}, NotFoundError),
        ("gz", complete_order, number, {}, TransitionError),
    ):
        with pytest.raises(error):
            who(name).do(verb, part, **facts)
    assert counts(trade) == before
    who("ops").do(pick_part, one, version=1)
    with pytest.raises(TransitionError):
        who("ops").do(pick_part, one)
    check_books(trade)


def test_nobody_may_do_nothing_with_a_part(trade: Database, who: Who) -> None:
    part = f"{who('gz').place({'AC': 1})}-1"
    nobody = Trader(trade, Actor(user_id=None, username="nobody", name="nobody"))
    before = counts(trade)
    for verb, facts in PART_VERBS:
        with pytest.raises(ForbiddenError):
            nobody.do(verb, part, **facts)
    with pytest.raises(ForbiddenError):
        together(nobody, [part])
    assert counts(trade) == before


def test_two_orders_of_one_receiver_leave_as_one_shipment(trade: Database, who: Who) -> None:
    gz, ops = who("gz"), who("ops")
    first, second = gz.place({"AC": 2}, key="a"), gz.place({"AC": 1, "TV": 3}, key="b")
    merged = together(ops, [f"{second}-1", f"{first}-1"], carrier=" 顺丰 ", waybill="SF9")
    for number in (first, second):
        assert states(gz, number) == ("shipped", ["shipped"])
        assert [row.number for row in gz.get(number).shipments] == [merged]
    with trade.read(gz.actor) as session:
        shipment = get_shipment(session, merged)
    assert (shipment.carrier, shipment.waybill) == ("顺丰", "SF9")
    assert shipment.documents == (f"{first}-1", f"{second}-1")
    assert [(line.document, line.line_no, line.sku_code, line.qty) for line in shipment.lines] == [
        (f"{first}-1", 1, "AC", 2),
        (f"{second}-1", 1, "AC", 1),
        (f"{second}-1", 2, "TV", 3),
    ]
    # each order has its own sale and its own invoice
    assert [len(gz.get(number).invoice_numbers) for number in (first, second)] == [1, 1]
    check_books(trade)
    # one signature is for all that came
    gz.do(deliver_part, f"{first}-1", signed_by="李四")
    assert [gz.get(number).status for number in (first, second)] == ["delivered", "delivered"]
    assert [event.kind for event in gz.get(second).events][-1] == "order.delivered"
    assert stock(trade)["GZ-WH", "AC"] == (3, 0)
    with trade.read(SYSTEM) as session:
        received = session.exec(select(Movement).where(Movement.cause == merged)).all()
    assert sorted(row.on_hand_delta for row in received) == [3, 3]  # one layer per SKU: AC and TV
    # each comes back by its own order, out of the one receipt
    ops.do(return_goods, second, lines=[(1, 1), (2, 3)], reason="", idempotency_key="r")
    ops.do(return_goods, first, lines=[(1, 1)], reason="", idempotency_key="r")
    assert stock(trade)["GZ-WH", "AC"] == (1, 0)
    assert stock(trade)["PLANT", "AC"] == (4, 0)
    check_books(trade)


def test_a_returned_unit_of_a_merged_shipment_is_not_received(trade: Database, who: Who) -> None:
    gz, ops = who("gz"), who("ops")
    first, second = gz.place({"AC": 2}, key="a"), gz.place({"AC": 2}, key="b")
    together(ops, [f"{first}-1", f"{second}-1"])
    ops.do(return_goods, first, lines=[(1, 2)], reason="", idempotency_key="r")
    gz.do(deliver_order, second, signed_by="李四")
    assert stock(trade)["GZ-WH", "AC"] == (2, 0)
    assert stock(trade)["PLANT", "AC"] == (3, 0)
    check_books(trade)


def test_what_does_not_belong_together_leaves_apart(trade: Database, who: Who) -> None:
    plant_and_south = who("gz").place({"AC": 6}, key="a")
    other_buyer = who("gd").place({"TV": 1}, buyer="GD", key="b")
    waiting = who("gz").place({"LATE": 1}, key="c")
    below = who("gz").place({"AC": 1}, seller="GD", key="d")
    one, two = f"{plant_and_south}-1", f"{plant_and_south}-2"
    before = counts(trade)
    for name, numbers, facts, error in (
        ("ops", [one, two], {}, NotTogetherError),  # two places
        ("ops", [one, f"{other_buyer}-1"], {}, NotTogetherError),  # two receivers
        ("ops", [one, f"{waiting}-1"], {}, TransitionError),
        ("ops", [one, f"{below}-1"], {}, NotYourOrderError),  # another owner's goods
        ("ops", [one, "SO-20261015-9999-1"], {}, NotFoundError),
        ("ops", [], {}, InvalidError),
        ("ops", [one], {"carrier": "x" * 61}, InvalidError),
        ("ops", [one], {"waybill": "x" * 61}, InvalidError),
        ("gz", [one], {}, NotYourOrderError),
        ("gd", [one], {}, NotYourOrderError),
        ("sz", [one], {}, NotFoundError),
        ("boss", [one], {}, ForbiddenError),
    ):
        with pytest.raises(error):
            together(who(name), numbers, **facts)
    assert counts(trade) == before
    with trade.write(SYSTEM) as session:
        set_partner_status(session, SYSTEM, code="GZ", status="suspended", now=NOW)
    before = counts(trade)
    with pytest.raises(TransitionError) as caught:
        together(who("ops"), [one])
    assert caught.value.facts["reason"] == "a party is not active"
    assert counts(trade) == before
    check_books(trade)


def test_a_part_named_twice_leaves_once(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 6})
    together(who("ops"), [f"{number}-1", f"{number}-1"])
    assert states(who("gz"), number) == ("allocated", ["shipped", "allocated"])
    before = counts(trade)
    with pytest.raises(TransitionError):
        together(who("ops"), [f"{number}-1"])
    assert counts(trade) == before
    check_books(trade)


def test_parts_are_listed_to_those_who_serve_and_receive_them(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 6, "LATE": 1})
    below = who("gz").place({"AC": 1}, seller="GD", key="b")
    who("ops").do(ship_order, number)

    def listed(name: str, *, today: date = TODAY, **facets: str) -> list[str]:
        query = ListQuery(sort="number", facets={key: (value,) for key, value in facets.items()})
        with trade.read(who(name).actor) as session:
            return [row.number for row in list_parts(session, today=today, query=query).rows]

    mine = [f"{number}-{index}" for index in (1, 2, 3)]
    assert listed("gz") == [*mine, f"{below}-1"]
    assert listed("ops", role="owner") == mine
    assert listed("gd", role="owner") == [f"{below}-1"]
    assert listed("sz") == listed("shop") == []
    assert listed("gz", state="out") == mine[:2]
    assert listed("gz", state="open") == [mine[2], f"{below}-1"]
    assert listed("gz", status="in_production") == [mine[2]]
    assert listed("gz", mode="regional") == [mine[1]]
    assert listed("gz", state="late") == []
    assert listed("gz", state="late", today=date(2026, 10, 18)) == [*mine[:2], f"{below}-1"]
    with trade.read(who("gz").actor) as session:
        row = list_parts(session, today=TODAY, query=ListQuery(mine[0])).rows[0]
    assert (row.order_number, row.piece_count, row.location_code) == (number, 5, "")
    assert (row.owner.code, row.seller.code, row.buyer.code) == ("BR", "BR", "GZ")
    assert parts(who("ops"), number)[2] == ("3", "in_production", None, [(2, 1)], 113_000)


def test_a_part_that_leaves_alone_is_one_of_its_orders(trade: Database, who: Who) -> None:
    """What is shipped part by part is what is shipped at once: the same sale, to the cent."""
    one = who("gz").place({"AC": 4, "TV": 7}, key="a")
    who("ops").do(ship_order, one)
    total = who("gz").get(one).amounts.gross
    with trade.read(SYSTEM) as session:
        account = get_account(session, seller_code="BR", buyer_code="GZ")
        assert exposure_of(session, account, day=TODAY).unpaid == total
    two = who("gz").place({"AC": 6, "TV": 7}, key="b")
    for part in who("ops").get(two).parts:
        together(who("ops"), [part.number])
    total += who("gz").get(two).amounts.gross
    with trade.read(SYSTEM) as session:
        account = get_account(session, seller_code="BR", buyer_code="GZ")
        assert exposure_of(session, account, day=TODAY).unpaid == total
    check_books(trade)
