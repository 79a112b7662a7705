"""The table of jobs; the only file that imports apscheduler."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from .core.analytics import compact_lake
from .core.kernel.clock import utc_now
from .core.kernel.settings import get_settings
from .gate import get_database
from .lake import sync

log = structlog.get_logger()


def _compact() -> int:
    return compact_lake(get_database(), get_settings().lake, now=utc_now())


# job, trigger and its arguments; the lake's own lock lets several processes run the same table
JOBS: tuple[tuple[Callable[[], Any], str, dict[str, int]], ...] = (
    (sync, "interval", {"seconds": get_settings().lake_sync_seconds}),
    (_compact, "interval", {"hours": 1}),
)


@asynccontextmanager
async def running_jobs() -> AsyncIterator[None]:
    """Run the jobs while the application lives."""
    scheduler = AsyncIOScheduler(job_defaults={"coalesce": True, "max_instances": 1})
    for function, trigger, arguments in JOBS:
        scheduler.add_job(_in_thread, trigger, args=[function], id=function.__name__, **arguments)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


async def _in_thread(function: Callable[[], Any]) -> None:
    try:
        await asyncio.to_thread(function)
    except Exception as error:  # a job that fails is logged and runs again at its next time
        log.error("job_failed", job=function.__name__, exc_info=error)
