"""Why a number of an order is what it is, for whoever sees the order."""

from datetime import datetime

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import get_network
from ..kernel.access import Actor, Permission
from ..kernel.clock import business_day
from ..kernel.db import get_by, row_id
from ..kernel.errors import NotFoundError
from ..kernel.explain import Why
from .detail import get_order
from .models import ReturnLine, SalesOrder, SalesReturn
from .order_whys import OrderFigures, PartShare, Refunded, why_of_order
from .work import OrderWork, read_work


def explain_order(session: Session, actor: Actor, *, number: str, key: str, now: datetime) -> Why:
    """Why the number named `key` on the record of an order (see `order_whys`) is what it is.

    Raises `NotFoundError`, also for an order out of scope and for a number that it does not show.
    """
    actor.require(Permission.ORDERS_READ)
    order = get_by(session, SalesOrder, "order", number=number)
    figures = OrderFigures(
        order=get_order(session, number),
        shares=_shares(read_work(session, order)),
        refunds=_refunds(session, order),
        today=business_day(now, get_network(session).zone),
    )
    why = why_of_order(figures, key)
    if why is None:
        raise NotFoundError(kind="number", key=f"{number} · {key}")
    return why


def _shares(work: OrderWork) -> list[PartShare]:
    return [
        PartShare(
            part_number=part.part.number,
            line_no=line.line_no,
            reserved_qty=line.reserved_qty,
            shipped_qty=line.shipped_qty,
            returned_qty=line.returned_qty,
            fee_amount=line.fee_amount,
        )
        for part in work.parts
        for line in part.lines
    ]


def _refunds(session: Session, order: SalesOrder) -> list[Refunded]:
    rows = session.exec(
        select(SalesReturn.number, Sku.code, ReturnLine.qty, ReturnLine.gross_amount)
        .join(ReturnLine, col(ReturnLine.return_id) == col(SalesReturn.id))
        .join(Sku, col(Sku.id) == col(ReturnLine.sku_id))
        .where(SalesReturn.order_id == row_id(order))
        .order_by(col(SalesReturn.id), col(ReturnLine.line_no))
    ).all()
    return [Refunded(number, code, qty, gross or 0) for number, code, qty, gross in rows]
