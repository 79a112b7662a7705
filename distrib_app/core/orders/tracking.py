"""Public tracking: what whoever holds an order's link may see, rate and complain about.

The link is the right: it is unguessable (144 random bits) and given to both parties of the order. These
functions ask for no permission and see the one order that the link names; a link that names none answers like
one that never was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from ..accounts import PartyName, party_names
from ..channels import get_network, require_partner
from ..kernel.access import Actor, unscoped
from ..kernel.clock import Period, business_day, day_start
from ..kernel.db import row_id
from ..kernel.errors import InvalidError, NotFoundError, msg
from ..kernel.events import emit
from ..kernel.explain import Step
from ..workbench import ReasonMissingError, Severity, Task, raise_task
from ..workbench.tasks import find_open
from .errors import RatingClosedError
from .feedback_rules import HIGHEST, LOWEST, Ratings, can_rate, count_ratings, rating_closes_at
from .fulfilment_map import FulfilmentMap, public_view
from .map_queries import read_map
from .models import FulfilmentOrder, OrderStatus, SalesOrder
from .return_requests import DECIDERS
from .tracking_models import ComplaintKind, OrderFeedback
from .work import read_work

COMPLAINT = "complaint"
COMPLAINT_HOURS = 8
MAX_TEXT = 400
MAX_CONTACT = 80
MAX_EVIDENCE = 20
COMPLAINTS: dict[str, str] = {
    ComplaintKind.LATE: msg("It comes too late"),
    ComplaintKind.DAMAGED: msg("Something is damaged"),
    ComplaintKind.SHORT: msg("Something is missing"),
    ComplaintKind.OTHER: msg("Something else"),
}
_GRAVE = frozenset({ComplaintKind.DAMAGED.value, ComplaintKind.SHORT.value})


@dataclass(frozen=True, slots=True)
class TrackedOrder:
    """An order as its recipient follows it: no prices, no people, nothing said inside the companies."""

    number: str
    seller: PartyName
    placed_on: date
    is_cancelled: bool
    is_delivered: bool
    piece_count: int
    map: FulfilmentMap
    rating: int | None
    word: str
    can_rate: bool
    rating_closes_at: datetime | None
    is_complaint_open: bool


def track_order(session: Session, *, token: str, now: datetime) -> TrackedOrder:
    """The order behind a link. Raises `NotFoundError`, the same for every link that opens nothing."""
    order = _order_of(session, token)
    with unscoped(session, "whoever holds the link follows this one order"):
        work = read_work(session, order)
        found = public_view(read_map(session, work, names_places=False, now=now))
        feedback = _feedback_of(session, order)
        seller = party_names(session, [order.seller_id])[order.seller_id]
        open_task = find_open(session, kind=COMPLAINT, subject=("order", order.number))
        zone = get_network(session).zone
    rated_at = feedback.rated_at if feedback else None
    return TrackedOrder(
        number=order.number,
        seller=seller,
        placed_on=business_day(order.placed_at, zone),
        is_cancelled=order.status == OrderStatus.CANCELLED,
        is_delivered=order.status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED),
        piece_count=sum(line.qty for line in work.lines),
        map=found,
        rating=feedback.rating if feedback else None,
        word=feedback.word if feedback else "",
        can_rate=can_rate(order.status, rated_at, now),
        rating_closes_at=rating_closes_at(rated_at),
        is_complaint_open=open_task is not None,
    )


def rate_order(
    session: Session, actor: Actor, *, token: str, rating: int, word: str = "", now: datetime
) -> OrderFeedback:
    """Say how satisfied one is with a delivery, 1 to 5, and a word; changeable for a day.

    Raises `NotFoundError`, `RatingClosedError` before the delivery and after that day, `InvalidError`.
    """
    if not LOWEST <= rating <= HIGHEST:
        raise InvalidError(field="rating", reason=f"{rating} – {LOWEST} … {HIGHEST}")
    text = _checked(word, "word", MAX_TEXT)
    order = _order_of(session, token, lock=True)
    with unscoped(session, "whoever holds the link rates this one order"):
        feedback = _feedback_of(session, order) or _new_feedback(order)
    if not can_rate(order.status, feedback.rated_at, now):
        raise RatingClosedError(order=order.number)
    feedback.rating, feedback.word = rating, text
    feedback.rated_at = feedback.rated_at or now
    _keep(session, feedback)
    emit(session, actor, "order.rated", subject=("order", order.number), now=now, rating=rating)
    return feedback


def complain(
    session: Session,
    actor: Actor,
    *,
    token: str,
    kind: str,
    text: str,
    contact: str = "",
    now: datetime,
) -> Task:
    """Complain about an order: a task of its seller, due within a working day; more of it joins the open one.

    Raises `NotFoundError`, `ReasonMissingError` for an empty text, `InvalidError`.
    """
    if kind not in set(ComplaintKind):
        raise InvalidError(field="kind", reason=kind[:20])
    said, reach = _checked(text, "text", MAX_TEXT), _checked(contact, "contact", MAX_CONTACT)
    if not said:
        raise ReasonMissingError(field="text")
    order = _order_of(session, token, lock=True)
    if order.status == OrderStatus.CANCELLED:
        raise InvalidError(field="order", reason=msg("it was cancelled"))
    with unscoped(session, "whoever holds the link complains about this one order"):
        feedback = _feedback_of(session, order) or _new_feedback(order)
        earlier = find_open(session, kind=COMPLAINT, subject=("order", order.number))
        task = raise_task(
            session,
            actor,
            kind=COMPLAINT,
            subject=("order", order.number),
            title=msg("Complaint about {order}: {what}"),
            facts={"order": order.number, "what": COMPLAINTS[kind]},
            owner_id=order.seller_id,
            roles=DECIDERS,
            severity=Severity.HIGH if kind in _GRAVE else Severity.NORMAL,
            evidence=[*(earlier.evidence if earlier else ()), *_evidence(kind, said, reach)][-MAX_EVIDENCE:],
            hours=COMPLAINT_HOURS,
            now=now,
        )
    feedback.complaint_kind, feedback.complaint, feedback.contact = kind, said, reach
    feedback.complained_at, feedback.complaint_task = now, task.number
    _keep(session, feedback)
    emit(session, actor, "order.complained", subject=("order", order.number), now=now, complaint=kind)
    return task


def ratings_of(session: Session, *, partner_code: str, period: Period) -> Ratings:
    """How the recipients of a seller's orders rated them, by the day of the first answer; within scope.

    Raises `NotFoundError` for a partner out of scope.
    """
    partner, zone = require_partner(session, partner_code), get_network(session).zone
    rows = session.exec(
        select(OrderFeedback.rating, func.count(col(OrderFeedback.id)))
        .where(
            OrderFeedback.seller_id == row_id(partner),
            col(OrderFeedback.rating).is_not(None),
            col(OrderFeedback.rated_at) >= day_start(period.start, zone),
            col(OrderFeedback.rated_at) < day_start(period.end, zone),
        )
        .group_by(col(OrderFeedback.rating))
    ).all()
    return count_ratings([(rating, int(count)) for rating, count in rows if rating is not None])


def tracking_tokens(session: Session, *, part_numbers: Sequence[str]) -> dict[str, str]:
    """The links of the orders, within scope, that parts belong to: order number → token."""
    rows = session.exec(
        select(SalesOrder.number, SalesOrder.tracking_token)
        .join(FulfilmentOrder, col(FulfilmentOrder.order_id) == col(SalesOrder.id))
        .where(col(FulfilmentOrder.number).in_(part_numbers), col(SalesOrder.tracking_token).is_not(None))
        .order_by(col(SalesOrder.number))
    )
    return {number: token for number, token in rows if token is not None}


def _order_of(session: Session, token: str, *, lock: bool = False) -> SalesOrder:
    """One indexed read whatever was sent, so that a wrong link answers as fast as a right one."""
    plain = token[:40] if token.isprintable() else "?"  # PostgreSQL takes no NUL
    with unscoped(session, "the link decides which order is meant"):
        statement = select(SalesOrder).where(SalesOrder.tracking_token == plain)
        order = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    if order is None:
        raise NotFoundError(kind="tracking link", key="…")
    return order


def _feedback_of(session: Session, order: SalesOrder) -> OrderFeedback | None:
    return session.exec(select(OrderFeedback).where(OrderFeedback.order_id == row_id(order))).one_or_none()


def _new_feedback(order: SalesOrder) -> OrderFeedback:
    return OrderFeedback(order_id=row_id(order), seller_id=order.seller_id)


def _keep(session: Session, feedback: OrderFeedback) -> None:
    if feedback.id is not None:
        feedback.version += 1
    session.add(feedback)
    session.flush()


def _checked(text: str, field: str, most: int) -> str:
    plain = "".join(sign if sign.isprintable() else " " for sign in text).strip()
    if len(plain) > most:
        raise InvalidError(field=field, reason=f"{len(plain)} > {most}")
    return plain


def _evidence(kind: str, text: str, contact: str) -> list[dict[str, object]]:
    steps = [Step(msg("The recipient complains: {what}"), {"what": COMPLAINTS[kind]})]
    steps.append(Step(msg("The recipient says: {text}"), {"text": text}))
    if contact:
        steps.append(Step(msg("To be reached at {contact}"), {"contact": contact}))
    return [step.frozen() for step in steps]
