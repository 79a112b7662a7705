"""The control tower: open orders by stage, and those that run late before all others."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func
from sqlmodel import Session, col, select

from ..accounts import PartyName, party_facet, party_matches, party_names
from ..inventory import Location
from ..inventory.shipping_models import ShipmentEvent
from ..kernel.db import row_id
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from ..workbench import Hold, find_holds
from .models import FulfilmentOrder, FulfilmentStatus, OrderStatus, SalesOrder
from .progress import OUT_PARTS

# the stages of an open order, in the order in which it goes through them
TOWER_STAGES: tuple[str, ...] = (
    OrderStatus.HELD.value,
    OrderStatus.PLACED.value,
    OrderStatus.CONFIRMED.value,
    OrderStatus.IN_PRODUCTION.value,
    OrderStatus.ALLOCATED.value,
    OrderStatus.PICKED.value,
    OrderStatus.SHIPPED.value,
    OrderStatus.IN_TRANSIT.value,
)
_OUT = frozenset({OrderStatus.SHIPPED.value, OrderStatus.IN_TRANSIT.value})


@dataclass(frozen=True, slots=True)
class StageTile:
    """The open orders of one stage and currency within scope: how many, how late, worth what, since when.

    `gross_amount` is minor units of `currency`; an empty stage has neither.
    """

    stage: str
    currency: str
    order_count: int
    late_count: int
    gross_amount: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class TowerRow:
    """An open order; `delay_days` are the days past its promise, `place` is where its goods were last seen.

    `hold_text` is a message filled with `hold_facts`; `next_step` a code of what has to happen next.
    """

    number: str
    status: str
    seller: PartyName
    buyer: PartyName
    placed_at: datetime
    promised_on: date | None
    delay_days: int
    is_urgent: bool
    place: str
    place_en: str
    hold_text: str
    hold_facts: dict[str, Any]
    next_step: str
    currency: str
    gross_amount: int
    version: int


def next_step(status: str, *, is_late: bool) -> str:
    """What has to happen next with an open order; a code that pages put into words."""
    if status in _OUT:
        return "chase" if is_late else "follow"
    return {
        OrderStatus.HELD.value: "release",
        OrderStatus.PLACED.value: "answer",
        OrderStatus.CONFIRMED.value: "allocate",
        OrderStatus.IN_PRODUCTION.value: "produce",
        OrderStatus.ALLOCATED.value: "pick",
    }.get(status, "ship")


def delay_days(promised_on: date | None, today: date) -> int:
    """How many days past its promise something is that has not arrived; 0 in time or without a promise."""
    return 0 if promised_on is None else max(0, (today - promised_on).days)


def tower_tiles(session: Session, *, today: date) -> tuple[StageTile, ...]:
    """Every stage in order, an empty one too; one statement over the open orders within scope."""
    late = case((_is_late(today), 1), else_=0)
    rows = session.execute(
        select(SalesOrder.status, SalesOrder.currency)
        .add_columns(
            func.count(col(SalesOrder.id)),
            func.sum(late),
            func.coalesce(func.sum(SalesOrder.gross_amount), 0),
            func.min(SalesOrder.placed_at),
        )
        .where(col(SalesOrder.status).in_(TOWER_STAGES))
        .group_by(col(SalesOrder.status), col(SalesOrder.currency))
        .order_by(col(SalesOrder.currency))
    ).all()
    found: dict[str, list[StageTile]] = defaultdict(list)
    for status, currency, count, late_count, gross, oldest in rows:
        found[status].append(StageTile(status, currency, count, int(late_count or 0), int(gross), oldest))
    return tuple(
        tile for stage in TOWER_STAGES for tile in found.get(stage, [StageTile(stage, "", 0, 0, 0, None)])
    )


def list_tower(session: Session, *, today: date, query: ListQuery = FIRST_PAGE) -> Listing[TowerRow]:
    """Open orders within scope: the latest ones first, then what was promised first.

    A search looks into the number and the parties. Sorts: late, number, promised_on, placed_at,
    gross_amount. Facets: status, state (late, held, urgent), seller, buyer. Total: gross_amount.
    """
    is_open = col(SalesOrder.status).in_(TOWER_STAGES)
    found = run(session, _tower(today), query, [is_open])
    return found.showing(_rows(session, found.rows, today))


def _is_late(today: date) -> ColumnElement[bool]:
    promised: Any = col(SalesOrder.promised_on)
    late: ColumnElement[bool] = promised < today
    return late


def _tower(today: date) -> ListSpec:
    order = SalesOrder
    return ListSpec(
        entity=order,
        key=(col(order.id),),
        sorts={
            "late": (case((_is_late(today), 0), else_=1), col(order.promised_on)),
            "number": (col(order.number),),
            "promised_on": (col(order.promised_on),),
            "placed_at": (col(order.placed_at),),
            "gross_amount": (col(order.gross_amount),),
        },
        default_sort="late",
        names=(col(order.number),),
        also=party_matches(col(order.seller_id), col(order.buyer_id)),
        facets={
            "status": Facet(col(order.status), allowed=frozenset(TOWER_STAGES)),
            "state": Choices(
                {
                    "late": _is_late(today),
                    "held": col(order.status) == OrderStatus.HELD,
                    "urgent": col(order.urgent_reason) != "",
                }
            ),
            "seller": party_facet(col(order.seller_id)),
            "buyer": party_facet(col(order.buyer_id)),
        },
        totals={"gross_amount": col(order.gross_amount)},
    )


def _rows(session: Session, orders: Sequence[SalesOrder], today: date) -> list[TowerRow]:
    names = party_names(session, [key for order in orders for key in (order.seller_id, order.buyer_id)])
    held = [order.number for order in orders if order.status == OrderStatus.HELD]
    holds: dict[str, Hold] = {}
    for hold in find_holds(session, kind="order", keys=held):
        holds.setdefault(hold.subject_key, hold)
    places = _places(session, [row_id(order) for order in orders])
    rows = []
    for order in orders:
        place, place_en = places.get(row_id(order), ("", ""))
        waits = holds.get(order.number)
        days = delay_days(order.promised_on, today)
        rows.append(
            TowerRow(
                number=order.number,
                status=order.status,
                seller=names[order.seller_id],
                buyer=names[order.buyer_id],
                placed_at=order.placed_at,
                promised_on=order.promised_on,
                delay_days=days,
                is_urgent=bool(order.urgent_reason),
                place=place,
                place_en=place_en,
                hold_text=waits.text if waits else "",
                hold_facts=dict(waits.facts) if waits else {},
                next_step=next_step(order.status, is_late=days > 0),
                currency=order.currency,
                gross_amount=order.gross_amount or 0,
                version=order.version,
            )
        )
    return rows


def _places(session: Session, order_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Where the goods of orders were last seen: reported by a carrier, else the source (where it is seen)."""
    parts = session.execute(
        select(FulfilmentOrder)
        .add_columns(col(Location.name), col(Location.name_en))
        .outerjoin(Location, col(Location.id) == col(FulfilmentOrder.location_id))
        .where(
            col(FulfilmentOrder.order_id).in_(order_ids),
            col(FulfilmentOrder.status) != FulfilmentStatus.CANCELLED,
        )
        .order_by(col(FulfilmentOrder.id))
    ).all()
    shipment_ids = {part.shipment_id for part, _, _ in parts if part.status in OUT_PARTS and part.shipment_id}
    seen: dict[int, str] = {}
    if shipment_ids:
        for event in session.exec(
            select(ShipmentEvent)
            .where(col(ShipmentEvent.shipment_id).in_(shipment_ids), col(ShipmentEvent.place) != "")
            .order_by(col(ShipmentEvent.occurred_at), col(ShipmentEvent.id))
        ):
            seen[event.shipment_id] = event.place
    found: dict[int, tuple[str, str]] = {}
    for part, name, name_en in parts:
        place = seen.get(part.shipment_id or 0)
        if place is not None:
            found[part.order_id] = (place, "")
        else:
            found.setdefault(part.order_id, (name or "", name_en or ""))
    return found
