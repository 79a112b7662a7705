"""What carriers and people report of shipments: each report once, the status by the rule over all of them.

The floors above react to `shipment.reported`: they lock their documents first and the shipment after them,
so this verb takes the shipment's own lock only once they are done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from ..channels import Region
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.db import get_by, row_id
from ..kernel.errors import InvalidError, msg
from ..kernel.events import emit
from .errors import NotYourShipmentError
from .shipment_stages import Report, ShipmentStage, stage_after
from .shipments import sign_for
from .shipping_models import Shipment, ShipmentEvent, ShipmentEventKind, ShipmentLine, ShipmentStatus

# clocks of carriers may run ahead of ours
AHEAD = timedelta(minutes=10)
HAND = "hand"
_LENGTHS = {"place": 80, "note": 200, "source": 40, "source_key": 80, "signed_by": 60}


@dataclass(frozen=True, slots=True)
class Handover:
    """What a delivery says beside its instant: who signed, in which region, how many pieces were missing."""

    signed_by: str = ""
    region_code: str = ""
    short_qty: int = 0


NO_HANDOVER = Handover()


@dataclass(frozen=True, slots=True)
class ShipmentEventRow:
    """Something reported of a shipment, and by whom; `region_code` only where a delivery names it."""

    kind: str
    occurred_at: datetime
    recorded_at: datetime
    place: str
    note: str
    source: str
    signed_by: str
    region_code: str
    short_qty: int


def record_shipment_event(
    session: Session,
    actor: Actor,
    *,
    shipment_number: str,
    kind: str,
    occurred_at: datetime,
    place: str = "",
    note: str = "",
    source: str = HAND,
    source_key: str,
    handover: Handover = NO_HANDOVER,
    now: datetime,
) -> bool:
    """Take a report of a shipment down once; whether it was new (the same `source_key` is the same report).

    For those who send the goods, and for carriers through the platform. The status follows
    `stage_after` over all reports; a delivery is booked by the documents the shipment serves.
    Raises `ForbiddenError`, `NotFoundError`, `NotYourShipmentError`, `InvalidError`.
    """
    actor.require(Permission.ORDERS_FULFIL)
    shipment = get_by(session, Shipment, "shipment", number=shipment_number)
    if not actor.is_system and not {shipment.owner_id, shipment.seller_id} & set(actor.partner_ids):
        raise NotYourShipmentError(shipment=shipment_number)
    texts = {
        "place": place.strip(),
        "note": note.strip(),
        "source": source.strip(),
        "source_key": source_key.strip(),
        "signed_by": handover.signed_by.strip(),
    }
    _check(texts, kind, occurred_at, now)
    with unscoped(session, "a report names regions and goods that its sender need not see"):
        region_id = _region_id(session, handover.region_code)
        _check_short(session, shipment, handover.short_qty)
        is_new = _insert(
            session,
            ShipmentEvent(
                shipment_id=row_id(shipment),
                kind=kind,
                occurred_at=occurred_at,
                recorded_at=now,
                region_id=region_id,
                short_qty=handover.short_qty,
                place=texts["place"],
                note=texts["note"],
                source=texts["source"],
                source_key=texts["source_key"],
                signed_by=texts["signed_by"],
            ),
        )
    if is_new:
        facts = {"what": kind, "source": texts["source"], "occurred_at": occurred_at.isoformat()}
        emit(session, actor, "shipment.reported", subject=("shipment", shipment_number), now=now, **facts)
        _close(session, shipment)
    return is_new


def settle_shipment(session: Session, shipment: Shipment) -> ShipmentStage:
    """Lock the shipment and set its status to what all reports say; a delivery is left to be signed for.

    Raises nothing; what was delivered stays so.
    """
    with unscoped(session, "the status of a shipment follows every report, whoever sees them"):
        session.flush()
        # reports that are being written hold a key lock on the shipment: this one lets them be
        session.refresh(shipment, with_for_update={"key_share": True})
        stage = stage_after(
            Report(kind, occurred_at)
            for kind, occurred_at in session.exec(
                select(ShipmentEvent.kind, ShipmentEvent.occurred_at).where(
                    ShipmentEvent.shipment_id == row_id(shipment)
                )
            )
        )
    # a shipment that is on its way by other accounts is not put back because the carrier has said little
    says_more = stage.status not in (ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED)
    if says_more and shipment.status not in (ShipmentStatus.DELIVERED, stage.status):
        shipment.status = stage.status
        shipment.version += 1
    return stage


def find_handover(session: Session, shipment: Shipment) -> Handover:
    """What the report of a delivery says beside its instant, the first of several (inside `unscoped`)."""
    row = session.exec(
        select(ShipmentEvent)
        .where(
            ShipmentEvent.shipment_id == row_id(shipment),
            ShipmentEvent.kind == ShipmentEventKind.DELIVERED,
        )
        .order_by(col(ShipmentEvent.occurred_at), col(ShipmentEvent.id))
        .limit(1)
    ).first()
    return NO_HANDOVER if row is None else Handover(row.signed_by, short_qty=row.short_qty)


def events_of(
    session: Session, *, shipment_numbers: Sequence[str]
) -> dict[str, tuple[ShipmentEventRow, ...]]:
    """What was reported of shipments within scope, by their number, in the order in which it happened."""
    rows = session.exec(
        select(Shipment.number, ShipmentEvent, Region.code)
        .join(ShipmentEvent, col(ShipmentEvent.shipment_id) == col(Shipment.id))
        .outerjoin(Region, col(Region.id) == col(ShipmentEvent.region_id))
        .where(col(Shipment.number).in_(shipment_numbers))
        .order_by(col(ShipmentEvent.occurred_at), col(ShipmentEvent.id))
    ).all()
    found: dict[str, tuple[ShipmentEventRow, ...]] = {}
    for number, row, region_code in rows:
        shown = ShipmentEventRow(
            kind=row.kind,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            place=row.place,
            note=row.note,
            source=row.source,
            signed_by=row.signed_by,
            region_code=region_code or "",
            short_qty=row.short_qty,
        )
        found[number] = (*found.get(number, ()), shown)
    return found


def _check(texts: dict[str, str], kind: str, occurred_at: datetime, now: datetime) -> None:
    if kind not in list(ShipmentEventKind):
        raise InvalidError(field="kind", reason=kind)
    if occurred_at.tzinfo is None:
        raise InvalidError(field="occurred_at", reason=msg("has no time zone"))
    if occurred_at > now + AHEAD:
        raise InvalidError(field="occurred_at", reason=msg("lies in the future"))
    for field in ("source", "source_key"):
        if not texts[field]:
            raise InvalidError(field=field, reason=msg("empty"))
    for field, text in texts.items():
        if len(text) > _LENGTHS[field]:
            raise InvalidError(field=field, reason=f"{len(text)} > {_LENGTHS[field]}")


def _region_id(session: Session, code: str) -> int | None:
    return None if not code else row_id(get_by(session, Region, "region", code=code))


def _check_short(session: Session, shipment: Shipment, short_qty: int) -> None:
    shipped = session.exec(
        select(func.coalesce(func.sum(ShipmentLine.qty), 0)).where(
            ShipmentLine.shipment_id == row_id(shipment)
        )
    ).one()
    if not 0 <= short_qty <= shipped:
        raise InvalidError(field="short_qty", reason=f"{short_qty} – 0 … {shipped}")


def _insert(session: Session, event: ShipmentEvent) -> bool:
    """Whether the report is new; one that is being written at this moment is waited for."""
    known = select(ShipmentEvent.id).where(
        ShipmentEvent.shipment_id == event.shipment_id,
        ShipmentEvent.source == event.source,
        ShipmentEvent.source_key == event.source_key,
    )
    if session.exec(known).first() is not None:
        return False
    try:
        with session.begin_nested():
            session.add(event)
    except IntegrityError:
        return False
    return True


def _close(session: Session, shipment: Shipment) -> None:
    """Sign for what no document has signed for."""
    stage = settle_shipment(session, shipment)
    if stage.status is ShipmentStatus.DELIVERED and shipment.status != ShipmentStatus.DELIVERED:
        assert stage.since is not None
        with unscoped(session, "who signed is part of the report"):
            handover = find_handover(session, shipment)
        sign_for(shipment, signed_by=handover.signed_by, now=stage.since)
