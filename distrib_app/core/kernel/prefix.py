"""Whether a text begins with another, as a range that an index answers on both databases, or holds it.

`LIKE 'x%'` reads every row on SQLite, whose `LIKE` knows no case; on PostgreSQL the order of a language is no
order of prefixes, so there the operators of `text_pattern_ops` compare, and the index has to be one of those.
"""

from typing import Any, cast

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_LAST = 0x10FFFF


class _Condition(FunctionElement[bool]):
    """A condition that stands as it is: `… = 1` around it, as for a stored boolean, would hide the index."""

    type = Boolean()

    def self_group(self, against: Any = None) -> Any:
        """Nothing around it; it brings its own brackets."""
        return self


class _Begins(_Condition):
    """`column` in `[low, high)` by the order of characters."""

    name = "begins"
    inherit_cache = True


@compiles(_Begins)
def _plainly(element: Any, compiler: Any, **keywords: Any) -> str:
    column, low, high = (compiler.process(part, **keywords) for part in element.clauses)
    return f"({column} >= {low} AND {column} < {high})"


@compiles(_Begins, "postgresql")
def _by_pattern(element: Any, compiler: Any, **keywords: Any) -> str:
    column, low, high = (compiler.process(part, **keywords) for part in element.clauses)
    return f"({column} ~>=~ {low} AND {column} ~<~ {high})"


def begins_with(column: Any, prefix: str) -> ColumnElement[bool]:
    """Whether a text column begins with `prefix`, upper and lower case apart.

    The prefix is not empty, and not of the last character there is alone.
    """
    return cast(ColumnElement[bool], _Begins(column, literal(prefix), literal(_behind(prefix))))


class _Holds(_Condition):
    """`column` matches `pattern`, letters in either case."""

    name = "holds"
    inherit_cache = True


@compiles(_Holds)
def _like(element: Any, compiler: Any, **keywords: Any) -> str:
    column, pattern = (compiler.process(part, **keywords) for part in element.clauses)
    return f"({column} LIKE {pattern} ESCAPE '/')"  # on SQLite it knows no case


@compiles(_Holds, "postgresql")
def _lower(element: Any, compiler: Any, **keywords: Any) -> str:
    column, pattern = (compiler.process(part, **keywords) for part in element.clauses)
    # three times as fast as ILIKE, which asks the rules of a language about every character
    return f"(lower({column} COLLATE \"C\") LIKE {pattern} ESCAPE '/')"


def holds(column: Any, text: str) -> ColumnElement[bool]:
    """Whether a text column holds `text` somewhere, ASCII letters in either case; reads every row."""
    if not text.isascii():  # no case, and comparing as it stands is faster
        return cast(ColumnElement[bool], column.contains(text, autoescape=True))
    escaped = text.lower().replace("/", "//").replace("%", "/%").replace("_", "/_")
    return cast(ColumnElement[bool], _Holds(column, literal(f"%{escaped}%")))


def _behind(prefix: str) -> str:
    """The smallest text behind every text that begins with `prefix`."""
    kept = prefix.rstrip(chr(_LAST))
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)  # surrogates are no characters
