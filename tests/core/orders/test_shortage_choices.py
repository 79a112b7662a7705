"""What is missing of an order is settled row by row: money, stock, quotas and fees, exactly."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.inventory import receive_stock
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.orders import (
    FulfilmentLine,
    Shortage,
    accept_part,
    deliver_order,
    deliver_part,
    return_goods,
    ship_order,
)
from distrib_app.core.orders.fees import fee_left
from distrib_app.core.workbench import resolve_task
from tests.core.inventory.shop import NOW, stock

from .books import committed, invoices
from .test_fees import broken, owed
from .test_quotas import allow, used
from .test_shares import offer, send, shared
from .test_short_delivery import movements, settle, tasks
from .trade import Trader, check_books, counts

Who = Callable[[str], Trader]
assert shared  # the fixture: SZ shares three LATE for 2 %, GD sells them at 1200 with tax


def decide(trader: Trader, resolution: str, choices: dict[int, str]) -> None:
    [number] = [task.number for task in tasks(trader.database) if task.status == "open"]
    with trader.database.write(trader.actor) as session:
        resolve_task(
            session, trader.actor, number=number, resolution=resolution, choices=choices, reason="", now=NOW
        )


def missing(who: Who, lines: dict[str, int], *shortages: Shortage) -> str:
    number = who("gz").place(lines)
    who("ops").do(ship_order, number)
    who("gz").do(deliver_order, number, signed_by="李雷", shortages=shortages)
    return number


def test_each_row_is_settled_in_its_own_way(trade: Database, who: Who) -> None:
    """Ten sets at 33.33 in all: three lost and credited, two refused and sent again, one found."""
    number = missing(
        who,
        {"TV": 10, "AC": 2},
        Shortage(1, 3),
        Shortage(1, 2, "refused"),
        Shortage(1, 1, "damaged"),
        Shortage(2, 1, "refused"),
    )
    [task] = tasks(trade)
    assert len(task.evidence) == 4
    decide(who("ops"), "credit", {2: "resend", 3: "found"})
    detail = who("gz").get(number)
    assert [(row.sku_code, row.qty, row.choice) for row in detail.shortages] == [
        ("TV", 3, "credit"),
        ("TV", 2, "resend"),
        ("TV", 1, "found"),
        ("AC", 1, "credit"),
    ]
    assert [task.resolution for task in tasks(trade)] == ["mixed"]
    # 3333 × 3/10 = 999.9 → 10.00, five of them 16.665 → 16.67; one of two units at 3390.00
    assert invoices(trade) == [
        ("invoice", "BR", "GZ", 3_333 + 678_000),
        ("credit_note", "BR", "GZ", -1_000 - 339_000),
        ("credit_note", "BR", "GZ", -667),
    ]
    assert [[(line.qty, line.gross_amount) for line in part.lines] for part in detail.parts] == [
        [(8, 2_666), (2, 678_000)],
        [(2, 667)],
    ]
    assert detail.status == "allocated"
    assert committed(trade, number) == {"BR:GZ": 667}
    # ten sets left, two refused ones came home, three are lost; one of two units came home
    assert (stock(trade)["PLANT", "TV"], stock(trade)["GZ-WH", "TV"]) == ((92, 2), (5, 0))
    assert (stock(trade)["SOUTH", "AC"][0] + stock(trade)["PLANT", "AC"][0], stock(trade)["GZ-WH", "AC"]) == (
        9,
        (1, 0),
    )
    check_books(trade)
    who("ops").do(ship_order, number)
    who("gz").do(deliver_order, number, signed_by="李雷")
    who("ops").do(return_goods, number, lines=[(1, 7), (2, 1)], reason="", idempotency_key="rest")
    assert sum(amount for _, _, _, amount in invoices(trade)) == 0
    assert broken(trade) == []


def test_one_choice_for_all_is_called_by_its_name(trade: Database, who: Who) -> None:
    number = missing(who, {"TV": 4}, Shortage(1, 1), Shortage(1, 1, "damaged"))
    decide(who("ops"), "resend", {1: "found", 2: "found"})
    assert [task.resolution for task in tasks(trade)] == ["found"]
    assert [row.choice for row in who("gz").get(number).shortages] == ["found", "found"]
    check_books(trade)


@pytest.mark.parametrize("choices", [{1: "done"}, {0: "credit"}, {3: "credit"}, {1: "credit", 2: ""}])
def test_what_cannot_be_chosen_is_refused(trade: Database, who: Who, choices: dict[int, str]) -> None:
    missing(who, {"TV": 4}, Shortage(1, 1), Shortage(1, 1, "damaged"))
    before = counts(trade)
    with pytest.raises(InvalidError):
        decide(who("ops"), "credit", choices)
    assert counts(trade) == before
    assert [task.status for task in tasks(trade)] == ["open"]


def test_what_is_sent_again_stays_within_its_quota(trade: Database, who: Who) -> None:
    allow(trade, 10)
    missing(who, {"TV": 6}, Shortage(1, 2), Shortage(1, 1, "damaged"))
    decide(who("ops"), "resend", {2: "credit"})
    assert used(trade) == [(10, 5)]  # the two go on being promised, the one is not
    assert broken(trade) == []


@pytest.mark.usefixtures("shared")
def test_the_owner_of_shared_stock_earns_for_what_arrived(trade: Database, who: Who) -> None:
    number, part = offer(who, qty=3)
    who("sz").do(accept_part, part)
    send(who("sz"), part)
    fee = owed(trade)
    who("gz").do(deliver_part, part, signed_by="x", shortages=[Shortage(1, 1)])
    settle(who("gd"), "resend")
    assert owed(trade) == fee - round(fee / 3)
    assert broken(trade) == []
    who("gd").do(return_goods, number, lines=[(1, 2)], reason="", idempotency_key="r")
    assert owed(trade) == 0
    assert broken(trade) == []


def test_each_piece_comes_home_once_at_its_own_cost(trade: Database, who: Who) -> None:
    """Two layers leave: what was sent again is not what comes back later."""
    for day, cost in ((1, 5), (2, 7)):
        with trade.write(SYSTEM) as session:
            receive_stock(
                session,
                SYSTEM,
                location_code="PLANT",
                lines=[("LATE", 2, Decimal(cost))],
                cause="G",
                origin_on=date(2026, 8, day),
                now=NOW,
            )
    number = missing(who, {"LATE": 4}, Shortage(1, 2, "refused"))
    settle(who("ops"), "resend")
    who("ops").do(return_goods, number, lines=[(1, 2)], reason="", idempotency_key="r")
    [back] = who("gz").get(number).returns
    home = [row for row in movements(trade, back.number) if row[0] == "PLANT"]
    assert home == [("PLANT", "return", 2, date(2026, 8, 2), 7_000_000)]
    check_books(trade)


@settings(max_examples=100, deadline=None)
@given(fee=st.integers(0, 10**6), qty=st.integers(1, 40), more=st.data())
def test_a_fee_that_moves_leaves_what_was_earned(fee: int, qty: int, more: st.DataObject) -> None:
    back = more.draw(st.integers(0, qty))
    moving = more.draw(st.integers(0, qty - back))
    line = FulfilmentLine(fulfilment_id=1, line_no=1, sku_id=1, qty=qty, returned_qty=back, fee_amount=fee)
    left = fee_left(line, moving)

    def half_up(top: int, bottom: int) -> int:
        return (2 * top + bottom) // (2 * bottom)

    earned = fee - half_up(fee * (back + moving), qty)
    rest = qty - moving
    assert left - (half_up(left * back, rest) if rest else 0) == earned
