"""The verb of receipts: money in, once per key, applied and posted."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from ..channels import get_network
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import InvalidError, NotFoundError, msg
from ..kernel.events import emit
from ..kernel.ledger import post
from ..kernel.numbers import next_number
from .applying import Source, apply_source, entry
from .errors import ReusedKeyError
from .models import Invoice, InvoiceKind, Receipt, ReceiptMethod, TradingAccount
from .queries import get_account, open_items
from .service import insert_unique, lock_account, require_seller


def record_receipt(
    session: Session,
    actor: Actor,
    *,
    seller_code: str,
    buyer_code: str,
    amount: int,
    method: str,
    received_on: date,
    cleared_on: date | None = None,
    reference: str = "",
    invoice_numbers: Sequence[str] = (),
    idempotency_key: str,
    now: datetime,
) -> Receipt:
    """Record money a seller received: applied to the named invoices first, then to the oldest due.

    `cleared_on` is when it counts: the same day by default, the maturity of an acceptance bill. The same
    key again returns the first receipt and changes nothing. Raises `ReusedKeyError` for the key with other
    facts, `NotYourSellerError`, `NotFoundError` for an unknown account or invoice, `InvalidError`.
    """
    actor.require(Permission.ACCOUNTS_WRITE)
    require_seller(session, actor, seller_code)
    cleared = _cleared_on(method, received_on, cleared_on)
    today = business_day(now, get_network(session).zone)
    _check_receipt(amount, received_on, cleared, today)
    _check_length("idempotency_key", idempotency_key, 1, 100)
    _check_length("reference", reference, 0, 80)
    account = get_account(session, seller_code=seller_code, buyer_code=buyer_code)
    lock_account(session, account)
    facts: dict[str, Any] = {
        "account_id": row_id(account),
        "method": method,
        "amount": amount,
        "currency": account.currency,
        "received_on": received_on,
        "cleared_on": cleared,
        "reference": reference.strip(),
        "invoice_numbers": list(invoice_numbers),
    }
    reused = ReusedKeyError(key=idempotency_key)
    with unscoped(
        session, "a key is unique for the seller whoever used it, and money is applied over the whole account"
    ):
        earlier = session.exec(
            select(Receipt).where(
                Receipt.seller_id == account.seller_id, Receipt.idempotency_key == idempotency_key
            )
        ).one_or_none()
        if earlier is not None:
            if any(getattr(earlier, name) != value for name, value in facts.items()):
                raise reused
            return earlier
        _check_invoices(session, account, invoice_numbers)
        receipt = Receipt(
            number=next_number(session, "RC", today),
            seller_id=account.seller_id,
            buyer_id=account.buyer_id,
            idempotency_key=idempotency_key,
            recorded_at=now,
            **facts,
        )
        insert_unique(session, receipt, reused)
        source = Source(received_on, row_id(receipt), None, amount)
        apply_source(session, account, source, open_items(session, account), named=invoice_numbers, now=now)
    post(
        session,
        key=f"receipt:{receipt.number}",
        document=receipt.number,
        lines=[entry(account, "cash", amount), entry(account, "receivable", -amount)],
        now=now,
    )
    emit(
        session,
        actor,
        "receipt.recorded",
        subject=("receipt", receipt.number),
        now=now,
        seller=seller_code,
        buyer=buyer_code,
        amount=amount,
        method=method,
    )
    return receipt


def _cleared_on(method: str, received_on: date, cleared_on: date | None) -> date:
    if method not in set(ReceiptMethod):
        raise InvalidError(field="method", reason=method)
    if cleared_on is not None:
        return cleared_on
    if method == ReceiptMethod.ACCEPTANCE_BILL:
        raise InvalidError(field="cleared_on", reason=msg("an acceptance bill has a maturity day"))
    return received_on


def _check_receipt(amount: int, received_on: date, cleared_on: date, today: date) -> None:
    if amount <= 0:
        raise InvalidError(field="amount", reason=f"{amount} ≤ 0")
    if received_on > today:
        raise InvalidError(field="received_on", reason=f"{received_on} > {today}")
    if cleared_on < received_on:
        raise InvalidError(field="cleared_on", reason=f"{cleared_on} < {received_on}")


def _check_length(field: str, text: str, least: int, most: int) -> None:
    if not least <= len(text) <= most:
        raise InvalidError(field=field, reason=f"{len(text)} – {least} … {most}")


def _check_invoices(session: Session, account: TradingAccount, numbers: Sequence[str]) -> None:
    known = set(
        session.exec(
            select(Invoice.number).where(
                Invoice.account_id == account.id,
                Invoice.kind == InvoiceKind.INVOICE,
                col(Invoice.number).in_(numbers),
            )
        )
    )
    for number in numbers:
        if number not in known:
            raise NotFoundError(kind="invoice", key=number)
