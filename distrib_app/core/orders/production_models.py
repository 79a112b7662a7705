"""Production requests: what the brand makes because orders wait for it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ColumnElement, UniqueConstraint
from sqlmodel import Field, SQLModel, col, select

from ..kernel.access import Resource, Scope, document_clause, scoped
from ..kernel.db import Versioned


class ProductionStatus(StrEnum):
    """Where a production request stands."""

    OPEN = "open"
    PLANNED = "planned"
    IN_PRODUCTION = "in_production"
    FINISHED = "finished"
    CANCELLED = "cancelled"


@scoped
class ProductionRequest(Versioned, table=True):
    """What one part of an order waits for: wanted on a day, promised for one once it is planned.

    `maker_id` makes the goods; `fulfilment_id` is the part that waits, `location_id` where they come in.
    """

    __tablename__ = "production_request"
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=40, unique=True)
    status: str = Field(default=ProductionStatus.OPEN, max_length=14, index=True)
    maker_id: int = Field(foreign_key="partner.id", index=True)
    maker_path: str = Field(max_length=200)
    fulfilment_id: int | None = Field(default=None, foreign_key="fulfilment_order.id", index=True)
    part_number: str = Field(max_length=48)
    is_urgent: bool = False
    wanted_on: date | None = None
    promised_on: date | None = None
    location_id: int | None = Field(default=None, foreign_key="location.id")
    asked_at: datetime
    finished_at: datetime | None = None

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to the maker and those above it."""
        return document_clause(scope, parties=[cls.maker_id], paths=[cls.maker_path])


@scoped
class ProductionLine(SQLModel, table=True):
    """A quantity of a SKU to be made; what a unit is planned to cost, and what it did (net, millionths)."""

    __tablename__ = "production_line"
    __table_args__ = (UniqueConstraint("request_id", "sku_id"),)
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="production_request.id")
    sku_id: int = Field(foreign_key="sku.id")
    qty: int
    planned_cost_micros: int | None = Field(default=None, sa_type=BigInteger)
    unit_cost_micros: int | None = Field(default=None, sa_type=BigInteger)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its request."""
        visible = select(ProductionRequest.id).where(ProductionRequest.scope_clause(scope))
        return col(cls.request_id).in_(visible)
