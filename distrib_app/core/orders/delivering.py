"""Verbs at the other end: confirm that goods arrived, complete."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from ..channels import get_network
from ..inventory import Layer, Shipment, location_ids_of, receive, sign_for
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import get_by, row_id
from ..kernel.errors import InvalidError, StaleError, msg
from ..kernel.events import emit
from ..kernel.money import divide, minor_to_micros
from ..workbench import read_file
from .lifecycle import find_lifecycle, require_verb
from .models import FulfilmentOrder, FulfilmentStatus, SalesOrder
from .part_lifecycle import check_part, require_part_verb
from .progress import OUT_PARTS
from .shortages import Shortage, note_shortages, place_shortages
from .work import OrderWork, PartWork, advance, amounts_of, load_work, read_work

MAX_NAME = 60


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signed for a delivery and when; `proof_file` is the key of a photo, or empty."""

    name: str
    at: datetime
    proof_file: str = ""


def deliver_order(
    session: Session,
    actor: Actor,
    *,
    number: str,
    signed_by: str,
    signed_at: datetime | None = None,
    proof_file: str = "",
    shortages: Sequence[Shortage] = (),
    version: int | None = None,
    now: datetime,
) -> SalesOrder:
    """Confirm that everything on its way arrived, signed by a name (either side), but for `shortages`.

    `signed_at` (now where it is not told) lies neither before the shipping nor in the future; `proof_file` is
    the key of a photo kept on the order for all its parties.
    A buyer that keeps stock receives the goods at its first location: origin day is the day of shipment,
    cost the net price per unit. What came back on the way is not received; what shared the shipment has
    arrived too. What is missing is put before the seller. Raises `TransitionError`, `StaleError`,
    `InvalidError`, `ShortageError`, `NotFoundError`, `NotYourOrderError`.
    """
    signing = _check_signing(session, actor, number, signed_by, signed_at, proof_file, now=now)
    require_verb(actor, "deliver")
    order = get_by(session, SalesOrder, "order", number=number)
    find_lifecycle(actor, "deliver", number=number, seller_id=order.seller_id, buyer_id=order.buyer_id)
    works = lock_together(session, [order.id], _shipment_ids(session, order))
    work = next(one for one in works if one.order.id == order.id)
    advance(actor, work, verb="deliver", version=version)
    arrive(session, actor, works, _arriving(work), signing, about=(work, work.parts, shortages), now=now)
    return work.order


def deliver_part(
    session: Session,
    actor: Actor,
    *,
    number: str,
    signed_by: str,
    signed_at: datetime | None = None,
    proof_file: str = "",
    shortages: Sequence[Shortage] = (),
    version: int | None = None,
    now: datetime,
) -> FulfilmentOrder:
    """Confirm that one part arrived, with all that shared its shipment; `shortages` are of this part.

    Raises like `deliver_order`.
    """
    order_number = number.rpartition("-")[0]
    signing = _check_signing(session, actor, order_number, signed_by, signed_at, proof_file, now=now)
    require_part_verb(actor, "deliver")
    found = get_by(session, FulfilmentOrder, "fulfilment order", number=number)
    works = lock_together(session, [found.order_id], [found.shipment_id] if found.shipment_id else [])
    work = next(one for one in works if one.order.id == found.order_id)
    part = next(one for one in work.parts if one.part.number == number)
    check_part(actor, work, part, "deliver")
    if version is not None and part.part.version != version:
        raise StaleError(subject=number)  # counted up with all that arrives together
    about = (work, [part], shortages)
    arrive(session, actor, works, [part.part.shipment_id], signing, about=about, now=now)
    return part.part


def complete_order(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> SalesOrder:
    """Close a delivered order: nothing more is expected of it. Raises like `deliver_order`."""
    work = load_work(session, actor, number=number, verb="complete")
    advance(actor, work, verb="complete", version=version)
    session.flush()
    emit(session, actor, "order.completed", subject=("order", number), now=now)
    return work.order


def _check_signing(
    session: Session,
    actor: Actor,
    order_number: str,
    signed_by: str,
    signed_at: datetime | None,
    proof_file: str,
    *,
    now: datetime,
) -> Signing:
    """Who signed, when, and the photo of it, checked as far as that goes without the shipment."""
    if not signed_by.strip():
        raise InvalidError(field="signed_by", reason="empty")
    if len(signed_by) > MAX_NAME:
        raise InvalidError(field="signed_by", reason=f"{len(signed_by)} > {MAX_NAME}")
    if signed_at is not None and signed_at > now:
        raise InvalidError(field="signed_at", reason=msg("it lies in the future"))
    if proof_file:
        photo = read_file(session, actor, key=proof_file, now=now)
        if photo.subject != ("order", order_number) or not photo.is_shared:
            raise InvalidError(field="proof_file", reason=msg("keep it on the order, visible to all parties"))
        if not photo.media_type.startswith("image/"):
            raise InvalidError(field="proof_file", reason=msg("it is no picture"))
    return Signing(signed_by.strip(), signed_at or now, proof_file)


def _arriving(work: OrderWork) -> list[int | None]:
    """The shipments of an order that are on their way."""
    return sorted(
        {part.part.shipment_id for part in work.parts if is_arriving(part)},
        key=lambda key: key or 0,
    )


def is_arriving(part: PartWork) -> bool:
    """Whether a part has left and has not arrived."""
    return part.part.status in OUT_PARTS and part.part.status != FulfilmentStatus.DELIVERED


def _shipment_ids(session: Session, order: SalesOrder) -> Sequence[int | None]:
    with unscoped(session, "the shipments of an order within reach"):
        return session.exec(
            select(FulfilmentOrder.shipment_id).where(
                FulfilmentOrder.order_id == row_id(order), col(FulfilmentOrder.shipment_id).is_not(None)
            )
        ).all()


def lock_together(
    session: Session, order_ids: Sequence[int | None], shipment_ids: Sequence[int | None]
) -> list[OrderWork]:
    """These orders and all that share a shipment with them, locked in one order everywhere.

    Orders come before their shipments: whoever wants both takes them so.
    """
    with unscoped(session, "what shared a shipment has arrived too, whoever may see it"):
        others = session.exec(
            select(FulfilmentOrder.order_id).where(col(FulfilmentOrder.shipment_id).in_(shipment_ids))
        ).all()
        orders = session.exec(
            select(SalesOrder)
            .where(col(SalesOrder.id).in_(sorted({*others, *(key for key in order_ids if key)})))
            .order_by(col(SalesOrder.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        return [read_work(session, order) for order in orders]


def arrive(
    session: Session,
    actor: Actor,
    works: Sequence[OrderWork],
    shipment_ids: Sequence[int | None],
    signing: Signing,
    *,
    about: tuple[OrderWork, Sequence[PartWork], Sequence[Shortage]] | None = None,
    now: datetime,
) -> None:
    """Book the arrival of shipments whose orders are locked: the buyer's stock, the parts, the orders.

    The name may be empty where a carrier did not say; `about` is what whoever signs misses in which parts of
    an order. What came back on the way does not arrive. Raises `InvalidError` for who signs before the
    shipping; what a carrier says is taken as it is.
    """
    zone = get_network(session).zone
    with unscoped(session, "a delivery is booked into the buyer's stock by either party"):
        if about is not None:
            work, parts, shortages = about
            arriving = [part for part in parts if part.part.shipment_id in shipment_ids]
            note_shortages(session, actor, work, place_shortages(work, arriving, shortages), now=now)
        for key in shipment_ids:
            shipment = session.get_one(Shipment, key)
            if about is not None and signing.at < shipment.shipped_at:
                raise InvalidError(field="signed_at", reason=msg("it lies before the shipping"))
            sign_for(shipment, signed_by=signing.name, proof_file=signing.proof_file, now=signing.at)
            locations = location_ids_of(session, partner_id=shipment.buyer_id)
            arrived = [
                (work, part)
                for work in works
                for part in work.parts
                if part.part.shipment_id == key and is_arriving(part)
            ]
            if locations:
                layers = _bought_layers(arrived, business_day(shipment.shipped_at, zone))
                receive(
                    session,
                    location_id=locations[0],
                    layers=layers,
                    cause=shipment.number,
                    shipped_causes=[part.part.number for _, part in arrived],
                    now=now,
                )
            for _, part in arrived:
                part.part.status = FulfilmentStatus.DELIVERED
                part.part.version += 1
    for work in works:
        work.follow_parts()
        session.flush()
        if any(part.part.shipment_id in shipment_ids for part in work.parts):
            emit(
                session,
                actor,
                "order.delivered",
                subject=("order", work.order.number),
                now=now,
                signed_by=signing.name,
                missing=sum(line.missing_qty for part in work.parts for line in part.lines),
            )


def _bought_layers(arrived: Sequence[tuple[OrderWork, PartWork]], day: date) -> list[tuple[int, Layer]]:
    """One layer per SKU of a shipment: what is still out, at the net price over all its lines of the SKU."""
    out: dict[int, int] = defaultdict(int)
    bought: dict[int, int] = defaultdict(int)
    net: dict[int, int] = defaultdict(int)
    for work, part in arrived:
        for line in part.lines:
            if work.is_goods(line.sku_id):
                out[line.sku_id] += line.shipped_qty - line.returned_qty - line.missing_qty
                bought[line.sku_id] += line.qty
                net[line.sku_id] += minor_to_micros(amounts_of(line).net, work.order.currency)
    return [
        (sku_id, Layer(day, divide(net[sku_id], bought[sku_id]), qty)) for sku_id, qty in out.items() if qty
    ]
