"""Planning over REST: water lines and suggestions."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.inventory import (
    MAX_QTY,
    USUAL_SUPPLY,
    WINDOW_DAYS,
    LineCount,
    Suggestion,
    SuggestionDetail,
    SuggestionRow,
    Supply,
    WaterLine,
    WaterLineRow,
    compute_water_lines,
    dismiss_suggestion,
    explain_water_line,
    get_suggestion,
    list_suggestions,
    list_water_lines,
    make_suggestions,
    release_water_lines,
    set_water_lines,
    snooze_suggestion,
)
from ..core.inventory.suggesting import MAX_SNOOZE_DAYS, VALID_DAYS
from ..core.kernel.access import Permission
from ..core.kernel.listing import ListQuery
from ..core.orders import take_up_suggestion
from ..gate import allowed
from .caller import CallerDep, shown
from .models import (
    PLAIN,
    Body,
    CodePath,
    CodesQuery,
    Json,
    Search,
    SortQuery,
    Version,
    WindowDep,
    page_json,
    row_json,
    step_json,
)
from .schemas import NUMBER, STEP, Named, array_of, asks, list_of, object_of, row_of

router = APIRouter(tags=["inventory"])

SUGGESTION = row_of("Suggestion", SuggestionRow)
SUGGESTION_DETAIL = Named(
    "SuggestionDetail",
    object_of(
        **SUGGESTION.schema["properties"],
        inputs={"type": "object", "additionalProperties": {"type": ["integer", "null"]}},
        steps=array_of(STEP),
    ),
)
SUGGESTIONS_MADE = Named(
    "SuggestionsMade",
    object_of(replenish=NUMBER, transfer=NUMBER, clearance=NUMBER, keep=NUMBER),
)
WATER_LINE = row_of("WaterLine", WaterLineRow)
WATER_LINE_DETAIL = Named(
    "WaterLineDetail", object_of(**WATER_LINE.schema["properties"], steps=array_of(STEP))
)
LINES_COMPUTED = row_of("LinesComputed", LineCount)
LineQty = Annotated[int, Field(ge=0, le=MAX_QTY)]
Days = Annotated[int, Field(ge=0, le=365)]


class NewLines(Body):
    """Lines set by hand: safety ≤ warning ≤ maximum."""

    safety_qty: LineQty
    warning_qty: LineQty
    max_qty: LineQty
    version: Version | None = None


class Computation(Body):
    """What lines are computed from; the lead time holds where no lane says another."""

    partner: Annotated[str, Field(max_length=60, pattern=PLAIN)] = ""
    lead_days: Days = USUAL_SUPPLY.lead_milli // 1000
    lead_deviation_days: Days = USUAL_SUPPLY.lead_deviation_milli // 1000
    review_days: Days = USUAL_SUPPLY.review_days
    service_ppm: Annotated[int, Field(ge=500_000, le=999_999)] = USUAL_SUPPLY.service_ppm
    window_days: Annotated[int, Field(ge=1, le=730)] = WINDOW_DAYS


class Making(Body):
    """Whose places are decided: one partner's, or all the caller plans."""

    partner: Annotated[str, Field(max_length=60, pattern=PLAIN)] = ""


class Snooze(Body):
    """For how many days a suggestion sleeps."""

    days: Annotated[int, Field(ge=1, le=MAX_SNOOZE_DAYS)] = VALID_DAYS


@router.get("/suggestions", openapi_extra=asks(Permission.STOCK_READ, answers=list_of(SUGGESTION)))
async def read_suggestions(
    caller: CallerDep,
    window: WindowDep,
    kind: CodesQuery,
    status: CodesQuery,
    urgency: CodesQuery,
    partner: CodesQuery,
    location: CodesQuery,
    sku: CodesQuery,
    search: Search = "",
    sort: SortQuery = "",
) -> Json:
    """What is suggested, urgent ones first; without a status those that are not over."""
    query = window.query(
        search=search,
        sort=sort,
        kind=kind,
        status=status,
        urgency=urgency,
        partner=partner,
        location=location,
        sku=sku,
    )
    page = await caller.read(allowed(Permission.STOCK_READ, list_suggestions), query=query)
    return page_json(page, window)


@router.post(
    "/suggestions", status_code=201, openapi_extra=asks(Permission.STOCK_WRITE, answers=SUGGESTIONS_MADE)
)
async def make(caller: CallerDep, body: Making) -> Json:
    """Decide every order point that today has not answered; how many of each kind came out."""
    return await caller.write(make_suggestions, partner_code=body.partner)


@router.get("/suggestions/{number}", openapi_extra=asks(Permission.STOCK_READ, answers=SUGGESTION_DETAIL))
async def read_suggestion(caller: CallerDep, number: CodePath) -> Json:
    """A suggestion with the quantities it was decided on and its steps."""
    found = await caller.read(allowed(Permission.STOCK_READ, get_suggestion), number=number)
    return _suggestion_json(found, caller.language)


@router.post(
    "/suggestions/{number}/snooze", openapi_extra=asks(Permission.STOCK_WRITE, answers=SUGGESTION_DETAIL)
)
async def snooze(caller: CallerDep, number: CodePath, body: Snooze) -> Json:
    """Let a suggestion of one's own place sleep."""
    show = _show_suggestion(caller.language)
    return await caller.write(shown(snooze_suggestion, show), number=number, days=body.days)


@router.post(
    "/suggestions/{number}/accept",
    openapi_extra=asks(Permission.STOCK_WRITE, answers=SUGGESTION_DETAIL),
)
async def accept(caller: CallerDep, number: CodePath) -> Json:
    """Do what a suggestion says: ask for the transfer, or add it to the caller's draft order."""

    def show(session: Session, _document: str) -> Json:
        return _suggestion_json(get_suggestion(session, number=number), caller.language)

    return await caller.write(shown(take_up_suggestion, show), number=number)


@router.post(
    "/suggestions/{number}/dismiss", openapi_extra=asks(Permission.STOCK_WRITE, answers=SUGGESTION_DETAIL)
)
async def dismiss(caller: CallerDep, number: CodePath) -> Json:
    """Say no to a suggestion of one's own place."""
    show = _show_suggestion(caller.language)
    return await caller.write(shown(dismiss_suggestion, show), number=number)


@router.get("/water-lines", openapi_extra=asks(Permission.STOCK_READ, answers=list_of(WATER_LINE)))
async def read_water_lines(
    caller: CallerDep,
    window: WindowDep,
    source: CodesQuery,
    state: CodesQuery,
    partner: CodesQuery,
    location: CodesQuery,
    sku: CodesQuery,
    search: Search = "",
    sort: SortQuery = "",
) -> Json:
    """Water lines within scope; `state` is urgent, short or above."""
    query = window.query(
        search=search, sort=sort, source=source, state=state, partner=partner, location=location, sku=sku
    )
    page = await caller.read(allowed(Permission.STOCK_READ, list_water_lines), query=query)
    return page_json(page, window)


@router.post("/water-lines/compute", openapi_extra=asks(Permission.STOCK_WRITE, answers=LINES_COMPUTED))
async def compute(caller: CallerDep, body: Computation) -> Json:
    """Compute the lines that nobody set by hand."""

    def show(_session: Session, count: LineCount) -> Json:
        return row_json(count)

    supply = Supply(
        body.lead_days * 1000, body.lead_deviation_days * 1000, body.review_days, body.service_ppm
    )
    return await caller.write(
        shown(compute_water_lines, show),
        partner_code=body.partner,
        supply=supply,
        window_days=body.window_days,
    )


@router.get(
    "/water-lines/{location}/{sku}", openapi_extra=asks(Permission.STOCK_READ, answers=WATER_LINE_DETAIL)
)
async def read_water_line(caller: CallerDep, location: CodePath, sku: CodePath) -> Json:
    """The lines of a SKU at a place, and how they came about."""
    query = allowed(Permission.STOCK_READ, _line_json)
    return await caller.read(query, location=location, sku=sku, language=caller.language)


@router.put(
    "/water-lines/{location}/{sku}", openapi_extra=asks(Permission.STOCK_WRITE, answers=WATER_LINE_DETAIL)
)
async def put_water_lines(caller: CallerDep, location: CodePath, sku: CodePath, body: NewLines) -> Json:
    """Set the lines of a SKU at one's own place by hand."""

    def show(session: Session, _line: WaterLine) -> Json:
        return _line_json(session, location=location, sku=sku, language=caller.language)

    return await caller.write(
        shown(set_water_lines, show),
        location_code=location,
        sku_code=sku,
        safety_qty=body.safety_qty,
        warning_qty=body.warning_qty,
        max_qty=body.max_qty,
        version=body.version,
    )


@router.delete("/water-lines/{location}/{sku}", status_code=204, openapi_extra=asks(Permission.STOCK_WRITE))
async def delete_water_lines(caller: CallerDep, location: CodePath, sku: CodePath) -> None:
    """Give lines set by hand back to the computation."""
    await caller.write(release_water_lines, location_code=location, sku_code=sku)


def _suggestion_json(found: SuggestionDetail, language: str) -> Json:
    steps = [step_json(step, language) for step in found.steps]
    return row_json(found.row) | {"inputs": dict(found.inputs), "steps": steps}


def _show_suggestion(language: str) -> Any:
    def show(session: Session, row: Suggestion) -> Json:
        return _suggestion_json(get_suggestion(session, number=row.number), language)

    return show


def _line_json(session: Session, *, location: str, sku: str, language: str) -> Json:
    steps = explain_water_line(session, location_code=location, sku_code=sku)
    query = ListQuery(facets={"location": (location,), "sku": (sku,)}, limit=1, with_totals=False)
    (row,) = list_water_lines(session, query=query).rows
    return row_json(row) | {"steps": [step_json(step, language) for step in steps]}
