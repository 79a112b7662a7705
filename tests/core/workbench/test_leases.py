"""Exactly one of N processes holds a lease; it is taken over after its end and not before."""

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.workbench import release_lease, renew_lease, take_lease
from distrib_app.core.workbench.job_models import Lease
from tests.conftest import NOW

ROOT = Path(__file__).resolve().parents[3]


def take(database: Database, holder: str, after: float = 0) -> bool:
    with database.write(SYSTEM) as session:
        now = NOW + timedelta(seconds=after)
        return take_lease(session, name="scheduler", holder=holder, now=now, seconds=15)


def renew(database: Database, holder: str, after: float) -> bool:
    with database.write(SYSTEM) as session:
        now = NOW + timedelta(seconds=after)
        return renew_lease(session, name="scheduler", holder=holder, now=now, seconds=15)


def held(database: Database) -> tuple[str, float]:
    with database.read(SYSTEM) as session:
        lease = session.get_one(Lease, "scheduler")
        return lease.holder, (lease.expires_at - NOW).total_seconds()


def test_a_lease_is_held_until_its_end(town: Database) -> None:
    assert take(town, "a")
    assert not take(town, "b", 1)
    assert take(town, "a", 2)  # one's own, again
    assert renew(town, "a", 5)
    assert not renew(town, "b", 6)
    assert not take(town, "b", 19.9)
    assert held(town) == ("a", 20)
    assert take(town, "b", 20)
    assert not renew(town, "a", 20)  # lost: the old holder learns it at its next renewal
    assert held(town) == ("b", 35)


def test_an_expired_lease_is_not_renewed_but_taken(town: Database) -> None:
    assert take(town, "a")
    assert not renew(town, "a", 15)
    assert held(town) == ("a", 15)
    assert take(town, "a", 15)


def test_a_released_lease_is_free_at_once(town: Database) -> None:
    assert take(town, "a")
    with town.write(SYSTEM) as session:
        release_lease(session, name="scheduler", holder="b", now=NOW)
    assert held(town) == ("a", 15)
    with town.write(SYSTEM) as session:
        release_lease(session, name="scheduler", holder="a", now=NOW)
    assert take(town, "b")


def test_of_four_processes_one_takes_each_lease(town: Database) -> None:
    url = town.engine.url.render_as_string(hide_password=False)
    start = str(time.time() + 3)
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.core.workbench.counting", "want", url, holder, start, "25"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for holder in "abcd"
    ]
    taken: list[str] = []
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        taken += out.split()
    assert sorted(taken) == sorted(f"lease-{index}" for index in range(25))
