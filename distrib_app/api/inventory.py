"""Stock over REST: places, balances, movements, layers."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.channels import Partner
from ..core.inventory import (
    MAX_QTY,
    LayersView,
    Location,
    LotName,
    MovementRow,
    ReceiptLine,
    correct_stock,
    count_stock,
    create_location,
    get_layers,
    list_locations,
    list_movements,
    list_stock,
    receive_stock,
)
from ..core.kernel.access import Permission
from ..core.kernel.clock import utc_now
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
    Day,
    Json,
    NewCode,
    Price,
    Qty,
    Search,
    SortQuery,
    WindowDep,
    Word,
    list_json,
    micros_price,
    page_json,
    row_json,
    today,
    waiting_json,
)
from .schemas import asks, list_of
from .shapes import GOODS_BOOKED, LAYERS, LOCATION, LOCATION_SHOWN, MOVEMENT, STOCK

router = APIRouter(tags=["inventory"])


class NewLocation(Body):
    """A place that holds a partner's stock; a lower `priority` ships first."""

    code: NewCode
    name: Annotated[str, Field(min_length=1, max_length=120, pattern=PLAIN)]
    name_en: Annotated[str, Field(max_length=120, pattern=PLAIN)] = ""
    kind: Word
    partner: Code
    region: Code
    priority: Annotated[int, Field(ge=0, le=1000)] = 0


class GoodsLine(Body):
    """A quantity that came in, at its net unit cost; of a SKU kept by lot with its lot."""

    sku: Code
    qty: Qty
    unit_cost: Price
    lot: Annotated[str, Field(max_length=40, pattern=PLAIN)] = ""
    expires_on: Day | None = None
    made_on: Day | None = None


class GoodsReceipt(Body):
    """Goods for one of the caller's own places; of today without `origin_on`."""

    location: Code
    cause: Word
    origin_on: Day | None = None
    lines: Annotated[list[GoodsLine], Field(min_length=1, max_length=MAX_LINES)]


class Correction(Body):
    """What a count found more (+) or less (−) of a SKU."""

    location: Code
    sku: Code
    delta_qty: Annotated[int, Field(ge=-MAX_QTY, le=MAX_QTY)]
    cause: Word
    unit_cost: Price | None = None
    lot: Annotated[str, Field(max_length=40, pattern=PLAIN)] = ""
    expires_on: Day | None = None


class Count(Body):
    """How many were counted; the difference to the books is corrected."""

    location: Code
    sku: Code
    counted_qty: Annotated[int, Field(ge=0, le=MAX_INT)]
    cause: Word
    unit_cost: Price | None = None
    lot: Annotated[str, Field(max_length=40, pattern=PLAIN)] = ""
    expires_on: Day | None = None


@router.get("/locations", openapi_extra=asks(Permission.STOCK_READ, answers=list_of(LOCATION)))
async def read_locations(caller: CallerDep, window: WindowDep, partner: CodeQuery = "") -> Json:
    """The places the caller sees."""
    query = allowed(Permission.STOCK_READ, list_locations)
    return list_json(await caller.read(query, partner_code=partner or None), window)


@router.post(
    "/locations", status_code=201, openapi_extra=asks(Permission.STOCK_WRITE, answers=LOCATION_SHOWN)
)
async def add_location(caller: CallerDep, body: NewLocation) -> Json:
    """Open a place."""
    return await caller.write(
        shown(create_location, _show_location),
        code=body.code,
        name=body.name,
        name_en=body.name_en,
        kind=body.kind,
        partner_code=body.partner,
        region_code=body.region,
        priority=body.priority,
    )


@router.get("/stock", openapi_extra=asks(Permission.STOCK_READ, answers=list_of(STOCK)))
async def read_stock(
    caller: CallerDep,
    window: WindowDep,
    partner: CodesQuery,
    location: CodesQuery,
    sku: CodesQuery,
    state: CodesQuery,
    category: CodesQuery,
    region: CodesQuery,
    tier: CodesQuery,
    view: CodesQuery,
    search: Search = "",
    sort: SortQuery = "",
) -> Json:
    """Balances within scope; `state` is available, reserved or empty, `view` brand, partner or store."""
    query = window.query(
        search=search,
        sort=sort,
        partner=partner,
        location=location,
        sku=sku,
        state=state,
        category=category,
        region=region,
        tier=tier,
        view=view,
    )
    page = await caller.read(allowed(Permission.STOCK_READ, list_stock), query=query, now=utc_now())
    return page_json(page, window)


@router.get(
    "/stock/{location}/{sku}/movements", openapi_extra=asks(Permission.STOCK_READ, answers=list_of(MOVEMENT))
)
async def read_movements(
    caller: CallerDep,
    window: WindowDep,
    location: CodePath,
    sku: CodePath,
    kind: CodesQuery,
    lot: CodesQuery,
) -> Json:
    """The changes of one balance with what was on hand after each, newest first."""
    page = await caller.read(
        allowed(Permission.STOCK_READ, list_movements),
        location_code=location,
        sku_code=sku,
        query=window.query(kind=kind, lot=lot),
    )
    return page_json(page, window, _movement_json)


@router.get("/stock/{location}/{sku}/layers", openapi_extra=asks(Permission.STOCK_READ, answers=LAYERS))
async def read_layers(caller: CallerDep, location: CodePath, sku: CodePath) -> Json:
    """What is on hand by origin day and net unit cost, newest first, aged today."""
    return await caller.read(allowed(Permission.STOCK_READ, _layers), location_code=location, sku_code=sku)


def _layers(session: Session, *, location_code: str, sku_code: str) -> Json:
    day = today(session)
    return layers_json(get_layers(session, location_code=location_code, sku_code=sku_code, day=day))


@router.post(
    "/stock/receipts", status_code=201, openapi_extra=asks(Permission.STOCK_WRITE, answers=GOODS_BOOKED)
)
async def receive_goods(caller: CallerDep, body: GoodsReceipt) -> Json:
    """Book goods into one of the caller's own places: all lines or none."""
    lines = [
        ReceiptLine(line.sku, line.qty, Decimal(line.unit_cost), line.lot, line.expires_on, line.made_on)
        for line in body.lines
    ]
    await caller.write(
        receive_stock, location_code=body.location, lines=lines, cause=body.cause, origin_on=body.origin_on
    )
    return {
        "location_code": body.location,
        "cause": body.cause,
        "line_count": len(lines),
        "qty": sum(line.qty for line in lines),
    }


@router.post(
    "/stock/corrections", status_code=201, openapi_extra=asks(Permission.STOCK_WRITE, answers=LAYERS)
)
async def correct(caller: CallerDep, body: Correction) -> Json:
    """Correct a balance of the caller's own after a count; answers what is on hand now."""

    def show(session: Session, task: Task | None) -> Json:
        return waiting_json(task) | _layers(session, location_code=body.location, sku_code=body.sku)

    return await caller.write(
        shown(correct_stock, show),
        location_code=body.location,
        sku_code=body.sku,
        delta_qty=body.delta_qty,
        cause=body.cause,
        unit_cost=None if body.unit_cost is None else Decimal(body.unit_cost),
        lot=LotName(body.lot, body.expires_on) if body.lot else None,
    )


@router.post("/stock/counts", status_code=201, openapi_extra=asks(Permission.STOCK_WRITE, answers=LAYERS))
async def count(caller: CallerDep, body: Count) -> Json:
    """Say how many were counted: corrected at once, or when the task `task_number` is approved."""

    def show(session: Session, task: Task | None) -> Json:
        return waiting_json(task) | _layers(session, location_code=body.location, sku_code=body.sku)

    return await caller.write(
        shown(count_stock, show),
        location_code=body.location,
        sku_code=body.sku,
        counted_qty=body.counted_qty,
        cause=body.cause,
        unit_cost=None if body.unit_cost is None else Decimal(body.unit_cost),
        lot=LotName(body.lot, body.expires_on) if body.lot else None,
    )


def _show_location(session: Session, location: Location) -> Json:
    return {
        "code": location.code,
        "name": location.name,
        "name_en": location.name_en,
        "kind": location.kind,
        "partner_code": session.get_one(Partner, location.partner_id).code,
        "priority": location.priority,
    }


def _movement_json(row: MovementRow) -> Json:
    return row_json(row, omit=("unit_cost_micros",)) | {"unit_cost": micros_price(row.unit_cost_micros)}


def layers_json(view: LayersView) -> Json:
    """Layers and ageing of one balance."""
    layers = [
        row_json(layer, omit=("unit_cost_micros",)) | {"unit_cost": micros_price(layer.unit_cost_micros)}
        for layer in view.layers
    ]
    return {"on_hand_qty": view.on_hand_qty, "layers": layers, "ageing": view.ageing}
