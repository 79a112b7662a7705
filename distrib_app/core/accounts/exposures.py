"""What a seller risks with its buyers, summed from everything that stands on their accounts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    union_all,
)
from sqlalchemy import select as select_columns
from sqlmodel import Session

from ..kernel.access import unscoped
from ..kernel.db import row_id
from ..kernel.rows import decide, table_of
from .models import Application, Commitment, Invoice, InvoiceKind, Receipt, TradingAccount
from .rules import Exposure, uncovered_overdue


def exposure_of(session: Session, account: TradingAccount, *, day: date) -> Exposure:
    """The exposure of one account on `day`: terms, clearing and the temporary limit are judged then."""
    return exposures_of(session, [account], day=day)[row_id(account)]


def exposures_of(session: Session, accounts: Sequence[TradingAccount], *, day: date) -> dict[int, Exposure]:
    """Exposure per account id in one statement, however many accounts.

    Money received counts from its clearing day: until then a bill already applied to an invoice leaves that
    invoice unpaid.
    """
    ids = sorted(row_id(account) for account in accounts)
    with unscoped(session, "credit is decided on everything that stands on the account"):
        rows = decide(session, _EXPOSURES, ids=ids, day=day)
    sums = {(row.account_id, row.what): row for row in rows}
    found: dict[int, Exposure] = {}
    for account in accounts:
        key = row_id(account)
        billed, billed_overdue, credited = _sums(sums.get((key, "invoiced")))
        paid, paid_overdue, _ = _sums(sums.get((key, "applied")))
        received, open_orders = _sums(sums.get((key, "received")))[0], _sums(sums.get((key, "committed")))[0]
        unapplied = received + credited - paid
        found[key] = Exposure(
            unpaid=billed - paid,
            overdue=uncovered_overdue(billed_overdue - paid_overdue, unapplied),
            open_orders=open_orders,
            unapplied=unapplied,
            limit=account.limit_on(day),
            currency=account.currency,
        )
    return found


def _sums(row: Row[Any] | None) -> tuple[int, int, int]:
    return (0, 0, 0) if row is None else (int(row.total), int(row.overdue), int(row.credit))


def _exposures() -> CompoundSelect[Any]:
    """Per account what was invoiced, applied, received, committed; prepared once, asked on every order."""
    invoice, application = table_of(Invoice), table_of(Application)
    receipt, commitment = table_of(Receipt), table_of(Commitment)
    ids: Any = bindparam("ids", expanding=True)
    day = bindparam("day", type_=Date())
    is_invoice = invoice.c.kind == InvoiceKind.INVOICE
    is_overdue = and_(is_invoice, invoice.c.due_on < day)
    counts = or_(application.c.receipt_id.is_(None), receipt.c.cleared_on <= day)
    gross, amount = invoice.c.gross_amount, application.c.amount
    zero: Any = literal_column("0")

    def part(what: str, table: Table, total: Any, overdue: Any = zero, credit: Any = zero) -> Select[Any]:
        named: Any = literal_column(f"'{what}'").label("what")
        sums = (total.label("total"), overdue.label("overdue"), credit.label("credit"))
        return (
            select_columns(table.c.account_id, named, *sums)
            .where(table.c.account_id.in_(ids))
            .group_by(table.c.account_id)
        )

    return union_all(
        part(
            "invoiced",
            invoice,
            func.sum(case((is_invoice, gross), else_=0)),
            func.sum(case((is_overdue, gross), else_=0)),
            func.sum(case((is_invoice, 0), else_=-gross)),
        ),
        part(
            "applied",
            application,
            func.sum(case((counts, amount), else_=0)),
            func.sum(case((and_(counts, is_overdue), amount), else_=0)),
        ).select_from(
            application.join(invoice, invoice.c.id == application.c.invoice_id).outerjoin(
                receipt, receipt.c.id == application.c.receipt_id
            )
        ),
        part("received", receipt, func.sum(receipt.c.amount)).where(receipt.c.cleared_on <= day),
        part("committed", commitment, func.sum(commitment.c.amount)),
    )


_EXPOSURES = _exposures()
