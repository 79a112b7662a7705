"""Carriers: who they are, the secret shared with each, bookings and what their messages say."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session, col, func, select

from ..channels import Partner, Region
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import ForbiddenError, InvalidError, NotFoundError, msg
from ..kernel.events import emit
from ..kernel.signatures import check_secret, make_secret
from .carrier_models import Carrier
from .carrier_port import CarrierReport, Parcel
from .errors import AlreadyBookedError, NotYourShipmentError, ReusedMessageError
from .models import Location
from .shipment_events import Handover, record_shipment_event
from .shipping_models import Shipment, ShipmentEvent, ShipmentLine, ShipmentPurpose, ShipmentStatus
from .transfer_models import Transfer

MAX_TEXT = 60
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_ON_THEIR_WAY = sorted(set(ShipmentStatus) - {ShipmentStatus.DELIVERED})
# waybills asked for at one round
ROUND = 200


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A carrier as people see it: whether it can be booked and messages be signed, never with what."""

    code: str
    name: str
    name_en: str
    service_url: str
    is_active: bool
    has_secret: bool
    takes_bookings: bool
    version: int


@dataclass(frozen=True, slots=True)
class CarrierLine:
    """How to reach a carrier, for its adapter only."""

    code: str
    service_url: str
    secret: str


def set_carrier(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    name_en: str = "",
    service_url: str = "",
    is_active: bool = True,
    version: int | None = None,
    now: datetime,
) -> Carrier:
    """Add a carrier or change what is known of it (administrators).

    Without a `service_url` nothing is booked or asked there; its messages are taken once it has a secret.
    Raises `ForbiddenError`, `InvalidError`, `StaleError`.
    """
    actor.require(Permission.ADMIN_ACCESS)
    texts = {"code": code.strip(), "name": name.strip()}
    for field, text in texts.items():
        if not text:
            raise InvalidError(field=field, reason=msg("empty"))
    _check_url(service_url.strip())
    carrier = session.exec(select(Carrier).where(Carrier.code == texts["code"])).one_or_none()
    if carrier is None:
        carrier = Carrier(code=texts["code"], name=texts["name"])
    else:
        check_version(carrier, version, code)
    carrier.name, carrier.name_en = texts["name"], name_en.strip()
    carrier.service_url, carrier.is_active = service_url.strip(), is_active
    session.add(carrier)
    session.flush()
    emit(session, actor, "carrier.set", subject=("carrier", carrier.code), now=now, is_active=is_active)
    return carrier


def renew_carrier_secret(
    session: Session, actor: Actor, *, code: str, secret: str = "", now: datetime
) -> str:
    """Set the secret that signs what a carrier and the platform tell each other, and give it back once.

    The carrier's own, or a new one. What was signed with the old one is refused from now on.
    Raises `ForbiddenError`, `NotFoundError`, `InvalidError`.
    """
    actor.require(Permission.ADMIN_ACCESS)
    carrier = get_by(session, Carrier, "carrier", code=code)
    carrier.secret = check_secret(secret) if secret else make_secret()
    carrier.version += 1
    emit(session, actor, "carrier.secret_set", subject=("carrier", code), now=now)
    return carrier.secret


def list_carriers(session: Session) -> tuple[CarrierRow, ...]:
    """All carriers by code; where their service is reached is told to administrators only."""
    knows_address = session.info["actor"].can(Permission.ADMIN_ACCESS)
    rows = session.exec(select(Carrier).order_by(col(Carrier.code))).all()
    return tuple(
        CarrierRow(
            code=row.code,
            name=row.name,
            name_en=row.name_en,
            service_url=row.service_url if knows_address else "",
            is_active=row.is_active,
            has_secret=bool(row.secret),
            takes_bookings=_takes_bookings(row),
            version=row.version,
        )
        for row in rows
    )


def find_line(session: Session, actor: Actor, *, code: str) -> CarrierLine | None:
    """How to reach an active carrier that has a secret, for the platform itself. Raises `ForbiddenError`."""
    _require_system(actor)
    row = session.exec(select(Carrier).where(Carrier.code == code)).one_or_none()
    return _line(row) if row is not None and row.is_active and row.secret else None


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
    if not _takes_bookings(carrier):
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
    return _line(carrier), parcel


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


def take_report(session: Session, actor: Actor, *, code: str, report: CarrierReport, now: datetime) -> int:
    """Record what a carrier says of a waybill on every shipment under it; how many were new.

    For the platform, which has checked who sent it. The id of a message names one report for good.
    Raises `ForbiddenError`, `NotFoundError`, `ReusedMessageError`, and what `record_shipment_event` raises.
    """
    _require_system(actor)
    carrier = get_by(session, Carrier, "carrier", code=code)
    names = {name.casefold() for name in (carrier.code, carrier.name, carrier.name_en) if name}
    found = [
        shipment
        for shipment in session.exec(
            select(Shipment).where(Shipment.waybill == report.waybill).order_by(col(Shipment.id))
        )
        if shipment.carrier.casefold() in names
    ]
    if not found:
        raise NotFoundError(kind="waybill", key=report.waybill)
    told = session.exec(
        select(ShipmentEvent.shipment_id).where(
            ShipmentEvent.source == code, ShipmentEvent.source_key == report.key
        )
    ).all()
    if not set(told) <= {row_id(shipment) for shipment in found}:
        raise ReusedMessageError(key=report.key)
    return sum(
        record_shipment_event(
            session,
            actor,
            shipment_number=shipment.number,
            kind=report.kind,
            occurred_at=report.occurred_at,
            place=report.place,
            note=report.note,
            source=code,
            source_key=report.key,
            handover=Handover(report.signed_by, report.region_code, report.short_qty),
            now=now,
        )
        for shipment in found
    )


def connected_carriers(session: Session) -> frozenset[str]:
    """The codes and names, casefolded, of carriers whose messages are taken."""
    rows = session.exec(select(Carrier).where(col(Carrier.is_active), Carrier.secret != "")).all()
    return frozenset(name.casefold() for row in rows for name in (row.code, row.name, row.name_en) if name)


def open_waybills(session: Session, actor: Actor) -> tuple[tuple[CarrierLine, str], ...]:
    """Waybills on their way with carriers that can be asked, the oldest first, at most `ROUND`.

    For the platform. Raises `ForbiddenError`.
    """
    _require_system(actor)
    lines: dict[str, CarrierLine] = {}
    for row in session.exec(select(Carrier).where(col(Carrier.is_active), Carrier.service_url != "")):
        if row.secret:
            lines |= {name: _line(row) for name in (row.code, row.name, row.name_en) if name}
    rows = session.exec(
        select(Shipment.carrier, Shipment.waybill)
        .where(
            col(Shipment.status).in_(_ON_THEIR_WAY),
            col(Shipment.carrier).in_(sorted(lines)),
            Shipment.waybill != "",
        )
        .group_by(col(Shipment.carrier), col(Shipment.waybill))
        .order_by(func.min(Shipment.id))
        .limit(ROUND)
    ).all()
    return tuple((lines[carrier], waybill) for carrier, waybill in rows)


def _own_shipment(session: Session, actor: Actor, number: str) -> Shipment:
    actor.require(Permission.ORDERS_FULFIL)
    shipment = get_by(session, Shipment, "shipment", number=number)
    if not actor.is_system and not {shipment.owner_id, shipment.seller_id} & set(actor.partner_ids):
        raise NotYourShipmentError(shipment=number)
    return shipment


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


def _takes_bookings(row: Carrier) -> bool:
    return bool(row.is_active and row.secret and row.service_url)


def _line(row: Carrier) -> CarrierLine:
    return CarrierLine(row.code, row.service_url, row.secret)


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    if url and not (is_safe and parts.hostname and not parts.username):
        raise InvalidError(field="service_url", reason="https://…")


def _require_system(actor: Actor) -> None:
    if not actor.is_system:
        raise ForbiddenError(permission=Permission.ADMIN_ACCESS)
