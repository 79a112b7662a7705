"""Trading accounts between a seller and a buyer: commitments, invoices, receipts and their application."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, UniqueConstraint
from sqlmodel import Field, SQLModel, col, select

from ..kernel.access import Resource, Scope, document_clause, scoped
from ..kernel.db import Versioned


class ReceiptMethod(StrEnum):
    """How money came in."""

    CASH = "cash"
    TRANSFER = "transfer"
    ACCEPTANCE_BILL = "acceptance_bill"


class InvoiceKind(StrEnum):
    """An invoice, or a credit note (its amounts are negative)."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@scoped
class TradingAccount(Versioned, table=True):
    """What a seller and a buyer agreed: currency, terms, credit. Balances are sums, never columns."""

    __tablename__ = "trading_account"
    __table_args__ = (UniqueConstraint("seller_id", "buyer_id"),)
    __scope_resource__ = Resource.ACCOUNTS

    id: int | None = Field(default=None, primary_key=True)
    seller_id: int = Field(foreign_key="partner.id")
    buyer_id: int = Field(foreign_key="partner.id", index=True)
    seller_path: str = Field(max_length=200)
    buyer_path: str = Field(max_length=200)
    currency: str = Field(max_length=3)
    terms_days: int = 30
    credit_limit_amount: int = Field(default=0, sa_type=BigInteger)
    temporary_limit_amount: int = Field(default=0, sa_type=BigInteger)
    temporary_limit_until_on: date | None = None
    is_closed: bool = False
    is_urgent: bool = False  # whatever this buyer orders here goes first
    created_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to both parties and those above one of them."""
        return document_clause(
            scope, parties=[cls.seller_id, cls.buyer_id], paths=[cls.seller_path, cls.buyer_path]
        )

    def limit_on(self, day: date) -> int:
        """The credit limit on `day`, the temporary one included while it lasts."""
        temporary = self.temporary_limit_until_on is not None and day <= self.temporary_limit_until_on
        return max(self.credit_limit_amount, self.temporary_limit_amount if temporary else 0)


@scoped
class Commitment(SQLModel, table=True):
    """An open-order amount written down by orders (+ when placed, − when shipped or cancelled)."""

    __tablename__ = "account_commitment"
    __scope_resource__ = Resource.ACCOUNTS

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="trading_account.id", index=True)
    seller_id: int
    buyer_id: int
    document: str = Field(max_length=40, index=True)
    amount: int = Field(sa_type=BigInteger)
    recorded_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its account."""
        return col(cls.account_id).in_(select(TradingAccount.id).where(TradingAccount.scope_clause(scope)))


@scoped
class Invoice(SQLModel, table=True):
    """An invoice or credit note; immutable. What is open = gross − Σ applied."""

    __tablename__ = "invoice"
    __scope_resource__ = Resource.ACCOUNTS

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=40, unique=True)
    kind: str = Field(default=InvoiceKind.INVOICE, max_length=12)
    account_id: int = Field(foreign_key="trading_account.id", index=True)
    seller_id: int
    buyer_id: int
    seller_path: str = Field(max_length=200)
    buyer_path: str = Field(max_length=200)
    document: str = Field(max_length=40, index=True)
    issued_on: date = Field(index=True)
    due_on: date = Field(index=True)
    currency: str = Field(max_length=3)
    net_amount: int = Field(sa_type=BigInteger)
    tax_amount: int = Field(sa_type=BigInteger)
    gross_amount: int = Field(sa_type=BigInteger)
    issued_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to both parties and those above one of them on the frozen path."""
        return document_clause(
            scope, parties=[cls.seller_id, cls.buyer_id], paths=[cls.seller_path, cls.buyer_path]
        )


@scoped
class InvoiceLine(SQLModel, table=True):
    """A line of an invoice with SKU code, text and tax frozen."""

    __tablename__ = "invoice_line"
    __scope_resource__ = Resource.ACCOUNTS

    id: int | None = Field(default=None, primary_key=True)
    invoice_id: int = Field(foreign_key="invoice.id", index=True)
    line_no: int
    sku_code: str = Field(max_length=60)
    text: str = Field(max_length=200)
    qty: int
    tax_ppm: int
    net_amount: int = Field(sa_type=BigInteger)
    tax_amount: int = Field(sa_type=BigInteger)
    gross_amount: int = Field(sa_type=BigInteger)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its invoice."""
        return col(cls.invoice_id).in_(select(Invoice.id).where(Invoice.scope_clause(scope)))


@scoped
class Receipt(SQLModel, table=True):
    """Money received on an account; immutable. Only cleared money counts.

    `invoice_numbers` are those the payer named; what was applied in the end are the applications.
    """

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("seller_id", "idempotency_key"),)
    __scope_resource__ = Resource.ACCOUNTS

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=40, unique=True)
    account_id: int = Field(foreign_key="trading_account.id", index=True)
    seller_id: int
    buyer_id: int
    method: str = Field(default=ReceiptMethod.TRANSFER, max_length=16)
    amount: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    received_on: date = Field(index=True)
    cleared_on: date
    reference: str = Field(default="", max_length=80)
    invoice_numbers: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    idempotency_key: str = Field(max_length=100)
    recorded_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its account."""
        return col(cls.account_id).in_(select(TradingAccount.id).where(TradingAccount.scope_clause(scope)))


@scoped
class Application(SQLModel, table=True):
    """A part of a receipt (or of a credit note) applied to an invoice."""

    __tablename__ = "receipt_application"
    __scope_resource__ = Resource.ACCOUNTS

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="trading_account.id", index=True)
    receipt_id: int | None = Field(default=None, foreign_key="receipt.id", index=True)
    credit_note_id: int | None = Field(default=None, foreign_key="invoice.id", index=True)
    invoice_id: int = Field(foreign_key="invoice.id", index=True)
    amount: int = Field(sa_type=BigInteger)
    applied_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible with its account."""
        return col(cls.account_id).in_(select(TradingAccount.id).where(TradingAccount.scope_clause(scope)))
