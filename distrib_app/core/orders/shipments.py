"""One shipment with what is in it, as a delivery note shows it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from ..accounts import PartyName, party_names
from ..catalog import Sku
from ..kernel.db import get_by
from .models import OrderLine, SalesOrder, Shipment, ShipmentLine


@dataclass(frozen=True, slots=True)
class ShipmentLineRow:
    """A quantity of a SKU that left."""

    line_no: int
    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    qty: int


@dataclass(frozen=True, slots=True)
class ShipmentDetail:
    """A shipment of an order, who carries it and who signed for it."""

    number: str
    order_number: str
    seller: PartyName
    buyer: PartyName
    carrier: str
    waybill: str
    shipped_at: datetime
    delivered_at: datetime | None
    signed_by: str
    lines: tuple[ShipmentLineRow, ...]


def get_shipment(session: Session, number: str) -> ShipmentDetail:
    """One shipment by number. Raises `NotFoundError`, also out of scope."""
    shipment = get_by(session, Shipment, "shipment", number=number)
    order = session.exec(select(SalesOrder).where(SalesOrder.id == shipment.order_id)).one()
    names = party_names(session, [shipment.seller_id, shipment.buyer_id])
    lines = session.exec(
        select(ShipmentLine, OrderLine, Sku)
        .join(OrderLine, col(OrderLine.id) == col(ShipmentLine.order_line_id))
        .join(Sku, col(Sku.id) == col(OrderLine.sku_id))
        .where(ShipmentLine.shipment_id == shipment.id)
        .order_by(col(OrderLine.line_no), col(ShipmentLine.id))
    ).all()
    return ShipmentDetail(
        number=shipment.number,
        order_number=order.number,
        seller=names[shipment.seller_id],
        buyer=names[shipment.buyer_id],
        carrier=shipment.carrier,
        waybill=shipment.waybill,
        shipped_at=shipment.shipped_at,
        delivered_at=shipment.delivered_at,
        signed_by=shipment.signed_by,
        lines=tuple(
            ShipmentLineRow(line.line_no, sku.code, sku.name, sku.name_en, sku.unit, left.qty)
            for left, line, sku in lines
        ),
    )
