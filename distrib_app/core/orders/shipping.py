"""Verbs that send parts of orders on their way: pick them, ship one order, ship several together."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from ..channels import Partner, get_network
from ..inventory import (
    MergeSaving,
    Shipment,
    ShipmentDraft,
    ShippedLine,
    create_shipment,
    lock_places,
    ship,
)
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import InvalidError, NotFoundError
from ..kernel.events import emit
from .errors import NotBesideError, NotTogetherError
from .merge_groups import measure, saving_of
from .merging import Mergeable
from .models import FulfilmentOrder, FulfilmentStatus, SalesOrder
from .part_lifecycle import check_part, require_part_verb
from .titles import Shipped, transfer_titles
from .work import OrderWork, PartWork, advance, hold_accounts, load_work, read_work

MAX_TEXT = 60


def pick_part(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> FulfilmentOrder:
    """Say that a part of an order has been picked (by whoever owns the goods).

    Raises `TransitionError`, `StaleError`, `NotFoundError`, `NotYourOrderError`.
    """
    work, part = load_part(session, actor, number=number, verb="pick")
    check_version(part.part, version, number)
    part.part.status = FulfilmentStatus.PICKED
    work.follow_parts()
    session.flush()
    emit(session, actor, "order.picked", subject=("order", work.order.number), now=now, part=part.part.number)
    return part.part


def ship_order(
    session: Session,
    actor: Actor,
    *,
    number: str,
    carrier: str = "",
    waybill: str = "",
    version: int | None = None,
    now: datetime,
) -> list[Shipment]:
    """Ship everything of an order that is ready at the seller's own places: one shipment per place.

    The reserved goods leave stock, the sale is booked in the journal on the network's business day, the
    credit commitment becomes an invoice. Raises `TransitionError` (held, nothing ready, a party not active),
    `StaleError`, `InvalidError`, `NotFoundError`, `NotYourOrderError`.
    """
    _check_texts(carrier, waybill)
    work = load_work(session, actor, number=number, verb="ship")
    advance(actor, work, verb="ship", version=version)
    groups: dict[int | None, list[PartWork]] = defaultdict(list)
    for part in work.parts:
        if part.is_ready and part.part.owner_id == work.order.seller_id:
            groups[part.part.location_id].append(part)
    _hold(session, [(work, [part for parts in groups.values() for part in parts])])
    return [
        _send(session, actor, [(work, parts)], carrier=carrier, waybill=waybill, now=now)
        for parts in groups.values()
    ]


def ship_parts(
    session: Session,
    actor: Actor,
    *,
    numbers: Sequence[str],
    carrier: str = "",
    waybill: str = "",
    now: datetime,
) -> Shipment:
    """Ship parts of one or more orders together: one owner, one place, one receiver (合单).

    Raises `NotTogetherError` naming what differs, and per part what `ship_order` raises.
    """
    _check_texts(carrier, waybill)
    if not numbers:
        raise InvalidError(field="numbers", reason="empty")
    require_part_verb(actor, "ship")
    found = [get_by(session, FulfilmentOrder, "fulfilment order", number=one) for one in set(numbers)]
    found.sort(key=lambda part: (part.order_id, part.number))  # orders are locked by id everywhere
    loaded = [load_part(session, actor, number=part.number, verb="ship") for part in found]
    with unscoped(session, "what the parts weigh and need, whoever sees their goods"):
        measured = measure(session, [part.part for _, part in loaded])
    first = measured[0]
    for one in measured:
        if one.journey != first.journey:
            raise NotTogetherError(first=first.number, second=one.number)
        if one.is_cold != first.is_cold:
            raise NotBesideError(first=first.number, second=one.number)
    groups: dict[int, tuple[OrderWork, list[PartWork]]] = {}
    for work, part in loaded:
        groups.setdefault(row_id(work.order), (work, []))[1].append(part)
    _hold(session, list(groups.values()))
    for work, _ in groups.values():
        work.order.version += 1
    return _send(session, actor, list(groups.values()), carrier=carrier, waybill=waybill, now=now)


def _hold(session: Session, groups: Sequence[tuple[OrderWork, list[PartWork]]]) -> None:
    """Hold what a shipment books on, in the order of all writers: accounts, then balances."""
    hold_accounts(session, [work for work, _ in groups])
    placements = [one for _, parts in groups for part in parts for one in part.placements()]
    lock_places(session, {one.place for one in placements})


def load_part(
    session: Session, actor: Actor, *, number: str, verb: str, lock: bool = True
) -> tuple[OrderWork, PartWork]:
    """A part of an order with its order for `verb`: permission, scope, side, state; locked unless only read.

    Raises `ForbiddenError`, `NotFoundError`, `NotYourOrderError`, `TransitionError`.
    """
    require_part_verb(actor, verb)
    found = get_by(session, FulfilmentOrder, "fulfilment order", number=number)
    with unscoped(session, "the owner of the goods works on the order behind its part"):
        order = session.get_one(SalesOrder, found.order_id, with_for_update=lock, populate_existing=True)
        work = read_work(session, order)
    part = work.part(number)
    if part is None:
        raise NotFoundError(kind="fulfilment order", key=number)
    check_part(actor, work, part, verb)
    return work, part


def _send(
    session: Session,
    actor: Actor,
    groups: Sequence[tuple[OrderWork, list[PartWork]]],
    *,
    carrier: str,
    waybill: str,
    now: datetime,
) -> Shipment:
    """One shipment of all these parts: goods, titles, states."""
    day = business_day(now, get_network(session).zone)
    first = groups[0][1][0].part
    with unscoped(session, "owner, seller and buyer of a shipment are written on it as they stand today"):
        owner = session.get_one(Partner, first.owner_id)
        parcels = measure(session, [part.part for _, parts in groups for part in parts])
        merged = saving_of(session, first, parcels, now=now) if len(parcels) > 1 else None
        shipment = create_shipment(
            session,
            ShipmentDraft(
                seller=groups[0][0].seller,
                buyer=groups[0][0].buyer,
                owner=owner,
                from_location_id=first.location_id,
                currency=first.currency,
                carrier=carrier.strip(),
                waybill=waybill.strip(),
                freight_amount=first.freight_amount if merged is None else merged.merged.amount,
                saving_amount=0 if merged is None else max(0, merged.saving_amount),
                freight=None if merged is None else _frozen(parcels, merged),
                weight_g=sum(one.weight_g for one in parcels),
                volume_cm3=sum(one.volume_cm3 for one in parcels),
                promised_on=first.promised_on,
                lines=[
                    ShippedLine(part.part.number, line.line_no, line.sku_id, line.qty)
                    for _, parts in groups
                    for part in parts
                    for line in part.lines
                ],
            ),
            day=day,
            now=now,
        )
    for work, parts in groups:
        layers: dict[str, Shipped] = {}
        for part in parts:
            layers[part.part.number] = ship(
                session, placements=part.placements(), cause=part.part.number, now=now
            )
            part.part.status = FulfilmentStatus.SHIPPED
            part.part.version += 1
            part.part.shipment_id = row_id(shipment)
            for line in part.lines:
                line.reserved_qty, line.shipped_qty = 0, line.qty
        transfer_titles(
            session, actor, work, parts, shipment=shipment.number, shipped=layers, day=day, now=now
        )
        work.follow_parts()
        session.flush()
        emit(
            session,
            actor,
            "order.shipped",
            subject=("order", work.order.number),
            now=now,
            shipment=shipment.number,
            carrier=shipment.carrier,
            waybill=shipment.waybill,
        )
    return shipment


def _frozen(parcels: Sequence[Mergeable], merged: MergeSaving) -> dict[str, Any]:
    """Why a merged shipment costs what it costs, and each part's share of it."""
    return {
        "steps": [step.frozen() for step in (*merged.steps, *merged.merged.steps)],
        "shares": {one.number: share for one, share in zip(parcels, merged.shares, strict=True)},
    }


def _check_texts(carrier: str, waybill: str) -> None:
    for field, text in (("carrier", carrier), ("waybill", waybill)):
        if len(text) > MAX_TEXT:
            raise InvalidError(field=field, reason=f"{len(text)} > {MAX_TEXT}")
