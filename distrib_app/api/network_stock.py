"""Stock over REST beyond one balance: records, recalls, reported stock, the network and its heat table."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.channels import get_network
from ..core.inventory import (
    HeatTable,
    NetworkRow,
    ReportedLine,
    StockRecord,
    get_heat,
    get_recall,
    get_stock_record,
    list_network_stock,
    report_stock,
)
from ..core.kernel.access import Permission
from ..core.kernel.clock import utc_now
from ..core.kernel.listing import Listing, ListQuery
from ..core.lists.stock import weeks
from ..gate import allowed
from ..i18n import gettext
from .caller import CallerDep
from .inventory import layers_json
from .models import (
    MAX_INT,
    MAX_LINES,
    Body,
    Code,
    CodePath,
    CodeQuery,
    CodesQuery,
    Day,
    Json,
    Search,
    SortQuery,
    WindowDep,
    Word,
    page_json,
    row_json,
    step_json,
    today,
)
from .schemas import asks, list_of
from .shapes import HEAT, NETWORK_STOCK, RECALL, STOCK_RECORD, STOCK_REPORTED

router = APIRouter(tags=["inventory"])

View = Literal["brand", "partner", "store"]


class ReportedStockLine(Body):
    """How many of a SKU lay at a place at the end of a day."""

    location: Code
    sku: Code
    qty: Annotated[int, Field(ge=0, le=1_000_000_000)]
    counted_on: Day
    line_no: Annotated[int, Field(ge=1, le=MAX_INT)]


class ReportedStock(Body):
    """What an own system or a count reports; a line that came before is left out."""

    source: Word
    document: Word
    lines: Annotated[list[ReportedStockLine], Field(min_length=1, max_length=MAX_LINES)]


@router.get("/stock/{location}/{sku}", openapi_extra=asks(Permission.STOCK_READ, answers=STOCK_RECORD))
async def read_record(caller: CallerDep, location: CodePath, sku: CodePath) -> Json:
    """One balance with lots, layers, what was reported last, and how each number comes about."""
    record = await caller.read(get_stock_record, location_code=location, sku_code=sku, now=utc_now())
    return _record_json(record, caller.language)


@router.get("/lots/{sku}/{lot}/recall", openapi_extra=asks(Permission.STOCK_READ, answers=RECALL))
async def read_recall(caller: CallerDep, sku: CodePath, lot: CodePath) -> Json:
    """Where a lot lies, and under which documents it went to whom."""
    return row_json(await caller.read(get_recall, sku_code=sku, lot_code=lot))


@router.post(
    "/stock/reports", status_code=201, openapi_extra=asks(Permission.STOCK_WRITE, answers=STOCK_REPORTED)
)
async def report(caller: CallerDep, body: ReportedStock) -> Json:
    """Report what lies at own places; it stands beside the books and changes none."""
    lines = [
        ReportedLine(line.location, line.sku, line.qty, line.counted_on, line.line_no) for line in body.lines
    ]
    fresh = await caller.write(report_stock, source=body.source, document=body.document, lines=lines)
    return {
        "source": body.source,
        "document": body.document,
        "line_count": len(lines),
        "new_count": fresh,
    }


@router.get("/network-stock", openapi_extra=asks(Permission.STOCK_READ, answers=list_of(NETWORK_STOCK)))
async def read_network(
    caller: CallerDep,
    window: WindowDep,
    category: CodesQuery,
    partner: CodesQuery,
    view: View = "brand",
    by: Literal["sku", "place"] = "sku",
    search: Search = "",
    sort: SortQuery = "",
) -> Json:
    """Stock of the brand, of partners or of stores by SKU or place, with weeks of cover and ageing.

    `category` narrows by SKU, `partner` by place.
    """
    query = window.query(search=search, sort=sort, category=category, partner=partner)
    page = await caller.read(allowed(Permission.STOCK_READ, _network), view=view, by=by, query=query)
    return page_json(page, window, _network_json)


@router.get("/network-stock/heat", openapi_extra=asks(Permission.STOCK_READ, answers=HEAT))
async def read_heat(
    caller: CallerDep,
    view: View = "brand",
    columns: Literal["region", "tier"] = "region",
    category: CodeQuery = "",
) -> Json:
    """Categories, or the SKUs of one, by province or tier."""
    table = await caller.read(
        allowed(Permission.STOCK_READ, _heat), view=view, columns=columns, category_code=category
    )
    return _heat_json(table)


def _network(session: Session, *, view: str, by: str, query: ListQuery) -> Listing[NetworkRow]:
    day, zone = _now_here(session)
    return list_network_stock(session, view=view, by=by, day=day, zone=zone, query=query)


def _heat(session: Session, *, view: str, columns: str, category_code: str) -> HeatTable:
    day, zone = _now_here(session)
    return get_heat(session, view=view, columns=columns, category_code=category_code, day=day, zone=zone)


def _now_here(session: Session) -> tuple[date, str]:
    return today(session), get_network(session).zone


def _record_json(record: StockRecord, language: str) -> Json:
    reported = record.reported
    return row_json(record, omit=("layers", "reported", "whys", "next_out", "actions")) | {
        "layers": layers_json(record.layers),
        "reported": None
        if reported is None
        else row_json(reported, omit=("layers",))
        | {"gap_qty": reported.gap_qty, "layers": layers_json(reported.layers)},
        "steps": [step_json(step, language) for step in record.steps],
        "whys": {
            key: {
                "title": gettext(why.text, language, **why.facts),
                "steps": [step_json(step, language) for step in why.steps],
            }
            for key, why in record.whys.items()
        },
        "next_out": [step_json(step, language) for step in record.next_out],
        "actions": [
            {
                "verb": action.verb,
                "label": gettext(action.label, language),
                "reason": gettext(action.reason, language) if action.reason else None,
            }
            for action in record.actions
        ],
    }


def _network_json(row: NetworkRow) -> Json:
    return row_json(row, omit=("cover_tenths",)) | {"cover_weeks": _weeks(row.cover_tenths)}


def _weeks(tenths: int | None) -> str | None:
    return None if tenths is None else str(weeks(tenths))


def _heat_json(table: HeatTable) -> Json:
    return {
        "rows": [row_json(row) for row in table.rows],
        "columns": [row_json(column) for column in table.columns],
        "cells": [
            {
                "row": row,
                "column": column,
                "on_hand_qty": cell.on_hand_qty,
                "issued_qty": cell.issued_qty,
                "cover_weeks": _weeks(cell.cover_tenths),
                "cover": cell.cover,
            }
            for (row, column), cell in sorted(table.cells.items())
        ],
    }
