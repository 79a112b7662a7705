"""Jobs: the runs one started, for administrators everybody's and the schedule; and one run on any page."""

from typing import Any

import reflex as rx
from sqlmodel import Session

from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import utc_now
from ..core.kernel.listing import Listing, ListQuery
from ..core.workbench import (
    JobRow,
    ScheduleRow,
    ask_cancel,
    get_job,
    list_jobs,
    list_schedule,
    pause_scheduled,
    run_scheduled_now,
    stop_here,
)
from ..schedule_table import JOBS
from . import jobs_view as view
from .base import Gate
from .table import Table


def _look(
    session: Session, actor: Actor, *, query: ListQuery, everybody: bool
) -> tuple[Listing[JobRow], tuple[ScheduleRow, ...], bool]:
    is_admin = actor.can(Permission.ADMIN_ACCESS)
    listing = list_jobs(session, actor, query=query, everybody=everybody and is_admin)
    return listing, list_schedule(session, actor) if is_admin else (), is_admin


class Jobs(Table, rx.State):
    """Runs of long work; `whose`, status and kind live in the URL. Looks again while work is on."""

    whose: str = ""
    status: str = ""
    kind: str = ""
    status_options: list[dict[str, str]] = []
    kind_options: list[dict[str, str]] = []
    schedule: list[dict[str, str]] = []
    is_admin: bool = False
    is_busy: bool = False

    async def _fetch(
        self, *, offset: int, limit: int, query: dict[str, str]
    ) -> tuple[list[dict[str, str]], int]:
        chosen = {name: (query[name],) for name in ("status", "kind") if query.get(name)}
        asked = ListQuery(query.get("search", ""), "", chosen, offset, limit)
        listing, schedule, is_admin = await self._read(
            _look, query=asked, everybody=query.get("whose") == "all"
        )
        language, zone, now = await self._language(), await self._zone(), utc_now()
        rows = [view.job_row(row, language, zone, now) for row in listing.rows]
        by_kind = {row.kind: row for row in schedule}
        plan = [view.schedule_row(by_kind[kind], language, zone) for kind in JOBS if kind in by_kind]
        self.whose = query.get("whose", "")
        self.status = query.get("status", "")
        self.kind = query.get("kind", "")
        self.status_options = view.status_options(language)
        self.kind_options = view.kind_options(language)
        self.schedule = plan
        self.is_admin = is_admin
        self.is_busy = any(row["is_busy"] for row in [*rows, *plan])
        return rows, listing.total

    @rx.event
    async def poll(self, _now: str) -> Any:
        """Look again."""
        await self._ask_in()
        return type(self).load

    @rx.event
    async def cancel(self, number: str) -> Any:
        """Cancel a run."""
        await self._read(stop_here, number=number)
        await self._write(ask_cancel, number=number)
        return type(self).load

    @rx.event
    async def run_now(self, kind: str) -> Any:
        """Run a scheduled job now."""
        await self._write(run_scheduled_now, kind=kind)
        return type(self).load

    @rx.event
    async def pause(self, kind: str, is_paused: bool) -> Any:
        """Let a scheduled job rest, or run again."""
        await self._write(pause_scheduled, kind=kind, is_paused=is_paused)
        return type(self).load


class JobWatch(Gate, mixin=True):
    """One run on a page of its own kind: call `_watch(number)`, show it with `job_progress(state)`."""

    job: dict[str, str] = {}
    is_job_busy: bool = False
    _job_number: str = ""

    async def _watch(self, number: str) -> JobRow | None:
        """Follow this run from now on, as it is now; empty for none."""
        self._job_number = number
        return await self._look_at_job()

    async def _look_at_job(self) -> JobRow | None:
        if not self._job_number:
            self.job, self.is_job_busy = {}, False
            return None
        row = await self._read(get_job, number=self._job_number)
        self.job = view.job_row(row, await self._language(), await self._zone(), utc_now())
        self.is_job_busy = row.is_unfinished
        return row

    async def _when_done(self, _row: JobRow) -> Any:
        """What the page does when the run it watches has ended."""

    @rx.event
    async def poll_job(self, _now: str) -> Any:
        """Look at the run again."""
        await self._ask_in()
        was_busy = self.is_job_busy
        row = await self._look_at_job()
        return await self._when_done(row) if row and was_busy and not row.is_unfinished else None

    @rx.event
    async def cancel_job(self) -> None:
        """Cancel the run."""
        await self._ask_in()
        if self._job_number:
            await self._read(stop_here, number=self._job_number)
            await self._write(ask_cancel, number=self._job_number)
            await self._look_at_job()
