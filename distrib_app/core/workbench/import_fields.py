"""What a sheet for an entity looks like, and how its cells become values: pure, no database."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from ..kernel.clock import parse_day
from ..kernel.errors import DomainError, InvalidError, msg

MAX_DIGITS = 18
EMPTY = msg("must be filled in")
YES, NO = {"1", "y", "yes", "true", "是", "√"}, {"0", "n", "no", "false", "否", "×"}


class RecordedDifferentlyError(DomainError):
    """What the sheet says differs from what is recorded, and an import is not the way to change it."""

    code = "recorded_differently"
    status = 409
    template = msg("“{recorded}” is recorded; an import does not change it.")


class FieldKind(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    PERCENT = "percent"
    DAY = "day"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class ImportField:
    """A field of an entity: `title` and `note` are msgids, `aliases` other headings that mean it.

    `choices` maps every word that is accepted to its value. An empty cell leaves a field out.
    """

    key: str
    title: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    example: str = ""
    kind: str = FieldKind.TEXT
    note: str = ""
    choices: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ImportEntity:
    """What can be imported: fields, the permission, and the verb that takes one row.

    `commit(session, actor, row=…, now=…)` answers `created`, `updated` or `unchanged`; giving the same row
    again answers `unchanged`. `key` are the fields that tell one row from another.
    """

    name: str
    permission: str
    fields: tuple[ImportField, ...]
    key: tuple[str, ...]
    commit: Callable[..., str]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line: the field (empty for the whole line), a sentence (msgid) and its facts."""

    line: int
    field: str
    text: str
    facts: Mapping[str, Any]


def normal(heading: str) -> str:
    """A heading without what people add: case, blanks, units and remarks in brackets, marks."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】|[\s*_:：\-/.]", "", text)


def guess_mapping(
    headers: Sequence[str], entity: ImportEntity, remembered: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Which heading is which field, each used once: as remembered, else by the names a field goes by."""
    known = {field: header for field, header in (remembered or {}).items() if header in headers}
    mapping = {field.key: known[field.key] for field in entity.fields if field.key in known}
    free = {normal(header): header for header in reversed(headers) if header not in mapping.values()}
    for field in entity.fields:
        if field.key in mapping:
            continue
        for name in (field.key, field.title, *field.aliases):
            header = free.pop(normal(name), None)
            if header is not None:
                mapping[field.key] = header
                break
    return mapping


def check_mapping(entity: ImportEntity, headers: Sequence[str], columns: Mapping[str, str]) -> None:
    """Raise `InvalidError` for an unknown field or heading, one used twice, a required field without one."""
    keys = {field.key for field in entity.fields}
    for key, header in columns.items():
        if key not in keys or header not in headers:
            raise InvalidError(field=key[:40], reason=header[:80])
    chosen = list(columns.values())
    for header in chosen:
        if chosen.count(header) > 1:
            raise InvalidError(field=header[:80], reason=msg("chosen for more than one field"))
    for field in entity.fields:
        if field.required and field.key not in columns:
            raise InvalidError(field=field.title, reason=msg("choose its column"))


def parse_row(
    entity: ImportEntity, line: int, cells: Mapping[str, str]
) -> tuple[dict[str, Any], list[Problem]]:
    """The values of a line by field, and everything that is wrong with it; empty cells are left out."""
    row: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in entity.fields:
        text = cells.get(field.key, "").strip()
        if not text:
            if field.required:
                problems.append(Problem(line, field.key, EMPTY, {}))
            continue
        try:
            row[field.key] = parse_cell(field, text)
        except InvalidError as error:
            problems.append(Problem(line, field.key, str(error.facts["reason"]), {}))
    return row, problems


def parse_cell(field: ImportField, text: str) -> Any:
    """The value of a filled cell. Raises `InvalidError` with the reason."""
    if field.choices is not None:
        wanted = normal(text)
        for word, value in field.choices.items():
            if normal(word) == wanted:
                return value
        raise InvalidError(field=field.key, reason=f"{text} – {' · '.join(field.choices)}")
    return _PARSERS[FieldKind(field.kind)](field.key, text)


def _number(key: str, text: str) -> Decimal:
    plain = re.sub(r"[,\s¥$€£]", "", unicodedata.normalize("NFKC", text)).replace("−", "-")
    try:
        value = Decimal(plain)
    except InvalidOperation as error:
        raise InvalidError(field=key, reason=msg("is no number")) from error
    if not value.is_finite() or abs(value) >= 10**MAX_DIGITS:
        raise InvalidError(field=key, reason=msg("is no number"))
    return value


def _count(key: str, text: str) -> int:
    value = _number(key, text)
    if value != value.to_integral_value():
        raise InvalidError(field=key, reason=msg("is no whole number"))
    return int(value)


def _percent(key: str, text: str) -> int:
    """A rate in millionths out of `13`, `13%`."""
    value = _number(key, unicodedata.normalize("NFKC", text).removesuffix("%")) * 10_000
    if value != value.to_integral_value():
        raise InvalidError(field=key, reason=msg("has more digits than a rate has"))
    return int(value)


def _day(key: str, text: str) -> date:
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("00:00:00").strip()
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", plain) or re.fullmatch(
        r"(\d{4})(\d{2})(\d{2})", plain
    )
    if found is None:
        raise InvalidError(field=key, reason=msg("is no day: write YYYY-MM-DD"))
    try:
        return parse_day(f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}", key)
    except InvalidError as error:
        raise InvalidError(field=key, reason=msg("is no day: write YYYY-MM-DD")) from error


def _flag(key: str, text: str) -> bool:
    word = text.casefold()
    if word in YES or word in NO:
        return word in YES
    raise InvalidError(field=key, reason=msg("write yes or no"))


def _text(key: str, text: str) -> str:
    if not all(sign.isprintable() or sign == "\n" for sign in text):
        raise InvalidError(field=key, reason=msg("has control characters"))
    return text


def check_same(row: Mapping[str, Any], recorded: Mapping[str, Any]) -> None:
    """Raise `RecordedDifferentlyError` when the row says something else about a field than is recorded."""
    for field, value in recorded.items():
        if field in row and row[field] != value:
            raise RecordedDifferentlyError(field=field, recorded=value)


_PARSERS: dict[FieldKind, Callable[[str, str], Any]] = {
    FieldKind.TEXT: _text,
    FieldKind.COUNT: _count,
    FieldKind.NUMBER: _number,
    FieldKind.PERCENT: _percent,
    FieldKind.DAY: _day,
    FieldKind.FLAG: _flag,
}


def problem_of(error: DomainError, line: int, entity: ImportEntity) -> Problem:
    """What a verb refused about a line; under its field where it names one of the sheet."""
    field = str(error.facts.get("field", ""))
    is_known = field in {one.key for one in entity.fields}
    if isinstance(error, InvalidError) and is_known:
        return Problem(line, field, str(error.facts["reason"]), {})
    facts = {
        key: value if isinstance(value, (str, int)) else str(value) for key, value in error.facts.items()
    }
    return Problem(line, field if is_known else "", error.template, facts)
