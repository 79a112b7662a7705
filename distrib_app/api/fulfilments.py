"""Parts of orders over REST: list them, answer for them, pick, ship together, confirm their delivery."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from sqlmodel import Session

from ..core.channels import get_network
from ..core.inventory import Shipment, get_shipment
from ..core.kernel.access import Permission
from ..core.kernel.clock import Period, day_start, utc_now
from ..core.kernel.listing import Listing, ListQuery
from ..core.orders import (
    FulfilmentOrder,
    MergeBenefit,
    MergeGroup,
    PartListRow,
    accept_part,
    decline_part,
    deliver_part,
    feed_choice,
    feed_part,
    get_part,
    list_merge_groups,
    list_parts,
    pick_part,
    read_merge_benefit,
    ship_parts,
)
from ..gate import allowed
from .caller import CallerDep, shown
from .models import (
    MAX_LINES,
    Body,
    Code,
    CodePath,
    CodeQuery,
    CodesQuery,
    Json,
    PeriodDep,
    Search,
    Signing,
    SortQuery,
    WindowDep,
    money,
    page_json,
    row_json,
    step_json,
    today,
)
from .orders_json import part_json
from .schemas import asks, list_of
from .shapes import FEED, MERGE_BENEFIT, MERGE_GROUPS, PART, PART_ROW, SHIPMENT
from .steps import ReasonedStep, Short, Step, take_step

router = APIRouter(tags=["orders"])


class Feeding(Step):
    """From which place the goods are brought."""

    source: Annotated[Code, Field(alias="from")]


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
    return list_parts(session, today=today(session), query=query)


@router.post("/fulfilments/{number}/accept", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=PART))
async def accept(caller: CallerDep, number: CodePath, body: Step) -> Json:
    """Agree to serve a part from one's own stock."""
    return await take_step(caller, accept_part, _show, number, body)


@router.post("/fulfilments/{number}/decline", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=PART))
async def decline(caller: CallerDep, number: CodePath, body: ReasonedStep) -> Json:
    """Refuse to serve a part from one's own stock; it waits for the seller again."""
    return await take_step(caller, decline_part, _show, number, body)


@router.post("/fulfilments/{number}/pick", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=PART))
async def pick(caller: CallerDep, number: CodePath, body: Step) -> Json:
    """Say that a part has been picked."""
    return await take_step(caller, pick_part, _show, number, body)


@router.get("/fulfilments/{number}/feed", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=FEED))
async def read_feed(caller: CallerDep, number: CodePath) -> Json:
    """Where the goods a part waits for could come from, and to which place they would go."""
    return row_json(await caller.read(feed_choice, number=number, now=utc_now()))


@router.post("/fulfilments/{number}/feed", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=PART))
async def feed(caller: CallerDep, number: CodePath, body: Feeding) -> Json:
    """Ask for a transfer of what a part waits for; what arrives is reserved for it."""
    return await caller.write(
        shown(feed_part, _show(caller.language)), number=number, from_code=body.source, version=body.version
    )


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


@router.get(
    "/merge-groups",
    openapi_extra=asks(Permission.ORDERS_FULFIL, answers=MERGE_GROUPS),
)
async def read_merge_groups(caller: CallerDep, hours: Annotated[int, Query(ge=24, le=72)] = 24) -> Json:
    """Open parts of one's own goods that may leave together, the greatest saving first."""
    found = await caller.read(
        allowed(Permission.ORDERS_FULFIL, list_merge_groups), hours=hours, now=utc_now()
    )
    return {"items": [_group_json(group, caller.language) for group in found]}


@router.get("/merge-benefit", openapi_extra=asks(Permission.ORDERS_READ, answers=MERGE_BENEFIT))
async def read_benefit(caller: CallerDep, period: PeriodDep) -> Json:
    """What merged shipments of a period (this month if none is named) paid for freight and saved."""
    benefit = await caller.read(allowed(Permission.ORDERS_READ, _benefit), period=period)
    return row_json(benefit, currency=benefit.currency)


def _benefit(session: Session, *, period: Period | None) -> MergeBenefit:
    network = get_network(session)
    days = period or Period.month(today(session))
    return read_merge_benefit(
        session,
        start=day_start(days.start, network.zone),
        end=day_start(days.end, network.zone),
        currency=network.currency,
    )


def _group_json(group: MergeGroup, language: str) -> Json:
    return row_json(group, omit=("shares", "steps"), currency=group.currency) | {
        "shares": [
            {"number": number, "amount": money(share, group.currency)} for number, share in group.shares
        ],
        "steps": [step_json(step, language) for step in group.steps],
    }


@router.get("/shipments/{number}", openapi_extra=asks(Permission.ORDERS_READ, answers=SHIPMENT))
async def read_shipment(caller: CallerDep, number: CodePath) -> Json:
    """One shipment with what is in it and the documents it serves."""
    return row_json(await caller.read(allowed(Permission.ORDERS_READ, get_shipment), number))


def _show(language: str) -> Any:
    def show(session: Session, part: FulfilmentOrder) -> Json:
        currency, row = get_part(session, part.number)
        return part_json(row, currency, language)

    return show
