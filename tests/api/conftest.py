"""The market as it was built (`market`) and with trade in it (`traded`, for tests that change nothing)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database

from .market import Market, build_market, run_trade, serving

Built = tuple[Path, dict[str, str]]


@pytest.fixture(scope="session")
def built(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A file with the market in it, and its tokens."""
    path = tmp_path_factory.mktemp("market") / "built.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.write(SYSTEM) as session:
        tokens = build_market(session)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path, tokens


@pytest.fixture
def market(built: Built, tmp_path: Path) -> Iterator[Market]:
    """A fresh market."""
    path, tokens = built
    shutil.copy(path, tmp_path / "test.db")
    with serving(tmp_path / "test.db", tokens) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def traded(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A market in which everybody has traded, shared by the tests of a module."""
    path, tokens = built
    folder = tmp_path_factory.mktemp("traded")
    shutil.copy(path, folder / "test.db")
    with serving(folder / "test.db", tokens) as busy:
        run_trade(busy)
        yield busy
