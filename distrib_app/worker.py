"""The job worker of a process: claims queued runs and does them in threads, beside the web.

Every process has one, not only the holder of the schedule. A run lives on in another process when this one
dies; when this one ends in good order its runs go back to the queue at their next step.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import lru_cache
from typing import Any

import structlog

from . import gate
from .core.kernel.access import SYSTEM
from .core.kernel.clock import utc_now
from .core.kernel.settings import get_settings
from .core.workbench import (
    FileStore,
    Workshop,
    beat,
    claim_next,
    is_work_waiting,
    run_claimed,
    stop_runs,
)
from .i18n import translate_step

log = structlog.get_logger()
LOOK_SECONDS = 0.5
BEAT_SECONDS = 5


@lru_cache(maxsize=1)
def process_name() -> str:
    """What this process is called in leases and job rows; never the same for two processes."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


@lru_cache(maxsize=1)
def get_job_files() -> FileStore:
    """Where jobs read and write files; what they make may be larger than what people may upload."""
    return FileStore(get_settings().files)


def work_once() -> bool:
    """Claim one run and do it to its end; whether there was one."""
    database, lost_after = gate.get_database(), timedelta(seconds=get_settings().job_lost_seconds)
    with database.read(SYSTEM) as session:
        if not is_work_waiting(session, now=utc_now(), lost_after=lost_after):
            return False
    with database.write(SYSTEM) as session:
        claimed = claim_next(session, holder=process_name(), now=utc_now(), lost_after=lost_after)
    if claimed is None:
        return False
    run_claimed(database, claimed, Workshop(gate.find_job_actor, get_job_files(), utc_now, _report, _say))
    return True


def _say(text: str, facts: Mapping[str, Any], language: str) -> str:
    return translate_step({"text": text, "facts": facts}, language)


def _report(kind: str, error_id: str, error: Exception) -> None:
    log.error("job_failed", job=kind, error_id=error_id, exc_info=error)


@asynccontextmanager
async def running_worker() -> AsyncIterator[None]:
    """Do jobs while the application lives."""
    count = get_settings().job_threads
    pool = ThreadPoolExecutor(max(1, count), thread_name_prefix="job")
    tasks = [asyncio.create_task(_work(pool)) for _ in range(count)]
    tasks.append(asyncio.create_task(_beat()))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        stop_runs()
        await asyncio.to_thread(pool.shutdown)


async def _work(pool: ThreadPoolExecutor) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            is_busy = await loop.run_in_executor(pool, work_once)
        except Exception as error:  # the database may be away for a while; the work waits in its rows
            log.error("worker_failed", exc_info=error)
            is_busy = False
        if not is_busy:
            await asyncio.sleep(LOOK_SECONDS)


async def _beat() -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        with suppress(Exception):  # told by the worker; a beat that is late is made good by the next
            await asyncio.to_thread(lambda: beat(gate.get_database(), now=utc_now()))
