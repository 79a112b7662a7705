"""Jobs over REST: start what is offered, follow, cancel; the schedule for administrators only."""

from collections.abc import Iterator
from typing import Any

import pytest

from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.workbench import JobContext, JobKind, declare_schedule, install_job_kinds, job_kinds
from distrib_app.schedule_table import JOBS
from distrib_app.worker import get_job_files, work_once

from .market import Market


def count(job: JobContext) -> dict[str, Any]:
    job.progress(3, 3)
    return {"steps": job.arguments["steps"]}


@pytest.fixture
def offered(market: Market) -> Iterator[Market]:
    """A market where `count` may be started by name, `hidden` not; and a declared schedule."""
    before = dict(job_kinds())
    install_job_kinds({"count": JobKind("Count", count, is_offered=True), "hidden": JobKind("Hidden", count)})
    with market.database.write(SYSTEM) as session:
        declare_schedule(session, tuple(JOBS))
    get_job_files.cache_clear()
    yield market
    install_job_kinds(before)


def test_a_job_is_started_followed_and_listed(offered: Market) -> None:
    body = {"kind": "count", "arguments": {"steps": 2}}
    started = offered.send("gz", "POST", "/jobs", body, key="j-1")
    assert (started["status"], started["starter"], started["name"]) == ("queued", "gz", "Count")
    assert offered.send("gz", "POST", "/jobs", body, key="j-1")["number"] == started["number"]
    assert work_once()
    assert not work_once()
    done = offered.get("gz", f"/jobs/{started['number']}")
    assert (done["status"], done["done"], done["total"], done["result"]) == ("done", 3, 3, {"steps": 2})
    assert [row["number"] for row in offered.get("gz", "/jobs", status="done")["items"]] == [done["number"]]
    assert offered.get("sz", "/jobs")["items"] == []
    assert offered.get("admin", "/jobs")["items"] == []
    assert offered.get("admin", "/jobs", everybody=True)["total"] == 1
    offered.refuse("gz", "GET", "/jobs", 403, params={"everybody": True})
    offered.refuse("sz", "GET", f"/jobs/{done['number']}", 404)
    offered.refuse("gz", "POST", f"/jobs/{done['number']}/cancel", 409)


def test_only_offered_kinds_are_started_by_name(offered: Market) -> None:
    for kind in ("hidden", "none"):
        offered.refuse("admin", "POST", "/jobs", 404, json={"kind": kind})


def test_a_waiting_job_is_cancelled(offered: Market) -> None:
    number = offered.send("gz", "POST", "/jobs", {"kind": "count"})["number"]
    offered.refuse("sz", "POST", f"/jobs/{number}/cancel", 404)
    assert offered.send("gz", "POST", f"/jobs/{number}/cancel", None)["status"] == "cancelled"
    assert not work_once()


def test_the_schedule_is_for_administrators(offered: Market) -> None:
    rows = {row["kind"]: row for row in offered.get("admin", "/schedule")["items"]}
    assert rows.keys() == JOBS.keys()
    assert (rows["clean_up"]["cadence"], rows["clean_up"]["last_at"]) == ("daily at 03:30", None)
    paused = offered.send("admin", "POST", "/schedule/clean_up/pause", {"is_paused": True})
    assert paused["is_paused"]
    assert offered.send("admin", "POST", "/schedule/clean_up/run", None)["is_run_asked"]
    offered.refuse("admin", "POST", "/schedule/none/run", 404)
    for who in ("gz", "ops"):
        offered.refuse(who, "GET", "/schedule", 403)
        offered.refuse(who, "POST", "/schedule/clean_up/run", 403)
        offered.refuse(who, "POST", "/schedule/clean_up/pause", 403, json={"is_paused": False})
