"""The recall list of a lot: where it lies, what left under which document, and who received it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import Partner
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.db import get_by, row_id
from ..kernel.errors import NotFoundError
from .lot_models import Lot
from .models import Location, Movement, MovementKind
from .shipping_models import Shipment, ShipmentLine


@dataclass(frozen=True, slots=True)
class RecallPlaceRow:
    """How much of the lot lies at a place."""

    location_code: str
    location_name: str
    location_name_en: str
    partner_code: str
    partner_name: str
    partner_name_en: str
    qty: int


@dataclass(frozen=True, slots=True)
class RecallShipmentRow:
    """What left a place under a document, and the partner that received it (empty: none that keeps stock)."""

    document: str
    shipped_at: datetime
    location_code: str
    qty: int
    receiver_code: str
    receiver_name: str
    receiver_name_en: str


@dataclass(frozen=True, slots=True)
class RecallView:
    """A lot with its places and shipments within scope."""

    sku_code: str
    sku_name: str
    sku_name_en: str
    lot_code: str
    expires_on: date
    made_on: date | None
    places: tuple[RecallPlaceRow, ...]
    shipments: tuple[RecallShipmentRow, ...]


def get_recall(session: Session, actor: Actor, *, sku_code: str, lot_code: str) -> RecallView:
    """Where a lot lies and to whom it went, at the places the actor sees. A lot that never was at one of them
    does not exist for it: `NotFoundError`.
    """
    actor.require(Permission.STOCK_READ)
    sku = get_by(session, Sku, "SKU", code=sku_code)
    lot = session.exec(select(Lot).where(Lot.sku_id == sku.id, Lot.code == lot_code)).first()
    mine = select(Movement.id).where(Movement.lot_id == lot.id).limit(1) if lot else None
    if lot is None or mine is None or session.exec(mine).first() is None:
        raise NotFoundError(kind="lot", key=lot_code)
    return RecallView(
        sku_code=sku.code,
        sku_name=sku.name,
        sku_name_en=sku.name_en,
        lot_code=lot.code,
        expires_on=lot.expires_on,
        made_on=lot.made_on,
        places=_places(session, row_id(lot)),
        shipments=_shipments(session, row_id(lot)),
    )


def _places(session: Session, lot_id: int) -> tuple[RecallPlaceRow, ...]:
    qty = func.sum(Movement.on_hand_delta)
    rows = session.execute(
        select(Location, Partner)
        .add_columns(qty)
        .join(Movement, col(Movement.location_id) == col(Location.id))
        .join(Partner, col(Partner.id) == col(Location.partner_id))
        .where(col(Movement.lot_id) == lot_id)
        .group_by(col(Location.id), col(Partner.id))
        .having(qty > 0)
        .order_by(col(Location.code))
    ).all()
    return tuple(
        RecallPlaceRow(
            location_code=location.code,
            location_name=location.name,
            location_name_en=location.name_en,
            partner_code=partner.code,
            partner_name=partner.name,
            partner_name_en=partner.name_en,
            qty=int(count),
        )
        for location, partner, count in rows
    )


def _shipments(session: Session, lot_id: int) -> tuple[RecallShipmentRow, ...]:
    rows = session.execute(
        select(Movement.cause, Location.code)
        .add_columns(func.min(Movement.moved_at), -func.sum(Movement.on_hand_delta))
        .join(Location, col(Location.id) == col(Movement.location_id))
        .where(
            col(Movement.lot_id) == lot_id,
            col(Movement.kind).in_((MovementKind.SHIP, MovementKind.TRANSFER_OUT)),
        )
        .group_by(col(Movement.cause), col(Location.code))
        .order_by(func.min(Movement.moved_at).desc(), col(Movement.cause))
    ).all()
    receivers = _receivers(session, lot_id, {cause for cause, *_ in rows})
    return tuple(
        RecallShipmentRow(
            document=cause,
            shipped_at=shipped_at,
            location_code=location_code,
            qty=int(qty),
            receiver_code=receivers[cause].code if cause in receivers else "",
            receiver_name=receivers[cause].name if cause in receivers else "",
            receiver_name_en=receivers[cause].name_en if cause in receivers else "",
        )
        for cause, location_code, shipped_at, qty in rows
    )


def _receivers(session: Session, lot_id: int, causes: set[str]) -> dict[str, Partner]:
    """Who was sent the goods of each document: its shipment's buyer, or who booked them in under its name."""
    with unscoped(session, "a recall reaches everybody the goods went to"):
        sent = session.exec(
            select(ShipmentLine.document, Partner)
            .join(Shipment, col(Shipment.id) == col(ShipmentLine.shipment_id))
            .join(Partner, col(Partner.id) == col(Shipment.buyer_id))
            .where(col(ShipmentLine.document).in_(sorted(causes)))
        ).all()
        booked = session.exec(
            select(Movement.cause, Partner)
            .join(Partner, col(Partner.id) == col(Movement.partner_id))
            .where(
                col(Movement.lot_id) == lot_id,
                col(Movement.cause).in_(sorted(causes)),
                col(Movement.on_hand_delta) > 0,
            )
        ).all()
    return dict(booked) | dict(sent)
