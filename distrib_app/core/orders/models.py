"""Orders between a buyer and its seller: the promise and its lines, how they are fulfilled, returns."""

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
    """Where an order stands: the stage its slowest part has reached. `recorded` is imported history."""

    HELD = "held"
    PLACED = "placed"
    CONFIRMED = "confirmed"
    IN_PRODUCTION = "in_production"
    ALLOCATED = "allocated"
    PICKED = "picked"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    RECORDED = "recorded"


class FulfilmentStatus(StrEnum):
    """Where one part of an order stands, from waiting for an answer to signed for.

    `returned`: all of it came back before anybody had signed for it.
    """

    OFFERED = "offered"
    WAITING = "waiting"
    IN_PRODUCTION = "in_production"
    ALLOCATED = "allocated"
    PICKED = "picked"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Urgency(StrEnum):
    """What makes an order urgent: its goods, its buyer, or somebody by hand."""

    LINE = "line"
    CUSTOMER = "customer"
    HAND = "hand"


class FulfilmentMode(StrEnum):
    """Who serves a part: the seller's own place, the brand, a regional warehouse, another partner's stock."""

    OWN = "own"
    DIRECT = "direct"
    REGIONAL = "regional"
    PARTNER = "partner"


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
    status: str = Field(max_length=14, index=True)
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
    requested_on: date | None = None
    promised_on: date | None = None
    urgency: str = Field(default="", max_length=10)
    urgent_reason: str = Field(default="", max_length=60)
    tracking_token: str | None = Field(default=None, max_length=40, unique=True)
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


class OrderDraft(SQLModel, table=True):
    """What one person is about to order from a seller for a company: quantity per SKU code."""

    __tablename__ = "order_draft"
    __table_args__ = (UniqueConstraint("user_id", "buyer_code", "seller_code"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id")
    buyer_code: str = Field(max_length=40)
    seller_code: str = Field(max_length=40)
    lines: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    changed_at: datetime


@scoped
class OrderLine(SQLModel, table=True):
    """A line of the promise with its price and the frozen steps that led to it; it never changes.

    Imported lines have no amounts of their own: their amount is their journal row's millionths. `quota_id`
    is the quota its quantity was taken from.
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
    steps: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    quota_id: int | None = Field(default=None, foreign_key="stock_quota.id", index=True)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its order."""
        return col(cls.order_id).in_(select(SalesOrder.id).where(SalesOrder.scope_clause(scope)))


@scoped
class FulfilmentOrder(Versioned, table=True):
    """A part of an order that one source serves as one parcel; Σ parts = the order, to the cent.

    `owner_id` owns the goods: the seller, the brand behind it (`supply_account_id` is then the seller's
    account with it, and the lines carry what the seller pays), or a partner that shares its stock (the
    account it bought on). `route` holds the frozen decision; amounts are minor units.
    """

    __tablename__ = "fulfilment_order"
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=48, unique=True)
    order_id: int = Field(foreign_key="sales_order.id", index=True)
    mode: str = Field(max_length=10)
    status: str = Field(max_length=14, index=True)
    location_id: int | None = Field(default=None, foreign_key="location.id", index=True)
    seller_id: int
    buyer_id: int
    owner_id: int = Field(index=True)
    seller_path: str = Field(max_length=200)
    buyer_path: str = Field(max_length=200)
    owner_path: str = Field(max_length=200)
    supply_account_id: int | None = Field(default=None, foreign_key="trading_account.id")
    shipment_id: int | None = Field(default=None, foreign_key="shipment.id", index=True)
    currency: str = Field(max_length=3)
    net_amount: int = Field(default=0, sa_type=BigInteger)
    tax_amount: int = Field(default=0, sa_type=BigInteger)
    gross_amount: int = Field(default=0, sa_type=BigInteger)
    freight_amount: int = Field(default=0, sa_type=BigInteger)
    cost_amount: int = Field(default=0, sa_type=BigInteger)
    ready_on: date | None = None
    promised_on: date | None = None
    is_urgent: bool = False
    answer_until: datetime | None = None
    route: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    created_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to seller, buyer and owner of the goods, and to those above them on the frozen paths."""
        return document_clause(
            scope,
            parties=[cls.seller_id, cls.buyer_id, cls.owner_id],
            paths=[cls.seller_path, cls.buyer_path, cls.owner_path],
        )


@scoped
class FulfilmentLine(SQLModel, table=True):
    """A quantity of an order line (by `line_no`) in a part of the order, with its share of the amounts.

    `supply_*` is what the seller pays the owner of the goods for it (brand direct), `fee_amount` what it owes
    a partner for serving it (代发), minor units. `leg_id` is the sale in the journal, `supply_leg_id` the
    purchase behind it or the buy-back from a sharing partner.
    `missing_qty` left, was not signed for and is still to be settled (`DeliveryShortage`).
    """

    __tablename__ = "fulfilment_line"
    __table_args__ = (UniqueConstraint("fulfilment_id", "line_no"),)
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    fulfilment_id: int = Field(foreign_key="fulfilment_order.id")
    line_no: int
    sku_id: int = Field(foreign_key="sku.id")
    qty: int
    reserved_qty: int = 0
    shipped_qty: int = 0
    returned_qty: int = 0
    missing_qty: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    net_amount: int = Field(default=0, sa_type=BigInteger)
    tax_amount: int = Field(default=0, sa_type=BigInteger)
    gross_amount: int = Field(default=0, sa_type=BigInteger)
    supply_price: Decimal | None = Field(default=None, sa_type=UnitPrice)
    supply_net_amount: int | None = Field(default=None, sa_type=BigInteger)
    supply_tax_amount: int | None = Field(default=None, sa_type=BigInteger)
    supply_gross_amount: int | None = Field(default=None, sa_type=BigInteger)
    fee_amount: int = Field(default=0, sa_type=BigInteger)
    leg_id: int | None = Field(default=None, foreign_key="journal_leg.id")
    supply_leg_id: int | None = Field(default=None, foreign_key="journal_leg.id")

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its part of the order."""
        visible = select(FulfilmentOrder.id).where(FulfilmentOrder.scope_clause(scope))
        return col(cls.fulfilment_id).in_(visible)


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
    fulfilment_line_id: int | None = Field(default=None, foreign_key="fulfilment_line.id", index=True)
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
