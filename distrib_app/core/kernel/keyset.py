"""Where a list goes on: behind a row, whatever was inserted before it meanwhile."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_

from .errors import DomainError, msg


class BadCursorError(DomainError):
    """`cursor` is none that a list of this kind gave out."""

    code = "bad_cursor"
    status = 400
    template = msg("This cursor belongs to no list, or to one asked for in another way. Start without it.")


def behind(columns: Sequence[Any], values: Sequence[Any], *, is_descending: bool) -> ColumnElement[bool]:
    """The rows that come behind the one with `values`, in the order of `columns` with nulls last.

    Raises `BadCursorError` when the values are not as many as the columns.
    """
    if len(columns) != len(values):
        raise BadCursorError
    later: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for column, value in zip(columns, values, strict=True):
        if value is None:
            later.append(false())
            same.append(column.is_(None))
            continue
        beyond = column < value if is_descending else column > value
        is_nullable = getattr(column, "nullable", True)
        later.append(and_(*same, or_(beyond, column.is_(None)) if is_nullable else beyond))
        same.append(column == value)
    return or_(*later)
