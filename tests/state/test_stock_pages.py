"""The pages of stock without a browser: the record with its forms, the network by list and heat table."""

from pathlib import Path
from typing import Any

import pytest
from reflex.istate.data import RouterData

import distrib_app.pages
from distrib_app.core.inventory import get_stock_record
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.gate import install_tables
from distrib_app.state.network_stock import NetworkStock
from distrib_app.state.stock_record import MovementLedger, StockPage
from tests.core.inventory.copies import SqliteCopies
from tests.core.inventory.shop import actor
from tests.core.orders.trade import build_trade

from . import test_listed
from .harness import state_of, tab
from .test_listed import HEADERS, call

assert distrib_app.pages
enter = test_listed.enter


@pytest.fixture(scope="module")
def copies(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("stock"), build_trade)


@pytest.fixture
def trade(copies: SqliteCopies) -> Database:
    return copies.fresh()


def at(state: type[Any], path: str) -> Any:
    """A page at an address."""
    root = tab()
    root.router = RouterData.from_router_data({"asPath": path, "pathname": path, "headers": HEADERS})
    return state_of(root, state)


def facts(page: Any) -> tuple[str, ...]:
    return tuple(page.facts[key] for key in ("on_hand", "reserved", "available", "reported", "gap"))


def test_the_record_takes_what_its_owner_types(trade: Database, enter: Any) -> None:
    install_tables()
    enter("ops")
    page = at(StockPage, "/stock/PLANT/AC/")
    call(page, "load")
    assert (page.is_loaded, page.is_missing) == (True, False)
    with trade.read(actor(trade, "ops")) as session:
        record = get_stock_record(
            session, actor(trade, "ops"), location_code="PLANT", sku_code="AC", now=utc_now()
        )
    before = record.on_hand_qty
    assert facts(page) == (str(before), "0", str(before), "–", "–")
    assert [action["verb"] for action in page.actions] == ["receive", "count", "correct", "report"]
    call(page, "act", "report")
    typed = {"qty": str(before - 1), "cause": "D-1", "counted_on": record.day.isoformat()}
    call(page, "submit", typed)
    assert page.form == ""
    assert facts(page)[3:] == (str(before - 1), "-1")
    call(page, "act", "receive")
    with pytest.raises(InvalidError):
        call(page, "submit", {"qty": "2", "unit_cost": "x", "cause": "G"})
    assert (page.form, facts(page)[0]) == ("receive", str(before))
    call(page, "submit", {"qty": "2", "unit_cost": "12.50", "cause": "G-1"})
    assert facts(page)[0] == str(before + 2)
    call(page, "act", "correct")
    call(page, "submit", {"qty": "1", "cause": "C-1"})
    assert facts(page)[0] == str(before + 1)
    ledger = at(MovementLedger, "/stock/PLANT/AC/?kind=receipt")
    call(ledger, "load")
    assert [row["kind"] for row in ledger.rows] == ["入库"] * len(ledger.rows)
    assert (ledger.rows[0]["cause"], ledger.rows[0]["balance"]) == ("G-1", str(before + 2))


def test_nobody_sees_a_rivals_record(trade: Database, enter: Any) -> None:
    enter("sz")
    for path in ("/stock/GZ-WH/AC/", "/stock/NONE/AC/", "/stock/"):
        page = at(StockPage, path)
        call(page, "load")
        assert (page.is_missing, page.facts, page.lots) == (True, {}, [])


def test_the_network_by_list_and_by_heat(trade: Database, enter: Any) -> None:
    enter("ops")
    page = at(NetworkStock, "/stock/network/")
    call(page, "load")
    assert (page.view, page.by, page.failure) == ("brand", "sku", "")
    assert page.total == len(page.rows) > 0
    assert page.rows[0]["code_href"].startswith("/stock?view=brand&sku=")
    places = at(NetworkStock, "/stock/network/?view=brand&by=place")
    call(places, "load")
    assert places.totals["on_hand"] == page.totals["on_hand"]
    heat = at(NetworkStock, "/stock/network/?view=brand&by=heat&measure=qty&columns=tier")
    call(heat, "load")
    assert [line[0]["text"] for line in heat.lines] == ["品牌商"]
    assert heat.lines[0][1]["text"] == page.totals["on_hand"]
    assert heat.lines[0][1]["href"] == "/stock?view=brand&tier=brand&category=ALL"
    inside = at(NetworkStock, "/stock/network/?view=brand&by=heat&inside=ALL")
    call(inside, "load")
    assert {head["name"] for head in inside.heads} == {row["code"] for row in page.rows}
    assert sum(1 for line in inside.lines for cell in line[1:] if cell["href"]) >= 1
