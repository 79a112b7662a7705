"""T12: two processes want 200 units, 100 are there."""

import subprocess
import sys
import time
from pathlib import Path

from sqlmodel import func, select

from distrib_app.core.accounts import Commitment
from distrib_app.core.inventory import Movement
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.events import Event
from distrib_app.core.orders import OrderLine, SalesOrder
from tests.core.inventory.shop import stock

from .trade import check_books

ROOT = Path(__file__).resolve().parents[3]


def race(database: Database, count: int) -> list[str]:
    """What each of two processes (another buyer each) said of its `count` orders, from one start signal."""
    url = database.engine.url.render_as_string(hide_password=False)
    start = str(time.time() + 4)
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.core.orders.racer", url, buyer, start, str(count)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for buyer in ("GD", "GZ")
    ]
    said = []
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        said += out.splitlines()
    return said


def test_two_processes_never_oversell(trade: Database) -> None:
    said = race(trade, 100)
    assert len(said) == 200
    assert said.count("placed") == 100
    assert said.count("refused [('short_stock', 0)]") == 100
    assert stock(trade)["PLANT", "TV"] == (100, 100)
    with trade.read(SYSTEM) as session:
        counters = {
            "orders": session.exec(select(func.count(SalesOrder.id))).one(),
            "numbers": session.exec(select(func.count(func.distinct(SalesOrder.number)))).one(),
            "lines": session.exec(select(func.sum(OrderLine.reserved_qty))).one(),
            "reserved": session.exec(
                select(func.sum(Movement.reserved_delta)).where(Movement.kind == "reserve")
            ).one(),
            "movements": session.exec(
                select(func.count(Movement.id)).where(Movement.kind == "reserve")
            ).one(),
            "commitments": session.exec(select(func.count(Commitment.id))).one(),
            "events": session.exec(select(func.count(Event.id)).where(Event.kind == "order.placed")).one(),
        }
    assert counters == dict.fromkeys(counters, 100)
    check_books(trade)
