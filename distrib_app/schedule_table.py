"""The table of scheduled jobs: what each is called, what it does, and when."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .carriers import track_shipments
from .chores import (
    check_everything,
    clean_up,
    compact,
    complete,
    compute_lines,
    escalate,
    expire,
    suggest,
    sync_quietly,
    watch,
)
from .core.kernel.errors import msg
from .core.kernel.settings import get_settings
from .mail import send_mails

Said = tuple[str, dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A scheduled job: its name and cadence (msgids with facts), what it does, and when (words of a trigger).

    `run` may return what it has to say: a msgid and its facts. A frequent job notes good runs once a minute.
    """

    name: str
    run: Callable[[], Said]
    cadence: str
    trigger: str
    when: dict[str, int]
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_frequent(self) -> bool:
        """Whether it runs more often than its row is worth writing."""
        return "seconds" in self.when


def _seconds(name: str, run: Callable[[], Said], seconds: int) -> Scheduled:
    return Scheduled(
        name, run, msg("every {seconds} s"), "interval", {"seconds": seconds}, {"seconds": seconds}
    )


def _minutes(name: str, run: Callable[[], Said], minutes: int) -> Scheduled:
    return Scheduled(
        name, run, msg("every {minutes} min"), "interval", {"minutes": minutes}, {"minutes": minutes}
    )


def _daily(name: str, run: Callable[[], Said], time: str) -> Scheduled:
    return Scheduled(name, run, msg("daily at {time}"), "cron", _clock(time), {"time": time})


def _mondays(name: str, run: Callable[[], Said], time: str) -> Scheduled:
    when = {"day_of_week": 0} | _clock(time)
    return Scheduled(name, run, msg("on Mondays at {time}"), "cron", when, {"time": time})


def _clock(time: str) -> dict[str, int]:
    hour, minute = time.split(":")
    return {"hour": int(hour), "minute": int(minute)}


JOBS: dict[str, Scheduled] = {
    "lake_sync": _seconds(
        msg("Bring new sales into the lake"), sync_quietly, get_settings().lake_sync_seconds
    ),
    "lake_compact": Scheduled(
        msg("Merge small files of the lake"), compact, msg("hourly"), "interval", {"hours": 1}
    ),
    "mails": _seconds(msg("Send notices by e-mail"), send_mails, 30),
    "tracking": _minutes(msg("Ask carriers where parcels are"), track_shipments, 10),
    "expiry": _minutes(msg("Free what was held or offered too long"), expire, 5),
    "exceptions": _minutes(msg("Notice what goes wrong with orders"), watch, 15),
    "completion": _daily(msg("Complete orders that arrived a week ago"), complete, "05:00"),
    "escalation": _minutes(msg("Escalate overdue tasks"), escalate, 10),
    "invariants": _daily(msg("Prove that books, stock and lake agree"), check_everything, "02:30"),
    "water_lines": _mondays(msg("Compute water lines"), compute_lines, "04:00"),
    "suggestions": _daily(msg("Suggest what to order, move and clear"), suggest, "04:30"),
    "clean_up": _daily(msg("Remove what has expired"), clean_up, "03:30"),
}
