"""What the seller decides about a short delivery: send it again, credit it, or it arrived after all."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from ..accounts import commit_amount
from ..channels import PartnerKind, get_network
from ..inventory import (
    InsufficientStockError,
    Layer,
    Placement,
    Shipment,
    find_receipts,
    location_ids_of,
    lock_places,
    receive,
    take_back,
    write_off_lost,
)
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.events import emit
from ..kernel.money import divide, minor_to_micros
from ..kernel.numbers import next_number
from ..workbench import Task, choice_of
from .fees import fee_left
from .models import FulfilmentLine, FulfilmentMode, FulfilmentOrder, FulfilmentStatus
from .return_plan import ReturnedPart, give_back, sold_legs
from .returns import count_returned, undo_titles, write_return
from .service import allocate_order
from .shortages import open_shortages
from .tracking_models import DeliveryShortage, ShortageChoice, ShortageReason
from .work import OrderWork, PartWork, amounts_of, hold_accounts, load_work, read_work

# in which order the choices of one decision are booked
_BOOKED = (ShortageChoice.CREDIT, ShortageChoice.RESEND, ShortageChoice.FOUND)


def settle_short_delivery(
    session: Session, actor: Actor, task: Task, _amount: int | None, now: datetime
) -> None:
    """What the seller's choices mean for everything still missing of the task's order, each row by its own.

    The rows are those of the task's evidence. *resend*: the sale of the missing pieces is undone, and they
    become a part of their own that waits for stock or takes it at once; the promise stays. *credit*: a return
    of what never arrived, with its credit note. In both cases refused pieces come home, others are written
    off. *found*: the buyer receives them. Raises `NotYourOrderError`, `ForbiddenError`, `NotFoundError`.
    """
    work = load_work(session, actor, number=task.subject_key, verb="return")
    chosen: dict[ShortageChoice, list[DeliveryShortage]] = defaultdict(list)
    for no, row in enumerate(open_shortages(session, work), 1):
        chosen[ShortageChoice(choice_of(task, no))].append(row)
    if not chosen:
        return
    _lock(session, work, [*chosen[ShortageChoice.CREDIT], *chosen[ShortageChoice.RESEND]])
    for choice in _BOOKED:
        if chosen[choice]:
            _settle(session, actor, work, chosen[choice], choice, key=task.number, now=now)
    if chosen[ShortageChoice.RESEND]:
        _follow_resend(session, actor, work, now=now)


def _lock(session: Session, work: OrderWork, missing: Sequence[DeliveryShortage]) -> None:
    """Hold everything that undoing these rows books on: the accounts first, then the places."""
    if not missing:
        return
    hold_accounts(session, [work])
    lines = {row.fulfilment_line_id for row in missing}
    wanted = [(part, line) for part in work.parts for line in part.lines if line.id in lines]
    lock_places(session, [_placement(part, line, line.missing_qty).place for part, line in wanted])


def _settle(
    session: Session,
    actor: Actor,
    work: OrderWork,
    missing: Sequence[DeliveryShortage],
    choice: ShortageChoice,
    *,
    key: str,
    now: datetime,
) -> None:
    """Book one choice for the rows it was made for; the rows and the order remember it."""
    document = ""
    if choice is ShortageChoice.FOUND:
        _receive_late(session, work, missing, now=now)
    else:
        document = _undo(session, actor, work, missing, choice, key=key, now=now)
    lines = {row_id(line): line for part in work.parts for line in part.lines}
    for row in missing:
        lines[row.fulfilment_line_id].missing_qty -= row.qty
        row.choice, row.document, row.settled_at = choice, document, now
    session.flush()
    work.order.version += 1
    emit(
        session,
        actor,
        "order.shortage_settled",
        subject=("order", work.order.number),
        now=now,
        choice=choice.value,
        qty=sum(row.qty for row in missing),
        document=document,
    )


def _undo(
    session: Session,
    actor: Actor,
    work: OrderWork,
    missing: Sequence[DeliveryShortage],
    choice: ShortageChoice,
    *,
    key: str,
    now: datetime,
) -> str:
    """The sale of missing pieces is undone, then they are credited or wait in a part of their own.

    Answers the number of the document: a return, or what is sent again.
    """
    day = business_day(now, get_network(session).zone)
    is_credit = choice is ShortageChoice.CREDIT
    account = work.lock_account(session)
    backs = _give_back(session, work, missing)
    if is_credit:
        reason = "; ".join(dict.fromkeys(row.reason for row in missing))
        of_task = f"{row_id(work.order)}:{key}"
        document = write_return(session, work, backs, day=day, key=of_task, reason=reason, now=now).number
    else:
        document = next_number(session, "RS", day)
    _bring_home(session, missing, backs, document=document, now=now)
    undo_titles(session, actor, work, backs, account=account, document=document, day=day, now=now)
    if is_credit:
        count_returned(session, work, backs)
    else:
        _move_to_new_part(session, work, backs, now=now)
        gross = sum(back.refund.gross for back in backs)
        commit_amount(session, account, document=work.order.number, amount=gross, now=now)
    return document


def _give_back(session: Session, work: OrderWork, missing: Sequence[DeliveryShortage]) -> list[ReturnedPart]:
    """What undoing the missing pieces gives back, each line of a part once."""
    legs = sold_legs(session, work.order)
    qtys: dict[int, int] = defaultdict(int)
    for row in missing:
        qtys[row.fulfilment_line_id] += row.qty
    lines = [(part, line) for part in work.parts for line in part.lines if line.id in qtys]
    return [
        give_back(position, part, line, qtys[row_id(line)], legs)
        for position, (part, line) in enumerate(lines, 1)
    ]


def _bring_home(
    session: Session,
    missing: Sequence[DeliveryShortage],
    backs: Sequence[ReturnedPart],
    *,
    document: str,
    now: datetime,
) -> None:
    """Refused pieces go back to where they were shipped from; lost and damaged ones are written off there."""
    places = {row_id(back.line): back for back in backs}
    done: dict[tuple[int, int], int] = defaultdict(int)
    for row in missing:
        back = places[row.fulfilment_line_id]
        book = take_back if row.reason == ShortageReason.REFUSED else write_off_lost
        part_key = row_id(back.part.part), back.line.sku_id
        book(
            session,
            placement=_placement(back.part, back.line, row.qty),
            shipped_cause=back.part.part.number,
            returned_before_qty=back.undone_before_qty + done[part_key],
            fallback_on=back.origin.booked_on,
            cause=document,
            now=now,
        )
        done[part_key] += row.qty


def _placement(part: PartWork, line: FulfilmentLine, qty: int) -> Placement:
    return Placement(line.sku_id, part.part.location_id or 0, qty)


def _move_to_new_part(
    session: Session, work: OrderWork, backs: Sequence[ReturnedPart], *, now: datetime
) -> None:
    """One part with all that is sent again; what it holds leaves the parts that were delivered."""
    is_brand = work.seller.kind == PartnerKind.BRAND
    next_no = max(int(part.part.number.rpartition("-")[2]) for part in work.parts) + 1
    new = FulfilmentOrder(
        number=f"{work.order.number}-{next_no}",
        order_id=row_id(work.order),
        mode=FulfilmentMode.DIRECT if is_brand else FulfilmentMode.OWN,
        status=FulfilmentStatus.WAITING,
        seller_id=work.order.seller_id,
        buyer_id=work.order.buyer_id,
        owner_id=work.order.seller_id,
        seller_path=work.order.seller_path,
        buyer_path=work.order.buyer_path,
        owner_path=work.order.seller_path,
        currency=work.order.currency,
        is_urgent=any(back.part.part.is_urgent for back in backs),
        created_at=now,
    )
    session.add(new)
    session.flush()
    lines: dict[int, FulfilmentLine] = {}
    for back in backs:
        line = lines.setdefault(
            back.line.line_no,
            FulfilmentLine(
                fulfilment_id=row_id(new), line_no=back.line.line_no, sku_id=back.line.sku_id, qty=0
            ),
        )
        line.qty += back.qty
        back.line.fee_amount = fee_left(back.line, back.qty)
        back.line.qty -= back.qty
        back.line.shipped_qty -= back.qty
        for row, sign in ((line, 1), (new, 1), (back.line, -1), (back.part.part, -1)):
            _add_amounts(row, back, sign)
    session.add_all(lines.values())
    session.flush()


def _add_amounts(row: FulfilmentLine | FulfilmentOrder, back: ReturnedPart, sign: int) -> None:
    amounts = amounts_of(row)
    row.net_amount = amounts.net + sign * back.refund.net
    row.tax_amount = amounts.tax + sign * back.refund.tax
    row.gross_amount = amounts.gross + sign * back.refund.gross


def _follow_resend(session: Session, actor: Actor, work: OrderWork, *, now: datetime) -> None:
    """The order stands where its new part stands, which takes stock at once where there is some."""
    fresh = read_work(session, work.order)
    fresh.follow_parts()
    session.flush()
    try:
        with session.begin_nested():
            allocate_order(session, actor, number=work.order.number, now=now)
    except InsufficientStockError:
        return  # it waits like any other part without stock


def _receive_late(
    session: Session, work: OrderWork, missing: Sequence[DeliveryShortage], *, now: datetime
) -> None:
    """A buyer that keeps stock receives the pieces where it received the others of the shipment."""
    zone = get_network(session).zone
    parts = {part.part.number: part for part in work.parts}
    with unscoped(session, "a late arrival is booked into the buyer's stock by the seller"):
        locations = location_ids_of(session, partner_id=work.order.buyer_id)
        if not locations:
            return
        for row in missing:
            part = parts[row.part_number]
            shipment = session.get_one(Shipment, part.part.shipment_id)
            line = next(one for one in part.lines if one.id == row.fulfilment_line_id)
            known = find_receipts(session, cause=shipment.number, partner_id=work.order.buyer_id)
            cost = divide(minor_to_micros(line.net_amount, work.order.currency), line.qty)
            receive(
                session,
                location_id=known.get(row.sku_id, locations[0]),
                layers=[(row.sku_id, Layer(business_day(shipment.shipped_at, zone), cost, row.qty))],
                cause=shipment.number,
                shipped_causes=[part.part.number],
                now=now,
            )
