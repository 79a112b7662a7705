"""The trading network with one order BR → GZ, colleagues, a folder for files, and subjects as in the app.

Import `office`, `sqlite_offices` and `postgres_offices` into a test module to use the fixture.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlmodel import Session, SQLModel, func, select

from distrib_app.core.channels import PEOPLE, add_membership
from distrib_app.core.kernel.access import SYSTEM, Actor, User
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import DomainError
from distrib_app.core.kernel.events import Event
from distrib_app.core.orders import LineRequest, SalesOrder, place_order
from distrib_app.core.reactions import NOTICE_KINDS, SUBJECTS
from distrib_app.core.workbench import FileStore, install_notice_kinds, install_subjects
from distrib_app.core.workbench.models import Comment, Notice, NoticePreference, StoredFile
from tests.core.inventory.copies import PostgresCopies, SqliteCopies
from tests.core.inventory.shop import LONG_AGO, NOW, actor
from tests.core.orders.trade import build_trade

MORE_USERS = {"fin": ("BR", "finance"), "gz2": ("GZ", "owner")}


def build_office(session: Session) -> None:
    """The trading network, two colleagues more, and an order of GZ at BR."""
    build_trade(session)
    for username, (partner, role) in MORE_USERS.items():
        session.add(User(username=username, name=username.upper(), password_hash="-", created_at=LONG_AGO))
        session.flush()
        add_membership(session, SYSTEM, username=username, partner_code=partner, role_code=role, now=LONG_AGO)
    place_order(
        session,
        SYSTEM,
        buyer_code="GZ",
        seller_code="BR",
        lines=[LineRequest("AC", 1)],
        idempotency_key="office",
        now=LONG_AGO,
    )


def picture(width: int = 640, height: int = 480, kind: str = "PNG", **options: Any) -> bytes:
    """An image of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, kind, **options)
    return out.getvalue()


@dataclass
class Office:
    """A database, its files, and verbs as the gate calls them."""

    database: Database
    files: FileStore
    folder: Path
    who: Callable[[str], Actor]
    order: tuple[str, str]

    def do(self, username: str, verb: Callable[..., Any], /, **facts: Any) -> Any:
        """One verb in a transaction of its own."""
        person = self.who(username)
        with self.database.write(person) as session:
            return verb(session, person, **({"now": NOW} | facts))

    def ask(self, username: str, query: Callable[..., Any], /, **facts: Any) -> Any:
        """One query."""
        person = self.who(username)
        with self.database.read(person) as session:
            return query(session, person, **facts)

    def refused(self, username: str, verb: Callable[..., Any], **facts: Any) -> DomainError:
        """The refusal, after showing that nothing changed."""
        before = self.record()
        with pytest.raises(DomainError) as caught:
            self.do(username, verb, **facts)
        assert self.record() == before
        return caught.value

    def record(self) -> tuple[Any, ...]:
        """Rows of the tables here, and the files in the folder."""
        tables: tuple[type[SQLModel], ...] = (Comment, StoredFile, Notice, NoticePreference, Event)
        with self.database.read(SYSTEM) as session:
            counts = [session.exec(select(func.count()).select_from(table)).one() for table in tables]
            read = session.exec(select(func.count(Notice.read_at))).one()
        return *counts, read, self.kept()

    def kept(self) -> list[str]:
        """The names of all stored bytes."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture(scope="session")
def sqlite_offices(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("office"), build_office)


@pytest.fixture(scope="session")
def postgres_offices(postgres_url: str, postgres_template: str) -> Iterator[PostgresCopies]:
    copies = PostgresCopies(postgres_url, postgres_template, build_office)
    yield copies
    copies.close()


@pytest.fixture(params=["sqlite_offices", "postgres_offices"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    """A fresh office."""
    install_subjects(SUBJECTS, PEOPLE)
    install_notice_kinds(NOTICE_KINDS)
    database = request.getfixturevalue(request.param).fresh()
    with database.read(SYSTEM) as session:
        number = session.exec(select(SalesOrder.number)).one()
    folder = tmp_path / "files"
    return Office(
        database,
        FileStore(str(folder), max_bytes=100_000),
        folder,
        cache(lambda name: actor(database, name)),
        ("order", number),
    )
