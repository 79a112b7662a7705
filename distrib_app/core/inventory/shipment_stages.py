"""Where a shipment is, from everything that was reported of it; pure.

Reports are judged in the order in which things happened, not in which they were told: a hub scan that comes
in after the delivery was reported changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..kernel.errors import msg
from ..kernel.explain import Step
from .shipping_models import ShipmentEventKind, ShipmentStatus

_ON_THE_ROAD = frozenset(
    {
        ShipmentEventKind.PICKED_UP.value,
        ShipmentEventKind.IN_TRANSIT.value,
        ShipmentEventKind.ARRIVED_HUB.value,
        ShipmentEventKind.OUT_FOR_DELIVERY.value,
    }
)
# a refused parcel that is scanned on its way back is still refused; a new attempt to deliver it is not
_NEW_ATTEMPT = frozenset({ShipmentEventKind.OUT_FOR_DELIVERY.value})
_ENDS = {
    ShipmentEventKind.DELIVERED.value: ShipmentStatus.DELIVERED,
    ShipmentEventKind.REFUSED.value: ShipmentStatus.REFUSED,
    ShipmentEventKind.LOST.value: ShipmentStatus.LOST,
}
# of what is said to have happened at the same instant the further stage comes last
_RANKS = {
    kind.value: rank
    for rank, kind in enumerate(
        (
            ShipmentEventKind.NOTE,
            ShipmentEventKind.PICKED_UP,
            ShipmentEventKind.IN_TRANSIT,
            ShipmentEventKind.ARRIVED_HUB,
            ShipmentEventKind.OUT_FOR_DELIVERY,
            ShipmentEventKind.EXCEPTION,
            ShipmentEventKind.REFUSED,
            ShipmentEventKind.LOST,
            ShipmentEventKind.DELIVERED,
        )
    )
}
# kinds that say where the parcel was seen
SCANS = frozenset(set(_RANKS) - {ShipmentEventKind.NOTE.value})


@dataclass(frozen=True, slots=True)
class Report:
    """Something reported of a shipment: what, and when it happened."""

    kind: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ShipmentStage:
    """Where a shipment is, since when, and which reports made it so; `since` is None before the first."""

    status: ShipmentStatus
    since: datetime | None
    steps: tuple[Step, ...]


def stage_after(reports: Iterable[Report]) -> ShipmentStage:
    """The stage that reports lead to, whatever the order they came in; what was delivered stays so."""
    status, since = ShipmentStatus.SHIPPED, None
    steps: list[Step] = []
    for report in sorted(reports, key=lambda one: (one.occurred_at, _RANKS[one.kind])):
        following = _following(status, report.kind)
        if following is status:
            continue
        status, since = following, report.occurred_at
        steps.append(
            Step(
                msg("{kind} at {at}"),
                {"kind": report.kind, "at": report.occurred_at.isoformat()},
                status.value,
            )
        )
    return ShipmentStage(status, since, tuple(steps))


def _following(status: ShipmentStatus, kind: str) -> ShipmentStatus:
    if status is ShipmentStatus.DELIVERED:
        return status
    if kind in _ENDS:
        return _ENDS[kind]
    moves = kind in (_NEW_ATTEMPT if status is ShipmentStatus.REFUSED else _ON_THE_ROAD)
    return ShipmentStatus.IN_TRANSIT if moves else status
