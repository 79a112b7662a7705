"""The round that looks for exceptions: one task per part and kind, cured by itself or settled by hand."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlmodel import select

from distrib_app.core.inventory import (
    Handover,
    record_shipment_event,
    renew_carrier_secret,
    set_carrier,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError
from distrib_app.core.kernel.events import Event, install_reactions
from distrib_app.core.orders import RoundCount, pick_part, return_goods, ship_order, watch_orders
from distrib_app.core.reactions import REACTIONS
from distrib_app.core.workbench import Task, resolve_task
from tests.core.channels.town import partner_ids
from tests.core.inventory.shop import NOW

from .test_carrying import report
from .trade import Trader, counts

Who = Callable[[str], Trader]


@pytest.fixture(autouse=True)
def reacting() -> Iterator[None]:
    install_reactions({"shipment.reported": REACTIONS["shipment.reported"]})
    yield
    install_reactions({})


def look(database: Database, at: datetime) -> tuple[int, int]:
    with database.write(SYSTEM) as session:
        count: RoundCount = watch_orders(session, SYSTEM, now=at)
    assert count.is_complete
    return count.raised, count.cured


def tasks(database: Database) -> list[tuple[str, str, str, str]]:
    """(kind, part, status, owner) of every task."""
    codes = {key: code for code, key in partner_ids(database).items()}
    with database.read(SYSTEM) as session:
        rows = session.exec(select(Task).order_by(Task.id)).all()
        return [(row.kind, row.subject_key, row.status, codes[row.owner_id]) for row in rows]


def history(database: Database, number: str) -> list[tuple[str, str]]:
    with database.read(SYSTEM) as session:
        rows = session.exec(
            select(Event).where(Event.subject_key == number, Event.kind.like("order.exception%"))
        )
        return [(row.kind, row.payload["exception"]) for row in rows]


def send(who: Who, at: datetime = NOW, **facts: Any) -> tuple[str, str]:
    number = who("gz").place({"TV": 3}, **facts)
    [shipment] = who("ops").do(ship_order, number, carrier="顺丰", waybill="SF1", now=at)
    return number, shipment


def test_not_shipped_is_a_task_once_and_cured_by_shipping(trade: Database, who: Who) -> None:
    number = who("gz").place({"TV": 3})
    # Thursday noon: 24 working hours of brand direct end on Monday afternoon or Tuesday noon
    assert look(trade, NOW + timedelta(hours=5)) == (0, 0)
    late = NOW + timedelta(days=6)
    assert look(trade, late)[0] >= 1
    assert ("order_unshipped", f"{number}-1", "open", "BR") in tasks(trade)
    before = counts(trade)
    assert look(trade, late + timedelta(hours=1)) == (0, 0)
    assert counts(trade) == before
    who("ops").do(ship_order, number, now=late)
    assert look(trade, late + timedelta(hours=1))[1] >= 1
    assert ("order_unshipped", f"{number}-1", "cured", "BR") in tasks(trade)
    assert ("order.exception_cured", "order_unshipped") in history(trade, number)
    assert look(trade, late + timedelta(hours=2)) == (0, 0)


def test_picking_alone_cures_nothing(trade: Database, who: Who) -> None:
    number = who("gz").place({"TV": 3})
    late = NOW + timedelta(days=6)
    look(trade, late)
    who("ops").do(pick_part, f"{number}-1", now=late)
    assert look(trade, late) == (0, 0)


def connect(database: Database) -> None:
    with database.write(SYSTEM) as session:
        set_carrier(session, SYSTEM, code="SF", name="顺丰", now=NOW)
        renew_carrier_secret(session, SYSTEM, code="SF", now=NOW)


def test_a_carrier_that_never_tells_anything_is_not_silent(trade: Database, who: Who) -> None:
    number, shipment = send(who)
    later = NOW + timedelta(hours=60)
    look(trade, later)
    assert "order_no_scan" not in {kind for kind, *_ in tasks(trade)}
    report(who("ops"), shipment, "picked_up")  # from now on it is expected to go on telling
    look(trade, later)
    assert ("order_no_scan", f"{number}-1", "open", "BR") in tasks(trade)


def test_silence_ends_with_a_scan(trade: Database, who: Who) -> None:
    connect(trade)
    number, shipment = send(who)
    later = NOW + timedelta(hours=49)
    raised, _ = look(trade, later)
    assert raised >= 1
    assert ("order_no_scan", f"{number}-1", "open", "BR") in tasks(trade)
    with trade.write(SYSTEM) as session:
        record_shipment_event(
            session,
            SYSTEM,
            shipment_number=shipment,
            kind="arrived_hub",
            occurred_at=later - timedelta(hours=1),
            source_key="1",
            now=later,
        )
    look(trade, later)
    assert ("order_no_scan", f"{number}-1", "cured", "BR") in tasks(trade)


def test_refused_is_settled_by_taking_the_goods_back(trade: Database, who: Who) -> None:
    number, shipment = send(who)
    report(who("ops"), shipment, "refused")
    assert look(trade, NOW) == (1, 0)
    report(who("ops"), shipment, "arrived_hub", 3)  # on its way back: the same refusal
    assert look(trade, NOW) == (0, 0)
    who("ops").do(return_goods, number, lines=[(1, 3)], reason="拒收", idempotency_key="r")
    assert look(trade, NOW) == (0, 1)
    assert tasks(trade) == [("order_refused", f"{number}-1", "cured", "BR")]
    assert history(trade, number) == [
        ("order.exception_raised", "order_refused"),
        ("order.exception_cured", "order_refused"),
    ]


def test_signed_short_is_settled_by_a_credit_note(trade: Database, who: Who) -> None:
    number, shipment = send(who)
    report(who("ops"), shipment, "delivered", handover=Handover("王五", "440100", 2))
    assert look(trade, NOW) == (1, 0)
    who("ops").do(return_goods, number, lines=[(1, 1)], reason="短少", idempotency_key="r1")
    assert look(trade, NOW) == (0, 0)
    who("ops").do(return_goods, number, lines=[(1, 1)], reason="短少", idempotency_key="r2")
    assert look(trade, NOW) == (0, 1)
    assert tasks(trade) == [("order_short", f"{number}-1", "cured", "BR")]


def test_signed_elsewhere_is_settled_by_hand_for_good(trade: Database, who: Who) -> None:
    number, shipment = send(who)
    report(who("ops"), shipment, "delivered", handover=Handover("王五", "440300"))
    assert look(trade, NOW) == (1, 0)
    with trade.read(SYSTEM) as session:
        task = session.exec(select(Task)).one()
    assert (task.severity, task.evidence[0]["facts"]) == ("high", {"there": "440300", "home": "440100"})
    assert task.due_at == NOW + timedelta(hours=5)  # 12:00, four working hours around the noon break
    ops = who("ops")
    with trade.write(ops.actor) as session:
        resolve_task(session, ops.actor, number=task.number, resolution="checked", reason="门店代收", now=NOW)
    assert look(trade, NOW + timedelta(days=1)) == (0, 0)
    assert tasks(trade) == [("order_elsewhere", f"{number}-1", "done", "BR")]


def test_delivered_at_home_in_full_is_nobody_s_task(trade: Database, who: Who) -> None:
    _, shipment = send(who)
    report(who("ops"), shipment, "delivered", handover=Handover("王五", "440106"))
    assert look(trade, NOW + timedelta(days=30)) == (0, 0)


def test_only_the_system_looks(trade: Database, who: Who) -> None:
    for name in ("ops", "gz", "boss"):
        actor = who(name).actor
        with pytest.raises(ForbiddenError), trade.write(actor) as session:
            watch_orders(session, actor, now=NOW)


def test_a_round_takes_few_statements_however_many_parts(trade: Database, who: Who) -> None:
    said: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    def statements() -> int:
        said.clear()
        sqlalchemy_event.listen(trade.engine, "before_cursor_execute", note)
        assert look(trade, NOW) == (0, 0)
        sqlalchemy_event.remove(trade.engine, "before_cursor_execute", note)
        return len(said)

    send(who, key="k0")
    few = statements()
    for index in range(1, 6):
        send(who, key=f"k{index}")
    assert statements() == few <= 14
