"""Writes the demo's books: invoices, receipts, what was applied to what, the ledger, stock, number series."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from ..accounts.models import Application, Commitment, Invoice, InvoiceKind, InvoiceLine, Receipt
from ..inventory.lot_models import Lot, StockReport
from ..inventory.models import Balance, Movement
from ..kernel.ledger import LedgerEntry, LedgerJournal
from ..kernel.numbers import NumberSeries
from .books import Books, InvoicePlan, ReceiptPlan
from .catalogue import TAX_PPM
from .demand import Account
from .lots import LotPlan
from .order_rows import refunded
from .reports import ReportPlan
from .stock import BalancePlan, MovementPlan
from .trade import CURRENCY
from .writer import Writer


def write_invoices(writer: Writer, books: Books) -> None:
    """Invoices and credit notes with their frozen lines."""
    timeline = writer.timeline
    writer.insert(
        Invoice,
        (
            "id", "number", "kind", "account_id", "seller_id", "buyer_id", "seller_path", "buyer_path",
            "document", "issued_on", "due_on", "currency", "net_amount", "tax_amount", "gross_amount",
            "issued_at",
        ),
        (
            (
                plan.id, plan.number, str(plan.kind), *_account(plan.order.account),
                plan.order.account.seller.path, plan.order.account.buyer.path, _document(plan),
                timeline.day(plan.second).isoformat(), plan.due_on.isoformat(), CURRENCY, plan.amount.net,
                plan.amount.tax, plan.amount.gross, writer.instant(plan.second),
            )
            for plan in books.invoices
        ),
    )  # fmt: skip
    writer.insert(
        InvoiceLine,
        (
            "invoice_id", "line_no", "sku_code", "text", "qty", "tax_ppm", "net_amount", "tax_amount",
            "gross_amount",
        ),
        (row for plan in books.invoices for row in _invoice_lines(plan)),
    )  # fmt: skip


def _account(account: Account) -> tuple[int, int, int]:
    return account.id, account.seller.id, account.buyer.id


def _document(plan: InvoicePlan) -> str:
    """What was invoiced: the order; what was credited: the return."""
    if plan.kind is InvoiceKind.INVOICE:
        return plan.order.number
    assert plan.order.returned is not None
    return plan.order.returned.number


def _invoice_lines(plan: InvoicePlan) -> Iterator[tuple[Any, ...]]:
    if plan.kind is InvoiceKind.INVOICE:
        parts = [(line, line.qty, line.amount, 1) for line in plan.order.lines]
    else:
        parts = [(line, line.returned_qty, refund, -1) for line, refund in refunded(plan.order)]
    for no, (line, qty, amount, sign) in enumerate(parts, start=1):
        yield (
            plan.id, no, line.sku.code, line.sku.name, sign * qty, TAX_PPM, sign * amount.net,
            sign * amount.tax, sign * amount.gross,
        )  # fmt: skip


def write_receipts(writer: Writer, books: Books) -> None:
    """Receipts, what they and the credit notes were applied to, and what open orders commit."""
    timeline = writer.timeline
    writer.insert(
        Receipt,
        (
            "id", "number", "account_id", "seller_id", "buyer_id", "method", "amount", "currency",
            "received_on", "cleared_on", "reference", "invoice_numbers", "idempotency_key", "recorded_at",
        ),
        (
            (
                plan.id, plan.number, *_account(plan.account), str(plan.method), plan.amount, CURRENCY,
                (day := timeline.day(plan.second).isoformat()), day, "", "[]", f"demo:{plan.number}",
                writer.instant(plan.second),
            )
            for plan in books.receipts
        ),
    )  # fmt: skip
    writer.insert(
        Application,
        ("account_id", "receipt_id", "credit_note_id", "invoice_id", "amount", "applied_at"),
        (
            (
                plan.account.id,
                plan.receipt.id if plan.receipt else None,
                plan.credit_note.id if plan.credit_note else None,
                plan.invoice.id,
                plan.amount,
                writer.instant(plan.second),
            )
            for plan in books.applications
        ),
    )
    writer.insert(
        Commitment,
        ("account_id", "seller_id", "buyer_id", "document", "amount", "recorded_at"),
        (
            (*_account(order.account), order.number, amount, writer.instant(order.placed))
            for order, amount in books.commitments
        ),
    )


def write_ledger(writer: Writer, books: Books) -> None:
    """One balanced journal per invoice, credit note and receipt, in the seller's books."""
    first = writer.first_id(LedgerJournal)
    documents: list[InvoicePlan | ReceiptPlan] = [*books.invoices, *books.receipts]
    documents.sort(key=lambda document: document.second)
    writer.insert(
        LedgerJournal,
        ("id", "key", "document", "posted_at"),
        (
            (
                first + index,
                f"{'invoice' if isinstance(document, InvoicePlan) else 'receipt'}:{document.number}",
                document.number,
                writer.instant(document.second),
            )
            for index, document in enumerate(documents)
        ),
    )
    writer.insert(
        LedgerEntry,
        ("journal_id", "owner_id", "account", "currency", "amount"),
        (
            (first + index, owner, f"{owner}:{counterparty}:{kind}", CURRENCY, amount)
            for index, document in enumerate(documents)
            for owner, counterparty, kind, amount in _entries(document)
            if amount
        ),
    )


def _entries(document: InvoicePlan | ReceiptPlan) -> list[tuple[int, int, str, int]]:
    if isinstance(document, InvoicePlan):
        account, amount = document.order.account, document.amount
        parts = [("receivable", amount.gross), ("sales", -amount.net), ("tax", -amount.tax)]
    else:
        account = document.account
        parts = [("cash", document.amount), ("receivable", -document.amount)]
    return [(account.seller.id, account.buyer.id, kind, value) for kind, value in parts]


def write_stock(writer: Writer, movements: Sequence[MovementPlan], balances: Sequence[BalancePlan]) -> None:
    """Movements in time order and the balances they add up to."""
    instant = writer.instant
    writer.insert(
        Movement,
        (
            "location_id", "sku_id", "partner_id", "partner_path", "kind", "on_hand_delta", "reserved_delta",
            "cause", "origin_on", "unit_cost_micros", "lot_id", "moved_at",
        ),
        (
            (
                row.location.id, row.sku_id, row.location.party.id, row.location.party.path, str(row.kind),
                row.on_hand, row.reserved, row.cause,
                None if row.origin_on is None else row.origin_on.isoformat(), row.cost, row.lot_id,
                instant(row.second),
            )
            for row in movements
        ),
    )  # fmt: skip
    writer.insert(
        Balance,
        ("location_id", "sku_id", "partner_id", "partner_path", "on_hand_qty", "reserved_qty"),
        (
            (
                row.location.id, row.sku_id, row.location.party.id, row.location.party.path, row.on_hand,
                row.reserved,
            )
            for row in balances
        ),
    )  # fmt: skip


def write_lots(writer: Writer, lots: Iterable[LotPlan]) -> None:
    """Lots of goods that do not last for ever."""
    writer.insert(
        Lot,
        ("id", "sku_id", "code", "expires_on", "made_on"),
        ((lot.id, lot.sku_id, lot.code, lot.expires_on.isoformat(), lot.made_on.isoformat()) for lot in lots),
    )


def write_reports(writer: Writer, reports: Iterable[ReportPlan]) -> None:
    """What partners reported to have in stock."""
    writer.insert(
        StockReport,
        (
            "location_id", "sku_id", "partner_id", "reported_qty", "counted_on", "source", "document",
            "line_no", "reported_at",
        ),
        (
            (
                row.location.id, row.sku_id, row.location.party.id, row.qty, row.counted_on.isoformat(),
                row.source, row.document, row.line_no, writer.instant(row.second),
            )
            for row in reports
        ),
    )  # fmt: skip


def write_number_series(writer: Writer, last: dict[tuple[str, date], int]) -> None:
    """The last number given out per kind and day, so that new documents go on behind it."""
    writer.insert(
        NumberSeries,
        ("kind", "day", "last"),
        ((kind, day.isoformat(), count) for (kind, day), count in sorted(last.items())),
    )
