"""The pages of transfers without a browser: a request from its form, and the record by both sides."""

from pathlib import Path
from typing import Any

import pytest

import distrib_app.pages
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.orders import PastedLineError
from distrib_app.gate import install_tables
from distrib_app.state.transfers import TransferList, TransferRecord
from tests.core.inventory.copies import SqliteCopies
from tests.core.inventory.haul import build_haul

from . import test_listed
from .test_listed import call
from .test_stock_pages import at

assert distrib_app.pages
enter = test_listed.enter


@pytest.fixture(scope="module")
def copies(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("haul"), build_haul)


@pytest.fixture
def trade(copies: SqliteCopies) -> Database:
    return copies.fresh()


def opened(enter: Any, who: str, number: str) -> Any:
    enter(who)
    page = at(TransferRecord, f"/transfers/{number}/")
    call(page, "load")
    assert (page.is_loaded, page.is_missing) == (True, False)
    return page


def verbs(page: Any) -> list[tuple[str, str]]:
    return [(action["verb"], action["reason"]) for action in page.actions]


def test_asked_for_and_moved_by_both_sides(trade: Database, enter: Any) -> None:
    install_tables()
    enter("gd")
    pad = at(TransferList, "/transfers/")
    call(pad, "toggle_form")
    assert {row["value"] for row in pad.places} >= {"GD-WH", "GZ-WH"}
    form = {"from": "GD-WH", "to": "GZ-WH", "lines": "AC x"}
    with pytest.raises(PastedLineError, match="Row 1, “AC x”"):
        call(pad, "ask", form)
    assert pad.is_asking
    call(pad, "ask", form | {"lines": "AC 4", "note": "促销备货"})
    assert not pad.is_asking
    call(pad, "load")
    (row,) = pad.rows
    assert (row["status"], row["pieces"]) == ("已申请", "4")
    number = row["number"]
    page = opened(enter, "gd", number)
    assert verbs(page) == [("cancel", "")]
    assert page.waiting["number"]
    page = opened(enter, "gz", number)
    assert verbs(page) == [("approve", ""), ("reject", "")]
    call(page, "act", "approve")
    assert (page.facts["status"], page.facts["stage1"]) == ("已同意", "now")
    page = opened(enter, "gd", number)
    call(page, "act", "ship")
    assert page.form == "ship"
    call(page, "submit", {"carrier": "顺丰", "waybill": "SF1"})
    assert (page.form, page.shipment[0]["waybill"], page.shipment[0]["freight"]) == ("", "SF1", "¥0.00")
    assert len(page.steps) == 1
    page = opened(enter, "gz", number)
    assert page.steps == []
    call(page, "act", "receive")
    arrived = {"received-1": "3", "short-1": "1", "reason-1": "lost", "signed_by": "王"}
    with pytest.raises(InvalidError):
        call(page, "submit", arrived | {"short-1": "-1"})
    assert page.form == "receive"
    call(page, "submit", arrived)
    assert (page.lines[0]["received"], page.lines[0]["short"]) == ("3", "1 · 已丢失")
    page = opened(enter, "gd", number)
    call(page, "act", "settle")
    assert [(row["kind"], row["gross"]) for row in page.settlement] == [("发票", "¥10,500.00")]
    assert page.facts["stage5"] == "now"


def test_nobody_else_sees_it(trade: Database, enter: Any) -> None:
    install_tables()
    enter("sz")
    page = at(TransferRecord, "/transfers/TF-20261015-0001/")
    call(page, "load")
    assert page.is_missing
