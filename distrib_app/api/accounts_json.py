"""What the API answers about accounts and their documents."""

from ..core.accounts import (
    AccountRow,
    AccountStatement,
    Exposure,
    InvoiceDetail,
    InvoiceRow,
    OpenItem,
    ReceiptRow,
)
from .models import Json, money, row_json

_EXPOSURE = ("unpaid", "overdue", "open_orders", "unapplied", "total", "limit", "available")


def account_json(row: AccountRow) -> Json:
    """An account with its exposure."""
    answer = row_json(row, omit=("id", "exposure"), currency=row.currency)
    return answer | {"exposure": exposure_json(row.exposure)}


def exposure_json(exposure: Exposure) -> Json:
    """What is at risk against the limit, as decimal strings."""
    return {name: money(getattr(exposure, name), exposure.currency) for name in _EXPOSURE}


def item_json(item: OpenItem, currency: str) -> Json:
    """An invoice with something left to pay."""
    return row_json(item, omit=("invoice_id",), currency=currency)


def invoice_json(row: InvoiceRow) -> Json:
    """An invoice or credit note in a list."""
    return row_json(row, currency=row.currency)


def receipt_json(row: ReceiptRow) -> Json:
    """Money received."""
    answer = row_json(row, omit=("amount",), currency=row.currency)
    return answer | {"amount": money(row.amount, row.currency)}


def statement_json(statement: AccountStatement) -> Json:
    """A statement of account; opening + Σ rows = closing."""
    currency = statement.currency
    rows = [
        row_json(row, omit=("amount", "balance"))
        | {"amount": money(row.amount, currency), "balance": money(row.balance, currency)}
        for row in statement.rows
    ]
    return row_json(statement, omit=("rows", "opening", "closing")) | {
        "opening": money(statement.opening, currency),
        "rows": rows,
        "closing": money(statement.closing, currency),
    }


def invoice_detail_json(detail: InvoiceDetail) -> Json:
    """An invoice with its lines and what was applied to it."""
    currency = detail.invoice.currency
    return invoice_json(detail.invoice) | {
        "lines": [row_json(line, currency=currency) for line in detail.lines],
        "applied": [{"number": by, "amount": money(amount, currency)} for by, amount in detail.applied],
    }
