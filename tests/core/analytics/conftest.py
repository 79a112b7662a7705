"""A small network whose every figure can be added up by hand."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from distrib_app.core.analytics import LakeStore, sync_lake
from distrib_app.core.catalog.models import Category, Product, Sku
from distrib_app.core.channels import (
    NetworkPlan,
    Partner,
    ProductLine,
    add_membership,
    create_partner,
    found_network,
    resolve_actor,
)
from distrib_app.core.journal import LegDraft, post_legs
from distrib_app.core.kernel.access import SYSTEM, Actor, create_user
from distrib_app.core.kernel.db import Database, row_id

GUANGDONG, JIANGSU, BEIJING, GUANGZHOU = "440000", "320000", "110000", "440100"


@dataclass
class World:
    """A network in a database and its lake."""

    database: Database
    folder: Path
    now: datetime
    ids: dict[str, int]
    paths: dict[str, str]
    regions: dict[str, int]
    skus: dict[str, int]
    store: LakeStore

    def sell(
        self, seller: str, buyer: str, sku: str, day: str, qty: int, amount: str, order: int | None = None
    ) -> None:
        """Book one leg; `amount` in currency units as text."""
        whole, _, fraction = amount.partition(".")
        sign = -1 if amount.startswith("-") else 1
        micros = int(whole) * 1_000_000 + sign * int((fraction or "0").ljust(6, "0"))
        self._count += 1
        with self.database.write(SYSTEM) as session:
            post_legs(
                session,
                key=f"test:{self._count}",
                source="test",
                legs=[
                    LegDraft(
                        step="sell_in" if seller == "BR" else "sell_through",
                        booked_on=date.fromisoformat(day),
                        seller_id=self.ids[seller],
                        buyer_id=self.ids[buyer],
                        seller_path=self.paths[seller],
                        buyer_path=self.paths[buyer],
                        region_id=self.regions[buyer],
                        sku_id=self.skus[sku],
                        qty=qty,
                        price_micros=0,
                        amount=micros,
                        tax_amount=0,
                        order_id=order if order is not None else self._count,
                        document=f"D{self._count}",
                        line_no=1,
                    )
                ],
                now=self.now,
            )

    _count: int = 0

    def sync(self) -> None:
        """Bring everything into the lake."""
        sync_lake(self.database, self.folder, now=self.now)

    def actor(self, username: str) -> Actor:
        """The actor behind a user."""
        from sqlmodel import select

        from distrib_app.core.kernel.access import User

        with self.database.read(SYSTEM) as session:
            user = session.exec(select(User).where(User.username == username)).one()
            return resolve_actor(session, user, now=self.now)


def build_world(database: Database, folder: Path, now: datetime) -> World:
    """The brand, direct buyers in three provinces, one city agent below P1, two SKUs in two categories."""
    partners = [
        ("P1", "province", "BR", GUANGDONG),
        ("P2", "province", "BR", GUANGDONG),
        ("P3", "province", "BR", GUANGDONG),
        ("J1", "province", "BR", JIANGSU),
        ("J2", "province", "BR", JIANGSU),
        ("B1", "province", "BR", BEIJING),
        ("C1", "city", "P1", GUANGZHOU),
        ("C2", "city", "P2", GUANGZHOU),
    ]
    with database.write(SYSTEM) as session:
        plan = NetworkPlan(
            "BR", "品牌", "Brand", "CN", "CNY", "Asia/Shanghai", "province", "test", date(2025, 1, 1)
        )
        found_network(session, SYSTEM, plan=plan, now=now)
        for code, tier, parent, region in partners:
            create_partner(
                session,
                SYSTEM,
                code=code,
                name=code,
                tier_code=tier,
                parent_code=parent,
                region_code=region,
                now=now,
                since=date(2025, 1, 1),
            )
        line = ProductLine(code="L", name="线", name_en="Line", path="L/")
        session.add(line)
        session.flush()
        skus = {}
        for code in ("A", "B"):
            category = Category(
                code=f"K{code}", name=f"类{code}", name_en=f"Kind {code}", product_line_id=row_id(line)
            )
            session.add(category)
            session.flush()
            product = Product(code=f"PR{code}", name=code, category_id=row_id(category))
            session.add(product)
            session.flush()
            sku = Sku(code=code, name=code, product_id=row_id(product))
            session.add(sku)
            session.flush()
            skus[code] = row_id(sku)
        for username, partner, role in (
            ("boss", "BR", "executive"),
            ("p1", "P1", "owner"),
            ("b1", "B1", "owner"),
            ("c1", "C1", "owner"),
            ("c2", "C2", "owner"),
        ):
            create_user(session, username=username, name=username, password="secret-123", now=now)
            add_membership(session, SYSTEM, username=username, partner_code=partner, role_code=role, now=now)
        from sqlmodel import select

        rows = session.exec(select(Partner)).all()
        return World(
            database=database,
            folder=folder,
            now=now,
            ids={row.code: row_id(row) for row in rows},
            paths={row.code: row.path for row in rows},
            regions={row.code: row.region_id for row in rows},
            skus=skus,
            store=LakeStore(database, folder),
        )


@pytest.fixture
def world(database: Database, tmp_path: Path, now: datetime) -> World:
    """The small network on both databases."""
    return build_world(database, tmp_path / "lake", now)


@pytest.fixture
def small_world(sqlite: Database, tmp_path: Path, now: datetime) -> World:
    """The small network on SQLite only, where the database makes no difference."""
    return build_world(sqlite, tmp_path / "lake", now)
