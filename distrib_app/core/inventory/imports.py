"""Sheets of opening stock: what lies where when the platform takes over."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from ..catalog import Sku
from ..kernel.access import Actor, Permission
from ..kernel.db import get_by
from ..kernel.errors import msg
from ..kernel.money import price_to_micros
from ..workbench.import_fields import FieldKind, ImportEntity, ImportField, check_same
from .models import Location, Movement, MovementKind
from .service import receive_stock


def import_opening_stock(session: Session, actor: Actor, *, row: dict[str, Any], now: datetime) -> str:
    """Receive the goods of a line once: the document, the place and the SKU tell it from any other."""
    actor.require(Permission.STOCK_WRITE)
    location = get_by(session, Location, "location", code=row["location"])
    sku = get_by(session, Sku, "SKU", code=row["sku"])
    earlier = session.exec(
        select(Movement).where(
            Movement.location_id == location.id,
            Movement.sku_id == sku.id,
            Movement.cause == row["document"],
            Movement.kind == MovementKind.RECEIPT,
        )
    ).all()
    if earlier:
        recorded: dict[str, Any] = {"qty": sum(movement.on_hand_delta for movement in earlier)}
        if len(earlier) == 1:
            recorded |= {"unit_cost": earlier[0].unit_cost_micros, "origin_on": earlier[0].origin_on}
        check_same(row | {"unit_cost": price_to_micros(row["unit_cost"])}, recorded)
        return "unchanged"
    receive_stock(
        session,
        actor,
        location_code=row["location"],
        lines=[(row["sku"], row["qty"], row["unit_cost"])],
        cause=row["document"],
        origin_on=row.get("origin_on"),
        now=now,
    )
    return "created"


OPENING_STOCK = ImportEntity(
    name=msg("Opening stock"),
    permission=Permission.STOCK_WRITE,
    key=("document", "location", "sku"),
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
    ),
)
