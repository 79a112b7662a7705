"""Databases built once and set back before every test.

One engine serves all tests of a template, so that statements are compiled once and not once per test.
"""

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from sqlmodel import Session

from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from tests.conftest import _execute, _named, copy_database

Build = Callable[[Session], None]


class SqliteCopies:
    """A SQLite file that holds what `build` wrote into a copy of `source`, set back by `fresh`."""

    def __init__(self, source: Path, folder: Path, build: Build) -> None:
        self.template, self.path = folder / "template.db", folder / "test.db"
        shutil.copy(source, self.template)
        database = Database(f"sqlite:///{self.template}")
        with database.write(SYSTEM) as session:
            build(session)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()
        self.database = Database(f"sqlite:///{self.path}")

    def fresh(self) -> Database:
        """The database as it was built."""
        self.database.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.template, self.path)
        return self.database


class PostgresCopies:
    """A PostgreSQL database that holds what `build` wrote into a copy of `source`, set back by `fresh`."""

    def __init__(self, url: str, source: str, build: Build) -> None:
        self.url = url
        self.template, self.name = (f"{kind}_{uuid.uuid4().hex[:12]}" for kind in ("built", "test"))
        copy_database(url, self.template, source)
        database = Database(_named(url, self.template))
        with database.write(SYSTEM) as session:
            build(session)
        database.dispose()
        self.database = Database(_named(url, self.name))

    def fresh(self) -> Database:
        """The database as it was built."""
        self.close()
        copy_database(self.url, self.name, self.template)
        return self.database

    def close(self) -> None:
        """Drop what the last test left."""
        self.database.dispose()
        _execute(self.url, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
