"""Carriers: who they are, the secret shared with each, and what their messages say."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session, col, func, select

from ..kernel.access import Actor, Permission
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import ForbiddenError, InvalidError, NotFoundError, msg
from ..kernel.events import emit
from ..kernel.signatures import check_secret, make_secret
from .bookings import CarrierLine, carrier_line, takes_bookings
from .carrier_models import Carrier
from .carrier_port import CarrierReport
from .errors import ReusedMessageError
from .shipment_events import Handover, record_shipment_event
from .shipping_models import Shipment, ShipmentEvent, ShipmentStatus

# it stands in addresses
_CODE = re.compile(r"[^\s/\\?#%]{1,40}")
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

    Without a `service_url` nothing is booked or asked there; its messages are taken once it has a secret. A
    version of 0 means that there is none of this code yet.
    Raises `ForbiddenError`, `InvalidError`, `StaleError`.
    """
    actor.require(Permission.ADMIN_ACCESS)
    texts = {"code": code.strip(), "name": name.strip()}
    for field, text in texts.items():
        if not text:
            raise InvalidError(field=field, reason=msg("empty"))
    if not _CODE.fullmatch(texts["code"]):
        raise InvalidError(field="code", reason=code.strip()[:40])
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
            takes_bookings=takes_bookings(row),
            version=row.version,
        )
        for row in rows
    )


def find_line(session: Session, actor: Actor, *, code: str) -> CarrierLine | None:
    """How to reach an active carrier that has a secret, for the platform itself. Raises `ForbiddenError`."""
    _require_system(actor)
    row = session.exec(select(Carrier).where(Carrier.code == code)).one_or_none()
    return carrier_line(row) if row is not None and row.is_active and row.secret else None


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
            lines |= {name: carrier_line(row) for name in (row.code, row.name, row.name_en) if name}
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


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    if url and not (is_safe and parts.hostname and not parts.username):
        raise InvalidError(field="service_url", reason="https://…")


def _require_system(actor: Actor) -> None:
    if not actor.is_system:
        raise ForbiddenError(permission=Permission.ADMIN_ACCESS)
