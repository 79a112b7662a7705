"""Production requests over REST: the board, plan, start, finish, cancel."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.kernel.access import Permission
from ..core.kernel.listing import Listing, ListQuery
from ..core.orders import (
    MadeGoods,
    ProductionRequest,
    ProductionRow,
    cancel_production,
    finish_production,
    get_production,
    list_production,
    plan_production,
    start_production,
    week_loads,
)
from ..gate import allowed
from .caller import CallerDep, shown
from .models import (
    MAX_LINES,
    PLAIN,
    Body,
    Code,
    CodePath,
    CodesQuery,
    Day,
    Json,
    Price,
    Search,
    SortQuery,
    WindowDep,
    page_json,
    row_json,
    today,
)
from .orders_json import actions_json
from .schemas import DAY, NUMBER, Named, array_of, asks, list_of, object_of
from .shapes import PRODUCTION
from .steps import ReasonedStep, Step, take_step

router = APIRouter(tags=["orders"])

WEEKS = Named("ProductionWeeks", object_of(weeks=array_of(object_of(monday=DAY, qty=NUMBER))))


class PlannedCost(Body):
    """What a unit of a SKU is planned to cost, without tax."""

    sku: Code
    unit_cost: Price


class ProductionPlan(Step):
    """When the goods are to be ready, where they come in, and what they are planned to cost."""

    promised_on: Day
    location: Code
    costs: Annotated[list[PlannedCost], Field(max_length=MAX_LINES, default_factory=list)]


class Made(Body):
    """How a SKU came out: what a unit cost without tax (none: as planned), and its lot if it has lots."""

    sku: Code
    unit_cost: Price | None = None
    lot_code: Annotated[str, Field(max_length=40, pattern=PLAIN)] = ""
    expires_on: Day | None = None

    def cost(self) -> Decimal | None:
        """The cost as core takes it."""
        return None if self.unit_cost is None else Decimal(self.unit_cost)


class ProductionEnd(Step):
    """The goods have come in; what is not named came out as planned."""

    made: Annotated[list[Made], Field(max_length=MAX_LINES, default_factory=list)]


@router.get("/production", openapi_extra=asks(Permission.ORDERS_READ, answers=list_of(PRODUCTION)))
async def read_production(
    caller: CallerDep,
    window: WindowDep,
    status: CodesQuery,
    state: CodesQuery,
    search: Search = "",
    sort: SortQuery = "due",
) -> Json:
    """Production requests of one's own, urgent ones first, then what was promised first."""
    query = window.query(search=search, sort=sort, status=status, state=state)
    page = await caller.read(allowed(Permission.ORDERS_READ, _list), query=query)
    return page_json(page, window, lambda row: production_json(row, caller.language))


@router.get("/production-weeks", openapi_extra=asks(Permission.ORDERS_READ, answers=WEEKS))
async def read_weeks(caller: CallerDep) -> Json:
    """How many units are to be ready in this week and the next ones."""
    weeks = await caller.read(allowed(Permission.ORDERS_READ, _weeks))
    return {"weeks": [row_json(week) for week in weeks]}


@router.get("/production/{number}", openapi_extra=asks(Permission.ORDERS_READ, answers=PRODUCTION))
async def read_making(caller: CallerDep, number: CodePath) -> Json:
    """One production request with what can be done next."""
    return production_json(
        await caller.read(allowed(Permission.ORDERS_READ, _one), number=number), caller.language
    )


@router.post("/production/{number}/plan", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=PRODUCTION))
async def plan_making(caller: CallerDep, number: CodePath, body: ProductionPlan) -> Json:
    """Promise a day; the promise of the order's part follows."""
    return await caller.write(
        shown(plan_production, _show(caller.language)),
        number=number,
        promised_on=body.promised_on,
        location_code=body.location,
        unit_costs={one.sku: Decimal(one.unit_cost) for one in body.costs},
        version=body.version,
    )


@router.post("/production/{number}/start", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=PRODUCTION))
async def start_making(caller: CallerDep, number: CodePath, body: Step) -> Json:
    """Say that the goods are being made."""
    return await take_step(caller, start_production, _show, number, body)


@router.post("/production/{number}/finish", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=PRODUCTION))
async def finish_making(caller: CallerDep, number: CodePath, body: ProductionEnd) -> Json:
    """The goods came in; the part that waits for them is allocated."""
    return await caller.write(
        shown(finish_production, _show(caller.language)),
        number=number,
        made=[MadeGoods(one.sku, one.cost(), one.lot_code, one.expires_on) for one in body.made],
        version=body.version,
    )


@router.post("/production/{number}/cancel", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=PRODUCTION))
async def give_making_up(caller: CallerDep, number: CodePath, body: ReasonedStep) -> Json:
    """Give a request up; the part waits again."""
    return await take_step(caller, cancel_production, _show, number, body)


def production_json(row: ProductionRow, language: str) -> Json:
    """A production request as the API answers it."""
    return row_json(row, omit=("lines", "actions")) | {
        "lines": [row_json(line) for line in row.lines],
        "actions": actions_json(row.actions, language),
    }


def _list(session: Session, *, query: ListQuery) -> Listing[ProductionRow]:
    return list_production(session, today=today(session), query=query)


def _one(session: Session, *, number: str) -> ProductionRow:
    return get_production(session, number, today=today(session))


def _weeks(session: Session) -> Any:
    return week_loads(session, today=today(session))


def _show(language: str) -> Any:
    def show(session: Session, request: ProductionRequest) -> Json:
        return production_json(_one(session, number=request.number), language)

    return show
