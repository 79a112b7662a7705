"""First expired, first out: the rule alone, against an oracle that hands out single units."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.inventory.cover import Cover, cover_of, cover_tenths
from distrib_app.core.inventory.fefo import (
    LotStock,
    is_fit,
    life_left,
    pick_first_expired,
    split_lots,
)
from distrib_app.core.inventory.rules import Layer

DAY = date(2026, 10, 15)


def lot(lot_id: int, code: str, expires_in: int, *layers: tuple[int, int]) -> LotStock:
    """Layers as (days old, quantity), newest first as the books have them."""
    made = sorted(layers)
    return LotStock(
        lot_id,
        code,
        DAY + timedelta(days=expires_in),
        tuple(Layer(DAY - timedelta(days=age), 1_000_000, qty, lot_id) for age, qty in made),
    )


def test_the_lot_that_expires_first_leaves_first_and_in_it_the_oldest_layer() -> None:
    lots = [lot(1, "B", 90, (3, 5), (40, 2)), lot(2, "A", 60, (1, 4))]
    picking = pick_first_expired(lots, 7, day=DAY, min_life_days=30)
    assert [(layer.lot_id, (DAY - layer.origin_on).days, layer.qty) for layer in picking.taken] == [
        (2, 1, 4),
        (1, 40, 2),
        (1, 3, 1),
    ]
    assert (picking.missing_qty, picking.short_lived_qty) == (0, 0)
    assert [(step.facts["lot"], step.result) for step in picking.steps] == [("A", "4"), ("B", "3")]


@pytest.mark.parametrize(
    ("expires_in", "minimum", "fit"),
    [(30, 30, True), (29, 30, False), (0, 0, True), (-1, 0, False), (365, 366, False)],
)
def test_the_minimum_life_is_inclusive(expires_in: int, minimum: int, fit: bool) -> None:
    expires_on = DAY + timedelta(days=expires_in)
    assert (life_left(expires_on, DAY), is_fit(expires_on, DAY, minimum)) == (expires_in, fit)


def test_a_shortage_because_of_short_life_says_so() -> None:
    lots = [lot(1, "OLD", 10, (1, 6)), lot(2, "NEW", 100, (1, 3))]
    picking = pick_first_expired(lots, 5, day=DAY, min_life_days=30)
    assert (sum(layer.qty for layer in picking.taken), picking.missing_qty) == (3, 2)
    assert picking.short_lived_qty == 6
    assert picking.steps[0].facts == {
        "lot": "OLD",
        "expires_on": "2026-10-25",
        "qty": 6,
        "left": 10,
        "needed": 30,
    }
    assert picking.steps[0].result == "0"


def test_what_is_written_off_begins_with_the_expired() -> None:
    lots = [lot(1, "GONE", -5, (1, 2)), lot(2, "GOOD", 100, (1, 3))]
    picking = pick_first_expired(lots, 3, day=DAY, min_life_days=None)
    assert [(layer.lot_id, layer.qty) for layer in picking.taken] == [(1, 2), (2, 1)]
    assert picking.short_lived_qty == 0


LOTS = st.lists(
    st.tuples(
        st.integers(-50, 200),
        st.lists(
            st.tuples(st.integers(0, 300), st.integers(1, 6)),
            min_size=1,
            max_size=4,
            unique_by=lambda x: x[0],
        ),
    ),
    max_size=6,
)


@settings(max_examples=100)
@given(LOTS, st.integers(1, 40), st.one_of(st.none(), st.integers(0, 60)))
def test_picking_equals_handing_out_single_units(
    drawn: list[tuple[int, list[tuple[int, int]]]], qty: int, minimum: int | None
) -> None:
    lots = [lot(number, f"L{number}", life, *layers) for number, (life, layers) in enumerate(drawn, 1)]
    picking = pick_first_expired(lots, qty, day=DAY, min_life_days=minimum)
    units = [
        (life, f"L{number}", -age)
        for number, (life, layers) in enumerate(drawn, 1)
        for age, count in layers
        for _ in range(count)
        if minimum is None or life >= minimum
    ]
    expected = sorted(units)[:qty]
    found = [
        ((one.expires_on - DAY).days, one.code, -(DAY - layer.origin_on).days)
        for layer in picking.taken
        for one in lots
        if one.lot_id == layer.lot_id
        for _ in range(layer.qty)
    ]
    assert found == expected
    assert picking.missing_qty == qty - len(expected)
    everything = sum(count for _, layers in drawn for _, count in layers)
    assert picking.short_lived_qty == everything - len(units)
    assert sum(int(step.result) for step in picking.steps) == len(expected)


def test_each_lot_has_layers_of_its_own_receipts_only() -> None:
    receipts = [
        Layer(date(2026, 1, 1), 90, 10, 1),
        Layer(date(2026, 2, 1), 95, 10, 2),
        Layer(date(2026, 3, 1), 99, 10, 1),
    ]
    assert split_lots({1: 12, 2: 4, 3: 0}, receipts) == {
        1: (Layer(date(2026, 3, 1), 99, 10, 1), Layer(date(2026, 1, 1), 90, 2, 1)),
        2: (Layer(date(2026, 2, 1), 95, 4, 2),),
    }


@pytest.mark.parametrize(
    ("on_hand", "issued", "tenths", "word"),
    [
        (0, 0, None, Cover.NONE),
        (0, 5, 0, Cover.OUT),
        (7, 0, None, Cover.IDLE),
        (19, 130, 19, Cover.SHORT),
        (20, 130, 20, Cover.FINE),
        (79, 130, 79, Cover.FINE),
        (80, 130, 80, Cover.HIGH),
        (160, 130, 160, Cover.MUCH),
        (1, 4, 33, Cover.FINE),  # 3.25 weeks, rounded half away from zero
    ],
)
def test_weeks_of_cover(on_hand: int, issued: int, tenths: int | None, word: Cover) -> None:
    assert (cover_tenths(on_hand, issued), cover_of(on_hand, issued)) == (tenths, word)
