"""Transfers: goods that go from one place of the network to another, of one owner or of two."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, UniqueConstraint
from sqlmodel import Field, SQLModel, col, select

from ..kernel.access import Resource, Scope, document_clause, scoped
from ..kernel.db import Versioned
from ..kernel.money import UnitPrice


class TransferStatus(StrEnum):
    """Where a transfer stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    PICKED = "picked"
    IN_TRANSIT = "in_transit"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    SETTLED = "settled"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class TransferTitle(StrEnum):
    """How title passes: not at all, giver → taker, back to the taker, through the brand, along the chain."""

    NONE = "none"
    DIRECT = "direct"
    BUY_BACK = "buy_back"
    BRAND = "brand"
    CHAIN = "chain"


class ShortReason(StrEnum):
    """Why fewer units came in than had left."""

    LOST = "lost"
    DAMAGED = "damaged"
    NOT_SENT = "not_sent"
    OTHER = "other"


class CancelOutcome(StrEnum):
    """What becomes of units on the road when their transfer is cancelled."""

    RESTORE = "restore"
    WRITE_OFF = "write_off"


@scoped
class Transfer(Versioned, table=True):
    """Goods asked for from one place (the giver's) to another (the taker's); may be received in several goes.

    The parties' paths are those of the day of the request. `approver_id` is the partner that decides, the
    one of the two that did not ask. `hops` are the transfers of title in order: seller id, buyer id, and 1
    for a sale or −1 for goods taken back. `for_document` is what its goods are for, where a document of a
    floor above waits for them. Sales that a transfer makes are rebate-neutral unless it says
    otherwise: its legs carry its number, a programme leaves them out by it.
    """

    __tablename__ = "stock_transfer"
    __table_args__ = (UniqueConstraint("requester_id", "idempotency_key", name="uq_stock_transfer_key"),)
    __scope_resource__ = Resource.STOCK

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=40, unique=True)
    status: str = Field(default=TransferStatus.REQUESTED, max_length=16, index=True)
    from_location_id: int = Field(foreign_key="location.id", index=True)
    to_location_id: int = Field(foreign_key="location.id", index=True)
    giver_id: int = Field(foreign_key="partner.id")
    taker_id: int = Field(foreign_key="partner.id")
    giver_path: str = Field(max_length=200)
    taker_path: str = Field(max_length=200)
    requester_id: int = Field(foreign_key="partner.id")
    approver_id: int = Field(foreign_key="partner.id")
    title: str = Field(default=TransferTitle.NONE, max_length=10)
    hops: list[list[int]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    currency: str = Field(max_length=3)
    is_rebate_neutral: bool = True
    note: str = Field(default="", max_length=200)
    suggestion_number: str = Field(default="", max_length=40)
    for_document: str = Field(default="", max_length=48, index=True)
    idempotency_key: str = Field(max_length=80)
    shipment_id: int | None = Field(default=None, foreign_key="shipment.id")
    requested_at: datetime = Field(index=True)
    approved_at: datetime | None = None
    shipped_at: datetime | None = None
    received_at: datetime | None = Field(default=None, index=True)
    ended_at: datetime | None = None
    promised_on: date | None = None

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to giver and taker, and to those above them on the frozen paths."""
        return document_clause(
            scope, parties=[cls.giver_id, cls.taker_id], paths=[cls.giver_path, cls.taker_path]
        )


@scoped
class TransferLine(SQLModel, table=True):
    """A SKU of a transfer: what was asked for, and where its units are.

    On the road = shipped − received − short − restored − written off. Price and amounts (minor units, of the
    whole quantity) are what the taker is to pay, as of the request; None where it buys nothing. `hop_prices`
    has per hop the unit price as text and whether tax is inside. `origin_cost_micros` sums the net cost
    (millionths) that the received units left with, `unknown_cost_qty` counts those of unknown cost.
    """

    __tablename__ = "stock_transfer_line"
    __table_args__ = (UniqueConstraint("transfer_id", "line_no"),)
    __scope_resource__ = Resource.STOCK

    id: int | None = Field(default=None, primary_key=True)
    transfer_id: int = Field(foreign_key="stock_transfer.id")
    line_no: int
    sku_id: int = Field(foreign_key="sku.id", index=True)
    qty: int
    reserved_qty: int = 0
    shipped_qty: int = 0
    received_qty: int = 0
    short_qty: int = 0
    short_reason: str = Field(default="", max_length=10)
    restored_qty: int = 0
    written_off_qty: int = 0
    origin_cost_micros: int = Field(default=0, sa_type=BigInteger)
    unknown_cost_qty: int = 0
    tax_ppm: int = 0
    unit_price: Decimal | None = Field(default=None, sa_type=UnitPrice)
    is_gross_price: bool = True
    net_amount: int | None = Field(default=None, sa_type=BigInteger)
    tax_amount: int | None = Field(default=None, sa_type=BigInteger)
    gross_amount: int | None = Field(default=None, sa_type=BigInteger)
    steps: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    hop_prices: list[list[Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))

    @property
    def accounted_qty(self) -> int:
        """Units of which it is known what became of them."""
        return self.received_qty + self.short_qty + self.restored_qty + self.written_off_qty

    @property
    def road_qty(self) -> int:
        """Units that are on the road."""
        return self.shipped_qty - self.accounted_qty

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its transfer."""
        return col(cls.transfer_id).in_(select(Transfer.id).where(Transfer.scope_clause(scope)))
