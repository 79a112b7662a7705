"""Quotas are a hard constraint of ordering: taken when placed, given back when cancelled or returned."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from distrib_app.core.accounts import open_account
from distrib_app.core.catalog import Sku
from distrib_app.core.channels import ProductLine
from distrib_app.core.inventory import Quota, StockShare, list_quotas, set_quota
from distrib_app.core.inventory.models import Location
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.clock import Period
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.orders import (
    LineFacts,
    LineRequest,
    OrderQuote,
    OrderRefusedError,
    cancel_order,
    decline_part,
    ordering_reasons,
    quote_order,
    return_goods,
    ship_order,
)
from distrib_app.core.pricing import add_price
from tests.core.inventory.shop import NOW, stock

from .test_race import together
from .test_rules import PARTIES
from .trade import MILLION_YUAN, Trader, check_books, counts, receive

Who = Callable[[str], Trader]
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


def allow(trade: Database, qty: int, *, buyer: str = "", tier: str = "", sku: str = "TV") -> None:
    with trade.write(SYSTEM) as session:
        set_quota(
            session,
            SYSTEM,
            seller_code="BR",
            sku_code=sku,
            qty=qty,
            period=OCTOBER,
            buyer_code=buyer,
            tier_code=tier,
            now=NOW,
        )


def used(trade: Database) -> list[tuple[int, int]]:
    with trade.read(SYSTEM) as session:
        return [(row.qty, row.used_qty) for row in session.exec(select(Quota).order_by(Quota.id))]


def quote(trader: Trader, qty: int) -> OrderQuote:
    with trader.database.read(trader.actor) as session:
        return quote_order(
            session,
            trader.actor,
            buyer_code="GZ",
            seller_code="BR",
            lines=[LineRequest("AC", 1), LineRequest("TV", qty)],
            now=NOW,
        )


@pytest.mark.parametrize(
    ("qty", "left", "refused"), [(5, None, False), (5, 5, False), (6, 5, True), (1, 0, True)]
)
def test_what_is_left_is_the_limit(qty: int, left: int | None, refused: bool) -> None:
    line = LineFacts("TV", qty, available_qty=99, quota_left=left)
    reasons, _ = ordering_reasons(parties=PARTIES, lines=[line], exposure=None, gross=0)
    found = [(reason.code, reason.facts) for reason in reasons]
    assert found == ([("quota", {"sku": "TV", "qty": qty, "left": left})] if refused else [])


def test_a_quota_is_taken_and_shown_and_refuses_by_name(trade: Database, who: Who) -> None:
    allow(trade, 5, buyer="GZ")
    assert [line.quota_left for line in quote(who("gz"), 5).lines] == [None, 5]
    number = who("gz").place({"TV": 4})
    assert used(trade) == [(5, 4)]
    [reason] = quote(who("gz"), 2).reasons
    assert (reason.code, reason.facts) == ("quota", {"sku": "TV", "qty": 2, "left": 1})
    before = counts(trade)
    with pytest.raises(OrderRefusedError) as caught:
        who("gz").place({"TV": 2}, key="k2")
    assert [reason.code for reason in caught.value.reasons] == ["quota"]
    assert (counts(trade), used(trade)) == (before, [(5, 4)])
    who("gd").place({"TV": 9}, buyer="GD")  # another buyer is not limited
    who("gz").do(cancel_order, number)
    assert used(trade) == [(5, 0)]
    check_books(trade)


def test_what_comes_back_may_be_ordered_again(trade: Database, who: Who) -> None:
    allow(trade, 5, tier="city")
    number = who("gz").place({"TV": 5})
    who("ops").do(ship_order, number)
    assert used(trade) == [(5, 5)]
    who("ops").do(return_goods, number, lines=[(1, 2)], reason="", idempotency_key="r")
    assert used(trade) == [(5, 3)]
    assert [line.quota_left for line in quote(who("gz"), 2).lines] == [None, 2]
    check_books(trade)


def test_the_most_specific_quota_decides(trade: Database, who: Who) -> None:
    allow(trade, 1)
    allow(trade, 2, tier="city")
    assert [line.quota_left for line in quote(who("gz"), 1).lines] == [None, 2]
    allow(trade, 3, buyer="GZ")
    assert [line.quota_left for line in quote(who("gz"), 1).lines] == [None, 3]
    who("gz").place({"TV": 3})
    assert used(trade) == [(1, 0), (2, 0), (3, 3)]


def test_a_declined_part_still_counts(trade: Database, who: Who) -> None:
    """The order goes on claiming the goods: what waits for the seller is not free to be ordered again."""
    allow(trade, 2, buyer="GZ", sku="LATE")
    with trade.write(SYSTEM) as session:
        add_price(
            session,
            SYSTEM,
            seller_code="BR",
            sku_code="LATE",
            unit_price=Decimal(9),
            valid_from=date(2026, 1, 2),
            now=NOW,
        )
        session.add(
            StockShare(
                location_id=session.exec(select(Location.id).where(Location.code == "SZ-WH")).one(),
                sku_id=session.exec(select(Sku.id).where(Sku.code == "LATE")).one(),
                seller_id=session.exec(select(Location.partner_id).where(Location.code == "PLANT")).one(),
                shared_qty=3,
            )
        )
    receive(trade, ("SZ-WH", "LATE", 3))
    number = who("gz").place({"LATE": 2})
    assert [part.status for part in who("gz").get(number).parts] == ["offered"]
    who("sz").do(decline_part, f"{number}-1")
    assert used(trade) == [(2, 2)]
    who("gz").do(cancel_order, number)
    assert used(trade) == [(2, 0)]
    check_books(trade)


def test_what_a_quota_assures_gives_way_to_nobody(trade: Database, who: Who) -> None:
    with trade.write(SYSTEM) as session:
        open_account(
            session, SYSTEM, seller_code="BR", buyer_code="SZ", terms_days=30,
            credit_limit_amount=MILLION_YUAN, now=NOW,
        )  # fmt: skip
    allow(trade, 90, buyer="GD")
    who("gd").place({"TV": 90}, buyer="GD")
    who("sz").place({"TV": 10}, buyer="SZ")
    with trade.write(SYSTEM) as session:
        session.exec(select(ProductLine).where(ProductLine.code == "HOME")).one().is_urgent = True
    found = quote(who("gz"), 11)
    assert found.lines[1].bumped_qty == 10
    assert [(reason.code, reason.facts["available"]) for reason in found.reasons] == [("short_stock", 10)]


def test_at_once_a_quota_is_used_once(trade: Database, who: Who) -> None:
    allow(trade, 5, tier="city")
    with trade.write(SYSTEM) as session:
        open_account(
            session, SYSTEM, seller_code="BR", buyer_code="SZ", terms_days=30,
            credit_limit_amount=MILLION_YUAN, now=NOW,
        )  # fmt: skip
    system = Trader(trade, SYSTEM)
    answers = together(
        *[
            lambda buyer=buyer, key=key: system.place({"TV": 3}, buyer=buyer, key=key)
            for buyer in ("GZ", "SZ")
            for key in ("a", "b")
        ]
    )
    assert sum(answer.startswith("SO-") for answer in answers) == 1
    assert set(answers) - {answer for answer in answers if answer.startswith("SO-")} <= {
        "order_refused",
        "quota_exceeded",
    }
    assert used(trade) == [(5, 3)]
    assert stock(trade)["PLANT", "TV"] == (100, 3)
    check_books(trade)


def test_the_list_shows_a_buyer_its_own(trade: Database, who: Who) -> None:
    allow(trade, 5, buyer="GZ")
    allow(trade, 7, tier="city")
    who("gz").place({"TV": 4})

    def listed(name: str, **facets: tuple[str, ...]) -> list[tuple[str, str, int, int]]:
        with trade.read(who(name).actor) as session:
            found = list_quotas(session, today=NOW.date(), query=ListQuery(facets=facets, limit=9))
            return [
                (row.buyer.code if row.buyer else "", row.tier_code, row.qty, row.left_qty)
                for row in found.rows
            ]

    assert sorted(listed("ops")) == [("", "city", 7, 7), ("GZ", "", 5, 1)]
    assert listed("gz") == [("GZ", "", 5, 1)]
    assert listed("sz") == []
    assert listed("ops", state=("used",)) == listed("ops", state=("coming",)) == []
    assert len(listed("ops", state=("now",))) == 2
