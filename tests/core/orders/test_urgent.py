"""Urgent orders: flagged by goods, buyer or hand; they take what others were promised, for all to see."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select

from distrib_app.core.accounts import open_account, set_urgent_buyer
from distrib_app.core.catalog import create_category, create_product, create_sku
from distrib_app.core.channels import ProductLine, Region
from distrib_app.core.inventory import (
    CarrierTariff,
    InsufficientStockError,
    Lane,
    Location,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.orders import (
    FulfilmentOrder,
    LineRequest,
    NotYourOrderError,
    OrderQuote,
    OrderRefusedError,
    allocate_order,
    cancel_order,
    list_orders,
    list_parts,
    mark_urgent,
    pick_part,
    prioritise_order,
    quote_order,
    unmark_urgent,
)
from distrib_app.core.orders.urgency import answer_hours_of, cut_off_of, urgency_of
from distrib_app.core.pricing import add_price
from distrib_app.core.workbench.models import Notice
from tests.core.inventory.shop import NOW, stock

from .test_race import together
from .test_supply import limit
from .trade import Trader, check_books, counts, parts, receive

Who = Callable[[str], Trader]


@pytest.fixture(autouse=True)
def medicine(trade: Database) -> None:
    """AID is first aid, sold by the brand at 100; six lie in the plant."""
    with trade.write(SYSTEM) as session:
        session.add(ProductLine(code="AID", name="急救", name_en="First aid", path="AID/", is_urgent=True))
        session.flush()
        create_category(session, SYSTEM, code="AIDS", name="急救", line_code="AID", now=NOW)
        create_product(session, SYSTEM, code="PA", name="急救包", category_code="AIDS", now=NOW)
        create_sku(session, SYSTEM, code="AID", name="急救包", product_code="PA", tax_ppm=130_000, now=NOW)
        for sku in ("AID", "LATE"):
            add_price(
                session,
                SYSTEM,
                seller_code="BR",
                sku_code=sku,
                unit_price=Decimal(100),
                valid_from=date(2026, 1, 2),
                now=NOW,
            )
    receive(trade, ("PLANT", "AID", 6))


def plain(database: Database, is_urgent: bool = False) -> None:
    """The first-aid line as it was before it became urgent."""
    with database.write(SYSTEM) as session:
        session.exec(select(ProductLine).where(ProductLine.code == "AID")).one().is_urgent = is_urgent


def earlier(trade: Database, who: Who, *orders: tuple[str, dict[str, int]]) -> list[str]:
    """Orders placed while first aid was ordinary; then it becomes urgent."""
    plain(trade)
    numbers = [
        who(name).place(lines, buyer=name.upper(), key=f"e{index}")
        for index, (name, lines) in enumerate(orders)
    ]
    plain(trade, is_urgent=True)
    return numbers


def quote(trader: Trader, lines: dict[str, int], buyer: str = "GZ") -> OrderQuote:
    with trader.database.read(trader.actor) as session:
        return quote_order(
            session,
            trader.actor,
            buyer_code=buyer,
            seller_code="BR",
            lines=[LineRequest(code, qty) for code, qty in lines.items()],
            now=NOW,
        )


def event(trader: Trader, number: str, kind: str) -> dict[str, Any]:
    [found] = [one.payload for one in trader.get(number).events if one.kind == kind]
    return found


def test_goods_buyer_or_hand_make_an_order_urgent() -> None:
    assert urgency_of([("HOME", False)], is_urgent_buyer=False) == urgency_of([], is_urgent_buyer=False)
    assert not urgency_of([], is_urgent_buyer=False)
    found = urgency_of([("HOME", False), ("AID", True)], is_urgent_buyer=True)
    assert (found.kind, found.reason) == ("line", "AID")
    assert urgency_of([("HOME", False)], is_urgent_buyer=True).kind == "customer"


def test_urgent_goods_have_longer_and_their_owners_shorter() -> None:
    assert [cut_off_of(960, is_urgent=flag) for flag in (False, True)] == [960, 1080]
    assert cut_off_of(1430, is_urgent=True) == 1439
    assert [answer_hours_of(hours, is_urgent=True) for hours in (1, 4, 7)] == [1, 2, 3]
    assert answer_hours_of(7, is_urgent=False) == 7


def test_an_urgent_order_takes_what_another_was_promised(trade: Database, who: Who) -> None:
    [bumped] = earlier(trade, who, ("gd", {"AID": 5, "AC": 2}))
    offered = quote(who("gz"), {"AID": 4})
    assert (offered.can_place, offered.urgency, offered.urgent_reason) == (True, "line", "AID")
    assert [(line.available_qty, line.bumped_qty) for line in offered.lines] == [(1, 3)]
    number = who("gz").place({"AID": 4})
    assert who("gz").get(number).status == "allocated"
    assert [row[1:4] for row in parts(who("ops"), number)] == [
        ("allocated", "PLANT", [(1, 1)]),
        ("allocated", "PLANT", [(1, 3)]),
    ]
    # the other keeps what is not needed, and the rest waits without a day
    assert [row[1:4] for row in parts(who("ops"), bumped)] == [
        ("allocated", "PLANT", [(1, 2), (2, 2)]),
        ("waiting", None, [(1, 3)]),
    ]
    assert stock(trade)["PLANT", "AID"] == (6, 6)
    assert who("gd").get(bumped).promised_on is None
    assert event(who("gd"), bumped, "order.bumped") == {
        "goods": "AID × 3",
        "by": number,
        "promised_on": "–",
    }
    told = event(who("ops"), number, "order.prioritised")
    assert (told["qty"], told["orders"], len(told["steps"])) == (3, bumped, 2)
    with trade.read(SYSTEM) as session:
        [notice] = session.exec(select(Notice).where(Notice.kind == "order.bumped")).all()
    assert notice.facts == {"order": bumped, "by": number, "day": "no date yet"}
    check_books(trade)


def test_who_gave_way_goes_on_from_what_is_free_elsewhere(trade: Database, who: Who) -> None:
    [bumped] = earlier(trade, who, ("gd", {"AID": 6}))
    receive(trade, ("SOUTH", "AID", 2))
    number = who("gz").place({"AID": 5})
    rows = parts(who("ops"), bumped)
    assert [row[1:4] for row in rows] == [
        ("allocated", "PLANT", [(1, 3)]),
        ("waiting", None, [(1, 3)]),
    ]
    assert [row[1:4] for row in parts(who("ops"), number)] == [
        ("allocated", "SOUTH", [(1, 2)]),
        ("allocated", "PLANT", [(1, 3)]),
    ]
    receive(trade, ("SOUTH", "AID", 3))
    who("ops").do(allocate_order, bumped)
    assert who("gd").get(bumped).promised_on is not None
    check_books(trade)


def test_a_part_that_loses_everything_waits_itself(trade: Database, who: Who) -> None:
    [bumped] = earlier(trade, who, ("gd", {"AID": 6, "POST": 1}))
    who("gz").place({"AID": 6})
    assert [row[1:4] for row in parts(who("ops"), bumped)] == [("waiting", None, [(1, 6), (2, 1)])]
    check_books(trade)


def test_what_is_picked_urgent_ones_own_or_somebody_elses_stays(trade: Database, who: Who) -> None:
    picked, own = earlier(trade, who, ("gd", {"AID": 2}), ("gz", {"AID": 2}))
    who("ops").do(pick_part, f"{picked}-1")
    urgent = who("gd").place({"AID": 2}, buyer="GD", key="u")
    before = counts(trade)
    with pytest.raises(OrderRefusedError) as caught:
        who("gz").place({"AID": 1})
    assert [(reason.code, reason.facts["available"]) for reason in caught.value.reasons] == [
        ("short_stock", 0)
    ]
    assert counts(trade) == before
    assert who("gz").get(own).status == who("gd").get(urgent).status == "allocated"
    check_books(trade)


def test_an_ordinary_or_held_order_takes_nothing(trade: Database, who: Who) -> None:
    earlier(trade, who, ("gd", {"AID": 6}))
    plain(trade)
    before = counts(trade)
    with pytest.raises(OrderRefusedError):
        who("gz").place({"AID": 1})
    assert counts(trade) == before
    plain(trade, is_urgent=True)
    limit(trade, 0, seller="BR", buyer="GZ")
    before = counts(trade)
    with pytest.raises(OrderRefusedError):
        who("gz").place({"AID": 1})
    assert counts(trade) == before


def test_a_buyer_whose_orders_all_go_first(trade: Database, who: Who) -> None:
    facts = {"seller_code": "BR", "buyer_code": "GZ", "is_urgent": True, "now": NOW}
    for name, error in (("gz", NotFoundError), ("boss", ForbiddenError)):
        with pytest.raises(error), trade.write(who(name).actor) as session:
            set_urgent_buyer(session, who(name).actor, **facts)
    with trade.write(SYSTEM) as session:
        set_urgent_buyer(session, SYSTEM, **facts, version=1)
    with pytest.raises(StaleError), trade.write(SYSTEM) as session:
        set_urgent_buyer(session, SYSTEM, **facts, version=1)
    bumped = who("gd").place({"AC": 10}, buyer="GD", key="b")
    number = who("gz").place({"AC": 1})
    detail = who("gz").get(number)
    assert (detail.urgency, detail.urgent_reason, detail.status) == ("customer", "", "allocated")
    assert who("gd").get(bumped).status == "confirmed"
    with trade.read(who("ops").actor) as session:
        urgent = list_orders(session, query=ListQuery(facets={"state": ("urgent",)})).rows
        listed = list_parts(session, today=NOW.date()).rows
    assert [(row.number, row.is_urgent) for row in urgent] == [(number, True)]
    assert listed[0].order_number == number and listed[0].is_urgent
    check_books(trade)


def test_by_hand_the_times_become_tighter_and_others_give_way(trade: Database, who: Who) -> None:
    bumped = who("gd").place({"AC": 10}, buyer="GD", key="b")
    number = who("gz").place({"LATE": 3})
    receive(trade, ("PLANT", "LATE", 3))
    other = who("gd").place({"LATE": 3}, buyer="GD", key="l")
    before = counts(trade)
    ops = who("ops")
    for name, verb, facts, error in (
        ("gz", mark_urgent, {"reason": "停电"}, NotYourOrderError),
        ("boss", mark_urgent, {"reason": "停电"}, ForbiddenError),
        ("ops", mark_urgent, {"reason": " "}, InvalidError),
        ("ops", mark_urgent, {"reason": "停" * 61}, InvalidError),
        ("ops", mark_urgent, {"reason": "停电", "version": 9}, StaleError),
        ("ops", unmark_urgent, {}, TransitionError),
        ("ops", prioritise_order, {}, TransitionError),
    ):
        with pytest.raises(error):
            who(name).do(verb, number, **facts)
    assert counts(trade) == before
    ops.do(mark_urgent, number, reason="停电", version=1)
    detail = who("gz").get(number)
    assert (detail.urgency, detail.urgent_reason) == ("hand", "停电")
    assert all(part.is_urgent for part in detail.parts)
    with pytest.raises(TransitionError):
        ops.do(mark_urgent, number, reason="停电")
    ops.do(prioritise_order, number)
    assert who("gz").get(number).status == "allocated"
    assert event(who("gd"), other, "order.bumped")["by"] == number
    assert who("gd").get(bumped).status == "allocated"
    with pytest.raises(TransitionError):
        ops.do(prioritise_order, number)  # nothing is missing any more
    ops.do(unmark_urgent, number)
    detail = who("gz").get(number)
    assert (detail.urgency, [part.is_urgent for part in detail.parts]) == ("", [False])
    check_books(trade)


def test_nothing_to_take_is_said(trade: Database, who: Who) -> None:
    number = who("gz").place({"LATE": 3})
    who("ops").do(mark_urgent, number, reason="停电")
    before = counts(trade)
    with pytest.raises(InsufficientStockError) as caught:
        who("ops").do(prioritise_order, number)
    assert caught.value.facts == {"sku": "LATE", "wanted": 3, "available": 0}
    assert counts(trade) == before


EVENING = datetime(2026, 10, 15, 9, 0, tzinfo=UTC)  # 17:00 in Shanghai, past the cut-off of 16:00


def test_after_the_cut_off_urgent_goods_still_leave_today(trade: Database, who: Who) -> None:
    ordinary = who("gz").place({"AC": 1})
    [part] = who("ops").get(ordinary).parts
    assert (part.ready_on, part.promised_on) == (date(2026, 10, 15), date(2026, 10, 17))
    with trade.read(who("gz").actor) as session:
        days = {
            sku: quote_order(
                session,
                who("gz").actor,
                buyer_code="GZ",
                seller_code="BR",
                lines=[LineRequest(sku, 1)],
                now=EVENING,
            ).promised_on
            for sku in ("AC", "AID")
        }
    assert days == {"AC": date(2026, 10, 18), "AID": date(2026, 10, 17)}


def test_marking_by_hand_brings_the_day_forward(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 1})
    with trade.write(SYSTEM) as session:  # it was to leave in three days
        row = session.exec(select(FulfilmentOrder)).one()
        row.ready_on, row.promised_on = date(2026, 10, 18), date(2026, 10, 20)
    who("ops").do(mark_urgent, number, reason="停电", now=EVENING)
    [part] = who("ops").get(number).parts
    assert (part.ready_on, part.promised_on) == (date(2026, 10, 15), date(2026, 10, 17))
    assert who("gz").get(number).promised_on == date(2026, 10, 17)


def test_only_urgent_goods_take_the_express_lane(trade: Database, who: Who) -> None:
    with trade.write(SYSTEM) as session:
        tariff = CarrierTariff(
            code="T",
            name="T",
            carrier="T",
            currency="CNY",
            bands=[{"over_g": 0, "first_g": 1000, "base_amount": 1000, "kg_amount": 100}],
            zones={"": {"surcharge_ppm": 0, "fixed_amount": 0}},
        )
        session.add(tariff)
        session.flush()
        place = session.exec(select(Location.id).where(Location.code == "PLANT")).one()
        region = session.exec(select(Region.id).where(Region.code == "440000")).one()
        for is_express, days in ((False, 4), (True, 1)):
            session.add(
                Lane(
                    from_location_id=place,
                    to_region_id=region,
                    tariff_id=tariff.id,
                    lead_days=days,
                    is_express=is_express,
                )
            )
    assert quote(who("gz"), {"TV": 1}).promised_on == date(2026, 10, 19)
    assert quote(who("gz"), {"AID": 1}).promised_on == date(2026, 10, 16)
    with trade.write(SYSTEM) as session:
        express = session.exec(select(Lane).where(col(Lane.is_express))).one()
        express.closed_reason = "雨"
    assert quote(who("gz"), {"AID": 1}).promised_on == date(2026, 10, 19)
    with trade.write(SYSTEM) as session:  # nothing but an express lane leads there
        session.delete(session.exec(select(Lane).where(col(Lane.is_express).is_(False))).one())
        session.exec(select(Lane)).one().closed_reason = ""
    assert [reason.code for reason in quote(who("gz"), {"TV": 1}).reasons] == ["short_stock"]
    assert quote(who("gz"), {"AID": 1}).can_place


def test_at_once_nothing_is_taken_twice(trade: Database, who: Who) -> None:
    """GD was promised six; three urgent orders of GZ want four each, and GD cancels meanwhile."""
    [bumped] = earlier(trade, who, ("gd", {"AID": 6}))
    system = Trader(trade, SYSTEM)
    answers = together(
        *[lambda key=key: system.place({"AID": 4}, key=key) for key in ("a", "b", "c")],
        lambda: str(system.do(cancel_order, bumped)),
    )
    placed = [answer for answer in answers[:3] if answer.startswith("SO-")]
    # while the other order is being cancelled nobody takes from it, and twice four are not there
    assert len(placed) <= 1
    assert [answer for answer in answers[:3] if answer not in placed] == ["order_refused"] * (3 - len(placed))
    assert stock(trade)["PLANT", "AID"] == (6, 4 * len(placed))
    check_books(trade)


def test_two_urgent_orders_share_what_one_can_give(trade: Database, who: Who) -> None:
    [bumped] = earlier(trade, who, ("gd", {"AID": 6}))
    with trade.write(SYSTEM) as session:
        open_account(
            session, SYSTEM, seller_code="BR", buyer_code="SZ", terms_days=30,
            credit_limit_amount=100_000_000, now=NOW,
        )  # fmt: skip
    system = Trader(trade, SYSTEM)
    answers = together(
        lambda: system.place({"AID": 2}, buyer="GZ"),
        lambda: system.place({"AID": 3}, buyer="SZ"),
    )
    assert all(answer.startswith("SO-") for answer in answers)
    assert [system.get(number).status for number in answers] == ["allocated", "allocated"]
    assert sum(row[3][0][1] for row in parts(system, bumped) if row[1] == "allocated") == 1
    assert stock(trade)["PLANT", "AID"] == (6, 6)
    check_books(trade)
