"""Transfers follow what is reported of their shipments: carried, refused, lost, handed over.

What was handed over is not received by that: the taker counts.
"""

from datetime import datetime

from sqlmodel import Session, select

from ..kernel.access import Actor, unscoped
from ..kernel.db import get_by, row_id
from ..kernel.events import Event, emit
from .shipment_events import find_handover, settle_shipment
from .shipping_models import Shipment, ShipmentPurpose, ShipmentStatus
from .transfer_models import Transfer
from .transfer_tasks import ask_to_count, follow_stuck
from .transfer_work import SUBJECT, read_transfer

# what the transfer's own history says of a stage its shipment has reached
_NEWS = {
    ShipmentStatus.IN_TRANSIT: "transfer.carried",
    ShipmentStatus.REFUSED: "transfer.refused",
    ShipmentStatus.LOST: "transfer.lost",
    ShipmentStatus.DELIVERED: "transfer.delivered",
}


def follow_transfer_shipment(session: Session, event: Event, now: datetime) -> None:
    """Reaction to `shipment.reported`: the transfer's history says where its goods are.

    Handed over, the taker's people are asked to count; refused or lost, the giver's see to it. The transfer
    itself does not change, so nobody's form gets stale; it is locked before its shipment, as by the receiver.
    """
    actor: Actor = session.info["actor"]
    with unscoped(session, "what is reported of a shipment is news to both sides of its transfer"):
        shipment = get_by(session, Shipment, "shipment", number=event.subject_key)
        if shipment.purpose != ShipmentPurpose.TRANSFER:
            return
        transfer = session.exec(
            select(Transfer)
            .where(Transfer.shipment_id == row_id(shipment))
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        session.refresh(shipment)
        before = shipment.status
        is_handed_over = settle_shipment(session, shipment).status is ShipmentStatus.DELIVERED
        signed_by = find_handover(session, shipment).signed_by if is_handed_over else ""
    work = read_transfer(session, transfer)
    # the one who reports signs the shipment after this reaction
    reached = ShipmentStatus.DELIVERED if is_handed_over else ShipmentStatus(shipment.status)
    if reached != before and reached in _NEWS:
        emit(
            session,
            actor,
            _NEWS[reached],
            subject=(SUBJECT, transfer.number),
            now=now,
            carrier=shipment.carrier,
            waybill=shipment.waybill,
            signed_by=signed_by,
        )
    if is_handed_over and work.facts().road_qty:
        ask_to_count(session, work, shipment, signed_by=signed_by, now=now)
    follow_stuck(session, work, shipment, reached, now=now)
