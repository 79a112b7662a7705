"""The price book: append-only, effective-dated, bitemporal price rows."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Index, or_, true
from sqlmodel import Field

from ..kernel.access import Resource, Scope, scoped
from ..kernel.effective import Effective
from ..kernel.money import UnitPrice


class PriceKind(StrEnum):
    """Kinds in order of precedence."""

    SPECIAL = "special"
    PROMOTION = "promotion"
    BASE = "base"


class BuyerScope(StrEnum):
    """To whom a price applies, most specific first."""

    PARTNER = "partner"
    TIER_IN_REGION = "tier_in_region"
    REGION = "region"
    TIER = "tier"
    ALL = "all"


class Channel(StrEnum):
    """Where a price holds."""

    OFFLINE = "offline"
    ONLINE = "online"


@scoped
class PriceRow(Effective, table=True):
    """One price of one seller for a scope of buyers; a correction is a later row."""

    __tablename__ = "price_row"
    __table_args__ = (
        Index("ix_price_row_seller_sku", "seller_id", "sku_id"),
        Index("ix_price_row_recorded_at", "recorded_at"),
    )
    __scope_resource__ = Resource.PRICES

    id: int | None = Field(default=None, primary_key=True)
    seller_id: int = Field(foreign_key="partner.id")
    sku_id: int = Field(foreign_key="sku.id")
    channel: str = Field(default=Channel.OFFLINE, max_length=10)
    kind: str = Field(default=PriceKind.BASE, max_length=10)
    buyer_scope: str = Field(default=BuyerScope.ALL, max_length=16)
    buyer_id: int | None = Field(default=None, foreign_key="partner.id")
    tier_id: int | None = Field(default=None, foreign_key="tier.id")
    region_id: int | None = Field(default=None, foreign_key="region.id")
    unit_price: Decimal = Field(sa_type=UnitPrice)
    is_gross: bool = True
    currency: str = Field(max_length=3)
    reason: str = Field(default="", max_length=200)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """The seller's own rows, and those addressed to the actor's partner by name."""
        if scope.is_all:
            return true()
        ids: Any = scope.party_ids
        columns: Any = cls
        return or_(columns.seller_id.in_(ids), columns.buyer_id.in_(ids))
