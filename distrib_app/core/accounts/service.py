"""Verbs of trading accounts: open them, lock them, note what open orders commit."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select, update

from ..channels import Partner, get_network, require_partner
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import DomainError, InvalidError, msg
from ..kernel.events import Event, emit
from ..kernel.rows import add_all
from .errors import AccountExistsError, NotYourSellerError
from .models import Commitment, TradingAccount


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
    check_terms(terms_days)
    check_limit("credit_limit_amount", credit_limit_amount)
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
        subject=account_subject(seller_code, buyer_code),
        now=now,
        terms_days=terms_days,
        credit_limit_amount=credit_limit_amount,
    )
    return account


def set_urgent_buyer(
    session: Session,
    actor: Actor,
    *,
    seller_code: str,
    buyer_code: str,
    is_urgent: bool,
    version: int | None = None,
    now: datetime,
) -> TradingAccount:
    """Say whether all that a buyer orders from a seller goes first; orders placed before stay as they are.

    Raises `NotYourSellerError`, `StaleError`, `NotFoundError`.
    """
    actor.require(Permission.ACCOUNTS_WRITE)
    seller = require_seller(session, actor, seller_code)
    buyer = require_partner(session, buyer_code)
    account = get_by(session, TradingAccount, "account", seller_id=row_id(seller), buyer_id=row_id(buyer))
    check_version(account, version, f"{seller_code}:{buyer_code}")
    account.is_urgent = is_urgent
    session.flush()
    emit(
        session,
        actor,
        "account.urgency_set",
        subject=account_subject(seller_code, buyer_code),
        now=now,
        is_urgent=is_urgent,
    )
    return account


def lock_account(session: Session, account: TradingAccount) -> None:
    """Make other writers of this account wait until this transaction ends, and read it afresh.

    A row lock on PostgreSQL, one that lets rows referring to the account be written (`NO KEY`); on SQLite a
    writing session holds the only write lock anyway.
    """
    session.refresh(account, with_for_update={"key_share": True})


def lock_accounts(session: Session, account_ids: Iterable[int]) -> None:
    """Hold several accounts as `lock_account` does, in the order of their ids: so no two writers cross."""
    session.exec(
        select(TradingAccount)
        .where(col(TradingAccount.id).in_(sorted(set(account_ids))))
        .order_by(col(TradingAccount.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def commit_amount(
    session: Session, account: TradingAccount, *, document: str, amount: int, now: datetime
) -> None:
    """Note what an open order takes of the credit: + when placed, − when invoiced or cancelled (gross).

    A consequence of an order's verb, which has checked who may and holds the account's lock.
    """
    row = {
        "account_id": row_id(account),
        "seller_id": account.seller_id,
        "buyer_id": account.buyer_id,
        "document": document,
        "amount": amount,
        "recorded_at": now,
    }
    add_all(session, Commitment, [row])


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


def account_subject(seller_code: str, buyer_code: str) -> tuple[str, str]:
    """What events, tasks and comments about an account hang on."""
    return "account", f"{seller_code}:{buyer_code}"[:80]


def check_limit(field: str, amount: int) -> None:
    """Refuse a negative limit."""
    if amount < 0:
        raise InvalidError(field=field, reason=f"{amount} < 0")


def check_terms(terms_days: int) -> None:
    """Refuse payment terms of more than ten years."""
    if not 0 <= terms_days <= 3650:
        raise InvalidError(field="terms_days", reason=f"{terms_days} – 0 … 3650")
