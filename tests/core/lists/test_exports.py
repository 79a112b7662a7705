"""Exports: the rows, columns and headings of the page, scope and permission kept, amounts exact."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import python_calamine

from distrib_app.core import lists
from distrib_app.core.kernel.access import Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.lists import LISTS, TooManyRowsError, export_list, parse_query
from distrib_app.core.orders import list_orders
from distrib_app.core.workbench.export import Cell, Heading, write_csv, write_file, write_xlsx
from distrib_app.i18n import gettext
from tests.core.inventory.shop import NOW, actor


@pytest.fixture(autouse=True)
def _words() -> None:
    lists.install_words(gettext)


def exported(
    database: Database, who: Actor, name: str, form: str, query: str = "", **facts: Any
) -> list[list[Any]]:
    """The cells of an export as a spreadsheet program reads them, the heading first."""
    target = io.BytesIO()
    known = {"language": "en", "now": NOW} | facts
    with database.read(who) as session:
        count = export_list(session, who, name=name, form=form, query=query, target=target, **known)
    if form == "csv":
        assert target.getvalue().startswith(b"\xef\xbb\xbf")
        text = target.getvalue().decode("utf-8-sig")
        assert text.count("\r\n") == text.count("\n")
        rows: list[list[Any]] = list(csv.reader(io.StringIO(text, newline="")))
    else:
        book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(target.getvalue()))
        rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == count + 1
    return rows


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_is_all_pages_of_the_page(many: Database, form: str) -> None:
    who = actor(many, "ops")
    query = "status=placed&status=shipped&sort=-amount&search=so&page=3&size=25"
    query = query.replace("-amount", "-gross_amount")
    rows = exported(many, who, "orders", form, query)
    assert rows[0] == ["Number", "Status", "Seller", "Buyer", "Placed", "Urgent", "Lines", "Amount (CNY)"]
    asked = ListQuery("so", "-gross_amount", {"status": ("placed", "shipped")}, limit=1000)
    with many.read(who) as session:
        listing = list_orders(session, query=asked)
    assert listing.total > 50
    assert [row[0] for row in rows[1:]] == [row.number for row in listing.rows]
    assert sum(Decimal(str(row[7])) for row in rows[1:]) * 100 == listing.totals["gross_amount"]
    first = listing.rows[0]
    local = first.placed_at.astimezone(UTC).replace(tzinfo=None)
    assert (datetime.fromisoformat(str(rows[1][4])) - local).total_seconds() == 8 * 3600  # Shanghai


def test_numbers_and_days_are_such_in_a_spreadsheet(many: Database) -> None:
    row = exported(many, actor(many, "ops"), "orders", "xlsx", "search=so", language="zh_CN")[1]
    assert [type(cell) for cell in row[4:]] == [datetime, str, float, float]
    heads = exported(many, actor(many, "ops"), "orders", "csv", language="zh_CN")[0]
    assert heads == [gettext(column.title, "zh_CN") for column in LISTS["orders"].columns[:-1]] + [
        gettext("Amount", "zh_CN") + " (CNY)"
    ]


def test_hidden_columns_stay_hidden(many: Database) -> None:
    rows = exported(many, actor(many, "ops"), "orders", "csv", "hide=amount&hide=lines&hide=nonsense")
    assert rows[0] == ["Number", "Status", "Seller", "Buyer", "Placed", "Urgent"]
    every = "&".join(f"hide={column.key}" for column in LISTS["orders"].columns)
    assert len(exported(many, actor(many, "ops"), "orders", "csv", every)[0]) == 8


def test_everybody_exports_their_own_rows_only(many: Database) -> None:
    """A city agent's file holds what its page holds, whatever the query asks for."""
    everything = {row[0] for row in exported(many, actor(many, "ops"), "orders", "csv")[1:]}
    assert len(everything) == 160
    for name, query in (("gz", ""), ("gz", "seller=BR&buyer=SZ"), ("sz", "search=gz"), ("shop", "")):
        who = actor(many, name)
        with many.read(who) as session:
            asked = parse_query(
                LISTS["orders"], [tuple(pair.split("=")) for pair in query.split("&") if pair], limit=1000
            )
            seen = [row.number for row in LISTS["orders"].read(session, who, asked, NOW).rows]
        assert [row[0] for row in exported(many, who, "orders", "xlsx", query)[1:]] == seen
        assert set(seen) < everything
    assert exported(many, actor(many, "gz"), "orders", "csv", "seller=BR&buyer=SZ")[1:] == []


@pytest.mark.parametrize("name", LISTS)
def test_every_list_can_be_exported_by_whoever_may_read_it(many: Database, name: str) -> None:
    nobody = Actor(user_id=None, username="nobody", name="nobody")
    with pytest.raises(ForbiddenError):
        exported(many, nobody, name, "csv")
    who = actor(many, "boss")
    page = LISTS[name]
    if not who.can(page.permission):
        return
    for form in ("csv", "xlsx"):
        for language in ("en", "zh_CN"):
            rows = exported(many, who, name, form, language=language)
            assert len(rows[0]) == len(page.columns)
            assert len(set(rows[0])) == len(rows[0])


def test_sorts_facets_and_totals_of_the_table_are_those_of_core(many: Database) -> None:
    for name, page in LISTS.items():
        who = actor(many, "boss")
        if not who.can(page.permission):  # lists of administration
            who = replace(who, permissions=who.permissions | {page.permission})
        with many.read(who) as session:
            listing = page.read(session, who, parse_query(page, [], limit=1), NOW)
            counted = parse_query(page, [], limit=1)
            for column in page.columns:
                assert column.total in {"", *listing.totals}, (name, column.key)
                if column.sort:
                    page.read(session, who, parse_query(page, [("sort", column.sort)]), NOW)
            for facet, words in page.facets.items():
                for value in words.words or ("x",):
                    asked = parse_query(page, [(facet, value)])
                    try:
                        page.read(session, who, asked, NOW)
                    except (NotFoundError, InvalidError):  # there is no such partner, no such day
                        assert not words.words
            assert counted.query.limit == 1


def test_refusals_say_what_is_wrong(many: Database) -> None:
    who = actor(many, "ops")
    for name, form, query, error in (
        ("secrets", "csv", "", NotFoundError),
        ("orders", "pdf", "", InvalidError),
        ("orders", "csv", "sort=colour", InvalidError),
        ("orders", "csv", "colour=red", InvalidError),
        ("orders", "csv", "search=" + "x" * 101, InvalidError),
    ):
        with pytest.raises(error):
            exported(many, who, name, form, query)
    with pytest.raises(TooManyRowsError) as caught:
        exported(many, who, "orders", "csv", most=159)
    assert caught.value.facts == {"count": 160, "most": 159}
    assert len(exported(many, who, "orders", "csv", most=160)) == 161


EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0"]
HARMLESS = ["1+1", "a=1", " =1", "中文", 'say "hi"', "a,b", "two\nlines", "'quoted"]


@pytest.mark.parametrize("text", EVIL)
def test_a_text_never_becomes_a_formula(text: str) -> None:
    target = io.BytesIO()
    write_csv(target, headings=[Heading(text)], rows=[[text]])
    rows = list(csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline="")))
    assert rows == [[f"'{text}"], [f"'{text}"]]
    target = io.BytesIO()
    write_xlsx(target, name="x", headings=[Heading(text)], rows=[[text]])
    with io.BytesIO(target.getvalue()) as content:
        import zipfile

        sheet = zipfile.ZipFile(content).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count('t="inlineStr"') == 2


@pytest.mark.parametrize("text", HARMLESS)
def test_a_plain_text_stays_as_it_is(text: str) -> None:
    assert _through("csv", [text]) == [text]
    assert _through("xlsx", [text]) == [text]


def test_numbers_keep_their_sign_and_every_digit() -> None:
    cells: list[Cell] = [-5, Decimal("-1234.50"), Decimal("0.01"), Decimal("99999999999999999.99"), None]
    assert _through("csv", cells) == ["-5", "-1234.50", "0.01", "99999999999999999.99", ""]
    assert _through("xlsx", cells) == [-5.0, -1234.5, 0.01, "99999999999999999.99", ""]


def test_control_characters_are_no_text() -> None:
    for form in ("csv", "xlsx"):
        assert _through(form, ["a\x00b\x07c\x1b[31m"]) == ["abc[31m"]


def test_a_long_text_and_a_sheet_name_fit_the_format() -> None:
    assert len(_through("xlsx", ["x" * 40_000])[0]) == 32_767
    target = io.BytesIO()
    write_xlsx(target, name="订单/一览:[2026]*?" + "x" * 40, headings=[Heading("a")], rows=[])
    assert python_calamine.CalamineWorkbook.from_object(io.BytesIO(target.getvalue())).sheet_names


def _through(form: str, cells: list[Cell]) -> list[Any]:
    target = io.BytesIO()
    headings = [Heading(str(place), 2) for place in range(len(cells))]
    write_file(target, form, name="list", headings=headings, rows=[cells])
    if form == "csv":
        return list(csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline="")))[1]
    book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(target.getvalue()))
    found: list[list[Any]] = book.get_sheet_by_index(0).to_python()
    return found[1]


def test_a_url_is_read_whole() -> None:
    pairs = [
        ("status", "a"),
        ("status", "b"),
        ("status", "a"),
        ("search", " x "),
        ("page", "2"),
        ("hide", "qty"),
    ]
    asked = parse_query(LISTS["accounts"], [*pairs, ("partner", "GZ"), ("sort", ""), ("lang", "en")])
    assert asked.query == ListQuery(" x ", "", {"status": ("a", "b")})
    assert (dict(asked.extras), asked.hidden) == ({"partner": "GZ"}, frozenset({"qty"}))
    assert isinstance(asked.extras, Mapping)
