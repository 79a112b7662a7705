"""How receipts and credit notes are applied to invoices, and the ledger line they share.

Everything here runs under the account's lock, seeing the whole account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from ..kernel.db import row_id
from ..kernel.ledger import EntryLine
from .models import Application, Invoice, InvoiceKind, Receipt, TradingAccount
from .rules import OpenItem, apply_oldest


@dataclass(frozen=True, slots=True)
class Source:
    """A receipt or credit note with something left to apply."""

    day: date
    receipt_id: int | None
    credit_note_id: int | None
    left: int


def unapplied_sources(session: Session, account: TradingAccount) -> list[Source]:
    """Receipts and credit notes of the account with something left, oldest first."""
    amounts = func.coalesce(func.sum(Application.amount), 0)
    receipts = session.exec(
        select(col(Receipt.id), col(Receipt.received_on), col(Receipt.amount) - amounts)
        .outerjoin(Application, col(Application.receipt_id) == col(Receipt.id))
        .where(Receipt.account_id == account.id)
        .group_by(col(Receipt.id))
        .having(col(Receipt.amount) - amounts > 0)
    ).all()
    notes = session.exec(
        select(col(Invoice.id), col(Invoice.issued_on), -col(Invoice.gross_amount) - amounts)
        .outerjoin(Application, col(Application.credit_note_id) == col(Invoice.id))
        .where(Invoice.account_id == account.id, Invoice.kind == InvoiceKind.CREDIT_NOTE)
        .group_by(col(Invoice.id))
        .having(-col(Invoice.gross_amount) - amounts > 0)
    ).all()
    sources = [Source(day, key, None, int(left)) for key, day, left in receipts]
    sources += [Source(day, None, key, int(left)) for key, day, left in notes]
    return sorted(
        sources, key=lambda source: (source.day, source.receipt_id or 0, source.credit_note_id or 0)
    )


def apply_source(
    session: Session,
    account: TradingAccount,
    source: Source,
    items: Sequence[OpenItem],
    *,
    named: Sequence[str],
    now: datetime,
) -> None:
    """Spread a source over open items: the named ones first, then the oldest due."""
    for applied in apply_oldest(source.left, items, named=named):
        apply_part(session, account, source, invoice_id=applied.invoice_id, amount=applied.amount, now=now)


def apply_part(
    session: Session, account: TradingAccount, source: Source, *, invoice_id: int, amount: int, now: datetime
) -> None:
    """Apply a part of a source to one invoice."""
    session.add(
        Application(
            account_id=row_id(account),
            receipt_id=source.receipt_id,
            credit_note_id=source.credit_note_id,
            invoice_id=invoice_id,
            amount=amount,
            applied_at=now,
        )
    )


def entry(account: TradingAccount, kind: str, amount: int) -> EntryLine:
    """A ledger line in the seller's books about this buyer; debit positive."""
    return EntryLine(account.seller_id, account.buyer_id, kind, account.currency, amount)
