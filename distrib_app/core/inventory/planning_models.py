"""What stock is planned by: water lines, suggestions, what is still to come, turnover to measure, quotas."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Index, UniqueConstraint, false, or_, true
from sqlmodel import Field, SQLModel, col, select

from ..kernel.access import Resource, Scope, scoped
from ..kernel.db import Versioned
from .models import Location


class LineSource(StrEnum):
    """Where a water line is from; what somebody set by hand is never computed over."""

    HAND = "hand"
    COMPUTED = "computed"


class SuggestionKind(StrEnum):
    """What is suggested; `keep` says why nothing is."""

    REPLENISH = "replenish"
    TRANSFER = "transfer"
    CLEARANCE = "clearance"
    KEEP = "keep"


class SuggestionStatus(StrEnum):
    """Where a suggestion stands. It is never submitted by itself; the next day's run replaces an open one."""

    OPEN = "open"
    SNOOZED = "snoozed"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    EXPIRED = "expired"


class PendingKind(StrEnum):
    """What a floor above has written down: goods that will come, or goods that are owed to a buyer."""

    EXPECTED = "expected"
    BACKORDER = "backorder"


@scoped
class WaterLine(Versioned, table=True):
    """Safety, warning and maximum of a SKU at a place.

    `inputs` of a computed line are the arguments of `water_lines.explain_lines`; `daily_milli` is the mean
    demand of a day in thousandths (None: set by hand, unknown).
    """

    __tablename__ = "water_line"
    __table_args__ = (UniqueConstraint("location_id", "sku_id"),)
    __scope_resource__ = Resource.STOCK

    id: int | None = Field(default=None, primary_key=True)
    location_id: int = Field(foreign_key="location.id")
    sku_id: int = Field(foreign_key="sku.id", index=True)
    safety_qty: int
    warning_qty: int
    max_qty: int
    source: str = Field(max_length=10)
    daily_milli: int | None = None
    inputs: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    set_at: datetime
    set_by: int | None = Field(default=None, foreign_key="user_account.id")

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its place."""
        return col(cls.location_id).in_(select(Location.id).where(Location.scope_clause(scope)))


@scoped
class Suggestion(SQLModel, table=True):
    """What should be done about a SKU at a place on a day, and why.

    A transfer names where the goods come from. `inputs` are the quantities it was decided on, `steps` the
    explanation as frozen steps. Open ones end on `expires_on` (exclusive) or with the next run.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        UniqueConstraint(
            "location_id", "sku_id", "suggested_on", "kind", "from_location_id", name="uq_suggestion_day"
        ),
    )
    __scope_resource__ = Resource.STOCK

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=40, unique=True)
    location_id: int = Field(foreign_key="location.id")
    sku_id: int = Field(foreign_key="sku.id", index=True)
    kind: str = Field(max_length=10)
    is_urgent: bool = False
    qty: int
    from_location_id: int | None = Field(default=None, foreign_key="location.id", index=True)
    status: str = Field(default=SuggestionStatus.OPEN, max_length=10, index=True)
    snoozed_until: date | None = None
    suggested_on: date = Field(index=True)
    expires_on: date
    inputs: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    steps: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    accepted_document: str = Field(default="", max_length=40)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its place, and with the place it takes goods from."""
        visible = select(Location.id).where(Location.scope_clause(scope))
        return or_(col(cls.location_id).in_(visible), col(cls.from_location_id).in_(visible))


# NULLs are distinct: what comes from nowhere in particular needs a key of its own
Index(
    "uq_suggestion_day_without_source",
    col(Suggestion.location_id),
    col(Suggestion.sku_id),
    col(Suggestion.suggested_on),
    col(Suggestion.kind),
    unique=True,
    sqlite_where=col(Suggestion.from_location_id).is_(None),
    postgresql_where=col(Suggestion.from_location_id).is_(None),
)


@scoped
class PendingStock(SQLModel, table=True):
    """Goods that documents above promise a place (`expected`) or that it owes (`backorder`).

    One row per document (`cause`), place and SKU, with what is still open of it. However late it is due, it
    counts: a receipt that was postponed is not ordered again.
    """

    __tablename__ = "pending_stock"
    __table_args__ = (UniqueConstraint("location_id", "sku_id", "kind", "cause"),)
    __scope_resource__ = Resource.STOCK

    id: int | None = Field(default=None, primary_key=True)
    location_id: int = Field(foreign_key="location.id")
    sku_id: int = Field(foreign_key="sku.id")
    kind: str = Field(max_length=10)
    qty: int
    cause: str = Field(max_length=40, index=True)
    is_in_transit: bool = False
    due_on: date | None = None

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its place."""
        return col(cls.location_id).in_(select(Location.id).where(Location.scope_clause(scope)))


class TurnoverBenchmark(Versioned, table=True):
    """How often a year stock of a category is turned in the industry, everywhere or in a region and below."""

    __tablename__ = "turnover_benchmark"
    __table_args__ = (UniqueConstraint("category_id", "region_id"),)

    id: int | None = Field(default=None, primary_key=True)
    category_id: int = Field(foreign_key="category.id")
    region_id: int = Field(foreign_key="region.id")
    turnover_milli: int
    source: str = Field(max_length=120)


@scoped
class Quota(Versioned, table=True):
    """How much of a SKU a seller lets a buyer, a tier or everybody have in a period `[from, to)`."""

    __tablename__ = "stock_quota"
    __table_args__ = (Index("ix_stock_quota_seller_sku", "seller_id", "sku_id"),)
    __scope_resource__ = Resource.STOCK

    id: int | None = Field(default=None, primary_key=True)
    seller_id: int = Field(foreign_key="partner.id")
    sku_id: int = Field(foreign_key="sku.id", index=True)
    buyer_id: int | None = Field(default=None, foreign_key="partner.id")
    tier_id: int | None = Field(default=None, foreign_key="tier.id")
    valid_from: date
    valid_to: date
    qty: int
    used_qty: int = 0

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to the seller, and to the buyer it is for."""
        if scope.is_all:
            return true()
        if not scope.party_ids:
            return false()
        return or_(col(cls.seller_id).in_(scope.party_ids), col(cls.buyer_id).in_(scope.party_ids))
