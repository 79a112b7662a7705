"""Sheets of waybills: what is ready leaves, what has left gets its waybill, twice is once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.events import install_reactions
from distrib_app.core.orders import ship_order
from distrib_app.core.reactions import REACTIONS
from tests.core.inventory.shop import NOW, stock
from tests.core.test_imports import Desk, desk, figures

from .trade import Trader, check_books, counts

__all__ = ["desk"]
Who = Callable[[str], Trader]
HEAD = "订单号,承运商,运单号,发货时间,签收人,签收时间\n"


@pytest.fixture(autouse=True)
def reacting() -> Iterator[None]:
    install_reactions({"shipment.reported": REACTIONS["shipment.reported"]})
    yield
    install_reactions({})


def test_orders_leave_and_arrive_by_sheet(trade: Database, who: Who, desk: Desk) -> None:
    first, second = (who("gz").place({"TV": qty}, key=f"k{qty}") for qty in (1, 2))
    sheet = (
        f"{HEAD}{first},顺丰,SF1,2026-10-14 09:30,,\n"
        f"{second}-1,顺丰,SF2,2026/10/14,王五,2026-10-15 11:59:30\n"
    )
    before = counts(trade)
    assert figures(desk.go("ops", "waybills", sheet, is_check=True)) == (2, 0, 0, 0)
    after = counts(trade)
    assert {key for key in before if before[key] != after[key]} <= {"job_run", "stored_file", "event"} | {
        "import_mapping"
    }
    assert figures(desk.go("ops", "waybills", sheet)) == (2, 0, 0, 0)
    details = [who("gz").get(number) for number in (first, second)]
    assert [detail.status for detail in details] == ["in_transit", "delivered"]
    [shipment] = details[1].shipments
    assert (shipment.carrier, shipment.waybill, shipment.signed_by) == ("顺丰", "SF2", "王五")
    assert [(event.kind, event.occurred_at, event.source) for event in shipment.events] == [
        ("picked_up", datetime(2026, 10, 14, 4, tzinfo=UTC), "sheet"),
        ("delivered", datetime(2026, 10, 15, 3, 59, tzinfo=UTC), "sheet"),
    ]
    assert stock(trade)["GZ-WH", "TV"] == (2, 0)
    after = counts(trade)
    assert figures(desk.go("ops", "waybills", sheet)) == (0, 0, 2, 0)
    assert {key: after[key] for key in ("shipment", "journal_leg", "shipment_event", "parts")} == {
        key: counts(trade)[key] for key in ("shipment", "journal_leg", "shipment_event", "parts")
    }
    signed = f"{HEAD}{first},顺丰,SF1,,李四,\n"
    assert figures(desk.go("ops", "waybills", signed)) == (0, 1, 0, 0)
    assert who("gz").get(first).shipments[0].delivered_at == NOW
    assert figures(desk.go("ops", "waybills", signed)) == (0, 0, 1, 0)
    check_books(trade)


def test_what_has_left_gets_its_waybill(trade: Database, who: Who, desk: Desk) -> None:
    number = who("gz").place({"TV": 1})
    [shipment] = who("ops").do(ship_order, number)
    sheet = f"{HEAD}{shipment},顺丰,SF1,,,\n"
    assert figures(desk.go("ops", "waybills", sheet)) == (0, 1, 0, 0)
    assert [(row.carrier, row.waybill) for row in who("gz").get(number).shipments] == [("顺丰", "SF1")]
    by_order = sheet.replace(shipment, number)
    assert figures(desk.go("ops", "waybills", by_order)) == (0, 0, 1, 0)
    check_books(trade)


def test_wrong_lines_hold_everything_back(trade: Database, who: Who, desk: Desk) -> None:
    good = who("gz").place({"TV": 1})
    apart = who("gz").place({"AC": 7}, key="k2")  # at two places: one waybill cannot carry it
    waiting = who("gz").place({"LATE": 1}, key="k3")
    done = who("gz").place({"TV": 2}, key="k4")
    who("ops").do(ship_order, done, carrier="德邦", waybill="D1")
    sheet = (
        f"{HEAD}{good},顺丰,SF1,,,\n{apart},顺丰,SF2,,,\n{waiting},顺丰,SF3,,,\n{done},顺丰,SF4,,,\n"
        f"SO-0,顺丰,SF5,,,\n{good}-1,顺丰,SF6,2026-10-16,,\n{good}-1,顺丰,SF7,gestern,,\n{good},顺丰,,,,\n"
    )
    before = counts(trade)["parts"], counts(trade)["shipments"], stock(trade)
    result = desk.go("ops", "waybills", sheet)
    assert (figures(result), result["is_committed"]) == ((1, 0, 0, 7), False)
    assert [(one["line"], one["field"]) for one in result["problems"]] == [
        (3, ""),
        (4, ""),
        (5, ""),
        (6, ""),
        (7, "shipped_at"),
        (8, "shipped_at"),
        (9, "waybill"),
    ]
    assert (counts(trade)["parts"], counts(trade)["shipments"], stock(trade)) == before
    check_books(trade)


def test_a_partner_ships_its_own_by_sheet(trade: Database, who: Who, desk: Desk) -> None:
    number = who("gz").place({"AC": 1}, seller="GD")
    sheet = f"{HEAD}{number},顺丰,SF1,,,\n"
    for name in ("ops", "sz"):
        assert figures(desk.go(name, "waybills", sheet))[3] == 1
    assert figures(desk.go("gd", "waybills", sheet)) == (1, 0, 0, 0)
    check_books(trade)
