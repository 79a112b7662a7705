"""What a return means for the second transfer behind a line.

The seller's purchase from the brand is credited; a partner whose units had been bought back pays again.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session

from ..accounts import InvoiceLineDraft, find_account, issue_credit_note, issue_invoice, lock_account
from ..kernel.access import Actor, unscoped
from ..kernel.errors import InvalidError, msg
from .return_plan import ReturnedPart
from .titles import tax_of
from .work import OrderWork


def settle_second(
    session: Session,
    actor: Actor,
    work: OrderWork,
    backs: Sequence[ReturnedPart],
    *,
    document: str,
    day: date,
    now: datetime,
) -> None:
    """Credit or invoice the second transfers behind what came back, one document per account."""
    groups: dict[tuple[int, int], list[ReturnedPart]] = {}
    for back in backs:
        if back.second is not None:
            groups.setdefault((back.second.seller_id, back.second.buyer_id), []).append(back)
    for (seller_id, buyer_id), group in groups.items():
        with unscoped(session, "the second transfer has parties of its own"):
            account = find_account(session, seller_id=seller_id, buyer_id=buyer_id)
            if account is None:
                raise InvalidError(field="account", reason=msg("it is gone"))
            lock_account(session, account)
        is_purchase = all(back.second is not None and back.second.qty > 0 for back in group)
        lines = [_line(work, back, -1 if is_purchase else 1) for back in group]
        if is_purchase:
            issue_credit_note(
                session,
                actor,
                account=account,
                document=document,
                lines=lines,
                day=day,
                applies_to_document=work.order.number,
                now=now,
            )
        else:
            issue_invoice(session, actor, account=account, document=document, lines=lines, day=day, now=now)


def _line(work: OrderWork, back: ReturnedPart, sign: int) -> InvoiceLineDraft:
    assert back.second_refund is not None
    sku, amounts = work.skus[back.line.sku_id], back.second_refund
    return InvoiceLineDraft(
        sku_code=sku.code,
        text=sku.name,
        qty=sign * back.qty,
        tax_ppm=tax_of(work, back.line),
        net=sign * amounts.net,
        tax=sign * amounts.tax,
        gross=sign * amounts.gross,
    )
