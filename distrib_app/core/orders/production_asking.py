"""What orders wait for is asked for at the brand: its own goods, and those it delivers for sellers."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlmodel import Session

from ..channels import PartnerKind, get_network
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.numbers import next_number
from .errors import OrderRefusedError
from .models import FulfilmentStatus, SalesOrder
from .production_models import ProductionLine, ProductionRequest
from .production_work import needs_of, say
from .supplied_parts import check_supply, find_supply, give_supply
from .supplying import Supply
from .work import OrderWork, PartWork, advance, load_work


def ask_production(session: Session, actor: Actor, work: OrderWork, *, now: datetime) -> list[str]:
    """What an order waits for is made by the brand: a request per waiting part; their numbers.

    The brand also makes what it would deliver for another seller: the seller buys it at its own price of
    today, which takes its credit. Where it has no such price or credit, the part goes on waiting for its
    seller. Callers run inside `unscoped`.
    """
    day = business_day(now, get_network(session).zone)
    numbers = []
    for part in work.lacking():
        if part.part.status != FulfilmentStatus.WAITING:
            continue
        supply = None
        if work.seller.kind != PartnerKind.BRAND:
            try:
                supply = find_supply(session, work, part, day=day)
            except OrderRefusedError:
                continue
            if supply is None:
                continue
        numbers.append(_ask(session, actor, work, part, supply, day=day, now=now))
    if numbers:
        work.follow_parts()
        session.flush()
    return numbers


def request_production(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> SalesOrder:
    """Have the brand make what an order still waits for (the seller's side).

    Raises `TransitionError`, `StaleError`, `NotFoundError`, `NotYourOrderError`, `OrderRefusedError` where
    the seller has no price for itself or no credit with the brand.
    """
    work = load_work(session, actor, number=number, verb="produce")
    advance(actor, work, verb="produce", version=version)
    with unscoped(session, "what an order waits for is made by the brand"):
        if not ask_production(session, actor, work, now=now):
            check_supply(session, work, day=business_day(now, get_network(session).zone))
    return work.order


def _ask(
    session: Session,
    actor: Actor,
    work: OrderWork,
    part: PartWork,
    supply: Supply | None,
    *,
    day: date,
    now: datetime,
) -> str:
    needs: Mapping[int, int] = needs_of(work, part)
    if supply is not None:
        give_supply(session, work, part, supply, now=now)
    request = ProductionRequest(
        number=next_number(session, "MO", day),
        maker_id=part.part.owner_id,
        maker_path=part.part.owner_path,
        fulfilment_id=row_id(part.part),
        part_number=part.part.number,
        is_urgent=part.part.is_urgent,
        wanted_on=work.order.requested_on,
        asked_at=now,
    )
    session.add(request)
    session.flush()
    for sku_id, qty in needs.items():
        session.add(ProductionLine(request_id=row_id(request), sku_id=sku_id, qty=qty))
    part.part.status = FulfilmentStatus.IN_PRODUCTION
    say(session, actor, "production.asked", request, work, now)
    return request.number
