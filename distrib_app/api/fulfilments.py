"""Parts of orders over REST: list them, answer for them, pick, ship together, confirm their delivery."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.channels import get_network
from ..core.inventory import Shipment, get_shipment
from ..core.kernel.access import Permission
from ..core.kernel.clock import business_day, utc_now
from ..core.kernel.listing import Listing, ListQuery
from ..core.orders import (
    FulfilmentOrder,
    PartListRow,
    accept_part,
    decline_part,
    deliver_part,
    get_part,
    list_parts,
    pick_part,
    ship_parts,
)
from ..gate import allowed
from .caller import CallerDep, shown
from .models import (
    MAX_LINES,
    PLAIN,
    Body,
    Code,
    CodePath,
    CodeQuery,
    CodesQuery,
    Json,
    Search,
    Signing,
    SortQuery,
    Text,
    Version,
    WindowDep,
    page_json,
    row_json,
)
from .orders_json import part_json
from .schemas import asks, list_of
from .shapes import PART, PART_ROW, SHIPMENT

router = APIRouter(tags=["orders"])

Short = Annotated[str, Field(max_length=60, pattern=PLAIN)]


class PartStep(Body):
    """A step that says no more than which version of the part it was decided on."""

    version: Version | None = None


class Decline(PartStep):
    """Why it is declined."""

    reason: Text = ""


class Together(Body):
    """Parts that leave as one shipment, and who carries it."""

    numbers: Annotated[list[Code], Field(min_length=1, max_length=MAX_LINES)]
    carrier: Short = ""
    waybill: Short = ""


@router.get("/fulfilments", openapi_extra=asks(Permission.ORDERS_READ, answers=list_of(PART_ROW)))
async def read_parts(
    caller: CallerDep,
    window: WindowDep,
    status: CodesQuery,
    mode: CodesQuery,
    place: CodesQuery,
    state: CodesQuery,
    buyer: CodesQuery,
    search: Search = "",
    role: CodeQuery = "",
    sort: SortQuery = "due",
) -> Json:
    """Parts of orders within scope, urgent ones first, then what was promised first."""
    query = window.query(
        search=search, sort=sort, status=status, mode=mode, place=place, state=state, buyer=buyer, role=role
    )
    page = await caller.read(allowed(Permission.ORDERS_READ, _list), query=query)
    return page_json(page, window, row_json)


def _list(session: Session, *, query: ListQuery) -> Listing[PartListRow]:
    today = business_day(utc_now(), get_network(session).zone)
    return list_parts(session, today=today, query=query)


@router.post("/fulfilments/{number}/accept", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=PART))
async def accept(caller: CallerDep, number: CodePath, body: PartStep) -> Json:
    """Agree to serve a part from one's own stock."""
    return await caller.write(shown(accept_part, _show(caller.language)), number=number, version=body.version)


@router.post("/fulfilments/{number}/decline", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=PART))
async def decline(caller: CallerDep, number: CodePath, body: Decline) -> Json:
    """Refuse to serve a part from one's own stock; it waits for the seller again."""
    return await caller.write(
        shown(decline_part, _show(caller.language)), number=number, reason=body.reason, version=body.version
    )


@router.post("/fulfilments/{number}/pick", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=PART))
async def pick(caller: CallerDep, number: CodePath, body: PartStep) -> Json:
    """Say that a part has been picked."""
    return await caller.write(shown(pick_part, _show(caller.language)), number=number, version=body.version)


@router.post(
    "/fulfilments/{number}/deliver",
    openapi_extra=asks(Permission.ORDERS_FULFIL, Permission.ORDERS_RECEIVE, answers=PART),
)
async def deliver_part_of_order(caller: CallerDep, number: CodePath, body: Signing) -> Json:
    """Confirm that a part arrived, but for what is missing of it, with all that shared its shipment."""
    return await caller.write(shown(deliver_part, _show(caller.language)), number=number, **body.facts())


@router.post("/shipments", status_code=201, openapi_extra=asks(Permission.ORDERS_FULFIL, answers=SHIPMENT))
async def ship_together(caller: CallerDep, body: Together) -> Json:
    """Ship parts of one or more orders together: one owner, one place, one receiver."""

    def show(session: Session, shipment: Shipment) -> Json:
        return row_json(get_shipment(session, shipment.number))

    return await caller.write(
        shown(ship_parts, show), numbers=body.numbers, carrier=body.carrier, waybill=body.waybill
    )


@router.get("/shipments/{number}", openapi_extra=asks(Permission.ORDERS_READ, answers=SHIPMENT))
async def read_shipment(caller: CallerDep, number: CodePath) -> Json:
    """One shipment with what is in it and the documents it serves."""
    return row_json(await caller.read(allowed(Permission.ORDERS_READ, get_shipment), number))


def _show(language: str) -> Any:
    def show(session: Session, part: FulfilmentOrder) -> Json:
        currency, row = get_part(session, part.number)
        return part_json(row, currency, language)

    return show
