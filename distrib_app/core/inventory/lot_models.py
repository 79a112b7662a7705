"""Lots with their expiry, and what owners report to have counted."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, Index, UniqueConstraint
from sqlmodel import Field, SQLModel, col, select

from ..kernel.access import Resource, Scope, scoped
from .models import Location


class Lot(SQLModel, table=True):
    """A lot of a SKU: the same code is the same lot wherever it lies; `expires_on` is its last good day.

    What is on hand of it is the sum of its movements; who sees a place sees its lots.
    """

    __tablename__ = "stock_lot"
    __table_args__ = (UniqueConstraint("sku_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    sku_id: int = Field(foreign_key="sku.id")
    code: str = Field(max_length=40, index=True)
    expires_on: date
    made_on: date | None = None


@scoped
class StockReport(SQLModel, table=True):
    """What an owner's own system or a count says lay at a place at the end of a day; never changed.

    It moves no stock. A newer report of the same place and SKU stands in its stead. A line of a document of
    an owner's source is taken once.
    """

    __tablename__ = "stock_report"
    __table_args__ = (
        UniqueConstraint("partner_id", "source", "document", "line_no"),
        Index("ix_stock_report_location_sku", "location_id", "sku_id", "counted_on"),
    )
    __scope_resource__ = Resource.STOCK

    id: int | None = Field(default=None, primary_key=True)
    location_id: int = Field(foreign_key="location.id")
    sku_id: int = Field(foreign_key="sku.id")
    partner_id: int = Field(foreign_key="partner.id")
    reported_qty: int
    counted_on: date
    source: str = Field(max_length=40)
    document: str = Field(max_length=40)
    line_no: int
    reported_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its place."""
        return col(cls.location_id).in_(select(Location.id).where(Location.scope_clause(scope)))
