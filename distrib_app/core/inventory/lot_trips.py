"""Lots between two places: what left under a document comes in, and goes back, as the same lots."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import func
from sqlmodel import Session, col, select

from .balances import Placement, read_goods
from .errors import InsufficientStockError
from .models import Location, Movement
from .rules import Layer

# lot id and how much of it
LotQty = tuple[int, int]


def layers_on_the_road(
    layers: Sequence[tuple[int, Layer]], left: Mapping[int, Sequence[LotQty]]
) -> list[tuple[int, Layer]]:
    """Goods that come in as the lots they left with: (SKU id, layer) split over `left`, first left first.

    `left` holds per SKU id (lot id, quantity on the road). Layers that name their lot, and SKUs that left
    without lots, stay as they are; what was never sent keeps no lot.
    """
    waiting = {sku_id: list(lots) for sku_id, lots in left.items()}
    split: list[tuple[int, Layer]] = []
    for sku_id, layer in layers:
        missing = layer.qty
        lots = waiting.get(sku_id, []) if layer.lot_id is None else []
        while missing and lots:
            lot_id, qty = lots[0]
            part = min(missing, qty)
            split.append((sku_id, replace(layer, qty=part, lot_id=lot_id)))
            missing -= part
            lots[0] = (lot_id, qty - part)
            if lots[0][1] == 0:
                del lots[0]
        if missing:
            split.append((sku_id, replace(layer, qty=missing)))
    return split


def left_under(
    session: Session, *, location_id: int, causes: Sequence[str]
) -> tuple[Location, dict[int, list[LotQty]]]:
    """The place that goods of `causes` come to, and per SKU id the lots still on the road under them.

    One statement for both, because most goods have no lots.
    """
    rows = session.execute(
        select(Location)
        .add_columns(
            col(Movement.sku_id),
            col(Movement.lot_id),
            func.sum(Movement.on_hand_delta),
            func.min(Movement.id).label("first"),
        )
        .outerjoin(Movement, col(Movement.cause).in_(causes) & col(Movement.lot_id).is_not(None))
        .where(col(Location.id) == location_id)
        .group_by(col(Location.id), col(Movement.sku_id), col(Movement.lot_id))
        .order_by("first")
    ).all()
    left: dict[int, list[LotQty]] = defaultdict(list)
    for _, sku_id, lot_id, moved, _ in rows:
        if lot_id is not None and moved < 0:
            left[sku_id].append((lot_id, -int(moved)))
    return rows[0][0], left


def lots_left_of(session: Session, placement: Placement, received: Sequence[Layer]) -> list[Layer]:
    """Which of the layers of a receipt go back: those whose lots still lie there, as they came in.

    Raises `InsufficientStockError` where the buyer has not enough of these lots any more.
    """
    rows = session.exec(
        select(Movement.lot_id, func.sum(Movement.on_hand_delta))
        .where(
            Movement.location_id == placement.location_id,
            Movement.sku_id == placement.sku_id,
            col(Movement.lot_id).is_not(None),
        )
        .group_by(col(Movement.lot_id))
    ).all()
    there = {lot_id: int(qty) for lot_id, qty in rows}
    layers: list[Layer] = []
    missing = placement.qty
    for layer in received:
        part = min(missing, layer.qty, there.get(layer.lot_id, 0))
        if part:
            layers.append(replace(layer, qty=part))
            missing -= part
            there[layer.lot_id] -= part
    if missing:
        code = read_goods(session, [placement.sku_id])[placement.sku_id].code
        raise InsufficientStockError(sku=code, wanted=placement.qty, available=placement.qty - missing)
    return layers


def lots_sent_back(
    session: Session, *, sku_id: int, cause: str, shipped: Sequence[Layer], qty: int
) -> list[Layer]:
    """Of shipped layers, those whose lots the buyer sends back under `cause`, inside a lot the oldest first.

    Empty where nothing has lots, or where the buyer keeps no stock: then the shipment says what returns.
    """
    if not any(layer.lot_id for layer in shipped):
        return []
    rows = session.exec(
        select(Movement.lot_id, -func.sum(Movement.on_hand_delta))
        .where(Movement.cause == cause, Movement.sku_id == sku_id, col(Movement.on_hand_delta) < 0)
        .group_by(col(Movement.lot_id))
    ).all()
    sent = {lot_id: int(count) for lot_id, count in rows}
    layers: list[Layer] = []
    for layer in shipped:
        part = min(qty, layer.qty, sent.get(layer.lot_id, 0))
        if part:
            layers.append(replace(layer, qty=part))
            sent[layer.lot_id] -= part
            qty -= part
    return layers
