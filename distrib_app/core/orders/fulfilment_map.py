"""The fulfilment map: where an order stands, when each stage was reached, where its parcels have been. Pure.

One projection serves the order's page, REST and public tracking; `public_view` is what a stranger with the
link may know of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from ..kernel.clock import business_day
from .models import FulfilmentStatus

# what an order goes through, in order; parts that wait or are asked for stand at the first stage
STAGES: tuple[str, ...] = (
    "placed",
    FulfilmentStatus.ALLOCATED.value,
    FulfilmentStatus.PICKED.value,
    FulfilmentStatus.SHIPPED.value,
    FulfilmentStatus.IN_TRANSIT.value,
    FulfilmentStatus.DELIVERED.value,
)
_RANKS = {stage: rank for rank, stage in enumerate(STAGES)}


class MarkState(StrEnum):
    """Whether a stage or a place lies behind, is the present one, or is still to come."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


class PlaceRole(StrEnum):
    """What a place is on a parcel's way."""

    FROM = "from"
    HUB = "hub"
    TO = "to"


@dataclass(frozen=True, slots=True)
class Place:
    """A place by name; empty where it is not known, or not to be told."""

    name: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class PartPoint:
    """A part of the order: its state, when it reached stages, and the days it was planned for."""

    status: str
    times: Mapping[str, datetime] = field(default_factory=dict)
    ready_on: date | None = None
    promised_on: date | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment of the order; `piece_count` counts this order's pieces in it."""

    number: str
    carrier: str
    waybill: str
    piece_count: int
    shipped_at: datetime
    promised_on: date | None
    delivered_at: datetime | None
    signed_by: str
    origin: Place
    goal: Place


@dataclass(frozen=True, slots=True)
class MapEvent:
    """Something that happened: of the order (`parcel` empty, told by `actor`) or reported of a parcel."""

    kind: str
    occurred_at: datetime
    actor: str = ""
    place: str = ""
    note: str = ""
    parcel: str = ""


@dataclass(frozen=True, slots=True)
class StageMark:
    """A stage of the order: when all its parts had reached it, for when that was planned.

    `reached_count` of `part_count` living parts have come so far; `is_late` when it was, or is, past its day.
    """

    stage: str
    state: str
    reached_at: datetime | None
    planned_on: date | None
    is_late: bool
    reached_count: int
    part_count: int


@dataclass(frozen=True, slots=True)
class PlaceTile:
    """A place on a parcel's way, and when the parcel was seen there."""

    role: str
    name: str
    name_en: str
    seen_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Journey:
    """A parcel's way: from where over which hubs to where, by whom, and whether it is late."""

    parcel: str
    carrier: str
    waybill: str
    piece_count: int
    shipped_at: datetime
    promised_on: date | None
    delivered_at: datetime | None
    signed_by: str
    is_late: bool
    tiles: tuple[PlaceTile, ...]


@dataclass(frozen=True, slots=True)
class FulfilmentMap:
    """Stages, journeys and events (newest first) of an order."""

    promised_on: date | None
    is_late: bool
    stages: tuple[StageMark, ...]
    journeys: tuple[Journey, ...]
    events: tuple[MapEvent, ...]


def fulfilment_map(
    *,
    placed_at: datetime,
    promised_on: date | None,
    parts: Sequence[PartPoint],
    parcels: Sequence[Parcel],
    events: Sequence[MapEvent],
    now: datetime,
    zone: str,
) -> FulfilmentMap:
    """The projection of an order as it stands at `now`; days are the network's, in `zone`.

    A stage is reached when every living part has reached it, at the instant of the last of them; a part
    may jump over one (nobody said it was picked): then its time is not known. The stage of leaving is planned
    for the last day on which a part is ready, that of arriving for the promised day.
    """
    stages = _marks(placed_at, promised_on, parts, now=now, zone=zone)
    return FulfilmentMap(
        promised_on=promised_on,
        is_late=any(mark.is_late for mark in stages),
        stages=stages,
        journeys=tuple(_journey(parcel, events, now=now, zone=zone) for parcel in parcels),
        events=tuple(sorted(events, key=lambda event: event.occurred_at, reverse=True)),
    )


def public_view(found: FulfilmentMap) -> FulfilmentMap:
    """What whoever holds the link may know: no people, no notes, nothing said inside the companies."""
    events = [replace(event, actor="", note="") for event in found.events if event.parcel]
    return replace(
        found,
        journeys=tuple(replace(one, signed_by=mask_name(one.signed_by)) for one in found.journeys),
        events=tuple(events),
    )


def mask_name(name: str) -> str:
    """A name of which only the first letter is told: 李雷 → 李*, 欧阳小明 → 欧**."""
    plain = name.strip()
    return plain[:1] + "*" * min(2, max(1, len(plain) - 1)) if plain else ""


def _marks(
    placed_at: datetime,
    promised_on: date | None,
    parts: Sequence[PartPoint],
    *,
    now: datetime,
    zone: str,
) -> tuple[StageMark, ...]:
    living = [part for part in parts if part.status != FulfilmentStatus.CANCELLED]
    ranks = [_RANKS.get(part.status, 0) for part in living]
    present = min(ranks, default=0)
    ready = [part.ready_on for part in living]
    planned = {
        FulfilmentStatus.SHIPPED.value: max((day for day in ready if day), default=None)
        if None not in ready
        else None,
        FulfilmentStatus.DELIVERED.value: promised_on if living else None,
    }
    marks = []
    for rank, stage in enumerate(STAGES):
        times = [part.times.get(stage) for part in living]
        known = [instant for instant in times if instant is not None]
        is_reached = rank <= present
        is_known = is_reached and bool(known) and len(known) == len(living)
        reached_at = placed_at if rank == 0 else max(known) if is_known else None
        state = MarkState.AHEAD if not is_reached else MarkState.NOW if rank == present else MarkState.DONE
        if rank == len(STAGES) - 1 and is_reached:
            state = MarkState.DONE
        marks.append(
            StageMark(
                stage=stage,
                state=state,
                reached_at=reached_at,
                planned_on=planned.get(stage),
                is_late=_is_late(planned.get(stage), is_reached, reached_at, now=now, zone=zone),
                reached_count=sum(1 for one in ranks if one >= rank),
                part_count=len(living),
            )
        )
    return tuple(marks)


def _is_late(
    planned_on: date | None, is_reached: bool, reached_at: datetime | None, *, now: datetime, zone: str
) -> bool:
    if planned_on is None or (is_reached and reached_at is None):
        return False
    return business_day(reached_at if is_reached and reached_at else now, zone) > planned_on


def _journey(parcel: Parcel, events: Sequence[MapEvent], *, now: datetime, zone: str) -> Journey:
    return Journey(
        parcel=parcel.number,
        carrier=parcel.carrier,
        waybill=parcel.waybill,
        piece_count=parcel.piece_count,
        shipped_at=parcel.shipped_at,
        promised_on=parcel.promised_on,
        delivered_at=parcel.delivered_at,
        signed_by=parcel.signed_by,
        is_late=_is_late(
            parcel.promised_on, parcel.delivered_at is not None, parcel.delivered_at, now=now, zone=zone
        ),
        tiles=_tiles(parcel, events),
    )


def _tiles(parcel: Parcel, events: Sequence[MapEvent]) -> tuple[PlaceTile, ...]:
    """From, the hubs in the order in which the parcel was seen there (each stay once), to."""
    ends = {parcel.origin.name, parcel.origin.name_en, parcel.goal.name, parcel.goal.name_en}
    seen: list[tuple[str, datetime]] = []
    for event in sorted(events, key=lambda event: event.occurred_at):
        if event.parcel != parcel.number or not event.place or event.place in ends:
            continue
        if not seen or seen[-1][0] != event.place:
            seen.append((event.place, event.occurred_at))
    has_arrived = parcel.delivered_at is not None
    last = len(seen) - 1
    tiles = [
        PlaceTile(
            PlaceRole.FROM,
            parcel.origin.name,
            parcel.origin.name_en,
            parcel.shipped_at,
            MarkState.DONE if seen or has_arrived else MarkState.NOW,
        )
    ]
    for index, (place, instant) in enumerate(seen):
        is_here = index == last and not has_arrived
        state = MarkState.NOW if is_here else MarkState.DONE
        tiles.append(PlaceTile(PlaceRole.HUB, place, "", instant, state))
    goal_state = MarkState.DONE if has_arrived else MarkState.AHEAD
    goal = PlaceTile(PlaceRole.TO, parcel.goal.name, parcel.goal.name_en, parcel.delivered_at, goal_state)
    return (*tiles, goal)
