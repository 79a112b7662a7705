"""Sheets become rows through the verbs: checked first, then all in one transaction or nothing.

The check does exactly what the import does, and takes everything back. Both are jobs with progress.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session, col, select

from ..kernel.access import Actor
from ..kernel.db import get_by
from ..kernel.errors import DomainError, NotFoundError, msg
from .files import read_file, store_file
from .import_fields import (
    ImportEntity,
    Problem,
    check_mapping,
    guess_mapping,
    normal,
    parse_row,
    problem_of,
)
from .job_models import ImportMapping, JobRun
from .jobs import JobContext, start_job
from .models import StoredFile
from .sheets import Sheet, SheetRow, read_sheet, write_findings
from .storage import FileStore

CHECK, COMMIT = "import_check", "import_commit"
OUTCOMES = ("created", "updated", "unchanged")
SHOWN_PROBLEMS = 100
KEPT = timedelta(days=7)
AT_ONCE = msg("It is recorded already, or stands twice in this sheet.")
TOO_LARGE = msg("A value is longer or larger than can be stored.")
SUMMARY = msg("{created} new, {updated} changed, {unchanged} unchanged, {failed} wrong")
REFUSED = msg("Nothing was imported: {failed} lines are wrong.")

_entities: dict[str, ImportEntity] = {}


def install_imports(table: Mapping[str, ImportEntity]) -> None:
    """Take the table of entities; replaces an earlier one."""
    _entities.clear()
    _entities.update(table)


def import_entities(actor: Actor) -> dict[str, ImportEntity]:
    """What this actor may import."""
    return {key: entity for key, entity in _entities.items() if actor.can(entity.permission)}


def import_entity(actor: Actor, name: str) -> ImportEntity:
    """An entity the actor may import. Raises `NotFoundError`, `ForbiddenError`."""
    if name not in _entities:
        raise NotFoundError(kind="import", key=name)
    actor.require(_entities[name].permission)
    return _entities[name]


def look_at_sheet(
    session: Session, actor: Actor, *, files: FileStore, entity: str, key: str
) -> tuple[Sheet, dict[str, str]]:
    """An uploaded sheet and which of its headings is which field, as far as that can be told.

    Raises `SheetError`, `NotFoundError`, `ForbiddenError`.
    """
    wanted = import_entity(actor, entity)
    sheet = _open(session, actor, files, key)
    return sheet, guess_mapping(sheet.headers, wanted, find_mapping(session, actor, entity, sheet.headers))


def start_import(
    session: Session,
    actor: Actor,
    *,
    files: FileStore,
    entity: str,
    key: str,
    columns: Mapping[str, str],
    is_check: bool,
    now: datetime,
) -> JobRun:
    """Check a sheet, or import it; `columns` says which heading (value) is which field (key).

    The mapping is remembered for the company. Raises `InvalidError`, `SheetError`, `NotFoundError`,
    `ForbiddenError`.
    """
    wanted = import_entity(actor, entity)
    sheet = _open(session, actor, files, key)
    chosen = {field: header for field, header in columns.items() if header}
    check_mapping(wanted, sheet.headers, chosen)
    _keep_for_a_while(session, key, now)
    remember_mapping(session, actor, entity=entity, headers=sheet.headers, columns=chosen, now=now)
    return start_job(
        session,
        actor,
        kind=CHECK if is_check else COMMIT,
        arguments={"entity": entity, "file": key, "columns": chosen},
        now=now,
    )


def _keep_for_a_while(session: Session, key: str, now: datetime) -> None:
    """A sheet on no record is of no use once it is imported; it expires."""
    row = get_by(session, StoredFile, "file", key=key)
    if not row.subject_kind:
        row.expires_at = now + KEPT


def _open(session: Session, actor: Actor, files: FileStore, key: str) -> Sheet:
    row = read_file(session, actor, key=key)
    with files.open(row.key) as stream:
        return read_sheet(row.name, stream.read())


def _fingerprint(headers: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(normal(header) for header in headers).encode()).hexdigest()


def find_mapping(
    session: Session, actor: Actor, entity: str, headers: Sequence[str]
) -> dict[str, str] | None:
    """What the actor's company chose the last time for the same headings."""
    found = session.exec(_mapping(actor, entity, headers)).first()
    return dict(found.columns) if found else None


def _mapping(actor: Actor, entity: str, headers: Sequence[str]) -> Any:
    return select(ImportMapping).where(
        col(ImportMapping.party_id).in_(actor.partner_ids[:1]),
        ImportMapping.entity == entity,
        ImportMapping.headers == _fingerprint(headers),
    )


def remember_mapping(
    session: Session,
    actor: Actor,
    *,
    entity: str,
    headers: Sequence[str],
    columns: Mapping[str, str],
    now: datetime,
) -> None:
    """Keep what was chosen for these headings; somebody without a company has nothing to keep it with."""
    if not actor.partner_ids:
        return
    found = session.exec(_mapping(actor, entity, headers)).first()
    if found is None:
        found = ImportMapping(
            party_id=actor.partner_ids[0], entity=entity, headers=_fingerprint(headers), used_at=now
        )
        session.add(found)
    found.columns, found.used_at = dict(columns), now


class _TakeBackError(Exception):
    """Ends the transaction of a check, or of an import with wrong lines: everything is taken back."""


def check_job(context: JobContext) -> dict[str, Any]:
    """The job kind `import_check`: what an import would do, line by line, and what is wrong."""
    return _run(context, is_check=True)


def commit_job(context: JobContext) -> dict[str, Any]:
    """The job kind `import_commit`: all lines in one transaction, or none when any is wrong."""
    return _run(context, is_check=False)


def _run(context: JobContext, *, is_check: bool) -> dict[str, Any]:
    if "result" in context.cursor:  # a process died between commit and end: it is done already
        return dict(context.cursor["result"])
    actor, entity_name = context.actor, str(context.arguments["entity"])
    entity = import_entity(actor, entity_name)
    with context.database.read(actor) as session:
        sheet = _open(session, actor, context.files, str(context.arguments["file"]))
    counts = dict.fromkeys(OUTCOMES, 0)
    problems: list[Problem] = []
    result: dict[str, Any] = {}
    try:
        with context.write() as session:
            for outcome in _lines(context, session, entity, sheet):
                if isinstance(outcome, str):
                    counts[outcome] += 1
                else:
                    problems.extend(outcome)
            if is_check or problems:
                raise _TakeBackError
            result = _result(entity_name, counts, sheet, problems) | {"is_committed": True}
            context.save({"result": result}, session=session)
    except _TakeBackError:
        result = _result(entity_name, counts, sheet, problems) | {"is_committed": False}
        if problems:
            result["file"] = _keep_findings(context, entity, sheet, problems)
    total = len(sheet.rows)
    facts = {name: result[name] for name in (*OUTCOMES, "failed")}
    if not is_check and problems:
        context.progress(total, total, REFUSED, failed=result["failed"])
    else:
        context.progress(total, total, SUMMARY, **facts)
    return result


def _lines(
    context: JobContext, session: Session, entity: ImportEntity, sheet: Sheet
) -> Iterator[str | list[Problem]]:
    """What became of each line: an outcome, or its problems."""
    columns = dict(context.arguments["columns"])
    places = {field: sheet.headers.index(header) for field, header in columns.items()}
    seen: dict[tuple[Any, ...], int] = {}
    for done, (line, cells) in enumerate(sheet.rows):
        context.progress(done, len(sheet.rows), msg("Line {line}"), line=line)
        row, problems = parse_row(entity, line, {field: cells[place] for field, place in places.items()})
        identity = tuple(row.get(field) for field in entity.key)
        if not problems and seen.setdefault(identity, line) != line:
            text = msg("This is the same as line {earlier}.")
            problems = [Problem(line, entity.key[0], text, {"earlier": seen[identity]})]
        yield problems or _commit(context, session, entity, line, row)


def _commit(
    context: JobContext, session: Session, entity: ImportEntity, line: int, row: dict[str, Any]
) -> str | list[Problem]:
    try:
        with session.begin_nested():
            return entity.commit(session, context.actor, row=row, now=context.now())
    except DomainError as error:
        return [problem_of(error, line, entity)]
    except IntegrityError:
        return [Problem(line, "", AT_ONCE, {})]
    except DataError:
        return [Problem(line, "", TOO_LARGE, {})]


def _result(
    entity: str, counts: Mapping[str, int], sheet: Sheet, problems: Sequence[Problem]
) -> dict[str, Any]:
    shown = [
        {"line": one.line, "field": one.field, "text": one.text, "facts": dict(one.facts)}
        for one in problems[:SHOWN_PROBLEMS]
    ]
    failed = len({one.line for one in problems})
    return {"entity": entity, "lines": len(sheet.rows), "failed": failed, "problems": shown, **counts}


def _keep_findings(
    context: JobContext, entity: ImportEntity, sheet: Sheet, problems: Sequence[Problem]
) -> str:
    """The wrong lines as a workbook with the sentences beside them; returns the key of the file."""
    titles = {field.key: context.say(field.title) for field in entity.fields}
    by_line: dict[int, list[str]] = {}
    for one in problems:
        sentence = context.say(one.text, **one.facts)
        by_line.setdefault(one.line, []).append(
            f"{titles[one.field]}: {sentence}" if one.field in titles else sentence
        )
    headers = (*sheet.headers, context.say(msg("Line")), context.say(msg("What is wrong")))
    rows = (_finding(row, by_line[row.line]) for row in sheet.rows if row.line in by_line)
    content = write_findings(headers, rows, title=context.say(entity.name))
    now = context.now()
    with context.write() as session:
        return store_file(
            session,
            context.actor,
            files=context.files,
            name=f"{context.arguments['entity']}-errors.xlsx",
            content=content,
            now=now,
            expires_at=now + KEPT,
        ).key


def _finding(row: SheetRow, sentences: Sequence[str]) -> tuple[str, ...]:
    return (*row.cells, str(row.line), "; ".join(sentences))
