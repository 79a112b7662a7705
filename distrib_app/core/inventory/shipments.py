"""Shipments: written when goods leave, closed when they are signed for; orders and transfers share them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from ..accounts import PartyName, party_names
from ..catalog import Sku
from ..channels import Partner
from ..kernel.access import unscoped
from ..kernel.db import get_by, row_id
from ..kernel.numbers import next_number
from ..kernel.rows import add_all
from .models import Location
from .places import PlaceName, place_name
from .shipping_models import Shipment, ShipmentLine, ShipmentPurpose, ShipmentStatus
from .transfer_models import Transfer


@dataclass(frozen=True, slots=True)
class ShippedLine:
    """A quantity of a SKU for a line of a document."""

    document: str
    line_no: int
    sku_id: int
    qty: int


@dataclass(frozen=True, slots=True)
class ShipmentDraft:
    """A shipment to be; `freight_amount` in minor units of `currency`, `freight` its frozen steps."""

    seller: Partner
    buyer: Partner
    owner: Partner
    from_location_id: int | None
    currency: str
    lines: Sequence[ShippedLine]
    carrier: str = ""
    waybill: str = ""
    freight_amount: int = 0
    saving_amount: int = 0
    freight: dict[str, Any] | None = None
    weight_g: int = 0
    volume_cm3: int = 0
    promised_on: date | None = None
    purpose: str = ShipmentPurpose.ORDER


def create_shipment(session: Session, draft: ShipmentDraft, *, day: date, now: datetime) -> Shipment:
    """Write a shipment down; the calling verb has checked who may and moves the goods (inside `unscoped`)."""
    shipment = Shipment(
        number=next_number(session, "SH", day),
        purpose=draft.purpose,
        seller_id=row_id(draft.seller),
        buyer_id=row_id(draft.buyer),
        owner_id=row_id(draft.owner),
        seller_path=draft.seller.path,
        buyer_path=draft.buyer.path,
        owner_path=draft.owner.path,
        from_location_id=draft.from_location_id,
        carrier=draft.carrier,
        waybill=draft.waybill,
        currency=draft.currency,
        freight_amount=draft.freight_amount,
        saving_amount=draft.saving_amount,
        freight=draft.freight,
        weight_g=draft.weight_g,
        volume_cm3=draft.volume_cm3,
        promised_on=draft.promised_on,
        shipped_at=now,
    )
    session.add(shipment)
    session.flush()
    add_all(
        session,
        ShipmentLine,
        [
            {
                "shipment_id": row_id(shipment),
                "document": line.document,
                "line_no": line.line_no,
                "sku_id": line.sku_id,
                "qty": line.qty,
            }
            for line in draft.lines
        ],
    )
    return shipment


def sign_for(shipment: Shipment, *, signed_by: str, proof_file: str = "", now: datetime) -> None:
    """The shipment arrived at `now` and a name signed for it; `proof_file` is the key of a photo."""
    shipment.status = ShipmentStatus.DELIVERED
    shipment.delivered_at, shipment.signed_by = now, signed_by.strip()
    shipment.proof_file = proof_file
    shipment.version += 1


@dataclass(frozen=True, slots=True)
class ShipmentLineRow:
    """A quantity of a SKU that left for a document."""

    document: str
    line_no: int
    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    qty: int


@dataclass(frozen=True, slots=True)
class ShipmentDetail:
    """A shipment, the documents it serves, who carries it and who signed for it; a transfer's two places."""

    number: str
    purpose: str
    status: str
    documents: tuple[str, ...]
    seller: PartyName
    buyer: PartyName
    carrier: str
    waybill: str
    shipped_at: datetime
    delivered_at: datetime | None
    signed_by: str
    proof_file: str
    lines: tuple[ShipmentLineRow, ...]
    source: PlaceName | None = None
    target: PlaceName | None = None


def get_shipment(session: Session, number: str) -> ShipmentDetail:
    """One shipment by number. Raises `NotFoundError`, also out of scope."""
    shipment = get_by(session, Shipment, "shipment", number=number)
    names = party_names(session, [shipment.seller_id, shipment.buyer_id])
    rows = session.exec(
        select(ShipmentLine, Sku)
        .join(Sku, col(Sku.id) == col(ShipmentLine.sku_id))
        .where(ShipmentLine.shipment_id == shipment.id)
        .order_by(col(ShipmentLine.document), col(ShipmentLine.line_no))
    ).all()
    lines = tuple(
        ShipmentLineRow(row.document, row.line_no, sku.code, sku.name, sku.name_en, sku.unit, row.qty)
        for row, sku in rows
    )
    source, target = _places(session, shipment)
    return ShipmentDetail(
        number=shipment.number,
        purpose=shipment.purpose,
        status=shipment.status,
        documents=tuple(dict.fromkeys(line.document for line in lines)),
        seller=names[shipment.seller_id],
        buyer=names[shipment.buyer_id],
        carrier=shipment.carrier,
        waybill=shipment.waybill,
        shipped_at=shipment.shipped_at,
        delivered_at=shipment.delivered_at,
        signed_by=shipment.signed_by,
        proof_file=shipment.proof_file,
        lines=lines,
        source=source,
        target=target,
    )


def _places(session: Session, shipment: Shipment) -> tuple[PlaceName | None, PlaceName | None]:
    """From where to where a transfer goes; inside one company the parties alone do not say it."""
    if shipment.purpose != ShipmentPurpose.TRANSFER:
        return None, None
    with unscoped(session, "both places stand on the document, also the one of the other owner"):
        transfer = session.exec(select(Transfer).where(Transfer.shipment_id == row_id(shipment))).one()
        source = session.get_one(Location, transfer.from_location_id)
        target = session.get_one(Location, transfer.to_location_id)
    return place_name(source), place_name(target)
