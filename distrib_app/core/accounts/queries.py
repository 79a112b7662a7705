"""Reads of accounts: the account between two parties, its exposure, its open items, lists."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from ..channels import Partner
from ..kernel.access import unscoped
from ..kernel.db import get_by, row_id
from ..kernel.errors import NotFoundError
from ..kernel.listing import (
    FIRST_PAGE,
    Choices,
    Facet,
    Listing,
    ListQuery,
    ListSpec,
    Names,
    matches,
    run,
)
from .exposures import exposures_of
from .models import Application, Invoice, InvoiceKind, Receipt, TradingAccount
from .rules import Exposure, OpenItem


@dataclass(frozen=True, slots=True)
class PartyName:
    """A party of an account as documents show it."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A trading account in a list with its exposure on the day asked for."""

    id: int
    seller: PartyName
    buyer: PartyName
    currency: str
    terms_days: int
    credit_limit_amount: int
    temporary_limit_amount: int
    temporary_limit_until_on: date | None
    exposure: Exposure
    is_urgent: bool
    version: int


def find_account(session: Session, *, seller_id: int, buyer_id: int) -> TradingAccount | None:
    """The account between two partners, if there is one within scope."""
    return session.exec(
        select(TradingAccount).where(
            TradingAccount.seller_id == seller_id, TradingAccount.buyer_id == buyer_id
        )
    ).one_or_none()


def get_account(session: Session, *, seller_code: str, buyer_code: str) -> TradingAccount:
    """The account between two partners by code. Raises `NotFoundError`, also out of scope."""
    with unscoped(session, "the other party may lie outside the reader's tree; the account itself is scoped"):
        ids = dict(
            session.exec(
                select(Partner.code, Partner.id).where(col(Partner.code).in_((seller_code, buyer_code)))
            ).all()
        )
    seller_id, buyer_id = ids.get(seller_code), ids.get(buyer_code)
    account = (
        find_account(session, seller_id=seller_id, buyer_id=buyer_id) if seller_id and buyer_id else None
    )
    if account is None:
        raise NotFoundError(kind="trading account", key=f"{seller_code} → {buyer_code}")
    return account


def open_amount_on(day: date | None = None) -> ColumnElement[int]:
    """What of an invoice is unpaid, or (negative) of a credit note unused: a correlated expression.

    With `day` only what had cleared by then counts as paid.
    """
    paid = select(func.coalesce(func.sum(Application.amount), 0)).where(
        col(Application.invoice_id) == col(Invoice.id)
    )
    if day is not None:
        paid = paid.outerjoin(Receipt, col(Receipt.id) == col(Application.receipt_id)).where(
            or_(col(Application.receipt_id).is_(None), col(Receipt.cleared_on) <= day)
        )
    used = select(func.coalesce(func.sum(Application.amount), 0)).where(
        col(Application.credit_note_id) == col(Invoice.id)
    )
    return (
        col(Invoice.gross_amount)
        - paid.correlate(Invoice).scalar_subquery()
        + used.correlate(Invoice).scalar_subquery()
    )


def open_items(session: Session, account: TradingAccount, *, day: date | None = None) -> list[OpenItem]:
    """Invoices with something left to pay, oldest due first.

    Without `day`: what money can still be applied to. With `day`: what is unpaid on that day, where a bill
    of exchange counts only once it has cleared.
    """
    open_amount = open_amount_on(day)
    found = session.exec(
        select(col(Invoice.id), col(Invoice.number), col(Invoice.due_on), open_amount)
        .where(
            Invoice.account_id == account.id,
            Invoice.kind == InvoiceKind.INVOICE,
            open_amount > 0,
        )
        .order_by(col(Invoice.due_on), col(Invoice.id))
    ).all()
    return [OpenItem(key or 0, number, due_on, int(amount)) for key, number, due_on, amount in found]


def list_accounts(
    session: Session, *, day: date, query: ListQuery = FIRST_PAGE, partner_code: str = ""
) -> Listing[AccountRow]:
    """Trading accounts within scope, newest first, with their exposure on `day`.

    A search looks into code and names of both parties; `partner_code` keeps the accounts of one partner.
    Sorts: opened, limit, terms. Facets: seller, currency, state. Total: credit_limit_amount.
    """
    extra = []
    if partner_code:
        party = row_id(get_by(session, Partner, "partner", code=partner_code))
        extra.append(or_(col(TradingAccount.seller_id) == party, col(TradingAccount.buyer_id) == party))
    found = run(session, ACCOUNTS, query, extra)
    return found.showing(_account_rows(session, found.rows, day=day))


def get_account_row(session: Session, *, seller_code: str, buyer_code: str, day: date) -> AccountRow:
    """One account as lists show it, with its exposure on `day`. Raises `NotFoundError`."""
    account = get_account(session, seller_code=seller_code, buyer_code=buyer_code)
    return _account_rows(session, [account], day=day)[0]


def _account_rows(
    session: Session, accounts: Sequence[TradingAccount], *, day: date
) -> tuple[AccountRow, ...]:
    exposures = exposures_of(session, accounts, day=day)
    names = party_names(session, [key for row in accounts for key in (row.seller_id, row.buyer_id)])
    return tuple(
        AccountRow(
            id=row_id(row),
            seller=names[row.seller_id],
            buyer=names[row.buyer_id],
            currency=row.currency,
            terms_days=row.terms_days,
            credit_limit_amount=row.credit_limit_amount,
            temporary_limit_amount=row.temporary_limit_amount,
            temporary_limit_until_on=row.temporary_limit_until_on,
            exposure=exposures[row_id(row)],
            is_urgent=row.is_urgent,
            version=row.version,
        )
        for row in accounts
    )


def party_names(session: Session, partner_ids: Iterable[int]) -> dict[int, PartyName]:
    """Code and names of the parties of documents the reader sees."""
    with unscoped(session, "both names stand on every document, also the one above the reader"):
        found = session.exec(
            select(Partner.id, Partner.code, Partner.name, Partner.name_en).where(
                col(Partner.id).in_(set(partner_ids))
            )
        ).all()
    return {key: PartyName(code, name, name_en) for key, code, name, name_en in found if key is not None}


def party_matches(*columns: Any) -> Callable[[Session, str], ColumnElement[bool]]:
    """For a `ListSpec`: one of the parties (columns of partner ids) is found by a search."""

    def search(session: Session, text: str) -> ColumnElement[bool]:
        with unscoped(session, "a reader may search by the other party; the documents found are scoped"):
            ids = session.exec(
                select(Partner.id).where(
                    matches(
                        text,
                        codes=(col(Partner.code),),
                        names=(col(Partner.name), col(Partner.name_en)),
                        initials=(col(Partner.initials),),
                    )
                )
            ).all()
        return or_(*(column.in_(ids) for column in columns))

    return search


def party_facet(column: Any) -> Facet:
    """For a `ListSpec`: a filter by the code of a party (a column of partner ids) of a document."""

    def where(session: Session, codes: tuple[str, ...]) -> ColumnElement[bool]:
        with unscoped(session, "a reader may filter by the other party; the documents found are scoped"):
            ids = session.exec(select(Partner.id).where(col(Partner.code).in_(codes))).all()
        return and_(column.in_(ids))

    def label(session: Session, ids: Sequence[Any]) -> Names:
        found = party_names(session, ids)
        return {key: (one.code, one.name, one.name_en) for key, one in found.items()}

    return Facet(column, where=where, label=label)


ACCOUNTS = ListSpec(
    entity=TradingAccount,
    key=(col(TradingAccount.id),),
    sorts={
        "opened": (col(TradingAccount.id),),
        "limit": (col(TradingAccount.credit_limit_amount),),
        "terms": (col(TradingAccount.terms_days),),
    },
    default_sort="-opened",
    also=party_matches(col(TradingAccount.seller_id), col(TradingAccount.buyer_id)),
    facets={
        "seller": party_facet(col(TradingAccount.seller_id)),
        "currency": Facet(col(TradingAccount.currency)),
        "state": Choices(
            {
                "open": col(TradingAccount.is_closed).is_(False),
                "closed": col(TradingAccount.is_closed).is_(True),
            }
        ),
    },
    totals={"credit_limit_amount": col(TradingAccount.credit_limit_amount)},
)
