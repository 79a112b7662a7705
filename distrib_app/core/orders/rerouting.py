"""Routing what an order still lacks: the same decision as at placing, over the seller's own places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from .goods import OrderedSku, find_ordered
from .models import FulfilmentLine
from .parties import find_party
from .quoting import LATE_AMOUNT_PER_DAY, MAX_PARCELS, SPLIT_AMOUNT
from .routing import route
from .routing_rules import RouteLine, RouteTerms
from .sourcing import Wanted, find_sources, sources_at
from .splitting import frozen_route
from .work import OrderWork, PartWork


@dataclass(frozen=True, slots=True)
class Rerouted:
    """What one place serves now of the lines that waited: (line, quantity) each."""

    location_id: int
    mode: str
    lines: tuple[tuple[FulfilmentLine, int], ...]
    freight_amount: int
    cost_amount: int
    ready_on: date | None
    promised_on: date
    route: dict[str, Any]


def reroute(
    session: Session,
    work: OrderWork,
    lacking: Sequence[PartWork],
    *,
    stock: Mapping[int, Mapping[int, int]] | None = None,
    now: datetime,
) -> list[Rerouted]:
    """Where the missing quantities of parts could come from now; its stock is locked (inside `unscoped`).

    With `stock` (place id → SKU id → quantity) it looks at that instead of what is free.
    """
    waiting = [line for part in lacking for line in part.lines if work.lacks(part, line)]
    skus = find_ordered(session, sorted({work.skus[line.sku_id].code for line in waiting}))
    qtys: dict[int, int] = {}
    for line in waiting:
        qtys[line.sku_id] = qtys.get(line.sku_id, 0) + line.qty
    buyer = find_party(session, work.order.buyer_id)
    wanted = Wanted(
        seller_id=work.order.seller_id,
        seller_kind=work.seller.kind,
        supplier_id=None,
        buyer_id=work.order.buyer_id,
        region_path=buyer.region_path,
        currency=work.order.currency,
        qtys=qtys,
        codes={sku.id: sku.code for sku in skus.values()},
        goods={sku.id: sku.handling for sku in skus.values()},
        is_urgent=bool(work.order.urgency),
        needs_cold=any(sku.is_cold_chain for sku in skus.values()),
    )
    if stock is None:
        found = find_sources(session, wanted, lock=True, now=now)
    else:
        found = sources_at(session, wanted, stock, now=now)
    own = [one for one in found if one.owner_id == work.order.seller_id]
    sources = {source.route.code: source for source in own}
    plan = route(
        [_route_line(no, line, skus[work.skus[line.sku_id].code]) for no, line in enumerate(waiting)],
        [source.route for source in sources.values()],
        RouteTerms(
            currency=work.order.currency,
            split_amount=SPLIT_AMOUNT,
            late_amount_per_day=LATE_AMOUNT_PER_DAY,
            wanted_on=work.order.requested_on,
            may_backorder=True,
            max_parcels=MAX_PARCELS,
        ),
    )
    return [
        Rerouted(
            location_id=sources[parcel.source_code].location_id,
            mode=parcel.mode,
            lines=tuple((waiting[no], qty) for no, qty in parcel.lines),
            freight_amount=parcel.freight.amount,
            cost_amount=parcel.cost,
            ready_on=parcel.ready_on,
            promised_on=parcel.arrives_on,
            route=frozen_route(plan),
        )
        for parcel in plan.parcels
    ]


def _route_line(no: int, line: FulfilmentLine, sku: OrderedSku) -> RouteLine:
    return RouteLine(
        line_no=no,
        sku_code=sku.code,
        qty=line.qty,
        weight_g=sku.weight_g,
        volume_cm3=sku.volume_cm3,
        is_cold_chain=sku.is_cold_chain,
    )
