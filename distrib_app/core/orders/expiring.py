"""What ends by itself: the stock of a held order, an offer nobody answered, a delivered order nobody minds.

Each verb does one order in one transaction and nothing the second time; the schedule goes through those due.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from ..channels import PartnerKind
from ..inventory import InsufficientStockError, Shipment, release
from ..kernel.access import Actor, Permission
from ..kernel.db import get_by
from ..kernel.errors import ForbiddenError
from ..kernel.events import emit
from ..kernel.lifecycle import TransitionError
from ..workbench import Task, TaskStatus
from ..workbench.holds import Hold
from .answering import decline_part
from .models import FulfilmentLine, FulfilmentMode, FulfilmentOrder, FulfilmentStatus, OrderStatus, SalesOrder
from .progress import OPEN_PARTS
from .service import allocate_order
from .watching import OFFER_EXPIRED, SUBJECT
from .work import PartWork, drop_shares, load_work

# days after the last delivery in which a buyer complains or asks for a return
COMPLETE_DAYS = 7
ROUND = 500
_ALIVE = (TaskStatus.OPEN.value, TaskStatus.WAITING.value)


def due_holds(session: Session, actor: Actor, *, now: datetime) -> tuple[str, ...]:
    """Held orders that keep stock beyond their time, oldest first, at most `ROUND`; for the system."""
    _require_system(actor)
    keeps = (
        select(FulfilmentOrder.order_id)
        .join(FulfilmentLine, col(FulfilmentLine.fulfilment_id) == col(FulfilmentOrder.id))
        .where(col(FulfilmentOrder.status).in_(sorted(OPEN_PARTS)), FulfilmentLine.reserved_qty > 0)
    )
    return tuple(
        session.exec(
            select(SalesOrder.number)
            .join(
                Hold, (col(Hold.subject_key) == col(SalesOrder.number)) & (col(Hold.subject_kind) == "order")
            )
            .where(
                SalesOrder.status == OrderStatus.HELD,
                col(Hold.released_at).is_(None),
                col(Hold.until) <= now,
                col(SalesOrder.id).in_(keeps),
            )
            .group_by(col(SalesOrder.number))
            .order_by(func.min(Hold.until), col(SalesOrder.number))
            .limit(ROUND)
        )
    )


def expire_hold(session: Session, actor: Actor, *, number: str, now: datetime) -> int:
    """The stock a held order kept is free again; how many units. The order stays held, its money untouched.

    A held order has taken no credit, so nothing is owed for it. Its parts wait where they would have come
    from: `release_order` reserves them anew there, or elsewhere, or refuses. For the system.
    0 where it goes on meanwhile. Raises `ForbiddenError`, `NotFoundError`.
    """
    _require_system(actor)
    work = load_work(session, actor, number=number, verb="release")
    is_due = any(hold.until is not None and hold.until <= now for hold in work.holds)
    if work.order.status != OrderStatus.HELD or not is_due:
        return 0
    parts = [part for part in work.parts if part.part.status in OPEN_PARTS and part.placements()]
    freed = sum(line.reserved_qty for part in parts for line in part.lines)
    if not freed:
        return 0
    drop_shares(session, parts)
    placements = [placement for part in parts for placement in part.placements()]
    release(session, placements=placements, cause=number, now=now)
    for part in parts:
        _wait(work.seller.kind, work.order, part)
    work.order.version += 1
    work.follow_parts()
    session.flush()
    emit(session, actor, "order.hold_expired", subject=("order", number), now=now, qty=freed)
    return freed


def _wait(seller_kind: str, order: SalesOrder, part: PartWork) -> None:
    """Nothing is reserved for the part; what a partner had shared is the seller's to serve again."""
    for line in part.lines:
        line.reserved_qty = 0
    row = part.part
    row.status, row.answer_until = FulfilmentStatus.WAITING, None
    row.version += 1
    if row.mode == FulfilmentMode.PARTNER:
        row.owner_id, row.owner_path, row.location_id = order.seller_id, order.seller_path, None
        row.mode = FulfilmentMode.DIRECT if seller_kind == PartnerKind.BRAND else FulfilmentMode.OWN


def due_offers(session: Session, actor: Actor, *, now: datetime) -> tuple[str, ...]:
    """Parts offered to a partner whose answer is overdue, oldest first, at most `ROUND`; for the system."""
    _require_system(actor)
    return tuple(
        session.exec(
            select(FulfilmentOrder.number)
            .where(
                FulfilmentOrder.status == FulfilmentStatus.OFFERED,
                col(FulfilmentOrder.answer_until) <= now,
            )
            .order_by(col(FulfilmentOrder.answer_until), col(FulfilmentOrder.number))
            .limit(ROUND)
        )
    )


def expire_offer(session: Session, actor: Actor, *, number: str, now: datetime) -> bool:
    """Nobody answered: the offer is declined, and another place serves the part if one can.

    Whether it was still open; an answer that came meanwhile stands. For the system.
    Raises `ForbiddenError`, `NotFoundError`.
    """
    _require_system(actor)
    part = get_by(session, FulfilmentOrder, "fulfilment order", number=number)
    order = session.get_one(SalesOrder, part.order_id, with_for_update=True, populate_existing=True)
    session.refresh(part)
    is_due = part.answer_until is not None and part.answer_until <= now
    if part.status != FulfilmentStatus.OFFERED or not is_due:
        return False
    owner_id = part.owner_id
    decline_part(session, actor, number=number, reason="", now=now)
    session.flush()
    emit(session, actor, OFFER_EXPIRED, subject=("order", order.number), now=now, part=number, owner=owner_id)
    try:
        with session.begin_nested():
            allocate_order(session, actor, number=order.number, now=now)
    except (InsufficientStockError, TransitionError):
        session.expire_all()  # the part waits for the seller
    return True


def complete_delivered(session: Session, actor: Actor, *, days: int = COMPLETE_DAYS, now: datetime) -> int:
    """Close orders whose last goods arrived `days` ago, unless a task about them is open; how many.

    At most `ROUND` at once, oldest first; for the system. Raises `ForbiddenError`.
    """
    _require_system(actor)
    arriving = (
        select(FulfilmentOrder.order_id)
        .join(Shipment, col(Shipment.id) == col(FulfilmentOrder.shipment_id))
        .where(col(Shipment.delivered_at) > now - timedelta(days=days))
    )
    alive = col(Task.status).in_(_ALIVE)
    about_order = select(Task.subject_key).where(Task.subject_kind == "order", alive)
    about_part = (
        select(FulfilmentOrder.order_id)
        .join(
            Task, (col(Task.subject_key) == col(FulfilmentOrder.number)) & (col(Task.subject_kind) == SUBJECT)
        )
        .where(alive)
    )
    orders = session.exec(
        select(SalesOrder)
        .where(
            SalesOrder.status == OrderStatus.DELIVERED,
            col(SalesOrder.id).not_in(arriving),
            col(SalesOrder.number).not_in(about_order),
            col(SalesOrder.id).not_in(about_part),
        )
        .order_by(col(SalesOrder.id))
        .limit(ROUND)
        .with_for_update(skip_locked=True, of=SalesOrder)
    ).all()
    for order in orders:
        order.status = OrderStatus.COMPLETED
        order.version += 1
    session.flush()
    for order in orders:
        emit(session, actor, "order.completed", subject=("order", order.number), now=now)
    return len(orders)


def _require_system(actor: Actor) -> None:
    if not actor.is_system:
        raise ForbiddenError(permission=Permission.ADMIN_ACCESS)
