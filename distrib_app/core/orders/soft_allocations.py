"""What a seller has promised to other buyers and not yet picked: an urgent order may take it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlmodel import Session

from ..catalog import Sku
from ..kernel.access import unscoped
from ..kernel.rows import decide, table_of
from .models import FulfilmentLine, FulfilmentOrder, FulfilmentStatus, OrderLine, SalesOrder
from .sourcing import Wanted, sources_at

_order, _part = table_of(SalesOrder), table_of(FulfilmentOrder)
_line, _promise, _sku = table_of(FulfilmentLine), table_of(OrderLine), table_of(Sku)
_SOFT = (
    select(
        _part.c.order_id,
        _part.c.number,
        _part.c.location_id,
        _part.c.promised_on,
        _line.c.line_no,
        _line.c.sku_id,
        _sku.c.code,
        _line.c.reserved_qty,
    )
    .select_from(
        _part.join(_line, _line.c.fulfilment_id == _part.c.id)
        .join(_order, _order.c.id == _part.c.order_id)
        .join(_promise, and_(_promise.c.order_id == _order.c.id, _promise.c.line_no == _line.c.line_no))
        .join(_sku, _sku.c.id == _line.c.sku_id)
    )
    .where(
        _part.c.seller_id == bindparam("seller"),
        _part.c.owner_id == bindparam("seller"),
        _part.c.buyer_id != bindparam("buyer"),
        _part.c.status == FulfilmentStatus.ALLOCATED.value,
        _part.c.is_urgent.is_(False),
        _part.c.location_id.is_not(None),
        _line.c.sku_id.in_(bindparam("skus", expanding=True)),
        _line.c.reserved_qty > 0,
        # what a quota assures its buyer stays
        _promise.c.quota_id.is_(None),
    )
    .order_by(_part.c.number, _line.c.line_no)
)
_SOFT_LOCKED = _SOFT.with_for_update(of=_order, skip_locked=True)


def read_soft(
    session: Session, *, seller_id: int, buyer_id: int, sku_ids: Collection[int], lock: bool
) -> Sequence[Any]:
    """Soft allocations of other buyers than `buyer_id`, a row per line (inside `unscoped`).

    With `lock` their orders are held, and those that somebody works on at the moment are left out.
    """
    statement = _SOFT_LOCKED if lock else _SOFT
    return decide(session, statement, seller=seller_id, buyer=buyer_id, skus=sorted(sku_ids))


def by_place(rows: Sequence[Any]) -> dict[int, dict[int, int]]:
    """How much lies where: place id → SKU id → quantity."""
    stock: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        stock[row.location_id][row.sku_id] += row.reserved_qty
    return stock


def soft_stock(session: Session, wanted: Wanted, *, now: datetime) -> dict[str, int]:
    """What an urgent order could take from others, by SKU code, at places that serve the buyer."""
    with unscoped(session, "an urgent order may take what others were promised"):
        rows = read_soft(
            session,
            seller_id=wanted.seller_id,
            buyer_id=wanted.buyer_id,
            sku_ids=wanted.qtys,
            lock=False,
        )
    found: dict[str, int] = defaultdict(int)
    for source in sources_at(session, wanted, by_place(rows), now=now):
        if not source.route.closed:
            for code, qty in source.route.stock.items():
                found[code] += qty
    return found
