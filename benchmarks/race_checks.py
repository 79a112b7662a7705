"""What must hold after a race, counted from the rows and from what the callers wrote down."""

import io
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlmodel import Session, select

Notes = Sequence[dict[str, Any]]


def check_race(url: str, told: Notes) -> dict[str, Any]:
    """What is broken, by kind (all empty: nothing), and how much was looked at."""
    from distrib_app.core.kernel.access import SYSTEM
    from distrib_app.core.kernel.db import Database
    from distrib_app.gate import install_tables

    install_tables()
    left = connections(url)
    database = Database(url)
    keys, doubled = ask_again(database, told)
    with database.read(SYSTEM) as session:
        broken = {
            "invariants": invariants(database, session),
            "oversold": oversold(session),
            "lost_or_doubled_movements": movements(session, told),
            "keys_with_another_order": doubled,
            "orders_without_caller": strangers(session, told),
            "shipments": shipments(session, told),
            "transfers": transfers(session, told),
            "connections_left": left,
        }
        rows = counted(session)
    database.dispose()
    return {"keys_asked_again": keys, "rows": rows, "broken": broken}


def connections(url: str) -> list[str]:
    """Connections to the database a while after all callers have gone."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    query = text(
        "SELECT state || ': ' || left(query, 80) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    left: list[str] = []
    with engine.connect() as connection:
        for _ in range(50):
            left = [str(row[0]) for row in connection.execute(query)]
            if not left:
                break
            time.sleep(0.1)
    engine.dispose()
    return left


def ask_again(database: Any, told: Notes) -> tuple[int, list[str]]:
    """Place every order again with its key: how many keys, and those that gave another order or several."""
    from distrib_app.core.kernel.errors import DomainError

    from .race_actions import Step, order_again

    asked, wrong = 0, []
    for note in told:
        if note["verb"] != "place" or note["was"] == "refused":
            continue
        step = Step(database, None, note["name"], io.StringIO())  # type: ignore[arg-type]
        try:
            first = order_again(step, note["seller"], note["buyer"], note["lines"])
        except DomainError as error:
            if note["was"] == "done":
                wrong.append(f"{note['name']}: {error.code}")
            continue
        asked += 1
        if note["was"] == "done" and first != note["result"]:
            wrong.append(f"{note['name']}: {note['result']} / {first}")
        note["result"] = first
    numbers = Counter(note["result"][0] for note in told if note["verb"] == "place" and note.get("result"))
    return asked, wrong + [number for number, count in numbers.items() if count > 1]


def invariants(database: Any, session: Session) -> list[str]:
    """The platform's own checks that are not clean."""
    from distrib_app.core.analytics import LakeStore
    from distrib_app.core.invariants import check_all

    with tempfile.TemporaryDirectory() as folder:
        store = LakeStore(database, Path(folder))
        return [
            f"{found.name}: {found.detail}" for found in check_all(session, store=store) if not found.is_clean
        ]


def oversold(session: Session) -> list[str]:
    """Places where the movements, one after the other, went below zero or below what was reserved."""
    from distrib_app.core.inventory import Movement

    held: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    wrong: Counter[str] = Counter()
    for row in session.exec(select(Movement).order_by(Movement.id)):  # type: ignore[arg-type]
        one = held[row.location_id, row.sku_id]
        one[0] += row.on_hand_delta
        one[1] += row.reserved_delta
        if not 0 <= one[1] <= one[0]:
            wrong[f"{row.location_id}/{row.sku_id}"] += 1
    return [f"{place}: {times} times" for place, times in wrong.items()]


def movements(session: Session, told: Notes) -> list[str]:
    """Receipts and corrections: acknowledged ones are booked once, refused ones not, unanswered ones maybe.

    A correction downwards writes a row for each layer it takes from, so quantities are compared.
    """
    from distrib_app.core.inventory import Movement

    booked: Counter[str] = Counter()
    for row in session.exec(select(Movement)):
        booked[row.cause] += row.on_hand_delta
    wrong = []
    for note in told:
        if note["verb"] in {"receive", "correct"}:
            allowed = {"done": (note["qty"],), "open": (0, note["qty"])}.get(note["was"], (0,))
            if booked[note["name"]] not in allowed:
                wrong.append(f"{note['name']} {note['qty']} {note['was']}: {booked[note['name']]}")
    return wrong


def strangers(session: Session, told: Notes) -> list[str]:
    """Orders that nobody placed."""
    from distrib_app.core.orders import SalesOrder

    known = {note["result"][0] for note in told if note["verb"] == "place" and note.get("result")}
    return [number for number in session.exec(select(SalesOrder.number)) if number not in known]


def shipments(session: Session, told: Notes) -> list[str]:
    """Acknowledged shipments that are not there, and parts that left twice."""
    from distrib_app.core.inventory import Movement, MovementKind, Shipment
    from distrib_app.core.orders import FulfilmentLine, FulfilmentOrder

    there = set(session.exec(select(Shipment.number)))
    wrong = [
        number
        for note in told
        if note["verb"] in {"ship_order", "ship_parts"} and note["was"] == "done"
        for number in note["result"]
        if number not in there
    ]
    left: Counter[tuple[str, int]] = Counter()
    for row in session.exec(select(Movement).where(Movement.kind == MovementKind.SHIP)):
        left[row.cause, row.sku_id] -= row.on_hand_delta
    parts = {part.id: part.number for part in session.exec(select(FulfilmentOrder))}
    sent: Counter[tuple[str, int]] = Counter()
    for line in session.exec(select(FulfilmentLine)):
        sent[parts[line.fulfilment_id], line.sku_id] += line.shipped_qty
    wrong += [
        f"{part}/{sku}: left {left[part, sku]}, shipped {sent[part, sku]}"
        for part, sku in left.keys() | {key for key, qty in sent.items() if qty}
        if left[part, sku] != sent[part, sku]
    ]
    return wrong


def transfers(session: Session, told: Notes) -> list[str]:
    """Acknowledged transfers that are not there or not as asked, and transfers that nobody asked for."""
    from distrib_app.core.catalog import Sku
    from distrib_app.core.inventory import Transfer, TransferLine

    rows = session.exec(
        select(Transfer.number, Sku.code, TransferLine.qty)
        .join(TransferLine, TransferLine.transfer_id == Transfer.id)  # type: ignore[arg-type]
        .join(Sku, Sku.id == TransferLine.sku_id)  # type: ignore[arg-type]
    )
    there: dict[str, dict[str, int]] = defaultdict(dict)
    for number, sku, qty in rows:
        there[number][sku] = qty
    asked = [note for note in told if note["verb"] == "transfer"]
    done = {note["result"][0]: note["lines"] for note in asked if note["was"] == "done"}
    wrong = [number for number, lines in done.items() if there.get(number) != lines]
    unanswered = sum(note["was"] == "open" for note in asked)
    return wrong + (["strangers"] if len(there.keys() - done.keys()) > unanswered else [])


def counted(session: Session) -> dict[str, int]:
    """Rows that the race left."""
    return {
        table: int(session.connection().execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
        for table in (
            "sales_order",
            "fulfilment_order",
            "shipment",
            "stock_transfer",
            "stock_movement",
            "journal_leg",
            "invoice",
        )
    }
