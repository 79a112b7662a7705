"""Document numbers `SO-20261123-0001`: per kind and day, unique, gap-tolerant."""

from datetime import date

from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel


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


def next_number(session: Session, kind: str, day: date) -> str:
    """The next number of `kind` on the business day `day`.

    On PostgreSQL the counter moves in a transaction of its own, so that two orders never wait for each
    other; a number whose document fails is a gap. On SQLite writers are serial anyway.
    """
    values = {"kind": kind, "day": day.isoformat(), "count": 1}
    bind = session.get_bind()
    if bind.dialect.name == "sqlite":
        last = session.connection().execute(_NEXT, values).scalar_one()
    else:
        with session.info["database"].engine.begin() as connection:
            last = connection.execute(_NEXT, values | {"day": day}).scalar_one()
    return f"{kind}-{day:%Y%m%d}-{last:04d}"
