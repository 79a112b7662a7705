"""The town on both databases, set back before every test."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from distrib_app.core.kernel.access import Actor
from distrib_app.core.kernel.db import Database
from tests.core.inventory.copies import PostgresCopies, SqliteCopies
from tests.core.kernel.copies import LazyCopies

from .town import actor, build_town


@pytest.fixture(scope="session")
def sqlite_towns(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> LazyCopies:
    return LazyCopies(SqliteCopies(sqlite_template, tmp_path_factory.mktemp("town"), build_town))


@pytest.fixture(scope="session")
def postgres_towns(postgres_url: str, postgres_template: str) -> Iterator[LazyCopies]:
    copies = PostgresCopies(postgres_url, postgres_template, build_town)
    yield LazyCopies(copies)
    copies.close()


@pytest.fixture(params=["sqlite_towns", "postgres_towns"])
def town(request: pytest.FixtureRequest) -> Database:
    """A fresh copy of the town."""
    return request.getfixturevalue(request.param).fresh()


@pytest.fixture
def who(town: Database) -> Callable[[str], Actor]:
    """A user by name, as an actor, resolved once."""
    return cache(lambda name: actor(town, name))
