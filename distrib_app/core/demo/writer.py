"""How the demo's rows reach their tables: bulk inserts of stored values, sequences kept behind them."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlmodel import Session, SQLModel

from ..kernel.db import bulk_insert, next_id, stored_instant, sync_sequence
from .timeline import Timeline


class Writer:
    """The one writing session of the generator with its calendar; `now` is when all of it is recorded."""

    def __init__(self, session: Session, timeline: Timeline, now: datetime) -> None:
        self.session, self.timeline, self.now = session, timeline, now
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"
        self._instants: dict[int, datetime | str] = {}

    @cached_property
    def founded_at(self) -> datetime:
        """The first instant of the story."""
        return self.timeline.instant(0)

    @cached_property
    def founded_on(self) -> str:
        """The first day as stored."""
        return self.timeline.start.isoformat()

    def instant(self, second: int) -> datetime | str:
        """The instant of a second as the database stores it; most are written more than once."""
        found = self._instants.get(second)
        if found is None:
            instant = self.timeline.instant(second)
            found = self._instants[second] = stored_instant(instant) if self._is_sqlite else instant
        return found

    def first_id(self, model: type[SQLModel]) -> int:
        """The id the next row of a table may have."""
        return next_id(self.session, SQLModel.metadata.tables[str(model.__tablename__)])

    def insert(self, model: type[SQLModel], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Insert rows of stored values and return their count."""
        table = SQLModel.metadata.tables[str(model.__tablename__)]
        count = bulk_insert(self.session, table, columns, rows)
        if "id" in table.c and table.c["id"].autoincrement is not False:
            sync_sequence(self.session, table)
        return count


def as_json(value: object) -> str:
    """A JSON column's stored text."""
    return json.dumps(value, ensure_ascii=False)
