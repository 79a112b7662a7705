"""A kind of job for tests: it writes one event per step and keeps its place with it.

Run as a program it is a worker that claims one run and does it slowly, so that a test can kill it half-way;
or one of several processes that want the same leases.
"""

import sys
import time
from datetime import datetime
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from sqlmodel import Session

from distrib_app.core import tables as _tables  # noqa: F401  (all tables, as in the app)
from distrib_app.core.channels import resolve_actor
from distrib_app.core.kernel.access import SYSTEM, Actor, User
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import msg
from distrib_app.core.kernel.events import emit
from distrib_app.core.workbench import (
    FileStore,
    JobContext,
    JobKind,
    Workshop,
    claim_next,
    install_job_kinds,
    run_claimed,
    take_lease,
)

STEP_KIND = "test.counted"
pause = 0.0


def count_steps(context: JobContext) -> dict[str, Any]:
    """One event per step from the cursor on; work and cursor in one transaction."""
    steps = int(context.arguments["steps"])
    for step in range(int(context.cursor.get("next", 0)), steps):
        context.progress(step, steps, msg("{done} of {total}"), done=step, total=steps)
        with context.write() as session:
            emit(session, context.actor, STEP_KIND, subject=("step", str(step)), now=context.now())
            context.save({"next": step + 1}, session=session)
        time.sleep(pause)
    context.progress(steps, steps)
    return {"steps": steps}


KIND = JobKind(msg("Count"), count_steps)


def find_actor(session: Session, user_id: int | None, now: datetime) -> Actor | None:
    """As the composition root finds it."""
    if user_id is None:
        return SYSTEM
    user = session.get_one(User, user_id)
    return None if user.is_disabled else resolve_actor(session, user, now=now)


def workshop(clock: Any = utc_now, failures: list[Exception] | None = None) -> Workshop:
    """What a run borrows in tests; unexpected errors are collected in `failures`."""
    noted = failures if failures is not None else []
    return Workshop(
        find_actor,
        FileStore(str(Path(gettempdir()) / "job-files")),
        clock,
        lambda _kind, _id, error: noted.append(error),
    )


def work(url: str, step_seconds: str) -> None:
    """Claim one run and do it, a step every `step_seconds`."""
    global pause  # noqa: PLW0603 - this program is slow on purpose
    pause = float(step_seconds)
    install_job_kinds({"count": KIND})
    database = Database(url)
    with database.write(SYSTEM) as session:
        claimed = claim_next(session, holder="doomed", now=utc_now())
    assert claimed is not None
    print("claimed", flush=True)
    run_claimed(database, claimed, workshop())


def want(url: str, holder: str, start: str, count: str) -> None:
    """Try to take `count` leases from the instant `start` on; print those taken."""
    database = Database(url)
    with database.read(SYSTEM) as session:
        session.connection()
    time.sleep(max(0, float(start) - time.time()))
    for index in range(int(count)):
        with database.write(SYSTEM) as session:
            if take_lease(session, name=f"lease-{index}", holder=holder, now=utc_now(), seconds=60):
                print(f"lease-{index}", flush=True)


if __name__ == "__main__":
    {"work": work, "want": want}[sys.argv[1]](*sys.argv[2:])
