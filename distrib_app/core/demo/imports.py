"""What every importer shares: reading a file whole, the report, and the list of rejected lines.

An importer reads and checks everything first and opens the one writing transaction last, so a bad file
never touches the database and readers never wait.
"""

import hashlib
import lzma
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv

from ..kernel.errors import msg
from .errors import (
    BadValueError,
    BrokenRowError,
    HalfWrittenFileError,
    UnreadableFileError,
    UnwritableFileError,
    WrongColumnsError,
    WrongEncodingError,
)

# stage (a message of the catalogue), done, total; must not write to the database being imported into
Progress = Callable[[str, int, int], None]


def quiet(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


READING = msg("Reading the file")
CHECKING = msg("Checking the lines")
_XZ_MAGIC = b"\xfd7zXZ\x00"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a file holds and what became of it.

    `counts` by name (lines, imported, rejected, duplicates, orders …), `amounts` as decimal strings of
    `currency`. `already_imported` says that the database held all of it and was left alone.
    """

    source: str
    currency: str
    already_imported: bool
    rejects_path: Path
    counts: Mapping[str, int] = field(default_factory=dict)
    amounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CellCheck:
    """A rule over one column: the SQL condition that holds for a good cell, and what a bad one raises."""

    column: str
    condition: str
    error: type[BadValueError]


def is_text(column: str, shortest: int, longest: int) -> str:
    """The SQL condition of a text of that many characters without NUL (which PostgreSQL cannot store)."""
    return f"length(trim({column})) BETWEEN {shortest} AND {longest} AND NOT contains({column}, chr(0))"


def content_key(source: str, *contents: bytes) -> str:
    """The journal posting key of a file: the same content gives the same key, compressed or not."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(len(content).to_bytes(8))
        digest.update(content)
    return f"{source}:{digest.hexdigest()}"


def read_file(path: Path) -> bytes:
    """The bytes of a file, uncompressed when it is xz.

    Raises `UnreadableFileError`, `HalfWrittenFileError`.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(file=path.name, cause=error.strerror or str(error)) from error
    if not content.startswith(_XZ_MAGIC):
        return content
    try:
        with lzma.open(path) as packed:
            return packed.read()
    except EOFError as error:
        raise HalfWrittenFileError(file=path.name) from error
    except lzma.LZMAError as error:
        raise UnreadableFileError(file=path.name, cause=str(error)) from error


def parse_csv(content: bytes, *, file: str, columns: tuple[str, ...]) -> pa.Table:
    """A CSV as a table of text columns (order free) plus `row`, the header being row 1.

    Raises `WrongEncodingError`, `WrongColumnsError`, `BrokenRowError`, `UnreadableFileError`.
    """
    content = content.removeprefix(_BOM)
    try:
        header = content.decode("utf-8")[: content.find(b"\n")]
    except UnicodeDecodeError as error:
        raise WrongEncodingError(file=file, row=content.count(b"\n", 0, error.start) + 1) from error
    _check_header(header, file=file, columns=columns)
    broken: list[pa_csv.InvalidRow] = []

    def note(row: pa_csv.InvalidRow) -> str:
        broken.append(row)
        return "skip"

    try:
        table = pa_csv.read_csv(
            pa.BufferReader(content),
            read_options=pa_csv.ReadOptions(use_threads=False),  # only then are broken rows numbered
            parse_options=pa_csv.ParseOptions(invalid_row_handler=note, newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise UnreadableFileError(file=file, cause=str(error).splitlines()[0]) from error
    if broken:
        first = broken[0]
        raise BrokenRowError(
            file=file, row=first.number, found=first.actual_columns, expected=first.expected_columns
        )
    return table.select(list(columns)).append_column(
        "row", pa.array(range(2, table.num_rows + 2), pa.int64())
    )


def _check_header(header: str, *, file: str, columns: tuple[str, ...]) -> None:
    found = [name.strip().strip('"') for name in header.split(",")]
    missing = [name for name in columns if name not in found]
    unknown = [name for index, name in enumerate(found) if name not in columns or name in found[:index]]
    if missing or unknown:
        raise WrongColumnsError(
            file=file, missing=", ".join(missing) or "–", unknown=", ".join(unknown) or "–"
        )


def check_cells(
    engine: duckdb.DuckDBPyConnection, table: str, checks: tuple[CellCheck, ...], file: str
) -> None:
    """Raise the error of the first bad cell of `table` (which has a `row` column), if there is one."""
    found: list[tuple[int, int, Any, CellCheck]] = []
    for order, check in enumerate(checks):
        bad = engine.execute(
            f'SELECT row, "{check.column}" FROM {table} WHERE NOT coalesce(({check.condition}), false) '
            "ORDER BY row LIMIT 1"
        ).fetchone()
        if bad is not None:
            found.append((bad[0], order, bad[1], check))
    if found:
        row, _, value, check = min(found, key=lambda item: item[:2])
        raise check.error(file=file, row=row, column=check.column, value=repr("" if value is None else value))


@contextmanager
def staged_rejects(path: Path, rejects: pa.Table) -> Iterator[None]:
    """Write the rejected lines beside `path` first and put them in place when the import has succeeded.

    Raises `UnwritableFileError` before anything else has happened.
    """
    if path.is_dir():
        raise UnwritableFileError(file=path.name, cause="it is a folder")
    staged = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with staged.open("wb") as handle:
            _write_csv(handle, rejects)
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise UnwritableFileError(file=path.name, cause=error.strerror or str(error)) from error
    try:
        yield
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


def _write_csv(handle: IO[bytes], table: pa.Table) -> None:
    handle.write(_BOM)  # spreadsheets recognise UTF-8 by it
    pa_csv.write_csv(table, handle)
