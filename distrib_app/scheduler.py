"""The process that runs the scheduled jobs; the only file that imports apscheduler.

Of N processes exactly one holds the lease `scheduler` and runs the table. It renews the lease while it
lives; when it dies, or cannot renew, another process takes over within the lease.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import structlog
from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from . import gate
from .core.channels import Network
from .core.kernel.access import SYSTEM
from .core.kernel.clock import utc_now
from .core.kernel.errors import DomainError, msg
from .core.kernel.settings import get_settings
from .core.workbench import (
    ScheduleRow,
    begin_scheduled,
    declare_schedule,
    end_scheduled,
    list_schedule,
    plan_scheduled,
    release_lease,
    renew_lease,
    take_lease,
)
from .schedule_table import JOBS, Scheduled
from .worker import process_name, running_worker

log = structlog.get_logger()
LEASE = "scheduler"
LOOK_SECONDS = 1
QUIET = timedelta(seconds=60)
LATE = timedelta(hours=25)  # a daily job that last ran longer ago missed its hour: nobody was there
UNEXPECTED = msg("Something went wrong on our side. Error {error_id}.")


@asynccontextmanager
async def running_jobs() -> AsyncIterator[None]:
    """Run queued jobs while the application lives, and the schedule while this process holds its lease."""
    async with running_worker():
        schedule = Schedule()
        tasks = [asyncio.create_task(schedule.keep_lease()), asyncio.create_task(schedule.follow_orders())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await schedule.leave()


class Schedule:
    """The schedule as this process sees it: asleep without the lease."""

    def __init__(self) -> None:
        self.is_holder = False
        self._scheduler = AsyncIOScheduler(job_defaults={"coalesce": True, "max_instances": 1})
        self._scheduler.start()
        self._paused: set[str] = set()
        self._asked: set[str] = set()
        self._noted: dict[str, tuple[str, datetime]] = {}

    async def keep_lease(self) -> None:
        """Take the lease when it is free and renew it; stop the jobs before it ends unrenewed."""
        seconds = get_settings().lease_seconds
        while True:
            attempt = asyncio.create_task(asyncio.to_thread(self._hold))
            done, _ = await asyncio.wait({attempt}, timeout=seconds / 2)
            if not done:
                self._stop()
            try:
                is_holder = await attempt
            except Exception as error:  # the database is away: somebody else may reach it
                log.error("lease_failed", exc_info=error)
                is_holder = False
            if is_holder and not self.is_holder:
                await self._start()
            elif not is_holder:
                self._stop()
            await asyncio.sleep(seconds / 3)

    def _hold(self) -> bool:
        facts: dict[str, Any] = {"name": LEASE, "holder": process_name(), "now": utc_now()}
        verb = renew_lease if self.is_holder else take_lease
        with gate.get_database().write(SYSTEM) as session:
            return verb(session, seconds=get_settings().lease_seconds, **facts)

    async def _start(self) -> None:
        rows, zone = await asyncio.to_thread(_declare)
        log.info("schedule_taken", holder=process_name())
        self._noted.clear()
        for kind, job in JOBS.items():
            added = self._scheduler.add_job(
                self._run,
                job.trigger,
                args=[kind],
                id=kind,
                misfire_grace_time=None,
                timezone=zone,
                **job.when,
            )
            last_at = rows[kind].last_at if kind in rows else None
            if job.trigger == "cron" and last_at and utc_now() - last_at > LATE:
                added.modify(next_run_time=utc_now() + timedelta(seconds=30))
        times = {
            kind: job.next_run_time
            for kind in JOBS
            if (job := self._scheduler.get_job(kind)) and not JOBS[kind].is_frequent
        }
        await asyncio.to_thread(_plan, times)
        self.is_holder = True

    def _stop(self) -> None:
        if self.is_holder:
            log.warning("schedule_left", holder=process_name())
            self.is_holder = False
            self._scheduler.remove_all_jobs()

    async def leave(self) -> None:
        """End in good order: no more jobs, and the lease is free for the next process."""
        was_holder = self.is_holder
        self._stop()
        self._scheduler.shutdown(wait=False)
        if was_holder:
            with suppress(Exception):  # nobody is left to tell; the lease ends by itself
                await asyncio.to_thread(_release)

    async def follow_orders(self) -> None:
        """See what operators paused or want now."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self.is_holder:
                continue
            with suppress(Exception):  # the lease says when the database is away
                rows = await asyncio.to_thread(_rows)
                self._paused = {row.kind for row in rows if row.is_paused}
                for kind in {row.kind for row in rows if row.is_run_asked} - self._asked:
                    if job := self._scheduler.get_job(kind):
                        self._asked.add(kind)
                        job.modify(next_run_time=utc_now())

    async def _run(self, kind: str) -> None:
        is_asked = kind in self._asked
        job: Job | None = self._scheduler.get_job(kind)
        next_at = job.next_run_time if job and not JOBS[kind].is_frequent else None
        try:
            if is_asked or kind not in self._paused:
                await asyncio.to_thread(self._do, kind, is_asked, next_at)
            elif next_at:
                await asyncio.to_thread(_plan, {kind: next_at})
        except Exception as error:  # the row could not be written; the job runs again at its next time
            log.error("schedule_failed", job=kind, exc_info=error)
        finally:
            self._asked.discard(kind)

    def _do(self, kind: str, is_asked: bool, next_at: datetime | None) -> None:
        job, begun_at = JOBS[kind], utc_now()
        if is_asked or not job.is_frequent:
            with gate.get_database().write(SYSTEM) as session:
                begin_scheduled(session, kind=kind, now=begun_at)
        status, said = _try(kind, job)
        now = utc_now()
        noted_status, noted_at = self._noted.get(kind, ("", now))
        if job.is_frequent and not is_asked and noted_status == status and now - noted_at < QUIET:
            return
        self._noted[kind] = (status, now)
        with gate.get_database().write(SYSTEM) as session:
            end_scheduled(
                session,
                kind=kind,
                status=status,
                begun_at=begun_at,
                milliseconds=(now - begun_at) // timedelta(milliseconds=1),
                next_at=next_at,
                message=said[0],
                facts=said[1],
            )


def _try(kind: str, job: Scheduled) -> tuple[str, tuple[str, dict[str, Any]]]:
    """Do the work of a job: its status and what it says."""
    try:
        return "done", job.run() or ("", {})
    except DomainError as error:
        log.warning("scheduled_job_refused", job=kind, error=str(error))
        return "failed", (error.template, {key: str(value) for key, value in error.facts.items()})
    except Exception as error:
        error_id = secrets.token_hex(4)
        log.error("scheduled_job_failed", job=kind, error_id=error_id, exc_info=error)
        return "failed", (UNEXPECTED, {"error_id": error_id})


def _declare() -> tuple[dict[str, ScheduleRow], str]:
    with gate.get_database().write(SYSTEM) as session:
        declare_schedule(session, tuple(JOBS))
        session.flush()
        network = session.get(Network, 1)
        rows = {row.kind: row for row in list_schedule(session, SYSTEM)}
        return rows, network.zone if network else "Asia/Shanghai"


def _plan(times: dict[str, datetime]) -> None:
    with gate.get_database().write(SYSTEM) as session:
        plan_scheduled(session, times)


def _rows() -> tuple[ScheduleRow, ...]:
    with gate.get_database().read(SYSTEM) as session:
        return list_schedule(session, SYSTEM)


def _release() -> None:
    with gate.get_database().write(SYSTEM) as session:
        release_lease(session, name=LEASE, holder=process_name(), now=utc_now())
