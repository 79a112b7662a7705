"""Orders over REST: quote, place, look at, take back."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.channels import get_network
from ..core.kernel.access import Permission
from ..core.kernel.clock import Period, day_start, utc_now
from ..core.kernel.listing import Listing, ListQuery
from ..core.orders import (
    LineRequest,
    OrderRow,
    PlacedOrder,
    SalesReturn,
    get_order,
    list_orders,
    place_order,
    quote_order,
    request_return,
    return_goods,
)
from ..core.workbench import Task
from ..gate import allowed
from .caller import CallerDep, shown
from .models import (
    MAX_INT,
    MAX_LINES,
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
    SortQuery,
    Text,
    WindowDep,
    page_json,
    row_json,
)
from .orders_json import order_detail_json, order_json, quote_json, return_json
from .schemas import asks, list_of
from .shapes import ORDER, ORDER_DETAIL, ORDER_PLACED, QUOTE, RETURN_ASKED, RETURN_MADE
from .steps import WantedLine

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
