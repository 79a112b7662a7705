"""Who sees which order and may do what with it; the list and the record."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.orders import (
    allocate_order,
    cancel_order,
    deliver_order,
    list_orders,
    quote_order,
    return_goods,
    ship_order,
)
from tests.core.inventory.shop import NOW

from .trade import Trader, check_books, counts

Who = Callable[[str], Trader]
VERBS = (
    (allocate_order, {}),
    (ship_order, {}),
    (deliver_order, {"signed_by": "x"}),
    (cancel_order, {}),
    (return_goods, {"lines": [(1, 1)], "reason": "", "idempotency_key": "r"}),
)


def test_a_rival_meets_nothing_in_every_verb(trade: Database, who: Who) -> None:
    placed = who("gz").place({"LATE": 1, "AC": 1})
    shipped = who("gz").place({"AC": 2}, key="k2")
    who("ops").do(ship_order, shipped)
    before = counts(trade)
    for verb, facts in VERBS:
        for number in (placed, shipped, "SO-20261015-9999"):
            with pytest.raises(NotFoundError) as caught:
                who("sz").do(verb, number, **facts)
            assert caught.value.facts == {"kind": "order", "key": number}
    with pytest.raises(NotFoundError):
        who("sz").get(placed)
    with trade.read(who("sz").actor) as session:
        page = list_orders(session)
        assert (page.rows, page.total) == ((), 0)
        assert list_orders(session, query=ListQuery("GZ")).total == 0
    assert counts(trade) == before
    check_books(trade)


def test_nobody_may_do_nothing(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 1})
    nobody = Actor(user_id=None, username="nobody", name="nobody")
    before = counts(trade)
    for verb, facts in VERBS:
        with pytest.raises(ForbiddenError):
            Trader(trade, nobody).do(verb, number, **facts)
    with pytest.raises(ForbiddenError):
        Trader(trade, nobody).place({"AC": 1})
    with pytest.raises(ForbiddenError), trade.read(nobody) as session:
        quote_order(session, nobody, buyer_code="GZ", seller_code="BR", lines=[], now=NOW)
    with pytest.raises(NotFoundError):
        Trader(trade, nobody).get(number)
    assert counts(trade) == before


def test_orders_are_seen_by_the_parties_and_those_above(trade: Database, who: Who) -> None:
    direct = who("gz").place({"AC": 1})
    below = who("gz").place({"AC": 1}, seller="GD", key="k2")
    rival = who("sz").place({"AC": 1}, seller="GD", buyer="SZ")
    seen = {}
    for name in ("ops", "gd", "gz", "sz", "shop"):
        with trade.read(who(name).actor) as session:
            seen[name] = {row.number for row in list_orders(session).rows}
    assert seen == {
        "ops": {direct, below, rival},
        "gd": {direct, below, rival},
        "gz": {direct, below},
        "sz": {rival},
        "shop": set(),
    }
    # the seller above is named on the document although the buyer does not see it as a partner
    assert who("gz").get(direct).seller.name == "远山电器"


def test_the_list_is_searched_filtered_sorted_and_paged(trade: Database, who: Who) -> None:
    gz = who("gz")
    numbers = [
        gz.place({"AC": 1, "TV": 1}, key="a"),
        gz.place({"TV": 9}, key="b"),
        gz.place({"AC": 2}, seller="GD", key="c"),
    ]
    who("ops").do(ship_order, numbers[1])

    def listed(
        actor: Actor = gz.actor,
        *,
        placed_from: datetime | None = None,
        placed_to: datetime | None = None,
        status: str = "",
        role: str = "",
        **facts: Any,
    ) -> list[str]:
        chosen = {name: (value,) for name, value in (("status", status), ("role", role)) if value}
        query = ListQuery(facets=chosen, **facts)
        with trade.read(actor) as session:
            found = list_orders(session, query=query, placed_from=placed_from, placed_to=placed_to)
            return [row.number for row in found.rows]

    assert listed() == numbers[::-1]
    assert listed(sort="number") == numbers
    assert listed(sort="-gross_amount") == [numbers[2], numbers[0], numbers[1]]
    assert listed(status="shipped") == [numbers[1]]
    assert listed(role="buyer") == numbers[::-1]
    assert listed(role="seller") == []
    assert listed(who("gd").actor, role="seller") == [numbers[2]]
    assert listed(search="gd 家电") == [numbers[2]]
    assert listed(search=numbers[0][-4:].lower()) == [numbers[0]]
    assert listed(placed_from=NOW, offset=1, limit=1) == [numbers[1]]
    assert listed(placed_to=NOW) == []
    for facts in ({"status": "lost"}, {"role": "friend"}, {"sort": "colour"}, {"limit": 0}):
        with pytest.raises(InvalidError):
            listed(**facts)
    with trade.read(SYSTEM) as session:
        row = list_orders(session, query=ListQuery(sort="number")).rows[0]
    assert (row.seller.code, row.buyer.code, row.line_count, row.gross_amount) == ("BR", "GZ", 2, 339_333)


def test_next_actions_follow_the_side_and_say_why_not(trade: Database, who: Who) -> None:
    number = who("gz").place({"LATE": 1})

    def actions(name: str) -> dict[str, str | None]:
        return {row.verb: row.reason for row in who(name).get(number).actions}

    assert actions("gz") == {"cancel": None}
    assert actions("ops") == {
        "allocate": None,
        "mark_urgent": None,
        "ship": "nothing is reserved yet",
        "cancel": None,
    }
    assert actions("gd") == {}
    assert actions("boss") == {}
