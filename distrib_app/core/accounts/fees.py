"""Fees a seller owes a partner for a service: posted as a payable, netted by settlement.

They are consequences of a shipment or a return: the calling verb has checked who may.
"""

from datetime import datetime

from sqlmodel import Session

from ..kernel.access import Actor
from ..kernel.events import emit
from ..kernel.ledger import post
from .applying import entry
from .models import TradingAccount

PAYABLE = "payable"


def post_fee(
    session: Session,
    actor: Actor,
    *,
    account: TradingAccount,
    document: str,
    reason: str,
    amount: int,
    now: datetime,
) -> None:
    """The seller of an account owes its buyer `amount` (minor units) more; below zero less; zero is nothing.

    Posted in the seller's books, once per `document` and `reason`. Raises `ConflictError` for a second time.
    """
    if not amount:
        return
    post(
        session,
        key=f"fee:{document}:{reason}",
        document=document,
        lines=[entry(account, PAYABLE, -amount), entry(account, "fees", amount)],
        now=now,
    )
    emit(
        session,
        actor,
        "fee.posted",
        subject=("fulfilment order", document),
        now=now,
        reason=reason,
        amount=amount,
        currency=account.currency,
    )
