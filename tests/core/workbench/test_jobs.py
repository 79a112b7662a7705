"""Runs of jobs: started as a person, claimed once, gone on with after a death, cancelled, seen by whom."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import func, select

from distrib_app.core.channels import create_partner
from distrib_app.core.kernel.access import SYSTEM, Actor, Permission, User
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.events import Event
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.workbench import (
    JobContext,
    JobFinishedError,
    JobKind,
    JobRow,
    JobStatus,
    ask_cancel,
    beat,
    claim_next,
    get_job,
    install_job_kinds,
    is_work_waiting,
    job_kinds,
    list_jobs,
    run_claimed,
    start_job,
    stop_here,
    stop_runs,
)
from distrib_app.core.workbench.job_models import JobRun
from distrib_app.core.workbench.jobs import MAX_WAITING, ClaimedRun, TooManyJobsError, live
from tests.conftest import NOW
from tests.core.channels.town import NEW

from .counting import KIND, STEP_KIND, workshop

ROOT = Path(__file__).resolve().parents[3]
Who = Callable[[str], Actor]


@pytest.fixture(autouse=True)
def kinds() -> Iterator[dict[str, JobKind]]:
    """Kinds of these tests only."""
    before = dict(job_kinds())
    table = {"count": KIND, "admin": JobKind("Admin", lambda _job: {}, permission=Permission.ADMIN_ACCESS)}
    install_job_kinds(table)
    yield table
    install_job_kinds(before)


def start(
    database: Database, actor: Actor, kind: str = "count", now: datetime = NOW, **arguments: Any
) -> str:
    with database.write(actor) as session:
        return start_job(session, actor, kind=kind, arguments=arguments, now=now).number


def claim(database: Database, holder: str = "a", after: float = 0) -> ClaimedRun | None:
    with database.write(SYSTEM) as session:
        return claim_next(session, holder=holder, now=NOW + timedelta(seconds=after))


def at(seconds: float = 0) -> Callable[[], datetime]:
    return lambda: NOW + timedelta(seconds=seconds)


def go(database: Database, holder: str = "a", after: float = 0, **facts: Any) -> None:
    claimed = claim(database, holder, after)
    assert claimed is not None
    run_claimed(database, claimed, workshop(at(after), **facts))


def row(database: Database, actor: Actor, number: str) -> JobRow:
    with database.read(actor) as session:
        return get_job(session, actor, number=number)


def steps(database: Database) -> list[str]:
    with database.read(SYSTEM) as session:
        found = session.exec(select(Event.subject_key).where(Event.kind == STEP_KIND).order_by(Event.id))
        return list(found)


def events(database: Database, number: str) -> list[str]:
    with database.read(SYSTEM) as session:
        found = session.exec(
            select(Event.kind).where(Event.subject_key == number, Event.subject_kind == "job")
        )
        return list(found)


def test_a_run_is_done_as_who_started_it(town: Database, who: Who) -> None:
    gd = who("gd")
    number = start(town, gd, steps=3)
    assert number.startswith("JB-20261015-")
    waiting = row(town, gd, number)
    assert (waiting.status, waiting.name, waiting.starter) == ("queued", "Count", "GD")
    go(town, after=2)
    done = row(town, gd, number)
    assert (done.status, done.done, done.total, done.result) == ("done", 3, 3, {"steps": 3})
    assert (done.started_at, done.finished_at) == (at(2)(), at(2)())
    assert steps(town) == ["0", "1", "2"]
    assert events(town, number) == ["job.started", "job.finished"]
    with town.read(SYSTEM) as session:
        users = set(session.exec(select(Event.actor_user_id).where(Event.kind == STEP_KIND)))
    assert users == {gd.user_id}
    assert claim(town) is None


def test_a_queued_run_is_claimed_by_one(town: Database, who: Who) -> None:
    first, second = start(town, who("gd"), steps=1), start(town, who("gz"), steps=1)
    claims = [claim(town, holder) for holder in ("a", "b", "c")]
    assert [claimed and claimed.number for claimed in claims] == [first, second, None]
    with town.read(SYSTEM) as session:
        assert not is_work_waiting(session, now=NOW)
        assert is_work_waiting(session, now=NOW + timedelta(seconds=21))


def test_a_kind_of_another_version_waits(town: Database, who: Who, kinds: dict[str, JobKind]) -> None:
    start(town, who("gd"), steps=1)
    install_job_kinds({})
    assert claim(town) is None
    install_job_kinds(kinds)
    assert claim(town) is not None


def test_who_may_start(town: Database, who: Who) -> None:
    for actor, kind, error in ((who("gd"), "admin", ForbiddenError), (who("admin"), "none", NotFoundError)):
        with pytest.raises(error):
            start(town, actor, kind)
    with town.read(SYSTEM) as session:
        assert session.exec(select(func.count(JobRun.id))).one() == 0
    start(town, who("admin"), "admin")


def test_a_person_has_a_bounded_number_of_jobs(town: Database, who: Who) -> None:
    for _ in range(MAX_WAITING):
        start(town, who("gd"), steps=0)
    with pytest.raises(TooManyJobsError):
        start(town, who("gd"), steps=0)
    start(town, who("gz"), steps=0)
    go(town)
    start(town, who("gd"), steps=0)


def test_rights_are_those_of_now_and_of_the_start(
    town: Database, who: Who, kinds: dict[str, JobKind]
) -> None:
    from dataclasses import replace

    seen: list[Actor] = []
    kinds["look"] = JobKind("Look", lambda job: seen.append(job.actor) or {})
    install_job_kinds(kinds)
    narrow = replace(who("gd"), permissions=frozenset({Permission.ORDERS_READ}))
    start(town, narrow, "look")
    start(town, who("gd"), "look")
    go(town)
    go(town)
    assert seen[0].permissions == {Permission.ORDERS_READ}
    assert (seen[0].posts, seen[1].posts) == (frozenset(), who("gd").posts)
    assert seen[1].permissions == who("gd").permissions
    number = start(town, who("gd"), "look")
    with town.write(SYSTEM) as session:
        get_by(session, User, "user", username="gd").is_disabled = True
    go(town)
    gone = row(town, who("admin"), number)
    assert (len(seen), gone.status, gone.message) == (
        2,
        "failed",
        "Whoever started this job can no longer sign in.",
    )


def test_a_refusal_is_kept_as_its_sentence_and_leaves_nothing(
    town: Database, who: Who, kinds: dict[str, JobKind]
) -> None:
    def refuse(job: JobContext) -> dict[str, Any]:
        job.progress(1, 2)
        with job.write() as session:
            create_partner(session, job.actor, **NEW | {"code": "X1"}, now=job.now())
            raise InvalidError(field="qty", reason="x")

    def break_down(_job: JobContext) -> dict[str, Any]:
        raise RuntimeError("secret")

    kinds |= {"refuse": JobKind("Refuse", refuse), "break": JobKind("Break", break_down)}
    install_job_kinds(kinds)
    failures: list[Exception] = []
    refused, broken = start(town, who("ops"), "refuse"), start(town, who("ops"), "break")
    go(town, failures=failures)
    assert failures == []
    go(town, failures=failures)
    assert [str(error) for error in failures] == ["secret"]
    first, second = row(town, who("ops"), refused), row(town, who("ops"), broken)
    assert (first.status, first.message, first.facts) == (
        "failed",
        "{field}: {reason}",
        {"field": "qty", "reason": "x"},
    )
    assert (first.done, first.total) == (1, 2)
    assert second.message == "Something went wrong on our side. Error {error_id}."
    assert len(second.facts["error_id"]) == 8
    assert "secret" not in str(second)
    assert events(town, refused) == ["job.started", "job.failed"]
    with town.read(SYSTEM) as session:
        assert session.exec(select(func.count(Event.id)).where(Event.subject_key == "X1")).one() == 0


def test_a_death_half_way_is_made_good_by_another_process_exactly_once(town: Database, who: Who) -> None:
    number = start(town, who("gd"), now=utc_now(), steps=40)
    url = town.engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.core.workbench.counting", "work", url, "0.05"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        deadline = time.monotonic() + 20
        while len(steps(town)) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    done_before = len(steps(town))
    assert 5 <= done_before < 40
    now = utc_now()
    with town.write(SYSTEM) as session:
        assert claim_next(session, holder="b", now=now) is None  # it may still be alive
    with town.write(SYSTEM) as session:
        claimed = claim_next(session, holder="b", now=now + timedelta(seconds=21))
    assert claimed is not None
    assert (claimed.attempt, claimed.cursor) == (2, {"next": done_before})
    run_claimed(town, claimed, workshop())
    assert steps(town) == [str(step) for step in range(40)]
    assert row(town, who("gd"), number).status == "done"


def test_a_process_that_was_thought_dead_writes_nothing_more(
    town: Database, who: Who, kinds: dict[str, JobKind]
) -> None:
    """It slept through its beat; another process has finished the run meanwhile."""

    def sleepy(job: JobContext) -> dict[str, Any]:
        taken, live_here = None, dict(live)
        live.clear()  # the other process does not know what runs here
        with town.write(SYSTEM) as session:
            taken = claim_next(session, holder="b", now=NOW + timedelta(seconds=30))
        assert taken is not None
        kinds["sleepy"] = KIND
        install_job_kinds(kinds)
        run_claimed(town, taken, workshop(at(30)))
        live.update(live_here)
        with job.write() as session:
            create_partner(session, job.actor, **NEW, now=job.now())
            job.save({"next": 1}, session=session)
        raise AssertionError("lost")

    kinds["sleepy"] = JobKind("Sleepy", sleepy)
    install_job_kinds(kinds)
    number = start(town, who("ops"), "sleepy", steps=2)
    failures: list[Exception] = []
    go(town, failures=failures)
    assert failures == []
    assert steps(town) == ["0", "1"]
    assert row(town, who("ops"), number).result == {"steps": 2}
    with town.read(SYSTEM) as session:
        codes = session.exec(select(Event.id).where(Event.subject_key == NEW["code"])).all()
    assert codes == []


def test_a_run_whose_process_keeps_dying_is_given_up(town: Database, who: Who) -> None:
    number = start(town, who("gd"), steps=1)
    for attempt in range(5):
        claimed = claim(town, after=attempt * 21)
        assert claimed is not None and claimed.attempt == attempt + 1
    assert claim(town, after=5 * 21) is None
    given_up = row(town, who("gd"), number)
    assert (given_up.status, given_up.facts) == ("failed", {"attempts": 5})
    assert events(town, number) == ["job.failed"]


def test_a_beat_keeps_a_silent_run(town: Database, who: Who, kinds: dict[str, JobKind]) -> None:
    def silent(job: JobContext) -> dict[str, Any]:
        beat(town, now=NOW + timedelta(seconds=15))
        here = dict(live)
        live.clear()  # as another process sees it
        assert claim(town, "b", after=30) is None
        live.update(here)
        return {}

    kinds["silent"] = JobKind("Silent", silent)
    install_job_kinds(kinds)
    number = start(town, who("gd"), "silent")
    go(town)
    assert row(town, who("gd"), number).status == "done"


def test_cancelling(town: Database, who: Who, kinds: dict[str, JobKind]) -> None:
    def cancelled_inside(job: JobContext) -> dict[str, Any]:
        job.progress(1, 10)
        with town.write(who("gd")) as session:
            ask_cancel(session, who("gd"), number=number, now=NOW)
        job.clock = at(1)
        job.progress(2, 10)
        raise AssertionError("not reached")

    kinds["inside"] = JobKind("Inside", cancelled_inside)
    install_job_kinds(kinds)
    waiting = start(town, who("gd"), steps=1)
    with town.write(who("gd")) as session:
        ask_cancel(session, who("gd"), number=waiting, now=NOW)
    assert row(town, who("gd"), waiting).status == "cancelled"
    assert claim(town) is None
    number = start(town, who("gd"), "inside")
    go(town)
    ended = row(town, who("gd"), number)
    assert (ended.status, ended.done, ended.total, ended.message) == ("cancelled", 2, 10, "Cancelled.")
    for over in (waiting, number):
        with pytest.raises(JobFinishedError), town.write(who("gd")) as session:
            ask_cancel(session, who("gd"), number=over, now=NOW)
    lost = start(town, who("gd"), steps=1)
    claim(town)
    with town.write(who("admin")) as session:
        ask_cancel(session, who("admin"), number=lost, now=NOW)
    assert claim(town, after=21) is None
    assert row(town, who("gd"), lost).status == "cancelled"


def test_a_run_inside_its_own_transaction_hears_of_a_cancel(
    town: Database, who: Who, kinds: dict[str, JobKind]
) -> None:
    """On SQLite the run holds the only write lock: its figures and the wish to cancel stay in memory."""

    def inside(job: JobContext) -> dict[str, Any]:
        with job.write() as session:
            create_partner(session, job.actor, **NEW, now=job.now())
            job.clock = at(1)
            job.progress(4, 10)
            assert (row(town, who("ops"), number).done, row(town, who("ops"), number).total) == (4, 10)
            with town.read(who("ops")) as reading:
                stop_here(reading, who("ops"), number=number)
            job.progress(5, 10)
        raise AssertionError("not reached")

    kinds["inside"] = JobKind("Inside", inside)
    install_job_kinds(kinds)
    number = start(town, who("ops"), "inside")
    go(town)
    assert row(town, who("ops"), number).status == "cancelled"
    with town.read(SYSTEM) as session:
        assert session.exec(select(Event.id).where(Event.subject_key == NEW["code"])).all() == []


def test_a_process_that_ends_gives_its_run_back(town: Database, who: Who, kinds: dict[str, JobKind]) -> None:
    def stopped(job: JobContext) -> dict[str, Any]:
        if "next" not in job.cursor:
            job.save({"next": 7})
            stop_runs()
        job.progress(7, 9)
        return {"next": job.cursor["next"]}

    kinds["stopped"] = JobKind("Stopped", stopped)
    install_job_kinds(kinds)
    number = start(town, who("gd"), "stopped")
    go(town)
    assert row(town, who("gd"), number).status == "queued"
    claimed = claim(town, "b")
    assert claimed is not None and claimed.attempt == 1
    run_claimed(town, claimed, workshop(at()))
    assert row(town, who("gd"), number).result == {"next": 7}


def test_progress_is_told_at_most_every_half_second(
    town: Database, who: Who, kinds: dict[str, JobKind]
) -> None:
    told: list[tuple[int, Mapping[str, Any]]] = []

    def tell(job: JobContext) -> dict[str, Any]:
        for step in range(10):
            job.clock = at(step / 10)
            job.progress(step, 10, "{step} done", step=step)
            with town.read(SYSTEM) as session:
                run = get_by(session, JobRun, "job", number=number)
                told.append((run.done, dict(run.facts)))
        return {}

    kinds["tell"] = JobKind("Tell", tell)
    install_job_kinds(kinds)
    number = start(town, who("gd"), "tell")
    go(town)
    assert [done for done, _ in told] == [0] * 5 + [5] * 5
    assert told[9][1] == {"step": 5}
    assert row(town, who("gd"), number).done == 9


def test_who_sees_which_runs(town: Database, who: Who) -> None:
    numbers = {name: start(town, who(name), steps=1) for name in ("gd", "gz", "ops")}

    def seen(name: str, everybody: bool = False, **asked: Any) -> list[str]:
        with town.read(who(name)) as session:
            found = list_jobs(session, who(name), query=ListQuery(**asked), everybody=everybody)
        assert found.total == len(found.rows)
        return [one.number for one in found.rows]

    assert seen("gd") == [numbers["gd"]]
    assert seen("js") == []
    assert seen("admin") == []
    assert seen("admin", everybody=True) == [numbers["ops"], numbers["gz"], numbers["gd"]]
    assert seen("admin", everybody=True, sort="starter")[0] == numbers["gd"]
    assert seen("admin", everybody=True, search=numbers["gz"]) == [numbers["gz"]]
    assert seen("admin", everybody=True, facets={"status": (JobStatus.DONE,)}) == []
    with pytest.raises(ForbiddenError):
        seen("gd", everybody=True)
    assert row(town, who("admin"), numbers["gz"]).starter == "GZ"
    with pytest.raises(NotFoundError):
        row(town, who("gd"), numbers["gz"])
    for name in ("gd", "ops"):
        with pytest.raises(NotFoundError), town.write(who(name)) as session:
            ask_cancel(session, who(name), number=numbers["gz"], now=NOW)
    assert row(town, who("gz"), numbers["gz"]).status == "queued"
