"""Beginnings as ranges: what `str.startswith` says, on both databases, with every trap among the letters."""

import pytest
from sqlmodel import Session, col, select

from distrib_app.core import tables as _tables
from distrib_app.core.channels import Region, RegionLevel
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.prefix import begins_with, holds

assert _tables
TEXTS = (
    "a", "A", "ab", "a_b", "a%b", "a/b", "a0", "aB", "b", "ａ", "粤", "粤海", "粤\U0010ffff", "\ud7ff",
    "\ue000", "/1/2/", "/1/2/3/", "/1/20/", "zz", "Zhe", "é", "\U0010ffff\U0010ffff",
)  # fmt: skip


def _write(session: Session) -> None:
    session.add_all(
        Region(
            code=f"T{index}",
            name=text,
            name_en=text,
            short_name="",
            level=RegionLevel.CITY,
            path=f"T{index}/",
        )
        for index, text in enumerate(TEXTS)
    )


@pytest.fixture
def written(database: Database) -> Database:
    with database.write(SYSTEM) as session:
        _write(session)
    return database


def test_a_range_is_a_beginning(written: Database) -> None:
    with written.read(SYSTEM) as session:
        for prefix in (*TEXTS[:-1], "/1/2", "粤海x", "Z"):
            found = session.exec(
                select(Region.name).where(col(Region.code).startswith("T"), begins_with(Region.name, prefix))
            ).all()
            assert sorted(found) == sorted(text for text in TEXTS if text.startswith(prefix)), prefix


def test_inside_means_inside(written: Database) -> None:
    with written.read(SYSTEM) as session:
        for part in ("a", "B", "_", "%", "/", "海", "1/2", "zh"):
            found = session.exec(
                select(Region.name).where(col(Region.code).startswith("T"), holds(Region.name, part))
            ).all()
            expected = [text for text in TEXTS if part.lower() in _ascii_lower(text)]
            assert sorted(found) == sorted(expected), part


def _ascii_lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


def test_the_index_answers(written: Database) -> None:
    """No full scan: what the palette and every scope rest on."""
    statement = "SELECT id FROM partner WHERE code >= 'a' AND code < 'b'"
    pattern = "SELECT id FROM partner WHERE code ~>=~ 'a' AND code ~<~ 'b'"
    with written.engine.connect() as connection:
        if written.is_sqlite:
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all())
            assert "USING COVERING INDEX" in plan or "USING INDEX" in plan
        else:
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = str(connection.exec_driver_sql(f"EXPLAIN {pattern}").all())
            assert "ix_partner_code_prefix" in plan
