"""`upgrade head` equals the metadata on both databases, and old orders become orders in parts."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from distrib_app.core.invariants import INVARIANTS
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.migrate import alembic_config, upgrade
from distrib_app.core.orders import allocate_order, deliver_order, return_goods, ship_order
from distrib_app.core.tables import metadata
from tests.conftest import _execute, _named

from .rows_0002 import LATER, OldTrade


def test_head_equals_the_metadata(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata()) == []


def test_upgrade_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    with database.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() is not None


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database at revision 0002 with orders in it."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'old.db'}")
        yield _filled(database)
        database.dispose()
        return
    url, name = request.getfixturevalue("postgres_url"), f"old_{uuid.uuid4().hex[:12]}"
    _execute(url, f"CREATE DATABASE {name}")
    database = Database(_named(url, name))
    yield _filled(database)
    database.dispose()
    _execute(url, f"DROP DATABASE {name} WITH (FORCE)")


def _filled(database: Database) -> Database:
    writing = database.engine.execution_options(writing=True)
    with writing.begin() as connection:
        command.upgrade(alembic_config(connection), "0002")
    with writing.begin() as connection:
        OldTrade(connection)
    return database


def asked(database: Database, statement: str) -> list[Any]:
    with database.read(SYSTEM) as session:
        return [tuple(row) for row in session.connection().execute(text(statement))]


def broken(database: Database) -> dict[str, list[Any]]:
    """Every invariant that does not hold, with what breaks it."""
    found = {invariant.name: asked(database, invariant.offenders) for invariant in INVARIANTS}
    return {name: rows for name, rows in found.items() if rows}


def test_old_orders_become_orders_in_parts(old: Database) -> None:
    upgrade(old)
    assert asked(old, "SELECT number, status FROM sales_order ORDER BY number") == [
        ("SO-1", "confirmed"),
        ("SO-2", "allocated"),
        ("SO-3", "shipped"),
        ("SO-4", "delivered"),
        ("SO-5", "cancelled"),
        ("SO-6", "recorded"),
    ]
    parts = asked(
        old,
        "SELECT f.number, f.mode, f.status, a.code, h.number, f.gross_amount FROM fulfilment_order f "
        "LEFT JOIN location a ON a.id = f.location_id LEFT JOIN shipment h ON h.id = f.shipment_id "
        "ORDER BY f.number",
    )
    assert parts == [
        ("SO-1-1", "direct", "waiting", None, None, 332),
        ("SO-1-2", "direct", "allocated", "PLANT", None, 565),
        ("SO-1-3", "regional", "allocated", "SOUTH", None, 339),
        ("SO-2-1", "direct", "allocated", None, None, 212),
        ("SO-2-2", "direct", "allocated", "PLANT", None, 113),
        ("SO-3-1", "direct", "shipped", "PLANT", "SH-3", 226),
        ("SO-4-1", "direct", "delivered", "PLANT", "SH-4", 452),
        ("SO-4-2", "regional", "delivered", "SOUTH", "SH-4", 113),
        ("SO-5-1", "direct", "cancelled", None, None, 113),
        ("SO-5-2", "direct", "cancelled", "PLANT", None, 113),
    ]
    lines = asked(
        old,
        "SELECT f.number, l.line_no, s.code, l.qty, l.reserved_qty, l.shipped_qty, l.returned_qty, "
        "l.net_amount, l.tax_amount, j.document FROM fulfilment_line l "
        "JOIN fulfilment_order f ON f.id = l.fulfilment_id JOIN sku s ON s.id = l.sku_id "
        "LEFT JOIN journal_leg j ON j.id = l.leg_id ORDER BY f.number, l.line_no",
    )
    assert lines == [
        ("SO-1-1", 3, "AC", 2, 0, 0, 0, 200, 26, None),
        ("SO-1-1", 4, "POST", 1, 0, 0, 0, 100, 6, None),
        ("SO-1-2", 1, "AC", 5, 5, 0, 0, 500, 65, None),
        ("SO-1-3", 2, "AC", 3, 3, 0, 0, 300, 39, None),
        ("SO-2-1", 2, "POST", 2, 0, 0, 0, 200, 12, None),
        ("SO-2-2", 1, "AC", 1, 1, 0, 0, 100, 13, None),
        ("SO-3-1", 1, "AC", 2, 0, 2, 0, 200, 26, "SO-3"),
        ("SO-4-1", 1, "AC", 4, 0, 4, 1, 400, 52, "SO-4"),
        ("SO-4-2", 2, "AC", 1, 0, 1, 0, 100, 13, "SO-4"),
        ("SO-5-1", 2, "AC", 1, 0, 0, 0, 100, 13, None),
        ("SO-5-2", 1, "AC", 1, 0, 0, 0, 100, 13, None),
    ]
    assert broken(old) == {}
    with old.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata()) == []


def test_what_had_left_is_found_by_its_part_and_its_shipment(old: Database) -> None:
    upgrade(old)
    assert asked(
        old,
        "SELECT h.number, l.document, l.line_no, s.code, l.qty FROM shipment_line l "
        "JOIN shipment h ON h.id = l.shipment_id JOIN sku s ON s.id = l.sku_id "
        "ORDER BY l.document, l.line_no",
    ) == [
        ("SH-3", "SO-3-1", 1, "AC", 2),
        ("SH-4", "SO-4-1", 1, "AC", 4),
        ("SH-4", "SO-4-2", 2, "AC", 1),
    ]
    assert asked(
        old,
        "SELECT h.number, h.purpose, h.status, p.code, h.owner_path FROM shipment h "
        "JOIN partner p ON p.id = h.owner_id ORDER BY h.number",
    ) == [("SH-3", "order", "shipped", "BR", "/1/"), ("SH-4", "order", "delivered", "BR", "/1/")]
    # goods left for a part, and were received with the shipment
    assert asked(
        old, "SELECT cause, on_hand_delta FROM stock_movement WHERE kind = 'ship' ORDER BY cause"
    ) == [("SO-3-1", -2), ("SO-4-1", -4), ("SO-4-2", -1)]
    assert asked(old, "SELECT DISTINCT cause FROM stock_movement WHERE kind = 'receipt' ORDER BY cause") == [
        ("GRN",),
        ("SH-4",),
    ]
    assert asked(
        old,
        "SELECT f.number, l.line_no, r.qty FROM return_line r "
        "JOIN fulfilment_line l ON l.id = r.fulfilment_line_id "
        "JOIN fulfilment_order f ON f.id = l.fulfilment_id",
    ) == [("SO-4-1", 1, 1)]


def test_the_verbs_go_on_where_the_old_ones_stopped(old: Database) -> None:
    upgrade(old)
    for verb, number, facts in (
        (allocate_order, "SO-1", {}),
        (ship_order, "SO-1", {}),
        (ship_order, "SO-2", {}),
        (deliver_order, "SO-3", {"signed_by": "王五"}),
        (return_goods, "SO-4", {"lines": [(1, 3), (2, 1)], "reason": "", "idempotency_key": "r"}),
    ):
        with old.write(SYSTEM) as session:
            verb(session, SYSTEM, number=number, now=LATER, **facts)
        assert broken(old) == {}, (verb, number)
    assert asked(old, "SELECT number, status FROM sales_order ORDER BY number")[:4] == [
        ("SO-1", "shipped"),
        ("SO-2", "shipped"),
        ("SO-3", "delivered"),
        ("SO-4", "delivered"),
    ]
    assert asked(
        old,
        "SELECT a.code, b.on_hand_qty, b.reserved_qty FROM stock_balance b "
        "JOIN location a ON a.id = b.location_id ORDER BY a.code",
    ) == [("GZ-WH", 2, 0), ("PLANT", 10, 0), ("SOUTH", 17, 0)]
