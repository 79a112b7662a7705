"""Verbs of transfers while the goods move: pick, ship, receive, cancel, settle."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from ..channels import get_network
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import InvalidError, msg
from ..kernel.events import emit
from ..workbench import ReasonMissingError, find_open_task, withdraw_task
from .balances import lock_places
from .errors import RoadQuantityError
from .movements import release, send_off
from .pending import expect_receipt
from .road import bring_in, layers_that_left, write_off_road
from .rules import MAX_QTY, Layer, slice_layers
from .shipments import ShipmentDraft, ShippedLine, create_shipment, sign_for
from .shipping_models import Shipment, ShipmentPurpose, ShipmentStatus
from .transfer_answers import STOCK_TRANSFER, end_transfer
from .transfer_freight import plan_carriage
from .transfer_models import CancelOutcome, ShortReason, Transfer, TransferLine, TransferStatus
from .transfer_titles import free_credit, pass_titles, taken_cost
from .transfer_work import SUBJECT, TransferWork, load_transfer
from .transferring import MAX_NOTE

MAX_TEXT = 60


@dataclass(frozen=True, slots=True)
class ArrivedLine:
    """What came in of a line, and what did not: short units need a reason."""

    line_no: int
    received_qty: int
    short_qty: int = 0
    short_reason: str = ""

    @property
    def qty(self) -> int:
        """Units of which it is known now what became of them."""
        return self.received_qty + self.short_qty


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
    short the giver settles. Raises `RoadQuantityError`, `ReasonMissingError`, `InvalidError`, and like
    `pick_transfer`.
    """
    if not 1 <= len(signed_by.strip()) <= MAX_TEXT:
        raise InvalidError(field="signed_by", reason=f"1 … {MAX_TEXT}")
    _check_arrived(lines)
    work = load_transfer(session, actor, number=number, verb="receive", version=version)
    transfer = work.transfer
    arrived = _match(work, lines)
    with unscoped(session, "an arrival is booked at both places, whichever side signs"):
        left = _lock_road(session, work, [line for line, _ in arrived])
        for line, one in sorted(arrived, key=lambda item: item[0].sku_id):
            _arrive(session, work, line, one, left[line.sku_id], now=now)
        session.flush()
        sign_for(session.get_one(Shipment, transfer.shipment_id), signed_by=signed_by, now=now)
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
    if is_over and not any(line.short_qty for line in work.lines):
        _settle(session, actor, work, now=now)
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
        _clear_road(session, work, CancelOutcome(outcome), now=now)
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
    _done(session, actor, work, "transfer.settled", now=now)


def _done(
    session: Session, actor: Actor, work: TransferWork, kind: str, *, now: datetime, **facts: object
) -> Transfer:
    session.flush()
    emit(session, actor, kind, subject=(SUBJECT, work.transfer.number), now=now, **facts)
    return work.transfer


def _check_arrived(lines: Sequence[ArrivedLine]) -> None:
    if not any(line.qty for line in lines):
        raise InvalidError(field="lines", reason=msg("nothing came in and nothing was short"))
    if len({line.line_no for line in lines}) != len(lines):
        raise InvalidError(field="lines", reason=msg("name every line once"))
    for line in lines:
        if not (0 <= line.received_qty <= MAX_QTY and 0 <= line.short_qty <= MAX_QTY):
            raise InvalidError(field="qty", reason=f"{line.received_qty}, {line.short_qty} – 0 … {MAX_QTY}")
        if line.short_qty and not line.short_reason:
            raise ReasonMissingError(field="short_reason")
        if line.short_reason and line.short_reason not in set(ShortReason):
            raise InvalidError(field="short_reason", reason=line.short_reason)


def _match(work: TransferWork, lines: Iterable[ArrivedLine]) -> list[tuple[TransferLine, ArrivedLine]]:
    """The lines that something is said of; more than is on the road is refused."""
    by_no = {line.line_no: line for line in work.lines}
    found = []
    for one in lines:
        if one.line_no not in by_no:
            raise InvalidError(field="line_no", reason=str(one.line_no))
        line = by_no[one.line_no]
        if one.qty > line.road_qty:
            raise RoadQuantityError(
                line=one.line_no, sku=work.skus[line.sku_id].code, wanted=one.qty, road=line.road_qty
            )
        if one.qty:
            found.append((line, one))
    return found


def _lock_road(
    session: Session, work: TransferWork, lines: Iterable[TransferLine]
) -> Mapping[int, Sequence[Layer]]:
    """Both places of these lines locked in sorted order; the layers that left, per SKU id."""
    transfer = work.transfer
    places = [
        (line.sku_id, place)
        for line in lines
        for place in (transfer.from_location_id, transfer.to_location_id)
    ]
    lock_places(session, places)
    return layers_that_left(session, cause=transfer.number, location_id=transfer.from_location_id)


def _arrive(
    session: Session,
    work: TransferWork,
    line: TransferLine,
    one: ArrivedLine,
    left: Sequence[Layer],
    *,
    now: datetime,
) -> None:
    """The next units of a line come in, the following ones do not."""
    transfer, before = work.transfer, line.accounted_qty
    received = slice_layers(left, before, one.received_qty)
    short = slice_layers(left, before + one.received_qty, one.short_qty)
    cost = taken_cost(work, line)
    bring_in(
        session,
        sku_id=line.sku_id,
        location_id=transfer.to_location_id,
        layers=received if cost is None else [replace(layer, unit_cost_micros=cost) for layer in received],
        cause=transfer.number,
        now=now,
    )
    back = bring_in if one.short_reason == ShortReason.NOT_SENT else write_off_road
    back(
        session,
        sku_id=line.sku_id,
        location_id=transfer.from_location_id,
        layers=short,
        cause=transfer.number,
        now=now,
    )
    origin = work.origin_of(line).plus(received)
    line.origin_cost_micros, line.unknown_cost_qty = origin.known_micros, origin.unknown_qty
    line.received_qty += one.received_qty
    line.short_qty += one.short_qty
    line.short_reason = one.short_reason if one.short_qty else line.short_reason


def _clear_road(session: Session, work: TransferWork, outcome: CancelOutcome, *, now: datetime) -> None:
    """What is still on the road is back, or lost, at the place it left."""
    transfer = work.transfer
    with unscoped(session, "what is called off comes back to where it left"):
        lines = sorted((line for line in work.lines if line.road_qty), key=lambda line: line.sku_id)
        left = _lock_road(session, work, lines)
        for line in lines:
            qty = line.road_qty
            back = bring_in if outcome is CancelOutcome.RESTORE else write_off_road
            back(
                session,
                sku_id=line.sku_id,
                location_id=transfer.from_location_id,
                layers=slice_layers(left[line.sku_id], line.accounted_qty, qty),
                cause=transfer.number,
                now=now,
            )
            if outcome is CancelOutcome.RESTORE:
                line.restored_qty += qty
            else:
                line.written_off_qty += qty
        shipment = session.get_one(Shipment, transfer.shipment_id)
        if shipment.delivered_at is None:
            is_back = outcome is CancelOutcome.RESTORE
            shipment.status = ShipmentStatus.REFUSED if is_back else ShipmentStatus.LOST
            shipment.version += 1
        session.flush()


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
