"""Verbs that answer a request for a transfer, and what an answer does: reserve the goods, or end it."""

from datetime import datetime

from sqlmodel import Session, select

from ..channels import get_network
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import get_by, row_id
from ..kernel.errors import msg
from ..kernel.events import Event, emit
from ..kernel.lifecycle import TransitionError
from ..workbench import Decision, Task, decide, find_open_task
from .balances import Goods, lock_places, read_goods
from .errors import ExpiresTooSoonError
from .lots import unfit_qty
from .movements import reserve
from .pending import clear_pending, note_backorder
from .transfer_models import Transfer, TransferStatus
from .transfer_titles import hold_credit
from .transfer_work import SUBJECT, TransferWork, load_transfer, read_transfer

STOCK_TRANSFER = "stock_transfer"
NOBODY_ASKED = msg("the request was withdrawn: cancel it and ask anew")


def approve_transfer(session: Session, actor: Actor, *, number: str, now: datetime) -> Transfer:
    """Agree to a transfer one was asked for: the last agreement reserves the goods.

    The same as approving its task. Raises `InsufficientStockError`, `ExpiresTooSoonError`,
    `TransferCreditError`, `NotYourTaskError`, `NotYourTransferError`, `TransitionError`, `NotFoundError`.
    """
    work = load_transfer(session, actor, number=number, verb="approve", version=None)
    decide(session, actor, number=_asked(session, work), decision=Decision.APPROVED, now=now)
    return work.transfer


def reject_transfer(session: Session, actor: Actor, *, number: str, reason: str, now: datetime) -> Transfer:
    """Say no to a transfer one was asked for. Raises `ReasonMissingError`, and like `approve_transfer`."""
    work = load_transfer(session, actor, number=number, verb="reject", version=None)
    decide(session, actor, number=_asked(session, work), decision=Decision.REJECTED, reason=reason, now=now)
    return work.transfer


def apply_transfer(session: Session, actor: Actor, task: Task, _amount: int | None, now: datetime) -> None:
    """What an approved request does. Raises what `approve_transfer` raises."""
    transfer = get_by(session, Transfer, "transfer", number=task.subject_key)
    session.refresh(transfer, with_for_update=True)
    if transfer.status != TransferStatus.REQUESTED:
        raise TransitionError(
            document=transfer.number, state=transfer.status, verb="approve", reason=NOBODY_ASKED
        )
    reserve_goods(session, actor, read_transfer(session, transfer), now=now)


def refuse_transfer(session: Session, actor: Actor, task: Task, _amount: int | None, now: datetime) -> None:
    """What a rejected request does: nothing is expected of it any more."""
    transfer = get_by(session, Transfer, "transfer", number=task.subject_key)
    _end(session, actor, transfer, TransferStatus.REJECTED, now=now)


def follow_withdrawal(session: Session, event: Event, now: datetime) -> None:
    """Reaction to `task.withdrawn`: a transfer that is asked for no more is cancelled."""
    with unscoped(session, "a request and its transfer end together"):
        task = session.exec(select(Task).where(Task.number == event.subject_key)).one()
        if task.kind != STOCK_TRANSFER:
            return
        transfer = session.exec(select(Transfer).where(Transfer.number == task.subject_key)).one()
    if transfer.status == TransferStatus.REQUESTED:
        end_transfer(session, transfer, TransferStatus.CANCELLED, now=now)


def reserve_goods(session: Session, actor: Actor, work: TransferWork, *, now: datetime) -> None:
    """Credit first, then the goods, all or none."""
    transfer = work.transfer
    hold_credit(session, work, day=business_day(now, get_network(session).zone), now=now)
    _check_fit(session, work, now=now)
    reserve(session, placements=work.placements(), cause=transfer.number, now=now)
    for line in work.lines:
        line.reserved_qty = line.qty
        note_backorder(
            session,
            location_id=transfer.from_location_id,
            sku_id=line.sku_id,
            qty=0,
            cause=transfer.number,
        )
    transfer.status, transfer.approved_at = TransferStatus.APPROVED, now
    session.flush()
    emit(session, actor, "transfer.approved", subject=(SUBJECT, transfer.number), now=now)


def end_transfer(session: Session, transfer: Transfer, status: TransferStatus, *, now: datetime) -> None:
    """The last state of a transfer: nothing of it is to come, nothing is owed."""
    transfer.status, transfer.ended_at = status, now
    clear_pending(session, cause=transfer.number)
    session.flush()


def _asked(session: Session, work: TransferWork) -> str:
    """The number of the task that waits for the answer."""
    number = work.transfer.number
    task = find_open_task(session, kind=STOCK_TRANSFER, subject=(SUBJECT, number))
    if task is None:
        raise TransitionError(
            document=number, state=work.transfer.status, verb="approve", reason=NOBODY_ASKED
        )
    return task.number


def _check_fit(session: Session, work: TransferWork, *, now: datetime) -> None:
    """Goods kept by lot that expire too soon are promised to no place. Raises `ExpiresTooSoonError`."""
    source_id = row_id(work.source)
    goods: dict[int, Goods] = read_goods(session, [line.sku_id for line in work.lines])
    with unscoped(session, "what expires too soon is decided on all that lies there"):
        unfit = unfit_qty(session, goods, [source_id], now=now)
    if not unfit:
        return
    balances = lock_places(session, [placement.place for placement in work.placements()])
    for placement in work.placements():
        on_hand, reserved = balances.get(placement.place, (0, 0))
        short_lived = unfit.get(placement.place, 0)
        if on_hand - reserved >= placement.qty > on_hand - reserved - short_lived:
            raise ExpiresTooSoonError(
                sku=goods[placement.sku_id].code,
                wanted=placement.qty,
                short_lived=short_lived,
                on_hand=on_hand,
                days=goods[placement.sku_id].min_life_days,
            )


def _end(
    session: Session, actor: Actor, transfer: Transfer, status: TransferStatus, *, now: datetime
) -> None:
    end_transfer(session, transfer, status, now=now)
    emit(session, actor, f"transfer.{status.value}", subject=(SUBJECT, transfer.number), now=now)
