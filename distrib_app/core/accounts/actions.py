"""What may be done with a trading account: the seller books receipts and agrees on credit."""

from sqlmodel import Session

from ..kernel.access import Actor, Permission
from ..kernel.errors import NotFoundError, msg
from ..kernel.lifecycle import ActionRow
from .errors import NotYourSellerError
from .service import require_seller


def account_actions(
    session: Session, actor: Actor, *, seller_code: str, is_urgent: bool
) -> tuple[ActionRow, ...]:
    """What this actor can do with an account that it sees, with the reason where it is the seller's to do."""
    if not actor.can(Permission.ACCOUNTS_WRITE):
        return ()
    reason = None
    try:
        require_seller(session, actor, seller_code)
    except (NotFoundError, NotYourSellerError):
        reason = msg("the seller does this")
    return (
        ActionRow("receive", msg("Record a receipt"), reason),
        ActionRow("credit", msg("Change the credit limit"), reason),
        ActionRow(
            "urgency",
            msg("No longer put this buyer first") if is_urgent else msg("Put this buyer first"),
            reason,
        ),
    )
