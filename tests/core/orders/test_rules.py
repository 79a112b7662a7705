"""Reasons, amounts and refunds, without a database."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.accounts import Exposure
from distrib_app.core.inventory import MAX_QTY
from distrib_app.core.kernel.money import TaxSplit
from distrib_app.core.orders import LineFacts, LineRequest, PartyFacts, ordering_reasons, sum_lines
from distrib_app.core.orders.rules import credit_holds, price_line, refund, split_amounts

PARTIES = PartyFacts(
    seller_code="BR",
    seller_status="active",
    buyer_code="GZ",
    buyer_status="active",
    has_account=True,
    is_account_closed=False,
)
LINE = LineFacts("AC", 2, available_qty=5)
FREE = Exposure(unpaid=0, overdue=0, open_orders=0, unapplied=0, limit=100_000)


def changed(facts: object, **values: object) -> object:
    from dataclasses import replace

    return replace(facts, **values)


def codes(**changes: object) -> tuple[list[str], list[str]]:
    """Why it is refused, why it is held."""
    facts = {"parties": PARTIES, "lines": [LINE], "exposure": FREE, "gross": 100_000} | changes
    reasons, holds = ordering_reasons(**facts)
    return [reason.code for reason in reasons], [reason.code for reason in holds]


def test_an_order_exactly_at_the_limit_passes() -> None:
    assert codes() == ([], [])
    assert codes(gross=100_001) == ([], ["credit_limit"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"parties": changed(PARTIES, buyer_status="suspended")}, ["buyer_suspended"]),
        ({"parties": changed(PARTIES, buyer_status="terminated")}, ["buyer_terminated"]),
        ({"parties": changed(PARTIES, buyer_status="applicant")}, ["buyer_applicant"]),
        ({"parties": changed(PARTIES, seller_status="suspended")}, ["seller_not_active"]),
        ({"parties": changed(PARTIES, has_account=False), "exposure": None}, ["no_account"]),
        ({"parties": changed(PARTIES, is_account_closed=True)}, ["account_closed"]),
        ({"lines": []}, ["no_lines"]),
        ({"lines": [changed(LINE, is_known=False, has_price=False)]}, ["unknown_sku"]),
        ({"lines": [changed(LINE, is_orderable=False)]}, ["not_orderable"]),
        ({"lines": [changed(LINE, qty=0)]}, ["quantity"]),
        ({"lines": [changed(LINE, qty=-5)]}, ["quantity"]),
        ({"lines": [changed(LINE, qty=MAX_QTY + 1, is_backorder_allowed=True)]}, ["quantity"]),
        ({"lines": [changed(LINE, qty=4, multiple_qty=5)]}, ["multiple"]),
        ({"lines": [changed(LINE, has_price=False)]}, ["no_price"]),
        ({"lines": [changed(LINE, is_foreign_currency=True)]}, ["currency"]),
        ({"lines": [changed(LINE, qty=6)]}, ["short_stock"]),
        ({"lines": [changed(LINE, qty=6, is_backorder_allowed=True)]}, []),
        ({"lines": [changed(LINE, qty=6, available_qty=None)]}, []),
    ],
)
def test_each_reason_alone(changes: dict[str, object], expected: list[str]) -> None:
    assert codes(**changes) == (expected, [])


@pytest.mark.parametrize(
    ("exposure", "gross", "expected"),
    [
        (changed(FREE, unpaid=500, overdue=1), 1, ["overdue"]),
        (changed(FREE, unpaid=99_999), 1, []),
        (changed(FREE, open_orders=99_999), 2, ["credit_limit"]),
        (changed(FREE, unpaid=90_000, overdue=1), 10_001, ["overdue", "credit_limit"]),
        (None, 10**9, []),  # without an account the order is refused for that
    ],
)
def test_debt_holds_and_does_not_refuse(exposure: Exposure | None, gross: int, expected: list[str]) -> None:
    assert codes(exposure=exposure, gross=gross) == ([], expected)
    assert [reason.code for reason in credit_holds(exposure, gross)] == expected


def test_all_reasons_are_told_at_once_and_read_as_sentences() -> None:
    reasons, holds = ordering_reasons(
        parties=changed(PARTIES, buyer_status="suspended"),
        lines=[changed(LINE, qty=7, multiple_qty=5), changed(LINE, sku_code="TV", has_price=False)],
        exposure=changed(FREE, unpaid=90_000, overdue=20_000),
        gross=10_001,
    )
    assert [reason.text.format(**reason.facts) for reason in reasons] == [
        "GZ is suspended.",
        "AC is sold in multiples of 5; 7 is none.",
        "AC: 7 wanted, 5 available.",
        "TV has no price for this buyer today.",
    ]
    assert [hold.text.format(**hold.facts) for hold in holds] == [
        "Invoices of 200.00 CNY are overdue.",
        "Exposure 900.00 CNY plus this order 100.01 CNY is above the credit limit 1000.00 CNY by 0.01 CNY.",
    ]


def test_domain_example_of_credit() -> None:
    """Limit 1.0 m, unpaid 0.6 m, shipped but not invoiced 0.5 m: any order is held."""
    exposure = Exposure(unpaid=60_000_000, overdue=0, open_orders=50_000_000, unapplied=0, limit=100_000_000)
    assert codes(exposure=exposure, gross=1) == ([], ["credit_limit"])


def test_same_skus_are_added_up() -> None:
    """T10."""
    lines = [LineRequest("TV", 1), LineRequest("AC", 2), LineRequest("TV", 3)]
    assert sum_lines(lines) == (LineRequest("TV", 4), LineRequest("AC", 2))


def test_tax_inside_and_on_top() -> None:
    inside = price_line(3, Decimal("11.3"), is_gross=True, tax_ppm=130_000, currency="CNY")
    assert (inside.unit_price, inside.amounts) == (Decimal("11.3"), TaxSplit(3000, 390, 3390))
    assert [step.result for step in inside.steps] == ["33.90 CNY", "3.90 CNY", "30.00 CNY"]
    on_top = price_line(3, Decimal("10"), is_gross=False, tax_ppm=130_000, currency="CNY")
    assert (on_top.unit_price, on_top.amounts) == (Decimal("11.3"), TaxSplit(3000, 390, 3390))
    assert [step.result for step in on_top.steps] == ["30.00 CNY", "3.90 CNY", "33.90 CNY"]
    assert inside.steps[1].facts == {"rate": "13 %"}
    tiny = price_line(15, Decimal("0.0123"), is_gross=True, tax_ppm=0, currency="CNY")
    assert tiny.amounts.gross == 18  # 0.1845 rounds once, per line
    assert tiny.steps[1].facts == {"rate": "0 %"}
    yen = price_line(3, Decimal("99.5"), is_gross=True, tax_ppm=100_000, currency="JPY")
    assert yen.amounts == TaxSplit(272, 27, 299)


def test_ten_over_three_equal_parts() -> None:
    """T9."""
    assert [part.gross for part in split_amounts(TaxSplit(885, 115, 1000), [1, 1, 1])] == [334, 333, 333]


@settings(max_examples=100)
@given(
    st.integers(0, 10**12),
    st.integers(0, 300_000),
    st.lists(st.integers(1, 1000), min_size=1, max_size=8),
)
def test_shared_out_amounts_add_up(gross: int, tax_ppm: int, qtys: list[int]) -> None:
    from distrib_app.core.kernel.money import split_gross

    whole = split_gross(gross, tax_ppm)
    parts = split_amounts(whole, qtys)
    assert sum(part.gross for part in parts) == whole.gross
    assert sum(part.tax for part in parts) == whole.tax
    assert sum(part.net for part in parts) == whole.net
    assert all(part.net + part.tax == part.gross for part in parts)


def test_three_units_of_ten_come_back_as_333_334_333() -> None:
    whole = TaxSplit(885, 115, 1000)
    parts = [refund(whole, qty=3, returned_before=before, returning=1) for before in range(3)]
    assert [part.gross for part in parts] == [333, 334, 333]
    assert sum(part.tax for part in parts) == 115
    assert refund(whole, qty=3, returned_before=0, returning=3) == whole


def half_up(total: int, units: int, qty: int) -> int:
    return int((Decimal(total) * units / qty).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@settings(max_examples=100)
@given(st.data())
def test_partial_refunds_add_up_and_each_step_is_exact(data: st.DataObject) -> None:
    """The oracle: what has been refunded up to unit k is the line × k ÷ quantity, rounded in decimals."""
    qty = data.draw(st.integers(1, 60))
    gross = data.draw(st.integers(0, 10**9))
    tax = data.draw(st.integers(0, gross))
    whole = TaxSplit(gross - tax, tax, gross)
    returned = refunded = refunded_tax = 0
    while returned < qty:
        step = data.draw(st.integers(1, qty - returned))
        part = refund(whole, qty=qty, returned_before=returned, returning=step)
        returned += step
        refunded += part.gross
        refunded_tax += part.tax
        assert part.net + part.tax == part.gross
        assert refunded == half_up(gross, returned, qty)
        assert refunded_tax == half_up(tax, returned, qty)
    assert (refunded, refunded_tax) == (gross, tax)
