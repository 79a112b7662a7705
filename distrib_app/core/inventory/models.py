"""Stock: locations, balances, movements."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, Index, text
from sqlmodel import Field, SQLModel, col, select

from ..kernel.access import Resource, Scope, master_clause, scoped
from ..kernel.db import Versioned


class LocationKind(StrEnum):
    """What a place is."""

    PLANT = "plant"
    WAREHOUSE = "warehouse"
    REGIONAL_WAREHOUSE = "regional_warehouse"
    STORE = "store"


class MovementKind(StrEnum):
    """Why a balance moved."""

    RECEIPT = "receipt"
    RESERVE = "reserve"
    RELEASE = "release"
    SHIP = "ship"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    RETURN = "return"
    COUNT = "count"
    CORRECTION = "correction"


@scoped
class Location(Versioned, table=True):
    """A place that holds stock of one partner; `partner_path` follows the owner through the tree."""

    __tablename__ = "location"
    __scope_resource__ = Resource.STOCK

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=120)
    name_en: str = Field(default="", max_length=120)
    kind: str = Field(max_length=20)
    partner_id: int = Field(foreign_key="partner.id", index=True)
    partner_path: str = Field(max_length=200)
    region_id: int = Field(foreign_key="region.id")
    priority: int = 0
    is_cold_chain: bool = False
    cut_off_minute: int = 960  # of the owner's day: later orders leave on the next working day

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible by the owner's present path."""
        return master_clause(scope, path=cls.partner_path, party_id=cls.partner_id)


@scoped
class Balance(SQLModel, table=True):
    """What lies at a location: Σ movements, kept by conditional updates. available = on hand − reserved."""

    __tablename__ = "stock_balance"
    __table_args__ = (
        CheckConstraint("reserved_qty >= 0 AND reserved_qty <= on_hand_qty", name="reserved"),
        CheckConstraint("on_hand_qty >= 0", name="on_hand"),
    )
    __scope_resource__ = Resource.STOCK

    location_id: int = Field(foreign_key="location.id", primary_key=True)
    sku_id: int = Field(foreign_key="sku.id", primary_key=True, index=True)
    partner_id: int
    partner_path: str = Field(max_length=200)
    on_hand_qty: int = 0
    reserved_qty: int = 0

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its location; `partner_path` is the owner's when the row was written."""
        return col(cls.location_id).in_(select(Location.id).where(Location.scope_clause(scope)))


@scoped
class Movement(SQLModel, table=True):
    """One change of one balance with its cause; receipts and returns keep origin day and net cost."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        Index("ix_stock_movement_location_sku", "location_id", "sku_id"),
        # few SKUs are kept by lot: the others pay nothing for it
        Index(
            "ix_stock_movement_lot",
            "lot_id",
            sqlite_where=text("lot_id IS NOT NULL"),
            postgresql_where=text("lot_id IS NOT NULL"),
        ),
        # what went out lately, read without the rows themselves
        Index(
            "ix_stock_movement_issued",
            "moved_at",
            "location_id",
            "sku_id",
            "kind",
            "on_hand_delta",
            sqlite_where=text("on_hand_delta < 0"),
            postgresql_where=text("on_hand_delta < 0"),
        ),
    )
    __scope_resource__ = Resource.STOCK

    id: int | None = Field(default=None, primary_key=True)
    location_id: int = Field(foreign_key="location.id")
    sku_id: int = Field(foreign_key="sku.id")
    partner_id: int
    partner_path: str = Field(max_length=200)
    kind: str = Field(max_length=12)
    on_hand_delta: int = 0
    reserved_delta: int = 0
    cause: str = Field(max_length=40, index=True)
    origin_on: date | None = None
    unit_cost_micros: int | None = Field(default=None, sa_type=BigInteger)
    lot_id: int | None = Field(default=None, foreign_key="stock_lot.id")
    moved_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its location; `partner_path` is the owner's when the row was written."""
        return col(cls.location_id).in_(select(Location.id).where(Location.scope_clause(scope)))
