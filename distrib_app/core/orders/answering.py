"""Verbs of who is asked to serve a part from its own stock (代发): accept, decline."""

from datetime import datetime

from sqlmodel import Session

from ..inventory import release
from ..kernel.access import Actor, unscoped
from ..kernel.db import check_version
from ..kernel.events import emit
from .models import FulfilmentOrder, FulfilmentStatus
from .parting import wait
from .shipping import load_part
from .work import OrderWork, PartWork, drop_shares


def accept_part(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> FulfilmentOrder:
    """Agree to serve a part from one's own stock (代发). Raises like `pick_part`."""
    work, part = load_part(session, actor, number=number, verb="accept")
    check_version(part.part, version, number)
    part.part.status, part.part.answer_until = FulfilmentStatus.ALLOCATED, None
    return _answered(session, actor, work, part, "order.part_accepted", now=now)


def decline_part(
    session: Session,
    actor: Actor,
    *,
    number: str,
    reason: str = "",
    version: int | None = None,
    now: datetime,
) -> FulfilmentOrder:
    """Refuse to serve a part from one's own stock: it is free again, the part waits for the seller.

    Raises like `pick_part`.
    """
    work, part = load_part(session, actor, number=number, verb="decline")
    check_version(part.part, version, number)
    with unscoped(session, "the seller's promise is taken back where it was made"):
        drop_shares(session, [part])
        release(session, placements=part.placements(), cause=work.order.number, now=now)
    for line in part.lines:
        line.reserved_qty, line.fee_amount = 0, 0
    wait(work, part.part)
    return _answered(session, actor, work, part, "order.part_declined", now=now, reason=reason[:200])


def _answered(
    session: Session,
    actor: Actor,
    work: OrderWork,
    part: PartWork,
    kind: str,
    *,
    now: datetime,
    **facts: str,
) -> FulfilmentOrder:
    work.follow_parts()
    session.flush()
    emit(session, actor, kind, subject=("order", work.order.number), now=now, part=part.part.number, **facts)
    return part.part
