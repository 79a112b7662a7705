"""Lots in the books: found or made when goods come in, read by place, chosen when goods leave.

What is on hand of a lot is the sum of its movements. Callers run inside `unscoped` where a decision must
see more than the actor.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from ..catalog import Category, Product, Sku
from ..channels import Partner, ProductLine
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import InvalidError, msg
from .balances import Goods, Place, Placement, read_goods
from .errors import ExpiresTooSoonError, InsufficientStockError, LotMismatchError, LotRequiredError
from .fefo import LotStock, Picking, is_fit, pick_first_expired, split_lots
from .lot_models import Lot
from .models import Location, Movement
from .rules import Layer

MAX_LOT_CODE = 40
LOT_NEEDED = msg("is needed for goods kept by lot")


@dataclass(frozen=True, slots=True)
class LotName:
    """A lot as documents name it; a lot that is known already needs no expiry."""

    code: str
    expires_on: date | None = None
    made_on: date | None = None


def find_or_make_lot(session: Session, *, sku_id: int, goods: Goods, name: LotName) -> int | None:
    """The id of the lot that goods come in with; None for a SKU that is not kept by lot.

    Raises `LotRequiredError` without lot code, or without expiry for a new lot; `LotMismatchError` for
    another expiry than before; `InvalidError` for a lot of a SKU without lots, a lot code that is too long, a
    lot made after it expires.
    """
    code = name.code.strip()
    if not goods.is_lot_tracked:
        if code:
            raise InvalidError(field="lot_code", reason=f"{goods.code} – {code[:MAX_LOT_CODE]}")
        return None
    if not code:
        raise LotRequiredError(sku=goods.code, field="lot_code", reason=LOT_NEEDED)
    if len(code) > MAX_LOT_CODE:
        raise InvalidError(field="lot_code", reason=f"1 … {MAX_LOT_CODE}")
    lot = session.exec(select(Lot).where(Lot.sku_id == sku_id, Lot.code == code)).first()
    if lot is None:
        if name.expires_on is None:
            raise LotRequiredError(sku=goods.code, field="expires_on", reason=LOT_NEEDED)
        if name.made_on is not None and name.made_on > name.expires_on:
            raise InvalidError(field="made_on", reason=f"{name.made_on} > {name.expires_on}")
        lot = Lot(sku_id=sku_id, code=code, expires_on=name.expires_on, made_on=name.made_on)
        session.add(lot)
        session.flush()
    elif name.expires_on not in (None, lot.expires_on):
        raise LotMismatchError(sku=goods.code, lot=code, known=lot.expires_on, given=name.expires_on)
    return row_id(lot)


def read_lots(
    session: Session, receipts: Mapping[Place, Sequence[Layer]], *, until: datetime | None = None
) -> dict[Place, list[LotStock]]:
    """The lots on hand at each place, first expired first; no statement where no receipt has a lot.

    `receipts` are what `read_receipts` answers for the same places and instant.
    """
    places = [place for place, layers in receipts.items() if any(layer.lot_id for layer in layers)]
    if not places:
        return {}
    statement = (
        select(Movement.sku_id, Movement.location_id, Lot, func.sum(Movement.on_hand_delta))
        .join(Lot, col(Lot.id) == col(Movement.lot_id))
        .where(
            col(Movement.location_id).in_(sorted({location_id for _, location_id in places})),
            col(Movement.sku_id).in_(sorted({sku_id for sku_id, _ in places})),
        )
        .group_by(col(Movement.sku_id), col(Movement.location_id), col(Lot.id))
        .order_by(col(Lot.expires_on), col(Lot.code))
    )
    if until is not None:
        statement = statement.where(col(Movement.moved_at) <= until)
    on_hand: dict[Place, dict[int, int]] = defaultdict(dict)
    lots: dict[int, Lot] = {}
    for sku_id, location_id, lot, qty in session.exec(statement):
        lots[row_id(lot)] = lot
        on_hand[sku_id, location_id][row_id(lot)] = int(qty)
    return {
        place: [
            LotStock(lot_id, lots[lot_id].code, lots[lot_id].expires_on, layers)
            for lot_id, layers in split_lots(on_hand[place], receipts[place]).items()
        ]
        for place in places
    }


def pick_lots(
    session: Session,
    placement: Placement,
    lots: Sequence[LotStock],
    *,
    is_shipped: bool,
    lot_id: int | None = None,
    now: datetime,
) -> tuple[Layer, ...]:
    """The layers that leave for a placement: first expired first, of one lot only where `lot_id` names it.

    Shipped goods must have their product line's minimum life left on the owner's business day: otherwise
    `ExpiresTooSoonError`. What is written off may have expired. Raises `InsufficientStockError`.
    """
    goods = read_goods(session, [placement.sku_id])[placement.sku_id]
    offered = [lot for lot in lots if lot_id in (None, lot.lot_id)]
    picking = pick_first_expired(
        offered,
        placement.qty,
        day=owner_day(session, placement.location_id, now),
        min_life_days=goods.min_life_days if is_shipped else None,
    )
    if picking.missing_qty:
        raise _shortage(goods, placement.qty, offered, picking)
    return picking.taken


def _shortage(
    goods: Goods, wanted: int, lots: Sequence[LotStock], picking: Picking
) -> ExpiresTooSoonError | InsufficientStockError:
    on_hand = sum(lot.qty for lot in lots)
    if not picking.short_lived_qty:
        return InsufficientStockError(sku=goods.code, wanted=wanted, available=on_hand)
    return ExpiresTooSoonError(
        sku=goods.code,
        wanted=wanted,
        short_lived=picking.short_lived_qty,
        on_hand=on_hand,
        days=goods.min_life_days,
    )


def owner_day(session: Session, location_id: int, now: datetime) -> date:
    """The business day of a place's owner."""
    zone = session.exec(
        select(Partner.zone)
        .join(Location, col(Location.partner_id) == col(Partner.id))
        .where(Location.id == location_id)
    ).one()
    return business_day(now, zone)


def unfit_qty(
    session: Session, goods: Mapping[int, Goods], location_ids: Collection[int], *, now: datetime
) -> dict[Place, int]:
    """What lies at each place and may not be shipped any more; no statement where no SKU is kept by lot."""
    tracked = {sku_id: one for sku_id, one in goods.items() if one.is_lot_tracked}
    if not tracked or not location_ids:
        return {}
    rows = session.execute(
        select(Movement.sku_id, Movement.location_id)
        .add_columns(col(Partner.zone), col(Lot.expires_on), func.sum(Movement.on_hand_delta))
        .join(Lot, col(Lot.id) == col(Movement.lot_id))
        .join(Location, col(Location.id) == col(Movement.location_id))
        .join(Partner, col(Partner.id) == col(Location.partner_id))
        .where(col(Movement.location_id).in_(sorted(location_ids)), col(Movement.sku_id).in_(sorted(tracked)))
        .group_by(
            col(Movement.sku_id),
            col(Movement.location_id),
            col(Partner.zone),
            col(Lot.id),
            col(Lot.expires_on),
        )
    ).all()
    unfit: dict[Place, int] = defaultdict(int)
    for sku_id, location_id, zone, expires_on, qty in rows:
        if not is_fit(expires_on, business_day(now, zone), tracked[sku_id].min_life_days):
            unfit[sku_id, location_id] += int(qty)
    return unfit


def unfit_lots(session: Session, day: date) -> list[int]:
    """The lots that may not be shipped any more on `day`, by the minimum life of their product lines."""
    lives = session.exec(select(ProductLine.min_life_days).where(ProductLine.is_lot_tracked)).all()
    if not lives:
        return []
    rows = session.exec(
        select(Lot, ProductLine.min_life_days)
        .join(Sku, col(Sku.id) == col(Lot.sku_id))
        .join(Product, col(Product.id) == col(Sku.product_id))
        .join(Category, col(Category.id) == col(Product.category_id))
        .join(ProductLine, col(ProductLine.id) == col(Category.product_line_id))
        .where(col(Lot.expires_on) < day + timedelta(days=max(lives)))
    )
    return [row_id(lot) for lot, min_life in rows if not is_fit(lot.expires_on, day, min_life)]
