"""Stock that a partner lets its seller's other buyers have: how much of it is taken."""

from collections.abc import Iterable

from sqlalchemy import bindparam, update
from sqlmodel import Session

from ..kernel.access import unscoped
from ..kernel.rows import table_of, update_all
from .balances import Placement, merge
from .errors import ShareTakenError
from .shipping_models import StockShare

_share = table_of(StockShare)
_TAKE = (
    update(_share)
    .where(
        _share.c.location_id == bindparam("at"),
        _share.c.sku_id == bindparam("of"),
        _share.c.seller_id == bindparam("seller"),
        _share.c.used_qty + bindparam("more") <= _share.c.shared_qty,
        _share.c.used_qty + bindparam("more") >= 0,
    )
    .values(used_qty=_share.c.used_qty + bindparam("more"))
)


def take_share(session: Session, *, placements: Iterable[Placement], seller_id: int) -> None:
    """Count quantities against what their owners share with `seller_id`'s buyers.

    Raises `ShareTakenError` when somebody else was faster or the owner takes it back.
    """
    _change(session, placements, seller_id, 1)


def give_share_back(session: Session, *, placements: Iterable[Placement], seller_id: int) -> None:
    """Undo `take_share` for what was not shipped; a share that is gone meanwhile stays gone."""
    _change(session, placements, seller_id, -1)


def _change(session: Session, placements: Iterable[Placement], seller_id: int, sign: int) -> None:
    merged = merge(placements)
    rows = [
        {"at": one.location_id, "of": one.sku_id, "seller": seller_id, "more": sign * one.qty}
        for one in merged
    ]
    with unscoped(session, "a share is taken by the seller's verb, whoever acts"):
        if update_all(session, _TAKE, rows) != len(rows) and sign > 0:
            raise ShareTakenError
