"""The network with many orders on both databases; nothing here writes to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from distrib_app.core.kernel.db import Database
from tests.core.inventory.copies import PostgresCopies, SqliteCopies

from .many import build_many


@pytest.fixture(scope="session")
def many_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Database:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("many"), build_many).fresh()


@pytest.fixture(scope="session")
def many_postgres(postgres_url: str, postgres_template: str) -> Iterator[Database]:
    copies = PostgresCopies(postgres_url, postgres_template, build_many)
    yield copies.fresh()
    copies.close()


@pytest.fixture(params=["many_sqlite", "many_postgres"])
def many(request: pytest.FixtureRequest) -> Database:
    """A trading network with 160 orders; read only."""
    return request.getfixturevalue(request.param)
