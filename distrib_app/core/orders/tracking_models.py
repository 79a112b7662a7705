"""What comes back from the other end: what a recipient thinks of a delivery, and what was missing in it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Index
from sqlmodel import Field, SQLModel, col, select

from ..kernel.access import Resource, Scope, scoped
from ..kernel.db import Versioned
from .models import SalesOrder


class ComplaintKind(StrEnum):
    """What a recipient complains about."""

    LATE = "late"
    DAMAGED = "damaged"
    SHORT = "short"
    OTHER = "other"


class ShortageReason(StrEnum):
    """Why less was signed for than had left."""

    SHORT = "short"
    DAMAGED = "damaged"
    REFUSED = "refused"


class ShortageChoice(StrEnum):
    """How a short delivery was settled; empty while it waits for that."""

    OPEN = ""
    RESEND = "resend"
    CREDIT = "credit"
    FOUND = "found"


@scoped
class OrderFeedback(Versioned, table=True):
    """What the recipient of an order says on its tracking page: a rating 1–5, a complaint, or both.

    A rating counts from `rated_at` and may be changed for a day; `complaint_task` is the task of the seller
    that the last complaint went to.
    """

    __tablename__ = "order_feedback"
    __scope_resource__ = Resource.SALES_DOCUMENTS
    __table_args__ = (Index("ix_order_feedback_seller_id_rated_at", "seller_id", "rated_at"),)

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="sales_order.id", unique=True)
    seller_id: int = Field(foreign_key="partner.id")
    rating: int | None = None
    word: str = Field(default="", max_length=400)
    rated_at: datetime | None = None
    complaint_kind: str = Field(default="", max_length=10)
    complaint: str = Field(default="", max_length=400)
    contact: str = Field(default="", max_length=80)
    complained_at: datetime | None = None
    complaint_task: str = Field(default="", max_length=30)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its order."""
        return col(cls.order_id).in_(select(SalesOrder.id).where(SalesOrder.scope_clause(scope)))


@scoped
class DeliveryShortage(SQLModel, table=True):
    """A quantity of a line of a part that left and was not signed for; `choice` says how it was settled."""

    __tablename__ = "delivery_shortage"
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="sales_order.id", index=True)
    fulfilment_line_id: int = Field(foreign_key="fulfilment_line.id")
    part_number: str = Field(max_length=48)
    line_no: int
    sku_id: int = Field(foreign_key="sku.id")
    qty: int
    reason: str = Field(max_length=10)
    recorded_at: datetime
    choice: str = Field(default=ShortageChoice.OPEN, max_length=10)
    document: str = Field(default="", max_length=48)
    settled_at: datetime | None = None

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its order."""
        return col(cls.order_id).in_(select(SalesOrder.id).where(SalesOrder.scope_clause(scope)))
