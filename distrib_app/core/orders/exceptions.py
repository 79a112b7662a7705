"""What goes wrong with parts of orders, from what is known of each; pure.

A finding begins at an instant: whoever has seen to it once is not asked again about the same cause. It ends
by itself when the next look no longer finds it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from ..inventory import ShipmentStatus
from ..kernel.clock import zone
from ..kernel.errors import msg
from ..kernel.explain import Step
from ..workbench.calendar import Calendar
from ..workbench.models import Severity
from .models import FulfilmentMode, FulfilmentStatus

HOUR = 3600


class ExceptionKind(StrEnum):
    """What is wrong with a part of an order."""

    UNSHIPPED = "order_unshipped"
    NO_SCAN = "order_no_scan"
    REFUSED = "order_refused"
    LOST = "order_lost"
    SHORT = "order_short"
    ELSEWHERE = "order_elsewhere"
    LATE = "order_late"
    UNANSWERED = "order_unanswered"


class Side(StrEnum):
    """Whose task it is: the owner of the goods sends them, the seller gave the promise."""

    OWNER = "owner"
    SELLER = "seller"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take: working hours until goods leave per mode, hours between scans."""

    leave_hours: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType(
            {
                FulfilmentMode.OWN.value: 16,
                FulfilmentMode.DIRECT.value: 24,
                FulfilmentMode.REGIONAL.value: 16,
                FulfilmentMode.PARTNER.value: 8,
            }
        )
    )
    urgent_leave_hours: int = 4
    scan_hours: int = 48
    urgent_scan_hours: int = 24
    urgent_due_hours: int = 1
    due_hours: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType(
            {
                ExceptionKind.UNSHIPPED.value: 4,
                ExceptionKind.NO_SCAN.value: 8,
                ExceptionKind.REFUSED.value: 4,
                ExceptionKind.LOST.value: 4,
                ExceptionKind.SHORT.value: 8,
                ExceptionKind.ELSEWHERE.value: 4,
                ExceptionKind.LATE.value: 8,
                ExceptionKind.UNANSWERED.value: 4,
            }
        )
    )


LIMITS = Limits()
TITLES: Mapping[str, str] = MappingProxyType(
    {
        ExceptionKind.UNSHIPPED.value: msg("{part} for {buyer} has not left yet"),
        ExceptionKind.NO_SCAN.value: msg("Nothing was heard of {part} for {buyer}"),
        ExceptionKind.REFUSED.value: msg("{buyer} refused {part}"),
        ExceptionKind.LOST.value: msg("{part} for {buyer} is reported lost"),
        ExceptionKind.SHORT.value: msg("{part}: {buyer} received {qty} pieces too few"),
        ExceptionKind.ELSEWHERE.value: msg("{part} for {buyer} was handed over elsewhere"),
        ExceptionKind.LATE.value: msg("{part} for {buyer} is late"),
        ExceptionKind.UNANSWERED.value: msg("Nobody answered for {part} of {buyer}"),
    }
)
EXCEPTION_NAMES: Mapping[str, str] = MappingProxyType(
    {
        ExceptionKind.UNSHIPPED.value: msg("Not shipped in time"),
        ExceptionKind.NO_SCAN.value: msg("Nothing heard of a shipment"),
        ExceptionKind.REFUSED.value: msg("Delivery refused"),
        ExceptionKind.LOST.value: msg("Shipment lost"),
        ExceptionKind.SHORT.value: msg("Signed short"),
        ExceptionKind.ELSEWHERE.value: msg("Signed elsewhere"),
        ExceptionKind.LATE.value: msg("Late against the promise"),
        ExceptionKind.UNANSWERED.value: msg("Offer without an answer"),
    }
)
_CRITICAL = frozenset({ExceptionKind.REFUSED, ExceptionKind.LOST, ExceptionKind.ELSEWHERE})
_READY = frozenset({FulfilmentStatus.ALLOCATED.value, FulfilmentStatus.PICKED.value})
_OUT = frozenset({FulfilmentStatus.SHIPPED.value, FulfilmentStatus.IN_TRANSIT.value})
_OPEN = _READY | {
    FulfilmentStatus.OFFERED.value,
    FulfilmentStatus.WAITING.value,
    FulfilmentStatus.IN_PRODUCTION.value,
}


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of a part; paths of regions end with `/` and are empty where nobody said.

    `is_scanned`: its carrier tells the platform of it; `heard_at` is the last scan or the departure,
    `ended_at` when it was refused or lost; `short_qty` is what the carrier says was missing less what has
    been credited since.
    """

    number: str
    status: str
    mode: str
    reserved_at: datetime
    is_urgent: bool = False
    is_held: bool = False
    answer_until: datetime | None = None
    lapsed_at: datetime | None = None
    promised_on: date | None = None
    shipment_status: str = ""
    is_scanned: bool = True
    heard_at: datetime | None = None
    ended_at: datetime | None = None
    handed_over_at: datetime | None = None
    handed_over_path: str = ""
    buyer_path: str = ""
    short_qty: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Something wrong: since when, how much it matters, whose task it is, due in which working hours, why."""

    kind: ExceptionKind
    since: datetime
    severity: Severity
    side: Side
    due_hours: int
    steps: tuple[Step, ...]


def judge(
    part: Watched, *, now: datetime, calendar: Calendar, zone_name: str, limits: Limits = LIMITS
) -> tuple[Found, ...]:
    """Everything that is wrong with a part, in the order of the kinds.

    Working hours are the calendar's; the day a promise ends is one of the network's zone.
    """
    causes = {
        ExceptionKind.UNSHIPPED: _unshipped(part, now, calendar, limits),
        ExceptionKind.NO_SCAN: _no_scan(part, now, limits),
        ExceptionKind.REFUSED: _ended(part, ShipmentStatus.REFUSED),
        ExceptionKind.LOST: _ended(part, ShipmentStatus.LOST),
        ExceptionKind.SHORT: _short(part),
        ExceptionKind.ELSEWHERE: _elsewhere(part),
        ExceptionKind.LATE: _late(part, now, zone_name),
        ExceptionKind.UNANSWERED: _unanswered(part, now),
    }
    return tuple(_rate(part, kind, *cause, limits) for kind, cause in causes.items() if cause is not None)


_Cause = tuple[datetime, Step]


def _rate(part: Watched, kind: ExceptionKind, since: datetime, step: Step, limits: Limits) -> Found:
    if part.is_urgent:
        severity, hours = Severity.CRITICAL, limits.urgent_due_hours
    else:
        severity = Severity.HIGH if kind in _CRITICAL else Severity.NORMAL
        hours = limits.due_hours[kind]
    side = Side.SELLER if kind in (ExceptionKind.LATE, ExceptionKind.UNANSWERED) else Side.OWNER
    due = Step(msg("To be settled within {hours} working hours"), {"hours": hours})
    return Found(kind, since, severity, side, hours, (step, due))


def _unshipped(part: Watched, now: datetime, calendar: Calendar, limits: Limits) -> _Cause | None:
    if part.status not in _READY or part.is_held:
        return None
    hours = limits.urgent_leave_hours if part.is_urgent else limits.leave_hours[part.mode]
    passed = calendar.business_seconds(part.reserved_at, now)
    if passed < hours * HOUR:
        return None
    text = msg("Reserved {at}: {passed} working hours ago, {hours} are allowed")
    facts = {"at": part.reserved_at.isoformat(), "passed": passed // HOUR, "hours": hours}
    return part.reserved_at, Step(text, facts)


def _no_scan(part: Watched, now: datetime, limits: Limits) -> _Cause | None:
    is_moving = part.shipment_status in (ShipmentStatus.SHIPPED, ShipmentStatus.IN_TRANSIT)
    if part.status not in _OUT or not (is_moving and part.is_scanned) or part.heard_at is None:
        return None  # a carrier that never tells anything is not silent
    hours = limits.urgent_scan_hours if part.is_urgent else limits.scan_hours
    if now - part.heard_at < timedelta(hours=hours):
        return None
    text = msg("Last heard of {at}; {hours} hours of silence are allowed")
    return part.heard_at, Step(text, {"at": part.heard_at.isoformat(), "hours": hours})


def _ended(part: Watched, status: ShipmentStatus) -> _Cause | None:
    if part.status not in _OUT or part.shipment_status != status or part.ended_at is None:
        return None
    return part.ended_at, Step(msg("The carrier said so {at}"), {"at": part.ended_at.isoformat()})


def _short(part: Watched) -> _Cause | None:
    if part.handed_over_at is None or part.short_qty <= 0:
        return None
    text = msg("{qty} pieces were missing {at} and have not been credited")
    return part.handed_over_at, Step(text, {"qty": part.short_qty, "at": part.handed_over_at.isoformat()})


def _elsewhere(part: Watched) -> _Cause | None:
    """A county of the buyer's city is no other place, and neither is the province where no more was said."""
    at, there, home = part.handed_over_at, part.handed_over_path, part.buyer_path
    if at is None or not there or not home or there.startswith(home) or home.startswith(there):
        return None
    return at, Step(
        msg("Handed over in {there}, the buyer is in {home}"),
        {"there": there.rstrip("/").rpartition("/")[2], "home": home.rstrip("/").rpartition("/")[2]},
    )


def _late(part: Watched, now: datetime, zone_name: str) -> _Cause | None:
    if part.promised_on is None or part.status not in _OPEN | _OUT or part.is_held:
        return None
    over = part.promised_on + timedelta(days=1)
    end = datetime(over.year, over.month, over.day, tzinfo=zone(zone_name))
    if now < end:
        return None
    return end, Step(msg("Promised for {day}"), {"day": part.promised_on.isoformat()})


def _unanswered(part: Watched, now: datetime) -> _Cause | None:
    """The answer is overdue, or came never and nobody else could take the goods over."""
    if part.status == FulfilmentStatus.OFFERED and part.answer_until is not None:
        if now < part.answer_until:
            return None
        text = msg("An answer was due {at}")
        return part.answer_until, Step(text, {"at": part.answer_until.isoformat()})
    if part.status == FulfilmentStatus.WAITING and part.lapsed_at is not None:
        text = msg("The offer lapsed {at} and no other place has the goods")
        return part.lapsed_at, Step(text, {"at": part.lapsed_at.isoformat()})
    return None


def kinds() -> Iterator[str]:
    """The names of all kinds, as tasks carry them."""
    return (kind.value for kind in ExceptionKind)
