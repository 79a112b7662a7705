"""A small network for the floors of accounts, catalogue and prices, built once per database.

BR (brand, China) ─ GD (province agent, Guangdong) ─ GZ, SZ (city agents, Guangzhou, Shenzhen)
                  └ JS (province agent, Jiangsu)
Users: `finance` and `operations` of the brand, and an owner per agent named like it in small letters.
"""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, func, select

from distrib_app.core.accounts import (
    InvoiceLineDraft,
    TradingAccount,
    get_account,
    issue_invoice,
    open_account,
)
from distrib_app.core.channels import (
    NetworkPlan,
    Partner,
    ProductLine,
    add_membership,
    create_partner,
    found_network,
    resolve_actor,
)
from distrib_app.core.kernel.access import SYSTEM, Actor, User
from distrib_app.core.kernel.db import Database, metadata, row_id
from distrib_app.core.kernel.money import split_gross

from ...conftest import NOW, _execute, _named, copy_database

AGENTS = [
    ("GD", "province", "BR", "440000"),
    ("GZ", "city", "GD", "440100"),
    ("SZ", "city", "GD", "440300"),
    ("JS", "province", "BR", "320000"),
]
USERS = [
    ("finance", "BR", "finance"),
    ("operations", "BR", "operations"),
    *((code.lower(), code, "owner") for code, *_ in AGENTS),
]


@dataclass(frozen=True)
class Net:
    """The network in a database, with its actors by user name."""

    database: Database
    now: datetime
    actors: dict[str, Actor]
    ids: dict[str, int]

    def count(self, *models: type[SQLModel]) -> tuple[int, ...]:
        """Rows per table, to show that a refusal left nothing."""
        with self.database.read(SYSTEM) as session:
            return tuple(session.exec(select(func.count()).select_from(model)).one() for model in models)

    def open(self, seller: str, buyer: str, *, limit: int = 0, terms: int = 30) -> None:
        """Open a trading account."""
        with self.database.write(SYSTEM) as session:
            open_account(
                session,
                SYSTEM,
                seller_code=seller,
                buyer_code=buyer,
                terms_days=terms,
                credit_limit_amount=limit,
                now=self.now,
            )

    def invoice(self, seller: str, buyer: str, gross: int, day: date, document: str = "SO-1") -> str:
        """Issue an invoice of one line at 13 % and return its number."""
        with self.database.write(SYSTEM) as session:
            return issue_invoice(
                session,
                SYSTEM,
                account=account(session, seller, buyer),
                document=document,
                lines=[line(gross)],
                day=day,
                now=self.now,
            ).number


def account(session, seller: str, buyer: str) -> TradingAccount:
    """The account between two codes."""
    return get_account(session, seller_code=seller, buyer_code=buyer)


def line(gross: int, qty: int = 1) -> InvoiceLineDraft:
    """A line at 13 % tax."""
    split = split_gross(gross, 130_000)
    return InvoiceLineDraft("A-1", "Drill", qty, 130_000, split.net, split.tax, split.gross)


def build(database: Database, now: datetime) -> Net:
    """Found the network and resolve its actors."""
    with database.write(SYSTEM) as session:
        found_network(
            session,
            SYSTEM,
            plan=NetworkPlan(
                "BR", "品牌", "Brand", "CN", "CNY", "Asia/Shanghai", "province", "test", date(2025, 1, 1)
            ),
            now=now,
        )
        session.add(ProductLine(code="TOOLS", name="工具", name_en="Tools", path="TOOLS/"))
        for code, tier, parent, region in AGENTS:
            create_partner(
                session,
                SYSTEM,
                code=code,
                name=f"{code} 商贸",
                tier_code=tier,
                parent_code=parent,
                region_code=region,
                since=date(2025, 1, 1),
                now=now,
            )
        users = [User(username=name, name=name, password_hash="-", created_at=now) for name, _, _ in USERS]
        session.add_all(users)
        session.flush()
        for username, partner, role in USERS:
            add_membership(session, SYSTEM, username=username, partner_code=partner, role_code=role, now=now)
        session.flush()
        actors = {user.username: resolve_actor(session, user, now=now) for user in users}
        ids = {partner.code: row_id(partner) for partner in session.exec(select(Partner))}
    return Net(database, now, actors, ids)


# What the network itself consists of; every other table is emptied before a test.
KEPT = {
    "region",
    "product_line",
    "tier",
    "tier_scope",
    "role",
    "partner",
    "partner_path",
    "membership",
    "network",
    "user_account",
}


@pytest.fixture(scope="session")
def sqlite_net(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Net]:
    """The network in a SQLite file."""
    path = tmp_path_factory.mktemp("net") / "net.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield build(database, NOW)
    database.dispose()


@pytest.fixture(scope="session")
def postgres_net(postgres_url: str, postgres_template: str) -> Iterator[Net]:
    """The network in a PostgreSQL database."""
    name = f"net_{uuid.uuid4().hex[:12]}"
    copy_database(postgres_url, name, postgres_template)
    database = Database(_named(postgres_url, name))
    yield build(database, NOW)
    database.dispose()
    _execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite_net", "postgres_net"])
def net(request: pytest.FixtureRequest) -> Net:
    """The network without any document, on both databases."""
    found: Net = request.getfixturevalue(request.param)
    tables = [table.name for table in reversed(metadata().sorted_tables) if table.name not in KEPT]
    with found.database.write(SYSTEM) as session:
        if found.database.is_sqlite:
            for name in tables:
                session.connection().execute(text(f"DELETE FROM {name}"))
        else:
            session.connection().execute(text(f"TRUNCATE {', '.join(tables)}"))
            found.database.numbers.clear()  # those taken ahead went with their series
    return found
