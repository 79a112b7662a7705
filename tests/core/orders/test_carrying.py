"""What carriers report moves shipments, parts and orders: each report once, in whatever order it comes."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import func, select

from distrib_app.core.inventory import (
    Handover,
    NotYourShipmentError,
    Shipment,
    ShipmentEvent,
    events_of,
    get_shipment,
    record_shipment_event,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import DomainError, ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.events import install_reactions
from distrib_app.core.orders import deliver_part, return_goods, ship_order, ship_parts
from distrib_app.core.reactions import REACTIONS
from tests.core.inventory.shop import NOW, stock

from .trade import Trader, check_books, counts

Who = Callable[[str], Trader]


@pytest.fixture(autouse=True)
def reacting() -> Iterator[None]:
    """As the composition root does; notices of tasks are not looked at here."""
    install_reactions({"shipment.reported": REACTIONS["shipment.reported"]})
    yield
    install_reactions({})


def at(hours: int) -> datetime:
    return NOW - timedelta(hours=48 - hours)


def report(trader: Trader, shipment: str, kind: str, hours: int = 1, **facts: Any) -> bool:
    """Something that happened `hours` after the start, two days ago."""
    with trader.database.write(trader.actor) as session:
        return record_shipment_event(
            session,
            trader.actor,
            shipment_number=shipment,
            kind=kind,
            **({"occurred_at": at(hours), "source_key": f"{kind}-{hours}", "now": NOW} | facts),
        )


def states(trader: Trader, number: str, shipment: str) -> tuple[str, list[str], str]:
    detail = trader.get(number)
    with trader.database.read(trader.actor) as session:
        return detail.status, [part.status for part in detail.parts], get_shipment(session, shipment).status


def sent(who: Who, lines: dict[str, int] | None = None) -> tuple[str, str]:
    number = who("gz").place(lines or {"TV": 3})
    return number, who("ops").do(ship_order, number, carrier="顺丰", waybill="SF1")[0]


def test_picked_up_scanned_and_delivered(trade: Database, who: Who) -> None:
    number, shipment = sent(who)
    ops = who("ops")
    assert [part.version for part in ops.get(number).parts] == [2]
    assert report(ops, shipment, "picked_up")
    assert states(ops, number, shipment) == ("in_transit", ["in_transit"], "in_transit")
    assert report(ops, shipment, "arrived_hub", 3, place="广州分拨中心")
    handover = Handover("王五", "440100")
    assert report(ops, shipment, "delivered", 8, place="天河", handover=handover)
    assert states(who("gz"), number, shipment) == ("delivered", ["delivered"], "delivered")
    assert stock(trade)["GZ-WH", "TV"] == (3, 0)
    detail = who("gz").get(number)
    assert [part.version for part in detail.parts] == [4]
    assert [(row.delivered_at, row.signed_by) for row in detail.shipments] == [(at(8), "王五")]
    assert [event.kind for event in detail.events] == [
        "order.placed",
        "order.shipped",
        "order.in_transit",
        "order.delivered",
    ]
    with trade.read(who("gz").actor) as session:
        [rows] = events_of(session, shipment_numbers=[shipment]).values()
    assert [(row.kind, row.occurred_at, row.place, row.signed_by, row.region_code) for row in rows] == [
        ("picked_up", at(1), "", "", ""),
        ("arrived_hub", at(3), "广州分拨中心", "", ""),
        ("delivered", at(8), "天河", "王五", "440100"),
    ]
    check_books(trade)


def test_the_same_report_is_one(trade: Database, who: Who) -> None:
    number, shipment = sent(who)
    assert report(who("ops"), shipment, "delivered", source="SF", source_key="m1")
    before = counts(trade)
    assert not report(who("ops"), shipment, "delivered", source="SF", source_key="m1")
    assert not report(who("ops"), shipment, "lost", source="SF", source_key="m1")
    assert counts(trade) == before
    assert report(who("ops"), shipment, "note", source="SF", source_key="m2")
    assert states(who("ops"), number, shipment) == ("delivered", ["delivered"], "delivered")
    check_books(trade)


def test_late_reports_take_nothing_back(trade: Database, who: Who) -> None:
    number, shipment = sent(who)
    for kind, hours in (("delivered", 9), ("arrived_hub", 3), ("refused", 12), ("lost", 2)):
        report(who("ops"), shipment, kind, hours)
        assert states(who("ops"), number, shipment) == ("delivered", ["delivered"], "delivered")
    assert stock(trade)["GZ-WH", "TV"] == (3, 0)
    check_books(trade)


def test_refused_then_delivered_at_a_second_attempt(trade: Database, who: Who) -> None:
    number, shipment = sent(who)
    report(who("ops"), shipment, "refused", 5)
    assert states(who("ops"), number, shipment) == ("in_transit", ["in_transit"], "refused")
    report(who("ops"), shipment, "arrived_hub", 6)
    assert states(who("ops"), number, shipment)[2] == "refused"
    report(who("ops"), shipment, "out_for_delivery", 20)
    report(who("ops"), shipment, "delivered", 21)
    assert states(who("ops"), number, shipment) == ("delivered", ["delivered"], "delivered")


def test_a_shipment_that_is_under_way_by_other_accounts(trade: Database, who: Who) -> None:
    """As imported history leaves it: in transit, without a report. A note does not put it back."""
    number, shipment = sent(who)
    with trade.write(SYSTEM) as session:
        session.exec(select(Shipment)).one().status = "in_transit"
    report(who("ops"), shipment, "note")
    assert states(who("ops"), number, shipment) == ("in_transit", ["in_transit"], "in_transit")
    report(who("ops"), shipment, "picked_up", 2)
    kinds = [event.kind for event in who("gz").get(number).events]
    assert kinds == ["order.placed", "order.shipped", "order.in_transit"]


def test_who_may_report(trade: Database, who: Who) -> None:
    _, shipment = sent(who)
    before = counts(trade)
    for name, facts, error in (
        ("boss", {}, ForbiddenError),
        ("gz", {}, NotYourShipmentError),
        ("sz", {}, NotFoundError),
        ("ops", {"kind": "teleported"}, InvalidError),
        ("ops", {"occurred_at": NOW + timedelta(minutes=11)}, InvalidError),
        ("ops", {"occurred_at": NOW.replace(tzinfo=None)}, InvalidError),
        ("ops", {"source_key": " "}, InvalidError),
        ("ops", {"place": "x" * 81}, InvalidError),
        ("ops", {"handover": Handover(region_code="999999")}, NotFoundError),
        ("ops", {"handover": Handover(short_qty=4)}, InvalidError),
        ("ops", {"handover": Handover(short_qty=-1)}, InvalidError),
    ):
        with pytest.raises(error):
            report(who(name), shipment, **({"kind": "delivered"} | facts))
    with pytest.raises(NotFoundError):
        report(who("ops"), "SH-0", "delivered")
    assert counts(trade) == before


def test_a_shipment_of_two_orders_arrives_for_both(trade: Database, who: Who) -> None:
    numbers = [who("gz").place({"TV": qty}, key=f"k{qty}") for qty in (1, 2)]
    ops = who("ops")
    with trade.write(ops.actor) as session:
        parts = [f"{number}-1" for number in numbers]
        shipment = ship_parts(session, ops.actor, numbers=parts, now=NOW).number
    assert [part.version for number in numbers for part in ops.get(number).parts] == [2, 2]
    report(ops, shipment, "delivered")
    assert [ops.get(number).status for number in numbers] == ["delivered"] * 2
    assert stock(trade)["GZ-WH", "TV"] == (3, 0)
    check_books(trade)


def test_delivered_by_hand_before_the_carrier_says_so(trade: Database, who: Who) -> None:
    number, shipment = sent(who)
    who("gz").do(deliver_part, f"{number}-1", signed_by="李四", version=2)
    report(who("ops"), shipment, "delivered", 7, handover=Handover("王五"))
    [row] = who("gz").get(number).shipments
    assert (row.delivered_at, row.signed_by) == (NOW, "李四")
    assert [part.version for part in who("gz").get(number).parts] == [3]
    assert stock(trade)["GZ-WH", "TV"] == (3, 0)
    check_books(trade)


def give_back(who: Who, number: str, *lines: tuple[int, int], key: str = "r1") -> None:
    who("ops").do(return_goods, number, lines=lines, reason="拒收", idempotency_key=key)


def test_an_order_that_came_back_altogether_is_returned(trade: Database, who: Who) -> None:
    number, shipment = sent(who)
    give_back(who, number, (1, 2))
    assert states(who("ops"), number, shipment)[:2] == ("shipped", ["shipped"])
    give_back(who, number, (1, 1), key="r2")
    assert states(who("ops"), number, shipment)[:2] == ("returned", ["returned"])
    assert not any(action.is_allowed for action in who("ops").get(number).actions)
    report(who("ops"), shipment, "delivered")  # the carrier hands it over nevertheless: nothing is received
    assert states(who("ops"), number, shipment) == ("returned", ["returned"], "delivered")
    assert ("GZ-WH", "TV") not in stock(trade)
    check_books(trade)


def test_one_part_came_back_the_other_arrives(trade: Database, who: Who) -> None:
    number = who("gz").place({"AC": 7})  # five from one place, two from the other
    shipments = who("ops").do(ship_order, number)
    give_back(who, number, (1, 5))
    detail = who("ops").get(number)
    assert (detail.status, sorted(part.status for part in detail.parts)) == (
        "shipped",
        ["returned", "shipped"],
    )
    for shipment in shipments:
        report(who("ops"), shipment, "delivered")
    detail = who("gz").get(number)
    assert sorted(part.status for part in detail.parts) == ["delivered", "returned"]
    assert (detail.status, stock(trade)["GZ-WH", "AC"]) == ("delivered", (2, 0))
    check_books(trade)


def test_five_at_once_are_one_report(trade: Database, who: Who) -> None:
    number, shipment = sent(who)
    said: list[bool] = []
    failed: list[DomainError] = []
    trader, gate = Trader(trade, SYSTEM), threading.Barrier(5)

    def tell() -> None:
        gate.wait()
        try:
            said.append(report(trader, shipment, "delivered", source="SF", source_key="m1"))
        except DomainError as error:
            failed.append(error)

    threads = [threading.Thread(target=tell) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(said), failed) == ([False] * 4 + [True], [])
    with trade.read(SYSTEM) as session:
        assert session.exec(select(func.count(ShipmentEvent.id))).one() == 1
    assert states(who("ops"), number, shipment) == ("delivered", ["delivered"], "delivered")
    assert stock(trade)["GZ-WH", "TV"] == (3, 0)
    check_books(trade)


def test_reports_and_a_signature_at_once_wait_for_each_other(trade: Database, who: Who) -> None:
    """Different reports of one shipment and a delivery by hand: no deadlock, one delivery."""
    number, shipment = sent(who)
    system, gz, gate = Trader(trade, SYSTEM), who("gz"), threading.Barrier(5)
    failed: list[BaseException] = []

    def tell(kind: str) -> None:
        gate.wait()
        try:
            if kind == "hand":
                gz.do(deliver_part, f"{number}-1", signed_by="李四")
            else:
                report(system, shipment, kind)
        except DomainError:
            pass  # the carrier was faster: nothing is on its way any more
        except BaseException as error:
            failed.append(error)

    kinds = ("picked_up", "arrived_hub", "out_for_delivery", "delivered", "hand")
    threads = [threading.Thread(target=tell, args=(kind,)) for kind in kinds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert states(who("ops"), number, shipment) == ("delivered", ["delivered"], "delivered")
    assert stock(trade)["GZ-WH", "TV"] == (3, 0)
    check_books(trade)
