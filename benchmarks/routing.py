"""Waves of open orders against scarce stock: what the plan costs, and how far off it can be.

    python benchmarks/routing.py --json [--wave FILE] [--limit SECONDS]

Without `--wave` all waves of the shared data folder (`SHARED_DATA`) are solved, one after the other.
`seconds` is wall time of the solver alone, in one thread; `feasible` and `cost` are computed anew from the
picks and the stock, by nothing that the solver uses. The last line is one JSON object.
"""

import argparse
import gzip
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# seconds for a wave of so many orders, where no limit is given
LIMITS = ((1000, 20), (10_000, 120))


def main() -> None:
    """Solve, check, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--wave", type=Path, help="one wave (.json or .json.gz)")
    parser.add_argument("--limit", type=float, help="seconds for each wave")
    options = parser.parse_args()
    if options.wave:
        print(json.dumps(measure(options.wave, options.limit)))
        return
    folder = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data")) / "waves"
    files = sorted(folder.glob("*.json.gz"))
    if not files:
        sys.exit(f"{folder} holds no waves (SHARED_DATA)")
    print(json.dumps({file.name.partition(".")[0]: measure(file, options.limit) for file in files}))


def measure(file: Path, limit: float | None) -> dict[str, Any]:
    """The figures of one wave."""
    from distrib_app.core.orders.waves import Wave, WaveOrder, solve_wave

    raw = read_wave(file)
    wave = Wave(
        stock=tuple(map(tuple, raw["stock"])),
        orders=tuple(
            WaveOrder(
                tuple((sku, qty) for sku, qty in order["lines"]),
                tuple(order["sources"]),
                tuple(order["unit_cost"]),
            )
            for order in raw["orders"]
        ),
        fixed_cost=raw["fixed_cost_per_shipment"],
        backorder_cost=raw["backorder_cost_per_unit"],
    )
    if limit is None:
        limit = next((seconds for orders, seconds in LIMITS if len(wave.orders) <= orders), LIMITS[-1][1])
    started = time.perf_counter()
    plan = solve_wave(wave, may_go_on=lambda: time.perf_counter() - started < limit)
    seconds = time.perf_counter() - started
    picks = [(pick.order, pick.line, pick.source, pick.qty) for pick in plan.picks]
    checked = check(raw, picks)
    return {
        "wave": file.name,
        "orders": len(wave.orders),
        "limit": limit,
        "cost": checked["cost"],
        "bound": plan.bound,
        "gap": round((checked["cost"] - plan.bound) / max(plan.bound, 1), 6),
        "shipments": checked["shipments"],
        "back_ordered": checked["back_ordered"],
        "feasible": checked["feasible"] and checked["cost"] == plan.cost,
        "greedy": plan.greedy_cost,
        "seconds": round(seconds, 2),
        "cores": os.cpu_count(),
    }


def read_wave(file: Path) -> dict[str, Any]:
    """A wave as its file says."""
    text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    wave: dict[str, Any] = json.loads(text)
    return wave


def check(raw: dict[str, Any], picks: list[tuple[int, int, int, int]]) -> dict[str, Any]:
    """Cost, shipments and back-ordered units of picks, and whether stock, lines and sources allow them."""
    taken: Counter[tuple[int, int]] = Counter()
    served: Counter[tuple[int, int]] = Counter()
    cost, is_allowed = 0, True
    for order, line, source, qty in picks:
        asked = raw["orders"][order]
        taken[source, asked["lines"][line][0]] += qty
        served[order, line] += qty
        if source not in asked["sources"] or qty <= 0:
            is_allowed = False
            continue
        cost += qty * asked["unit_cost"][asked["sources"].index(source)]
    shipments = len({(order, source) for order, _, source, _ in picks})
    missing = [
        qty - served[place, line]
        for place, order in enumerate(raw["orders"])
        for line, (_, qty) in enumerate(order["lines"])
    ]
    cost += shipments * raw["fixed_cost_per_shipment"] + sum(missing) * raw["backorder_cost_per_unit"]
    is_in_stock = all(qty <= raw["stock"][source][sku] for (source, sku), qty in taken.items())
    return {
        "cost": cost,
        "shipments": shipments,
        "back_ordered": sum(missing),
        "feasible": is_allowed and is_in_stock and min(missing, default=0) >= 0,
    }


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
