"""What makes an order urgent, and how much tighter its times are; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from .models import Urgency

# urgent goods still leave on the same working day when ordered so long after the cut-off, in minutes
LATER_CUT_OFF = 120
LAST_MINUTE = 24 * 60 - 1


@dataclass(frozen=True, slots=True)
class Urgent:
    """Why an order goes first: `kind` is an `Urgency` (empty: it does not), `reason` what says more of it."""

    kind: str = ""
    reason: str = ""

    def __bool__(self) -> bool:
        return bool(self.kind)


def urgency_of(lines: Iterable[tuple[str, bool]], *, is_urgent_buyer: bool) -> Urgent:
    """Goods before the buyer: the first urgent product line of `lines`, (code, is urgent) each, names it."""
    for code, is_urgent in lines:
        if is_urgent:
            return Urgent(Urgency.LINE, code)
    return Urgent(Urgency.CUSTOMER) if is_urgent_buyer else Urgent()


def cut_off_of(minute: int, *, is_urgent: bool) -> int:
    """The minute of the day after which goods leave on the next working day; urgent ones have longer."""
    return min(minute + LATER_CUT_OFF, LAST_MINUTE) if is_urgent else minute


def answer_hours_of(hours: int, *, is_urgent: bool) -> int:
    """How long an owner may think about serving a part: half as long where it is urgent, at least an hour."""
    return max(1, hours // 2) if is_urgent else hours
