"""How old stock is, for many places at once: the rule of `derive_layers` as one statement.

Under FIFO what is on hand are the newest receipts. So the part of each age follows from the receipts of the
last 180 days alone; what they do not cover is older. Same-day receipts share an age, so they are added up
before anything is laid out.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select
from sqlmodel import Session, col

from .models import Balance, Movement, MovementKind
from .rules import AGE_BUCKETS, age_bucket


def read_ageing(
    session: Session, *, key: Any, ids: Sequence[int], where: ColumnElement[bool], day: date
) -> dict[int, dict[str, int]]:
    """On hand per ageing bucket on `day` for each of `ids`: values of `key`, a column of `Balance`.

    `where` are further conditions on `Balance`. Every bucket is there; unknown origin counts as the oldest.
    """
    oldest = AGE_BUCKETS[-1][0]
    found = {one: {label: 0 for label, _ in AGE_BUCKETS} for one in ids}
    if not ids:
        return found
    mine = [key.in_(ids), where]
    for one, qty in session.execute(select(key, func.sum(Balance.on_hand_qty)).where(*mine).group_by(key)):
        found[one][oldest] = int(qty)
    for one, origin_on, qty in session.execute(_recent(key, ids, mine, day)):
        label = age_bucket((day - origin_on).days)
        found[one][label] += int(qty)
        found[one][oldest] -= int(qty)
    return found


def _recent(key: Any, ids: Sequence[int], mine: Sequence[ColumnElement[bool]], day: date) -> Any:
    """(key, origin day, quantity still on hand) of the receipts that are not in the oldest bucket."""
    last = AGE_BUCKETS[-2][1]
    assert last is not None
    qty = func.sum(Movement.on_hand_delta)
    place = (col(Movement.location_id), col(Movement.sku_id), col(Movement.lot_id))
    lots = _lots(key, ids)
    received = (
        select(key.label("key"), *place, col(Movement.origin_on), col(Movement.unit_cost_micros))
        .add_columns(
            case((qty > 0, qty), else_=0).label("qty"),
            func.max(func.coalesce(lots.c.qty, Balance.on_hand_qty)).label("on_hand"),
        )
        .join(
            Movement,
            and_(
                col(Movement.location_id) == col(Balance.location_id),
                col(Movement.sku_id) == col(Balance.sku_id),
            ),
        )
        .outerjoin(
            lots,
            and_(
                lots.c.location_id == Movement.location_id,
                lots.c.sku_id == Movement.sku_id,
                lots.c.lot_id == Movement.lot_id,
            ),
        )
        .where(
            *mine,
            or_(col(Movement.on_hand_delta) > 0, col(Movement.kind) == MovementKind.RETURN),
            col(Movement.origin_on) >= day - timedelta(days=last),
        )
        .group_by(key, *place, col(Movement.origin_on), col(Movement.unit_cost_micros))
        .subquery()
    )
    laid_out = select(
        received.c.key,
        received.c.origin_on,
        received.c.qty,
        received.c.on_hand,
        func.sum(received.c.qty)
        .over(
            partition_by=(received.c.location_id, received.c.sku_id, received.c.lot_id),
            order_by=(received.c.origin_on.desc(), received.c.unit_cost_micros),
            rows=(None, 0),
        )
        .label("until"),
    ).subquery()
    left = laid_out.c.on_hand - (laid_out.c.until - laid_out.c.qty)
    part = case((left <= 0, 0), (left < laid_out.c.qty, left), else_=laid_out.c.qty)
    return (
        select(laid_out.c.key, laid_out.c.origin_on, func.sum(part))
        .where(left > 0)
        .group_by(laid_out.c.key, laid_out.c.origin_on)
    )


def _lots(key: Any, ids: Sequence[int]) -> Any:
    """What is on hand of each lot of the keys that are looked at."""
    # sums of the columns themselves would be read by way of another index, all movements of it
    sku, place = (
        column + literal_column("0") for column in (col(Movement.sku_id), col(Movement.location_id))
    )
    return (
        select(place.label("location_id"), sku.label("sku_id"), col(Movement.lot_id))
        .add_columns(func.sum(Movement.on_hand_delta).label("qty"))
        .where(col(Movement.lot_id).is_not(None), (sku if key.key == "sku_id" else place).in_(ids))
        .group_by(place, sku, col(Movement.lot_id))
        .subquery()
    )
