"""Bring the database to the newest schema at start, under a lock, the same on SQLite and PostgreSQL."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from .db import Database

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
_LOCK_KEY = 7_264_001


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file; runs on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database) -> None:
    """`upgrade head`; two processes that start together take turns.

    SQLite changes a table by copying it, and drops the old one though others refer to it: foreign keys are
    off meanwhile and checked before the commit. Raises `IntegrityError` for a row that refers to nothing.
    """
    with migration_lock(database), database.engine.execution_options(writing=True).connect() as connection:
        raw = connection.connection.driver_connection
        if database.is_sqlite:  # no statement of SQLAlchemy's: that would begin the transaction
            raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        try:
            with connection.begin():
                command.upgrade(alembic_config(connection), "head")
                _check_references(connection)
        finally:
            if database.is_sqlite:
                raw.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise IntegrityError("PRAGMA foreign_key_check", None, Exception(str(tuple(broken))))


def write_revision(database: Database, message: str) -> None:
    """Write a migration that brings an upgraded, empty `database` to the present models."""
    upgrade(database)
    with database.engine.execution_options(writing=True).begin() as connection:
        number = len(list((MIGRATIONS / "versions").glob("*.py"))) + 1
        command.revision(
            alembic_config(connection), message=message, autogenerate=True, rev_id=f"{number:04d}"
        )


@contextmanager
def migration_lock(database: Database) -> Iterator[None]:
    """A lock beside the SQLite file, or an advisory lock of PostgreSQL."""
    if database.is_sqlite:
        path = Path(str(database.engine.url.database) + ".lock")
        with path.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        return
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
