"""Bookings: what a carrier is told about a shipment, and the waybill that it answers."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from ..channels import Partner, Region
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import InvalidError, msg
from ..kernel.events import emit
from .carrier_models import Carrier
from .carrier_port import Parcel
from .errors import AlreadyBookedError, NotYourShipmentError
from .models import Location
from .shipping_models import Shipment, ShipmentLine, ShipmentPurpose, ShipmentStatus
from .transfer_models import Transfer

MAX_TEXT = 60


@dataclass(frozen=True, slots=True)
class CarrierLine:
    """How to reach a carrier, for its adapter only."""

    code: str
    service_url: str
    secret: str


def can_book(actor: Actor, shipment: Shipment) -> bool:
    """Whether an actor may order the pick-up of a shipment that has no waybill yet."""
    is_open = not shipment.waybill and shipment.status != ShipmentStatus.DELIVERED
    return is_open and actor.can(Permission.ORDERS_FULFIL) and _is_sender(actor, shipment)


def prepare_booking(
    session: Session, actor: Actor, *, number: str, carrier_code: str
) -> tuple[CarrierLine, Parcel] | None:
    """What to tell a carrier about a shipment (those who send it); None where it has its waybill already.

    Raises `ForbiddenError`, `NotFoundError`, `NotYourShipmentError`, `AlreadyBookedError`, `InvalidError`.
    """
    shipment = _own_shipment(session, actor, number)
    carrier = get_by(session, Carrier, "carrier", code=carrier_code)
    if shipment.waybill:
        if shipment.carrier == carrier.name:
            return None
        raise AlreadyBookedError(shipment=number, waybill=shipment.waybill)
    if not takes_bookings(carrier):
        raise InvalidError(field="carrier", reason=msg("takes no bookings from here"))
    with unscoped(session, "a parcel names its receiver to whoever carries it"):
        receiver, region_id = _goal(session, shipment)
        region = session.get_one(Region, region_id)
        place = session.get(Location, shipment.from_location_id) if shipment.from_location_id else None
        pieces = session.exec(
            select(func.coalesce(func.sum(ShipmentLine.qty), 0)).where(
                ShipmentLine.shipment_id == row_id(shipment)
            )
        ).one()
    parcel = Parcel(
        shipment_number=number,
        from_place=place.name if place else "",
        receiver=receiver,
        region_code=region.code,
        pieces=int(pieces),
        weight_g=shipment.weight_g,
    )
    return carrier_line(carrier), parcel


def set_waybill(
    session: Session, actor: Actor, *, number: str, carrier: str, waybill: str, now: datetime
) -> Shipment:
    """Write down under which waybill a shipment travels, and with whom (those who send it).

    The same again changes nothing. Raises `ForbiddenError`, `NotFoundError`, `NotYourShipmentError`,
    `InvalidError`, `AlreadyBookedError` once it has arrived or travels under another waybill.
    """
    shipment = _own_shipment(session, actor, number)
    texts = {"carrier": carrier.strip(), "waybill": waybill.strip()}
    for field, text in texts.items():
        if not 1 <= len(text) <= MAX_TEXT:
            raise InvalidError(field=field, reason=f"1 … {MAX_TEXT}")
    if (shipment.carrier, shipment.waybill) == (texts["carrier"], texts["waybill"]):
        return shipment
    check_version(shipment, None, number)
    if shipment.status == ShipmentStatus.DELIVERED or shipment.waybill not in ("", texts["waybill"]):
        raise AlreadyBookedError(shipment=number, waybill=shipment.waybill)
    shipment.carrier, shipment.waybill = texts["carrier"], texts["waybill"]
    emit(session, actor, "shipment.booked", subject=("shipment", number), now=now, **texts)
    return shipment


def takes_bookings(row: Carrier) -> bool:
    """Whether a pick-up can be ordered from here."""
    return bool(row.is_active and row.secret and row.service_url)


def carrier_line(row: Carrier) -> CarrierLine:
    """How its adapter reaches a carrier."""
    return CarrierLine(row.code, row.service_url, row.secret)


def _own_shipment(session: Session, actor: Actor, number: str) -> Shipment:
    actor.require(Permission.ORDERS_FULFIL)
    shipment = get_by(session, Shipment, "shipment", number=number)
    if not _is_sender(actor, shipment):
        raise NotYourShipmentError(shipment=number)
    return shipment


def _is_sender(actor: Actor, shipment: Shipment) -> bool:
    return actor.is_system or bool({shipment.owner_id, shipment.seller_id} & set(actor.partner_ids))


def _goal(session: Session, shipment: Shipment) -> tuple[str, int]:
    """Whom a parcel is for and in which region: a transfer goes to a place, an order to its buyer."""
    buyer = session.get_one(Partner, shipment.buyer_id)
    if shipment.purpose != ShipmentPurpose.TRANSFER:
        return buyer.name, buyer.region_id
    place = session.exec(
        select(Location)
        .join(Transfer, col(Transfer.to_location_id) == col(Location.id))
        .where(Transfer.shipment_id == row_id(shipment))
    ).one()
    return f"{buyer.name} {place.name}", place.region_id
