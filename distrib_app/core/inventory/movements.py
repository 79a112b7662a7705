"""What the floors above do with stock: reserve, release, ship, receive, take back, send back.

These verbs see all stock, because a promise is decided on what is there, not on what the actor may see.
The caller has checked who may do it. Places are touched in sorted order, so two orders never wait for
each other in a circle.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, col, select

from ..kernel.access import unscoped
from .balances import (
    Placement,
    goods_codes,
    lock_places,
    merge,
    put,
    read_receipts,
    take,
)
from .errors import InsufficientStockError
from .models import Movement, MovementKind
from .rules import Layer, check_qty, derive_layers, plan_allocation, slice_layers, take_oldest


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was reserved where, and what is missing (only SKUs that may be back-ordered)."""

    placements: tuple[Placement, ...]
    missing: Mapping[int, int] = field(default_factory=dict)


def reserve(
    session: Session,
    *,
    location_ids_in_priority_order: Sequence[int],
    wanted: Mapping[int, int],
    cause: str,
    now: datetime,
    backorder_sku_ids: Collection[int] = (),
) -> Reservation:
    """Reserve quantities per SKU id at the locations in priority order, split where one is not enough.

    All or nothing, except that SKUs in `backorder_sku_ids` take what there is and report the rest as
    missing. Raises `InsufficientStockError` naming the SKU and what is available, `NotStockedError` for a
    service, `InvalidError` for a quantity below 1.
    """
    locations = location_ids_in_priority_order
    placements: list[Placement] = []
    missing: dict[int, int] = {}
    with unscoped(session, "stock is promised on what is there, not on what the buyer may see"):
        codes = goods_codes(session, wanted)
        balances = lock_places(session, [(sku_id, place) for sku_id in wanted for place in locations])
        for sku_id, qty in sorted(wanted.items()):
            check_qty(qty)
            stock = [balances.get((sku_id, place), (0, 0)) for place in locations]
            parts = plan_allocation(qty, [on_hand - reserved for on_hand, reserved in stock])
            short = qty - sum(parts)
            if short and sku_id not in backorder_sku_ids:
                raise InsufficientStockError(sku=codes[sku_id], wanted=qty, available=sum(parts))
            if short:
                missing[sku_id] = short
            placements += [
                Placement(sku_id, place, part) for place, part in zip(locations, parts, strict=True) if part
            ]
        for placement in merge(placements):
            take(session, placement, MovementKind.RESERVE, reserved=1, cause=cause, now=now)
        session.flush()
    return Reservation(tuple(placements), missing)


def release(session: Session, *, placements: Iterable[Placement], cause: str, now: datetime) -> None:
    """Give reserved quantities back to what is available."""
    with unscoped(session, "a promise is taken back where it was made"):
        for placement in merge(placements):
            take(session, placement, MovementKind.RELEASE, reserved=-1, cause=cause, now=now)
        session.flush()


def ship(session: Session, *, placements: Iterable[Placement], cause: str, now: datetime) -> None:
    """Reserved quantities leave the house, oldest layers first; one movement row per layer."""
    with unscoped(session, "what was promised leaves the seller's stock"):
        _issue(session, merge(placements), MovementKind.SHIP, reserved=-1, cause=cause, now=now)


def receive(
    session: Session, *, location_id: int, layers: Iterable[tuple[int, Layer]], cause: str, now: datetime
) -> None:
    """Goods come in at a location: (SKU id, layer with origin day and net cost) each."""
    with unscoped(session, "a delivery is booked into the buyer's stock by either party"):
        for sku_id, layer in sorted(layers, key=lambda item: item[0]):
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
) -> None:
    """Returned goods are put where they were shipped from, with the origin day and cost they left with.

    `shipped_cause` names the shipment, `returned_before_qty` what of this place came back earlier, so that
    each unit of a layer returns once. Where the shipment carries no origin, `fallback_on` stands in.
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
            Layer(row.origin_on, row.unit_cost_micros, -row.on_hand_delta) for row in rows if row.origin_on
        ]
        layers = slice_layers(shipped, returned_before_qty, placement.qty)
        uncovered = placement.qty - sum(layer.qty for layer in layers)
        if uncovered:
            layers.append(Layer(fallback_on, None, uncovered))
        for layer in layers:
            put(session, placement.place, layer, MovementKind.RETURN, cause=cause, now=now)
        session.flush()


def send_back(
    session: Session, *, placements: Iterable[Placement], received_cause: str, cause: str, now: datetime
) -> None:
    """Goods leave the buyer's free stock again, undoing the receipt `received_cause` (its day and cost).

    Raises `InsufficientStockError` when the buyer no longer has them.
    """
    with unscoped(session, "a return leaves the buyer's stock, whoever books it"):
        for placement in merge(placements):
            receipt = session.exec(
                select(Movement)
                .where(
                    Movement.cause == received_cause,
                    Movement.kind == MovementKind.RECEIPT,
                    Movement.location_id == placement.location_id,
                    Movement.sku_id == placement.sku_id,
                )
                .limit(1)
            ).one()
            layer = Layer(receipt.origin_on, receipt.unit_cost_micros, placement.qty)
            take(session, placement, MovementKind.RETURN, on_hand=-1, layers=[layer], cause=cause, now=now)
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


def issue_free(session: Session, *, placement: Placement, cause: str, now: datetime) -> None:
    """Take free stock away by correction, oldest layers first. Raises `InsufficientStockError`."""
    _issue(session, [placement], MovementKind.CORRECTION, reserved=0, cause=cause, now=now)


def _issue(
    session: Session,
    placements: Sequence[Placement],
    kind: MovementKind,
    *,
    reserved: int,
    cause: str,
    now: datetime,
) -> None:
    places = [placement.place for placement in placements]
    balances = lock_places(session, places)
    receipts = read_receipts(session, places)
    for placement in placements:
        on_hand, _ = balances.get(placement.place, (0, 0))
        layers = take_oldest(derive_layers(on_hand, receipts[placement.place]), placement.qty)
        take(session, placement, kind, on_hand=-1, reserved=reserved, layers=layers, cause=cause, now=now)
    session.flush()
