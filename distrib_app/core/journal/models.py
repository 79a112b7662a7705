"""The sales journal: append-only legs, each one transfer of title, grouped into postings."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ColumnElement
from sqlmodel import Field, SQLModel

from ..kernel.access import Resource, Scope, document_clause, scoped


class FlowStep(StrEnum):
    """Which step of the channel a leg belongs to."""

    SELL_IN = "sell_in"
    SELL_THROUGH = "sell_through"
    SELL_OUT = "sell_out"


class JournalPosting(SQLModel, table=True):
    """Legs booked together. `lake_seq` is given by the lake in commit order, so none is ever skipped."""

    __tablename__ = "journal_posting"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=100, unique=True)
    source: str = Field(max_length=40)
    posted_at: datetime
    lake_seq: int | None = Field(default=None, unique=True)


@scoped
class JournalLeg(SQLModel, table=True):
    """One row of the sales journal; never updated, a return is a negative row of its own.

    `amount` and `tax_amount` are millionths of the network's currency; `amount` is what the buyer pays
    (tax included where the seller charges tax). Paths are those of the booking day; a return carries its
    origin's path, and the origin's id and day.
    """

    __tablename__ = "journal_leg"
    __scope_resource__ = Resource.SALES_DOCUMENTS

    id: int | None = Field(default=None, primary_key=True)
    posting_id: int = Field(foreign_key="journal_posting.id", index=True)
    step: str = Field(max_length=12)
    booked_on: date = Field(index=True)
    seller_id: int = Field(index=True)
    buyer_id: int = Field(index=True)
    seller_path: str = Field(max_length=200)
    buyer_path: str = Field(max_length=200)
    region_id: int
    sku_id: int
    qty: int
    price_micros: int = Field(sa_type=BigInteger)
    amount: int = Field(sa_type=BigInteger)
    tax_amount: int = Field(default=0, sa_type=BigInteger)
    order_id: int | None = Field(default=None, index=True)
    document: str = Field(max_length=40)
    line_no: int
    origin_leg_id: int | None = None
    origin_on: date | None = None

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to both parties and those above one of them on the frozen path."""
        return document_clause(
            scope, parties=[cls.seller_id, cls.buyer_id], paths=[cls.seller_path, cls.buyer_path]
        )
