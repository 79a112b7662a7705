"""One order with all that happened to it and what its reader can do next."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from ..accounts import Invoice, PartyName, party_names
from ..catalog import Sku
from ..inventory import Location
from ..journal import JournalLeg
from ..kernel.db import get_by, row_id
from ..kernel.events import Event
from ..kernel.lifecycle import ActionRow
from ..kernel.money import TaxSplit, micros_to_minor
from .lifecycle import order_actions
from .models import OrderLine, ReturnLine, SalesOrder, SalesReturn, Shipment
from .work import OrderWork, amounts_of, read_work


@dataclass(frozen=True, slots=True)
class OrderLineRow:
    """A line of an order; the location is told only to those who see it."""

    line_no: int
    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    qty: int
    unit_price: Decimal
    tax_ppm: int
    amounts: TaxSplit
    location_code: str | None
    reserved_qty: int
    shipped_qty: int
    returned_qty: int
    steps: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A shipment of an order."""

    number: str
    carrier: str
    waybill: str
    shipped_at: datetime
    delivered_at: datetime | None
    signed_by: str


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A return of an order with what it refunded (minor units)."""

    number: str
    returned_at: datetime
    reason: str
    lines: tuple[tuple[str, int], ...]
    gross_amount: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened to an order."""

    kind: str
    occurred_at: datetime
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """One order with everything around it that the reader may see, and what the reader can do next."""

    number: str
    status: str
    version: int
    seller: PartyName
    buyer: PartyName
    placed_at: datetime
    currency: str
    amounts: TaxSplit
    attributes: dict[str, Any]
    lines: tuple[OrderLineRow, ...]
    shipments: tuple[ShipmentRow, ...]
    returns: tuple[ReturnRow, ...]
    invoice_numbers: tuple[str, ...]
    events: tuple[EventRow, ...]
    actions: tuple[ActionRow, ...]


def get_order(session: Session, number: str) -> OrderDetail:
    """One order by number. Raises `NotFoundError`, also out of scope."""
    order = get_by(session, SalesOrder, "order", number=number)
    work = read_work(session, order)
    names = party_names(session, [order.seller_id, order.buyer_id])
    lines = _line_rows(session, work)
    return OrderDetail(
        number=order.number,
        status=order.status,
        version=order.version,
        seller=names[order.seller_id],
        buyer=names[order.buyer_id],
        placed_at=order.placed_at,
        currency=order.currency,
        amounts=TaxSplit(
            sum(line.amounts.net for line in lines),
            sum(line.amounts.tax for line in lines),
            sum(line.amounts.gross for line in lines),
        ),
        attributes=dict(order.attributes or {}),
        lines=lines,
        shipments=_shipment_rows(session, order),
        returns=_return_rows(session, work),
        invoice_numbers=_invoice_numbers(session, order),
        events=_event_rows(session, order),
        actions=order_actions(
            session.info["actor"],
            state=order.status,
            facts=work.facts(),
            seller_id=order.seller_id,
            buyer_id=order.buyer_id,
        ),
    )


def _line_rows(session: Session, work: OrderWork) -> tuple[OrderLineRow, ...]:
    ids = {line.location_id for line in work.lines if line.location_id is not None}
    places = session.exec(select(Location.id, Location.code).where(col(Location.id).in_(ids))).all()
    codes = dict(places)
    booked: dict[int, JournalLeg] = {}
    if any(line.gross_amount is None for line in work.lines):
        legs = session.exec(
            select(JournalLeg).where(JournalLeg.order_id == row_id(work.order), col(JournalLeg.qty) > 0)
        ).all()
        booked = {leg.line_no: leg for leg in legs}
    return tuple(
        OrderLineRow(
            line_no=line.line_no,
            sku_code=work.skus[line.sku_id].code,
            sku_name=work.skus[line.sku_id].name,
            sku_name_en=work.skus[line.sku_id].name_en,
            unit=work.skus[line.sku_id].unit,
            qty=line.qty,
            unit_price=line.unit_price,
            tax_ppm=line.tax_ppm,
            amounts=_amounts(line, booked.get(line.line_no), work.order.currency),
            location_code=codes.get(line.location_id),
            reserved_qty=line.reserved_qty,
            shipped_qty=line.shipped_qty,
            returned_qty=line.returned_qty,
            steps=tuple(line.steps or ()),
        )
        for line in work.lines
    )


def _amounts(line: OrderLine, leg: JournalLeg | None, currency: str) -> TaxSplit:
    if line.gross_amount is not None or leg is None:
        return amounts_of(line)
    gross, tax = micros_to_minor(leg.amount, currency), micros_to_minor(leg.tax_amount, currency)
    return TaxSplit(gross - tax, tax, gross)


def _shipment_rows(session: Session, order: SalesOrder) -> tuple[ShipmentRow, ...]:
    rows = session.exec(select(Shipment).where(Shipment.order_id == row_id(order)).order_by(col(Shipment.id)))
    return tuple(
        ShipmentRow(row.number, row.carrier, row.waybill, row.shipped_at, row.delivered_at, row.signed_by)
        for row in rows
    )


def _return_rows(session: Session, work: OrderWork) -> tuple[ReturnRow, ...]:
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


def _invoice_numbers(session: Session, order: SalesOrder) -> tuple[str, ...]:
    """Invoice of the order and credit notes of its returns, as far as the reader sees them."""
    returns = select(SalesReturn.number).where(SalesReturn.order_id == row_id(order))
    return tuple(
        session.exec(
            select(Invoice.number)
            .where(
                or_(col(Invoice.document) == order.number, col(Invoice.document).in_(returns)),
                Invoice.seller_id == order.seller_id,
                Invoice.buyer_id == order.buyer_id,
            )
            .order_by(col(Invoice.id))
        )
    )


def _event_rows(session: Session, order: SalesOrder) -> tuple[EventRow, ...]:
    rows = session.exec(
        select(Event)
        .where(Event.subject_key == order.number, Event.subject_kind == "order")
        .order_by(col(Event.id))
    )
    return tuple(EventRow(row.kind, row.occurred_at, dict(row.payload)) for row in rows)
