"""The query contract against an oracle that looks at every row in Python, on both databases."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import select

from distrib_app.core.accounts import list_accounts, list_invoices, list_receipts
from distrib_app.core.catalog import list_skus
from distrib_app.core.channels import Partner, list_partners
from distrib_app.core.inventory import list_stock
from distrib_app.core.journal import JournalLeg
from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.kernel.money import divide
from distrib_app.core.orders import SalesOrder, list_orders
from distrib_app.core.pricing import list_price_rows
from tests.core.inventory.shop import NOW, actor

WHO = ("ops", "gd", "gz", "sz", "shop")
SORTS = ("placed_at", "number", "status", "gross_amount")
FACETS = {
    "status": ("placed", "shipped", "delivered", "cancelled", "recorded"),
    "role": ("buyer", "seller"),
    "seller": ("BR", "GD", "GZ", "nobody"),
    "buyer": ("GD", "GZ", "SZ", "OUT"),
}


@dataclass(frozen=True)
class World:
    """Every order with its amount in millionths, and every partner, as the oracle knows them."""

    orders: list[SalesOrder]
    micros: dict[int, int]
    partners: dict[int, Partner]


_worlds: dict[str, tuple[World, dict[str, Actor]]] = {}


def world_of(database: Database) -> tuple[World, dict[str, Actor]]:
    if database.url not in _worlds:
        with database.read(SYSTEM) as session:
            orders = list(session.exec(select(SalesOrder)))
            legs = list(session.exec(select(JournalLeg)))
            partners = {row.id: row for row in session.exec(select(Partner))}
        micros = {
            row.id: row.gross_amount * 10_000
            if row.gross_amount is not None
            else sum(leg.amount for leg in legs if leg.order_id == row.id and leg.qty > 0)
            for row in orders
        }
        actors = {name: actor(database, name) for name in WHO}
        _worlds[database.url] = World(orders, micros, partners), actors
    return _worlds[database.url]


def visible(world: World, who: str) -> list[SalesOrder]:
    """Own trade and that of partners below: the brand all, GD its subtree, the others their own."""
    codes = {"gd": {"GD", "GZ", "SZ", "OUT"}, "gz": {"GZ"}, "sz": {"SZ"}, "shop": {"OUT"}}
    if who == "ops":
        return world.orders
    return [
        row
        for row in world.orders
        if codes[who] & {world.partners[row.seller_id].code, world.partners[row.buyer_id].code}
        or (who == "gz" and world.partners[row.buyer_id].code == "OUT")
    ]


def meets(world: World, row: SalesOrder, own: tuple[int, ...], name: str, values: tuple[str, ...]) -> bool:
    if name == "role":
        sides = {"buyer": row.buyer_id in own, "seller": row.seller_id in own}
        return any(sides[value] for value in values)
    if name == "status":
        return row.status in values
    party = row.seller_id if name == "seller" else row.buyer_id
    return world.partners[party].code in values


def found_by(world: World, row: SalesOrder, word: str) -> bool:
    if not word:
        return True
    parties = [world.partners[row.seller_id], world.partners[row.buyer_id]]
    return word in row.number.lower() or any(
        party.code.lower().startswith(word) or word in party.name.lower() or party.initials.startswith(word)
        for party in parties
    )


QUERIES = st.builds(
    ListQuery,
    search=st.sampled_from(["", "gz", "so-00", "家电", "7", "yuan", "ysdq", "%", "nothing"]),
    sort=st.sampled_from(["", *SORTS, *(f"-{sort}" for sort in SORTS)]),
    facets=st.fixed_dictionaries(
        {},
        optional={
            name: st.lists(st.sampled_from(values), max_size=3, unique=True).map(tuple)
            for name, values in FACETS.items()
        },
    ),
    offset=st.integers(0, 60),
    limit=st.integers(1, 200),
    with_facets=st.just(True),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERIES, who=st.sampled_from(WHO))
def test_a_list_is_what_looking_at_every_row_gives(many: Database, query: ListQuery, who: str) -> None:
    world, actors = world_of(many)
    own = actors[who].partner_ids
    searched = [row for row in visible(world, who) if found_by(world, row, query.search)]

    def filtered(without: str = "") -> list[SalesOrder]:
        chosen = {name: values for name, values in query.facets.items() if values and name != without}
        return [
            row
            for row in searched
            if all(meets(world, row, own, name, value) for name, value in chosen.items())
        ]

    rows = filtered()
    sort = query.sort or "-placed_at"
    column = sort.removeprefix("-")
    with_value = [row for row in rows if getattr(row, column) is not None]
    ordered = sorted(with_value, key=lambda row: (getattr(row, column), row.id), reverse=sort.startswith("-"))
    ordered += sorted(
        (row for row in rows if getattr(row, column) is None),
        key=lambda row: row.id,
        reverse=sort.startswith("-"),
    )
    with many.read(actors[who]) as session:
        listing = list_orders(session, query=query)
    window = ordered[query.offset : query.offset + query.limit]
    assert [row.number for row in listing.rows] == [row.number for row in window]
    assert listing.total == len(rows)
    assert listing.totals == {"gross_amount": divide(sum(world.micros[row.id] for row in rows), 10_000)}
    for name in ("status", "seller", "buyer"):
        others = filtered(without=name)
        counts = Counter(
            row.status if name == "status" else world.partners[getattr(row, f"{name}_id")].code
            for row in others
        )
        assert {one.value: one.count for one in listing.facets[name]} == counts
    others = filtered(without="role")
    assert {one.value: one.count for one in listing.facets["role"]} == {
        side: sum(getattr(row, f"{side}_id") in own for row in others) for side in ("buyer", "seller")
    }


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{sort}" for sort in SORTS)])
def test_pages_neither_overlap_nor_leave_a_gap(many: Database, sort: str) -> None:
    """Amounts, statuses and instants tie a lot; the key decides, whichever way one pages."""
    with many.read(SYSTEM) as session:
        whole = [row.number for row in list_orders(session, query=ListQuery(sort=sort, limit=1000)).rows]
        paged, chained, after = [], [], None
        for offset in range(0, 180, 30):
            found = list_orders(session, query=ListQuery(sort=sort, offset=offset, limit=30))
            paged += [row.number for row in found.rows]
        while True:
            found = list_orders(session, query=ListQuery(sort=sort, limit=30, after=after))
            chained += [row.number for row in found.rows]
            if (after := found.end) is None:
                break
    assert paged == chained == whole
    assert len(set(whole)) == 160


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (ListQuery(sort="colour"), "sort"),
        (ListQuery(sort="--number"), "sort"),
        (ListQuery(facets={"colour": ("red",)}), "colour"),
        (ListQuery(facets={"status": ("lost",)}), "status"),
        (ListQuery(facets={"role": ("friend",)}), "role"),
        (ListQuery(facets={"buyer": ("G\x00Z",)}), "buyer"),
        (ListQuery(facets={"buyer": ("\ud800",)}), "buyer"),
        (ListQuery(facets={"buyer": ("x" * 101,)}), "buyer"),
        (ListQuery(facets={"buyer": tuple(map(str, range(101)))}), "buyer"),
        (ListQuery("x" * 101), "search"),
        (ListQuery(offset=-1), "offset"),
        (ListQuery(offset=2**63), "offset"),
        (ListQuery(limit=0), "limit"),
        (ListQuery(limit=1001), "limit"),
    ],
)
def test_what_no_list_serves_is_refused_by_name(many: Database, query: ListQuery, field: str) -> None:
    with many.read(SYSTEM) as session, pytest.raises(InvalidError) as caught:
        list_orders(session, query=query)
    assert caught.value.facts["field"] == field


@pytest.mark.parametrize(
    "word", ["\x00", "so\x00-", "\ud800\udfff", " \t\n", "'; DROP TABLE sales_order;--", "\\"]
)
def test_what_people_paste_into_a_search_harms_nothing(many: Database, word: str) -> None:
    with many.read(SYSTEM) as session:
        for read in (list_orders, list_partners, list_skus, list_stock, list_receipts, list_price_rows):
            read(session, query=ListQuery(word))
        for read_on in (list_accounts, list_invoices):
            read_on(session, query=ListQuery(word), day=NOW.date())


@pytest.mark.parametrize(
    ("read", "facts"),
    [
        (list_orders, {}),
        (list_accounts, {"day": NOW.date()}),
        (list_invoices, {"day": NOW.date()}),
        (list_receipts, {}),
        (list_price_rows, {}),
        (list_skus, {}),
    ],
)
def test_the_usual_order_of_a_list_is_that_of_an_index(
    many: Database, read: Any, facts: dict[str, Any]
) -> None:
    """Without it 100,000 rows would be sorted for every page."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        seen.append((statement, parameters))

    event.listen(many.engine, "before_cursor_execute", note)
    try:
        with many.read(SYSTEM) as session:
            read(session, query=ListQuery(limit=25), **facts)
    finally:
        event.remove(many.engine, "before_cursor_execute", note)
    statement, parameters = next(one for one in seen if "ORDER BY" in one[0])
    with many.engine.connect() as connection:
        if not many.is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_sort = off")
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if many.is_sqlite else "EXPLAIN (COSTS OFF)"
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters))
    if many.is_sqlite:
        assert "USE TEMP B-TREE" not in plan, plan
    else:
        lines = [line.strip(" '(),->") for line in plan.splitlines()]
        assert not any(line.startswith("Sort") and "Key" not in line for line in lines), plan
