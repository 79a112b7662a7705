"""Sheets of stock: what lies where when the platform takes over, and what owners report."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..kernel.access import Actor, Permission
from ..kernel.db import get_by
from ..kernel.errors import msg
from ..kernel.money import price_to_micros
from ..workbench.import_fields import FieldKind, ImportEntity, ImportField, check_same
from .lot_models import Lot
from .models import Location, Movement, MovementKind
from .reports import ReportedLine, report_stock
from .service import ReceiptLine, receive_stock

# the source of reports that come as sheets
SHEET = "sheet"


def import_opening_stock(session: Session, actor: Actor, *, row: dict[str, Any], now: datetime) -> str:
    """Receive the goods of a line once: document, place, SKU and lot tell it from any other."""
    actor.require(Permission.STOCK_WRITE)
    location = get_by(session, Location, "location", code=row["location"])
    sku = get_by(session, Sku, "SKU", code=row["sku"])
    earlier = session.exec(
        select(Movement).where(
            Movement.location_id == location.id,
            Movement.sku_id == sku.id,
            Movement.cause == row["document"],
            Movement.kind == MovementKind.RECEIPT,
            *([col(Movement.lot_id).in_(_lots(sku, row["lot"]))] if row.get("lot") else []),
        )
    ).all()
    if earlier:
        recorded: dict[str, Any] = {"qty": sum(movement.on_hand_delta for movement in earlier)}
        if len(earlier) == 1:
            recorded |= {"unit_cost": earlier[0].unit_cost_micros, "origin_on": earlier[0].origin_on}
        given = {name: value for name, value in row.items() if name not in {"lot", "expires_on"}}
        check_same(given | {"unit_cost": price_to_micros(row["unit_cost"])}, recorded)
        return "unchanged"
    receive_stock(
        session,
        actor,
        location_code=row["location"],
        lines=[
            ReceiptLine(row["sku"], row["qty"], row["unit_cost"], row.get("lot") or "", row.get("expires_on"))
        ],
        cause=row["document"],
        origin_on=row.get("origin_on"),
        now=now,
    )
    return "created"


def _lots(sku: Sku, code: str) -> Any:
    return select(Lot.id).where(Lot.sku_id == sku.id, Lot.code == code)


def import_stock_report(session: Session, actor: Actor, *, row: dict[str, Any], now: datetime) -> str:
    """Take a line of reported stock once; a newer document corrects it."""
    line = ReportedLine(row["location"], row["sku"], row["qty"], row["counted_on"], row["line"])
    fresh = report_stock(session, actor, source=SHEET, document=row["document"], lines=[line], now=now)
    return "created" if fresh else "unchanged"


OPENING_STOCK = ImportEntity(
    name=msg("Opening stock"),
    permission=Permission.STOCK_WRITE,
    key=("document", "location", "sku", "lot"),
    commit=import_opening_stock,
    fields=(
        ImportField(
            "document",
            msg("Document"),
            required=True,
            aliases=("document number", "单据", "单据号", "单号", "凭证号", "期初单号"),
            example="OPEN-2026",
            note=msg("the same document, place and SKU are booked once"),
        ),
        ImportField(
            "location",
            msg("Place code"),
            required=True,
            aliases=("location", "warehouse", "place", "仓库", "仓库编码", "库位", "库位编码", "地点编码"),
            example="WH-GZ",
        ),
        ImportField(
            "sku",
            msg("SKU code"),
            required=True,
            aliases=("sku", "code", "编码", "SKU编码", "商品编码", "物料编码", "货号"),
            example="AC-35GW-W",
        ),
        ImportField(
            "qty",
            msg("Quantity"),
            required=True,
            aliases=("qty", "数量", "期初数量", "库存数量"),
            example="120",
            kind=FieldKind.COUNT,
        ),
        ImportField(
            "unit_cost",
            msg("Net cost per unit"),
            required=True,
            aliases=("cost", "unit cost", "成本", "单位成本", "单位净成本", "不含税成本", "成本单价"),
            example="1800.00",
            kind=FieldKind.NUMBER,
        ),
        ImportField(
            "origin_on",
            msg("Stocked on"),
            aliases=("date", "origin", "received on", "入库日期", "批次日期", "入库日"),
            example="2026-01-01",
            kind=FieldKind.DAY,
            note=msg("the age of the stock counts from here; empty means today"),
        ),
        ImportField(
            "lot",
            msg("Lot"),
            aliases=("lot", "lot code", "batch", "批次", "批次号", "批号"),
            example="L20260101",
            note=msg("only for SKUs that are kept by lot"),
        ),
        ImportField(
            "expires_on",
            msg("Good until"),
            aliases=("expires on", "expiry", "best before", "有效期", "有效期至", "失效日期", "到期日"),
            example="2027-12-31",
            kind=FieldKind.DAY,
            note=msg("needed for a lot that is new"),
        ),
    ),
)

STOCK_REPORT = ImportEntity(
    name=msg("Reported stock"),
    permission=Permission.STOCK_WRITE,
    key=("document", "line"),
    commit=import_stock_report,
    fields=(
        ImportField(
            "document",
            msg("Document"),
            required=True,
            aliases=("document number", "report", "单据", "单据号", "报表号", "盘点单号"),
            example="POS-20261015",
            note=msg("the same line of a document is taken once; a newer document corrects it"),
        ),
        ImportField(
            "line",
            msg("Line"),
            required=True,
            aliases=("line no", "row", "行", "行号", "序号"),
            example="1",
            kind=FieldKind.COUNT,
        ),
        ImportField(
            "location",
            msg("Place code"),
            required=True,
            aliases=("location", "warehouse", "place", "仓库", "仓库编码", "地点编码", "门店编码"),
            example="WH-GZ",
        ),
        ImportField(
            "sku",
            msg("SKU code"),
            required=True,
            aliases=("sku", "code", "编码", "SKU编码", "商品编码", "物料编码", "货号"),
            example="AC-35GW-W",
        ),
        ImportField(
            "qty",
            msg("Reported quantity"),
            required=True,
            aliases=("qty", "quantity", "stock", "上报数量", "库存数量", "实盘数量", "数量"),
            example="37",
            kind=FieldKind.COUNT,
        ),
        ImportField(
            "counted_on",
            msg("Counted on"),
            required=True,
            aliases=("date", "day", "counted on", "日期", "盘点日期", "库存日期"),
            example="2026-10-15",
            kind=FieldKind.DAY,
            note=msg("the stock at the end of this day"),
        ),
    ),
)
