"""Why the numbers of orders and quotes are what they are: each list of steps ends in the number shown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.kernel.access import Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, NotFoundError
from distrib_app.core.kernel.explain import Step, Why
from distrib_app.core.kernel.money import minor_to_decimal
from distrib_app.core.orders import (
    LineRequest,
    deliver_order,
    explain_order,
    quote_order,
    return_goods,
    ship_order,
    why_of_quote,
)
from distrib_app.core.orders.order_whys import amount_why, price_why, promise_why
from distrib_app.core.orders.rules import price_line
from tests.core.inventory.shop import NOW, actor

from .trade import Trader

Who = Callable[[str], Trader]


def why(trader: Trader, number: str, key: str, who: Actor | None = None) -> Why:
    reader = who or trader.actor
    with trader.database.read(reader) as session:
        return explain_order(session, reader, number=number, key=key, now=NOW)


def end(trader: Trader, number: str, key: str) -> str:
    return why(trader, number, key).steps[-1].result


def yuan(minor: int) -> str:
    """An amount as steps state it, written without the code under test."""
    return f"{minor // 100}.{minor % 100:02d} CNY"


def test_every_number_of_an_order_ends_its_own_steps(who: Who) -> None:
    gz, ops = who("gz"), who("ops")
    number = gz.place({"AC": 3, "TV": 2})
    ops.do(ship_order, number)
    gz.do(deliver_order, number, signed_by="李雷")
    ops.do(return_goods, number, lines=[(1, 1)], reason="坏了", idempotency_key="r")
    order = ops.get(number)
    assert end(ops, number, "net") == yuan(sum(line.amounts.net for line in order.lines))
    assert end(ops, number, "tax") == yuan(sum(line.amounts.tax for line in order.lines))
    assert end(ops, number, "gross") == yuan(order.amounts.gross)
    parts = [part.promised_on for part in order.parts if part.promised_on is not None]
    assert end(ops, number, "promised") == (max(parts).isoformat() if order.promised_on else "–")
    for line in order.lines:
        key = line.line_no
        assert Decimal(end(ops, number, f"price:{key}").removesuffix(" CNY")) == line.unit_price
        assert end(ops, number, f"amount:{key}") == yuan(line.amounts.gross)
        quantities = (line.qty, line.reserved_qty, line.shipped_qty, line.returned_qty)
        names = ("qty", "reserved", "shipped", "returned")
        assert tuple(int(end(ops, number, f"{name}:{key}")) for name in names) == quantities
        shares = [int(step.result) for step in why(ops, number, f"shipped:{key}").steps[:-1]]
        assert sum(shares) == line.shipped_qty
    assert end(ops, number, "returned:1") == "1"
    for part in order.parts:
        assert part.gross_amount is not None and part.cost_amount is not None
        assert end(ops, number, f"amount:{part.number}") == yuan(part.gross_amount)
        assert end(ops, number, f"cost:{part.number}") == yuan(part.cost_amount)
        assert part.promised_on is not None
        assert end(ops, number, f"promised:{part.number}") == part.promised_on.isoformat()
    refund = order.returns[0]
    assert end(ops, number, f"refund:{refund.number}") == yuan(refund.gross_amount)
    assert len(why(ops, number, f"refund:{refund.number}").steps) == 2


def test_days_late_count_from_the_promise(who: Who) -> None:
    gz = who("gz")
    number = gz.place({"AC": 1})
    promised = gz.get(number).promised_on
    assert promised is not None
    assert end(gz, number, "late") == "0"
    with gz.database.read(gz.actor) as session:
        later = explain_order(session, gz.actor, number=number, key="late", now=NOW + timedelta(days=40))
    today = (NOW + timedelta(days=40)).date()
    assert [step.result for step in later.steps] == [
        promised.isoformat(),
        today.isoformat(),
        str((today - promised).days),
    ]


def test_who_does_not_see_an_order_or_a_number_learns_nothing(trade: Database, who: Who) -> None:
    gz = who("gz")
    number = gz.place({"AC": 1})
    for key in ("", "profit", "price:9", "price:x", "cost:SO-1-1", "net:1", "refund:RT-1", f"gross:{number}"):
        with pytest.raises(NotFoundError):
            why(gz, number, key)
    with pytest.raises(NotFoundError):  # the owner's cost is not the buyer's
        why(gz, number, f"cost:{number}-1")
    with pytest.raises(NotFoundError):
        why(gz, number, "gross", actor(trade, "sz"))
    with pytest.raises(NotFoundError):
        why(gz, "SO-20000101-0001", "gross")
    with pytest.raises(ForbiddenError):
        why(gz, number, "gross", replace(gz.actor, permissions=frozenset()))


def test_a_quote_explains_what_the_order_will_say(who: Who) -> None:
    gz = who("gz")
    lines = [LineRequest("AC", 3), LineRequest("TV", 2)]
    with gz.database.read(gz.actor) as session:
        quote = quote_order(session, gz.actor, buyer_code="GZ", seller_code="BR", lines=lines, now=NOW)
    number = gz.place({"AC": 3, "TV": 2})
    for key in ("net", "tax", "gross", "price:1", "price:2", "amount:1", "amount:2", "promised:1"):
        found = why_of_quote(quote, key)
        assert found is not None
        assert found.steps[-1].result == end(gz, number, key)
    available = why_of_quote(quote, "available:1")
    assert available is not None
    assert available.steps[-1].result == str(quote.lines[0].available_qty)
    # which places may serve it is not told
    assert {name for step in available.steps for name in step.facts} == {"count"}
    for key in ("", "late", "price:3", "quota:1", "profit:1"):
        assert why_of_quote(quote, key) is None


@given(
    qty=st.integers(1, 9_999),
    micros=st.integers(1, 10**9),
    is_gross=st.booleans(),
    tax_ppm=st.sampled_from((0, 10_000, 60_000, 90_000, 130_000)),
)
@settings(max_examples=100)
def test_price_and_amount_of_a_line_end_in_themselves(
    qty: int, micros: int, is_gross: bool, tax_ppm: int
) -> None:
    price = Decimal(micros).scaleb(-4)
    priced = price_line(qty, price, is_gross=is_gross, tax_ppm=tax_ppm, currency="CNY")
    row = Step("a row of the price book", {}, f"{price.normalize():f} CNY")
    steps = (row, *priced.steps)
    shown = price_why(1, steps, priced.unit_price, tax_ppm, "CNY").steps
    assert Decimal(shown[-1].result.removesuffix(" CNY")) == priced.unit_price
    assert shown[0] == row and len(shown) == (1 if is_gross or not tax_ppm else 2)
    ended = amount_why(1, steps, priced.amounts.gross, "CNY").steps
    assert ended[-1].result == f"{minor_to_decimal(priced.amounts.gross, 'CNY'):f} CNY"
    assert ended[0] == row
    # what is kept without steps says so
    assert len(price_why(1, (), priced.unit_price, tax_ppm, "CNY").steps) == 1
    assert len(amount_why(1, (), priced.amounts.gross, "CNY").steps) == 1


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(days=st.lists(st.one_of(st.none(), DAYS), max_size=5))
@settings(max_examples=100)
def test_the_last_day_is_the_promise(days: list[date | None]) -> None:
    known = sorted(day for day in days if day is not None)
    promised = known[-1] if known and len(known) == len(days) else None
    found = promise_why("x", {}, [(Step("part"), day) for day in days], promised)
    assert found.steps[-1].result == (promised.isoformat() if promised else "–")
    assert [step.result for step in found.steps[:-1]] == [day.isoformat() if day else "–" for day in days]
