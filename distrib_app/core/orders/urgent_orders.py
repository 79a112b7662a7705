"""Verbs of urgent orders by hand: mark one, take the mark away, put one before those that can wait."""

from datetime import datetime

from sqlmodel import Session

from ..inventory import Location
from ..kernel.access import Actor, unscoped
from ..kernel.errors import InvalidError
from ..kernel.events import emit
from ..workbench import work_calendar
from .bumping import take_from_others
from .models import FulfilmentStatus, SalesOrder, Urgency
from .parting import nothing_for, serve_parcels
from .progress import OPEN_PARTS
from .rerouting import reroute
from .sourcing import ready_day
from .urgency import cut_off_of
from .work import PartWork, advance, load_work, read_work

MAX_REASON = 60


def mark_urgent(
    session: Session, actor: Actor, *, number: str, reason: str, version: int | None = None, now: datetime
) -> SalesOrder:
    """Let an open order go first, with a reason (seller's side); its parts' times become tighter.

    Allocated parts leave by the later cut-off of urgent goods where that is earlier, owners who have not
    answered have half the time left. Raises `TransitionError` where it is urgent already, `InvalidError`,
    `StaleError`, `NotFoundError`, `NotYourOrderError`.
    """
    text = reason.strip()
    if not 1 <= len(text) <= MAX_REASON:
        raise InvalidError(field="reason", reason=f"{len(text)} – 1 … {MAX_REASON}")
    work = load_work(session, actor, number=number, verb="mark_urgent")
    advance(actor, work, verb="mark_urgent", version=version)
    work.order.urgency, work.order.urgent_reason = Urgency.HAND, text
    for part in work.parts:
        if part.part.status in OPEN_PARTS:
            part.part.is_urgent = True
            part.part.version += 1
            _tighten(session, part, now)
    work.follow_parts()
    session.flush()
    emit(session, actor, "order.marked_urgent", subject=("order", number), now=now, reason=text)
    return work.order


def unmark_urgent(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> SalesOrder:
    """Take away what `mark_urgent` said; days promised meanwhile stay. Raises like it."""
    work = load_work(session, actor, number=number, verb="unmark_urgent")
    advance(actor, work, verb="unmark_urgent", version=version)
    work.order.urgency = work.order.urgent_reason = ""
    for part in work.parts:
        if part.part.status in OPEN_PARTS:
            part.part.is_urgent = False
            part.part.version += 1
    session.flush()
    emit(session, actor, "order.unmarked_urgent", subject=("order", number), now=now)
    return work.order


def prioritise_order(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> SalesOrder:
    """Serve what an urgent order lacks: from free stock, then from what others wait for (seller's side).

    Raises `InsufficientStockError` when nothing could be had, `TransitionError` (not urgent, held, nothing
    missing), `StaleError`, `NotFoundError`, `NotYourOrderError`.
    """
    work = load_work(session, actor, number=number, verb="prioritise")
    advance(actor, work, verb="prioritise", version=version)
    with unscoped(session, "what others were promised may have to give way"):
        lacking = work.lacking()
        qty = serve_parcels(session, work, lacking, reroute(session, work, lacking, now=now), now=now)
        work = read_work(session, work.order)
        if work.lacking():
            qty += take_from_others(session, actor, work, now=now)
            work = read_work(session, work.order)
    if not qty:
        raise nothing_for(work)
    work.follow_parts()
    session.flush()
    return work.order


def _tighten(session: Session, part: PartWork, now: datetime) -> None:
    row = part.part
    if row.answer_until is not None and row.answer_until > now:
        row.answer_until = now + (row.answer_until - now) // 2
    if row.status != FulfilmentStatus.ALLOCATED or row.location_id is None or row.ready_on is None:
        return
    with unscoped(session, "when a place sends urgent goods, whoever owns it"):
        place = session.get_one(Location, row.location_id)
    ready_on = ready_day(now, cut_off_of(place.cut_off_minute, is_urgent=True), work_calendar())
    if ready_on < row.ready_on:
        gained = row.ready_on - ready_on
        row.ready_on = ready_on
        row.promised_on = row.promised_on - gained if row.promised_on is not None else None
