"""What becomes of production requests when their parts change: served from stock, cancelled, taken apart.

What has been started is made to the end and goes into free stock; what has not is made smaller or given up.
Callers run inside `unscoped`, with the order locked.
"""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from ..kernel.db import row_id
from .models import FulfilmentStatus
from .production_models import ProductionLine, ProductionRequest, ProductionStatus
from .work import OrderWork, PartWork

NOT_STARTED = frozenset({ProductionStatus.OPEN.value, ProductionStatus.PLANNED.value})
RUNNING = NOT_STARTED | {ProductionStatus.IN_PRODUCTION.value}


def follow_part(session: Session, work: OrderWork, part: PartWork) -> None:
    """A part in production needs less, or nothing any more: its request follows."""
    if part.part.status != FulfilmentStatus.IN_PRODUCTION:
        return
    needs: dict[int, int] = {}
    for line in part.lines:
        if work.is_goods(line.sku_id) and line.qty:
            needs[line.sku_id] = needs.get(line.sku_id, 0) + line.qty
    for request in _running(session, part):
        if request.status in NOT_STARTED:
            asked = select(ProductionLine).where(ProductionLine.request_id == row_id(request))
            for row in session.exec(asked).all():
                row.qty = needs.get(row.sku_id, 0)
                if not row.qty:
                    session.delete(row)
        if not needs:
            _let_go(request)
    session.flush()


def drop_production(session: Session, parts: Sequence[PartWork]) -> None:
    """Parts that are cancelled: what has not been started is not made."""
    for part in parts:
        if part.part.status == FulfilmentStatus.IN_PRODUCTION:
            for request in _running(session, part):
                _let_go(request)
    session.flush()


def _running(session: Session, part: PartWork) -> Sequence[ProductionRequest]:
    return session.exec(
        select(ProductionRequest)
        .where(
            ProductionRequest.fulfilment_id == row_id(part.part),
            col(ProductionRequest.status).in_(sorted(RUNNING)),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _let_go(request: ProductionRequest) -> None:
    request.fulfilment_id = None
    request.version += 1
    if request.status in NOT_STARTED:
        request.status = ProductionStatus.CANCELLED
