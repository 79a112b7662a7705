"""Reported stock on both databases: taken once, corrected by a newer document, beside the books."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import func, select

from distrib_app.core.inventory import (
    NotStockedError,
    NotYourLocationError,
    ReportedLine,
    ReportedOtherwiseError,
    StockReport,
    get_stock_record,
    receive_stock,
    report_stock,
)
from distrib_app.core.inventory.imports import import_opening_stock, import_stock_report
from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.events import Event

from .shop import NOW, actor, check_stock, stock

TODAY = date(2026, 10, 15)
MONDAY = date(2026, 10, 12)


def put(shop: Database, qty: int, cost: str, *, on: date, at: datetime) -> None:
    with shop.write(SYSTEM) as session:
        receive_stock(
            session,
            SYSTEM,
            location_code="GZ-WH",
            lines=[("AC", qty, Decimal(cost))],
            cause=f"GRN-{on}",
            origin_on=on,
            now=at,
        )


def report(shop: Database, who: Actor, document: str, *lines: ReportedLine, now: datetime = NOW) -> int:
    with shop.write(who) as session:
        return report_stock(session, who, source="pos", document=document, lines=lines, now=now)


def reports(shop: Database) -> int:
    with shop.read(SYSTEM) as session:
        return session.exec(select(func.count(StockReport.id))).one()


def test_a_report_stands_beside_the_books_of_its_day(shop: Database) -> None:
    gz = actor(shop, "gz")
    put(shop, 10, "90", on=date(2026, 7, 1), at=datetime(2026, 7, 1, 4, tzinfo=UTC))
    # 23:30 in Guangzhou still belongs to the day that was counted, 00:30 does not
    put(shop, 4, "95", on=MONDAY, at=datetime(2026, 10, 12, 15, 30, tzinfo=UTC))
    put(shop, 6, "97", on=date(2026, 10, 13), at=datetime(2026, 10, 12, 16, 30, tzinfo=UTC))
    assert report(shop, gz, "D1", ReportedLine("GZ-WH", "AC", 11, MONDAY, 1)) == 1
    with shop.read(gz) as session:
        record = get_stock_record(session, gz, location_code="GZ-WH", sku_code="AC", now=NOW)
    found = record.reported
    assert found is not None
    assert (found.reported_qty, found.calculated_qty, found.gap_qty, found.age_days) == (11, 14, -3, 3)
    assert [(row.qty, row.origin_on) for row in found.layers.layers] == [
        (4, MONDAY),
        (7, date(2026, 7, 1)),
    ]
    assert (record.on_hand_qty, record.available_qty) == (20, 20)
    assert record.steps[-1].result == "-3"
    assert stock(shop) == {("GZ-WH", "AC"): (20, 0)}
    check_stock(shop)


def test_lines_are_taken_once_and_corrected_by_a_newer_document(shop: Database) -> None:
    gz = actor(shop, "gz")
    lines = [ReportedLine("GZ-WH", "AC", 5, MONDAY, 1), ReportedLine("GZ-WH", "TV", 0, MONDAY, 2)]
    assert report(shop, gz, "D1", *lines) == 2
    assert report(shop, gz, "D1", *lines) == 0
    assert report(shop, gz, "D1", *lines, ReportedLine("GZ-WH", "LATE", 2, MONDAY, 3)) == 1
    with pytest.raises(ReportedOtherwiseError) as refused:
        report(shop, gz, "D1", ReportedLine("GZ-WH", "BOX", 9, MONDAY, 9), lines[0]._replace(reported_qty=6))
    assert refused.value.facts == {"line": 1, "document": "D1"}
    assert reports(shop) == 3
    sz = actor(shop, "sz")  # another owner's document of the same name is another document
    assert report(shop, sz, "D1", ReportedLine("SZ-WH", "AC", 8, MONDAY, 1)) == 1
    assert report(shop, gz, "D2", ReportedLine("GZ-WH", "AC", 6, MONDAY, 1)) == 1
    assert report(shop, gz, "D0", ReportedLine("GZ-WH", "AC", 99, MONDAY - timedelta(days=1), 1)) == 1
    with shop.read(gz) as session:
        record = get_stock_record(session, gz, location_code="GZ-WH", sku_code="AC", now=NOW)
        assert record.reported is not None
        assert (record.reported.document, record.reported.reported_qty) == ("D2", 6)
        assert session.exec(select(func.count(StockReport.id))).one() == 5  # not Shenzhen's
        told = session.exec(select(func.count(Event.id)).where(Event.kind == "stock.reported")).one()
        assert told == 5


def test_reports_are_refused_whole(shop: Database) -> None:
    gz, gd, ops = actor(shop, "gz"), actor(shop, "gd"), actor(shop, "ops")
    ok = ReportedLine("GZ-WH", "AC", 5, MONDAY, 1)
    cases = [
        (gz, "D", ok._replace(location_code="SZ-WH"), NotFoundError),
        (gd, "D", ok, NotFoundError),
        (ops, "D", ok, NotYourLocationError),
        (actor(shop, "boss"), "D", ok, ForbiddenError),
        (gz, "D", ok._replace(sku_code="NONE"), NotFoundError),
        (gz, "D", ok._replace(sku_code="POST"), NotStockedError),
        (gz, "D", ok._replace(reported_qty=-1), InvalidError),
        (gz, "D", ok._replace(counted_on=TODAY + timedelta(days=1)), InvalidError),
        (gz, "D", ok._replace(counted_on=date(2020, 1, 1)), InvalidError),
        (gz, "D", ok._replace(line_no=0), InvalidError),
        (gz, "D", ok._replace(line_no=2), InvalidError),  # the same line twice
        (gz, "", ok, InvalidError),
        (gz, "x" * 41, ok, InvalidError),
    ]
    for who, document, line, error in cases:
        with pytest.raises(error):
            report(shop, who, document, ok._replace(line_no=2), line)
    with pytest.raises(InvalidError):
        report(shop, gz, "D")
    assert reports(shop) == 0


def test_a_sheet_reports_once(shop: Database) -> None:
    gz = actor(shop, "gz")
    row = {"document": "S1", "line": 1, "location": "GZ-WH", "sku": "AC", "qty": 3, "counted_on": MONDAY}
    with shop.write(gz) as session:
        assert import_stock_report(session, gz, row=row, now=NOW) == "created"
        assert import_stock_report(session, gz, row=row, now=NOW) == "unchanged"
    assert reports(shop) == 1
    goods = {"document": "O1", "location": "GZ-WH", "sku": "AC", "qty": 3, "unit_cost": Decimal(9)}
    with pytest.raises(InvalidError), shop.write(gz) as session:
        import_opening_stock(session, gz, row=goods | {"lot": "L1"}, now=NOW)
    with shop.write(gz) as session:
        assert import_opening_stock(session, gz, row=goods, now=NOW) == "created"
        assert import_opening_stock(session, gz, row=goods, now=NOW) == "unchanged"


def test_what_the_owner_may_do_next(shop: Database) -> None:
    gz, ops = actor(shop, "gz"), actor(shop, "ops")
    put(shop, 2, "90", on=TODAY, at=NOW)
    for who, sku, expected in (
        (gz, "AC", {"receive": None, "count": None, "correct": None, "report": None}),
        (gz, "TV", {"receive": None, "count": None, "correct": "nothing", "report": None}),
        (ops, "AC", {}),
    ):
        with shop.read(who) as session:
            record = get_stock_record(session, who, location_code="GZ-WH", sku_code=sku, now=NOW)
        found = {row.verb: row.reason and row.reason.split()[0] for row in record.actions}
        assert found == expected
    with shop.read(ops) as session, pytest.raises(NotStockedError):
        get_stock_record(session, ops, location_code="GZ-WH", sku_code="POST", now=NOW)
