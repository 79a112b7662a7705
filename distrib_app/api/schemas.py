"""Schemas of answers, made from the row classes of core as `models.row_json` shows them.

A router says per operation which permission it asks for and what it answers: `openapi_extra=asks(…)`.
"""

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
AMOUNT: Schema = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["1234.50"]}
DAY: Schema = {"type": "string", "format": "date"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
OBJECT: Schema = {"type": "object", "additionalProperties": True}
ANYTHING: Schema = {}
STEP: Schema = {
    "type": "object",
    "required": ["text", "result"],
    "properties": {"text": TEXT, "result": TEXT},
    "description": "A step of the calculation, as a sentence with its result.",
}
_PLAIN: dict[Any, Schema] = {
    str: TEXT,
    int: NUMBER,
    bool: FLAG,
    Decimal: AMOUNT,
    date: DAY,
    datetime: INSTANT,
    object: ANYTHING,
    Any: ANYTHING,
}


@dataclass(frozen=True, slots=True)
class Named:
    """A schema with the name that it has in the description."""

    name: str
    schema: Schema


def asks(*permissions: str, answers: Named | Schema | None = None) -> dict[str, Any]:
    """What an operation asks for (any one of the permissions; none: being signed in) and answers."""
    extra: dict[str, Any] = {"x-permission": [str(permission) for permission in permissions]}
    if answers is not None:
        extra["x-answer"] = answers if isinstance(answers, Named) else Named("", answers)
    return extra


def both(*permissions: str) -> str:
    """Permissions that are all needed at once."""
    return " ".join(permissions)


def row_of(name: str, row: type, *, omit: Sequence[str] = (), **more: Schema) -> Named:
    """A frozen row as `row_json` shows it, without what `omit` names, with `more` beside or instead."""
    properties = {key: value for key, value in _properties(row).items() if key not in omit} | more
    return Named(name, object_of(**properties))


def list_of(item: Named, **more: Schema) -> Named:
    """One window of a list of `item`."""
    properties: Schema = {
        "items": array_of(item),
        "total": NUMBER | {"description": "How many there are in all."},
        "offset": {"type": ["integer", "null"], "description": "Rows skipped; null where a cursor began."},
        "limit": NUMBER,
        "next_cursor": {"type": ["string", "null"], "description": "For the next window; null at the end."},
    }
    return Named(f"{item.name}List", object_of(**properties, **more))


def object_of(**properties: Schema) -> Schema:
    """An object with exactly these properties, all of them present."""
    return {"type": "object", "required": sorted(properties), "properties": properties}


def array_of(item: Named | Schema) -> Schema:
    """A list of `item`."""
    return {"type": "array", "items": reference(item) if isinstance(item, Named) else item}


def reference(named: Named) -> Schema:
    """Where a named schema stands; it goes there when the description is put together."""
    return {"$ref": f"#/components/schemas/{named.name}", "x-named": named}


def or_null(schema: Schema) -> Schema:
    """The schema, or null."""
    if "type" in schema and isinstance(schema["type"], str):
        return schema | {"type": [schema["type"], "null"]}
    return schema if not schema else {"anyOf": [schema, {"type": "null"}]}


def _properties(row: type) -> Schema:
    hints = get_type_hints(row)
    return {one.name: _column(one.name, hints[one.name]) for one in fields(row)}


def _column(name: str, hint: Any) -> Schema:
    schema = _schema(hint)
    if name.endswith("_amount"):
        return or_null(AMOUNT) if _is_optional(hint) else AMOUNT
    return schema


def _is_optional(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)


def _schema(hint: Any) -> Schema:
    if hint in _PLAIN:
        return _PLAIN[hint]
    if get_origin(hint) is not None:
        return _composed(hint, get_origin(hint), get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"type": "string", "enum": [one.value for one in hint]}
    if is_dataclass(hint) and isinstance(hint, type):
        return object_of(**_properties(hint))
    return ANYTHING


def _composed(hint: Any, origin: Any, arguments: tuple[Any, ...]) -> Schema:
    if origin in (Union, types.UnionType):
        options = [_schema(one) for one in arguments if one is not type(None)]
        schema = options[0] if len(options) == 1 else {"anyOf": options}
        return or_null(schema) if _is_optional(hint) else schema
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple and Ellipsis not in arguments:
        return {"type": "array", "prefixItems": [_schema(one) for one in arguments]}
    if issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1])}
    return array_of(_schema(arguments[0]))
