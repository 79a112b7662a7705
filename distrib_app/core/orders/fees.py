"""What a seller owes a partner for serving its buyer from the partner's stock (代发)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from ..accounts import TradingAccount, find_account, post_fee
from ..kernel.access import Actor, unscoped
from ..kernel.errors import InvalidError, msg
from ..kernel.money import divide
from .models import FulfilmentLine, FulfilmentMode
from .return_plan import ReturnedPart
from .rules import fee_back
from .work import OrderWork, PartWork


def earn_fee(session: Session, actor: Actor, work: OrderWork, part: PartWork, *, now: datetime) -> None:
    """The part has left: its owner has earned the fee that was agreed when the order was placed."""
    post_fee(
        session,
        actor,
        account=_account(session, work, part),
        document=part.part.number,
        reason="shipped",
        amount=sum(line.fee_amount for line in part.lines),
        now=now,
    )


def reverse_fees(
    session: Session,
    actor: Actor,
    work: OrderWork,
    backs: Sequence[ReturnedPart],
    *,
    document: str,
    now: datetime,
) -> None:
    """Goods come back: their share of the fee is not earned. Call it before the lines count them."""
    shares: dict[str, int] = defaultdict(int)
    served: dict[str, PartWork] = {}
    for back in backs:
        if back.part.part.mode == FulfilmentMode.PARTNER:
            served[back.part.part.number] = back.part
            shares[back.part.part.number] += _share(back.line, back.qty)
    for number, part in served.items():
        post_fee(
            session,
            actor,
            account=_account(session, work, part),
            document=number,
            reason=document,
            amount=-shares[number],
            now=now,
        )


def fee_left(line: FulfilmentLine, moving: int) -> int:
    """The fee of a line that loses pieces to another part, so that what is earned of it stays as it is.

    Rounded to the nearest: what the pieces that are left earn, less what came back of them, is that again.
    """
    left = line.qty - moving
    if left == line.returned_qty:
        return 0
    earned = line.fee_amount - fee_back(
        line.fee_amount, qty=line.qty, returned_before=0, returning=line.returned_qty + moving
    )
    return divide(earned * left, left - line.returned_qty)


def _share(line: FulfilmentLine, qty: int) -> int:
    return fee_back(line.fee_amount, qty=line.qty, returned_before=line.returned_qty, returning=qty)


def _account(session: Session, work: OrderWork, part: PartWork) -> TradingAccount:
    with unscoped(session, "a fee stands on the account of the seller with the owner of the goods"):
        account = find_account(session, seller_id=work.order.seller_id, buyer_id=part.part.owner_id)
    if account is None:
        raise InvalidError(field="owner", reason=msg("it has no account with the seller"))
    return account
