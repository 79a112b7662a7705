"""Signing for less than was shipped: the task, and what each way of settling it does to the books."""

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
from sqlmodel import Session, col, select

from distrib_app.core.catalog import Sku
from distrib_app.core.inventory import Location, Movement, StockShare, receive_stock
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import DomainError, ForbiddenError, InvalidError
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.orders import (
    DeliveryShortage,
    FulfilmentLine,
    FulfilmentOrder,
    ReturnQuantityError,
    Shortage,
    ShortageError,
    accept_part,
    complete_order,
    deliver_order,
    deliver_part,
    return_goods,
    settle_short_delivery,
    ship_order,
    ship_parts,
)
from distrib_app.core.pricing import add_price
from distrib_app.core.workbench import NotYourTaskError, Task, resolve_task
from tests.core.channels.town import partner_ids
from tests.core.inventory.shop import NOW, stock

from .books import committed, invoices, legs
from .trade import Trader, check_books, counts, receive

Who = Callable[[str], Trader]
# ten television sets at 3.333333 each, tax inside: 33.33, of which 3.83 tax
TEN = {"TV": 10}


def tasks(database: Database) -> list[Task]:
    with database.read(SYSTEM) as session:
        return list(session.exec(select(Task).where(Task.kind == "short_delivery").order_by(Task.id)))


def settle(trader: Trader, choice: str) -> None:
    [number] = [task.number for task in tasks(trader.database) if task.status == "open"]
    with trader.database.write(trader.actor) as session:
        resolve_task(session, trader.actor, number=number, resolution=choice, reason="told by phone", now=NOW)


def shipped(who: Who, lines: dict[str, int], **facts: str) -> str:
    number = who("gz").place(lines, **facts)
    who("ops" if facts.get("seller", "BR") == "BR" else facts["seller"].lower()).do(ship_order, number)
    return number


def short(who: Who, *, qty: int = 3, reason: str = "short") -> str:
    """Ten shipped, `qty` of them missing."""
    number = shipped(who, TEN)
    who("gz").do(deliver_order, number, signed_by="李雷", shortages=[Shortage(1, qty, reason)])
    return number


def movements(database: Database, cause: str) -> list[tuple[str, str, int, Any, Any]]:
    """(place, kind, change on hand, origin day, unit cost) of a document."""
    with database.read(SYSTEM) as session:
        rows = session.exec(
            select(Location.code, Movement)
            .join(Movement, col(Movement.location_id) == col(Location.id))
            .where(Movement.cause == cause)
            .order_by(col(Movement.id))
        ).all()
        return [
            (code, row.kind, row.on_hand_delta, row.origin_on, row.unit_cost_micros) for code, row in rows
        ]


def test_what_is_missing_is_not_received_and_becomes_a_task(trade: Database, who: Who) -> None:
    number = short(who)
    assert stock(trade)["GZ-WH", "TV"] == (7, 0)
    assert stock(trade)["PLANT", "TV"] == (90, 0)
    detail = who("gz").get(number)
    assert detail.status == "delivered"
    assert [(line.shipped_qty, line.delivered_qty, line.missing_qty) for line in detail.lines] == [(10, 7, 3)]
    [task] = tasks(trade)
    assert (task.verb, task.subject_key, task.owner_id) == ("resolve", number, partner_ids(trade)["BR"])
    assert task.facts["qty"] == 3
    assert [step["facts"]["qty"] for step in task.evidence] == [3]
    check_books(trade)


def test_an_open_short_delivery_is_neither_completed_nor_returned(trade: Database, who: Who) -> None:
    number = short(who)
    before = counts(trade)
    with pytest.raises(TransitionError):
        who("gz").do(complete_order, number)
    with pytest.raises(ReturnQuantityError) as caught:
        who("ops").do(return_goods, number, lines=[(1, 8)], reason="", idempotency_key="r")
    assert caught.value.facts["returnable"] == 7
    assert counts(trade) == before


def test_credited_money_comes_back_and_the_loss_is_written_off(trade: Database, who: Who) -> None:
    number = short(who)
    settle(who("ops"), "credit")
    # round(3333 × 3 ÷ 10) = 1000, tax round(383 × 3 ÷ 10) = 115
    assert invoices(trade) == [("invoice", "BR", "GZ", 3333), ("credit_note", "BR", "GZ", -1000)]
    assert legs(trade) == [
        ("sell_in", "BR", "GZ", 10, 3333, 383),
        ("sell_in", "BR", "GZ", -3, -1000, -115),
    ]
    assert stock(trade)["PLANT", "TV"] == (90, 0)
    assert stock(trade)["GZ-WH", "TV"] == (7, 0)
    detail = who("gz").get(number)
    [back] = detail.returns
    assert movements(trade, back.number) == [
        ("PLANT", "return", 3, date(2026, 8, 1), 2_000_000_000),
        ("PLANT", "correction", -3, date(2026, 8, 1), 2_000_000_000),
    ]
    assert (back.lines, back.gross_amount) == ((("TV", 3),), 1000)
    assert [(line.delivered_qty, line.missing_qty, line.returned_qty) for line in detail.lines] == [(7, 0, 3)]
    who("gz").do(complete_order, number)
    check_books(trade)


def test_refused_goods_come_home(trade: Database, who: Who) -> None:
    number = short(who, reason="refused")
    settle(who("ops"), "credit")
    assert stock(trade)["PLANT", "TV"] == (93, 0)
    [back] = who("gz").get(number).returns
    assert movements(trade, back.number) == [("PLANT", "return", 3, date(2026, 8, 1), 2_000_000_000)]
    check_books(trade)


def test_what_is_sent_again_keeps_the_promise_to_the_cent(trade: Database, who: Who) -> None:
    gz, ops = who("gz"), who("ops")
    number = short(who)
    promised = [(line.qty, line.amounts) for line in gz.get(number).lines]
    settle(ops, "resend")
    detail = gz.get(number)
    assert [(line.qty, line.amounts) for line in detail.lines] == promised
    assert detail.status == "allocated"
    assert [
        (part.status, [(line.qty, line.gross_amount) for line in part.lines]) for part in detail.parts
    ] == [
        ("delivered", [(7, 2333)]),
        ("allocated", [(3, 1000)]),
    ]
    assert committed(trade, number) == {"BR:GZ": 1000}
    assert invoices(trade) == [("invoice", "BR", "GZ", 3333), ("credit_note", "BR", "GZ", -1000)]
    assert stock(trade)["PLANT", "TV"] == (90, 3)
    check_books(trade)
    ops.do(ship_order, number)
    gz.do(deliver_order, number, signed_by="李雷")
    assert gz.get(number).status == "delivered"
    assert stock(trade)["GZ-WH", "TV"] == (10, 0)
    assert stock(trade)["PLANT", "TV"] == (87, 0)
    assert committed(trade, number) == {"BR:GZ": 0}
    assert sum(amount for _, _, _, amount in invoices(trade)) == 3333
    check_books(trade)
    # refunds go on where the missing pieces left off: all ten together give back 33.33
    ops.do(return_goods, number, lines=[(1, 2)], reason="", idempotency_key="r1")
    assert invoices(trade)[-1] == ("credit_note", "BR", "GZ", -667)  # 1667 − 1000
    ops.do(return_goods, number, lines=[(1, 8)], reason="", idempotency_key="r2")
    assert sum(amount for _, _, _, amount in invoices(trade)) == 0
    check_books(trade)


def test_without_stock_it_waits_like_any_other_part(trade: Database, who: Who) -> None:
    receive(trade, ("PLANT", "LATE", 4))
    number = shipped(who, {"LATE": 4})
    who("gz").do(deliver_order, number, signed_by="x", shortages=[Shortage(1, 1), Shortage(1, 1, "damaged")])
    settle(who("ops"), "resend")
    detail = who("gz").get(number)
    assert detail.status == "confirmed"
    assert [(part.status, [line.qty for line in part.lines]) for part in detail.parts] == [
        ("delivered", [2]),
        ("waiting", [2]),
    ]
    check_books(trade)


def test_all_of_a_part_can_be_sent_again(trade: Database, who: Who) -> None:
    number = short(who, qty=10)
    assert ("GZ-WH", "TV") not in stock(trade)
    settle(who("ops"), "resend")
    detail = who("gz").get(number)
    assert [[line.qty for line in part.lines] for part in detail.parts] == [[], [10]]
    assert [part.gross_amount for part in detail.parts] == [0, 3333]
    check_books(trade)


def test_after_all_it_arrived(trade: Database, who: Who) -> None:
    number = short(who)
    settle(who("ops"), "found")
    assert stock(trade)["GZ-WH", "TV"] == (10, 0)
    assert invoices(trade) == [("invoice", "BR", "GZ", 3333)]
    assert [line.missing_qty for line in who("gz").get(number).lines] == [0]
    who("ops").do(return_goods, number, lines=[(1, 10)], reason="", idempotency_key="r")
    assert stock(trade)["PLANT", "TV"] == (100, 0)
    check_books(trade)


def test_the_seller_decides_and_names_one_of_the_ways(trade: Database, who: Who) -> None:
    short(who)
    [task] = tasks(trade)
    before = counts(trade)
    for trader, choice, refusal in (
        (who("ops"), "done", InvalidError),
        (who("gz"), "credit", DomainError),
        (who("boss"), "credit", NotYourTaskError),
    ):
        with pytest.raises(refusal), trade.write(trader.actor) as session:
            resolve_task(session, trader.actor, number=task.number, resolution=choice, now=NOW)
    assert counts(trade) == before
    assert [row.status for row in tasks(trade)] == ["open"]


@pytest.mark.parametrize(
    ("shortage", "refusal"),
    [
        (Shortage(1, 11), ShortageError),
        (Shortage(2, 1), ShortageError),
        (Shortage(1, 0), InvalidError),
        (Shortage(1, 1, "stolen"), InvalidError),
    ],
)
def test_what_cannot_be_missing_is_refused(
    trade: Database, who: Who, shortage: Shortage, refusal: type[DomainError]
) -> None:
    number = shipped(who, TEN)
    before = counts(trade)
    with pytest.raises(refusal):
        who("gz").do(deliver_order, number, signed_by="x", shortages=[shortage])
    with pytest.raises(ShortageError):
        who("gz").do(deliver_part, f"{number}-1", signed_by="x", shortages=[Shortage(1, 6), Shortage(1, 5)])
    assert counts(trade) == before


def test_a_stranger_confirms_nothing(trade: Database, who: Who) -> None:
    number = shipped(who, TEN)
    before = counts(trade)
    with pytest.raises(ForbiddenError):
        who("boss").do(deliver_order, number, signed_by="x", shortages=[Shortage(1, 1)])
    assert counts(trade) == before


def test_the_second_transfer_is_undone_too(trade: Database, who: Who) -> None:
    """The brand ships for GD: what never arrived is credited between both pairs."""
    price(trade, "GD", "TV", "4.5")
    number = who("gz").place({"TV": 3}, seller="GD")
    with trade.write(who("ops").actor) as session:
        ship_parts(session, who("ops").actor, numbers=[f"{number}-1"], now=NOW)
    who("gz").do(deliver_order, number, signed_by="x", shortages=[Shortage(1, 1)])
    assert [row.owner_id for row in tasks(trade)] == [partner_ids(trade)["GD"]]
    settle(who("gd"), "resend")
    # sold: 13.50, of which a third 4.50; bought: 10.00, of which a third 3.33
    assert invoices(trade) == [
        ("invoice", "GD", "GZ", 1350),
        ("invoice", "BR", "GD", 1000),
        ("credit_note", "BR", "GD", -333),
        ("credit_note", "GD", "GZ", -450),
    ]
    assert who("gz").get(number).status == "confirmed"
    check_books(trade)
    who("gd").do(return_goods, number, lines=[(1, 2)], reason="", idempotency_key="r")
    assert invoices(trade)[4:] == [("credit_note", "BR", "GD", -667), ("credit_note", "GD", "GZ", -900)]
    check_books(trade)


def test_a_partner_s_shared_stock_bears_its_loss(trade: Database, who: Who) -> None:
    """SZ serves GD's buyer out of its own stock; the buy-back of what was lost is undone."""
    price(trade, "GD", "LATE", "1200")
    with trade.write(SYSTEM) as session:
        lines = [("LATE", 3, Decimal(800))]
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
    number = who("gz").place({"LATE": 3}, seller="GD")
    who("sz").do(accept_part, f"{number}-1")
    with trade.write(who("sz").actor) as session:
        ship_parts(session, who("sz").actor, numbers=[f"{number}-1"], now=NOW)
    before = len(invoices(trade))
    who("gz").do(deliver_part, f"{number}-1", signed_by="x", shortages=[Shortage(1, 1)])
    settle(who("gd"), "credit")
    # 800 net with 13 % on top: SZ pays again for the piece it had been credited
    assert sorted(invoices(trade)[before:]) == [
        ("credit_note", "GD", "GZ", -120_000),
        ("invoice", "GD", "SZ", 90_400),
    ]
    assert ("SZ-WH", "LATE") not in stock(trade)
    check_books(trade)


def price(database: Database, seller: str, sku: str, amount: str) -> None:
    with database.write(SYSTEM) as session:
        add_price(
            session,
            SYSTEM,
            seller_code=seller,
            sku_code=sku,
            unit_price=Decimal(amount),
            valid_from=date(2026, 1, 1),
            now=NOW,
        )


def test_random_short_deliveries_keep_the_books(trade: Database, who: Who) -> None:
    chance = random.Random(7)
    receive(trade, ("PLANT", "AC", 60), ("SOUTH", "AC", 40))
    system, numbers = Trader(trade, SYSTEM), []
    for step in range(12):
        lines = {"AC": chance.randint(1, 4), "TV": chance.randint(1, 7)}
        numbers.append(system.place(lines, key=f"k{step}"))
        system.do(ship_order, numbers[-1])
    for number in numbers:
        if chance.random() < 0.3:
            system.do(return_goods, number, lines=[(2, 1)], reason="", idempotency_key="way")
        with trade.read(SYSTEM) as session:
            out = waiting(session, number)
        missing = [
            Shortage(no, qty, chance.choice(["short", "damaged", "refused"]))
            for no, most in out.items()
            if (qty := chance.randint(0, most))
        ]
        system.do(deliver_order, number, signed_by="x", shortages=missing)
    check_books(trade)
    open_tasks = [task.number for task in tasks(trade)]
    assert len(open_tasks) > 6
    for key, choice in zip(open_tasks, cycle(["resend", "credit", "found"]), strict=False):
        with trade.write(SYSTEM) as session:
            task = session.exec(select(Task).where(Task.number == key)).one()
            task.resolution, task.status = choice, "done"
            settle_short_delivery(session, SYSTEM, task, None, NOW)
    check_books(trade)
    with trade.read(SYSTEM) as session:
        assert {row.choice for row in session.exec(select(DeliveryShortage))} == {"resend", "credit", "found"}
        assert not any(row.missing_qty for row in session.exec(select(FulfilmentLine)))


def waiting(session: Session, number: str) -> dict[int, int]:
    """What of each line of an order is on its way."""
    rows = session.exec(
        select(FulfilmentLine)
        .join(FulfilmentOrder, col(FulfilmentOrder.id) == col(FulfilmentLine.fulfilment_id))
        .where(col(FulfilmentOrder.number).startswith(f"{number}-"))
    )
    out: dict[int, int] = {}
    for row in rows:
        out[row.line_no] = out.get(row.line_no, 0) + row.shipped_qty - row.returned_qty
    return out
