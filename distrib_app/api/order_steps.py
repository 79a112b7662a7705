"""What is done with an order step by step over REST: reserve, hurry, make, ship, confirm, cancel."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.inventory import Shipment
from ..core.kernel.access import Permission
from ..core.orders import (
    SalesOrder,
    allocate_order,
    cancel_order,
    complete_order,
    deliver_order,
    get_order,
    mark_urgent,
    prioritise_order,
    release_order,
    request_production,
    ship_order,
    unmark_urgent,
)
from .caller import CallerDep, shown
from .models import PLAIN, CodePath, Json, Signing
from .orders_json import order_detail_json
from .schemas import asks
from .shapes import ORDER_DETAIL
from .steps import Dispatch, ReasonedStep, Step, take_step

router = APIRouter(tags=["orders"])


class Urgent(Step):
    """Why it goes first."""

    reason: Annotated[str, Field(min_length=1, max_length=60, pattern=PLAIN)]


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


def _show(language: str) -> Any:
    def show(session: Session, order: SalesOrder) -> Json:
        return order_detail_json(get_order(session, order.number), language)

    return show
