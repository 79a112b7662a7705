"""Verbs of transfers while the goods move: pick, ship, receive, cancel, settle."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from ..channels import get_network
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import InvalidError
from ..kernel.events import emit
from ..workbench import find_open_task, withdraw_task
from .movements import release, send_off
from .pending import expect_receipt
from .shipment_events import settle_shipment
from .shipments import ShipmentDraft, ShippedLine, create_shipment, sign_for
from .shipping_models import Shipment, ShipmentPurpose, ShipmentStatus
from .transfer_answers import STOCK_TRANSFER, end_transfer
from .transfer_arrivals import ArrivedLine, arrive, check_arrived, clear_road, lock_road, match_lines
from .transfer_freight import plan_carriage
from .transfer_models import CancelOutcome, Transfer, TransferStatus
from .transfer_tasks import ROAD_TASKS, TRANSFER_SHORT, ask_for_short, cure_transfer_tasks
from .transfer_titles import free_credit, pass_titles
from .transfer_work import SUBJECT, TransferWork, load_transfer
from .transferring import MAX_NOTE

MAX_TEXT = 60


def pick_transfer(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> Transfer:
    """Say that the goods lie ready (giver's side).

    Raises `TransitionError`, `StaleError`, `NotFoundError`, `NotYourTransferError`.
    """
    work = load_transfer(session, actor, number=number, verb="pick", version=version)
    work.transfer.status = TransferStatus.PICKED
    return _done(session, actor, work, "transfer.picked", now=now)


def ship_transfer(
    session: Session,
    actor: Actor,
    *,
    number: str,
    carrier: str = "",
    waybill: str = "",
    version: int | None = None,
    now: datetime,
) -> Transfer:
    """Send the goods on their way (giver's side): they leave stock as they lay there, oldest layers first.

    The freight of the lane is frozen on the shipment; without a name its carrier takes them. Raises
    `NoLaneError`, `ExpiresTooSoonError`, `InvalidError`, and like `pick_transfer`.
    """
    for field, text in (("carrier", carrier), ("waybill", waybill)):
        if len(text) > MAX_TEXT:
            raise InvalidError(field=field, reason=f"{len(text)} > {MAX_TEXT}")
    work = load_transfer(session, actor, number=number, verb="ship", version=version)
    transfer, day = work.transfer, business_day(now, get_network(session).zone)
    carriage = plan_carriage(
        session,
        work.source,
        work.target,
        goods=[(work.skus[line.sku_id], line.qty) for line in work.lines],
        currency=transfer.currency,
        day=day,
    )
    with unscoped(session, "both owners are written on the shipment as they stand today"):
        shipment = create_shipment(
            session,
            ShipmentDraft(
                seller=work.giver,
                buyer=work.taker,
                owner=work.giver,
                from_location_id=transfer.from_location_id,
                currency=carriage.currency,
                lines=[ShippedLine(number, line.line_no, line.sku_id, line.qty) for line in work.lines],
                carrier=carrier.strip() or carriage.carrier,
                waybill=waybill.strip(),
                freight_amount=carriage.amount,
                promised_on=carriage.arrives_on,
                purpose=ShipmentPurpose.TRANSFER,
                weight_g=carriage.weight_g,
                volume_cm3=carriage.volume_cm3,
                freight=carriage.frozen,
            ),
            day=day,
            now=now,
        )
    send_off(session, placements=work.placements(), cause=number, now=now)
    for line in work.lines:
        line.reserved_qty, line.shipped_qty = 0, line.qty
    transfer.status, transfer.shipped_at = TransferStatus.IN_TRANSIT, now
    transfer.shipment_id, transfer.promised_on = row_id(shipment), carriage.arrives_on
    _expect_road(session, work)
    return _done(session, actor, work, "transfer.shipped", now=now, shipment=shipment.number)


def receive_transfer(
    session: Session,
    actor: Actor,
    *,
    number: str,
    lines: Sequence[ArrivedLine],
    signed_by: str,
    version: int | None = None,
    now: datetime,
) -> Transfer:
    """Say what came in, signed by a name (taker's side); in one go or several.

    Units come in with their origin day and lot; inside one owner with their cost, bought ones at what they
    cost. Of short units `not_sent` ones lie at the giver's place again, others are written off there: until
    the taker has signed the loss is the giver's. What came in whole is settled at once; where units were
    short the giver gets a task, and settles. Raises `RoadQuantityError`, `ReasonMissingError`,
    `InvalidError`, and like `pick_transfer`.
    """
    if not 1 <= len(signed_by.strip()) <= MAX_TEXT:
        raise InvalidError(field="signed_by", reason=f"1 … {MAX_TEXT}")
    check_arrived(lines)
    work = load_transfer(session, actor, number=number, verb="receive", version=version)
    transfer = work.transfer
    arrived = match_lines(work, lines)
    with unscoped(session, "an arrival is booked at both places, whichever side signs"):
        left = lock_road(session, work, [line for line, _ in arrived])
        for line, one in sorted(arrived, key=lambda item: item[0].sku_id):
            arrive(session, work, line, one, left[line.sku_id], now=now)
        session.flush()
        _sign(session, work, signed_by=signed_by, now=now)
    is_over = not any(line.road_qty for line in work.lines)
    transfer.status = TransferStatus.RECEIVED if is_over else TransferStatus.PARTLY_RECEIVED
    if is_over:
        transfer.received_at = now
    _expect_road(session, work)
    short = sum(one.short_qty for _, one in arrived)
    _done(
        session,
        actor,
        work,
        "transfer.received",
        now=now,
        qty=sum(one.received_qty for _, one in arrived),
        short=short,
        signed_by=signed_by.strip(),
    )
    if not is_over:
        return transfer
    cure_transfer_tasks(session, number, ROAD_TASKS, now=now)
    if not any(line.short_qty for line in work.lines):
        _settle(session, actor, work, now=now)
        return transfer
    ask_for_short(session, work, now=now)
    return transfer


def cancel_transfer(
    session: Session,
    actor: Actor,
    *,
    number: str,
    outcome: str = "",
    reason: str = "",
    version: int | None = None,
    now: datetime,
) -> Transfer:
    """Call a transfer off. Before it left, its reservation is free again (whoever asked, or either side).

    On the road only the giver can, and says what becomes of the units: `restore` puts them back where they
    left with their own layers, `write_off` takes them out of the books there. What had been received before
    stays, and is settled. Raises `InvalidError` for a missing or needless outcome, and like `pick_transfer`.
    """
    if len(reason) > MAX_NOTE:
        raise InvalidError(field="reason", reason=f"{len(reason)} > {MAX_NOTE}")
    work = load_transfer(session, actor, number=number, verb="cancel", version=version)
    transfer = work.transfer
    is_out = transfer.shipped_at is not None
    if outcome not in (set(CancelOutcome) if is_out else {""}):
        raise InvalidError(field="outcome", reason=outcome or " / ".join(CancelOutcome))
    if not is_out:
        _call_off(session, actor, work, now=now)
    else:
        clear_road(session, work, CancelOutcome(outcome), now=now)
        cure_transfer_tasks(session, number, ROAD_TASKS, now=now)
    facts = {"outcome": outcome, "reason": reason.strip()}
    if any(line.received_qty for line in work.lines):
        transfer.status, transfer.received_at = TransferStatus.RECEIVED, now
        _done(session, actor, work, "transfer.cancelled", now=now, **facts)
        _settle(session, actor, work, now=now)
        return transfer
    if transfer.approved_at is not None:
        free_credit(session, work, now=now)
    end_transfer(session, transfer, TransferStatus.CANCELLED, now=now)
    return _done(session, actor, work, "transfer.cancelled", now=now, **facts)


def settle_transfer(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> Transfer:
    """Close a transfer that came in short (giver's side, who bears the loss): what was received is invoiced.

    Raises like `pick_transfer`.
    """
    work = load_transfer(session, actor, number=number, verb="settle", version=version)
    _settle(session, actor, work, now=now)
    return work.transfer


def _settle(session: Session, actor: Actor, work: TransferWork, *, now: datetime) -> None:
    free_credit(session, work, now=now)
    pass_titles(session, actor, work, day=business_day(now, get_network(session).zone), now=now)
    end_transfer(session, work.transfer, TransferStatus.SETTLED, now=now)
    cure_transfer_tasks(session, work.transfer.number, [TRANSFER_SHORT], now=now)
    _done(session, actor, work, "transfer.settled", now=now)


def _sign(session: Session, work: TransferWork, *, signed_by: str, now: datetime) -> None:
    """Who counted signs; where the carrier has handed the goods over before, that stays on the paper."""
    shipment = session.get_one(Shipment, work.transfer.shipment_id)
    if settle_shipment(session, shipment).status is ShipmentStatus.DELIVERED:
        shipment.signed_by = shipment.signed_by or signed_by.strip()
    else:
        sign_for(shipment, signed_by=signed_by, now=now)


def _done(
    session: Session, actor: Actor, work: TransferWork, kind: str, *, now: datetime, **facts: object
) -> Transfer:
    session.flush()
    emit(session, actor, kind, subject=(SUBJECT, work.transfer.number), now=now, **facts)
    return work.transfer


def _call_off(session: Session, actor: Actor, work: TransferWork, *, now: datetime) -> None:
    """Nothing has left yet: the request is withdrawn, or the reservation is free again."""
    number = work.transfer.number
    if work.transfer.approved_at is None:
        task = find_open_task(session, kind=STOCK_TRANSFER, subject=(SUBJECT, number))
        work.transfer.status = TransferStatus.CANCELLED  # so that the reaction to the withdrawal leaves it
        session.flush()
        if task is not None:
            withdraw_task(session, actor, number=task.number, now=now)
        return
    release(session, placements=work.placements(), cause=number, now=now)
    for line in work.lines:
        line.reserved_qty = 0


def _expect_road(session: Session, work: TransferWork) -> None:
    """What the goal still expects: the units on the road."""
    transfer = work.transfer
    for line in work.lines:
        expect_receipt(
            session,
            location_id=transfer.to_location_id,
            sku_id=line.sku_id,
            qty=line.road_qty,
            cause=transfer.number,
            due_on=transfer.promised_on,
            is_in_transit=True,
        )
