"""What came in of a transfer, what did not, and what comes back from the road: lines matched and booked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from ..kernel.access import unscoped
from ..kernel.errors import InvalidError, msg
from ..workbench import ReasonMissingError
from .balances import lock_places
from .errors import RoadQuantityError
from .road import bring_in, layers_that_left, write_off_road
from .rules import MAX_QTY, Layer, slice_layers
from .shipping_models import Shipment, ShipmentStatus
from .transfer_models import CancelOutcome, ShortReason, TransferLine
from .transfer_titles import taken_cost
from .transfer_work import TransferWork


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


def check_arrived(lines: Sequence[ArrivedLine]) -> None:
    """Refuse what cannot be; raises `InvalidError`, `ReasonMissingError`."""
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


def match_lines(work: TransferWork, lines: Iterable[ArrivedLine]) -> list[tuple[TransferLine, ArrivedLine]]:
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


def lock_road(
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


def arrive(
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


def clear_road(session: Session, work: TransferWork, outcome: CancelOutcome, *, now: datetime) -> None:
    """What is still on the road is back, or lost, at the place it left."""
    transfer = work.transfer
    with unscoped(session, "what is called off comes back to where it left"):
        lines = sorted((line for line in work.lines if line.road_qty), key=lambda line: line.sku_id)
        left = lock_road(session, work, lines)
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
