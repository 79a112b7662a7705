"""What the floors above do with stock: reserve, release, ship, receive, take back, send back.

These verbs see all stock, because a promise is decided on what is there, not on what the actor may see.
The caller has checked who may do it. Places are touched in sorted order, so two orders never wait for
each other in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from ..kernel.access import unscoped
from .balances import (
    Place,
    Placement,
    hold,
    lock_places,
    merge,
    put,
    read_receipts,
    take,
)
from .fefo import LotStock
from .lot_trips import layers_on_the_road, left_under, lots_left_of, lots_sent_back
from .lots import pick_lots, read_lots
from .models import Movement, MovementKind
from .rules import Layer, derive_layers, slice_layers, take_oldest


def reserve(session: Session, *, placements: Iterable[Placement], cause: str, now: datetime) -> None:
    """Promise quantities where a plan wants them, all or none, in three statements however many.

    Whoever plans leaves out what is kept by lot and has too little life left (`unfit_qty`). Raises
    `InsufficientStockError` naming a SKU whose place has less free than wanted.
    """
    with unscoped(session, "stock is promised on what is there, not on what the buyer may see"):
        hold(session, placements, MovementKind.RESERVE, sign=1, cause=cause, now=now)


def release(session: Session, *, placements: Iterable[Placement], cause: str, now: datetime) -> None:
    """Give reserved quantities back to what is available."""
    with unscoped(session, "a promise is taken back where it was made"):
        hold(session, placements, MovementKind.RELEASE, sign=-1, cause=cause, now=now)


def ship(
    session: Session, *, placements: Iterable[Placement], cause: str, now: datetime
) -> dict[int, list[Layer]]:
    """Reserved quantities leave the house, oldest layers first or first expired first; what left by SKU id.

    One movement row per layer.

    Raises `ExpiresTooSoonError` where too much of a SKU kept by lot has too little life left.
    """
    with unscoped(session, "what was promised leaves the seller's stock"):
        return _issue(session, merge(placements), MovementKind.SHIP, reserved=-1, cause=cause, now=now)


def send_off(
    session: Session, *, placements: Iterable[Placement], cause: str, now: datetime
) -> dict[int, list[Layer]]:
    """Reserved quantities leave for another place of the network; otherwise like `ship`."""
    with unscoped(session, "what was promised to another place leaves"):
        return _issue(
            session, merge(placements), MovementKind.TRANSFER_OUT, reserved=-1, cause=cause, now=now
        )


def receive(
    session: Session,
    *,
    location_id: int,
    layers: Iterable[tuple[int, Layer]],
    cause: str,
    shipped_causes: Sequence[str] = (),
    now: datetime,
) -> None:
    """Goods come in at a location: (SKU id, layer with origin day and net cost) each.

    A SKU kept by lot comes in as the lots that left under `shipped_causes` or under the same cause.
    """
    with unscoped(session, "a delivery is booked into the buyer's stock by either party"):
        _, left = left_under(session, location_id=location_id, causes=[cause, *shipped_causes])
        for sku_id, layer in layers_on_the_road(sorted(layers, key=lambda item: item[0]), left):
            put(session, (sku_id, location_id), layer, MovementKind.RECEIPT, cause=cause, now=now)
        session.flush()


def take_back(
    session: Session,
    *,
    placement: Placement,
    shipped_cause: str,
    returned_before_qty: int,
    fallback_on: date,
    cause: str,
    now: datetime,
) -> list[Layer]:
    """Returned goods are put where they were shipped from, with the origin day and cost they left with.

    `shipped_cause` names the shipment, `returned_before_qty` what of this place came back earlier, so that
    each unit of a layer returns once. Where the shipment carries no origin, `fallback_on` stands in.
    Answers the layers that came in.
    """
    with unscoped(session, "a return goes back into the seller's stock"):
        rows = session.exec(
            select(Movement)
            .where(
                Movement.cause == shipped_cause,
                Movement.kind == MovementKind.SHIP,
                Movement.location_id == placement.location_id,
                Movement.sku_id == placement.sku_id,
            )
            .order_by(col(Movement.id))
        ).all()
        shipped = [
            Layer(row.origin_on, row.unit_cost_micros, -row.on_hand_delta, row.lot_id)
            for row in rows
            if row.origin_on
        ]
        layers = lots_sent_back(
            session, sku_id=placement.sku_id, cause=cause, shipped=shipped, qty=placement.qty
        )
        if not layers:
            layers = slice_layers(shipped, returned_before_qty, placement.qty)
        uncovered = placement.qty - sum(layer.qty for layer in layers)
        if uncovered:
            layers.append(Layer(fallback_on, None, uncovered))
        for layer in layers:
            put(session, placement.place, layer, MovementKind.RETURN, cause=cause, now=now)
        session.flush()
    return layers


def write_off_lost(
    session: Session,
    *,
    placement: Placement,
    shipped_cause: str,
    returned_before_qty: int,
    fallback_on: date,
    cause: str,
    now: datetime,
) -> None:
    """Goods that left and never arrived: home on paper, and written off at the cost they had left with.

    What is on hand stays as it is; the two movements per layer name the loss. Arguments as of `take_back`.
    """
    layers = take_back(
        session,
        placement=placement,
        shipped_cause=shipped_cause,
        returned_before_qty=returned_before_qty,
        fallback_on=fallback_on,
        cause=cause,
        now=now,
    )
    with unscoped(session, "a loss is borne by whoever owned the goods"):
        take(session, placement, MovementKind.CORRECTION, on_hand=-1, layers=layers, cause=cause, now=now)
        session.flush()


def send_back(
    session: Session, *, placements: Iterable[Placement], received_cause: str, cause: str, now: datetime
) -> None:
    """Goods leave the buyer's free stock again, undoing the receipt `received_cause` (its day and cost).

    Raises `InsufficientStockError` when the buyer no longer has them.
    """
    with unscoped(session, "a return leaves the buyer's stock, whoever books it"):
        for placement in merge(placements):
            receipts = session.exec(
                select(Movement)
                .where(
                    Movement.cause == received_cause,
                    Movement.kind == MovementKind.RECEIPT,
                    Movement.location_id == placement.location_id,
                    Movement.sku_id == placement.sku_id,
                )
                .order_by(col(Movement.id))
            ).all()
            layers = [
                Layer(row.origin_on, row.unit_cost_micros, row.on_hand_delta, row.lot_id) for row in receipts
            ]
            if layers[0].lot_id is None:
                layers = [replace(layers[0], qty=placement.qty)]
            else:
                layers = lots_left_of(session, placement, layers)
            take(session, placement, MovementKind.RETURN, on_hand=-1, layers=layers, cause=cause, now=now)
        session.flush()


def find_receipts(session: Session, *, cause: str, partner_id: int) -> dict[int, int]:
    """Where goods of `cause` were received into a partner's stock: SKU id → location id."""
    with unscoped(session, "whether a delivery was booked into the buyer's stock"):
        rows = session.exec(
            select(Movement.sku_id, Movement.location_id).where(
                Movement.cause == cause,
                Movement.kind == MovementKind.RECEIPT,
                Movement.partner_id == partner_id,
            )
        ).all()
    return dict(rows)


def issue_free(
    session: Session, *, placement: Placement, lot_id: int | None = None, cause: str, now: datetime
) -> None:
    """Take free stock away by correction: oldest layers, or first expired first, or of the lot that is named.

    Raises `InsufficientStockError`.
    """
    _issue(session, [placement], MovementKind.CORRECTION, reserved=0, lot_id=lot_id, cause=cause, now=now)


def would_leave(
    session: Session, placement: Placement, on_hand: int, *, lot_id: int | None = None, now: datetime
) -> Sequence[Layer]:
    """The layers a correction would take away, for its value. Raises `InsufficientStockError` for lots."""
    receipts = read_receipts(session, [placement.place])
    lots = read_lots(session, receipts)
    return _leaving(session, placement, on_hand, receipts, lots, is_shipped=False, lot_id=lot_id, now=now)


def _leaving(
    session: Session,
    placement: Placement,
    on_hand: int,
    receipts: Mapping[Place, Sequence[Layer]],
    lots: Mapping[Place, Sequence[LotStock]],
    *,
    is_shipped: bool,
    lot_id: int | None,
    now: datetime,
) -> Sequence[Layer]:
    """First expired first where the place has lots, else the oldest layers."""
    if placement.place in lots:
        return pick_lots(
            session, placement, lots[placement.place], is_shipped=is_shipped, lot_id=lot_id, now=now
        )
    return take_oldest(derive_layers(on_hand, receipts[placement.place]), placement.qty)


def _issue(
    session: Session,
    placements: Sequence[Placement],
    kind: MovementKind,
    *,
    reserved: int,
    lot_id: int | None = None,
    cause: str,
    now: datetime,
) -> dict[int, list[Layer]]:
    places = [placement.place for placement in placements]
    balances = lock_places(session, places)
    receipts = read_receipts(session, places)
    lots = read_lots(session, receipts)
    issued: dict[int, list[Layer]] = {}
    for placement in placements:
        on_hand, _ = balances.get(placement.place, (0, 0))
        layers = _leaving(
            session,
            placement,
            on_hand,
            receipts,
            lots,
            is_shipped=kind is not MovementKind.CORRECTION,
            lot_id=lot_id,
            now=now,
        )
        take(session, placement, kind, on_hand=-1, reserved=reserved, layers=layers, cause=cause, now=now)
        issued.setdefault(placement.sku_id, []).extend(layers)
    session.flush()
    return issued
