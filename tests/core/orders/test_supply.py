"""Brand direct: the brand ships for a seller that buys from it what it sells on – two legs, one shipment."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from distrib_app.core.accounts import (
    exposure_of,
    get_account,
    open_account,
    set_credit,
)
from distrib_app.core.catalog import create_sku
from distrib_app.core.inventory import Shipment
from distrib_app.core.journal import JournalLeg
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import NotFoundError
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.orders import (
    FulfilmentLine,
    LineRequest,
    NotYourOrderError,
    OrderRefusedError,
    cancel_order,
    deliver_order,
    quote_order,
    release_order,
    return_goods,
    ship_order,
    ship_parts,
)
from distrib_app.core.pricing import add_price
from tests.core.channels.town import partner_ids
from tests.core.inventory.shop import NOW, stock

from .books import committed, invoices, legs
from .trade import MILLION_YUAN, Trader, check_books, counts, receive

Who = Callable[[str], Trader]
TODAY = date(2026, 10, 15)
JANUARY = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def resale(trade: Database) -> None:
    """GD sells television sets at 4.50 that only the brand has; it buys them at 3.333333."""
    with trade.write(SYSTEM) as session:
        add_price(
            session,
            SYSTEM,
            seller_code="GD",
            sku_code="TV",
            unit_price=Decimal("4.5"),
            valid_from=JANUARY,
            now=NOW,
        )


def limit(database: Database, amount: int, *, seller: str, buyer: str, version: int = 1) -> None:
    with database.write(SYSTEM) as session:
        set_credit(
            session,
            SYSTEM,
            seller_code=seller,
            buyer_code=buyer,
            credit_limit_amount=amount,
            version=version,
            now=NOW,
        )


def send(trader: Trader, *numbers: str) -> str:
    with trader.database.write(trader.actor) as session:
        return ship_parts(session, trader.actor, numbers=numbers, now=NOW).number


def test_the_brand_serves_what_the_seller_is_short_of(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 2, "TV": 3}, seller="GD")
    detail = who("ops").get(number)
    assert sorted((part.mode, part.owner.code, part.location_code) for part in detail.parts) == [
        ("direct", "BR", "PLANT"),
        ("own", "GD", "GD-WH"),
    ]
    assert (stock(trade)["GD-WH", "AC"], stock(trade)["PLANT", "TV"]) == ((4, 2), (100, 3))
    assert detail.status == "allocated"
    # the buyer owes the seller, the seller owes the brand
    assert committed(trade, number) == {"GD:GZ": 701_350, "BR:GD": 1000}
    with trade.read(SYSTEM) as session:
        [line] = session.exec(select(FulfilmentLine).where(FulfilmentLine.line_no == 2)).all()
    assert (line.supply_price, line.supply_net_amount, line.supply_tax_amount) == (
        Decimal("3.333333"),
        885,
        115,
    )
    assert (line.supply_gross_amount, line.gross_amount) == (1000, 1350)
    check_books(trade)


def test_one_shipment_books_two_sales_and_two_invoices(trade: Database, who: Who) -> None:
    number = who("gz").place({"TV": 3}, seller="GD")
    shipment = send(who("ops"), f"{number}-1")
    assert legs(trade) == [
        ("sell_through", "GD", "GZ", 3, 1350, 155),
        ("sell_in", "BR", "GD", 3, 1000, 115),
    ]
    assert invoices(trade) == [("invoice", "GD", "GZ", 1350), ("invoice", "BR", "GD", 1000)]
    assert committed(trade, number) == {"GD:GZ": 0, "BR:GD": 0}
    assert stock(trade)["PLANT", "TV"] == (97, 0)
    ids = partner_ids(trade)
    with trade.read(SYSTEM) as session:
        [row] = session.exec(select(Shipment)).all()
        owed = {
            (seller, buyer): exposure_of(
                session, get_account(session, seller_code=seller, buyer_code=buyer), day=TODAY
            ).unpaid
            for seller, buyer in (("GD", "GZ"), ("BR", "GD"))
        }
    assert (row.number, row.owner_id, row.seller_id, row.buyer_id) == (
        shipment,
        ids["BR"],
        ids["GD"],
        ids["GZ"],
    )
    assert owed == {("GD", "GZ"): 1350, ("BR", "GD"): 1000}
    check_books(trade)
    who("gz").do(deliver_order, number, signed_by="李四")
    assert stock(trade)["GZ-WH", "TV"] == (3, 0)  # it never lay with the seller
    assert ("GD-WH", "TV") not in stock(trade)
    check_books(trade)


def test_the_seller_ships_its_own_part_and_the_brand_its_own(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 2, "TV": 3}, seller="GD")
    by_mode = {part.mode: part.number for part in who("ops").get(number).parts}
    before = counts(trade)
    for name, verb, key in (
        ("ops", ship_order, number),  # the brand is no side of this order
        ("gz", ship_order, number),
    ):
        with pytest.raises(NotYourOrderError):
            who(name).do(verb, key)
    for name, part, error in (
        ("gd", by_mode["direct"], NotYourOrderError),
        ("ops", by_mode["own"], NotYourOrderError),
        ("sz", by_mode["direct"], NotFoundError),
    ):
        with pytest.raises(error):
            send(who(name), part)
    assert counts(trade) == before
    assert len(who("gd").do(ship_order, number)) == 1
    status = {part.mode: part.status for part in who("gd").get(number).parts}
    assert status == {"own": "shipped", "direct": "allocated"}
    assert legs(trade) == [("sell_through", "GD", "GZ", 2, 700_000, 80_531)]
    assert committed(trade, number) == {"GD:GZ": 1350, "BR:GD": 1000}
    with pytest.raises(TransitionError) as caught:
        who("gd").do(ship_order, number)
    assert caught.value.facts["reason"] == "nothing is ready to leave"
    send(who("ops"), by_mode["direct"])
    assert who("gz").get(number).status == "shipped"
    check_books(trade)


def test_a_return_is_undone_on_both_accounts_to_the_cent(trade: Database, who: Who) -> None:
    number = who("gz").place({"TV": 3}, seller="GD")
    send(who("ops"), f"{number}-1")
    who("gz").do(deliver_order, number, signed_by="李四")
    for index in range(3):
        who("gd").do(return_goods, number, lines=[(1, 1)], reason="坏", idempotency_key=f"r{index}")
        check_books(trade)
    assert legs(trade)[2:] == [
        ("sell_through", "GD", "GZ", -1, -450, -52),
        ("sell_in", "BR", "GD", -1, -333, -38),
        ("sell_through", "GD", "GZ", -1, -450, -51),
        ("sell_in", "BR", "GD", -1, -334, -39),
        ("sell_through", "GD", "GZ", -1, -450, -52),
        ("sell_in", "BR", "GD", -1, -333, -38),
    ]
    notes = [row for row in invoices(trade) if row[0] == "credit_note"]
    assert (
        sorted(notes)
        == [("credit_note", "BR", "GD", amount) for amount in (-334, -333, -333)]
        + [("credit_note", "GD", "GZ", -450)] * 3
    )
    assert stock(trade)["PLANT", "TV"] == (100, 0)  # back where it came from
    assert ("GZ-WH", "TV") not in stock(trade)
    with trade.read(SYSTEM) as session:
        for seller, buyer in (("GD", "GZ"), ("BR", "GD")):
            account = get_account(session, seller_code=seller, buyer_code=buyer)
            assert exposure_of(session, account, day=TODAY).total == 0
        # each return names its sale
        rows = session.exec(select(JournalLeg).order_by(JournalLeg.id)).all()
    assert [row.origin_leg_id for row in rows[2:]] == [rows[0].id, rows[1].id] * 3


def test_without_a_price_of_its_own_the_seller_cannot_have_it_shipped(trade: Database, who: Who) -> None:
    with trade.write(SYSTEM) as session:
        create_sku(session, SYSTEM, code="NEW", name="新品", product_code="P", tax_ppm=130_000, now=NOW)
        add_price(
            session,
            SYSTEM,
            seller_code="GD",
            sku_code="NEW",
            unit_price=Decimal(10),
            valid_from=JANUARY,
            now=NOW,
        )
    receive(trade, ("PLANT", "NEW", 9))
    before = counts(trade)
    with pytest.raises(OrderRefusedError) as caught:
        who("gz").place({"AC": 1, "NEW": 2}, seller="GD")
    assert [(reason.code, reason.facts) for reason in caught.value.reasons] == [
        ("no_supply_price", {"sku": "NEW"})
    ]
    assert counts(trade) == before
    receive(trade, ("GD-WH", "NEW", 2))  # its own it may sell
    number = who("gz").place({"AC": 1, "NEW": 2}, seller="GD")
    assert [part.mode for part in who("gd").get(number).parts] == ["own"]
    assert committed(trade, number) == {"GD:GZ": 352_000}
    check_books(trade)


def test_without_credit_of_its_own_the_seller_cannot_have_it_shipped(trade: Database, who: Who) -> None:
    limit(trade, 999, seller="BR", buyer="GD")
    before = counts(trade)
    with pytest.raises(OrderRefusedError) as caught:
        who("gz").place({"TV": 3}, seller="GD")
    # what the seller owes is not the buyer's business
    assert [(reason.code, dict(reason.facts)) for reason in caught.value.reasons] == [
        ("no_supply_credit", {})
    ]
    assert counts(trade) == before
    limit(trade, 1000, seller="BR", buyer="GD", version=2)
    number = who("gz").place({"TV": 3}, seller="GD")
    assert committed(trade, number) == {"GD:GZ": 1350, "BR:GD": 1000}
    before = counts(trade)
    with pytest.raises(OrderRefusedError, match="cannot have it shipped by the brand"):
        who("gz").place({"TV": 1}, seller="GD", key="k2")
    assert counts(trade) == before


def test_a_partner_without_an_account_with_the_brand_sells_what_it_has(trade: Database, who: Who) -> None:
    """SZ buys from GD only; what the brand has is not on offer through it."""
    with trade.write(SYSTEM) as session:
        open_account(
            session,
            SYSTEM,
            seller_code="SZ",
            buyer_code="OUT",
            terms_days=30,
            credit_limit_amount=MILLION_YUAN,
            now=NOW,
        )
        add_price(
            session,
            SYSTEM,
            seller_code="SZ",
            sku_code="TV",
            unit_price=Decimal(5),
            valid_from=JANUARY,
            now=NOW,
        )
    before = counts(trade)
    with pytest.raises(OrderRefusedError) as caught:
        who("shop").place({"TV": 1}, seller="SZ", buyer="OUT")
    assert [(reason.code, reason.facts["available"]) for reason in caught.value.reasons] == [
        ("short_stock", 0)
    ]
    assert counts(trade) == before


def test_cancelling_frees_both_credits(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 1, "TV": 3}, seller="GD")
    who("gz").do(cancel_order, number)
    assert committed(trade, number) == {"GD:GZ": 0, "BR:GD": 0}
    assert (stock(trade)["GD-WH", "AC"], stock(trade)["PLANT", "TV"]) == ((4, 0), (100, 0))
    assert legs(trade) == []
    check_books(trade)


def test_a_held_order_takes_neither_credit_before_its_release(trade: Database, who: Who) -> None:
    limit(trade, 0, seller="GD", buyer="GZ")
    number = who("gz").place({"TV": 3}, seller="GD")
    assert who("gz").get(number).status == "held"
    assert committed(trade, number) == {}
    assert stock(trade)["PLANT", "TV"] == (100, 3)
    before = counts(trade)
    with pytest.raises(TransitionError):
        send(who("ops"), f"{number}-1")  # the brand does not ship past the seller's hold
    assert counts(trade) == before
    limit(trade, 1350, seller="GD", buyer="GZ", version=2)
    who("gd").do(release_order, number)
    assert committed(trade, number) == {"GD:GZ": 1350, "BR:GD": 1000}
    check_books(trade)
    who("gd").do(cancel_order, number)
    assert committed(trade, number) == {"GD:GZ": 0, "BR:GD": 0}
    check_books(trade)


def quoted(trader: Trader, lines: dict[str, int]) -> list[tuple[str, dict[str, object]]]:
    with trader.database.read(trader.actor) as session:
        found = quote_order(
            session,
            trader.actor,
            buyer_code="GZ",
            seller_code="GD",
            lines=[LineRequest(code, qty) for code, qty in lines.items()],
            now=NOW,
        )
    return [(reason.code, dict(reason.facts)) for reason in found.reasons]


def test_the_quote_tells_what_placing_would_refuse(trade: Database, who: Who) -> None:
    with trade.write(SYSTEM) as session:
        create_sku(session, SYSTEM, code="NEW", name="新品", product_code="P", tax_ppm=130_000, now=NOW)
        add_price(
            session,
            SYSTEM,
            seller_code="GD",
            sku_code="NEW",
            unit_price=Decimal(10),
            valid_from=JANUARY,
            now=NOW,
        )
    receive(trade, ("PLANT", "NEW", 9))
    assert quoted(who("gz"), {"AC": 1, "NEW": 2}) == [("no_supply_price", {"sku": "NEW"})]
    assert quoted(who("gz"), {"TV": 3}) == []
    limit(trade, 999, seller="BR", buyer="GD")
    assert quoted(who("gz"), {"TV": 3}) == [("no_supply_credit", {})]
    assert quoted(who("gz"), {"TV": 2}) == []
