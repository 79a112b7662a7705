"""Lists as downloads: at once up to a limit, beyond it by a job that leaves a file and a notice."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import IO, Any
from urllib.parse import parse_qsl

from sqlmodel import Session

from ..channels import get_network
from ..kernel.access import Actor
from ..kernel.clock import business_day
from ..kernel.errors import DomainError, InvalidError, msg
from ..kernel.money import exponent
from ..workbench import JobContext, notify, store_file
from ..workbench.export import FORMATS, Cell, Heading, write_file
from .frame import ListColumn, ListPage, Reader, parse_query
from .table import find_list

MAX_DOWNLOAD = 10_000
CHUNK = 1000
SHEET_ROWS = 1_048_575
KEPT = timedelta(days=7)


class TooManyRowsError(DomainError):
    """A download at once is for so many rows; more are written by a job."""

    code = "too_many_rows"
    status = 422
    template = msg("{count} rows are too many for one download (at most {most}). Start an export instead.")


def count_rows(session: Session, actor: Actor, *, name: str, query: str, now: datetime) -> int:
    """How many rows an export of a list would have. Raises as `export_list`."""
    page = find_list(name)
    return page.read(session, actor, parse_query(page, _pairs(query), limit=1), now).total


def export_list(
    session: Session,
    actor: Actor,
    *,
    name: str,
    form: str,
    query: str,
    language: str,
    target: IO[bytes],
    now: datetime,
    most: int = MAX_DOWNLOAD,
) -> int:
    """Write the rows that a page with this query (a URL's, without `?`) shows over all its pages.

    The same permission and scope, columns and headings. Returns how many rows. Raises `NotFoundError`
    (no such list), `InvalidError` (format, sort, filter), `ForbiddenError`, `TooManyRowsError`.
    """
    page = find_list(name)
    if form not in FORMATS:
        raise InvalidError(field="format", reason=form[:40])
    total = count_rows(session, actor, name=name, query=query, now=now)
    if total > min(most, SHEET_ROWS if form == "xlsx" else most):
        raise TooManyRowsError(count=total, most=min(most, SHEET_ROWS))
    rows = _cells(session, actor, page, query, language, now)
    return _write(session, actor, page, form, query, language, rows, target)


def file_name(name: str, form: str, *, zone: str, now: datetime) -> str:
    """What a download is called: the list and the day on its reader's calendar."""
    return f"{name}-{business_day(now, zone).isoformat()}.{form}"


def export_job(context: JobContext) -> dict[str, Any]:
    """The job kind `export`: `{list, query, format, language}` becomes a file of the person who asked."""
    wanted = {key: str(context.arguments.get(key, "")) for key in ("list", "query", "format", "language")}
    page, actor, now = find_list(wanted["list"]), context.actor, context.now()
    with tempfile.TemporaryFile() as target:
        with context.database.read(actor) as session:
            total = count_rows(session, actor, name=wanted["list"], query=wanted["query"], now=now)
            if wanted["format"] == "xlsx" and total > SHEET_ROWS:
                raise TooManyRowsError(count=total, most=SHEET_ROWS)

            def told() -> Iterator[Sequence[Cell]]:
                cells = _cells(session, actor, page, wanted["query"], wanted["language"], now)
                for done, row in enumerate(cells):
                    if done % CHUNK == 0:
                        context.progress(done, total, msg("Writing rows"))
                    yield row

            count = _write(
                session, actor, page, wanted["format"], wanted["query"], wanted["language"], told(), target
            )
        target.seek(0)
        content = target.read()
    title = file_name(wanted["list"], wanted["format"], zone=actor.zone, now=now)
    with context.write() as session:
        stored = store_file(
            session, actor, files=context.files, name=title, content=content, now=now, expires_at=now + KEPT
        )
        if actor.user_id is not None:
            notify(
                session,
                user_ids=[actor.user_id],
                kind="export",
                title=msg("Your export “{list}” is ready: {count} rows."),
                facts={"list": page.title, "count": count},
                subject=("file", stored.key),
                now=now,
            )
        key = stored.key
    context.progress(count, count)
    return {"file": key, "rows": count}


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query.removeprefix("?"), keep_blank_values=False, max_num_fields=None)


def _cells(
    session: Session, actor: Actor, page: ListPage, query: str, language: str, now: datetime
) -> Iterator[Sequence[Cell]]:
    """Rows of cells, read in chunks one behind the other within the session's one view of the rows."""
    asked = parse_query(page, _pairs(query), limit=CHUNK)
    asked = replace(asked, query=replace(asked.query, with_totals=False))
    columns, reader = page.shown(asked.hidden), _reader(session, actor, language)
    while True:
        found = page.read(session, actor, asked, now)
        for row in found.rows:
            yield [column.cell(row, reader) for column in columns]
        if found.end is None:
            return
        asked = replace(asked, query=replace(asked.query, after=found.end))


def _write(
    session: Session,
    actor: Actor,
    page: ListPage,
    form: str,
    query: str,
    language: str,
    rows: Iterator[Sequence[Cell]],
    target: IO[bytes],
) -> int:
    reader = _reader(session, actor, language)
    columns = page.shown(parse_query(page, _pairs(query)).hidden)
    headings = [_heading(column, reader) for column in columns]
    return write_file(target, form, name=reader.say(page.title), headings=headings, rows=rows)


def _reader(session: Session, actor: Actor, language: str) -> Reader:
    return Reader(language or actor.language, actor.zone, get_network(session).currency)


def _heading(column: ListColumn, reader: Reader) -> Heading:
    title = reader.say(column.title)
    if not column.is_amount:
        return Heading(title)
    return Heading(f"{title} ({reader.currency})", exponent(reader.currency))
