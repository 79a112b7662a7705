"""Orders over REST: quote, place, work on, take back."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.channels import get_network
from ..core.inventory import Shipment
from ..core.kernel.access import Permission
from ..core.kernel.clock import Period, day_start, utc_now
from ..core.kernel.listing import Listing, ListQuery
from ..core.orders import (
    LineRequest,
    OrderRow,
    PlacedOrder,
    SalesOrder,
    SalesReturn,
    allocate_order,
    cancel_order,
    complete_order,
    deliver_order,
    get_order,
    list_orders,
    mark_urgent,
    place_order,
    prioritise_order,
    quote_order,
    release_order,
    request_production,
    request_return,
    return_goods,
    ship_order,
    unmark_urgent,
)
from ..core.workbench import Task
from ..gate import allowed
from .caller import CallerDep, shown
from .models import (
    MAX_INT,
    MAX_LINES,
    PLAIN,
    Body,
    Code,
    CodePath,
    CodeQuery,
    CodesQuery,
    Json,
    Key,
    PeriodDep,
    Qty,
    Search,
    Signing,
    SortQuery,
    Text,
    WindowDep,
    page_json,
    row_json,
)
from .orders_json import order_detail_json, order_json, quote_json, return_json
from .schemas import asks, list_of
from .shapes import ORDER, ORDER_DETAIL, ORDER_PLACED, QUOTE, RETURN_ASKED, RETURN_MADE
from .steps import Dispatch, ReasonedStep, Step, WantedLine, take_step

router = APIRouter(tags=["orders"])


class Wanted(Body):
    """What a buyer (a company of the caller) wants of a seller."""

    seller: Code
    buyer: Code
    lines: Annotated[list[WantedLine], Field(min_length=1, max_length=MAX_LINES)]
    requested_on: date | None = None

    def requests(self) -> list[LineRequest]:
        """The lines as core takes them."""
        return [LineRequest(line.sku, line.qty) for line in self.lines]


class Urgent(Step):
    """Why it goes first."""

    reason: Annotated[str, Field(min_length=1, max_length=60, pattern=PLAIN)]


class ReturnedLine(Body):
    """A quantity of a line of the order."""

    line_no: Annotated[int, Field(ge=1, le=MAX_INT)]
    qty: Qty


class GoodsReturn(Body):
    """What comes back."""

    lines: Annotated[list[ReturnedLine], Field(min_length=1, max_length=MAX_LINES)]
    reason: Text = ""


@router.post("/orders/quote", openapi_extra=asks(Permission.ORDERS_PLACE, answers=QUOTE))
async def quote(caller: CallerDep, body: Wanted) -> Json:
    """Price an order as it would be placed now, with every reason that speaks against it."""
    found = await caller.read(
        quote_order,
        buyer_code=body.buyer,
        seller_code=body.seller,
        lines=body.requests(),
        requested_on=body.requested_on,
        now=utc_now(),
    )
    return quote_json(found, caller.language)


@router.post("/orders", status_code=201, openapi_extra=asks(Permission.ORDERS_PLACE, answers=ORDER_PLACED))
async def place(caller: CallerDep, key: Key, body: Wanted) -> Json:
    """Place an order; the same key again answers the first one."""
    return await caller.write(
        shown(place_order, _placed),
        buyer_code=body.buyer,
        seller_code=body.seller,
        lines=body.requests(),
        requested_on=body.requested_on,
        idempotency_key=key,
    )


@router.get("/orders", openapi_extra=asks(Permission.ORDERS_READ, answers=list_of(ORDER)))
async def read_orders(
    caller: CallerDep,
    window: WindowDep,
    period: PeriodDep,
    status: CodesQuery,
    state: CodesQuery,
    seller: CodesQuery,
    buyer: CodesQuery,
    search: Search = "",
    role: CodeQuery = "",
    sort: SortQuery = "-placed_at",
) -> Json:
    """Orders within scope, newest first; `role` (buyer, seller) keeps those the caller's own company has."""
    query = window.query(
        search=search, sort=sort, status=status, state=state, role=role, seller=seller, buyer=buyer
    )
    page = await caller.read(allowed(Permission.ORDERS_READ, _list), period=period, query=query)
    return page_json(page, window, order_json)


def _list(session: Session, *, period: Period | None, query: ListQuery) -> Listing[OrderRow]:
    """Orders placed on the days of `period` in the network's zone."""
    zone = get_network(session).zone
    return list_orders(
        session,
        placed_from=day_start(period.start, zone) if period else None,
        placed_to=day_start(period.end, zone) if period else None,
        query=query,
    )


@router.get("/orders/{number}", openapi_extra=asks(Permission.ORDERS_READ, answers=ORDER_DETAIL))
async def read_order(caller: CallerDep, number: CodePath) -> Json:
    """One order with lines, shipments, returns, history and what the caller can do next."""
    detail = await caller.read(allowed(Permission.ORDERS_READ, get_order), number)
    return order_detail_json(detail, caller.language)


@router.post("/orders/{number}/allocate", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=ORDER_DETAIL))
async def allocate(caller: CallerDep, number: CodePath, body: Step) -> Json:
    """Reserve what is still missing, as far as stock allows."""
    return await take_step(caller, allocate_order, _show, number, body)


@router.post(
    "/orders/{number}/mark-urgent", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=ORDER_DETAIL)
)
async def put_first(caller: CallerDep, number: CodePath, body: Urgent) -> Json:
    """Let an open order go first; the times of its parts become tighter."""
    return await take_step(caller, mark_urgent, _show, number, body)


@router.post(
    "/orders/{number}/unmark-urgent", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=ORDER_DETAIL)
)
async def put_back(caller: CallerDep, number: CodePath, body: Step) -> Json:
    """Take away what was marked by hand."""
    return await take_step(caller, unmark_urgent, _show, number, body)


@router.post(
    "/orders/{number}/prioritise", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=ORDER_DETAIL)
)
async def prioritise(caller: CallerDep, number: CodePath, body: Step) -> Json:
    """Serve what an urgent order lacks from stock that others wait for."""
    return await take_step(caller, prioritise_order, _show, number, body)


@router.post("/orders/{number}/produce", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=ORDER_DETAIL))
async def produce(caller: CallerDep, number: CodePath, body: Step) -> Json:
    """Have the brand make what the order still waits for."""
    return await take_step(caller, request_production, _show, number, body)


@router.post("/orders/{number}/release", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=ORDER_DETAIL))
async def release(caller: CallerDep, number: CodePath, body: Step) -> Json:
    """Let a held order go on, if nothing speaks against it any more."""
    return await take_step(caller, release_order, _show, number, body)


@router.post(
    "/orders/{number}/complete",
    openapi_extra=asks(Permission.ORDERS_FULFIL, Permission.ORDERS_RECEIVE, answers=ORDER_DETAIL),
)
async def complete(caller: CallerDep, number: CodePath, body: Step) -> Json:
    """Close a delivered order."""
    return await take_step(caller, complete_order, _show, number, body)


@router.post("/orders/{number}/ship", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=ORDER_DETAIL))
async def ship(caller: CallerDep, number: CodePath, body: Dispatch) -> Json:
    """Ship everything that is ready at the seller's own places."""

    def show(session: Session, _shipments: list[Shipment]) -> Json:
        return order_detail_json(get_order(session, number), caller.language)

    return await caller.write(
        shown(ship_order, show),
        number=number,
        **body.facts(),
    )


@router.post(
    "/orders/{number}/deliver",
    openapi_extra=asks(Permission.ORDERS_FULFIL, Permission.ORDERS_RECEIVE, answers=ORDER_DETAIL),
)
async def deliver(caller: CallerDep, number: CodePath, body: Signing) -> Json:
    """Confirm the delivery, but for what did not arrive."""
    return await caller.write(shown(deliver_order, _show(caller.language)), number=number, **body.facts())


@router.post(
    "/orders/{number}/cancel",
    openapi_extra=asks(Permission.ORDERS_FULFIL, Permission.ORDERS_PLACE, answers=ORDER_DETAIL),
)
async def cancel(caller: CallerDep, number: CodePath, body: ReasonedStep) -> Json:
    """Cancel an order that has not been shipped."""
    return await take_step(caller, cancel_order, _show, number, body)


@router.post(
    "/orders/{number}/returns",
    status_code=201,
    openapi_extra=asks(Permission.ORDERS_FULFIL, answers=RETURN_MADE),
)
async def take_back(caller: CallerDep, number: CodePath, key: Key, body: GoodsReturn) -> Json:
    """Take goods back; the same key again answers the first return."""

    def show(session: Session, document: SalesReturn) -> Json:
        detail = get_order(session, number)
        row = next(row for row in detail.returns if row.number == document.number)
        return {"order": number, "currency": detail.currency} | return_json(row, detail.currency)

    return await caller.write(
        shown(return_goods, show),
        number=number,
        lines=[(line.line_no, line.qty) for line in body.lines],
        reason=body.reason,
        idempotency_key=key,
    )


@router.post(
    "/orders/{number}/return-requests",
    status_code=201,
    openapi_extra=asks(Permission.ORDERS_RECEIVE, answers=RETURN_ASKED),
)
async def ask_return(caller: CallerDep, number: CodePath, body: GoodsReturn) -> Json:
    """Ask the seller to take goods of a delivered order back; the task says what became of it."""

    def show(_session: Session, task: Task) -> Json:
        return {"order": number, "task_number": task.number, "status": task.status}

    return await caller.write(
        shown(request_return, show),
        number=number,
        lines=[(line.line_no, line.qty) for line in body.lines],
        reason=body.reason,
    )


def _placed(_session: Session, order: PlacedOrder) -> Json:
    return row_json(order, currency=order.currency)


def _show(language: str) -> Any:
    def show(session: Session, order: SalesOrder) -> Json:
        return order_detail_json(get_order(session, order.number), language)

    return show
