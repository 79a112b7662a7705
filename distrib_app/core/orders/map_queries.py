"""The fulfilment map of an order, read for those who see the order."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from ..channels import Region, get_network
from ..inventory import Location, Shipment
from ..inventory.shipping_models import ShipmentEvent, ShipmentLine
from ..kernel.access import User, unscoped
from ..kernel.db import get_by, row_id
from ..kernel.events import Event
from .fulfilment_map import FulfilmentMap, MapEvent, Parcel, PartPoint, Place, fulfilment_map
from .models import FulfilmentStatus, SalesOrder
from .work import OrderWork, PartWork, read_work

# events that name a part, and the stage it reached with them; a part is made when its goods are reserved
_STEPS = {
    "order.part_accepted": FulfilmentStatus.ALLOCATED.value,
    "order.picked": FulfilmentStatus.PICKED.value,
}


def get_fulfilment_map(session: Session, *, number: str, now: datetime) -> FulfilmentMap:
    """The map of one order. Raises `NotFoundError`, also out of scope."""
    order = get_by(session, SalesOrder, "order", number=number)
    return read_map(session, read_work(session, order), names_places=True, now=now)


def read_map(session: Session, work: OrderWork, *, names_places: bool, now: datetime) -> FulfilmentMap:
    """The map of a loaded order; without `names_places` a source is told by its region only."""
    shipments = _shipments(session, work)
    ids = [row_id(shipment) for shipment in shipments]
    reports = session.exec(
        select(ShipmentEvent)
        .where(col(ShipmentEvent.shipment_id).in_(ids))
        .order_by(col(ShipmentEvent.occurred_at), col(ShipmentEvent.id))
    ).all()
    said = session.exec(
        select(Event, User.name)
        .outerjoin(User, col(User.id) == col(Event.actor_user_id))
        .where(Event.subject_key == work.order.number, Event.subject_kind == "order")
        .order_by(col(Event.id))
    ).all()
    places = _places(session, work, shipments, names_places=names_places)
    pieces = _pieces(session, work, ids)
    numbers = {row_id(shipment): shipment.number for shipment in shipments}
    by_id = {row_id(shipment): shipment for shipment in shipments}
    return fulfilment_map(
        placed_at=work.order.placed_at,
        promised_on=work.order.promised_on,
        parts=[_point(part, by_id, reports, [event for event, _ in said]) for part in work.parts],
        parcels=[_parcel(shipment, pieces.get(row_id(shipment), 0), places, work) for shipment in shipments],
        events=[
            *(MapEvent(event.kind, event.occurred_at, actor=name or "") for event, name in said),
            *(
                MapEvent(
                    row.kind,
                    row.occurred_at,
                    actor=row.source,
                    place=row.place,
                    note=row.note,
                    parcel=numbers[row.shipment_id],
                )
                for row in reports
            ),
        ],
        now=now,
        zone=get_network(session).zone,
    )


def _shipments(session: Session, work: OrderWork) -> Sequence[Shipment]:
    ids = {part.part.shipment_id for part in work.parts if part.part.shipment_id is not None}
    return session.exec(select(Shipment).where(col(Shipment.id).in_(ids)).order_by(col(Shipment.id))).all()


def _pieces(session: Session, work: OrderWork, shipment_ids: Collection[int]) -> dict[int, int]:
    """How many pieces of this order lie in each shipment."""
    documents = [part.part.number for part in work.parts]
    rows = session.exec(
        select(ShipmentLine).where(
            col(ShipmentLine.shipment_id).in_(shipment_ids), col(ShipmentLine.document).in_(documents)
        )
    )
    found: dict[int, int] = {}
    for row in rows:
        found[row.shipment_id] = found.get(row.shipment_id, 0) + row.qty
    return found


def _places(
    session: Session, work: OrderWork, shipments: Sequence[Shipment], *, names_places: bool
) -> dict[tuple[str, int], Place]:
    """Names of sources (by location id) and of the goal's region: a source one does not see by its region."""
    ids = sorted({one.from_location_id for one in shipments if one.from_location_id is not None})
    found: dict[tuple[str, int], Place] = {}
    with unscoped(session, "a source that the reader does not see is told by its region"):
        sources = session.exec(
            select(Location.id, Region.name, Region.name_en)
            .join(Region, col(Region.id) == col(Location.region_id))
            .where(col(Location.id).in_(ids))
        ).all()
    for key, name, name_en in sources:
        found["source", key or 0] = Place(name, name_en)
    if names_places:
        for location in session.exec(select(Location).where(col(Location.id).in_(ids))):
            found["source", row_id(location)] = Place(location.name, location.name_en)
    region = session.get_one(Region, work.order.region_id)
    found["goal", 0] = Place(region.name, region.name_en)
    return found


def _parcel(
    shipment: Shipment, piece_count: int, places: Mapping[tuple[str, int], Place], work: OrderWork
) -> Parcel:
    days = [part.part.promised_on for part in work.parts if part.part.shipment_id == shipment.id]
    return Parcel(
        number=shipment.number,
        carrier=shipment.carrier,
        waybill=shipment.waybill,
        piece_count=piece_count,
        shipped_at=shipment.shipped_at,
        promised_on=shipment.promised_on or max((day for day in days if day), default=None),
        delivered_at=shipment.delivered_at,
        signed_by=shipment.signed_by,
        origin=places.get(("source", shipment.from_location_id or 0), Place()),
        goal=places["goal", 0],
    )


def _point(
    part: PartWork,
    shipments: Mapping[int, Shipment],
    reports: Sequence[ShipmentEvent],
    said: Sequence[Event],
) -> PartPoint:
    """When a part reached its stages, from what was recorded of it."""
    row, times = part.part, dict[str, datetime]()
    times[FulfilmentStatus.ALLOCATED.value] = row.created_at
    for event in said:
        if event.payload.get("part") == row.number and event.kind in _STEPS:
            times[_STEPS[event.kind]] = event.occurred_at
    shipment = shipments.get(row.shipment_id or 0)
    if shipment is not None:
        times[FulfilmentStatus.SHIPPED.value] = shipment.shipped_at
        first = next((one.occurred_at for one in reports if one.shipment_id == shipment.id), None)
        if first is not None:
            times[FulfilmentStatus.IN_TRANSIT.value] = first
        if shipment.delivered_at is not None:
            times[FulfilmentStatus.DELIVERED.value] = shipment.delivered_at
    return PartPoint(row.status, times, row.ready_on, row.promised_on)
