"""Orders between a buyer and its seller: the promise, its lines, shipments, returns."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, Index, UniqueConstraint
from sqlmodel import Field, SQLModel, col, select

from ..kernel.access import Resource, Scope, document_clause, scoped
from ..kernel.db import Versioned
from ..kernel.money import UnitPrice


class OrderStatus(StrEnum):
    """Where an order stands. `recorded` is imported history: known, never worked on."""

    PLACED = "placed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RECORDED = "recorded"


@scoped
class SalesOrder(Versioned, table=True):
    """The promise of a seller to a buyer; parties' paths are those of the day."""

    __tablename__ = "sales_order"
    __scope_resource__ = Resource.SALES_DOCUMENTS
    __table_args__ = (
        Index("ix_sales_order_number_prefix", "number", postgresql_ops={"number": "text_pattern_ops"}),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=40, unique=True)
    status: str = Field(max_length=12, index=True)
    seller_id: int = Field(foreign_key="partner.id", index=True)
    buyer_id: int = Field(foreign_key="partner.id", index=True)
    seller_path: str = Field(max_length=200)
    buyer_path: str = Field(max_length=200)
    region_id: int = Field(foreign_key="region.id")
    account_id: int | None = Field(default=None, foreign_key="trading_account.id")
    currency: str = Field(max_length=3)
    net_amount: int | None = Field(default=None, sa_type=BigInteger)
    tax_amount: int | None = Field(default=None, sa_type=BigInteger)
    gross_amount: int | None = Field(default=None, sa_type=BigInteger)
    placed_at: datetime = Field(index=True)
    placed_by: int | None = Field(default=None, foreign_key="user_account.id")
    idempotency_key: str | None = Field(default=None, max_length=100, unique=True)
    attributes: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to both parties and those above one of them on the frozen path."""
        return document_clause(
            scope,
            parties=[cls.seller_id, cls.buyer_id],
            paths=[cls.seller_path, cls.buyer_path],
            created_by=cls.placed_by,
        )


@scoped
class OrderLine(SQLModel, table=True):
    """A line with its price and the frozen steps that led to it.

    Imported lines have no amounts of their own: their amount is their journal row's millionths.
    """

    __tablename__ = "order_line"
    __table_args__ = (UniqueConstraint("order_id", "line_no"),)
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="sales_order.id")
    line_no: int
    sku_id: int = Field(foreign_key="sku.id")
    qty: int
    unit_price: Decimal = Field(sa_type=UnitPrice)
    tax_ppm: int = 0
    net_amount: int | None = Field(default=None, sa_type=BigInteger)
    tax_amount: int | None = Field(default=None, sa_type=BigInteger)
    gross_amount: int | None = Field(default=None, sa_type=BigInteger)
    location_id: int | None = Field(default=None, foreign_key="location.id")
    reserved_qty: int = 0
    shipped_qty: int = 0
    returned_qty: int = 0
    steps: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON, nullable=True))

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its order."""
        return col(cls.order_id).in_(select(SalesOrder.id).where(SalesOrder.scope_clause(scope)))


@scoped
class Shipment(SQLModel, table=True):
    """Goods that left for one order; delivery is signed by a name."""

    __tablename__ = "shipment"
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=40, unique=True)
    order_id: int = Field(foreign_key="sales_order.id", index=True)
    seller_id: int
    buyer_id: int
    seller_path: str = Field(max_length=200)
    buyer_path: str = Field(max_length=200)
    carrier: str = Field(default="", max_length=60)
    waybill: str = Field(default="", max_length=60)
    shipped_at: datetime
    delivered_at: datetime | None = None
    signed_by: str = Field(default="", max_length=60)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible like its order."""
        return document_clause(
            scope, parties=[cls.seller_id, cls.buyer_id], paths=[cls.seller_path, cls.buyer_path]
        )


@scoped
class ShipmentLine(SQLModel, table=True):
    """What of an order line left with a shipment."""

    __tablename__ = "shipment_line"
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    shipment_id: int = Field(foreign_key="shipment.id", index=True)
    order_line_id: int = Field(foreign_key="order_line.id", index=True)
    qty: int
    net_amount: int = Field(sa_type=BigInteger)
    tax_amount: int = Field(sa_type=BigInteger)
    gross_amount: int = Field(sa_type=BigInteger)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its shipment."""
        return col(cls.shipment_id).in_(select(Shipment.id).where(Shipment.scope_clause(scope)))


@scoped
class SalesReturn(SQLModel, table=True):
    """Goods that came back: of an order, or (imported history) without one."""

    __tablename__ = "sales_return"
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=40, unique=True)
    order_id: int | None = Field(default=None, foreign_key="sales_order.id", index=True)
    seller_id: int = Field(foreign_key="partner.id")
    buyer_id: int = Field(foreign_key="partner.id", index=True)
    seller_path: str = Field(max_length=200)
    buyer_path: str = Field(max_length=200)
    returned_at: datetime
    returned_on: date
    reason: str = Field(default="", max_length=200)
    idempotency_key: str | None = Field(default=None, max_length=100, unique=True)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible like an order."""
        return document_clause(
            scope, parties=[cls.seller_id, cls.buyer_id], paths=[cls.seller_path, cls.buyer_path]
        )


@scoped
class ReturnLine(SQLModel, table=True):
    """A returned quantity of an order line (or of a SKU in imported history)."""

    __tablename__ = "return_line"
    __table_args__ = (UniqueConstraint("return_id", "line_no"),)
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    return_id: int = Field(foreign_key="sales_return.id")
    line_no: int
    order_line_id: int | None = Field(default=None, foreign_key="order_line.id")
    sku_id: int = Field(foreign_key="sku.id")
    qty: int
    unit_price: Decimal = Field(sa_type=UnitPrice)
    net_amount: int | None = Field(default=None, sa_type=BigInteger)
    tax_amount: int | None = Field(default=None, sa_type=BigInteger)
    gross_amount: int | None = Field(default=None, sa_type=BigInteger)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its return."""
        return col(cls.return_id).in_(select(SalesReturn.id).where(SalesReturn.scope_clause(scope)))
