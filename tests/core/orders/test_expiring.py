"""What ends by itself: held stock, offers without an answer, delivered orders nobody minds."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from distrib_app.core.accounts import get_account
from distrib_app.core.catalog import Sku
from distrib_app.core.inventory import InsufficientStockError, Location, StockShare, receive_stock
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError
from distrib_app.core.kernel.events import Event
from distrib_app.core.orders import (
    accept_part,
    complete_delivered,
    deliver_order,
    due_holds,
    due_offers,
    expire_hold,
    expire_offer,
    release_order,
    request_return,
    ship_order,
)
from distrib_app.core.pricing import add_price
from tests.core.channels.town import partner_ids
from tests.core.inventory.shop import NOW, stock

from .books import committed
from .test_holds import limit
from .trade import Trader, check_books, counts, parts, receive

Who = Callable[[str], Trader]
LATER = NOW + timedelta(hours=48)
SYSTEM_VERBS = (
    lambda session, actor: due_holds(session, actor, now=NOW),
    lambda session, actor: expire_hold(session, actor, number="x", now=NOW),
    lambda session, actor: due_offers(session, actor, now=NOW),
    lambda session, actor: expire_offer(session, actor, number="x", now=NOW),
    lambda session, actor: complete_delivered(session, actor, now=NOW),
)


def held(trade: Database, who: Who, lines: dict[str, int], *, key: str = "k1") -> str:
    """An order of GZ above its limit."""
    with trade.read(SYSTEM) as session:
        version = get_account(session, seller_code="BR", buyer_code="GZ").version
    limit(trade, 0, version=version)
    number = who("gz").place(lines, key=key)
    assert who("gz").get(number).status == "held"
    limit(trade, 100_000_000, version=version + 1)
    return number


def due(trade: Database, at: object = LATER) -> tuple[str, ...]:
    with trade.read(SYSTEM) as session:
        return due_holds(session, SYSTEM, now=at)


def expire(trade: Database, number: str, at: object = LATER) -> int:
    with trade.write(SYSTEM) as session:
        return expire_hold(session, SYSTEM, number=number, now=at)


def kinds(trade: Database, number: str) -> list[str]:
    with trade.read(SYSTEM) as session:
        return list(session.exec(select(Event.kind).where(Event.subject_key == number).order_by(Event.id)))


def test_held_too_long_its_stock_is_free_and_its_money_untouched(trade: Database, who: Who) -> None:
    number = held(trade, who, {"TV": 60, "POST": 1})
    before = counts(trade)
    assert due(trade, LATER - timedelta(seconds=1)) == ()
    assert expire(trade, number, LATER - timedelta(seconds=1)) == 0
    assert counts(trade) == before
    assert stock(trade)["PLANT", "TV"] == (100, 60)
    assert due(trade) == (number,)
    assert expire(trade, number) == 60
    assert stock(trade)["PLANT", "TV"] == (100, 0)
    order = who("gz").get(number)
    assert (order.status, [part.status for part in order.parts]) == ("held", ["waiting"])
    assert committed(trade, number) == {}
    assert (due(trade), expire(trade, number)) == ((), 0)
    assert kinds(trade, number)[-1] == "order.hold_expired"
    check_books(trade)


def test_released_afterwards_it_is_reserved_anew(trade: Database, who: Who) -> None:
    number = held(trade, who, {"TV": 60})
    promised = who("gz").get(number).promised_on
    expire(trade, number)
    who("ops").do(release_order, number, now=LATER)
    order = who("gz").get(number)
    assert (order.status, stock(trade)["PLANT", "TV"]) == ("allocated", (100, 60))
    if promised is not None:
        assert order.promised_on == promised + timedelta(days=2)
    assert committed(trade, number) == {"BR:GZ": order.amounts.gross}
    who("ops").do(ship_order, number, now=LATER)
    check_books(trade)


def test_released_when_the_stock_is_gone_it_stays_held(trade: Database, who: Who) -> None:
    number = held(trade, who, {"TV": 60})
    expire(trade, number)
    other = who("gz").place({"TV": 50}, key="k2")
    before = counts(trade)
    with pytest.raises(InsufficientStockError) as caught:
        who("ops").do(release_order, number, now=LATER)
    assert (caught.value.facts["sku"], caught.value.facts["wanted"]) == ("TV", 10)
    assert counts(trade) == before
    assert who("gz").get(number).status == "held"
    receive(trade, ("SOUTH", "TV", 10))
    who("ops").do(release_order, number, now=LATER)
    assert [(status, qty) for _, status, _, [(_, qty)], _ in parts(who("ops"), number)] in (
        [("allocated", 50), ("allocated", 10)],
        [("allocated", 10), ("allocated", 50)],
    )
    assert who("gz").get(other).status == "allocated"
    check_books(trade)


def test_goods_that_may_be_ordered_ahead_go_on_waiting(trade: Database, who: Who) -> None:
    receive(trade, ("PLANT", "LATE", 2))
    number = held(trade, who, {"LATE": 3})
    assert expire(trade, number) == 2
    who("gz").place({"LATE": 2}, key="k2")
    who("ops").do(release_order, number, now=LATER)
    assert who("gz").get(number).status == "confirmed"
    assert stock(trade)["PLANT", "LATE"] == (2, 2)
    check_books(trade)


def test_a_released_order_keeps_what_it_has(trade: Database, who: Who) -> None:
    number = held(trade, who, {"TV": 1})
    who("ops").do(release_order, number)
    before = counts(trade)
    assert (due(trade), expire(trade, number)) == ((), 0)
    assert counts(trade) == before


def share(trade: Database) -> None:
    """SZ shares three LATE with GD's other buyers, six hours to answer."""
    with trade.write(SYSTEM) as session:
        add_price(
            session,
            SYSTEM,
            seller_code="GD",
            sku_code="LATE",
            unit_price=Decimal(1200),
            valid_from=date(2026, 1, 1),
            now=NOW,
        )
        lines = [("LATE", 5, Decimal(800))]
        receive_stock(session, SYSTEM, location_code="SZ-WH", lines=lines, cause="G", now=NOW)
        session.add(
            StockShare(
                location_id=session.exec(select(Location.id).where(Location.code == "SZ-WH")).one(),
                sku_id=session.exec(select(Sku.id).where(Sku.code == "LATE")).one(),
                seller_id=partner_ids(trade)["GD"],
                shared_qty=3,
                answer_hours=6,
            )
        )


def lapse(trade: Database, number: str, at: object) -> bool:
    with trade.write(SYSTEM) as session:
        return expire_offer(session, SYSTEM, number=number, now=at)


def test_an_offer_without_an_answer_lapses_once(trade: Database, who: Who) -> None:
    share(trade)
    number = who("gz").place({"LATE": 2}, seller="GD")
    end = NOW + timedelta(hours=6)
    with trade.read(SYSTEM) as session:
        assert due_offers(session, SYSTEM, now=end - timedelta(seconds=1)) == ()
        assert due_offers(session, SYSTEM, now=end) == (f"{number}-1",)
    before = counts(trade)
    assert not lapse(trade, f"{number}-1", end - timedelta(seconds=1))
    assert counts(trade) == before
    assert lapse(trade, f"{number}-1", end)
    assert stock(trade)["SZ-WH", "LATE"] == (5, 0)
    order = who("gd").get(number)
    assert [(part.status, part.mode, part.owner.code) for part in order.parts] == [("waiting", "own", "GD")]
    assert kinds(trade, number)[-2:] == ["order.part_declined", "order.offer_expired"]
    before = counts(trade)
    assert not lapse(trade, f"{number}-1", end)
    assert counts(trade) == before
    check_books(trade)


def test_a_lapsed_offer_is_served_from_elsewhere_where_it_can_be(trade: Database, who: Who) -> None:
    share(trade)
    number = who("gz").place({"LATE": 2}, seller="GD")
    receive(trade, ("GD-WH", "LATE", 2))
    assert lapse(trade, f"{number}-1", NOW + timedelta(hours=6))
    order = who("gd").get(number)
    assert (order.status, [part.location_code for part in order.parts]) == ("allocated", ["GD-WH"])
    assert stock(trade)["GD-WH", "LATE"] == (2, 2)
    check_books(trade)


def test_an_answer_in_time_stands(trade: Database, who: Who) -> None:
    share(trade)
    number = who("gz").place({"LATE": 2}, seller="GD")
    who("sz").do(accept_part, f"{number}-1")
    before = counts(trade)
    assert not lapse(trade, f"{number}-1", NOW + timedelta(hours=6))
    assert counts(trade) == before


def done(trade: Database, at: object, days: int = 7) -> int:
    with trade.write(SYSTEM) as session:
        return complete_delivered(session, SYSTEM, days=days, now=at)


def test_delivered_orders_are_completed_after_a_week(trade: Database, who: Who) -> None:
    numbers = [who("gz").place({"TV": 1}, key=f"k{index}") for index in range(3)]
    for number in numbers[:2]:
        who("ops").do(ship_order, number)
        who("gz").do(deliver_order, number, signed_by="王五")
    gz = who("gz")
    with trade.write(gz.actor) as session:
        request_return(session, gz.actor, number=numbers[1], lines=[(1, 1)], reason="坏了", now=NOW)
    week = NOW + timedelta(days=7)
    assert done(trade, week - timedelta(seconds=1)) == 0
    assert done(trade, week) == 1  # somebody asked for a return of the other
    assert [gz.get(number).status for number in numbers] == ["completed", "delivered", "allocated"]
    assert kinds(trade, numbers[0])[-1] == "order.completed"
    before = counts(trade)
    assert done(trade, week) == 0
    assert counts(trade) == before
    check_books(trade)


@pytest.mark.parametrize("verb", SYSTEM_VERBS)
def test_only_the_system_lets_things_end(trade: Database, who: Who, verb: Callable[..., object]) -> None:
    actor = who("ops").actor
    with pytest.raises(ForbiddenError), trade.write(actor) as session:
        verb(session, actor)
