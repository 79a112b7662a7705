"""How a search word meets rows: exact code, beginning of a code, beginning of the initials, inside a name.

The first three are ranges of an index on both databases. Looking inside names reads them all: it comes last,
and only where the indexes gave too little.
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, SQLModel, select

from .prefix import begins_with, holds
from .words import initials

Row = TypeVar("Row", bound=SQLModel)


class Match(IntEnum):
    """How well a row meets the word, best first."""

    EXACT = 0
    CODE = 1
    INITIALS = 2
    NAME = 3


def find_by_index(
    session: Session,
    model: type[Row],
    word: str,
    limit: int,
    *,
    code: Any,
    letters: Any = None,
    names: Sequence[Any] = (),
    order: Any = None,
) -> list[tuple[Match, Row]]:
    """At most `limit` rows of `model` within scope by ranges of its indexes, best matches first.

    `word` is normalised (`search_words`). A Chinese word goes through the initials too; the name decides.
    With `order` (numbers of documents, newest first) codes are those in capital letters.
    """
    found: dict[int, tuple[Match, Row]] = {}
    cases = sorted({word, word.upper()}) if order is None else [word.upper()]
    for match, condition in _ranges(word, cases, code, letters, names):
        if len(found) < limit:
            for row in session.exec(select(model).where(condition).order_by(order).limit(limit)):
                found.setdefault(cast(Any, row).id, (match, row))
    return list(found.values())[:limit]


def _ranges(
    word: str, cases: Sequence[str], code: Any, letters: Any, names: Sequence[Any]
) -> Iterator[tuple[Match, ColumnElement[bool]]]:
    yield Match.EXACT, code.in_(cases)
    yield Match.CODE, or_(*(begins_with(code, case) for case in cases))
    wanted = initials(word)
    if letters is not None and wanted:
        begins = begins_with(letters, wanted)
        if not word.isascii():
            begins = and_(begins, or_(*(begins_with(name, word) for name in names)))
        yield Match.INITIALS, begins


def find_inside(
    session: Session,
    model: type[Row],
    word: str,
    limit: int,
    *,
    name: Any,
    letters: Any,
    latin: Sequence[Any] = (),
    digits: Sequence[Any] = (),
) -> list[Row]:
    """At most `limit` rows of `model` within scope that hold `word` somewhere.

    Every column read costs as much as the table has rows, so a word is looked for only where it can stand:
    Chinese in `name`; letters in the columns of `latin`; a word with digits in those of `digits`, in capitals
    (code, barcode, telephone). Letters and digits of the name itself stand in its initials.
    """
    if not word.isascii():
        where = [holds(name, word)]
    elif any(map(str.isdigit, word)):
        where = [column.contains(word.upper(), autoescape=True) for column in digits]
    else:
        where = [holds(column, word) for column in latin]
    if word.isascii() and (run := initials(word)):
        where.append(letters.contains(run, autoescape=True))
    return list(session.exec(select(model).where(or_(*where)).limit(limit))) if where else []
