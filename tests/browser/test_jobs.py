"""A long job on its page: its bar moves without a reload and survives one, and it can be cancelled."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from distrib_app.core.channels import resolve_actor
from distrib_app.core.kernel.access import SYSTEM, User
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.workbench import (
    JobContext,
    JobKind,
    claim_next,
    install_job_kinds,
    job_kinds,
    run_claimed,
    start_job,
)
from tests.core.workbench.counting import workshop

from .conftest import Person, Server

STEPS = 600


def step_by_step(job: JobContext) -> dict[str, Any]:
    """A minute of work that says where it is."""
    for step in range(STEPS):
        job.progress(step, STEPS)
        time.sleep(0.1)
    return {"steps": STEPS}


@contextmanager
def another_worker(server: Server, username: str) -> Iterator[str]:
    """A run of a kind that only this process knows, done here as by a worker beside the server."""
    database, before = Database(f"sqlite:///{server.data}/distrib.db"), dict(job_kinds())
    install_job_kinds({"walk": JobKind("Walk", step_by_step)})
    with database.write(SYSTEM) as session:
        user = get_by(session, User, "user", username=username)
        actor = resolve_actor(session, user, now=utc_now())
        number = start_job(session, actor, kind="walk", arguments={}, now=utc_now()).number
    with database.write(SYSTEM) as session:
        claimed = claim_next(session, holder="test", now=utc_now())
    assert claimed is not None and claimed.number == number
    thread = threading.Thread(target=run_claimed, args=(database, claimed, workshop()))
    thread.start()
    try:
        yield number
    finally:
        thread.join(90)
        install_job_kinds(before)
        database.dispose()


def percent(person: Person, number: str) -> int:
    return int(person.page.get_attribute(bar(number), "aria-valuenow") or 0)


def bar(number: str) -> str:
    return f"tr:has-text('{number}') [role=progressbar]"


def test_a_job_is_followed_and_cancelled(sign_in: Callable[..., Person], demo: Server) -> None:
    province = sign_in("province")
    with another_worker(demo, "province") as number:
        province.open("/jobs/")
        province.page.wait_for_selector(bar(number))
        province.page.wait_for_function(
            "bar => Number(document.querySelector(bar)?.ariaValueNow) >= 3",
            arg="tr:nth-child(1) [role=progressbar]",
        )
        seen = percent(province, number)
        province.page.reload()
        province.page.wait_for_selector(bar(number))
        assert percent(province, number) >= seen
        province.screenshot("jobs")
        rival = sign_in("city", at="")
        rival.open("/jobs/")
        rival.page.wait_for_selector("main .card")
        assert number not in rival.page.inner_text("main")
        province.page.click(f"tr:has-text('{number}') button:has-text('取消')")
        province.page.wait_for_selector(f"tr:has-text('{number}') .badge:has-text('已取消')")


def test_an_administrator_runs_a_scheduled_job_now(sign_in: Callable[..., Person]) -> None:
    admin = sign_in("admin", at="")
    admin.open("/jobs/?whose=all")
    row = "tr:has-text('核对账务')"
    admin.page.click(f"{row} button:has-text('立即运行')")
    admin.page.wait_for_selector(f"{row}:has-text('条规则全部成立')", timeout=30_000)
    admin.page.click(f"{row} button:has-text('暂停')")
    admin.page.wait_for_selector(f"{row} .badge:has-text('已暂停')")
    admin.page.click(f"{row} button:has-text('恢复')")
    admin.page.wait_for_selector(f"{row} .badge:has-text('已完成')")
    admin.screenshot("schedule")
