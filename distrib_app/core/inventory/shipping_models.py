"""What moves goods: carriers' tariffs, lanes from a place to a region, shipments and what happens to them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, Index, UniqueConstraint
from sqlmodel import Field, SQLModel, col, select

from ..kernel.access import Resource, Scope, document_clause, scoped
from ..kernel.db import Versioned
from .models import Location


class ShipmentPurpose(StrEnum):
    """What a shipment serves."""

    ORDER = "order"
    TRANSFER = "transfer"


class ShipmentStatus(StrEnum):
    """Where a shipment is."""

    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    REFUSED = "refused"
    LOST = "lost"


class ShipmentEventKind(StrEnum):
    """What is reported of a shipment; a note says something without moving it."""

    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    ARRIVED_HUB = "arrived_hub"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    REFUSED = "refused"
    EXCEPTION = "exception"
    LOST = "lost"
    NOTE = "note"


class CarrierTariff(Versioned, table=True):
    """A carrier's price list; `bands` and `zones` are read by `freight.Tariff`."""

    __tablename__ = "carrier_tariff"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=120)
    name_en: str = Field(default="", max_length=120)
    carrier: str = Field(max_length=60)
    currency: str = Field(max_length=3)
    volumetric_divisor: int | None = None
    minimum_amount: int = Field(default=0, sa_type=BigInteger)
    bands: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    zones: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


@scoped
class Lane(Versioned, table=True):
    """The way from a place to a region and all inside it; the nearest region that covers the goal decides.

    An express lane is for urgent goods only.

    `lead_days` are calendar days on the road, `handling_amount` (minor units) is paid per parcel.
    """

    __tablename__ = "lane"
    __table_args__ = (UniqueConstraint("from_location_id", "to_region_id", "is_express"),)
    __scope_resource__ = Resource.STOCK

    id: int | None = Field(default=None, primary_key=True)
    from_location_id: int = Field(foreign_key="location.id")
    to_region_id: int = Field(foreign_key="region.id", index=True)
    tariff_id: int = Field(foreign_key="carrier_tariff.id")
    zone: str = Field(default="", max_length=20)
    distance_km: int = 0
    lead_days: int = 1
    handling_amount: int = Field(default=0, sa_type=BigInteger)
    is_cold_chain: bool = False
    is_express: bool = False
    closed_reason: str = Field(default="", max_length=120)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with the place it starts from."""
        return col(cls.from_location_id).in_(select(Location.id).where(Location.scope_clause(scope)))


@scoped
class Shipment(Versioned, table=True):
    """Goods on their way: from whose stock, sold by whom to whom; delivery is signed by a name.

    One shipment may serve several fulfilment orders of one receiver (merged), or one transfer. `freight`
    holds the frozen steps of the charge, `saving_amount` what merging saved; amounts are minor units.
    """

    __tablename__ = "shipment"
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=40, unique=True)
    purpose: str = Field(default=ShipmentPurpose.ORDER, max_length=10)
    status: str = Field(default=ShipmentStatus.SHIPPED, max_length=12, index=True)
    seller_id: int
    buyer_id: int
    owner_id: int
    seller_path: str = Field(max_length=200)
    buyer_path: str = Field(max_length=200)
    owner_path: str = Field(max_length=200)
    from_location_id: int | None = Field(default=None, foreign_key="location.id")
    carrier: str = Field(default="", max_length=60)
    waybill: str = Field(default="", max_length=60, index=True)
    currency: str = Field(default="", max_length=3)
    weight_g: int = Field(default=0, sa_type=BigInteger)
    volume_cm3: int = Field(default=0, sa_type=BigInteger)
    freight_amount: int = Field(default=0, sa_type=BigInteger)
    saving_amount: int = Field(default=0, sa_type=BigInteger)
    freight: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    promised_on: date | None = None
    shipped_at: datetime = Field(index=True)
    delivered_at: datetime | None = None
    signed_by: str = Field(default="", max_length=60)
    proof_file: str = Field(default="", max_length=60)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to seller, buyer and owner of the goods, and to those above them on the frozen paths."""
        return document_clause(
            scope,
            parties=[cls.seller_id, cls.buyer_id, cls.owner_id],
            paths=[cls.seller_path, cls.buyer_path, cls.owner_path],
        )


@scoped
class ShipmentLine(SQLModel, table=True):
    """A quantity of a SKU in a shipment, for a line of a document (fulfilment order or transfer)."""

    __tablename__ = "shipment_line"
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    shipment_id: int = Field(foreign_key="shipment.id", index=True)
    document: str = Field(max_length=48, index=True)
    line_no: int
    sku_id: int = Field(foreign_key="sku.id")
    qty: int

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its shipment."""
        return col(cls.shipment_id).in_(select(Shipment.id).where(Shipment.scope_clause(scope)))


@scoped
class ShipmentEvent(SQLModel, table=True):
    """What a carrier or a person reported of a shipment; `source_key` makes a repeated report one.

    On a delivery: who signed, in which region it was handed over, how many pieces were missing.
    """

    __tablename__ = "shipment_event"
    __table_args__ = (
        UniqueConstraint("shipment_id", "source", "source_key"),
        Index("ix_shipment_event_source_source_key", "source", "source_key"),
    )
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    shipment_id: int = Field(foreign_key="shipment.id")
    kind: str = Field(max_length=20)
    occurred_at: datetime
    recorded_at: datetime
    place: str = Field(default="", max_length=80)
    note: str = Field(default="", max_length=200)
    source: str = Field(default="", max_length=40)
    source_key: str = Field(default="", max_length=80)
    signed_by: str = Field(default="", max_length=60)
    region_id: int | None = Field(default=None, foreign_key="region.id")
    short_qty: int = 0

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its shipment."""
        return col(cls.shipment_id).in_(select(Shipment.id).where(Shipment.scope_clause(scope)))


@scoped
class StockShare(Versioned, table=True):
    """What a partner lets its seller's other buyers have from its own stock (代发), and for what fee.

    `used_qty` is what open and shipped fulfilment has taken of `shared_qty`.
    """

    __tablename__ = "stock_share"
    __table_args__ = (UniqueConstraint("location_id", "sku_id", "seller_id"),)
    __scope_resource__ = Resource.STOCK

    id: int | None = Field(default=None, primary_key=True)
    location_id: int = Field(foreign_key="location.id")
    sku_id: int = Field(foreign_key="sku.id")
    seller_id: int = Field(foreign_key="partner.id", index=True)
    shared_qty: int = 0
    used_qty: int = 0
    fee_ppm: int = 0
    answer_hours: int = 4

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its place."""
        return col(cls.location_id).in_(select(Location.id).where(Location.scope_clause(scope)))
