"""The headline figures of a fresh checkout: starts, demo network, imports, cockpit refresh.

    python benchmarks/first_light.py --json [--runs N] [--fresh]

Every figure is a median of wall seconds over N runs in fresh folders. `cockpit` is measured beside the named
baseline of the same run: one plain SUM over the journal in the record database. `--fresh` also measures the
first start of a clone with an empty HOME (needs the package registries). The last line is one JSON object.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SHARED_DATA", ROOT / "../shared/data"))


def main() -> None:
    """Run the benchmarks that this machine can run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--fresh", action="store_true", help="also time the first start of a fresh clone")
    options = parser.parse_args()
    results: dict[str, object] = {"runs": options.runs, "cores": os.cpu_count()}
    if options.fresh:
        results["first_start_s"] = round(first_start(), 1)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "demo"
        results["demo_s"] = median(options.runs, lambda: demo(data))
        results["second_start_s"] = median(options.runs, lambda: second_start(data))
        results |= cockpit(data, runs=20)
        for source, path in (
            ("online-retail", SHARED / "online_retail_ii" / "online_retail_II.csv.xz"),
            ("adventureworks", SHARED / "adventureworks_dw"),
        ):
            if path.exists():
                target = Path(folder) / source
                results[f"import_{source}_s"] = median(options.runs, lambda: load(target, source, path))
                if source == "online-retail":
                    results |= {f"million_{key}": value for key, value in cockpit(target, runs=10).items()}
            else:
                print(f"skipped {source}: {path} is not there", file=sys.stderr)
    print(json.dumps(results))


def median(runs: int, action: Callable[[], None]) -> float:
    """The median of the wall seconds of several runs."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return round(statistics.median(times), 2)


def command(data: Path, *arguments: str) -> None:
    """One command of the command line on its own data."""
    environment = os.environ | {"DATA_DIR": str(data)}
    subprocess.run(
        [sys.executable, "-m", "distrib_app", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def demo(data: Path) -> None:
    """The demo network of 150,000 lines into an empty database and the lake."""
    shutil.rmtree(data, ignore_errors=True)
    command(data, "demo")


def load(data: Path, source: str, path: Path) -> None:
    """A real data set into an empty database and the lake."""
    shutil.rmtree(data, ignore_errors=True)
    command(data, "import", source, str(path))


def second_start(data: Path) -> None:
    """From the command to the first answer, everything built and filled already."""
    _until_ready(
        [sys.executable, "-m", "distrib_app", "run", "--port", "8917"], {"DATA_DIR": str(data)}, ROOT
    )


def first_start() -> float:
    """From a fresh clone with an empty HOME to the first answer."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        started = time.perf_counter()
        _until_ready(["make", "run", "PORT=8917"], {"HOME": folder, "DATA_DIR": f"{folder}/data"}, clone)
        return time.perf_counter() - started


def _until_ready(arguments: list[str], extra: dict[str, str], folder: Path) -> None:
    process = subprocess.Popen(
        arguments, cwd=folder, env=os.environ | extra, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        for _ in range(6000):
            try:
                urllib.request.urlopen("http://127.0.0.1:8917/ping", timeout=1)
                return
            except OSError:
                time.sleep(0.1)
            if process.poll() is not None:
                raise SystemExit(f"{arguments} ended with {process.returncode}")
        raise SystemExit("no answer within ten minutes")
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def cockpit(data: Path, *, runs: int) -> dict[str, float]:
    """Cold fill of the cache, then a whole cockpit of the latest month, beside one SUM over the records."""
    from sqlalchemy import text

    from distrib_app.core.analytics import CockpitQuery, LakeStore, get_cockpit
    from distrib_app.core.kernel.access import SYSTEM
    from distrib_app.core.kernel.clock import Period
    from distrib_app.core.kernel.db import Database

    database = Database(f"sqlite:///{data / 'distrib.db'}")
    store = LakeStore(database, data / "lake")
    cold = median(1, store.refresh)
    month = Period.month(store.refresh().last_day or date.today())

    def ask() -> None:
        with database.read(SYSTEM) as session:
            get_cockpit(session, SYSTEM, store=store, query=CockpitQuery(period=month, is_cross=True))

    def baseline() -> None:
        with database.read(SYSTEM) as session:
            session.connection().execute(text("SELECT SUM(amount) FROM journal_leg")).all()

    whole, plain = median(runs, ask), median(runs, baseline)
    return {
        "cockpit_cold_fill_s": cold,
        "cockpit_s": whole,
        "baseline_record_sum_s": plain,
        "cockpit_to_baseline": round(whole / plain, 2) if plain else 0.0,
    }


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
