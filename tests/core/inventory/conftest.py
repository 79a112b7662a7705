"""The small network on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from distrib_app.core.kernel.db import Database

from .copies import PostgresCopies, SqliteCopies
from .haul import build_haul
from .shop import build_network


@pytest.fixture(scope="session")
def sqlite_shops(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("shop"), build_network)


@pytest.fixture(scope="session")
def postgres_shops(postgres_url: str, postgres_template: str) -> Iterator[PostgresCopies]:
    copies = PostgresCopies(postgres_url, postgres_template, build_network)
    yield copies
    copies.close()


@pytest.fixture(params=["sqlite_shops", "postgres_shops"])
def shop(request: pytest.FixtureRequest) -> Database:
    """A fresh copy of the small network."""
    return request.getfixturevalue(request.param).fresh()


@pytest.fixture(scope="session")
def sqlite_hauls(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("haul"), build_haul)


@pytest.fixture(scope="session")
def postgres_hauls(postgres_url: str, postgres_template: str) -> Iterator[PostgresCopies]:
    copies = PostgresCopies(postgres_url, postgres_template, build_haul)
    yield copies
    copies.close()


@pytest.fixture(params=["sqlite_hauls", "postgres_hauls"])
def haul(request: pytest.FixtureRequest) -> Database:
    """A fresh copy of the trading network with stock to move."""
    return request.getfixturevalue(request.param).fresh()
