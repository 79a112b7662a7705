"""Sheets as people save them: CSV in UTF-8 or GB18030, tab-separated text, XLSX; and the sheets we write.

A sheet is strings: a header row and numbered lines. A line whose first cell begins with `#` is a remark.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from ..kernel.errors import DomainError, msg

MAX_BYTES = 20_971_520
MAX_UNPACKED_BYTES = 268_435_456
MAX_ROWS = 10_000
MAX_COLUMNS = 100
MAX_CELL = 4_000
REMARK = "#"


class SheetError(DomainError):
    """The file cannot be read as a sheet, or is larger than is taken."""

    code = "sheet"
    template = msg("{name} cannot be read as a sheet: {reason}")


class SheetRow(NamedTuple):
    """A line of a sheet by its number in the file (the header is line 1 where nothing stands above it)."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: headings, each once and none empty, and the lines below them."""

    headers: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(name: str, content: bytes) -> Sheet:
    """The first sheet of a file. Raises `SheetError` for what is no sheet, empty or too large."""
    if len(content) > MAX_BYTES:
        raise SheetError(name=name, reason=msg("it is too large"))
    is_workbook = content[:4] == b"PK\x03\x04"
    lines = _workbook_lines(name, content) if is_workbook else _text_lines(name, content)
    rows: list[SheetRow] = []
    for line, cells in lines:
        trimmed = tuple(cell.strip() for cell in cells)
        if not any(trimmed) or (rows and trimmed[0].startswith(REMARK)):
            continue
        if len(rows) > MAX_ROWS:
            raise SheetError(name=name, reason=msg("it has too many lines"))
        rows.append(SheetRow(line, trimmed))
    if len(rows) < 2:
        raise SheetError(name=name, reason=msg("it has no line below the headings"))
    head, *body = rows
    width = max(len(row.cells) for row in rows)
    if width > MAX_COLUMNS:
        raise SheetError(name=name, reason=msg("it has too many columns"))
    if any(len(cell) > MAX_CELL for row in rows for cell in row.cells):
        raise SheetError(name=name, reason=msg("a cell is too long"))
    filled = (SheetRow(row.line, row.cells + ("",) * (width - len(row.cells))) for row in body)
    return Sheet(_headings(head.cells + ("",) * (width - len(head.cells))), tuple(filled))


def _headings(cells: Sequence[str]) -> tuple[str, ...]:
    """Every heading once: a second one of the same name gets a number, an empty one its column's letter."""
    seen: dict[str, int] = {}
    headings = []
    for index, cell in enumerate(cells):
        heading = " ".join(cell.split()) or f"({column_letter(index)})"
        seen[heading] = seen.get(heading, 0) + 1
        headings.append(heading if seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return tuple(headings)


def column_letter(index: int) -> str:
    """How a spreadsheet calls a column: A, B, … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _text_lines(name: str, content: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    text = _decoded(name, content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    before = 0
    try:
        for cells in reader:
            yield before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        raise SheetError(name=name, reason=str(error)) from error


def _decoded(name: str, content: bytes) -> str:
    """UTF-8 with or without its mark, else GB18030, which Chinese spreadsheets write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SheetError(name=name, reason=msg("save it as XLSX, or as CSV in UTF-8 or GB18030"))


def _delimiter(text: str) -> str:
    """What separates the headings: the sign that the first line has most of, quoted parts aside."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    plain = re.sub(r'"[^"]*"', "", first)
    return max(",\t;", key=plain.count)


def _workbook_lines(name: str, content: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    unreadable = SheetError(name=name, reason=msg("it is no workbook, or it is protected by a password"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(item.file_size for item in archive.infolist())
        if size > MAX_UNPACKED_BYTES:
            raise SheetError(name=name, reason=msg("it is too large"))
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError) as error:
        raise unreadable from error
    for index, cells in enumerate(rows):
        yield index + 1, [cell_text(cell) for cell in cells]


def cell_text(value: Any) -> str:
    """A cell of a workbook as somebody would have typed it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.15g}"  # the digits a spreadsheet shows
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column of a template: heading, whether it has to be filled, a remark and an example."""

    heading: str
    is_required: bool
    note: str
    example: str


def write_template(title: str, example_title: str, columns: Sequence[TemplateColumn]) -> bytes:
    """A workbook to fill in: headings (required ones bold) and remarks; a second sheet shows an example."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        required = book.add_format({"bold": True, "bg_color": "#E8EEFE", "border": 1})
        usual = book.add_format({"bg_color": "#F2F4F7", "border": 1})
        remark = book.add_format(
            {"italic": True, "font_color": "#5B6473", "text_wrap": True, "valign": "top"}
        )
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(_sheet_name(title))
        sample = book.add_worksheet(_sheet_name(example_title))
        for index, column in enumerate(columns):
            width = max(14, min(40, 2 * len(column.heading) + 4))
            heading = f"{column.heading}*" if column.is_required else column.heading
            for one in (sheet, sample):
                one.set_column(index, index, width, text)
                one.write_string(0, index, heading, required if column.is_required else usual)
            note = f"{REMARK} {column.note}" if index == 0 else column.note
            sheet.write_string(1, index, note, remark)
            sample.write_string(1, index, column.example)
        sheet.freeze_panes(1, 0)
    return target.getvalue()


def write_findings(headers: Sequence[str], rows: Iterable[Sequence[str]], *, title: str) -> bytes:
    """A workbook of lines with what is wrong beside each."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bg_color": "#F2F4F7", "border": 1})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(_sheet_name(title))
        for index, heading in enumerate(headers):
            sheet.set_column(index, index, 18, text)
            sheet.write_string(0, index, heading, head)
        for number, cells in enumerate(rows, start=1):
            for index, cell in enumerate(cells):
                sheet.write_string(number, index, cell)
        sheet.freeze_panes(1, 0)
    return target.getvalue()


def _sheet_name(title: str) -> str:
    """At most 31 characters, without those that no sheet may be called by."""
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "Sheet"
