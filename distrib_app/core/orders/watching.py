"""Looks for what goes wrong with parts of orders, gives it to who can mend it, and closes what is cured.

A handful of statements however many parts there are; only what changed is written.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, func, select

from ..channels import Partner, Region, get_network
from ..inventory import Shipment, ShipmentEvent, ShipmentEventKind, connected_carriers
from ..kernel.access import Actor, Permission
from ..kernel.db import row_id
from ..kernel.errors import ForbiddenError
from ..kernel.events import Event, emit
from ..workbench import Task, TaskStatus, cure_tasks, raise_task, work_calendar
from ..workbench.holds import Hold
from .exceptions import LIMITS, TITLES, Found, Limits, Side, Watched, judge, kinds
from .models import FulfilmentLine, FulfilmentOrder, FulfilmentStatus, SalesOrder
from .progress import OPEN_PARTS, OUT_PARTS

SUBJECT = "part"
ROLES = ("operations", "owner", "administrator")
# deliveries that are looked back at; older ones are nobody's news
LOOK_BACK = timedelta(days=90)
# new tasks of one round: a transaction stays short, the next round goes on
ROUND = 200
_MOVING = OPEN_PARTS | OUT_PARTS - {FulfilmentStatus.DELIVERED.value}
# what starts the clock of a part anew
_STARTS = ("order.released", "order.part_accepted", "order.allocated")
OFFER_EXPIRED = "order.offer_expired"
_ALIVE = (TaskStatus.OPEN.value, TaskStatus.WAITING.value)
_NO_SCANS = (ShipmentEventKind.NOTE.value,)
_ENDS = (ShipmentEventKind.REFUSED.value, ShipmentEventKind.LOST.value)


@dataclass(frozen=True, slots=True)
class RoundCount:
    """What a round did; `is_complete` False: there is more to raise than one round raises."""

    raised: int
    cured: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class _Subject:
    """A part with what its task needs beside the rule's facts."""

    watched: Watched
    part: FulfilmentOrder
    order_number: str
    buyer: Partner


def watch_orders(session: Session, actor: Actor, *, limits: Limits = LIMITS, now: datetime) -> RoundCount:
    """Open a task per part and kind of exception, close those whose cause has gone; for the system.

    What somebody has settled by hand is not raised again for the same cause. Run twice it does nothing new.
    Raises `ForbiddenError`.
    """
    if not actor.is_system:
        raise ForbiddenError(permission=Permission.ADMIN_ACCESS)
    zone_name = get_network(session).zone
    calendar = work_calendar()
    subjects = {one.part.number: one for one in _read_subjects(session, now)}
    wrong = {
        (found.kind.value, number): found
        for number, one in subjects.items()
        for found in judge(one.watched, now=now, calendar=calendar, zone_name=zone_name, limits=limits)
    }
    alive, settled = _read_tasks(session, subjects)
    gone = sorted(alive - wrong.keys())
    new = [
        key
        for key, found in sorted(wrong.items(), key=lambda item: (item[1].since, item[0]))
        if key not in alive and not (key in settled and settled[key] >= found.since)
    ]
    for kind, number in new[:ROUND]:
        _raise(session, actor, subjects[number], wrong[kind, number], now=now)
    for kind, number in gone:
        cure_tasks(session, actor, kind=kind, subjects=[(SUBJECT, number)], now=now)
        _tell(session, actor, number, "order.exception_cured", kind, now)
    return RoundCount(len(new[:ROUND]), len(gone), len(new) <= ROUND)


def _raise(session: Session, actor: Actor, one: _Subject, found: Found, *, now: datetime) -> None:
    part = one.part
    raise_task(
        session,
        actor,
        kind=found.kind.value,
        subject=(SUBJECT, part.number),
        title=TITLES[found.kind],
        facts={
            "part": part.number,
            "buyer": one.buyer.name,
            "buyer_en": one.buyer.name_en,
            "qty": one.watched.short_qty,
        },
        owner_id=part.owner_id if found.side is Side.OWNER else part.seller_id,
        roles=ROLES,
        severity=found.severity,
        evidence=[step.frozen() for step in found.steps],
        hours=found.due_hours,
        now=now,
    )
    _tell(session, actor, part.number, "order.exception_raised", found.kind.value, now)


def _tell(session: Session, actor: Actor, number: str, event: str, kind: str, now: datetime) -> None:
    """The order's own history says so too."""
    order = number.rpartition("-")[0]
    emit(session, actor, event, subject=("order", order), now=now, part=number, exception=kind)


def _read_tasks(
    session: Session, numbers: Iterable[str]
) -> tuple[set[tuple[str, str]], dict[tuple[str, str], datetime]]:
    """Open exceptions by kind and part, and when others were closed by hand for the last time."""
    rows = session.exec(
        select(Task.kind, Task.subject_key, Task.status, func.max(Task.closed_at))
        .where(
            Task.subject_kind == SUBJECT,
            col(Task.kind).in_(list(kinds())),
            or_(col(Task.status).in_(_ALIVE), col(Task.status) == TaskStatus.DONE.value),
        )
        .group_by(col(Task.kind), col(Task.subject_key), col(Task.status))
    ).all()
    known = set(numbers)
    alive = {(kind, key) for kind, key, status, _ in rows if status in _ALIVE}
    settled = {
        (kind, key): at
        for kind, key, status, at in rows
        if status == TaskStatus.DONE and key in known and at is not None
    }
    return alive, settled


def _read_subjects(session: Session, now: datetime) -> list[_Subject]:
    """Parts that have not arrived, and those a carrier handed over lately, with all that is known of them."""
    watched_parts = _watched_parts(now)
    rows = session.exec(
        select(FulfilmentOrder, SalesOrder, Partner, Region)
        .join(SalesOrder, col(SalesOrder.id) == col(FulfilmentOrder.order_id))
        .join(Partner, col(Partner.id) == col(FulfilmentOrder.buyer_id))
        .join(Region, col(Region.id) == col(SalesOrder.region_id))
        .where(watched_parts)
        .order_by(col(FulfilmentOrder.id))
    ).all()
    shipments = _read_shipments(session, watched_parts)
    returned = _read_returned(session, watched_parts)
    starts, lapsed = _read_events(session, watched_parts)
    held = set(
        session.exec(
            select(Hold.subject_key).where(Hold.subject_kind == "order", col(Hold.released_at).is_(None))
        ).all()
    )
    found = []
    leading: set[int] = set()
    for part, order, buyer, region in rows:
        watched = Watched(
            number=part.number,
            status=part.status,
            mode=part.mode,
            reserved_at=max(part.created_at, starts.get(order.number, part.created_at)),
            is_urgent=part.is_urgent,
            is_held=order.number in held,
            answer_until=part.answer_until,
            lapsed_at=lapsed.get(part.number),
            promised_on=part.promised_on,
            buyer_path=region.path,
        )
        if part.shipment_id in shipments:
            key = part.shipment_id
            watched = replace(watched, **shipments[key])
            # what is missing of a shipment is asked for once, at its first part
            left = 0 if key in leading else watched.short_qty - returned.get(key, 0)
            leading.add(key)
            watched = replace(watched, short_qty=max(left, 0))
        found.append(_Subject(watched, part, order.number, buyer))
    return found


def _watched_parts(now: datetime) -> ColumnElement[bool]:
    handed_over = select(ShipmentEvent.shipment_id).where(
        ShipmentEvent.kind == ShipmentEventKind.DELIVERED,
        col(ShipmentEvent.occurred_at) >= now - LOOK_BACK,
        or_(col(ShipmentEvent.short_qty) > 0, col(ShipmentEvent.region_id).is_not(None)),
    )
    is_delivered = col(FulfilmentOrder.status) == FulfilmentStatus.DELIVERED.value
    return or_(
        col(FulfilmentOrder.status).in_(sorted(_MOVING)),
        is_delivered & col(FulfilmentOrder.shipment_id).in_(handed_over),
    )


def _read_shipments(session: Session, watched_parts: ColumnElement[bool]) -> dict[int, dict[str, Any]]:
    """What the rule looks at, per shipment."""
    ids = select(FulfilmentOrder.shipment_id).where(watched_parts)
    rows = session.exec(select(Shipment).where(col(Shipment.id).in_(ids))).all()
    said: dict[int, dict[str, datetime]] = defaultdict(dict)
    for key, kind, at in session.exec(
        select(ShipmentEvent.shipment_id, ShipmentEvent.kind, func.max(ShipmentEvent.occurred_at))
        .where(col(ShipmentEvent.shipment_id).in_(ids))
        .group_by(col(ShipmentEvent.shipment_id), col(ShipmentEvent.kind))
    ):
        said[key][kind] = at
    handed = session.exec(
        select(ShipmentEvent, Region.path)
        .outerjoin(Region, col(Region.id) == col(ShipmentEvent.region_id))
        .where(
            col(ShipmentEvent.shipment_id).in_(ids),
            ShipmentEvent.kind == ShipmentEventKind.DELIVERED,
        )
        .order_by(col(ShipmentEvent.occurred_at).desc(), col(ShipmentEvent.id).desc())
    ).all()
    connected = connected_carriers(session)
    handovers = {event.shipment_id: (event, path) for event, path in handed}  # the first of several stays
    facts = {row_id(row): _facts(row, said[row_id(row)], handovers.get(row_id(row))) for row in rows}
    for row in rows:
        facts[row_id(row)]["is_scanned"] |= row.carrier.casefold() in connected
    return facts


def _facts(
    row: Shipment, said: Mapping[str, datetime], handover: tuple[ShipmentEvent, str | None] | None
) -> dict[str, Any]:
    scans = [at for kind, at in said.items() if kind not in _NO_SCANS]
    ends = [at for kind, at in said.items() if kind in _ENDS]
    facts: dict[str, Any] = {
        "shipment_status": row.status,
        "is_scanned": bool(scans),
        "heard_at": max([row.shipped_at, *scans]),
        "ended_at": max(ends, default=None),
    }
    if handover is not None:
        event, path = handover
        facts |= {
            "handed_over_at": event.occurred_at,
            "handed_over_path": path or "",
            "short_qty": event.short_qty,
        }
    return facts


def _read_returned(session: Session, watched_parts: ColumnElement[bool]) -> dict[int, int]:
    """Units that came back or were credited, per shipment."""
    ids = select(FulfilmentOrder.shipment_id).where(watched_parts)
    rows = session.exec(
        select(FulfilmentOrder.shipment_id, func.sum(FulfilmentLine.returned_qty))
        .join(FulfilmentLine, col(FulfilmentLine.fulfilment_id) == col(FulfilmentOrder.id))
        .where(col(FulfilmentOrder.shipment_id).in_(ids))
        .group_by(col(FulfilmentOrder.shipment_id))
    ).all()
    return {key: int(qty) for key, qty in rows if key is not None}


def _read_events(
    session: Session, watched_parts: ColumnElement[bool]
) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """When the clock of an order last began anew, and when offers of its parts lapsed."""
    numbers = (
        select(SalesOrder.number)
        .join(FulfilmentOrder, col(FulfilmentOrder.order_id) == col(SalesOrder.id))
        .where(watched_parts)
    )
    rows = session.exec(
        select(Event)
        .where(
            Event.subject_kind == "order",
            col(Event.subject_key).in_(numbers),
            col(Event.kind).in_([*_STARTS, OFFER_EXPIRED]),
        )
        .order_by(col(Event.id))
    ).all()
    starts = {row.subject_key: row.occurred_at for row in rows if row.kind in _STARTS}
    lapsed = {str(row.payload["part"]): row.occurred_at for row in rows if row.kind == OFFER_EXPIRED}
    return starts, lapsed
