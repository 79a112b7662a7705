"""One order with all that happened to it and what its reader can do next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from ..accounts import Invoice, PartyName, party_names
from ..journal import JournalLeg
from ..kernel.db import get_by, row_id
from ..kernel.events import Event
from ..kernel.lifecycle import ActionRow
from ..kernel.money import TaxSplit, micros_to_minor
from .feeding import FeedRow, feed_rows
from .lifecycle import order_actions
from .models import FulfilmentStatus, OrderLine, SalesOrder, SalesReturn
from .order_documents import ReturnRow, ShipmentRow, return_rows, shipment_rows
from .part_detail import PartRow, part_rows, place_codes
from .shortages import ShortageRow, shortage_rows
from .tracking_models import ShortageChoice
from .work import OrderWork, amounts_of, read_work


@dataclass(frozen=True, slots=True)
class OrderLineRow:
    """A line of the promise with how far its parts are; places are told only to those who see them."""

    line_no: int
    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    qty: int
    unit_price: Decimal
    tax_ppm: int
    amounts: TaxSplit
    location_codes: tuple[str, ...]
    reserved_qty: int
    shipped_qty: int
    delivered_qty: int
    returned_qty: int
    missing_qty: int
    promised_on: date | None
    steps: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class HoldRow:
    """Why an order waits, and until when it keeps its stock."""

    reason: str
    text: str
    facts: dict[str, Any]
    placed_at: datetime
    until: datetime | None


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
    is_own_purchase: bool
    requested_on: date | None
    promised_on: date | None
    urgency: str
    urgent_reason: str
    tracking_token: str | None
    lines: tuple[OrderLineRow, ...]
    parts: tuple[PartRow, ...]
    holds: tuple[HoldRow, ...]
    shipments: tuple[ShipmentRow, ...]
    feeds: tuple[FeedRow, ...]
    shortages: tuple[ShortageRow, ...]
    returns: tuple[ReturnRow, ...]
    invoice_numbers: tuple[str, ...]
    events: tuple[EventRow, ...]
    actions: tuple[ActionRow, ...]


def get_order(session: Session, number: str) -> OrderDetail:
    """One order by number. Raises `NotFoundError`, also out of scope."""
    order = get_by(session, SalesOrder, "order", number=number)
    work = read_work(session, order)
    names = party_names(session, [order.seller_id, order.buyer_id])
    shortages = shortage_rows(session, work)
    lines = _line_rows(session, work, shortages)
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
        is_own_purchase=order.buyer_id in session.info["actor"].partner_ids,
        requested_on=order.requested_on,
        promised_on=order.promised_on,
        urgency=order.urgency,
        urgent_reason=order.urgent_reason,
        tracking_token=order.tracking_token,
        lines=lines,
        parts=part_rows(session, work),
        holds=tuple(
            HoldRow(hold.reason, hold.text, dict(hold.facts), hold.placed_at, hold.until)
            for hold in work.holds
        ),
        shipments=shipment_rows(session, order),
        feeds=feed_rows(session, order.number),
        shortages=shortages,
        returns=return_rows(session, work),
        invoice_numbers=_invoice_numbers(session, order, {row.document for row in shortages}),
        events=_event_rows(session, order),
        actions=order_actions(
            session.info["actor"],
            state=order.status,
            facts=work.facts(),
            seller_id=order.seller_id,
            buyer_id=order.buyer_id,
        ),
    )


def _line_rows(
    session: Session, work: OrderWork, shortages: Sequence[ShortageRow]
) -> tuple[OrderLineRow, ...]:
    codes = place_codes(session, work)
    booked: dict[int, JournalLeg] = {}
    if any(line.gross_amount is None for line in work.lines):
        legs = session.exec(
            select(JournalLeg).where(JournalLeg.order_id == row_id(work.order), col(JournalLeg.qty) > 0)
        ).all()
        booked = {leg.line_no: leg for leg in legs}
    never: dict[int, int] = {}
    for row in shortages:
        if row.choice in (ShortageChoice.OPEN, ShortageChoice.CREDIT):
            never[row.line_no] = never.get(row.line_no, 0) + row.qty
    return tuple(
        _line_row(work, line, codes, booked.get(line.line_no), never.get(line.line_no, 0))
        for line in work.lines
    )


def _line_row(
    work: OrderWork, line: OrderLine, codes: dict[int, str], leg: JournalLeg | None, never_qty: int
) -> OrderLineRow:
    """`never_qty` left and was not signed for, unless it was sent again or found."""
    sku = work.skus[line.sku_id]
    held = [(part.part, one) for part in work.parts for one in part.lines if one.line_no == line.line_no]
    places = [codes[part.location_id] for part, _ in held if part.location_id in codes]
    days = [part.promised_on for part, _ in held]
    arrived = (one.shipped_qty for part, one in held if part.status == FulfilmentStatus.DELIVERED)
    return OrderLineRow(
        line_no=line.line_no,
        sku_code=sku.code,
        sku_name=sku.name,
        sku_name_en=sku.name_en,
        unit=sku.unit,
        qty=line.qty,
        unit_price=line.unit_price,
        tax_ppm=line.tax_ppm,
        amounts=_amounts(line, leg, work.order.currency),
        location_codes=tuple(dict.fromkeys(places)),
        reserved_qty=sum(one.reserved_qty for _, one in held),
        shipped_qty=sum(one.shipped_qty for _, one in held),
        delivered_qty=sum(arrived) - never_qty,
        returned_qty=sum(one.returned_qty for _, one in held),
        missing_qty=sum(one.missing_qty for _, one in held),
        promised_on=None if None in days or not days else max(day for day in days if day is not None),
        steps=tuple(line.steps or ()),
    )


def _amounts(line: OrderLine, leg: JournalLeg | None, currency: str) -> TaxSplit:
    if line.gross_amount is not None or leg is None:
        return amounts_of(line)
    gross, tax = micros_to_minor(leg.amount, currency), micros_to_minor(leg.tax_amount, currency)
    return TaxSplit(gross - tax, tax, gross)


def _invoice_numbers(session: Session, order: SalesOrder, documents: Collection[str]) -> tuple[str, ...]:
    """Invoice of the order and credit notes of its returns and resends, as far as the reader sees them."""
    returns = select(SalesReturn.number).where(SalesReturn.order_id == row_id(order))
    return tuple(
        session.exec(
            select(Invoice.number)
            .where(
                or_(
                    col(Invoice.document).in_([order.number, *sorted(documents)]),
                    col(Invoice.document).in_(returns),
                ),
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
