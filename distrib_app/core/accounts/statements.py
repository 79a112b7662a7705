"""Reads of money documents: invoices, receipts, and the statement of account with its running balance."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from ..kernel.clock import Period
from ..kernel.db import get_by, row_id
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from .models import Application, Invoice, InvoiceKind, InvoiceLine, Receipt, ReceiptMethod
from .queries import PartyName, get_account, open_amount_on, party_facet, party_matches, party_names


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice or credit note in a list; `open_amount` is what is unpaid, or not used as credit yet."""

    number: str
    kind: str
    document: str
    seller: PartyName
    buyer: PartyName
    issued_on: date
    due_on: date
    currency: str
    net_amount: int
    tax_amount: int
    gross_amount: int
    open_amount: int
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class InvoiceLineRow:
    """A line as it was frozen when invoiced; amounts in minor units."""

    line_no: int
    sku_code: str
    text: str
    qty: int
    tax_ppm: int
    net_amount: int
    tax_amount: int
    gross_amount: int


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    """An invoice with its lines and what was applied to it: number of the receipt or credit note, amount."""

    invoice: InvoiceRow
    lines: tuple[InvoiceLineRow, ...]
    applied: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """Money received, and how much of it no invoice has used yet."""

    number: str
    seller: PartyName
    buyer: PartyName
    method: str
    amount: int
    unapplied_amount: int
    currency: str
    received_on: date
    cleared_on: date
    reference: str


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A line of a statement of account: what the buyer owes more (+) or less (−), and the balance after."""

    day: date
    kind: str
    number: str
    document: str
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """What passed between two parties in a period: opening + Σ rows = closing, in minor units."""

    seller: PartyName
    buyer: PartyName
    currency: str
    opening: int
    rows: tuple[StatementRow, ...]
    closing: int


def list_invoices(session: Session, *, day: date, query: ListQuery = FIRST_PAGE) -> Listing[InvoiceRow]:
    """Invoices and credit notes within scope, newest first; open and overdue are judged on `day`.

    A search looks into number, document and both parties. Sorts: issued_on, due_on, number, gross_amount.
    Facets: state (open, overdue, paid), kind, seller, buyer. Totals: net_amount, tax_amount, gross_amount.
    """
    found = run(session, _invoices(day), query)
    names = party_names(session, [key for row, _ in found.rows for key in (row.seller_id, row.buyer_id)])
    return found.showing([_invoice_row(row, int(left), names, day) for row, left in found.rows])


def _invoices(day: date) -> ListSpec:
    open_amount = open_amount_on(day)
    is_invoice = col(Invoice.kind) == InvoiceKind.INVOICE
    return ListSpec(
        entity=Invoice,
        columns=(open_amount,),
        key=(col(Invoice.id),),
        sorts={
            "issued_on": (col(Invoice.issued_on),),
            "due_on": (col(Invoice.due_on),),
            "number": (col(Invoice.number),),
            "gross_amount": (col(Invoice.gross_amount),),
        },
        default_sort="-issued_on",
        names=(col(Invoice.number), col(Invoice.document)),
        also=party_matches(col(Invoice.seller_id), col(Invoice.buyer_id)),
        facets={
            "state": Choices(
                {
                    "open": and_(is_invoice, open_amount > 0),
                    "overdue": and_(is_invoice, open_amount > 0, col(Invoice.due_on) < day),
                    "paid": and_(is_invoice, open_amount <= 0),
                }
            ),
            "kind": Facet(col(Invoice.kind), allowed=frozenset(InvoiceKind)),
            "seller": party_facet(col(Invoice.seller_id)),
            "buyer": party_facet(col(Invoice.buyer_id)),
        },
        totals={
            "net_amount": col(Invoice.net_amount),
            "tax_amount": col(Invoice.tax_amount),
            "gross_amount": col(Invoice.gross_amount),
        },
    )


def get_invoice(session: Session, number: str, *, day: date) -> InvoiceDetail:
    """One invoice or credit note with its lines. Raises `NotFoundError`, also out of scope."""
    invoice = get_by(session, Invoice, "invoice", number=number)
    open_amount = session.exec(select(open_amount_on(day)).where(Invoice.id == invoice.id)).one()
    lines = session.exec(
        select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).order_by(col(InvoiceLine.line_no))
    ).all()
    applied = session.exec(
        select(func.coalesce(Receipt.number, Invoice.number), Application.amount)
        .outerjoin(Receipt, col(Receipt.id) == col(Application.receipt_id))
        .outerjoin(Invoice, col(Invoice.id) == col(Application.credit_note_id))
        .where(Application.invoice_id == invoice.id)
        .order_by(col(Application.id))
    ).all()
    names = party_names(session, [invoice.seller_id, invoice.buyer_id])
    return InvoiceDetail(
        invoice=_invoice_row(invoice, int(open_amount), names, day),
        lines=tuple(
            InvoiceLineRow(
                line_no=line.line_no,
                sku_code=line.sku_code,
                text=line.text,
                qty=line.qty,
                tax_ppm=line.tax_ppm,
                net_amount=line.net_amount,
                tax_amount=line.tax_amount,
                gross_amount=line.gross_amount,
            )
            for line in lines
        ),
        applied=tuple((number, amount) for number, amount in applied),
    )


def list_receipts(session: Session, *, query: ListQuery = FIRST_PAGE) -> Listing[ReceiptRow]:
    """Receipts within scope, newest first. A search looks into number, reference and both parties.

    Sorts: received_on, cleared_on, number, amount. Facets: method, seller, buyer. Total: amount.
    """
    found = run(session, RECEIPTS, query)
    names = party_names(session, [key for row, _ in found.rows for key in (row.seller_id, row.buyer_id)])
    rows = [
        ReceiptRow(
            number=row.number,
            seller=names[row.seller_id],
            buyer=names[row.buyer_id],
            method=row.method,
            amount=row.amount,
            unapplied_amount=row.amount - int(applied),
            currency=row.currency,
            received_on=row.received_on,
            cleared_on=row.cleared_on,
            reference=row.reference,
        )
        for row, applied in found.rows
    ]
    return found.showing(rows)


RECEIPTS = ListSpec(
    entity=Receipt,
    columns=(
        select(func.coalesce(func.sum(Application.amount), 0))
        .where(col(Application.receipt_id) == col(Receipt.id))
        .correlate(Receipt)
        .scalar_subquery(),
    ),
    key=(col(Receipt.id),),
    sorts={
        "received_on": (col(Receipt.received_on),),
        "cleared_on": (col(Receipt.cleared_on),),
        "number": (col(Receipt.number),),
        "amount": (col(Receipt.amount),),
    },
    default_sort="-received_on",
    names=(col(Receipt.number), col(Receipt.reference)),
    also=party_matches(col(Receipt.seller_id), col(Receipt.buyer_id)),
    facets={
        "method": Facet(col(Receipt.method), allowed=frozenset(ReceiptMethod)),
        "seller": party_facet(col(Receipt.seller_id)),
        "buyer": party_facet(col(Receipt.buyer_id)),
    },
    totals={"amount": col(Receipt.amount)},
)


def account_statement(
    session: Session, *, seller_code: str, buyer_code: str, period: Period | None = None
) -> AccountStatement:
    """The statement of account (往来对账单): every invoice, credit note and receipt with a running balance.

    The balance is the ledger's receivable of the account: a receipt lowers it on the day it came in, also
    where a bill still has to clear. Without `period` from the first document to the last. Raises
    `NotFoundError`, also out of scope.
    """
    account = get_account(session, seller_code=seller_code, buyer_code=buyer_code)
    key = row_id(account)
    dated: list[tuple[date, datetime, str, str, str, int]] = [
        (row.issued_on, row.issued_at, row.number, row.kind, row.document, row.gross_amount)
        for row in session.exec(select(Invoice).where(Invoice.account_id == key))
    ]
    dated += [
        (row.received_on, row.recorded_at, row.number, "receipt", row.reference, -row.amount)
        for row in session.exec(select(Receipt).where(Receipt.account_id == key))
    ]
    opening = balance = sum(row[-1] for row in dated if period is not None and row[0] < period.start)
    rows = []
    for day, _, number, kind, document, amount in sorted(dated):
        if period is None or day in period:
            balance += amount
            rows.append(StatementRow(day, kind, number, document, amount, balance))
    names = party_names(session, [account.seller_id, account.buyer_id])
    return AccountStatement(
        names[account.seller_id], names[account.buyer_id], account.currency, opening, tuple(rows), balance
    )


def _invoice_row(invoice: Invoice, open_amount: int, names: dict[int, PartyName], day: date) -> InvoiceRow:
    is_invoice = invoice.kind == InvoiceKind.INVOICE
    return InvoiceRow(
        number=invoice.number,
        kind=invoice.kind,
        document=invoice.document,
        seller=names[invoice.seller_id],
        buyer=names[invoice.buyer_id],
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        currency=invoice.currency,
        net_amount=invoice.net_amount,
        tax_amount=invoice.tax_amount,
        gross_amount=invoice.gross_amount,
        open_amount=open_amount,
        is_overdue=is_invoice and open_amount > 0 and invoice.due_on < day,
    )
