"""How a plan becomes parts, and where an order stands from where its parts stand; without a database."""

from collections import Counter
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.inventory import FreightCharge
from distrib_app.core.kernel.money import TaxSplit, split_gross
from distrib_app.core.orders import (
    OPEN_PARTS,
    OUT_PARTS,
    FulfilmentStatus,
    OrderStatus,
    Part,
    PartLine,
    roll_up,
    split_order,
)
from distrib_app.core.orders.routing import Parcel, RoutePlan
from distrib_app.core.orders.splitting import SplitLine, frozen_route

READY, ARRIVAL = date(2026, 10, 15), date(2026, 10, 17)
TEN = TaxSplit(885, 115, 1000)


def parcel(source: str, *lines: tuple[int, int], mode: str = "direct", freight: int = 0) -> Parcel:
    return Parcel(
        source_code=source,
        mode=mode,
        lines=lines,
        freight=FreightCharge(freight, 0, ()),
        handling=30,
        transfer=4,
        fee=5,
        ready_on=READY,
        arrives_on=ARRIVAL,
    )


def plan(*parcels: Parcel, missing: dict[int, int] | None = None) -> RoutePlan:
    return RoutePlan(
        parcels=parcels,
        missing=missing or {},
        cost=0,
        split_amount=0,
        late_amount=0,
        arrives_on=ARRIVAL if parcels else None,
        front=(),
        rejected=(),
        steps=(),
    )


def goods(no: int, qty: int, amounts: TaxSplit = TEN) -> SplitLine:
    return SplitLine(no, qty, amounts, is_goods=True)


def service(no: int, qty: int = 1) -> SplitLine:
    return SplitLine(no, qty, TEN, is_goods=False)


def shape(parts: tuple[Part, ...]) -> list[tuple[str | None, str, str, list[tuple[int, int, int, bool]]]]:
    return [
        (
            part.source_code,
            part.mode,
            part.status,
            [(line.line_no, line.qty, line.amounts.gross, line.is_reserved) for line in part.lines],
        )
        for part in parts
    ]


@pytest.mark.parametrize(
    ("lines", "route", "expected"),
    [
        (
            [goods(1, 3)],
            plan(parcel("A", (1, 3))),
            [("A", "direct", "allocated", [(1, 3, 1000, True)])],
        ),
        (  # T9 and T11: three places, the odd cent with the first
            [goods(1, 3)],
            plan(parcel("A", (1, 1)), parcel("B", (1, 1), mode="regional"), missing={1: 1}),
            [
                ("A", "direct", "allocated", [(1, 1, 334, True)]),
                ("B", "regional", "allocated", [(1, 1, 333, True)]),
                (None, "own", "waiting", [(1, 1, 333, False)]),
            ],
        ),
        (  # a service travels with the first part and is never reserved
            [service(1), goods(2, 2), goods(3, 1), service(4, 2)],
            plan(parcel("A", (3, 1)), parcel("B", (2, 2), mode="partner")),
            [
                ("A", "direct", "allocated", [(1, 1, 1000, False), (3, 1, 1000, True), (4, 2, 1000, False)]),
                ("B", "partner", "offered", [(2, 2, 1000, True)]),
            ],
        ),
        (  # nobody has any: one part waits, services with it
            [goods(1, 8), service(2)],
            plan(missing={1: 8}),
            [(None, "own", "waiting", [(1, 8, 1000, False), (2, 1, 1000, False)])],
        ),
        (  # only services: nothing to wait for
            [service(1), service(2, 3)],
            plan(),
            [(None, "own", "allocated", [(1, 1, 1000, False), (2, 3, 1000, False)])],
        ),
    ],
)
def test_a_plan_becomes_parts(lines: list[SplitLine], route: RoutePlan, expected: list[object]) -> None:
    assert shape(split_order(lines, route, waiting_mode="own")) == expected


def test_a_part_keeps_what_its_parcel_costs_and_when_it_comes() -> None:
    first, waiting = split_order(
        [goods(1, 3)], plan(parcel("A", (1, 2), freight=1200), missing={1: 1}), waiting_mode="own"
    )
    assert (first.freight_amount, first.cost_amount) == (1200, 1239)  # freight, handling, transfer, fee
    assert (first.ready_on, first.promised_on) == (READY, ARRIVAL)
    assert (waiting.freight_amount, waiting.cost_amount, waiting.promised_on) == (0, 0, None)
    assert (first.amounts, waiting.amounts) == (TaxSplit(590, 77, 667), TaxSplit(295, 38, 333))


@st.composite
def orders(draw: st.DrawFn) -> tuple[list[SplitLine], RoutePlan]:
    """Lines, and a plan that serves them from up to four places in any way."""
    lines, taken = [], [[] for _ in range(4)]
    missing: dict[int, int] = {}
    for no in range(1, draw(st.integers(1, 5)) + 1):
        amounts = split_gross(draw(st.integers(0, 10**10)), draw(st.sampled_from([0, 60_000, 130_000])))
        if draw(st.booleans()) or no == 1:
            shares = draw(st.lists(st.integers(0, 50), min_size=5, max_size=5).filter(any))
            lines.append(SplitLine(no, sum(shares), amounts, is_goods=True))
            for place, qty in enumerate(shares[:4]):
                if qty:
                    taken[place].append((no, qty))
            if shares[4]:
                missing[no] = shares[4]
        else:
            lines.append(SplitLine(no, draw(st.integers(1, 9)), amounts, is_goods=False))
    parcels = [parcel(f"P{place}", *held) for place, held in enumerate(taken) if held]
    return lines, plan(*parcels, missing=missing)


@settings(max_examples=100)
@given(orders())
def test_parts_add_up_to_the_order_in_quantity_and_to_the_cent(
    order: tuple[list[SplitLine], RoutePlan],
) -> None:
    lines, route = order
    parts = split_order(lines, route, waiting_mode="direct")
    held: dict[int, list[PartLine]] = {line.line_no: [] for line in lines}
    for part in parts:
        numbers = [line.line_no for line in part.lines]
        assert numbers == sorted(set(numbers))
        assert part.lines
        for line in part.lines:
            held[line.line_no].append(line)
            assert line.qty > 0
            assert line.amounts.net + line.amounts.tax == line.amounts.gross
    for line in lines:
        shares = held[line.line_no]
        assert sum(share.qty for share in shares) == line.qty
        for column in ("net", "tax", "gross"):
            assert sum(getattr(share.amounts, column) for share in shares) == getattr(line.amounts, column)
        # no part is more than a cent off its exact share
        for share in shares:
            assert abs(share.amounts.gross * line.qty - line.amounts.gross * share.qty) < line.qty
    # what a parcel takes is reserved, what nobody has waits in one part at the end, services come first
    reserved = Counter({line.line_no: 0 for line in lines})
    for part, sent in zip(parts, route.parcels, strict=False):
        assert {(row.line_no, row.qty) for row in part.lines if row.is_reserved} == set(sent.lines)
        reserved.update({row.line_no: row.qty for row in part.lines if row.is_reserved})
    for line in lines:
        if line.is_goods:
            assert reserved[line.line_no] == line.qty - route.missing.get(line.line_no, 0)
        else:
            assert [row.line_no for row in parts[0].lines].count(line.line_no) == 1
    waiting = [part for part in parts if part.source_code is None]
    assert len(waiting) == (1 if route.missing else 0)
    assert [part.source_code for part in parts[: len(route.parcels)]] == [
        p.source_code for p in route.parcels
    ]


def test_a_frozen_plan_is_plain_json() -> None:
    frozen = frozen_route(plan(parcel("A", (1, 1))))
    assert frozen == {"cost": 0, "steps": [], "rejected": [], "front": []}


# what the slowest part makes of the order, slowest first
STAGES = {
    "offered": "placed",
    "waiting": "confirmed",
    "in_production": "in_production",
    "allocated": "allocated",
    "picked": "picked",
    "shipped": "shipped",
    "in_transit": "in_transit",
    "delivered": "delivered",
}


@pytest.mark.parametrize(
    ("statuses", "is_held", "expected"),
    [
        (["allocated"], False, "allocated"),
        (["shipped", "waiting"], False, "confirmed"),
        (["delivered", "shipped"], False, "shipped"),
        (["delivered", "cancelled"], False, "delivered"),  # a cancelled part holds nobody up
        (["delivered", "delivered"], False, "delivered"),
        (["offered", "delivered"], False, "placed"),
        (["cancelled", "cancelled"], False, "cancelled"),
        ([], False, "cancelled"),
        (["allocated", "waiting"], True, "held"),
        (["picked"], True, "held"),
        (["shipped", "allocated"], True, "allocated"),  # what has left cannot be held any more
        (["cancelled"], True, "cancelled"),
    ],
)
def test_an_order_stands_where_its_slowest_part_stands(
    statuses: list[str], is_held: bool, expected: str
) -> None:
    assert roll_up(statuses, is_held=is_held) == expected


def test_every_stage_of_a_part_is_a_stage_of_the_order() -> None:
    assert set(STAGES) == {status.value for status in FulfilmentStatus} - {"cancelled", "returned"}
    for one, other in product(STAGES, repeat=2):
        slower = min(one, other, key=list(STAGES).index)
        assert roll_up([one, other]) == roll_up([other, one]) == OrderStatus(STAGES[slower])
    assert set(STAGES) == OPEN_PARTS | OUT_PARTS
    assert not OPEN_PARTS & OUT_PARTS


@settings(max_examples=100)
@given(st.lists(st.sampled_from([*STAGES, "cancelled", "returned"]), max_size=6), st.booleans())
def test_the_order_follows_its_parts_whatever_their_order(statuses: list[str], is_held: bool) -> None:
    found = roll_up(statuses, is_held=is_held)
    assert found == roll_up(sorted(statuses, reverse=True), is_held=is_held)
    living = [status for status in statuses if status in STAGES]
    if not living:
        assert found == ("returned" if "returned" in statuses else "cancelled")
        return
    assert found == roll_up(living, is_held=is_held)
    if found == "held":
        assert is_held
        assert set(living) <= OPEN_PARTS
    else:
        assert found in {STAGES[status] for status in living}
        assert (found in ("shipped", "in_transit", "delivered")) == (set(living) <= OUT_PARTS)
