"""The fee of who serves from its own stock: frozen when placed, owed when shipped, less what comes back."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import func, select

from distrib_app.core.invariants import INVARIANTS
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.ledger import LedgerEntry
from distrib_app.core.orders import accept_part, decline_part, deliver_order, return_goods
from distrib_app.core.orders.rules import fee_back, partner_fee

from .test_shares import offer, send, shared
from .trade import Trader, check_books

Who = Callable[[str], Trader]
assert shared  # the fixture: SZ shares three LATE for 2 %, GD sells them at 1200 with tax


def owed(trade: Database) -> int:
    """What sellers owe for serving, in fen."""
    with trade.read(SYSTEM) as session:
        found = session.exec(
            select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(
                LedgerEntry.account.endswith(":payable")
            )
        ).one()
    return -int(found)


def broken(trade: Database) -> list[str]:
    with trade.read(SYSTEM) as session:
        connection = session.connection()
        found = {one.name: connection.execute(text(one.offenders)).first() for one in INVARIANTS}
    return [name for name, row in found.items() if row is not None]


def test_a_fee_is_a_rate_of_each_unit() -> None:
    amount, step = partner_fee(2, 106_195, 20_000, "CNY")
    assert (amount, step.result) == (4_248, "42.48 CNY")
    assert step.facts == {"qty": 2, "price": "1061.95 CNY", "rate": "2 %"}
    assert [fee_back(100, qty=3, returned_before=done, returning=1) for done in range(3)] == [33, 34, 33]


@settings(max_examples=100, deadline=None)
@given(fee=st.integers(0, 10**6), steps=st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_whatever_comes_back_in_steps_takes_off_the_whole_fee(fee: int, steps: list[int]) -> None:
    done, back = 0, 0
    for step in steps:
        back += fee_back(fee, qty=sum(steps), returned_before=done, returning=step)
        done += step
        assert abs(2 * back * sum(steps) - 2 * fee * done) <= sum(steps)
    assert back == fee


def test_the_fee_is_owed_once_the_goods_left(trade: Database, who: Who) -> None:
    number, part = offer(who)
    [row] = who("gd").get(number).parts
    # 2 × 2 % of 1061.95 net
    assert row.fee_amount == 4_248
    assert row.route is not None
    assert row.route["steps"][-1]["result"] == "42.48 CNY"
    assert who("gz").get(number).parts[0].fee_amount is None
    who("sz").do(accept_part, part)
    assert owed(trade) == 0
    send(who("sz"), part)
    assert owed(trade) == 4_248
    assert broken(trade) == []
    check_books(trade)


def test_what_comes_back_is_not_earned(trade: Database, who: Who) -> None:
    number, part = offer(who, qty=3)
    who("sz").do(accept_part, part)
    send(who("sz"), part)
    assert owed(trade) == 6_372
    who("gz").do(deliver_order, number, signed_by="李四")
    for index, left in enumerate((4_248, 2_124, 0)):
        who("gd").do(return_goods, number, lines=[(1, 1)], reason="坏", idempotency_key=f"r{index}")
        assert owed(trade) == left
        assert broken(trade) == []
    check_books(trade)


def test_declined_nothing_is_owed(trade: Database, who: Who) -> None:
    number, part = offer(who)
    who("sz").do(decline_part, part)
    assert who("gd").get(number).parts[0].fee_amount == 0
    assert owed(trade) == 0
    assert broken(trade) == []


pytestmark = pytest.mark.usefixtures("shared")
