"""Verbs of trading accounts: open them, set credit, lock them, note what open orders commit."""

from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select, update

from ..channels import Partner, get_network, require_partner
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.db import check_version, row_id
from ..kernel.errors import DomainError, InvalidError, msg
from ..kernel.events import Event, emit
from .errors import AccountExistsError, NotYourSellerError
from .models import Commitment, TradingAccount
from .queries import get_account


def require_seller(session: Session, actor: Actor, code: str) -> Partner:
    """The partner `code` for whom the actor may act as a seller: its own, or any for the brand's staff.

    Raises `NotFoundError` out of scope, `NotYourSellerError` for a partner that is seen but not one's own.
    """
    seller = require_partner(session, code)
    if (
        actor.is_system
        or seller.id in actor.partner_ids
        or get_network(session).brand_id in actor.partner_ids
    ):
        return seller
    raise NotYourSellerError(seller=code)


def open_account(
    session: Session,
    actor: Actor,
    *,
    seller_code: str,
    buyer_code: str,
    terms_days: int,
    credit_limit_amount: int,
    now: datetime,
) -> TradingAccount:
    """Let a buyer trade with a seller: payment terms in days, credit limit in minor units.

    Raises `AccountExistsError`, `NotYourSellerError`, `InvalidError`, `NotFoundError`.
    """
    actor.require(Permission.ACCOUNTS_WRITE)
    seller = require_seller(session, actor, seller_code)
    buyer = require_partner(session, buyer_code)
    if seller is buyer:
        raise InvalidError(field="buyer", reason=msg("a partner does not trade with itself"))
    _check_terms(terms_days)
    _check_limit("credit_limit_amount", credit_limit_amount)
    account = TradingAccount(
        seller_id=row_id(seller),
        buyer_id=row_id(buyer),
        seller_path=seller.path,
        buyer_path=buyer.path,
        currency=get_network(session).currency,
        terms_days=terms_days,
        credit_limit_amount=credit_limit_amount,
        created_at=now,
    )
    insert_unique(session, account, AccountExistsError(seller=seller_code, buyer=buyer_code))
    emit(
        session,
        actor,
        "account.opened",
        subject=_subject(seller_code, buyer_code),
        now=now,
        terms_days=terms_days,
        credit_limit_amount=credit_limit_amount,
    )
    return account


def set_credit(
    session: Session,
    actor: Actor,
    *,
    seller_code: str,
    buyer_code: str,
    credit_limit_amount: int,
    temporary_limit_amount: int = 0,
    temporary_limit_until_on: date | None = None,
    terms_days: int | None = None,
    version: int,
    now: datetime,
) -> TradingAccount:
    """Set the credit limit, and a temporary one up to and including a day; orders follow at once.

    Terms hold for invoices issued from now on. Raises `StaleError`, `NotYourSellerError`, `InvalidError`,
    `NotFoundError`.
    """
    actor.require(Permission.ACCOUNTS_WRITE)
    require_seller(session, actor, seller_code)
    _check_limit("credit_limit_amount", credit_limit_amount)
    _check_limit("temporary_limit_amount", temporary_limit_amount)
    if terms_days is not None:
        _check_terms(terms_days)
    if (temporary_limit_amount > 0) != (temporary_limit_until_on is not None):
        raise InvalidError(
            field="temporary_limit_until_on", reason=msg("a temporary limit has an amount and a last day")
        )
    account = get_account(session, seller_code=seller_code, buyer_code=buyer_code)
    lock_account(session, account)
    check_version(account, version, f"{seller_code} → {buyer_code}")
    before = account.credit_limit_amount
    account.credit_limit_amount = credit_limit_amount
    account.temporary_limit_amount = temporary_limit_amount
    account.temporary_limit_until_on = temporary_limit_until_on
    if terms_days is not None:
        account.terms_days = terms_days
    emit(
        session,
        actor,
        "account.credit_set",
        subject=_subject(seller_code, buyer_code),
        now=now,
        old=before,
        new=credit_limit_amount,
        temporary=temporary_limit_amount,
        until=temporary_limit_until_on.isoformat() if temporary_limit_until_on else None,
    )
    return account


def lock_account(session: Session, account: TradingAccount) -> None:
    """Make other writers of this account wait until this transaction ends, and read it afresh.

    A row lock on PostgreSQL; on SQLite a writing session holds the only write lock anyway.
    """
    session.refresh(account, with_for_update=True)


def commit_amount(
    session: Session, account: TradingAccount, *, document: str, amount: int, now: datetime
) -> None:
    """Note what an open order takes of the credit: + when placed, − when invoiced or cancelled (gross).

    A consequence of an order's verb, which has checked who may and holds the account's lock.
    """
    session.add(
        Commitment(
            account_id=row_id(account),
            seller_id=account.seller_id,
            buyer_id=account.buyer_id,
            document=document,
            amount=amount,
            recorded_at=now,
        )
    )


def follow_partner_move(session: Session, event: Event, now: datetime) -> None:
    """Reaction to `partner.moved`: accounts of the moved partner and all below it take the new paths.

    An account is master data, seen by the present tree; its documents keep the path of their day.
    """
    with unscoped(session, "the accounts of the whole moved subtree follow, seen or not"):
        moved = require_partner(session, event.subject_key)
        below = select(Partner.id).where(col(Partner.path).startswith(moved.path, autoescape=True))
        for party, path in (("seller_id", "seller_path"), ("buyer_id", "buyer_path")):
            column = getattr(TradingAccount, party)
            present = select(Partner.path).where(col(Partner.id) == column).scalar_subquery()
            session.exec(update(TradingAccount).where(column.in_(below)).values({path: present}))


def insert_unique(session: Session, row: SQLModel, conflict: DomainError) -> None:
    """Insert a row at once; when its unique key was taken (also by a concurrent writer) raise `conflict`."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise conflict from error


def _subject(seller_code: str, buyer_code: str) -> tuple[str, str]:
    return "account", f"{seller_code}:{buyer_code}"[:80]


def _check_limit(field: str, amount: int) -> None:
    if amount < 0:
        raise InvalidError(field=field, reason=f"{amount} < 0")


def _check_terms(terms_days: int) -> None:
    if not 0 <= terms_days <= 3650:
        raise InvalidError(field="terms_days", reason=f"{terms_days} – 0 … 3650")
