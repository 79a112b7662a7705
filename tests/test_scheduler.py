"""The schedule with real processes: one holds it, another takes over from a killed one, operators rule it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, NotFoundError
from distrib_app.core.workbench import ScheduleRow, list_schedule, pause_scheduled, run_scheduled_now
from distrib_app.core.workbench.job_models import Lease
from tests.core.channels.conftest import postgres_towns, sqlite_towns, town, who

__all__ = ["postgres_towns", "sqlite_towns", "town", "who"]
ROOT = Path(__file__).resolve().parents[1]
LEASE_SECONDS = 5

pytestmark = pytest.mark.slow


@contextmanager
def job_process(database: Database, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m distrib_app jobs` on the database."""
    environment = os.environ | {
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "DATA_DIR": str(folder),
        "LEASE_SECONDS": str(LEASE_SECONDS),
    }
    with (folder / "jobs.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "distrib_app", "jobs"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def holder(database: Database) -> int:
    """The process that holds the schedule; 0 for none."""
    with database.read(SYSTEM) as session:
        lease = session.get(Lease, "scheduler")
    return int(lease.holder.split(":")[1]) if lease and lease.expires_at > utc_now() else 0


def scheduled(database: Database) -> dict[str, ScheduleRow]:
    with database.read(SYSTEM) as session:
        return {row.kind: row for row in list_schedule(session, SYSTEM)}


def wait(is_so: Callable[[], Any], seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return found


def synced_after(database: Database, instant: datetime) -> bool:
    row = scheduled(database).get("lake_sync")
    return bool(row and row.last_at and row.last_at > instant and row.last_status == "done")


def test_a_killed_holder_is_replaced_within_its_lease(town: Database, tmp_path: Path) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(job_process(town, tmp_path)) for _ in range(2)]
        by_pid = {process.pid: process for process in processes}
        first = wait(lambda: holder(town), 60)
        wait(lambda: synced_after(town, datetime.min.replace(tzinfo=utc_now().tzinfo)), 20)
        time.sleep(1.5 * LEASE_SECONDS)
        assert holder(town) == first  # it renews while it lives
        killed_at, began = utc_now(), time.monotonic()
        by_pid[first].send_signal(signal.SIGKILL)
        (second,) = by_pid.keys() - {first}
        wait(lambda: holder(town) == second, 30)
        wait(lambda: synced_after(town, killed_at), 30)
        took = time.monotonic() - began
    assert took < 3 * LEASE_SECONDS
    assert holder(town) == 0  # ended in good order: free for the next at once


def test_an_operator_runs_a_job_now_and_pauses_it(town: Database, tmp_path: Path, who: Any) -> None:
    with job_process(town, tmp_path):
        wait(lambda: "invariants" in scheduled(town), 60)
        before = utc_now()
        with town.write(who("admin")) as session:
            pause_scheduled(session, who("admin"), kind="invariants", is_paused=True, now=before)
        with town.write(who("admin")) as session:
            run_scheduled_now(session, who("admin"), kind="invariants", now=before)
        row = wait(
            lambda: next(
                (
                    row
                    for row in scheduled(town).values()
                    if row.kind == "invariants" and row.last_status == "done" and not row.is_run_asked
                ),
                None,
            ),
            30,
        )
    assert row.last_at is not None and row.last_at >= before
    assert (row.is_paused, row.message) == (True, "all {count} rules hold")
    for actor, kind, error in ((who("gd"), "invariants", ForbiddenError), (who("admin"), "x", NotFoundError)):
        with pytest.raises(error), town.write(actor) as session:
            run_scheduled_now(session, actor, kind=kind, now=before)
