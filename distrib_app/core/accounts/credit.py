"""Agreeing on credit: the verb asks for an approval where the seller's rules want one."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from ..channels import get_network
from ..kernel.access import Actor, Permission
from ..kernel.clock import business_day
from ..kernel.db import check_version
from ..kernel.errors import InvalidError, StaleError, msg
from ..kernel.events import emit
from ..kernel.explain import Step
from ..kernel.money import Money
from ..workbench import Task, ask_approval
from .exposures import exposure_of
from .models import TradingAccount
from .queries import get_account, party_names
from .service import account_subject, check_limit, check_terms, lock_account, require_seller

CREDIT_LIMIT = "credit_limit"


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
) -> Task | None:
    """Set the credit limit, and a temporary one up to and including a day.

    Where the seller's rules want an approval for the larger of both limits, nothing changes yet and the task
    is returned; otherwise orders follow at once. Terms hold for invoices issued from then on. Raises
    `StaleError`, `OpenTaskError`, `NotYourSellerError`, `InvalidError`, `NotFoundError`.
    """
    actor.require(Permission.ACCOUNTS_WRITE)
    require_seller(session, actor, seller_code)
    check_limit("credit_limit_amount", credit_limit_amount)
    check_limit("temporary_limit_amount", temporary_limit_amount)
    if terms_days is not None:
        check_terms(terms_days)
    if (temporary_limit_amount > 0) != (temporary_limit_until_on is not None):
        raise InvalidError(
            field="temporary_limit_until_on", reason=msg("a temporary limit has an amount and a last day")
        )
    account = get_account(session, seller_code=seller_code, buyer_code=buyer_code)
    lock_account(session, account)
    if account.version != version:
        raise StaleError(subject=f"{seller_code} → {buyer_code}")
    wanted = {
        "credit_limit_amount": credit_limit_amount,
        "temporary_limit_amount": temporary_limit_amount,
        "temporary_limit_until_on": temporary_limit_until_on.isoformat() if temporary_limit_until_on else "",
        "terms_days": account.terms_days if terms_days is None else terms_days,
    }
    subject = account_subject(seller_code, buyer_code)
    task = ask_approval(
        session,
        actor,
        kind=CREDIT_LIMIT,
        subject=subject,
        subject_version=account.version,
        owner_id=account.seller_id,
        amount=max(credit_limit_amount, temporary_limit_amount),
        currency=account.currency,
        payload=wanted,
        **_told(session, account, wanted, now),
        now=now,
    )
    if task is None:
        _write(session, actor, account, subject, wanted, now=now)
    return task


def apply_credit(session: Session, actor: Actor, task: Task, amount: int | None, now: datetime) -> None:
    """What an approved change of credit does: the limits asked for, none of them above `amount`.

    Raises `InvalidError` for a part below what holds already.
    """
    account = _account_of(session, task.subject_key)
    lock_account(session, account)
    wanted, granted = dict(task.payload), amount or 0
    asked = wanted["credit_limit_amount"]
    if granted < min(asked, account.credit_limit_amount):
        raise InvalidError(field="amount", reason=msg("less than the limit that holds already"))
    wanted["credit_limit_amount"] = min(asked, granted)
    wanted["temporary_limit_amount"] = min(wanted["temporary_limit_amount"], granted)
    _write(session, actor, account, (task.subject_kind, task.subject_key), wanted, now=now, task=task.number)


def credit_version(session: Session, subject_key: str) -> int | None:
    """The present version of the account a change of credit is about."""
    account = _account_of(session, subject_key)
    session.refresh(account)
    return account.version


def _account_of(session: Session, subject_key: str) -> TradingAccount:
    seller_code, _, buyer_code = subject_key.partition(":")
    return get_account(session, seller_code=seller_code, buyer_code=buyer_code)


def _write(
    session: Session,
    actor: Actor,
    account: TradingAccount,
    subject: tuple[str, str],
    wanted: dict[str, Any],
    *,
    now: datetime,
    **facts: str,
) -> None:
    check_version(account, None, subject[1])
    before = account.credit_limit_amount
    until = wanted["temporary_limit_until_on"]
    account.credit_limit_amount = wanted["credit_limit_amount"]
    account.temporary_limit_amount = wanted["temporary_limit_amount"]
    account.temporary_limit_until_on = date.fromisoformat(until) if until else None
    account.terms_days = wanted["terms_days"]
    emit(
        session,
        actor,
        "account.credit_set",
        subject=subject,
        now=now,
        old=before,
        new=account.credit_limit_amount,
        temporary=account.temporary_limit_amount,
        until=until or None,
        **facts,
    )


def _told(session: Session, account: TradingAccount, wanted: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Title, facts and evidence of the task: from what to what, and what is at risk today."""

    def text(amount: int) -> str:
        return str(Money(account.currency, amount))

    buyer = party_names(session, [account.buyer_id])[account.buyer_id]
    exposure = exposure_of(session, account, day=business_day(now, get_network(session).zone))
    evidence = [*exposure.steps()]
    if wanted["terms_days"] != account.terms_days:
        facts = {"old": account.terms_days, "new": wanted["terms_days"]}
        evidence.append(Step(msg("Payment terms: {old} → {new} days"), facts))
    title = msg("Credit limit of {buyer}: {old} → {new}")
    if wanted["temporary_limit_until_on"]:
        title = msg("Credit limit of {buyer}: {old} → {new}, and {temporary} until {until}")
    return {
        "title": title,
        "facts": {
            "buyer": buyer.name,
            "buyer_en": buyer.name_en or buyer.name,
            "old": text(account.credit_limit_amount),
            "new": text(wanted["credit_limit_amount"]),
            "temporary": text(wanted["temporary_limit_amount"]),
            "until": wanted["temporary_limit_until_on"],
        },
        "evidence": [step.frozen() for step in evidence],
    }
