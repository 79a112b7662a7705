"""From job runs and the schedule of core to what their pages show."""

from datetime import datetime, timedelta

from .. import routes
from ..core.kernel.errors import msg
from ..core.workbench import JobRow, JobStatus, ScheduleRow, job_kinds
from ..i18n import gettext, translate_step
from ..i18n.presentation import NO_VALUE, instant, number
from ..schedule_table import JOBS

STATUS = {
    JobStatus.QUEUED: (msg("waiting"), "neutral"),
    JobStatus.RUNNING: (msg("running"), "accent"),
    JobStatus.DONE: (msg("done"), "good"),
    JobStatus.FAILED: (msg("failed"), "bad"),
    JobStatus.CANCELLED: (msg("cancelled"), "neutral"),
}


def status_options(language: str) -> list[dict[str, str]]:
    """The statuses to filter by."""
    return [{"value": key.value, "text": gettext(text, language)} for key, (text, _) in STATUS.items()]


def kind_options(language: str) -> list[dict[str, str]]:
    """The kinds to filter by."""
    return [{"value": key, "text": gettext(kind.name, language)} for key, kind in job_kinds().items()]


def job_row(row: JobRow, language: str, zone: str, now: datetime) -> dict[str, str]:
    """A run: its words, how far it is in percent, and what can be done about it (`1` or nothing)."""
    text, tone = STATUS[JobStatus(row.status)]
    if row.is_unfinished and row.is_cancel_asked:
        text, tone = msg("cancelling"), "warn"
    key = str(row.result.get("file", ""))
    return {
        "number": row.number,
        "name": gettext(row.name, language),
        "status": gettext(text, language),
        "status_tone": tone,
        "starter": row.starter or gettext(msg("the system"), language),
        "created_at": instant(row.created_at, zone),
        "took": took(row, now),
        "figures": f"{number(row.done, language)} / {number(row.total, language)}" if row.total else "",
        "percent": str(min(100, 100 * row.done // row.total)) if row.total else "0",
        "says": "" if row.status == JobStatus.CANCELLED else says(row, language),  # the badge says it
        "is_busy": "1" if row.is_unfinished else "",
        "can_cancel": "1" if row.is_unfinished and not row.is_cancel_asked else "",
        "file_href": routes.file(key) if key else "",
    }


def says(row: JobRow | ScheduleRow, language: str) -> str:
    """What a run says about itself: where it is, or why it failed."""
    return translate_step({"text": row.message, "facts": row.facts}, language) if row.message else ""


def took(row: JobRow, now: datetime) -> str:
    """How long a run has been running, or ran: `1:05`."""
    if row.started_at is None:
        return NO_VALUE
    seconds = max(0, int(((row.finished_at or now) - row.started_at) // timedelta(seconds=1)))
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def schedule_row(row: ScheduleRow, language: str, zone: str) -> dict[str, str]:
    """A scheduled job with its last and next run."""
    job = JOBS[row.kind]
    text, tone = STATUS[JobStatus(row.last_status)] if row.last_status else (msg("not run yet"), "neutral")
    if row.is_run_asked:
        text, tone = STATUS[JobStatus.QUEUED]
    is_resting = row.is_paused and not row.is_run_asked and row.last_status != JobStatus.RUNNING
    return {
        "kind": row.kind,
        "name": gettext(job.name, language),
        "cadence": gettext(job.cadence, language, **job.facts),
        "status": gettext(msg("paused") if is_resting else text, language),
        "status_tone": "warn" if is_resting else tone,
        "last_at": instant(row.last_at, zone),
        "took": f"{row.last_milliseconds // 1000}.{row.last_milliseconds // 100 % 10} s"
        if row.last_at
        else NO_VALUE,
        "next_at": NO_VALUE if row.is_paused else instant(row.next_at, zone),
        "says": says(row, language),
        "is_paused": "1" if row.is_paused else "",
        "is_busy": "1" if row.is_run_asked or row.last_status == JobStatus.RUNNING else "",
    }
