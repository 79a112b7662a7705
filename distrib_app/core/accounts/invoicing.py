"""Verbs of invoices and credit notes: frozen lines, a journal in the ledger, money applied at once.

They are consequences of a shipment or a return: the calling verb has checked who may.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from ..channels import Partner, get_network
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import msg
from ..kernel.events import emit
from ..kernel.ledger import post
from ..kernel.numbers import next_number
from .applying import Source, apply_part, apply_source, entry, unapplied_sources
from .errors import InvoiceLinesError
from .models import Invoice, InvoiceKind, InvoiceLine, TradingAccount
from .queries import open_items
from .service import lock_account


@dataclass(frozen=True, slots=True)
class InvoiceLineDraft:
    """A line to invoice in minor units; gross = net + tax. All three are negative on a credit note."""

    sku_code: str
    text: str
    qty: int
    tax_ppm: int
    net: int
    tax: int
    gross: int


def issue_invoice(
    session: Session,
    actor: Actor,
    *,
    account: TradingAccount,
    document: str,
    lines: Sequence[InvoiceLineDraft],
    day: date,
    now: datetime,
) -> Invoice:
    """Invoice what `document` delivered on the business day `day`; due after the account's terms.

    Cash and credit notes not applied yet go to it at once, oldest first. Raises `InvoiceLinesError`.
    """
    _check_lines(document, lines, sign=1)
    with unscoped(session, "money is applied over the whole account, whoever ships"):
        lock_account(session, account)
        sources = unapplied_sources(session, account)
        invoice = _issue(
            session,
            actor,
            account=account,
            kind=InvoiceKind.INVOICE,
            document=document,
            lines=lines,
            day=day,
            now=now,
        )
        left = invoice.gross_amount
        for source in sources:
            part = min(left, source.left)
            if part > 0:
                apply_part(session, account, source, invoice_id=row_id(invoice), amount=part, now=now)
                left -= part
    return invoice


def issue_credit_note(
    session: Session,
    actor: Actor,
    *,
    account: TradingAccount,
    document: str,
    lines: Sequence[InvoiceLineDraft],
    day: date,
    applies_to_document: str | None,
    now: datetime,
) -> Invoice:
    """Credit the buyer for `document` (a return); amounts of the lines are negative.

    It settles the open invoices of `applies_to_document` first, then the oldest due; the rest stays as
    credit for the next invoice. Raises `InvoiceLinesError`.
    """
    _check_lines(document, lines, sign=-1)
    with unscoped(session, "money is applied over the whole account, whoever takes goods back"):
        lock_account(session, account)
        items = open_items(session, account)
        named = _numbers_of(session, account, applies_to_document) if applies_to_document else []
        note = _issue(
            session,
            actor,
            account=account,
            kind=InvoiceKind.CREDIT_NOTE,
            document=document,
            lines=lines,
            day=day,
            now=now,
        )
        source = Source(day, None, row_id(note), -note.gross_amount)
        apply_source(session, account, source, items, named=named, now=now)
    return note


def _issue(
    session: Session,
    actor: Actor,
    *,
    account: TradingAccount,
    kind: InvoiceKind,
    document: str,
    lines: Sequence[InvoiceLineDraft],
    day: date,
    now: datetime,
) -> Invoice:
    """Write the document, its lines and its journal."""
    is_invoice = kind is InvoiceKind.INVOICE
    number_day = business_day(now, get_network(session).zone)
    parties = select(Partner.id, Partner.path).where(
        col(Partner.id).in_((account.seller_id, account.buyer_id))
    )
    paths = dict(session.exec(parties).all())
    invoice = Invoice(
        number=next_number(session, "IN" if is_invoice else "CN", number_day),
        kind=kind,
        account_id=row_id(account),
        seller_id=account.seller_id,
        buyer_id=account.buyer_id,
        seller_path=paths[account.seller_id],
        buyer_path=paths[account.buyer_id],
        document=document,
        issued_on=day,
        due_on=day + timedelta(days=account.terms_days) if is_invoice else day,
        currency=account.currency,
        net_amount=sum(line.net for line in lines),
        tax_amount=sum(line.tax for line in lines),
        gross_amount=sum(line.gross for line in lines),
        issued_at=now,
    )
    session.add(invoice)
    session.flush()
    session.add_all(
        InvoiceLine(
            invoice_id=row_id(invoice),
            line_no=line_no,
            sku_code=line.sku_code,
            text=line.text,
            qty=line.qty,
            tax_ppm=line.tax_ppm,
            net_amount=line.net,
            tax_amount=line.tax,
            gross_amount=line.gross,
        )
        for line_no, line in enumerate(lines, 1)
    )
    post(
        session,
        key=f"invoice:{invoice.number}",
        document=invoice.number,
        lines=[
            entry(account, "receivable", invoice.gross_amount),
            entry(account, "sales", -invoice.net_amount),
            entry(account, "tax", -invoice.tax_amount),
        ],
        now=now,
    )
    emit(
        session,
        actor,
        "invoice.issued" if is_invoice else "credit_note.issued",
        subject=("invoice", invoice.number),
        now=now,
        document=document,
        gross_amount=invoice.gross_amount,
    )
    return invoice


def _check_lines(document: str, lines: Sequence[InvoiceLineDraft], *, sign: int) -> None:
    if not lines:
        raise InvoiceLinesError(document=document, line="–", reason=msg("there are no lines"))
    for line_no, line in enumerate(lines, 1):
        if line.gross != line.net + line.tax:
            raise InvoiceLinesError(document=document, line=line_no, reason=msg("net and tax are not gross"))
        if any(sign * amount < 0 for amount in (line.net, line.tax, line.gross)):
            raise InvoiceLinesError(document=document, line=line_no, reason=msg("the sign is wrong"))


def _numbers_of(session: Session, account: TradingAccount, document: str) -> list[str]:
    return list(
        session.exec(
            select(Invoice.number)
            .where(Invoice.account_id == account.id, Invoice.document == document)
            .order_by(col(Invoice.id))
        )
    )
