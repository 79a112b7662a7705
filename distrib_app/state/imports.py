"""The import wizard: choose, upload, map, check, import – the same verbs as over REST."""

from typing import Any

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.kernel.access import Actor
from ..core.kernel.errors import InvalidError
from ..core.workbench import (
    ImportEntity,
    JobRow,
    Sheet,
    get_job,
    import_entities,
    import_entity,
    look_at_sheet,
    start_import,
)
from ..files import get_files
from ..i18n import gettext, translate_step
from ..i18n.presentation import number
from .jobs import JobWatch

SAMPLES = 3
KINDS = ("import_check", "import_commit")


def _entities(_session: Session, actor: Actor) -> dict[str, ImportEntity]:
    return import_entities(actor)


def _look(
    session: Session, actor: Actor, *, entity: str, key: str
) -> tuple[ImportEntity, Sheet, dict[str, str]]:
    sheet, columns = look_at_sheet(session, actor, files=get_files(), entity=entity, key=key)
    return import_entity(actor, entity), sheet, columns


def _start(session: Session, actor: Actor, **facts: Any) -> str:
    return start_import(session, actor, files=get_files(), **facts).number


def _run(session: Session, actor: Actor, *, number: str) -> tuple[JobRow, dict[str, Any]]:
    """A run of an import with its arguments. Raises `InvalidError` for another kind of job."""
    row = get_job(session, actor, number=number)
    if row.kind not in KINDS:
        raise InvalidError(field="job", reason=number)
    return row, dict(row.arguments)


class Imports(JobWatch, rx.State):
    """Where somebody stands in the wizard: entity, sheet and run live in the URL, so that a reload goes on.

    `step` is 1 choose, 2 upload, 3 map, 4 checked, 5 done.
    """

    step: int = 1
    is_loaded: bool = False
    entities: list[dict[str, str]] = []
    entity: str = ""
    title: str = ""
    template_href: str = ""
    headers: list[str] = []
    fields: list[dict[str, str]] = []
    line_count: str = ""
    counts: dict[str, str] = {}
    problems: list[dict[str, str]] = []
    can_commit: bool = False
    _file: str = ""
    _columns: dict[str, str] = {}

    @rx.event
    async def load(self) -> None:
        """Read from the URL where the wizard stands."""
        query = dict(self.router.url.query_parameters)
        language = await self._language()
        found = await self._read(_entities)
        self.entities = [
            {"name": name, "title": gettext(one.name, language), "fields": _names(one, language)}
            for name, one in found.items()
        ]
        entity = query.get("entity", "")
        run = query.get("job", "")
        sheet = query.get("file", "")
        self._choose(entity if entity in found else "", found, language)
        self.is_loaded = True  # what follows may be refused: no sheet, or one that has expired
        if run:
            await self._open_run(run)
        elif entity in found and sheet:
            await self._open_sheet(entity, sheet)

    def _choose(self, entity: str, found: dict[str, ImportEntity], language: str) -> None:
        self.entity = entity
        self.title = gettext(found[entity].name, language) if entity else ""
        self.template_href = routes.template(entity, language) if entity else ""
        self.step = 2 if entity else 1
        self._job_number = ""
        self.job, self.is_job_busy = {}, False
        self.counts, self.problems, self.can_commit = {}, [], False

    async def _open_sheet(self, name: str, key: str, columns: dict[str, str] | None = None) -> None:
        entity, sheet, guessed = await self._read(_look, entity=name, key=key)
        language = await self._language()
        self._choose(name, {name: entity}, language)
        chosen = columns if columns is not None else guessed
        self.headers = list(sheet.headers)
        self.line_count = number(len(sheet.rows), language)
        self.fields = [
            {
                "key": field.key,
                "title": gettext(field.title, language),
                "is_required": "1" if field.required else "",
                "header": chosen.get(field.key, ""),
                "note": gettext(field.note, language) if field.note else "",
                "sample": _sample(sheet, chosen.get(field.key, "")),
            }
            for field in entity.fields
        ]
        self._file, self._columns = key, chosen
        self.step = 3

    async def _open_run(self, run: str) -> None:
        row, asked = await self._read(_run, number=run)
        await self._open_sheet(str(asked["entity"]), str(asked["file"]), dict(asked["columns"]))
        self.step = 4 if row.kind == "import_check" else 5
        latest = await self._watch(run)  # it may have ended since it was first read
        await self._show_result(latest or row)

    async def _show_result(self, row: JobRow) -> None:
        if "lines" not in row.result:
            return
        language = await self._language()
        titles = {field["key"]: field["title"] for field in self.fields}
        self.counts = {
            name: number(int(row.result[name]), language)
            for name in ("lines", "created", "updated", "unchanged", "failed")
        }
        self.problems = [
            {
                "line": str(one["line"]),
                "field": titles.get(one["field"], "–"),
                "text": translate_step(one, language),
            }
            for one in row.result["problems"]
        ]
        self.can_commit = row.kind == "import_check" and not row.result["failed"]

    @rx.event
    async def sent(self, key: str) -> Any:
        """The sheet has been stored: look at its headings."""
        await self._ask_in()
        if not key:
            return None  # the form says why
        return rx.redirect(f"{routes.IMPORT}?entity={self.entity}&file={key[:40]}")

    @rx.event
    async def choose_column(self, field: str, header: str) -> None:
        """Say which column a field comes from; a column chosen twice leaves its first field."""
        await self._ask_in()
        kept = {key: value for key, value in self._columns.items() if value != header and key != field}
        self._columns = kept | ({field[:40]: header} if header in self.headers else {})
        self.fields = [
            one
            | {"header": self._columns.get(one["key"], "")}
            | ({"sample": ""} if one["key"] == field or one["header"] == header else {})
            for one in self.fields
        ]

    @rx.event
    async def check(self) -> Any:
        """Start the dry run."""
        return await self._begin(is_check=True)

    @rx.event
    async def commit(self) -> Any:
        """Start the import."""
        return await self._begin(is_check=False)

    async def _begin(self, *, is_check: bool) -> Any:
        run = await self._write(
            _start, entity=self.entity, key=self._file, columns=self._columns, is_check=is_check
        )
        return rx.redirect(f"{routes.IMPORT}?job={run}")

    async def _when_done(self, row: JobRow) -> Any:
        await self._show_result(row)


def _names(entity: ImportEntity, language: str) -> str:
    names = [gettext(field.title, language) for field in entity.fields]
    return ("、" if language == "zh_CN" else ", ").join(names)


def _sample(sheet: Sheet, header: str) -> str:
    """What stands in the first lines of a column."""
    if header not in sheet.headers:
        return ""
    place = sheet.headers.index(header)
    return " · ".join(row.cells[place] for row in sheet.rows[:SAMPLES] if row.cells[place])[:80]
