"""Cursors of lists: what the last row was sorted by, as opaque text that belongs to one question.

Nothing in a cursor is secret and nothing is trusted: it opens no row that the same question without it would
not show.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ..core.kernel.keyset import BadCursorError

MAX_CURSOR = 2000
_MAX_INT = 2**63


def question(path: str, params: Iterable[tuple[str, str]]) -> str:
    """A short digest of what a list is asked for, whatever window of it."""
    asked = sorted(item for item in params if item[0] not in ("cursor", "limit", "offset"))
    return hashlib.sha256(json.dumps([path, asked]).encode()).hexdigest()[:12]


def encode(asked: str, values: Sequence[Any]) -> str:
    """The cursor behind a row with these sort values."""
    text = json.dumps([asked, *(_plain(value) for value in values)], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(asked: str, cursor: str) -> tuple[Any, ...]:
    """The sort values in a cursor of the same question. Raises `BadCursorError`."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = json.loads(raw)
        if not isinstance(found, list) or not found or found[0] != asked:
            raise BadCursorError
        return tuple(_value(one) for one in found[1:])
    except (binascii.Error, ValueError, InvalidOperation, RecursionError) as error:
        raise BadCursorError from error


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    return value


def _value(plain: Any) -> Any:
    if plain is None or isinstance(plain, str):
        if plain and "\0" in plain:
            raise BadCursorError
        return plain
    if isinstance(plain, int):
        if not -_MAX_INT <= plain < _MAX_INT:
            raise BadCursorError
        return plain
    if isinstance(plain, dict) and len(plain) == 1:
        ((kind, text),) = plain.items()
        if isinstance(text, str) and kind in _PARSERS:
            return _PARSERS[kind](text)
    raise BadCursorError


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise BadCursorError
    return instant


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or abs(number) >= 10**13:
        raise BadCursorError
    return number


_PARSERS: dict[str, Any] = {"t": _instant, "d": date.fromisoformat, "n": _number}
