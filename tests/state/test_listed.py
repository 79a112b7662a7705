"""Lists on pages without a browser: the URL is the query, bulk actions answer row by row, views are URLs."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from reflex.istate.data import RouterData
from sqlmodel import select

import distrib_app.pages
from distrib_app import gate
from distrib_app.core.kernel.access import SYSTEM, Actor, User, open_session
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.state.orders import OrderList
from distrib_app.state.partners import PartnerList
from tests.core.inventory.copies import SqliteCopies
from tests.core.inventory.shop import actor
from tests.core.orders.trade import Trader, build_trade

from .harness import run, state_of, tab

assert distrib_app.pages


@pytest.fixture(scope="module")
def copies(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("listed"), build_trade)


@pytest.fixture
def trade(copies: SqliteCopies) -> Database:
    return copies.fresh()


@pytest.fixture
def who(trade: Database) -> Callable[[str], Actor]:
    return cache(lambda name: actor(trade, name))


@pytest.fixture
def enter(trade: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sign somebody in; the pages opened from then on are theirs."""
    monkeypatch.setattr(gate, "get_database", lambda: trade)

    def sign_in(username: str) -> None:
        now = datetime.now(UTC)
        with trade.write(SYSTEM) as session:
            user = session.exec(select(User).where(User.username == username)).first()
            if user is None:
                user = User(username=username, name=username, password_hash="-", created_at=now)
                session.add(user)
                session.flush()
            monkeypatch.setitem(
                HEADERS, "cookie", f"{gate.COOKIE}={open_session(session, user=user, hours=1, now=now)}"
            )

    return sign_in


HEADERS: dict[str, str] = {}


def page(state: type[Any], query: str = "") -> Any:
    """A list at an address."""
    root = tab()
    path = "/list/" + (f"?{query}" if query else "")
    root.router = RouterData.from_router_data({"asPath": path, "pathname": "/list", "headers": HEADERS})
    return state_of(root, state)


def call(instance: Any, name: str, *arguments: Any) -> Any:
    return run(getattr(type(instance), name).fn(instance, *arguments))


def numbers(trade: Database, who: Callable[[str], Actor]) -> list[str]:
    """Two orders that can be shipped and one that waits for stock."""
    gz = Trader(trade, who("gz"))
    return [
        gz.place({"AC": 1}, key="a"),
        gz.place({"LATE": 1}, key="b"),
        gz.place({"TV": 2}, key="c"),
    ]


def test_the_url_is_the_query(trade: Database, who: Any, enter: Any) -> None:
    placed = numbers(trade, who)
    enter("ops")
    orders = page(OrderList, "status=allocated&status=in_production&sort=number&size=50&hide=lines&search=so")
    call(orders, "load")
    assert [row["number"] for row in orders.rows] == placed
    assert (orders.total, orders.size, orders.sort, orders.hidden) == (3, 50, "number", ["lines"])
    assert [(chip["name"], chip["value"]) for chip in orders.chips] == [
        ("status", "allocated"),
        ("status", "in_production"),
    ]
    status = next(box for box in orders.facets if box["name"] == "status")
    assert [(one["value"], one["count"], one["is_on"]) for one in status["options"]] == [
        ("allocated", "2", True),
        ("in_production", "1", True),
    ]
    assert orders.unit == "CNY"
    assert not orders.is_large
    assert parse_qsl(urlsplit(orders.xlsx_href).query) == [
        ("search", "so"),
        ("sort", "number"),
        ("status", "allocated"),
        ("status", "in_production"),
        ("hide", "lines"),
        ("lang", "zh_CN"),
    ]


def go(listed: Any, query: str) -> None:
    """The same tab at another address of the list."""
    root = listed.parent_state
    while root.parent_state is not None:
        root = root.parent_state
    root.router = RouterData.from_router_data(
        {"asPath": f"/list/?{query}", "pathname": "/list", "headers": HEADERS}
    )
    call(listed, "load")


def test_filters_are_counted_when_rows_may_be_others(
    trade: Database, who: Any, enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page turned or sorted has the same filters; counting them is half the work of a list."""
    numbers(trade, who)
    enter("ops")
    counted: list[bool] = []
    original = OrderList._open_list

    async def note(self: Any, asked: Any, *, with_facets: bool) -> Any:
        counted.append(with_facets)
        return await original(self, asked, with_facets=with_facets)

    monkeypatch.setattr(OrderList, "_open_list", note)
    orders = page(OrderList, "sort=colour")
    call(orders, "load")
    assert orders.failure
    go(orders, "sort=number")  # after a failure there is nothing to keep
    boxes = orders.facets
    assert boxes
    go(orders, "sort=-number&size=50")
    assert (orders.facets, counted) == (boxes, [True, True, False])
    go(orders, "sort=-number&size=50")  # asked again: somebody wants to see it anew
    go(orders, "sort=-number&size=50&status=allocated")
    assert counted[3:] == [True, True]
    who_buys = Trader(trade, who("gz"))
    who_buys.place({"TV": 1}, key="d")
    go(orders, "status=allocated")  # one more than before: counted after all
    assert counted[5:] == [False, True]
    counts = {one["value"]: one["count"] for one in orders.facets[0]["options"] if one["count"] != "0"}
    assert (counts, orders.total) == ({"allocated": "3", "in_production": "1"}, 3)


def test_a_wrong_address_is_a_sentence_and_no_crash(trade: Database, who: Any, enter: Any) -> None:
    enter("ops")
    for query in ("sort=colour", "colour=red", "status=lost", "search=" + "x" * 200, "buyer=%00"):
        orders = page(OrderList, query)
        call(orders, "load")
        assert orders.failure, query
        assert (orders.rows, orders.is_loaded, orders.is_forbidden) == ([], True, False)
    for query in ("page=0", "page=-1", "page=abc", "size=7", "page=²", "size=10000"):
        orders = page(OrderList, query)
        call(orders, "load")
        assert (orders.failure, orders.page, orders.size) == ("", 1, 25), query


def test_who_may_not_read_is_told_so(trade: Database, enter: Any) -> None:
    enter("nobody")
    for state in (OrderList, PartnerList):
        listed = page(state)
        call(listed, "load")
        assert (listed.is_forbidden, listed.is_loaded, listed.rows) == (True, True, [])


def test_a_bulk_action_answers_row_by_row(trade: Database, who: Any, enter: Any) -> None:
    first, waiting, last = numbers(trade, who)
    enter("ops")
    orders = page(OrderList, "sort=number")
    call(orders, "load")
    assert [action["verb"] for action in orders.bulk_actions] == ["allocate", "ship"]
    call(orders, "select_page")
    assert orders.is_all_selected
    call(orders, "act_on_selected", "ship")
    tones = {row["key"]: row["tone"] for row in orders.results}
    assert tones == {first: "good", waiting: "bad", last: "good"}
    refusal = next(row["text"] for row in orders.results if row["key"] == waiting)
    assert waiting in refusal
    assert orders.selected == [waiting]
    gz = Trader(trade, who("gz"))
    assert [gz.get(number).status for number in (first, waiting, last)] == [
        "shipped",
        "in_production",
        "shipped",
    ]
    call(orders, "close_results")
    assert (orders.results, orders.results_title) == ([], "")
    with pytest.raises(InvalidError):
        call(orders, "act_on_selected", "delete")


def test_a_buyer_is_offered_no_action_of_the_seller(trade: Database, who: Any, enter: Any) -> None:
    numbers(trade, who)
    enter("boss")
    orders = page(OrderList)
    call(orders, "load")
    assert orders.bulk_actions == []
    call(orders, "select_page")
    call(orders, "act_on_selected", "ship")
    assert {row["tone"] for row in orders.results} == {"bad"}


def test_only_rows_of_the_page_can_be_selected(trade: Database, who: Any, enter: Any) -> None:
    placed = numbers(trade, who)
    enter("ops")
    orders = page(OrderList)
    call(orders, "load")
    call(orders, "select_row", placed[0])
    call(orders, "select_row", "SO-OTHER")
    assert orders.selected == [placed[0]]
    call(orders, "select_row", placed[0])
    assert orders.selected == []


def test_a_shared_view_is_there_for_a_colleague(trade: Database, who: Any, enter: Any) -> None:
    enter("ops")
    orders = page(OrderList, "status=placed&sort=-gross_amount&hide=lines&page=2")
    call(orders, "save_view", {"name": "Big ones", "is_shared": True})
    enter("boss")
    seen = page(OrderList, "status=placed&sort=-gross_amount&hide=lines")
    call(seen, "load")
    (view,) = seen.views
    assert (view["name"], view["is_own"], view["is_shared"], view["is_here"]) == (
        "Big ones",
        "",
        "yes",
        "yes",
    )
    assert parse_qsl(urlsplit(view["href"]).query) == [
        ("status", "placed"),
        ("sort", "-gross_amount"),
        ("hide", "lines"),
    ]
    assert seen.view_name == "Big ones"
    enter("gz")
    other = page(OrderList)
    call(other, "load")
    assert other.views == []
