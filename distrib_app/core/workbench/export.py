"""Lists as files: CSV and XLSX out of typed cells. Pure writers; what may be written is decided elsewhere.

A cell is a text, a whole number, a decimal, a day, a local instant without zone, or nothing. Texts that a
spreadsheet would take for a formula are made harmless: in CSV by an apostrophe, in XLSX by their type.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any

import xlsxwriter

from ..kernel.errors import InvalidError

Cell = str | int | Decimal | date | datetime | None

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BOM = "\ufeff"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_EXACT_DIGITS = 15  # what a spreadsheet keeps of a number
_CELL_TEXT = 32_767
_WIDEST, _NARROWEST = 48, 8
_MEASURED_ROWS = 200


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a file: its title as the reader sees it, and the digits after the point of its amounts."""

    title: str
    digits: int = 0


def write_file(
    target: IO[bytes], form: str, *, name: str, headings: Sequence[Heading], rows: Iterable[Sequence[Cell]]
) -> int:
    """Write a list to `target` as `csv` or `xlsx`; returns how many rows. Raises `InvalidError`."""
    if form == "csv":
        return write_csv(target, headings=headings, rows=rows)
    if form == "xlsx":
        return write_xlsx(target, name=name, headings=headings, rows=rows)
    raise InvalidError(field="format", reason=form)


def write_csv(target: IO[bytes], *, headings: Sequence[Heading], rows: Iterable[Sequence[Cell]]) -> int:
    """RFC 4180 in UTF-8 with a byte order mark, so that spreadsheets read Chinese; returns the row count."""
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    text.write(_BOM)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_harmless(heading.title) for heading in headings])
    count = 0
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
        count += 1
    text.flush()
    text.detach()
    return count


def _clean(text: str) -> str:
    """Without control characters, which are no text in either format; line breaks stay."""
    return _CONTROL.sub("", text)


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _harmless(_clean(cell))
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def write_xlsx(
    target: IO[bytes], *, name: str, headings: Sequence[Heading], rows: Iterable[Sequence[Cell]]
) -> int:
    """One sheet with a frozen heading; numbers and days keep their type, texts are never formulas."""
    book = xlsxwriter.Workbook(
        target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    sheet = book.add_worksheet(_sheet_name(name))
    sheet.freeze_panes(1, 0)
    head = book.add_format({"bold": True, "bottom": 1})
    styles = _Styles(
        day=book.add_format({"num_format": "yyyy-mm-dd"}),
        instant=book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        numbers=[
            book.add_format({"num_format": "#,##0" + ("." + "0" * one.digits if one.digits else "")})
            for one in headings
        ],
    )
    waiting = iter(rows)
    first = list(islice(waiting, _MEASURED_ROWS))
    for place, heading in enumerate(headings):
        sheet.set_column(place, place, _width(heading, [row[place] for row in first]))
        sheet.write_string(0, place, heading.title, head)
    count = 0
    for count, row in enumerate(chain(first, waiting), 1):
        for column, cell in enumerate(row):
            _write_cell(sheet, count, column, cell, styles)
    book.close()
    return count


@dataclass(frozen=True, slots=True)
class _Styles:
    """The number formats of a sheet; those of numbers by column."""

    day: Any
    instant: Any
    numbers: Sequence[Any]


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, styles: _Styles) -> None:
    if cell is None:
        return
    if isinstance(cell, str):
        sheet.write_string(row, column, _clean(cell)[:_CELL_TEXT])
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell, styles.instant)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, styles.day)
    elif _is_exact(cell):
        sheet.write_number(row, column, cell, styles.numbers[column])
    else:  # a spreadsheet would round it
        sheet.write_string(row, column, format(cell, "f") if isinstance(cell, Decimal) else str(cell))


def _is_exact(number: int | Decimal) -> bool:
    return len(Decimal(number).normalize().as_tuple().digits) <= _EXACT_DIGITS


def _sheet_name(name: str) -> str:
    """Without the signs a sheet's name may not have."""
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in name)[:31].strip() or "Sheet1"


def _width(heading: Heading, cells: Sequence[Cell]) -> int:
    widest = max([_shown_width(heading.title), *(_shown_width(_plain(cell)) for cell in cells)])
    return min(max(widest + 2, _NARROWEST), _WIDEST)


def _shown_width(text: str) -> int:
    """Chinese characters are twice as wide."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)
