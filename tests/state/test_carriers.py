"""Carriers without a browser: set up on their page, booked from the records of transfers and orders."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

import distrib_app.pages
from distrib_app.carriers.simulator import SimulatedCarrier, waybill_of
from distrib_app.core.channels import add_membership
from distrib_app.core.inventory import CarrierUnreachableError, list_carriers
from distrib_app.core.kernel.access import SYSTEM, User
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, StaleError
from distrib_app.gate import install_tables
from distrib_app.state.carriers import CarrierBook
from distrib_app.state.orders import OrderRecord
from distrib_app.state.transfers import TransferList, TransferRecord
from tests.core.inventory.copies import SqliteCopies
from tests.core.inventory.haul import build_haul
from tests.core.inventory.shop import LONG_AGO, actor
from tests.core.orders.trade import Trader

from . import test_listed
from .test_listed import call
from .test_stock_pages import at

assert distrib_app.pages
enter = test_listed.enter
SECRET = "whsec_" + "QUJD" * 8


def build_with_admin(session: Session) -> None:
    """The trading network, and somebody who may set carriers up."""
    build_haul(session)
    session.add(User(username="admin", name="admin", password_hash="-", created_at=LONG_AGO))
    session.flush()
    add_membership(
        session, SYSTEM, username="admin", partner_code="BR", role_code="administrator", now=LONG_AGO
    )


@pytest.fixture(scope="module")
def copies(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("haul"), build_with_admin)


@pytest.fixture
def trade(copies: SqliteCopies) -> Database:
    install_tables()
    return copies.fresh()


@pytest.fixture
def carrier() -> Iterator[SimulatedCarrier]:
    with SimulatedCarrier(secret=SECRET, platform_url="http://127.0.0.1:9/nobody") as running:
        yield running


def known(trade: Database) -> list[tuple[str, str, bool, bool]]:
    with trade.read(SYSTEM) as session:
        return [(row.code, row.name, row.is_active, row.has_secret) for row in list_carriers(session)]


def set_up(enter: Any, url: str) -> Any:
    """The carrier SIM, as an administrator types it in."""
    enter("admin")
    book = at(CarrierBook, "/carriers/")
    call(book, "load")
    call(book, "open_form", "")
    call(book, "save", {"new_code": "SIM", "name": "模拟速运", "service_url": url})
    call(book, "renew", {"secret": SECRET})
    return book


def test_set_up_changed_and_switched_off(trade: Database, enter: Any) -> None:
    book = set_up(enter, "")
    assert (book.secret, book.secret_of) == (SECRET, "SIM")
    assert [(row["state"], row["bookings"]) for row in book.rows] == [("已接通", "否")]
    assert book.chosen["messages_url"].endswith("/api/v1/carriers/SIM/events")
    assert not any(SECRET in str(value) for row in book.rows for value in row.values())
    call(book, "load")
    assert (book.secret, book.is_open) == ("", False)
    call(book, "open_form", "SIM")
    with pytest.raises(InvalidError):
        call(book, "save", {"name": "新名", "service_url": "http://far.example"})
    assert known(trade) == [("SIM", "模拟速运", True, True)]
    call(book, "save", {"name": "新名", "service_url": "https://far.example"})
    assert (book.chosen["name"], book.chosen["bookings"]) == ("新名", "是")
    call(book, "switch")
    assert known(trade) == [("SIM", "新名", False, True)] and book.chosen["state"] == "已停用"
    call(book, "switch")
    assert known(trade) == [("SIM", "新名", True, True)]
    call(book, "open_form", "")
    with pytest.raises(StaleError):  # another one of this code is not written over
        call(book, "save", {"new_code": "SIM", "name": "另一家"})
    with pytest.raises(InvalidError):
        call(book, "save", {"new_code": "a/b", "name": "另一家"})
    assert known(trade) == [("SIM", "新名", True, True)]


def test_only_administrators(trade: Database, enter: Any) -> None:
    enter("gd")
    book = at(CarrierBook, "/carriers/")
    call(book, "load")
    assert book.is_forbidden and book.rows == []
    with pytest.raises(ForbiddenError):
        call(book, "save", {"new_code": "SIM", "name": "x"})
    assert known(trade) == []


def on_the_way(enter: Any, values: dict[str, str], carrier_code: str) -> Any:
    """A transfer of GD's, shipped through its form."""
    enter("gd")
    pad = at(TransferList, "/transfers/")
    call(pad, "toggle_form")
    call(pad, "ask", {"from": "GD-WH", "to": "GZ-WH", "lines": "AC 4"})
    call(pad, "load")
    number = pad.rows[0]["number"]
    enter("gz")
    page = at(TransferRecord, f"/transfers/{number}/")
    call(page, "load")
    call(page, "act", "approve")
    enter("gd")
    page = at(TransferRecord, f"/transfers/{number}/")
    call(page, "load")
    call(page, "act", "ship")
    call(page, "choose_carrier", carrier_code)
    call(page, "submit", values)
    return page


def test_a_transfer_leaves_with_a_booked_carrier(
    trade: Database, enter: Any, carrier: SimulatedCarrier
) -> None:
    set_up(enter, carrier.url)
    page = on_the_way(enter, {}, "SIM")
    assert page.carriers == [{"value": "SIM", "text": "模拟速运"}]
    (row,) = page.shipment
    assert (row["carrier"], row["waybill"]) == ("模拟速运", waybill_of(row["number"]))
    assert (row["can_book"], page.form, page.carrier_code) == ("", "", "")


def test_what_a_carrier_does_not_take_has_left_and_is_booked_later(
    trade: Database, enter: Any, carrier: SimulatedCarrier
) -> None:
    set_up(enter, "http://127.0.0.1:9")
    page = on_the_way(enter, {}, "SIM")
    (row,) = page.shipment
    assert (row["waybill"], row["can_book"], page.facts["status"]) == ("–", "yes", "运输中")
    with pytest.raises(CarrierUnreachableError):
        call(page, "book", {"shipment": row["number"], "carrier_code": "SIM"})
    enter("admin")
    book = at(CarrierBook, "/carriers/")
    call(book, "load")
    call(book, "open_form", "SIM")
    call(book, "save", {"name": "模拟速运", "service_url": carrier.url})
    enter("gz")
    other = at(TransferRecord, f"/transfers/{page.facts['number']}/")
    call(other, "load")
    assert other.shipment[0]["can_book"] == ""  # who takes the goods does not send them
    enter("gd")
    page = at(TransferRecord, f"/transfers/{page.facts['number']}/")
    call(page, "load")
    call(page, "book", {"shipment": row["number"], "carrier_code": "SIM"})
    assert page.shipment[0]["waybill"] == waybill_of(row["number"])


def test_an_order_leaves_with_a_booked_carrier(
    trade: Database, enter: Any, carrier: SimulatedCarrier
) -> None:
    set_up(enter, carrier.url)
    number = Trader(trade, actor(trade, "gz")).place({"TV": 2})
    enter("ops")
    page = at(OrderRecord, f"/orders/{number}/")
    call(page, "load")
    call(page, "act", "ship")
    call(page, "choose_carrier", "SIM")
    call(page, "submit", {})
    (row,) = page.shipments
    assert (row["waybill"], row["carrier"]) == (waybill_of(row["number"]), "模拟速运")
