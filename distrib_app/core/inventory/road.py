"""Goods between two places: the layers they left with, and how they come in, come back or get lost.

Callers run inside `unscoped` and have locked the places.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from .balances import Placement, put, take
from .models import Movement, MovementKind
from .rules import Layer


def layers_that_left(session: Session, *, cause: str, location_id: int) -> dict[int, list[Layer]]:
    """What left a place under `cause` for another one, per SKU id in the order it left."""
    rows = session.exec(
        select(Movement)
        .where(
            Movement.cause == cause,
            Movement.kind == MovementKind.TRANSFER_OUT,
            Movement.location_id == location_id,
        )
        .order_by(col(Movement.id))
    )
    left: dict[int, list[Layer]] = defaultdict(list)
    for row in rows:
        left[row.sku_id].append(Layer(row.origin_on, row.unit_cost_micros, -row.on_hand_delta, row.lot_id))
    return left


def bring_in(
    session: Session, *, sku_id: int, location_id: int, layers: Iterable[Layer], cause: str, now: datetime
) -> None:
    """Units on the road come to a place, one movement row per layer."""
    for layer in layers:
        put(session, (sku_id, location_id), layer, MovementKind.TRANSFER_IN, cause=cause, now=now)


def write_off_road(
    session: Session, *, sku_id: int, location_id: int, layers: list[Layer], cause: str, now: datetime
) -> None:
    """Units lost on the road: back into the books of the place they left, and out of them as a correction.

    So their owner's ledger says what was lost, of which day and at which cost.
    """
    if not layers:
        return
    bring_in(session, sku_id=sku_id, location_id=location_id, layers=layers, cause=cause, now=now)
    session.flush()
    lost = Placement(sku_id, location_id, sum(layer.qty for layer in layers))
    take(session, lost, MovementKind.CORRECTION, on_hand=-1, layers=layers, cause=cause, now=now)
