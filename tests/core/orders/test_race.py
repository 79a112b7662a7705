"""T12: two processes want 200 units, 100 are there; two threads want the same credit, the same key."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sqlmodel import func, select

from distrib_app.core.accounts import Commitment, set_credit
from distrib_app.core.channels import Partner
from distrib_app.core.inventory import Movement
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import DomainError
from distrib_app.core.kernel.events import Event
from distrib_app.core.orders import (
    FulfilmentLine,
    FulfilmentOrder,
    SalesOrder,
    cancel_order,
    release_order,
    ship_order,
    ship_parts,
)
from tests.core.inventory.shop import NOW, stock

from .trade import Trader, check_books

ROOT = Path(__file__).resolve().parents[3]


def race(database: Database, count: int) -> list[str]:
    """What each of two processes (another buyer each) said of its `count` orders, from one start signal."""
    url = database.engine.url.render_as_string(hide_password=False)
    start = str(time.time() + 2.5)
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
            "lines": session.exec(select(func.sum(FulfilmentLine.reserved_qty))).one(),
            "parts": session.exec(select(func.count(FulfilmentOrder.id))).one(),
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


def together(*calls: Callable[[], str]) -> list[str]:
    """What several calls, started at once in threads of their own, returned or were refused with."""
    barrier = threading.Barrier(len(calls))
    answers: list[str] = [""] * len(calls)

    def run(index: int, call: Callable[[], str]) -> None:
        barrier.wait()
        try:
            answers[index] = call()
        except DomainError as error:
            answers[index] = error.code

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def _limit(database: Database, amount: int, *, version: int) -> None:
    with database.write(SYSTEM) as session:
        set_credit(
            session,
            SYSTEM,
            seller_code="BR",
            buyer_code="GZ",
            credit_limit_amount=amount,
            version=version,
            now=NOW,
        )


def test_two_orders_at_once_share_one_credit_limit(trade: Database) -> None:
    _limit(trade, 339_000, version=1)
    system = Trader(trade, SYSTEM)
    answers = together(*[lambda key=key: system.place({"AC": 1}, key=key) for key in ("a", "b", "c")])
    # one takes the credit, two wait for it with their stock; the limit is never committed twice
    assert sorted(system.get(number).status for number in answers) == ["allocated", "held", "held"]
    assert stock(trade)["PLANT", "AC"] == (5, 3)
    with trade.read(SYSTEM) as session:
        assert session.exec(select(Commitment.amount)).all() == [339_000]
    check_books(trade)


def test_two_buyers_at_once_share_their_sellers_credit_with_the_brand(trade: Database) -> None:
    # GD has four AC; each order takes two more than that from the brand, on GD's own credit there
    with trade.write(SYSTEM) as session:
        set_credit(
            session,
            SYSTEM,
            seller_code="BR",
            buyer_code="GD",
            credit_limit_amount=2 * 339_000,
            version=1,
            now=NOW,
        )
    system = Trader(trade, SYSTEM)
    system.place({"AC": 4}, seller="GD", buyer="GZ", key="first")
    answers = together(
        *[
            lambda buyer=buyer: system.place({"AC": 2}, seller="GD", buyer=buyer, key=buyer)
            for buyer in ("GZ", "SZ")
        ]
    )
    assert sorted(answer.startswith("SO-") for answer in answers) == [False, True], answers
    with trade.read(SYSTEM) as session:
        codes = dict(session.exec(select(Partner.code, Partner.id)).all())
        with_brand = session.exec(
            select(func.sum(Commitment.amount)).where(Commitment.seller_id == codes["BR"])
        ).one()
    assert with_brand == 2 * 339_000
    check_books(trade)


def test_two_releases_at_once_share_one_credit_limit(trade: Database) -> None:
    system = Trader(trade, SYSTEM)
    _limit(trade, 0, version=1)
    numbers = [system.place({"AC": 1}, key=key) for key in ("a", "b")]
    assert [system.get(number).status for number in numbers] == ["held", "held"]
    _limit(trade, 339_000, version=2)
    answers = together(*[lambda number=number: system.do(release_order, number) for number in numbers * 2])
    # one goes on and its double finds nothing to release; the other order waits, whoever asks
    assert sorted(set(answers) - set(numbers)) == ["still_held", "transition"]
    assert answers.count("transition") == 1 and answers.count("still_held") == 2
    assert sorted(system.get(number).status for number in numbers) == ["allocated", "held"]
    with trade.read(SYSTEM) as session:
        assert session.exec(select(Commitment.amount)).all() == [339_000]
    check_books(trade)


def test_parts_shipped_together_and_each_alone_at_once_leave_once(trade: Database) -> None:
    system = Trader(trade, SYSTEM)
    numbers = [system.place({"AC": 1}, key=key) for key in ("a", "b")]

    def merged() -> str:
        with trade.write(SYSTEM) as session:
            names = [f"{number}-1" for number in numbers]
            return ship_parts(session, SYSTEM, numbers=names, now=NOW).number

    answers = together(
        merged, *[lambda number=number: str(system.do(ship_order, number)) for number in numbers]
    )
    shipped = [answer for answer in answers if answer != "transition"]
    assert len(shipped) in (1, 2)
    assert [system.get(number).status for number in numbers] == ["shipped", "shipped"]
    assert stock(trade)["PLANT", "AC"] == (3, 0)
    check_books(trade)


def test_the_same_key_at_once_is_one_order(trade: Database) -> None:
    system = Trader(trade, SYSTEM)
    answers = together(*[lambda: system.place({"AC": 2}, key="same")] * 3)
    assert len(set(answers)) == 1
    assert answers[0].startswith("SO-")
    assert stock(trade)["PLANT", "AC"] == (5, 2)
    check_books(trade)


def test_shipping_and_cancelling_at_once_is_one_of_them(trade: Database) -> None:
    system = Trader(trade, SYSTEM)
    number = system.place({"AC": 2})
    answers = together(
        lambda: system.do(ship_order, number),
        lambda: system.do(cancel_order, number),
        lambda: system.do(ship_order, number),
    )
    assert answers.count("transition") == 2
    check_books(trade)
