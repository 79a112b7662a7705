"""The shipments and returns behind an order, as its record shows them."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..inventory import Shipment, ShipmentEventRow, can_book, events_of
from ..kernel.db import row_id
from .models import FulfilmentOrder, ReturnLine, SalesOrder, SalesReturn
from .work import OrderWork


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A shipment of an order with what was reported of it."""

    number: str
    status: str
    carrier: str
    waybill: str
    shipped_at: datetime
    delivered_at: datetime | None
    signed_by: str
    events: tuple[ShipmentEventRow, ...]
    proof_file: str
    can_book: bool


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A return of an order with what it refunded (minor units)."""

    number: str
    returned_at: datetime
    reason: str
    lines: tuple[tuple[str, int], ...]
    gross_amount: int


def shipment_rows(session: Session, order: SalesOrder) -> tuple[ShipmentRow, ...]:
    """What left of an order, the first shipment first."""
    mine = select(FulfilmentOrder.shipment_id).where(FulfilmentOrder.order_id == row_id(order))
    rows = session.exec(select(Shipment).where(col(Shipment.id).in_(mine)).order_by(col(Shipment.id))).all()
    events = events_of(session, shipment_numbers=[row.number for row in rows])
    return tuple(
        ShipmentRow(
            number=row.number,
            status=row.status,
            carrier=row.carrier,
            waybill=row.waybill,
            shipped_at=row.shipped_at,
            delivered_at=row.delivered_at,
            signed_by=row.signed_by,
            events=events.get(row.number, ()),
            proof_file=row.proof_file,
            can_book=can_book(session.info["actor"], row),
        )
        for row in rows
    )


def return_rows(session: Session, work: OrderWork) -> tuple[ReturnRow, ...]:
    """What came back of an order, the first return first."""
    documents = session.exec(
        select(SalesReturn).where(SalesReturn.order_id == row_id(work.order)).order_by(col(SalesReturn.id))
    ).all()
    ids = [row_id(document) for document in documents]
    lines = session.exec(
        select(ReturnLine, Sku.code)
        .join(Sku, col(Sku.id) == col(ReturnLine.sku_id))
        .where(col(ReturnLine.return_id).in_(ids))
        .order_by(col(ReturnLine.return_id), col(ReturnLine.line_no))
    ).all()
    return tuple(
        ReturnRow(
            number=document.number,
            returned_at=document.returned_at,
            reason=document.reason,
            lines=tuple((code, line.qty) for line, code in lines if line.return_id == document.id),
            gross_amount=sum(line.gross_amount or 0 for line, _ in lines if line.return_id == document.id),
        )
        for document in documents
    )
