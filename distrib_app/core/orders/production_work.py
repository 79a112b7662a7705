"""A production request under work: its lifecycle, its order, its lines, and what is said of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..inventory import Location
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.db import get_by, row_id
from ..kernel.errors import InvalidError, NotFoundError, msg
from ..kernel.events import emit
from ..kernel.lifecycle import Lifecycle, Transition
from .errors import NotYourOrderError
from .models import FulfilmentOrder, SalesOrder
from .parties import find_party
from .production_models import ProductionLine, ProductionRequest, ProductionStatus
from .sourcing import Wanted, sources_at
from .work import OrderWork, PartWork, read_work

_OPEN = frozenset({ProductionStatus.OPEN.value})
_PLANNED = frozenset({ProductionStatus.PLANNED.value})
_STARTED = frozenset({ProductionStatus.IN_PRODUCTION.value})

PRODUCTION = Lifecycle(
    "production request",
    (
        Transition("plan", _OPEN | _PLANNED, ProductionStatus.PLANNED, Permission.ORDERS_FULFIL, msg("Plan")),
        Transition("start", _PLANNED, ProductionStatus.IN_PRODUCTION, Permission.ORDERS_FULFIL, msg("Start")),
        Transition(
            "finish",
            _PLANNED | _STARTED,
            ProductionStatus.FINISHED,
            Permission.ORDERS_FULFIL,
            msg("Finish"),
        ),
        Transition(
            "cancel",
            _OPEN | _PLANNED | _STARTED,
            ProductionStatus.CANCELLED,
            Permission.ORDERS_FULFIL,
            msg("Cancel"),
        ),
    ),
)


def load_request(
    session: Session, actor: Actor, number: str, verb: str
) -> tuple[ProductionRequest, OrderWork | None]:
    """A request with the order behind it, both locked: permission, scope, side, state."""
    actor.require(PRODUCTION.find(verb).permission)
    request = get_by(session, ProductionRequest, "production request", number=number)
    if not (actor.is_system or request.maker_id in actor.partner_ids):
        raise NotYourOrderError(order=number, verb=verb)
    work = None
    with unscoped(session, "the order that waits for what is made"):
        if request.fulfilment_id is not None:
            part = session.get(FulfilmentOrder, request.fulfilment_id)
            if part is None:
                raise NotFoundError(kind="production request", key=number)
            order = session.get_one(SalesOrder, part.order_id, with_for_update=True, populate_existing=True)
            work = read_work(session, order)
        session.refresh(request, with_for_update=True)
    PRODUCTION.check(actor, verb, state=request.status, document=None, key=number)
    return request, work


def part_of(request: ProductionRequest, work: OrderWork | None) -> PartWork | None:
    """The part that waits for a request; None where none does any more."""
    if work is None:
        return None
    return next((part for part in work.parts if part.part.id == request.fulfilment_id), None)


def own_place(session: Session, request: ProductionRequest, code: str) -> Location:
    """A place of the maker. Raises `NotFoundError` for any other."""
    place = get_by(session, Location, "location", code=code)
    if place.partner_id != request.maker_id:
        raise NotFoundError(kind="location", key=code)
    return place


def needs_of(work: OrderWork, part: PartWork) -> dict[int, int]:
    """What a part waits for, by SKU id."""
    needs: dict[int, int] = {}
    for line in part.lines:
        if work.lacks(part, line):
            needs[line.sku_id] = needs.get(line.sku_id, 0) + line.qty
    return needs


def lines_of(session: Session, request: ProductionRequest) -> dict[str, ProductionLine]:
    """What a request is to make, by SKU code."""
    rows = session.exec(
        select(Sku.code, ProductionLine)
        .join(Sku, col(Sku.id) == col(ProductionLine.sku_id))
        .where(ProductionLine.request_id == row_id(request))
        .order_by(col(Sku.id))
    ).all()
    return dict(rows)


def check_made(lines: dict[str, ProductionLine], skus: Sequence[str], *, field: str) -> None:
    """Raise `InvalidError` where what is named is no line of the request, or is named twice."""
    wrong = sorted({sku for sku in skus if sku not in lines or skus.count(sku) > 1})
    if wrong:
        raise InvalidError(field=field, reason=", ".join(wrong))


def way_to_buyer(session: Session, work: OrderWork, place: Location, now: datetime) -> timedelta:
    """How long goods travel from a place to the buyer."""
    buyer = find_party(session, work.order.buyer_id)
    wanted = Wanted(
        seller_id=work.order.seller_id,
        seller_kind=work.seller.kind,
        supplier_id=None,
        buyer_id=work.order.buyer_id,
        region_path=buyer.region_path,
        currency=work.order.currency,
        qtys={},
        codes={},
        goods={},
        is_urgent=bool(work.order.urgency),
    )
    [source] = sources_at(session, wanted, {row_id(place): {}}, now=now)
    return source.route.arrives_on - source.route.ready_on


def say(
    session: Session,
    actor: Actor,
    kind: str,
    request: ProductionRequest,
    work: OrderWork | None,
    now: datetime,
    **facts: str,
) -> None:
    """The request remembers, and the order it is for."""
    promised = request.promised_on.isoformat() if request.promised_on else "–"
    told = {"number": request.number, "part": request.part_number, "promised_on": promised} | facts
    emit(session, actor, kind, subject=("production", request.number), now=now, **told)
    if work is not None:
        emit(session, actor, kind, subject=("order", work.order.number), now=now, **told)
