"""Fresh databases that hold the small network, copied from a template built once."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from tests.conftest import _execute, _named

from .shop import build_network


def sqlite_copy(source: Path, target: Path, build: Callable[[Session], None]) -> Path:
    """A SQLite template that holds what `build` writes."""
    shutil.copy(source, target)
    database = Database(f"sqlite:///{target}")
    with database.write(SYSTEM) as session:
        build(session)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return target


def postgres_copy(url: str, source: str, build: Callable[[Session], None]) -> str:
    """A PostgreSQL template that holds what `build` writes."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    _execute(url, f"CREATE DATABASE {name} TEMPLATE {source}")
    database = Database(_named(url, name))
    with database.write(SYSTEM) as session:
        build(session)
    database.dispose()
    return name


def fresh_sqlite(template: Path, folder: Path) -> Iterator[Database]:
    """A database of one test."""
    path = folder / "shop.db"
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


def fresh_postgres(url: str, template: str) -> Iterator[Database]:
    """A database of one test."""
    name = f"shop_{uuid.uuid4().hex[:12]}"
    _execute(url, f"CREATE DATABASE {name} TEMPLATE {template}")
    database = Database(_named(url, name))
    yield database
    database.dispose()
    _execute(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def network_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sqlite_copy(sqlite_template, tmp_path_factory.mktemp("network") / "network.db", build_network)


@pytest.fixture(scope="session")
def network_postgres(postgres_url: str, postgres_template: str) -> str:
    return postgres_copy(postgres_url, postgres_template, build_network)


@pytest.fixture
def sqlite_shop(network_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    yield from fresh_sqlite(network_sqlite, tmp_path)


@pytest.fixture
def postgres_shop(postgres_url: str, network_postgres: str) -> Iterator[Database]:
    yield from fresh_postgres(postgres_url, network_postgres)


@pytest.fixture(params=["sqlite_shop", "postgres_shop"])
def shop(request: pytest.FixtureRequest) -> Database:
    """The small network on both databases."""
    return request.getfixturevalue(request.param)
