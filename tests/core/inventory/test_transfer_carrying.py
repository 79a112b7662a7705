"""A carrier moves a transfer: its history and its people follow; only who counts receives, and who gave
the goods says what became of the ones that never came."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from distrib_app.core.inventory import (
    ArrivedLine,
    Handover,
    NotYourShipmentError,
    approve_transfer,
    cancel_transfer,
    receive_transfer,
    record_shipment_event,
    settle_transfer,
    ship_transfer,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError, NotFoundError
from distrib_app.core.kernel.events import Event, install_reactions
from distrib_app.core.reactions import REACTIONS
from distrib_app.core.workbench import (
    ReasonMissingError,
    Task,
    find_open_task,
    resolve_task,
)
from tests.core.orders.books import invoices

from .haul import JULY, JUNE, Hauler, broken, moved
from .shop import NOW, check_stock, stock

SHIPPED = NOW - timedelta(hours=48)


@pytest.fixture(autouse=True)
def reacting() -> Iterator[None]:
    """As the composition root does; notices of tasks are not looked at here."""
    install_reactions({"shipment.reported": REACTIONS["shipment.reported"]})
    yield
    install_reactions({})


@pytest.fixture
def gd(haul: Database) -> Hauler:
    return Hauler.named(haul, "gd")


@pytest.fixture
def gz(haul: Database) -> Hauler:
    return Hauler.named(haul, "gz")


@pytest.fixture
def sz(haul: Database) -> Hauler:
    return Hauler.named(haul, "sz")


def sent(giver: Hauler, taker: Hauler, places: tuple[str, str], lines: dict[str, int]) -> tuple[str, str]:
    """A transfer on its way since two days: its number and its shipment's."""
    number = giver.ask(*places, lines)
    taker.do(approve_transfer, number)
    giver.do(ship_transfer, number, carrier="远达", waybill="YD1", now=SHIPPED)
    return number, giver.get(number).shipment.number


def tell(who: Hauler, shipment: str, kind: str, hours: int, **facts: Any) -> bool:
    with who.database.write(who.actor) as session:
        return record_shipment_event(
            session,
            who.actor,
            shipment_number=shipment,
            kind=kind,
            occurred_at=SHIPPED + timedelta(hours=hours),
            source_key=f"{kind}-{hours}",
            now=NOW,
            **facts,
        )


def history(haul: Database, number: str) -> list[str]:
    with haul.read(SYSTEM) as session:
        rows = session.exec(select(Event).where(Event.subject_key == number).order_by(Event.id))
        return [row.kind.removeprefix("transfer.") for row in rows]


def tasks(haul: Database) -> list[tuple[str, str, str]]:
    """(kind, status, resolution) of all tasks but the requests, in the order in which they were raised."""
    with haul.read(SYSTEM) as session:
        rows = session.exec(select(Task).where(Task.kind != "stock_transfer").order_by(Task.id))
        return [(row.kind, row.status, row.resolution) for row in rows]


def resolve(who: Hauler, number: str, resolution: str, reason: str = "查清了") -> None:
    with who.database.read(SYSTEM) as session:
        asked = select(Task.number).where(Task.kind == "transfer_short", Task.subject_key == number)
        task_number = session.exec(asked).one()
    with who.database.write(who.actor) as session:
        resolve_task(session, who.actor, number=task_number, resolution=resolution, reason=reason, now=NOW)


def test_carried_and_handed_over_is_not_received(haul: Database, gd: Hauler, gz: Hauler) -> None:
    number, shipment = sent(gd, gz, ("GD-WH", "GZ-WH"), {"AC": 4})
    version = gz.get(number).version
    assert tell(gd, shipment, "picked_up", 1)
    assert not tell(gd, shipment, "picked_up", 1)
    assert tell(gd, shipment, "exception", 3, note="车辆故障")
    assert tell(gd, shipment, "arrived_hub", 5, place="广州分拨中心")
    assert gz.get(number).shipment.status == "in_transit"
    assert tasks(haul) == [] and stock(haul)["GZ-WH", "AC"] == (7, 0)
    assert tell(gd, shipment, "delivered", 8, handover=Handover("前台小李"))
    found = gz.get(number)
    assert (found.status, found.shipment.status, found.version) == ("in_transit", "delivered", version)
    assert stock(haul)["GZ-WH", "AC"] == (7, 0)
    assert [event.kind for event in found.shipment.events] == [
        "picked_up",
        "exception",
        "arrived_hub",
        "delivered",
    ]
    assert gz.inbox() == [("transfer_arrived", number)] and gd.inbox() == []
    assert history(haul, number)[-3:] == ["shipped", "carried", "delivered"]
    assert gz.do(receive_transfer, number, lines=[ArrivedLine(1, 1)], signed_by="王") == "partly_received"
    assert gz.inbox() == [("transfer_arrived", number)]
    assert gz.do(receive_transfer, number, lines=[ArrivedLine(1, 3)], signed_by="王") == "settled"
    assert tasks(haul) == [("transfer_arrived", "cured", "cured")]
    # the carrier's handover stays on the paper
    shown = gz.get(number).shipment
    assert (shown.signed_by, shown.delivered_at) == ("前台小李", SHIPPED + timedelta(hours=8))
    assert tell(gd, shipment, "lost", 9) and gz.get(number).shipment.status == "delivered"
    assert tasks(haul) == [("transfer_arrived", "cured", "cured")]
    assert broken(haul) == {}


def test_who_counts_first_signs_and_a_late_report_changes_nothing(
    haul: Database, gd: Hauler, gz: Hauler
) -> None:
    number, shipment = sent(gd, gz, ("GD-WH", "GZ-WH"), {"AC": 4})
    gz.do(receive_transfer, number, lines=[ArrivedLine(1, 4)], signed_by="王")
    assert tell(gd, shipment, "delivered", 8, handover=Handover("前台小李"))
    shown = gz.get(number).shipment
    assert (shown.signed_by, shown.delivered_at) == ("王", NOW)
    assert tasks(haul) == [] and history(haul, number)[-1] == "settled"


def test_who_takes_does_not_report(haul: Database, gd: Hauler, gz: Hauler) -> None:
    number, shipment = sent(gd, gz, ("GD-WH", "GZ-WH"), {"AC": 4})
    with pytest.raises(NotYourShipmentError):
        tell(gz, shipment, "delivered", 1)
    assert gz.get(number).shipment.events == () and tasks(haul) == []


def test_refused_or_lost_is_the_givers_until_the_carrier_says_otherwise(
    haul: Database, gd: Hauler, gz: Hauler
) -> None:
    number, shipment = sent(gd, gz, ("GD-WH", "GZ-WH"), {"AC": 4})
    tell(gd, shipment, "refused", 2)
    assert gd.inbox() == [("transfer_refused", number)] and gz.inbox() == []
    tell(gd, shipment, "lost", 3)
    assert gd.inbox() == [("transfer_lost", number)]
    tell(gd, shipment, "out_for_delivery", 4)
    assert gd.inbox() == []
    tell(gd, shipment, "refused", 5)
    assert gd.inbox() == [("transfer_refused", number)]
    assert history(haul, number)[-4:] == ["refused", "lost", "carried", "refused"]
    gd.do(cancel_transfer, number, outcome="restore", reason="退回")
    assert gd.inbox() == []
    assert [one[:2] for one in tasks(haul)] == [
        ("transfer_refused", "cured"),
        ("transfer_lost", "cured"),
        ("transfer_refused", "cured"),
    ]
    check_stock(haul)
    assert broken(haul) == {}


def test_what_was_found_is_back_where_it_left(haul: Database, gz: Hauler, sz: Hauler) -> None:
    ops = Hauler.named(haul, "ops")
    number = ops.ask("GZ-WH", "SZ-WH", {"AC": 5})
    gz.do(approve_transfer, number)
    gz.do(ship_transfer, number)
    lines = [ArrivedLine(1, 2, 2, "lost")]
    assert sz.do(receive_transfer, number, lines=lines, signed_by="王") == "partly_received"
    assert gz.inbox() == []  # one unit is still on its way: nothing to settle yet
    lines = [ArrivedLine(1, 0, 1, "damaged")]
    assert sz.do(receive_transfer, number, lines=lines, signed_by="王") == "received"
    assert gz.inbox() == [("transfer_short", number)] and sz.inbox() == []
    with gz.database.read(gz.actor) as session:
        task = find_open_task(session, kind="transfer_short", subject=("transfer", number))
    # one of June and one of July, then another one of July
    assert (task.amount, task.facts["qty"]) == ((2000 + 2 * 2100) * 100, 3)
    with pytest.raises(ReasonMissingError):
        resolve(gz, number, "found", "  ")
    with pytest.raises(InvalidError):
        resolve(gz, number, "gone")
    with pytest.raises(NotFoundError):
        resolve(sz, number, "found")
    assert gz.get(number).status == "received" and stock(haul)["GZ-WH", "AC"] == (2, 0)
    resolve(gz, number, "found", "在月台找到")
    assert gz.get(number).status == "settled"
    assert stock(haul)["GZ-WH", "AC"] == (5, 0)
    assert moved(haul, number)[-3:] == [
        ("GZ-WH", "correction", 1, JUNE, 2000),
        ("GZ-WH", "correction", 1, JULY, 2100),
        ("GZ-WH", "correction", 1, JULY, 2100),
    ]
    assert tasks(haul) == [("transfer_short", "done", "found")]
    assert history(haul, number)[-2:] == ["short_settled", "settled"]
    assert [row[0] for row in invoices(haul)] == ["credit_note", "invoice"]
    check_stock(haul)
    assert broken(haul) == {}


@pytest.mark.parametrize("outcome", ["written_off", "claimed"])
def test_what_stays_lost_moves_nothing(haul: Database, gd: Hauler, gz: Hauler, outcome: str) -> None:
    number, _ = sent(gd, gz, ("GD-WH", "GZ-WH"), {"AC": 4})
    gz.do(receive_transfer, number, lines=[ArrivedLine(1, 3, 1, "lost")], signed_by="王")
    before = moved(haul, number)
    resolve(gd, number, outcome)
    assert moved(haul, number) == before and gd.get(number).status == "settled"
    assert tasks(haul) == [("transfer_short", "done", outcome)]
    assert broken(haul) == {}


def test_settled_by_hand_asks_no_more(haul: Database, gd: Hauler, gz: Hauler) -> None:
    number, _ = sent(gd, gz, ("GD-WH", "GZ-WH"), {"AC": 4})
    gz.do(receive_transfer, number, lines=[ArrivedLine(1, 3, 1, "not_sent")], signed_by="王")
    with gd.database.read(gd.actor) as session:
        task = find_open_task(session, kind="transfer_short", subject=("transfer", number))
    assert (task.amount, stock(haul)["GD-WH", "AC"]) == (None, (1, 0))  # nothing was written off
    gd.do(settle_transfer, number)
    assert tasks(haul) == [("transfer_short", "cured", "cured")] and gd.inbox() == []
