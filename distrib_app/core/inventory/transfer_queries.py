"""Reads of transfers, through the actor's scope: one transfer, how long they take."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from ..accounts import Invoice, PartyName, party_names
from ..channels import get_network
from ..kernel.access import Actor, unscoped
from ..kernel.clock import Period, day_start
from ..kernel.db import get_by
from ..kernel.lifecycle import ActionRow
from ..workbench import find_open_task, get_task, work_calendar
from .bookings import can_book
from .places import PlaceName, place_name
from .shipment_events import ShipmentEventRow, events_of
from .shipping_models import Shipment
from .transfer_answers import NOBODY_ASKED, STOCK_TRANSFER
from .transfer_lifecycle import transfer_actions
from .transfer_models import Transfer, TransferLine, TransferStatus, TransferTitle
from .transfer_rules import CycleTime, cycle_time, median
from .transfer_work import SUBJECT, TransferWork, read_transfer


@dataclass(frozen=True, slots=True)
class TransferLineRow:
    """A line with where its units are; amounts (minor units) are of the whole quantity.

    They are told to seller and buyer alone, and to the brand; None where no price is known before settlement.
    """

    line_no: int
    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    qty: int
    reserved_qty: int
    shipped_qty: int
    received_qty: int
    short_qty: int
    short_reason: str
    restored_qty: int
    written_off_qty: int
    road_qty: int
    net_amount: int | None
    tax_amount: int | None
    gross_amount: int | None
    steps: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class TransferShipment:
    """The shipment of a transfer and its track; cost (minor units) and why are told to who bears it."""

    number: str
    status: str
    carrier: str
    waybill: str
    shipped_at: datetime
    delivered_at: datetime | None
    signed_by: str
    currency: str
    freight_amount: int | None
    freight_steps: tuple[dict[str, Any], ...]
    events: tuple[ShipmentEventRow, ...]
    can_book: bool


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """An invoice or credit note that a transfer led to."""

    number: str
    kind: str
    seller: PartyName
    buyer: PartyName
    net_amount: int
    tax_amount: int
    gross_amount: int


@dataclass(frozen=True, slots=True)
class TransferDetail:
    """One transfer with everything around it that the reader may see, and what the reader can do next."""

    number: str
    status: str
    version: int
    title: str
    currency: str
    is_rebate_neutral: bool
    giver: PartyName
    taker: PartyName
    requester: PartyName
    approver: PartyName
    source: PlaceName
    target: PlaceName
    note: str
    suggestion_number: str
    task_number: str
    requested_at: datetime
    approved_at: datetime | None
    shipped_at: datetime | None
    received_at: datetime | None
    ended_at: datetime | None
    promised_on: date | None
    cycle: CycleTime | None
    lines: tuple[TransferLineRow, ...]
    shipment: TransferShipment | None
    settlement: tuple[SettlementRow, ...]
    actions: tuple[ActionRow, ...]


@dataclass(frozen=True, slots=True)
class CycleFigures:
    """How long the transfers received in a period took, in seconds; None where there was none."""

    count: int
    median_calendar_seconds: int | None
    median_working_seconds: int | None
    fastest_calendar_seconds: int | None
    slowest_calendar_seconds: int | None


def get_transfer(session: Session, actor: Actor, *, number: str) -> TransferDetail:
    """One transfer by number. Raises `NotFoundError`, also out of scope."""
    transfer = get_by(session, Transfer, "transfer", number=number)
    work = read_transfer(session, transfer)
    parties = (transfer.giver_id, transfer.taker_id, transfer.requester_id, transfer.approver_id)
    names = party_names(session, parties)
    task = find_open_task(session, kind=STOCK_TRANSFER, subject=(SUBJECT, number))
    knows_price = _knows_price(session, actor, transfer)
    cycle = None
    if transfer.received_at is not None:
        cycle = cycle_time(transfer.requested_at, transfer.received_at, work_calendar())
    return TransferDetail(
        number=number,
        status=transfer.status,
        version=transfer.version,
        title=transfer.title,
        currency=transfer.currency,
        is_rebate_neutral=transfer.is_rebate_neutral,
        giver=names[transfer.giver_id],
        taker=names[transfer.taker_id],
        requester=names[transfer.requester_id],
        approver=names[transfer.approver_id],
        source=place_name(work.source),
        target=place_name(work.target),
        note=transfer.note,
        suggestion_number=transfer.suggestion_number,
        task_number=task.number if task else "",
        requested_at=transfer.requested_at,
        approved_at=transfer.approved_at,
        shipped_at=transfer.shipped_at,
        received_at=transfer.received_at,
        ended_at=transfer.ended_at,
        promised_on=transfer.promised_on,
        cycle=cycle,
        lines=tuple(_line_row(work, line, knows_price) for line in work.lines),
        shipment=_shipment(session, actor, transfer),
        settlement=_settlement(session, number),
        actions=transfer_actions(actor, transfer, work.facts(_refusal(session, actor, transfer, task))),
    )


def transfer_cycle(session: Session, *, period: Period | None = None) -> CycleFigures:
    """Request → last unit received: the median over the transfers within scope received in a period.

    Median of the whole seconds of each; working time is that of the working calendar.
    """
    zone = get_network(session).zone
    statement = select(Transfer.requested_at, Transfer.received_at).where(
        col(Transfer.received_at).is_not(None)
    )
    if period is not None:
        statement = statement.where(
            col(Transfer.received_at) >= day_start(period.start, zone),
            col(Transfer.received_at) < day_start(period.end, zone),
        )
    calendar = work_calendar()
    times = [
        cycle_time(asked, received, calendar)
        for asked, received in session.exec(statement)
        if received is not None
    ]
    elapsed = [one.calendar_seconds for one in times]
    return CycleFigures(
        len(times),
        median(elapsed),
        median([one.working_seconds for one in times]),
        min(elapsed, default=None),
        max(elapsed, default=None),
    )


def _refusal(session: Session, actor: Actor, transfer: Transfer, task: Any) -> str | None:
    """Why the actor may not answer the request (msgid), or None."""
    if transfer.status != TransferStatus.REQUESTED:
        return None
    if task is None:
        return NOBODY_ASKED
    actions = get_task(session, actor, number=task.number).actions
    reasons = [row.reason for row in actions if row.verb == "approve"]
    return reasons[0] if reasons else NOBODY_ASKED


def _knows_price(session: Session, actor: Actor, transfer: Transfer) -> bool:
    """Whether the actor stands on a side of the sale to the taker, or belongs to the brand."""
    sides = {transfer.taker_id, get_network(session).brand_id}
    if transfer.title == TransferTitle.DIRECT:
        sides.add(transfer.giver_id)
    return actor.is_system or bool(sides & set(actor.partner_ids))


def _line_row(work: TransferWork, line: TransferLine, knows_price: bool) -> TransferLineRow:
    sku = work.skus[line.sku_id]
    return TransferLineRow(
        line_no=line.line_no,
        sku_code=sku.code,
        sku_name=sku.name,
        sku_name_en=sku.name_en,
        unit=sku.unit,
        qty=line.qty,
        reserved_qty=line.reserved_qty,
        shipped_qty=line.shipped_qty,
        received_qty=line.received_qty,
        short_qty=line.short_qty,
        short_reason=line.short_reason,
        restored_qty=line.restored_qty,
        written_off_qty=line.written_off_qty,
        road_qty=line.road_qty,
        net_amount=line.net_amount if knows_price else None,
        tax_amount=line.tax_amount if knows_price else None,
        gross_amount=line.gross_amount if knows_price else None,
        steps=tuple(line.steps) if knows_price else (),
    )


def _shipment(session: Session, actor: Actor, transfer: Transfer) -> TransferShipment | None:
    if transfer.shipment_id is None:
        return None
    with unscoped(session, "who sees a transfer sees its shipment"):
        row = session.get_one(Shipment, transfer.shipment_id)
        events = events_of(session, shipment_numbers=[row.number]).get(row.number, ())
    bears_freight = actor.is_system or transfer.giver_id in actor.partner_ids
    frozen = row.freight or {}
    return TransferShipment(
        number=row.number,
        status=row.status,
        carrier=row.carrier,
        waybill=row.waybill,
        shipped_at=row.shipped_at,
        delivered_at=row.delivered_at,
        signed_by=row.signed_by,
        currency=row.currency,
        freight_amount=row.freight_amount if bears_freight else None,
        freight_steps=tuple(frozen.get("steps", ())) if bears_freight else (),
        events=events,
        can_book=can_book(actor, row),
    )


def _settlement(session: Session, number: str) -> tuple[SettlementRow, ...]:
    """The documents of its settlement that the reader sees."""
    rows = session.exec(select(Invoice).where(Invoice.document == number).order_by(col(Invoice.id))).all()
    names = party_names(session, [key for row in rows for key in (row.seller_id, row.buyer_id)])
    return tuple(
        SettlementRow(
            row.number,
            row.kind,
            names[row.seller_id],
            names[row.buyer_id],
            row.net_amount,
            row.tax_amount,
            row.gross_amount,
        )
        for row in rows
    )
