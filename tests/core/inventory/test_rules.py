"""FIFO layers and ageing against independent oracles."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.inventory import (
    Layer,
    age_bucket,
    age_layers,
    derive_layers,
    net_receipts,
    slice_layers,
    take_oldest,
)
from distrib_app.core.inventory.rules import MAX_QTY, check_qty
from distrib_app.core.kernel.errors import InvalidError

DAY = date(2026, 1, 1)


def day(offset: int) -> date:
    return DAY + timedelta(days=offset)


def test_layers_are_the_newest_receipts_newest_first() -> None:
    receipts = [Layer(day(0), 100, 10), Layer(day(5), 110, 4), Layer(day(5), 120, 3)]
    assert derive_layers(9, receipts) == [Layer(day(5), 120, 3), Layer(day(5), 110, 4), Layer(day(0), 100, 2)]
    assert derive_layers(0, receipts) == []


def test_a_late_booking_of_old_goods_is_an_old_layer() -> None:
    assert derive_layers(3, [Layer(day(9), 1, 2), Layer(day(1), 2, 5)]) == [
        Layer(day(9), 1, 2),
        Layer(day(1), 2, 1),
    ]


def test_a_quantity_without_receipts_is_of_unknown_origin() -> None:
    assert derive_layers(5, [Layer(day(1), 7, 2)]) == [Layer(day(1), 7, 2), Layer(None, None, 3)]


events = st.lists(
    st.one_of(
        st.tuples(st.just("in"), st.integers(0, 3), st.integers(1, 9), st.integers(1, 5)),
        st.tuples(st.just("out"), st.integers(1, 12)),
    ),
    max_size=25,
)


@settings(max_examples=100)
@given(events)
def test_layers_equal_a_unit_by_unit_fifo_simulation(moves: list[tuple]) -> None:
    """Goods that come in in the order of their origin days: the shelf holds what a queue would hold."""
    queue: list[tuple[date, int]] = []  # the oracle: one entry per unit, first in first out
    receipts: list[Layer] = []
    today = 0
    for move in moves:
        if move[0] == "in":
            today += move[1]
            queue += [(day(today), move[3])] * move[2]
            receipts.append(Layer(day(today), move[3], move[2]))
        else:
            before = derive_layers(len(queue), receipts)
            leaving, queue = queue[: move[1]], queue[move[1] :]
            shipped = take_oldest(before, move[1])
            assert [
                (layer.origin_on, layer.unit_cost_micros) for layer in shipped for _ in range(layer.qty)
            ] == (leaving)
    layers = derive_layers(len(queue), receipts)
    units = [(layer.origin_on, layer.unit_cost_micros) for layer in layers for _ in range(layer.qty)]
    assert sorted(units, key=str) == sorted(queue, key=str)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), max_size=8),
    st.integers(0, 80),
)
def test_layers_are_what_is_left_when_the_oldest_units_are_struck_out(
    booked: list[tuple[int, int]], gone: int
) -> None:
    """Any order of booking: sort all units by origin day and booking, strike out the first."""
    receipts = [Layer(day(offset), index, qty) for index, (offset, qty) in enumerate(booked)]
    units = sorted((layer.origin_on, layer.unit_cost_micros) for layer in receipts for _ in range(layer.qty))
    left = units[gone:]
    layers = derive_layers(len(left), receipts)
    assert [
        (layer.origin_on, layer.unit_cost_micros) for layer in reversed(layers) for _ in range(layer.qty)
    ] == left
    assert all(layer.qty > 0 for layer in layers)


def test_what_went_back_to_the_supplier_undoes_its_own_receipt() -> None:
    """10 old, 10 new; 8 sold; the new ones go back: 2 old are left, not 2 new."""
    receipts = [Layer(day(1), 100, 10), Layer(day(5), 90, 10)]
    assert derive_layers(2, net_receipts(receipts, [Layer(day(5), 90, 10)])) == [Layer(day(1), 100, 2)]
    assert net_receipts(receipts, [Layer(day(3), 90, 4)]) == receipts
    assert net_receipts(receipts, [Layer(day(1), 100, 4)]) == [Layer(day(1), 100, 6), Layer(day(5), 90, 10)]


def test_units_of_shipped_layers_come_back_once_each() -> None:
    shipped = [Layer(day(1), 1, 3), Layer(day(2), 2, 5)]
    assert slice_layers(shipped, 0, 2) == [Layer(day(1), 1, 2)]
    assert slice_layers(shipped, 2, 3) == [Layer(day(1), 1, 1), Layer(day(2), 2, 2)]
    assert slice_layers(shipped, 5, 9) == [Layer(day(2), 2, 3)]


@pytest.mark.parametrize(
    ("days", "label"),
    [
        (0, "0–30 days"),
        (30, "0–30 days"),
        (31, "31–60 days"),
        (60, "31–60 days"),
        (61, "61–90 days"),
        (90, "61–90 days"),
        (91, "91–180 days"),
        (180, "91–180 days"),
        (181, "over 180 days"),
    ],
)
def test_ageing_buckets(days: int, label: str) -> None:
    assert age_bucket(days) == label


def test_ageing_names_every_bucket_and_counts_unknown_as_old() -> None:
    layers = [Layer(day(0), 1, 4), Layer(day(-45), 1, 2), Layer(None, None, 3)]
    assert list(age_layers(layers, day(10)).values()) == [4, 2, 0, 0, 3]


@pytest.mark.parametrize("qty", [0, -1, MAX_QTY + 1])
def test_quantities_out_of_range_are_refused(qty: int) -> None:
    with pytest.raises(InvalidError):
        check_qty(qty)
