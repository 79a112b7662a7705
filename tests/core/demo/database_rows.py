"""What tests of importers compare databases by."""

from typing import Any

from sqlalchemy import select

import distrib_app.core.tables  # noqa: F401 – all tables
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database, metadata


def all_rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order of its key."""
    with database.read(SYSTEM) as session:
        return {
            table.name: [
                tuple(row)
                for row in session.connection().execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata().sorted_tables
        }


def silent(_stage: str, _done: int, _total: int) -> None:
    """A progress nobody watches."""
