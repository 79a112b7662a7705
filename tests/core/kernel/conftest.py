"""An empty house (regions, tiers, roles) on both databases, set back before every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from distrib_app.core.kernel.db import Database
from tests.core.inventory.copies import PostgresCopies, SqliteCopies

from .copies import LazyCopies


def _nothing(_session: Session) -> None:
    """The template as it is."""


@pytest.fixture(scope="session")
def sqlite_houses(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> LazyCopies:
    return LazyCopies(SqliteCopies(sqlite_template, tmp_path_factory.mktemp("house"), _nothing))


@pytest.fixture(scope="session")
def postgres_houses(postgres_url: str, postgres_template: str) -> Iterator[LazyCopies]:
    copies = PostgresCopies(postgres_url, postgres_template, _nothing)
    yield LazyCopies(copies)
    copies.close()


@pytest.fixture(params=["sqlite_houses", "postgres_houses"])
def house(request: pytest.FixtureRequest) -> Database:
    """A fresh empty house."""
    return request.getfixturevalue(request.param).fresh()
