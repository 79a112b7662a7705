"""Writes how the demo's orders were fulfilled: one part and, once it left, one shipment each."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..channels import PartnerKind
from ..inventory import LocationKind, Shipment, ShipmentLine, ShipmentPurpose, ShipmentStatus
from ..orders.models import FulfilmentLine, FulfilmentMode, FulfilmentOrder, FulfilmentStatus
from .order_rows import AMOUNTS, PARTIES, by_shipping, parties_of, promised_on, split_of
from .stock import StockHistory
from .trade import CURRENCY, OrderPlan
from .writer import Writer


def write_shipments(writer: Writer, orders: Sequence[OrderPlan], stock: StockHistory) -> None:
    """One shipment per order that left."""
    first = writer.first_id(Shipment)
    shipped = by_shipping(orders)
    for index, (_, order) in enumerate(shipped):
        order.shipment_id = first + index
    writer.insert(
        Shipment,
        (
            "id", "version", "number", "purpose", "status", *PARTIES, "owner_id", "owner_path",
            "from_location_id", "carrier", "waybill", "currency", "weight_g", "volume_cm3", "freight_amount",
            "promised_on", "shipped_at", "delivered_at", "signed_by", "proof_file",
        ),
        (_shipment_row(writer, second, order, stock) for second, order in shipped),
    )  # fmt: skip
    writer.insert(
        ShipmentLine,
        ("shipment_id", "document", "line_no", "sku_id", "qty"),
        (
            (order.shipment_id, part_number(order), line.no, line.sku.id, line.qty)
            for _, order in shipped
            for line in order.lines
        ),
    )


def _shipment_row(writer: Writer, second: int, order: OrderPlan, stock: StockHistory) -> tuple[Any, ...]:
    seller_id, buyer_id, seller_path, buyer_path = parties_of(order)
    status = ShipmentStatus.IN_TRANSIT if order.delivered is None else ShipmentStatus.DELIVERED
    delivered_at = None if order.delivered is None else writer.instant(order.delivered)
    return (
        order.shipment_id, 1, order.shipment_number, str(ShipmentPurpose.ORDER), str(status), seller_id,
        buyer_id, seller_path, buyer_path, seller_id, seller_path, stock.source(order.account).id,
        order.carrier, order.waybill, CURRENCY, 0, 0, 0, promised_on(writer, order), writer.instant(second),
        delivered_at, order.signed_by, "",
    )  # fmt: skip


def part_number(order: OrderPlan) -> str:
    """The number of the one part of an order."""
    return f"{order.number}-1"


def write_parts(writer: Writer, orders: Sequence[OrderPlan], stock: StockHistory) -> None:
    """The one part of each order with its lines; the legs have been written."""
    first, first_line = writer.first_id(FulfilmentOrder), writer.first_id(FulfilmentLine)
    for position, line in enumerate(line for order in orders for line in order.lines):
        line.part_line_id = first_line + position
    writer.insert(
        FulfilmentOrder,
        (
            "id", "version", "number", "order_id", "mode", "status", "location_id", *PARTIES, "owner_id",
            "owner_path", "shipment_id", "currency", *AMOUNTS, "freight_amount", "cost_amount",
            "promised_on", "is_urgent", "created_at",
        ),
        (_part_row(writer, first + index, order, stock) for index, order in enumerate(orders)),
    )  # fmt: skip
    writer.insert(
        FulfilmentLine,
        (
            "id", "fulfilment_id", "line_no", "sku_id", "qty", "reserved_qty",
            "shipped_qty", "returned_qty", *AMOUNTS, "leg_id",
        ),
        _line_rows(first, orders),
    )  # fmt: skip


def _part_row(writer: Writer, key: int, order: OrderPlan, stock: StockHistory) -> tuple[Any, ...]:
    seller_id, buyer_id, seller_path, buyer_path = parties_of(order)
    place = stock.source(order.account)
    mode = FulfilmentMode.OWN
    if order.account.seller.kind == PartnerKind.BRAND:
        is_regional = place.kind == LocationKind.REGIONAL_WAREHOUSE
        mode = FulfilmentMode.REGIONAL if is_regional else FulfilmentMode.DIRECT
    return (
        key, 1, part_number(order), order.id, str(mode), _status(order), place.id, seller_id, buyer_id,
        seller_path, buyer_path, seller_id, seller_path, order.shipment_id or None, CURRENCY,
        *split_of(order.amount), 0, 0, promised_on(writer, order), False,
        writer.instant(order.placed),
    )  # fmt: skip


def _status(order: OrderPlan) -> str:
    if order.shipped is None:
        return str(FulfilmentStatus.ALLOCATED)
    return str(FulfilmentStatus.SHIPPED if order.delivered is None else FulfilmentStatus.DELIVERED)


def _line_rows(first: int, orders: Sequence[OrderPlan]) -> Iterator[tuple[Any, ...]]:
    for index, order in enumerate(orders):
        reserved, shipped = (1, 0) if order.shipped is None else (0, 1)
        for line in order.lines:
            yield (
                line.part_line_id, first + index, line.no, line.sku.id, line.qty,
                line.qty * reserved, line.qty * shipped, line.returned_qty, *split_of(line.amount),
                line.leg_id or None,
            )  # fmt: skip
