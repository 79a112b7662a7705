"""Prepared statements beside the ORM: where they may decide, what they write, in which order."""

from datetime import date, timedelta

import pytest
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from distrib_app.core.channels import Region
from distrib_app.core.kernel.access import SYSTEM, unscoped
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import UnreachedTableError
from distrib_app.core.kernel.numbers import NumberSeries
from distrib_app.core.kernel.rows import add_all, decide, insert_all, table_of, update_all

DAY = date(2026, 10, 15)
_region, _series = table_of(Region), table_of(NumberSeries)
BY_CODE = select(_region.c.name).where(_region.c.code == bindparam("code"))
ALL_SERIES = select(_series.c.kind, _series.c.last).order_by(_series.c.kind)
RAISE = (
    update(_series)
    .where(_series.c.kind == bindparam("of"), _series.c.last < bindparam("limit"))
    .values(last=_series.c.last + 1)
)


def region(code: str) -> dict[str, object]:
    """A region as a row that names every column that may not be null."""
    names = {"name": f"name of {code}", "name_en": "", "short_name": ""}
    return {"code": code, **names, "level": "place", "path": f"{code}/"}


def test_a_prepared_statement_decides_inside_unscoped_only(house: Database) -> None:
    with house.read(SYSTEM) as session:
        with pytest.raises(UnreachedTableError, match="decides inside unscoped"):
            decide(session, BY_CODE, code="440100")
        with unscoped(session, "regions are everybody's"):
            assert [tuple(row) for row in decide(session, BY_CODE, code="440100")] == [("广州市",)]
            assert decide(session, BY_CODE, code="none") == []
        with pytest.raises(UnreachedTableError):
            decide(session, BY_CODE, code="440100")


def test_a_decision_sees_what_the_session_still_holds_back(house: Database) -> None:
    with house.write(SYSTEM) as session:
        session.add(NumberSeries(kind="X", day=DAY, last=7))
        with unscoped(session, "counters are nobody's rows"):
            assert [tuple(row) for row in decide(session, ALL_SERIES)] == [("X", 7)]


def test_ids_come_in_the_order_of_the_rows(house: Database) -> None:
    codes = [f"Z{(index * 37) % 100:02d}" for index in range(100)]  # neither sorted nor doubled
    with house.write(SYSTEM) as session:
        ids = insert_all(session, Region, [region(code) for code in codes])
        assert insert_all(session, Region, []) == []
    with house.read(SYSTEM) as session:
        assert [session.get_one(Region, key).code for key in ids] == codes


def test_a_row_that_cannot_be_takes_the_others_with_it(house: Database) -> None:
    rows = [region("Z1"), region("440100")]
    with pytest.raises(IntegrityError, match=r"(?i)unique"), house.write(SYSTEM) as session:
        add_all(session, Region, rows)
    with house.write(SYSTEM) as session:
        add_all(session, Region, [])
        with unscoped(session, "regions are everybody's"):
            assert decide(session, BY_CODE, code="Z1") == []


def test_an_update_says_how_many_rows_it_met(house: Database) -> None:
    days = [DAY + timedelta(days=index) for index in range(3)]
    with house.write(SYSTEM) as session:
        add_all(session, NumberSeries, [{"kind": "A", "day": day, "last": 1} for day in days])
        add_all(session, NumberSeries, [{"kind": "B", "day": DAY, "last": 5}])
        assert update_all(session, RAISE, []) == 0
        assert update_all(session, RAISE, [{"of": "B", "limit": 6}, {"of": "A", "limit": 2}]) == 4
        # what the first row of values changed the second one sees
        assert update_all(session, RAISE, [{"of": "B", "limit": 7}, {"of": "B", "limit": 7}]) == 1
        with unscoped(session, "counters are nobody's rows"):
            assert [tuple(row) for row in decide(session, ALL_SERIES)] == [("A", 2)] * 3 + [("B", 7)]
