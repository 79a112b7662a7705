"""Files become lines of strings; cells become values; headings find their fields. No database."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.reactions import IMPORTS
from distrib_app.core.workbench import ImportEntity, ImportField, SheetError, TemplateColumn, guess_mapping
from distrib_app.core.workbench.import_fields import check_mapping, normal, parse_cell, parse_row
from distrib_app.core.workbench.sheets import (
    MAX_ROWS,
    cell_text,
    column_letter,
    read_sheet,
    write_findings,
    write_template,
)
from distrib_app.i18n import gettext

TEXT = '编码,名称\nA1,空调\nA2,"电视, 大"\n'


def workbook(*rows: list[Any]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.replace("\n", "\r\n").encode(),
        'sep\n编码;名称\nA1;空调\nA2;"电视, 大"'.replace("sep\n", "").encode(),
        "编码\t名称\nA1\t空调\nA2\t电视, 大\n".encode("gb18030"),
        workbook(["编码", "名称"], ["A1", "空调"], ["A2", "电视, 大"]),
    ],
    ids=["utf-8", "mark", "gb18030", "windows", "semicolon", "tabs", "xlsx"],
)
def test_a_sheet_is_read_however_it_was_saved(content: bytes) -> None:
    sheet = read_sheet("x", content)
    assert sheet.headers == ("编码", "名称")
    assert [tuple(row) for row in sheet.rows] == [(2, ("A1", "空调")), (3, ("A2", "电视, 大"))]


def test_lines_keep_their_numbers() -> None:
    sheet = read_sheet("x.csv", b'\na,b\n\n# remark,\n1,"x\ny"\n,\n2\n')
    assert [tuple(row) for row in sheet.rows] == [(5, ("1", "x\ny")), (8, ("2", ""))]
    sheet = read_sheet("x.xlsx", workbook(["a"], [], ["1"], ["# no"], ["2"]))
    assert [tuple(row) for row in sheet.rows] == [(3, ("1",)), (5, ("2",))]


def test_headings_are_told_apart() -> None:
    assert read_sheet("x.csv", b"a,,a, b  c \n1,2,3,4\n").headers == ("a", "(B)", "a (2)", "b c")
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n",
        b"\xff\xfe\x00\x00",
        b"PK\x03\x04 no workbook",
        b"a\n" + b"1\n" * (MAX_ROWS + 1),
        b",".join([b"a"] * 101) + b"\n" + b"1\n",
        b"a\n" + b"x" * 5000 + b"\n",
    ],
    ids=["empty", "only headings", "binary", "broken", "too long", "too wide", "long cell"],
)
def test_what_is_no_sheet_is_refused(content: bytes) -> None:
    with pytest.raises(SheetError):
        read_sheet("x", content)


def test_as_many_lines_as_are_taken() -> None:
    assert len(read_sheet("x", b"a\n" + b"1\n" * MAX_ROWS).rows) == MAX_ROWS


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (1234567890123.0, "1234567890123"),
        (True, "1"),
        (date(2026, 10, 31), "2026-10-31"),
        (datetime.fromisoformat("2026-10-31"), "2026-10-31"),
        (datetime.fromisoformat("2026-10-31T08:30"), "2026-10-31 08:30:00"),
        ("x", "x"),
    ],
)
def test_cells_of_a_workbook(value: object, text: str) -> None:
    assert cell_text(value) == text


def field(kind: str, **facts: Any) -> ImportField:
    return ImportField("f", "Field", kind=kind, **facts)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("count", "1,200", 1200),
        ("count", "３.0", 3),
        ("number", "¥ 2,399.50", Decimal("2399.50")),
        ("number", "-1", Decimal(-1)),
        ("percent", "13%", 130_000),
        ("percent", "6", 60_000),
        ("percent", "0.5", 5_000),
        ("day", "2026/1/5", date(2026, 1, 5)),
        ("day", "20260105", date(2026, 1, 5)),
        ("day", "2026年1月5日", date(2026, 1, 5)),
        ("day", "2026-01-05 00:00:00", date(2026, 1, 5)),
        ("flag", "是", True),
        ("flag", "No", False),
        ("text", "甲", "甲"),
    ],
)
def test_cells_become_values(kind: str, text: str, value: object) -> None:
    assert parse_cell(field(kind), text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("count", "1.5"),
        ("count", "x"),
        ("number", "NaN"),
        ("number", "1e30"),
        ("percent", "1.00001"),
        ("day", "2026-02-30"),
        ("day", "5.1.2026"),
        ("flag", "maybe"),
        ("text", "a\x07"),
    ],
)
def test_what_is_no_value_is_refused(kind: str, text: str) -> None:
    with pytest.raises(InvalidError):
        parse_cell(field(kind), text)


def test_choices_are_words_of_either_language() -> None:
    choice = field("text", choices={"转账": "transfer", "Bank transfer": "transfer", "cash": "cash"})
    assert [parse_cell(choice, text) for text in ("转账", "bank transfer", "CASH")] == [
        "transfer",
        "transfer",
        "cash",
    ]
    with pytest.raises(InvalidError):
        parse_cell(choice, "cheque")


ENTITY = ImportEntity(
    "Things",
    "x",
    (
        ImportField("code", "Code", required=True, aliases=("编码",)),
        ImportField("name", "Name", aliases=("名称", "品名")),
        ImportField("qty", "Quantity", aliases=("数量",), kind="count"),
    ),
    ("code",),
    lambda *_args, **_facts: "created",
)


def test_headings_find_their_fields() -> None:
    assert guess_mapping(["品名", " 编码* ", "数量（件）", "x"], ENTITY) == {
        "code": " 编码* ",
        "name": "品名",
        "qty": "数量（件）",
    }
    assert guess_mapping(["CODE", "na_me", "Name"], ENTITY) == {"code": "CODE", "name": "na_me"}
    remembered = {"name": "x", "code": "gone"}
    assert guess_mapping(["code", "name", "x"], ENTITY, remembered) == {"name": "x", "code": "code"}
    assert guess_mapping([], ENTITY) == {}


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["code", "编码", "name", "名称", "qty", "数量", "?", "Code*"]), unique=True))
def test_no_heading_is_used_twice(headers: list[str]) -> None:
    mapping = guess_mapping(headers, ENTITY)
    assert len(set(mapping.values())) == len(mapping)
    assert set(mapping.values()) <= set(headers)


def test_a_mapping_is_checked() -> None:
    check_mapping(ENTITY, ["a", "b"], {"code": "a"})
    for columns in ({"name": "a"}, {"code": "c"}, {"code": "a", "name": "a"}, {"x": "a", "code": "b"}):
        with pytest.raises(InvalidError):
            check_mapping(ENTITY, ["a", "b"], columns)


def test_everything_wrong_with_a_line_is_told_at_once() -> None:
    row, problems = parse_row(ENTITY, 7, {"code": " ", "name": "x", "qty": "y"})
    assert row == {"name": "x"}
    assert [(one.line, one.field) for one in problems] == [(7, "code"), (7, "qty")]
    assert parse_row(ENTITY, 7, {"code": "a", "qty": ""}) == ({"code": "a"}, [])


@pytest.mark.parametrize("name", IMPORTS)
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_filled_template_maps_itself(name: str, language: str) -> None:
    entity = IMPORTS[name]
    columns = [
        TemplateColumn(
            gettext(one.title, language), one.required, gettext(one.note, language), one.example or "1"
        )
        for one in entity.fields
    ]
    with pytest.raises(SheetError):  # nothing but headings and remarks
        read_sheet("t.xlsx", write_template(gettext(entity.name, language), "Example", columns))
    sheet = read_sheet("t.csv", ",".join(f"{one.heading}*" for one in columns).encode() + b"\n1\n")
    mapping = guess_mapping(sheet.headers, entity)
    assert list(mapping) == [one.key for one in entity.fields]
    assert [normal(header) for header in mapping.values()] == [normal(one.heading) for one in columns]


@pytest.mark.parametrize("name", IMPORTS)
def test_the_examples_of_a_template_are_values(name: str) -> None:
    entity = IMPORTS[name]
    _row, problems = parse_row(entity, 2, {one.key: one.example for one in entity.fields})
    assert problems == []
    assert set(entity.key) <= {one.key for one in entity.fields}


def test_findings_are_text() -> None:
    content = write_findings(["a", "What is wrong"], [["=1+1", "no"]], title="T/1")
    assert read_sheet("f.xlsx", content).rows[0].cells == ("=1+1", "no")
