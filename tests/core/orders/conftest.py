"""Fresh databases that hold the trading network, copied from a template built once."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from distrib_app.core.kernel.db import Database
from tests.core.inventory.conftest import fresh_postgres, fresh_sqlite, postgres_copy, sqlite_copy
from tests.core.inventory.shop import actor

from .trade import Trader, build_trade


@pytest.fixture(scope="session")
def trade_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sqlite_copy(sqlite_template, tmp_path_factory.mktemp("trade") / "trade.db", build_trade)


@pytest.fixture(scope="session")
def trade_postgres(postgres_url: str, postgres_template: str) -> str:
    return postgres_copy(postgres_url, postgres_template, build_trade)


@pytest.fixture
def sqlite_trade(trade_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    yield from fresh_sqlite(trade_sqlite, tmp_path)


@pytest.fixture
def postgres_trade(postgres_url: str, trade_postgres: str) -> Iterator[Database]:
    yield from fresh_postgres(postgres_url, trade_postgres)


@pytest.fixture(params=["sqlite_trade", "postgres_trade"])
def trade(request: pytest.FixtureRequest) -> Database:
    """The trading network on both databases."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def who(trade: Database) -> Callable[[str], Trader]:
    """A user by name, resolved once."""
    return cache(lambda name: Trader(trade, actor(trade, name)))
