"""Ship, deliver, return: stock, journal, accounts and layers move together, or not at all."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from distrib_app.core.accounts import Invoice, exposure_of, get_account
from distrib_app.core.channels import Partner, Region, move_partner, set_partner_status
from distrib_app.core.inventory import (
    InsufficientStockError,
    Movement,
    correct_stock,
    get_layers,
    get_shipment,
    receive_stock,
)
from distrib_app.core.journal import JournalLeg
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, StaleError
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.orders import (
    FulfilmentLine,
    NotYourOrderError,
    ReturnLine,
    ReturnQuantityError,
    ReusedKeyError,
    SalesReturn,
    deliver_order,
    return_goods,
    ship_order,
)
from tests.core.inventory.shop import NOW, stock

from .trade import Trader, check_books, counts

Who = Callable[[str], Trader]
TODAY = date(2026, 10, 15)


def legs(database: Database) -> list[JournalLeg]:
    with database.read(SYSTEM) as session:
        return list(session.exec(select(JournalLeg).order_by(JournalLeg.id)).all())


def test_shipping_books_the_sale_everywhere(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 7, "POST": 1, "TV": 3})
    shipments = who("ops").do(ship_order, number, carrier="顺丰", waybill="SF1", version=1)
    assert shipments == ["SH-20261015-0001", "SH-20261015-0002"]  # one per place
    assert stock(trade)["SOUTH", "AC"] == (3, 0)
    assert ("PLANT", "AC") not in stock(trade)
    with trade.read(SYSTEM) as session:
        ids = {row.code: row for row in session.exec(select(Partner))}
        region = session.exec(select(Region).where(Region.code == "440100")).one()
        account = get_account(session, seller_code="BR", buyer_code="GZ")
        exposure = exposure_of(session, account, day=TODAY)
    rows = legs(trade)
    assert [(leg.line_no, leg.qty, leg.amount, leg.tax_amount, leg.price_micros) for leg in rows] == [
        (1, 5, 16_950_000_000, 1_950_000_000, 3_390_000_000),
        (2, 1, 21_200_000, 1_200_000, 21_200_000),
        (3, 3, 10_000_000, 1_150_000, 3_333_333),
        (1, 2, 6_780_000_000, 780_000_000, 3_390_000_000),
    ]
    assert {(leg.step, leg.booked_on, leg.document, leg.region_id) for leg in rows} == {
        ("sell_in", TODAY, number, region.id)
    }
    assert {(leg.seller_path, leg.buyer_path) for leg in rows} == {(ids["BR"].path, ids["GZ"].path)}
    detail = who("gz").get(number)
    assert detail.status == "shipped"
    assert [(row.number, row.carrier, row.waybill, row.delivered_at) for row in detail.shipments] == [
        (shipment, "顺丰", "SF1", None) for shipment in shipments
    ]
    assert [(part.status, part.shipment_number) for part in detail.parts] == [
        ("shipped", shipment) for shipment in shipments
    ]
    assert [(row.reserved_qty, row.shipped_qty, row.delivered_qty) for row in detail.lines] == [
        (0, 7, 0),
        (0, 1, 0),
        (0, 3, 0),
    ]
    with trade.read(who("gz").actor) as session:
        first = get_shipment(session, shipments[0])
        moved = session.exec(select(Movement.cause).where(Movement.kind == "ship")).all()
    assert first.documents == (f"{number}-1",)
    assert [(line.line_no, line.sku_code, line.qty) for line in first.lines] == [
        (1, "AC", 5),
        (2, "POST", 1),
        (3, "TV", 3),
    ]
    assert moved == []  # the brand's stock is not the buyer's to see
    with trade.read(SYSTEM) as session:
        moved = session.exec(select(Movement.cause).where(Movement.kind == "ship")).all()
    assert set(moved) == {f"{number}-1", f"{number}-2"}
    assert detail.invoice_numbers == ("IN-20261015-0001", "IN-20261015-0002")
    assert (exposure.open_orders, exposure.unpaid) == (0, detail.amounts.gross)
    assert [event.kind for event in detail.events] == ["order.placed", "order.shipped", "order.shipped"]
    check_books(trade)


def test_sales_between_partners_are_sell_through(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 1}, seller="GD")
    who("gd").do(ship_order, number)
    assert [leg.step for leg in legs(trade)] == ["sell_through"]
    check_books(trade)


def test_only_the_sellers_side_ships_and_only_while_both_are_active(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 1})
    with trade.write(SYSTEM) as session:
        set_partner_status(session, SYSTEM, code="GZ", status="suspended", now=NOW)
    before = counts(trade)
    for name, facts, error in (
        ("gz", {}, NotYourOrderError),
        ("gd", {}, NotYourOrderError),
        ("boss", {}, ForbiddenError),
        ("ops", {}, TransitionError),
        ("ops", {"carrier": "x" * 61}, InvalidError),
    ):
        with pytest.raises(error):
            who(name).do(ship_order, number, **facts)
    assert counts(trade) == before
    with trade.write(SYSTEM) as session:
        set_partner_status(session, SYSTEM, code="GZ", status="active", now=NOW)
    with pytest.raises(StaleError):
        who("ops").do(ship_order, number, version=9)
    who("ops").do(ship_order, number)
    before = counts(trade)
    with pytest.raises(TransitionError):
        who("ops").do(ship_order, number)
    assert counts(trade) == before
    check_books(trade)


def test_delivery_puts_bought_goods_into_the_buyers_stock(trade: Database, who: Who) -> None:
    gz, ops = who("gz"), who("ops")
    number = gz.place({"AC": 7, "POST": 1, "TV": 3})
    ops.do(ship_order, number)
    for name, facts, error in (
        ("gd", {"signed_by": "x"}, NotYourOrderError),
        ("boss", {"signed_by": "x"}, ForbiddenError),
        ("gz", {"signed_by": " "}, InvalidError),
        ("gz", {"signed_by": "x" * 61}, InvalidError),
        ("gz", {"signed_by": "x", "version": 1}, StaleError),
    ):
        with pytest.raises(error):
            who(name).do(deliver_order, number, **facts)
    assert ("GZ-WH", "AC") not in stock(trade)
    later = NOW + timedelta(days=3)
    gz.do(deliver_order, number, signed_by="李四", version=2, now=later)
    assert stock(trade)["GZ-WH", "AC"] == (7, 0)
    assert stock(trade)["GZ-WH", "TV"] == (3, 0)
    detail = gz.get(number)
    assert [(row.delivered_at, row.signed_by) for row in detail.shipments] == [(later, "李四")] * 2
    assert [part.status for part in detail.parts] == ["delivered"] * 2
    assert [row.delivered_qty for row in detail.lines] == [7, 1, 3]
    with trade.read(gz.actor) as session:
        for sku, cost, qtys in (("AC", 3_000_000_000, [2, 5]), ("TV", 2_950_000, [3])):
            view = get_layers(session, location_code="GZ-WH", sku_code=sku, day=TODAY)
            assert [(row.origin_on, row.unit_cost_micros, row.qty) for row in view.layers] == [
                (TODAY, cost, qty)
                for qty in qtys  # the newest receipt first, one per shipment
            ]
        received = session.exec(select(Movement.cause).where(Movement.kind == "receipt")).all()
    assert set(received) == {row.number for row in detail.shipments}
    with pytest.raises(TransitionError):
        gz.do(deliver_order, number, signed_by="李四")
    check_books(trade)


def test_the_seller_may_confirm_delivery_and_an_outlet_keeps_no_stock(trade: Database, who: Who) -> None:
    with trade.write(SYSTEM) as session:
        receive_stock(
            session, SYSTEM, location_code="GZ-WH", lines=[("AC", 2, Decimal(3000))], cause="G", now=NOW
        )
    number = who("shop").place({"AC": 2}, seller="GZ", buyer="OUT")
    who("gz").do(ship_order, number)
    who("gz").do(deliver_order, number, signed_by="店长")
    assert ("GZ-WH", "AC") not in stock(trade)
    assert who("shop").get(number).status == "delivered"
    who("gz").do(return_goods, number, lines=[(1, 1)], reason="坏", idempotency_key="r")
    assert stock(trade)["GZ-WH", "AC"] == (1, 0)
    check_books(trade)


def back(trader: Trader, number: str, lines: list[tuple[int, int]], key: str, **facts: object) -> str:
    return trader.do(return_goods, number, lines=lines, reason="破损", idempotency_key=key, **facts)


def test_three_units_of_ten_are_refunded_as_333_334_333(trade: Database, who: Who) -> None:
    ops = who("ops")
    number = _sold(who, {"TV": 3})
    for index in range(3):
        back(ops, number, [(1, 1)], f"r{index}")
    with trade.read(SYSTEM) as session:
        rows = session.exec(select(ReturnLine).order_by(ReturnLine.id)).all()
        notes = session.exec(select(Invoice).where(Invoice.kind == "credit_note").order_by(Invoice.id)).all()
        account = get_account(session, seller_code="BR", buyer_code="GZ")
        exposure = exposure_of(session, account, day=TODAY)
    assert [row.gross_amount for row in rows] == [333, 334, 333]
    assert [row.tax_amount for row in rows] == [38, 39, 38]
    assert [note.gross_amount for note in notes] == [-333, -334, -333]
    assert (exposure.unpaid, exposure.unapplied, exposure.total) == (0, 0, 0)
    assert [leg.amount for leg in legs(trade)] == [10_000_000, -3_330_000, -3_340_000, -3_330_000]
    check_books(trade)
    before = counts(trade)
    with pytest.raises(TransitionError) as caught:
        back(ops, number, [(1, 1)], "r9")
    assert caught.value.facts["reason"] == "nothing of it is out"
    assert counts(trade) == before


def _sold(who: Who, lines: dict[str, int], **facts: str) -> str:
    number = who("gz").place(lines, **facts)
    who("ops").do(ship_order, number)
    who("gz").do(deliver_order, number, signed_by="李四")
    return number


def test_a_return_carries_its_origin_and_undoes_both_stocks(trade: Database, who: Who) -> None:
    ops = who("ops")
    number = _sold(who, {"AC": 7, "POST": 1})
    with trade.write(SYSTEM) as session:  # the buyer moves under another parent meanwhile
        old_path = session.exec(select(Partner.path).where(Partner.code == "GZ")).one()
        move_partner(session, SYSTEM, code="GZ", parent_code="BR", now=NOW)
    november = NOW.replace(month=11)
    document = back(ops, number, [(1, 2), (2, 1), (1, 4)], "r1", now=november)
    assert document == "RT-20261115-0001"
    rows = legs(trade)
    assert [(leg.line_no, leg.qty) for leg in rows[:3]] == [(1, 5), (2, 1), (1, 2)]
    # six of line 1 are the five that left first and one of the other part
    for leg, origin, line_no, qty in zip(
        rows[3:], (rows[0], rows[2], rows[1]), (1, 2, 3), (-5, -1, -1), strict=True
    ):
        assert (leg.line_no, leg.qty, leg.origin_leg_id, leg.origin_on) == (line_no, qty, origin.id, TODAY)
        assert (leg.booked_on, leg.document) == (date(2026, 11, 15), document)
        assert (leg.buyer_path, leg.region_id, leg.step) == (old_path, origin.region_id, "sell_in")
        assert leg.price_micros == origin.price_micros
    assert stock(trade)["GZ-WH", "AC"] == (1, 0)
    assert stock(trade)["PLANT", "AC"] == (5, 0)
    assert stock(trade)["SOUTH", "AC"] == (4, 0)
    with trade.read(SYSTEM) as session:
        moved = session.exec(select(Movement).where(Movement.cause == document).order_by(Movement.id)).all()
        assert {(row.kind, row.on_hand_delta, row.origin_on, row.unit_cost_micros) for row in moved} == {
            ("return", -5, TODAY, 3_000_000_000),
            ("return", -1, TODAY, 3_000_000_000),
            ("return", 5, date(2026, 8, 1), 2_000_000_000),
            ("return", 1, date(2026, 8, 1), 2_000_000_000),
        }
        document_row = session.exec(select(SalesReturn)).one()
        assert (document_row.buyer_path, document_row.returned_on) == (old_path, date(2026, 11, 15))
        lines = session.exec(select(ReturnLine).order_by(ReturnLine.line_no)).all()
        sold = session.exec(select(FulfilmentLine).order_by(FulfilmentLine.id)).all()
    assert [(row.line_no, row.qty) for row in lines] == [(1, 5), (2, 1), (3, 1)]
    assert [row.fulfilment_line_id for row in lines] == [sold[0].id, sold[2].id, sold[1].id]
    assert [(row.line_no, row.qty, row.returned_qty) for row in sold] == [(1, 5, 5), (2, 1, 1), (1, 2, 1)]
    detail = ops.get(number)
    assert [row.returned_qty for row in detail.lines] == [6, 1]
    assert detail.returns[0].lines == (("AC", 5), ("AC", 1), ("POST", 1))
    assert detail.returns[0].gross_amount == 6 * 339_000 + 2120
    assert len(detail.invoice_numbers) == 3  # two shipments, one credit note
    assert detail.status == "delivered"
    check_books(trade)
    # the last one can only come out of the second part
    back(ops, number, [(1, 1)], "r2")
    assert stock(trade)["SOUTH", "AC"] == (5, 0)
    check_books(trade)


def test_the_same_return_is_booked_once(trade: Database, who: Who) -> None:
    ops = who("ops")
    number = _sold(who, {"AC": 3})
    first = back(ops, number, [(1, 3)], "r1")
    before = counts(trade)
    assert back(ops, number, [(1, 1), (1, 2)], "r1") == first
    for lines in ([(1, 2)], [(2, 3)]):
        with pytest.raises(ReusedKeyError):
            back(ops, number, lines, "r1")
    assert counts(trade) == before
    other = _sold(who, {"AC": 1}, key="k2")
    assert back(ops, other, [(1, 1)], "r1") != first  # a key belongs to its order


def test_returns_are_refused_without_a_trace(trade: Database, who: Who) -> None:
    number = _sold(who, {"AC": 3, "TV": 2})
    placed = who("gz").place({"AC": 1}, key="k2")
    back(who("ops"), number, [(1, 1)], "r0")
    before = counts(trade)
    for name, order, lines, key, error in (
        ("ops", number, [(2, 1), (1, 3)], "r1", ReturnQuantityError),
        ("ops", number, [(1, 1), (1, 2)], "r1", ReturnQuantityError),
        ("ops", number, [(1, 0)], "r1", InvalidError),
        ("ops", number, [(1, -1)], "r1", InvalidError),
        ("ops", number, [(9, 1)], "r1", InvalidError),
        ("ops", number, [], "r1", InvalidError),
        ("ops", number, [(1, 1)], "", InvalidError),
        ("ops", placed, [(1, 1)], "r1", TransitionError),
        ("gz", number, [(1, 1)], "r1", NotYourOrderError),  # a buyer does not credit itself
        ("boss", number, [(1, 1)], "r1", ForbiddenError),
    ):
        with pytest.raises(error):
            back(who(name), order, lines, key)
    assert counts(trade) == before
    # the buyer has sold one and promised the other: nothing free to give back
    with trade.write(SYSTEM) as session:
        correct_stock(session, SYSTEM, location_code="GZ-WH", sku_code="AC", delta_qty=-1, cause="C", now=NOW)
    before = counts(trade)
    with pytest.raises(InsufficientStockError) as caught:
        back(who("ops"), number, [(2, 1), (1, 2)], "r1")
    assert caught.value.facts == {"sku": "AC", "wanted": 2, "available": 1}
    assert counts(trade) == before
    check_books(trade)


def test_goods_refused_on_the_way_are_not_received(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 3})
    who("ops").do(ship_order, number)
    back(who("ops"), number, [(1, 1)], "r1")
    assert stock(trade)["PLANT", "AC"] == (3, 0)
    who("gz").do(deliver_order, number, signed_by="李四")
    assert stock(trade)["GZ-WH", "AC"] == (2, 0)
    back(who("ops"), number, [(1, 2)], "r2")
    assert ("GZ-WH", "AC") not in stock(trade)
    assert stock(trade)["PLANT", "AC"] == (5, 0)
    check_books(trade)
    second = who("gz").place({"AC": 1}, key="k2")
    who("ops").do(ship_order, second)
    back(who("ops"), second, [(1, 1)], "r1")
    with pytest.raises(TransitionError) as caught:
        who("gz").do(deliver_order, second, signed_by="李四")
    assert (caught.value.facts["state"], caught.value.facts["reason"]) == ("returned", "not in this state")
