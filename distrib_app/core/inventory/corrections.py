"""Correcting what the books say lies somewhere, after a count; a large difference is approved first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import get_network
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.db import get_by, row_id
from ..kernel.errors import InvalidError, msg
from ..kernel.events import emit
from ..kernel.explain import Step
from ..kernel.money import Money, micros_to_minor, price_to_micros
from ..pricing import PriceKind, PriceRow
from ..workbench import Task, ask_approval
from .balances import Goods, Placement, lock_places, put
from .errors import InsufficientStockError
from .lots import LotName, find_or_make_lot
from .models import Location, Movement, MovementKind
from .movements import issue_free, would_leave
from .rules import Layer, check_qty
from .service import check_cause, cost_micros, own_location, stocked_sku

STOCK_CORRECTION = "stock_correction"
MAX_COUNT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Correction:
    """A difference at one place, and the unit cost (millionths; None: unknown) of a surplus.

    `lot_id` is the lot it is found in; None where the SKU has no lots, or a shortage may be of any.
    """

    location: Location
    sku: Sku
    delta_qty: int
    on_hand_qty: int
    reserved_qty: int
    cost: int | None
    cause: str
    today: date
    lot_id: int | None = None


def correct_stock(
    session: Session,
    actor: Actor,
    *,
    location_code: str,
    sku_code: str,
    delta_qty: int,
    cause: str,
    unit_cost: Decimal | None = None,
    lot: LotName | None = None,
    now: datetime,
) -> Task | None:
    """Add to or take from what is on hand after a count; never below what is reserved.

    A surplus is a layer of today at `unit_cost` (None: unknown); a shortage takes the oldest layers. Of a SKU
    kept by lot a surplus names its `lot`, a shortage takes the lot named or what expires first. Where
    the owner's rules want an approval for its value, nothing moves yet and the task is returned. Raises
    `InsufficientStockError` naming what is available, `OpenTaskError`, `InvalidError`, `NotStockedError`,
    `LotRequiredError`, `LotMismatchError`, `NotFoundError`, `NotYourLocationError`.
    """
    actor.require(Permission.STOCK_WRITE)
    location, today = own_location(session, actor, location_code, now)
    check_cause(cause)
    check_qty(abs(delta_qty), "delta_qty")
    sku, goods = stocked_sku(session, sku_code)
    on_hand, reserved = _balance(session, location, sku)
    cost = None if unit_cost is None else cost_micros(unit_cost)
    lot_id = _lot_of(session, sku, goods, delta_qty, lot)
    wanted = _Correction(location, sku, delta_qty, on_hand, reserved, cost, cause, today, lot_id)
    return _ask_or_book(session, actor, wanted, now=now)


def count_stock(
    session: Session,
    actor: Actor,
    *,
    location_code: str,
    sku_code: str,
    counted_qty: int,
    cause: str,
    unit_cost: Decimal | None = None,
    lot: LotName | None = None,
    now: datetime,
) -> Task | None:
    """Say how many were counted; the difference to the books is corrected as `correct_stock` does.

    Raises `InvalidError` also for a count that agrees with the books.
    """
    actor.require(Permission.STOCK_WRITE)
    location, today = own_location(session, actor, location_code, now)
    check_cause(cause)
    if not 0 <= counted_qty <= MAX_COUNT:
        raise InvalidError(field="counted_qty", reason=str(counted_qty))
    sku, goods = stocked_sku(session, sku_code)
    on_hand, reserved = _balance(session, location, sku)
    if counted_qty == on_hand:
        raise InvalidError(field="counted_qty", reason=msg("the count agrees with the books"))
    check_qty(abs(counted_qty - on_hand), "counted_qty")
    cost = None if unit_cost is None else cost_micros(unit_cost)
    delta_qty = counted_qty - on_hand
    lot_id = _lot_of(session, sku, goods, delta_qty, lot)
    wanted = _Correction(location, sku, delta_qty, on_hand, reserved, cost, cause, today, lot_id)
    return _ask_or_book(session, actor, wanted, now=now)


def apply_correction(session: Session, actor: Actor, task: Task, _amount: int | None, now: datetime) -> None:
    """What an approved correction does: the difference that was counted is booked, whatever moved since.

    Raises `InsufficientStockError` when a shortage has been promised to somebody meanwhile.
    """
    facts = task.payload
    location = get_by(session, Location, "location", code=facts["location"])
    sku, _ = stocked_sku(session, facts["sku"])
    on_hand, reserved = _balance(session, location, sku)
    found_on = date.fromisoformat(facts["found_on"])
    booked = _Correction(
        location=location,
        sku=sku,
        delta_qty=facts["delta_qty"],
        on_hand_qty=on_hand,
        reserved_qty=reserved,
        cost=facts["cost"],
        cause=facts["cause"],
        today=found_on,
        lot_id=facts.get("lot_id"),
    )
    _book(session, actor, booked, now=now)


def _ask_or_book(session: Session, actor: Actor, wanted: _Correction, *, now: datetime) -> Task | None:
    free = wanted.on_hand_qty - wanted.reserved_qty
    if wanted.delta_qty < -free:
        raise InsufficientStockError(sku=wanted.sku.code, wanted=-wanted.delta_qty, available=free)
    currency = get_network(session).currency
    micros, steps = _value(session, wanted, currency, now)
    amount = micros_to_minor(micros, currency)
    task = ask_approval(
        session,
        actor,
        kind=STOCK_CORRECTION,
        subject=("stock", f"{wanted.location.code}:{wanted.sku.code}"[:80]),
        title=msg("Count of {sku} at {place}: {before} → {after} {unit}"),
        facts={
            "sku": wanted.sku.name,
            "sku_en": wanted.sku.name_en or wanted.sku.name,
            "place": wanted.location.name,
            "place_en": wanted.location.name_en or wanted.location.name,
            "before": wanted.on_hand_qty,
            "after": wanted.on_hand_qty + wanted.delta_qty,
            "unit": wanted.sku.unit,
        },
        owner_id=wanted.location.partner_id,
        amount=amount,
        currency=currency,
        payload={
            "location": wanted.location.code,
            "sku": wanted.sku.code,
            "delta_qty": wanted.delta_qty,
            "cost": wanted.cost,
            "cause": wanted.cause,
            "found_on": wanted.today.isoformat(),
            "lot_id": wanted.lot_id,
        },
        evidence=[step.frozen() for step in steps],
        now=now,
    )
    if task is None:
        _book(session, actor, wanted, now=now)
    return task


def _book(session: Session, actor: Actor, wanted: _Correction, *, now: datetime) -> None:
    qty = abs(wanted.delta_qty)
    placement = Placement(row_id(wanted.sku), row_id(wanted.location), qty)
    if wanted.delta_qty > 0:
        layer = Layer(wanted.today, wanted.cost, qty, wanted.lot_id)
        put(session, placement.place, layer, MovementKind.CORRECTION, cause=wanted.cause, now=now)
        session.flush()
    else:
        issue_free(session, placement=placement, lot_id=wanted.lot_id, cause=wanted.cause, now=now)
    emit(
        session,
        actor,
        "stock.corrected",
        subject=("stock", f"{wanted.location.code}:{wanted.sku.code}"[:80]),
        now=now,
        cause=wanted.cause,
        sku=wanted.sku.code,
        qty=wanted.delta_qty,
    )


def _lot_of(session: Session, sku: Sku, goods: Goods, delta_qty: int, lot: LotName | None) -> int | None:
    """The lot of a difference: a surplus must name it, a shortage may."""
    if delta_qty < 0 and lot is None:
        return None
    return find_or_make_lot(session, sku_id=row_id(sku), goods=goods, name=lot or LotName(""))


def _balance(session: Session, location: Location, sku: Sku) -> tuple[int, int]:
    """(on hand, reserved) at a place, locked until the end of the transaction."""
    place = row_id(sku), row_id(location)
    return lock_places(session, [place]).get(place, (0, 0))


def _value(session: Session, wanted: _Correction, currency: str, now: datetime) -> tuple[int, Sequence[Step]]:
    """What the difference is worth in millionths, and why: known costs, else the best guess there is."""
    qty = abs(wanted.delta_qty)
    facts: dict[str, Any] = {"sku": wanted.sku.code, "qty": qty, "cause": wanted.cause}
    found = msg("{qty} pieces more than in the books ({cause})")
    if wanted.delta_qty < 0:
        found = msg("{qty} pieces fewer than in the books ({cause})")
        place = row_id(wanted.sku), row_id(wanted.location)
        taken = would_leave(
            session, Placement(*place, qty), wanted.on_hand_qty, lot_id=wanted.lot_id, now=now
        )
    else:
        taken = [Layer(wanted.today, wanted.cost, qty)]
    known = sum(layer.qty * layer.unit_cost_micros for layer in taken if layer.unit_cost_micros is not None)
    unknown = sum(layer.qty for layer in taken if layer.unit_cost_micros is None)
    steps = [Step(found, facts)]
    if known:
        text = str(Money(currency, micros_to_minor(known, currency)))
        steps.append(Step(msg("Valued at the net cost of the goods"), {}, text))
    guess = _guess(session, wanted) * unknown if unknown else 0
    if unknown:
        text = str(Money(currency, micros_to_minor(guess, currency)))
        steps.append(
            Step(
                msg("{qty} without a known cost, valued at the last or the base price"),
                {"qty": unknown},
                text,
            )
        )
    return known + guess, steps


def _guess(session: Session, wanted: _Correction) -> int:
    """A unit's worth in millionths: what the owner last paid for one, else the base price, else nothing."""
    with unscoped(session, "a count is valued by the owner's costs and the price book, whoever counts"):
        paid = session.exec(
            select(Movement.unit_cost_micros)
            .where(
                Movement.sku_id == wanted.sku.id,
                Movement.partner_id == wanted.location.partner_id,
                col(Movement.unit_cost_micros).is_not(None),
            )
            .order_by(col(Movement.id).desc())
            .limit(1)
        ).first()
        if paid is not None:
            return paid
        price = session.exec(
            select(col(PriceRow.unit_price))
            .where(
                PriceRow.sku_id == wanted.sku.id,
                PriceRow.kind == PriceKind.BASE,
                PriceRow.as_of(wanted.today),
            )
            .order_by(col(PriceRow.recorded_at).desc(), col(PriceRow.id).desc())
            .limit(1)
        ).first()
    return 0 if price is None else price_to_micros(price)
