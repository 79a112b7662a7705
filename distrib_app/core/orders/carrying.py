"""Orders follow what is reported of their shipments: on the road, refused, lost, delivered."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from ..inventory import (
    Shipment,
    ShipmentPurpose,
    ShipmentStage,
    ShipmentStatus,
    find_handover,
    settle_shipment,
)
from ..kernel.access import Actor, unscoped
from ..kernel.db import get_by, row_id
from ..kernel.events import Event, emit
from .delivering import Signing, arrive, is_arriving, lock_together
from .models import FulfilmentStatus
from .work import OrderWork

# what the order's own history says of a stage its shipment has reached
_NEWS = {
    ShipmentStatus.IN_TRANSIT: "order.in_transit",
    ShipmentStatus.REFUSED: "order.refused",
    ShipmentStatus.LOST: "order.lost",
}


def follow_shipment(session: Session, event: Event, now: datetime) -> None:
    """Reaction to `shipment.reported`: the parts in the shipment stand where it does.

    A delivery is booked as if somebody had confirmed it, at the instant the carrier names. Orders are
    locked before their shipment, as by whoever confirms a delivery by hand.
    """
    actor: Actor = session.info["actor"]
    with unscoped(session, "what is reported of a shipment moves every order in it"):
        shipment = get_by(session, Shipment, "shipment", number=event.subject_key)
        if shipment.purpose != ShipmentPurpose.ORDER:
            return
        works = lock_together(session, [], [row_id(shipment)])
        session.refresh(shipment)  # as it is now that nobody else moves its orders
        before = shipment.status
        stage = settle_shipment(session, shipment)
        signed_by = find_handover(session, shipment).signed_by
    if stage.status is ShipmentStatus.DELIVERED:
        if shipment.status != ShipmentStatus.DELIVERED:
            _deliver(session, actor, works, shipment, stage, signed_by=signed_by, now=now)
    else:
        _move_on(session, actor, works, shipment, is_news=shipment.status != before, now=now)


def _deliver(
    session: Session,
    actor: Actor,
    works: Sequence[OrderWork],
    shipment: Shipment,
    stage: ShipmentStage,
    *,
    signed_by: str,
    now: datetime,
) -> None:
    if not any(is_arriving(part) for work in works for part in work.parts):
        return  # all of it came back on the way: the shipment alone is signed for
    assert stage.since is not None
    arrive(session, actor, works, [row_id(shipment)], Signing(signed_by, stage.since), now=now)
    for work in works:
        work.order.version += 1


def _move_on(
    session: Session,
    actor: Actor,
    works: Sequence[OrderWork],
    shipment: Shipment,
    *,
    is_news: bool,
    now: datetime,
) -> None:
    """Parts that had left are in transit; refused and lost goods are so until somebody sees to them."""
    kind = _NEWS.get(ShipmentStatus(shipment.status))
    if kind is None:
        return
    for work in works:
        left = [part for part in work.parts if part.part.shipment_id == shipment.id]
        left = [part for part in left if part.part.status == FulfilmentStatus.SHIPPED]
        if not left and not is_news:
            continue
        for part in left:
            part.part.status = FulfilmentStatus.IN_TRANSIT
            part.part.version += 1
        work.follow_parts()
        work.order.version += 1
        session.flush()
        emit(
            session,
            actor,
            kind,
            subject=("order", work.order.number),
            now=now,
            shipment=shipment.number,
            carrier=shipment.carrier,
            waybill=shipment.waybill,
        )
