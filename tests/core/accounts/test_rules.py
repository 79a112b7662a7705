"""Exposure, reasons and the application of money: pure rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.accounts import Applied, Exposure, OpenItem, apply_oldest, credit_reason, overdue_reason
from distrib_app.core.accounts.rules import uncovered_overdue
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.money import split_gross

MILLION_YUAN = 100_000_000
DAY = date(2026, 10, 1)


def exposure(**amounts: int) -> Exposure:
    base = {"unpaid": 0, "overdue": 0, "open_orders": 0, "unapplied": 0, "limit": 0}
    return Exposure(**(base | amounts), currency="CNY")


def test_the_deposit_and_the_wallet_are_no_purchasing_power() -> None:
    # limit 1.0 m, unpaid 0.6 m, shipped and not invoiced 0.5 m; deposit 0.3 m and wallet 0.2 m don't count
    state = exposure(limit=MILLION_YUAN, unpaid=60_000_000, open_orders=50_000_000)
    assert state.total == 110_000_000
    assert state.available == -10_000_000
    reason = credit_reason(state, 0)
    assert reason is not None
    assert reason.code == "credit_limit"
    assert reason.text.format(**reason.facts) == (
        "Exposure 1100000.00 CNY plus this order 0.00 CNY is above the credit limit 1000000.00 CNY "
        "by 100000.00 CNY."
    )


@pytest.mark.parametrize(("order", "is_held"), [(39_999_999, False), (40_000_000, False), (40_000_001, True)])
def test_an_order_exactly_at_the_limit_passes(order: int, is_held: bool) -> None:
    state = exposure(limit=MILLION_YUAN, unpaid=70_000_000, unapplied=10_000_000)
    assert (credit_reason(state, order) is not None) is is_held


def test_prepaid_without_any_limit_may_order_what_was_paid() -> None:
    state = exposure(unapplied=5_000)
    assert credit_reason(state, 5_000) is None
    assert credit_reason(state, 5_001) is not None


def test_overdue_debt_holds_however_much_credit_is_left() -> None:
    assert overdue_reason(exposure(limit=MILLION_YUAN, unpaid=1)) is None
    reason = overdue_reason(exposure(limit=MILLION_YUAN, unpaid=1, overdue=1))
    assert reason is not None
    assert reason.facts == {"amount": "0.01 CNY"}


def test_the_steps_add_up() -> None:
    steps = exposure(limit=1_000, unpaid=600, open_orders=500, unapplied=50).steps()
    assert [step.result for step in steps] == [
        "6.00 CNY",
        "5.00 CNY",
        "-0.50 CNY",
        "10.50 CNY",
        "10.00 CNY",
        "-0.50 CNY",
    ]


@pytest.mark.parametrize(("overdue", "unapplied", "left"), [(100, 0, 100), (100, 40, 60), (100, 140, 0)])
def test_cash_on_hand_covers_overdue_debt(overdue: int, unapplied: int, left: int) -> None:
    assert uncovered_overdue(overdue, unapplied) == left


def test_five_million_gross_at_13_percent() -> None:
    split = split_gross(500_000_000, 130_000)
    assert (split.net, split.tax, split.gross) == (442_477_876, 57_522_124, 500_000_000)


ITEMS = [
    OpenItem(3, "IN-3", DAY, 300),
    OpenItem(1, "IN-1", DAY + timedelta(days=5), 100),
    OpenItem(2, "IN-2", DAY, 200),
]


def test_the_oldest_due_is_paid_first_then_the_first_issued() -> None:
    assert apply_oldest(450, ITEMS) == [Applied(2, "IN-2", 200), Applied(3, "IN-3", 250)]


def test_named_invoices_come_first_in_the_order_named() -> None:
    assert apply_oldest(350, ITEMS, named=["IN-1", "IN-3"]) == [
        Applied(1, "IN-1", 100),
        Applied(3, "IN-3", 250),
    ]


def test_more_than_is_open_stays_unapplied() -> None:
    assert sum(part.amount for part in apply_oldest(1_000, ITEMS)) == 600


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(InvalidError):
        apply_oldest(-1, ITEMS)


items = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 10**12)), max_size=8, unique_by=lambda pair: pair
).map(
    lambda pairs: [
        OpenItem(index, f"IN-{index}", DAY + timedelta(days=due), amount)
        for index, (due, amount) in enumerate(pairs)
    ]
)


@settings(max_examples=100, deadline=None)
@given(amount=st.integers(0, 10**13), open_items=items, named=st.lists(st.integers(0, 9).map("IN-{}".format)))
def test_application_properties(amount: int, open_items: list[OpenItem], named: list[str]) -> None:
    applied = apply_oldest(amount, open_items, named=named)
    by_id = {item.invoice_id: item for item in open_items}
    # exactly the amount, or all that is open
    assert sum(part.amount for part in applied) == min(amount, sum(item.open_amount for item in open_items))
    # never above an item, each item once, all parts positive
    assert len({part.invoice_id for part in applied}) == len(applied)
    assert all(0 < part.amount <= by_id[part.invoice_id].open_amount for part in applied)
    # only the last one is paid in part, and nothing named or due earlier is left out
    assert all(part.amount == by_id[part.invoice_id].open_amount for part in applied[:-1])
    paid = [by_id[part.invoice_id] for part in applied]
    unpaid = [item for item in open_items if item not in paid]
    for done in paid:
        for left in unpaid:
            if (done.number in named) == (left.number in named) and done.number not in named:
                assert done.due_on <= left.due_on
            else:
                assert done.number in named
