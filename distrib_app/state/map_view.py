"""From a fulfilment map to what pages show of it: the track of stages, the way of each parcel, the events."""

from dataclasses import dataclass, field

from ..core.kernel.errors import msg
from ..core.lists.words import ORDER_STATES
from ..core.orders import FulfilmentMap, Journey, MapEvent, PlaceTile, StageMark
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, in_language, instant, number
from .record_view import EVENTS

# what carriers and people report of a parcel
REPORTS: dict[str, str] = {
    "picked_up": msg("Picked up by the carrier"),
    "in_transit": msg("On its way"),
    "arrived": msg("Arrived at a hub"),
    "arrived_hub": msg("Arrived at a hub"),
    "out_for_delivery": msg("Out for delivery"),
    "delivered": msg("Handed over"),
    "refused": msg("Refused by the recipient"),
    "exception": msg("Something went wrong on the way"),
    "lost": msg("Lost on the way"),
    "note": msg("Note of the carrier"),
}
_SOMEWHERE = {
    "from": msg("where it was sent from"),
    "hub": msg("a hub"),
    "to": msg("where it goes"),
}


@dataclass(frozen=True)
class Way:
    """A parcel with its tiles, ready to be shown."""

    parcel: str
    carrier: str
    waybill: str
    pieces: str
    promised: str
    signed: str
    late: str
    tiles: list[dict[str, str]] = field(default_factory=list)


def stages(found: FulfilmentMap, language: str, zone: str) -> list[dict[str, str]]:
    """The stages with when each was reached or is planned for."""
    return [_stage(mark, language, zone) for mark in found.stages]


def _stage(mark: StageMark, language: str, zone: str) -> dict[str, str]:
    planned = ""
    if mark.planned_on and mark.state == "ahead":
        planned = gettext(msg("planned {day}"), language, day=day(mark.planned_on))
    is_partly = 0 < mark.reached_count < mark.part_count
    partly = gettext(msg("{count} of {all} parts"), language, count=mark.reached_count, all=mark.part_count)
    return {
        "word": gettext(ORDER_STATES[mark.stage], language),
        "state": str(mark.state),
        "at": instant(mark.reached_at, zone) if mark.reached_at else "",
        "planned": planned,
        "partly": partly if is_partly and mark.state == "ahead" else "",
        "late": gettext(msg("late"), language) if mark.is_late else "",
    }


def ways(found: FulfilmentMap, language: str, zone: str) -> list[Way]:
    """The way of each parcel."""
    return [_way(one, language, zone) for one in found.journeys]


def _way(one: Journey, language: str, zone: str) -> Way:
    signed = gettext(
        msg("Signed by {name}, {instant}"),
        language,
        name=one.signed_by or NO_VALUE,
        instant=instant(one.delivered_at, zone),
    )
    return Way(
        parcel=one.parcel,
        carrier=one.carrier or NO_VALUE,
        waybill=one.waybill or NO_VALUE,
        pieces=gettext(msg("{count} pieces"), language, count=number(one.piece_count, language)),
        promised=day(one.promised_on) if one.promised_on else NO_VALUE,
        signed=signed if one.delivered_at else "",
        late=gettext(msg("late"), language) if one.is_late else "",
        tiles=[_tile(tile, language, zone) for tile in one.tiles],
    )


def _tile(tile: PlaceTile, language: str, zone: str) -> dict[str, str]:
    name = in_language(tile.name, tile.name_en, language)
    return {
        "name": name or gettext(_SOMEWHERE[tile.role], language),
        "role": str(tile.role),
        "state": str(tile.state),
        "at": instant(tile.seen_at, zone) if tile.seen_at else "",
    }


def events(found: FulfilmentMap, language: str, zone: str) -> list[dict[str, str]]:
    """What happened, newest first."""
    names_parcels = len(found.journeys) > 1
    return [_event(event, names_parcels, language, zone) for event in found.events]


def _event(event: MapEvent, names_parcel: bool, language: str, zone: str) -> dict[str, str]:
    words = REPORTS if event.parcel else EVENTS
    return {
        "text": gettext(words.get(event.kind, event.kind), language),
        "at": instant(event.occurred_at, zone),
        "place": event.place,
        "who": " · ".join(filter(None, (event.parcel if names_parcel else "", event.actor))),
        "note": event.note,
    }
