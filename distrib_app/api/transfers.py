"""Transfers over REST: ask for them, answer, pick, ship, receive, call off, settle."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.inventory import (
    MAX_QTY,
    ArrivedLine,
    CancelOutcome,
    CycleFigures,
    LocationRow,
    ShortReason,
    Transfer,
    TransferDetail,
    TransferRow,
    approve_transfer,
    cancel_transfer,
    get_transfer,
    list_transfer_places,
    list_transfers,
    pick_transfer,
    receive_transfer,
    reject_transfer,
    request_transfer,
    settle_transfer,
    ship_transfer,
    transfer_cycle,
)
from ..core.kernel.access import Actor, Permission
from ..core.kernel.listing import Listing, ListQuery
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
    Key,
    PeriodDep,
    Search,
    SortQuery,
    Text,
    WindowDep,
    list_json,
    page_json,
    row_json,
    step_json,
    today,
)
from .orders_json import actions_json
from .schemas import TEXT, array_of, asks, list_of, object_of, or_null, row_of
from .steps import Dispatch, ReasonedStep, Step, WantedLine, take_step

router = APIRouter(tags=["inventory"])

TRANSFER_ROW = row_of("TransferRow", TransferRow)
TRANSFER = row_of(
    "Transfer",
    TransferDetail,
    actions=array_of(object_of(verb=TEXT, label=TEXT, reason=or_null(TEXT))),
)
PLACE = row_of("TransferPlace", LocationRow)
CYCLE = row_of("TransferCycle", CycleFigures)

Some = Annotated[int, Field(ge=0, le=MAX_QTY)]


class NewTransfer(Body):
    """What is asked for, from which place to which."""

    from_location: Code
    to_location: Code
    lines: Annotated[list[WantedLine], Field(min_length=1, max_length=MAX_LINES)]
    note: Text = ""


class Refusal(Body):
    """Why not."""

    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN)]


class Arrived(Body):
    """What came in of a line; what did not needs a reason."""

    line_no: Annotated[int, Field(ge=1, le=MAX_LINES)]
    received_qty: Some
    short_qty: Some = 0
    short_reason: Annotated[str, Field(json_schema_extra={"enum": ["", *ShortReason]})] = ""


class Arrival(Step):
    """What came in, and who signed for it."""

    lines: Annotated[list[Arrived], Field(min_length=1, max_length=MAX_LINES)]
    signed_by: Annotated[str, Field(min_length=1, max_length=60, pattern=PLAIN)]


class CallOff(ReasonedStep):
    """On the road it takes an outcome: `restore` or `write_off`."""

    outcome: Annotated[str, Field(json_schema_extra={"enum": ["", *CancelOutcome]})] = ""


@router.get("/transfers", openapi_extra=asks(Permission.STOCK_READ, answers=list_of(TRANSFER_ROW)))
async def read_transfers(
    caller: CallerDep,
    window: WindowDep,
    status: CodesQuery,
    state: CodesQuery,
    giver: CodesQuery,
    taker: CodesQuery,
    search: Search = "",
    role: CodeQuery = "",
    sort: SortQuery = "",
) -> Json:
    """Transfers within scope, the newest first; `state` is open, road, late or short, `role` in or out."""
    query = window.query(
        search=search, sort=sort, status=status, state=state, role=role, giver=giver, taker=taker
    )
    page = await caller.read(allowed(Permission.STOCK_READ, _list), query=query)
    return page_json(page, window)


def _list(session: Session, *, query: ListQuery) -> Listing[TransferRow]:
    return list_transfers(session, today=today(session), query=query)


@router.post("/transfers", status_code=201, openapi_extra=asks(Permission.STOCK_WRITE, answers=TRANSFER))
async def request(caller: CallerDep, body: NewTransfer, key: Key) -> Json:
    """Ask for goods to go from one place to another; between two owners the other one decides."""
    lines: dict[str, int] = {}
    for line in body.lines:
        lines[line.sku] = lines.get(line.sku, 0) + line.qty
    return await caller.write(
        shown(request_transfer, _show(caller.language)),
        from_code=body.from_location,
        to_code=body.to_location,
        lines=lines,
        note=body.note,
        idempotency_key=key,
    )


@router.get("/transfers/places", openapi_extra=asks(Permission.STOCK_READ, answers=list_of(PLACE)))
async def read_transfer_places(caller: CallerDep, window: WindowDep) -> Json:
    """The places one may ask for a transfer from or to."""
    return list_json(await caller.read(list_transfer_places), window)


@router.get("/transfers/cycle", openapi_extra=asks(Permission.STOCK_READ, answers=CYCLE))
async def read_transfer_cycle(caller: CallerDep, period: PeriodDep) -> Json:
    """How long transfers received in a period took from the request on: medians in seconds."""
    return row_json(await caller.read(allowed(Permission.STOCK_READ, transfer_cycle), period=period))


@router.get("/transfers/{number}", openapi_extra=asks(Permission.STOCK_READ, answers=TRANSFER))
async def read_transfer(caller: CallerDep, number: CodePath) -> Json:
    """One transfer with its lines, shipment, settlement, and what the caller can do next."""
    return await caller.read(_read, number=number, language=caller.language)


def _read(session: Session, actor: Actor, *, number: str, language: str) -> Json:
    actor.require(Permission.STOCK_READ)
    return _transfer_json(get_transfer(session, actor, number=number), language)


@router.post("/transfers/{number}/approve", openapi_extra=asks(Permission.STOCK_WRITE, answers=TRANSFER))
async def approve(caller: CallerDep, number: CodePath) -> Json:
    """Agree to a transfer one was asked for: the goods are reserved."""
    return await caller.write(shown(approve_transfer, _show(caller.language)), number=number)


@router.post("/transfers/{number}/reject", openapi_extra=asks(Permission.STOCK_WRITE, answers=TRANSFER))
async def reject(caller: CallerDep, number: CodePath, body: Refusal) -> Json:
    """Say no to a transfer one was asked for."""
    show = _show(caller.language)
    return await caller.write(shown(reject_transfer, show), number=number, reason=body.reason)


@router.post("/transfers/{number}/pick", openapi_extra=asks(Permission.STOCK_WRITE, answers=TRANSFER))
async def pick(caller: CallerDep, number: CodePath, body: Step) -> Json:
    """Say that the goods lie ready."""
    return await take_step(caller, pick_transfer, _show, number, body)


@router.post("/transfers/{number}/ship", openapi_extra=asks(Permission.STOCK_WRITE, answers=TRANSFER))
async def ship(caller: CallerDep, number: CodePath, body: Dispatch) -> Json:
    """Send the goods on their way; the freight of the lane is frozen."""
    return await take_step(caller, ship_transfer, _show, number, body)


@router.post("/transfers/{number}/receive", openapi_extra=asks(Permission.STOCK_WRITE, answers=TRANSFER))
async def receive(caller: CallerDep, number: CodePath, body: Arrival) -> Json:
    """Say what came in and what was short; in one go or several."""
    return await caller.write(
        shown(receive_transfer, _show(caller.language)),
        number=number,
        lines=[
            ArrivedLine(line.line_no, line.received_qty, line.short_qty, line.short_reason)
            for line in body.lines
        ],
        signed_by=body.signed_by,
        version=body.version,
    )


@router.post("/transfers/{number}/cancel", openapi_extra=asks(Permission.STOCK_WRITE, answers=TRANSFER))
async def cancel(caller: CallerDep, number: CodePath, body: CallOff) -> Json:
    """Call a transfer off, also on the road."""
    return await take_step(caller, cancel_transfer, _show, number, body)


@router.post("/transfers/{number}/settle", openapi_extra=asks(Permission.STOCK_WRITE, answers=TRANSFER))
async def settle(caller: CallerDep, number: CodePath, body: Step) -> Json:
    """Close a transfer that came in short: what was received is invoiced."""
    return await take_step(caller, settle_transfer, _show, number, body)


def _show(language: str) -> Any:
    def show(session: Session, transfer: Transfer) -> Json:
        actor: Actor = session.info["actor"]
        return _transfer_json(get_transfer(session, actor, number=transfer.number), language)

    return show


def _transfer_json(found: TransferDetail, language: str) -> Json:
    shown_apart = ("lines", "shipment", "actions")
    shipment = None
    if found.shipment is not None:
        shipment = row_json(found.shipment, currency=found.shipment.currency) | {
            "freight_steps": [step_json(step, language) for step in found.shipment.freight_steps]
        }
    return row_json(found, omit=shown_apart, currency=found.currency) | {
        "lines": [
            row_json(line, currency=found.currency)
            | {"steps": [step_json(step, language) for step in line.steps]}
            for line in found.lines
        ],
        "shipment": shipment,
        "actions": actions_json(found.actions, language),
    }
