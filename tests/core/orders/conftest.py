"""The trading network on both databases, and its users."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from distrib_app.core.kernel.db import Database
from tests.core.inventory.copies import PostgresCopies, SqliteCopies
from tests.core.inventory.shop import actor

from .trade import Trader, build_trade


@pytest.fixture(scope="session")
def sqlite_trades(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("trade"), build_trade)


@pytest.fixture(scope="session")
def postgres_trades(postgres_url: str, postgres_template: str) -> Iterator[PostgresCopies]:
    copies = PostgresCopies(postgres_url, postgres_template, build_trade)
    yield copies
    copies.close()


@pytest.fixture(params=["sqlite_trades", "postgres_trades"])
def trade(request: pytest.FixtureRequest) -> Database:
    """A fresh copy of the trading network."""
    return request.getfixturevalue(request.param).fresh()


@pytest.fixture
def who(trade: Database) -> Callable[[str], Trader]:
    """A user by name, resolved once."""
    return cache(lambda name: Trader(trade, actor(trade, name)))
