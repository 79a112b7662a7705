"""A buyer asks its seller to take goods back; the seller's people decide, also on a part."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from ..accounts import party_names
from ..kernel.access import Actor
from ..kernel.db import get_by
from ..kernel.errors import InvalidError, msg
from ..kernel.explain import Step
from ..kernel.money import Money
from ..workbench import ReasonMissingError, Task, ask_approval
from .models import SalesOrder
from .return_plan import ReturnedPart, plan_return, sold, sold_legs, sum_wanted
from .returns import MAX_REASON, return_goods
from .rules import refund, units_within
from .work import check_verb, load_work, read_work

GOODS_RETURN = "goods_return"
# who decides where the seller has no rule of its own: nobody's request grants itself at another company
DECIDERS = ("operations", "administrator", "owner")


def request_return(
    session: Session,
    actor: Actor,
    *,
    number: str,
    lines: Sequence[tuple[int, int]],
    reason: str,
    now: datetime,
) -> Task:
    """Ask the seller to take back quantities per line number of a delivered order (buyer's side).

    Nothing moves before the seller has approved. Raises `ReturnQuantityError`, `OpenTaskError`,
    `ReasonMissingError`, `TransitionError`, `InvalidError`, `NotFoundError`, `NotYourOrderError`.
    """
    wanted = sum_wanted(lines)
    if not reason.strip():
        raise ReasonMissingError(field="reason")
    if len(reason) > MAX_REASON:
        raise InvalidError(field="reason", reason=f"{len(reason)} > {MAX_REASON}")
    work = load_work(session, actor, number=number, verb="request_return")
    check_verb(actor, work, "request_return")
    order = work.order
    parts = plan_return(work, wanted, sold_legs(session, order))
    evidence = [
        Step(
            msg("{sku} × {qty} of {shipped} delivered"),
            {"sku": work.skus[part.line.sku_id].code, "qty": part.qty, "shipped": part.line.shipped_qty},
            str(Money(order.currency, part.refund.gross)),
        )
        for part in parts
    ]
    evidence.append(Step(msg("The buyer says: {text}"), {"text": reason.strip()}))
    buyer = party_names(session, [order.buyer_id])[order.buyer_id]
    task = ask_approval(
        session,
        actor,
        kind=GOODS_RETURN,
        subject=("order", number),
        subject_version=order.version,
        title=msg("{buyer} wants to return {qty} pieces of {order}"),
        facts={
            "buyer": buyer.name,
            "buyer_en": buyer.name_en or buyer.name,
            "qty": sum(wanted.values()),
            "order": number,
        },
        owner_id=order.seller_id,
        requester_id=order.buyer_id,
        amount=sum(part.refund.gross for part in parts),
        currency=order.currency,
        payload={"lines": [list(item) for item in wanted.items()], "reason": reason.strip()},
        evidence=[step.frozen() for step in evidence],
        always_roles=DECIDERS,
        now=now,
    )
    if task is None:  # only the system is asked nothing, and it is no buyer
        raise InvalidError(field="actor", reason=actor.username)
    return task


def apply_return(session: Session, actor: Actor, task: Task, amount: int | None, now: datetime) -> None:
    """What an approved request does: goods are taken back, in the order of the lines as far as `amount` goes.

    Raises `InvalidError` when it covers not one piece, and what `return_goods` raises.
    """
    lines = [(int(line_no), int(qty)) for line_no, qty in task.payload["lines"]]
    if amount is not None and task.amount is not None and amount < task.amount:
        order = get_by(session, SalesOrder, "order", number=task.subject_key)
        work = read_work(session, order)
        lines = _within(plan_return(work, sum_wanted(lines), sold_legs(session, order)), amount)
    if not lines:
        raise InvalidError(field="amount", reason=msg("that is less than one piece"))
    return_goods(
        session,
        actor,
        number=task.subject_key,
        lines=lines,
        reason=task.payload["reason"],
        idempotency_key=task.number,
        now=now,
    )


def return_version(session: Session, subject_key: str) -> int | None:
    """The present version of the order a return is asked of."""
    order = get_by(session, SalesOrder, "order", number=subject_key)
    session.refresh(order)
    return order.version


def _within(backs: Sequence[ReturnedPart], amount: int) -> list[tuple[int, int]]:
    """As many pieces, part by part, as `amount` refunds; per line number of the order."""
    granted: dict[int, int] = {}
    room = amount
    for back in backs:
        amounts, known = sold(back.line, back.origin, back.part.part.currency)
        qty = units_within(amounts, **known, most=back.qty, room=room)
        if qty:
            granted[back.line.line_no] = granted.get(back.line.line_no, 0) + qty
            room -= refund(amounts, **known, returning=qty).gross
    return list(granted.items())
