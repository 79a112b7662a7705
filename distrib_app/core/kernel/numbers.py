"""Document numbers `SO-20261123-0001`: per kind and day, unique, gap-tolerant."""

from datetime import date
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel

if TYPE_CHECKING:
    from .db import Database

# how many numbers a process on PostgreSQL takes at a time for its next documents
BLOCK = 20


class NumberSeries(SQLModel, table=True):
    """The last number given out for a kind on a day."""

    __tablename__ = "number_series"

    kind: str = Field(primary_key=True, max_length=8)
    day: date = Field(primary_key=True)
    last: int


_NEXT = text(
    "INSERT INTO number_series (kind, day, last) VALUES (:kind, :day, :count) "
    "ON CONFLICT (kind, day) DO UPDATE SET last = number_series.last + :count RETURNING last"
)
_lock = Lock()


def next_number(session: Session, kind: str, day: date) -> str:
    """The next number of `kind` on the business day `day`.

    On PostgreSQL the counter moves in a transaction of its own, so that two orders never wait for each
    other, and by a block of which this process gives out one after the other; what is not used is a gap.
    On SQLite writers are serial anyway.
    """
    return next_numbers(session, kind, day, 1)[0]


def next_numbers(session: Session, kind: str, day: date, count: int) -> list[str]:
    """The next `count` numbers of `kind` on the business day `day`, one behind the other."""
    if not count:
        return []
    values = {"kind": kind, "day": day.isoformat(), "count": count}
    if session.get_bind().dialect.name == "sqlite":
        last = session.connection().execute(_NEXT, values).scalar_one()
        taken = range(last - count + 1, last + 1)
    else:
        taken = _take(session.info["database"], kind, day, count)
    return [f"{kind}-{day:%Y%m%d}-{number:04d}" for number in taken]


def _take(database: "Database", kind: str, day: date, count: int) -> range:
    """So many numbers out of this process's block; a new block where it has too few left."""
    with _lock:
        block = database.numbers.get((kind, day), range(0))
        if len(block) < count:
            with database.engine.begin() as connection:
                values = {"kind": kind, "day": day, "count": max(BLOCK, count)}
                last = connection.execute(_NEXT, values).scalar_one()
            block = range(last - max(BLOCK, count) + 1, last + 1)
        database.numbers[kind, day] = block[count:]
        return block[:count]
