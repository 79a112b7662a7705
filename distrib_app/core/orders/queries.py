"""The list of orders, through the actor's scope."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, case, func
from sqlmodel import Session, col, select

from ..accounts import PartyName, TradingAccount, party_facet, party_matches, party_names
from ..channels import get_network
from ..journal import JournalLeg
from ..kernel.access import Actor, Permission
from ..kernel.db import row_id
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from ..kernel.money import micros_to_minor, minor_to_micros
from .models import OrderLine, OrderStatus, SalesOrder


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list; `gross_amount` in minor units (imported orders: their journal, rounded once)."""

    number: str
    status: str
    seller: PartyName
    buyer: PartyName
    placed_at: datetime
    currency: str
    gross_amount: int
    line_count: int
    is_urgent: bool
    version: int


def list_orders(
    session: Session,
    *,
    query: ListQuery = FIRST_PAGE,
    placed_from: datetime | None = None,
    placed_to: datetime | None = None,
) -> Listing[OrderRow]:
    """Orders within scope, newest first, placed within `[placed_from, placed_to)`.

    A search looks into the number and both parties' codes and names. Sorts: placed_at, number, status,
    gross_amount. Facets: status, role (which side one's own companies stand on: buyer, seller), state
    (urgent), seller, buyer. Total: gross_amount in minor units; imported history is finer than a cent and
    rounded once.
    """
    extra: list[ColumnElement[bool]] = []
    if placed_from is not None:
        extra.append(col(SalesOrder.placed_at) >= placed_from)
    if placed_to is not None:
        extra.append(col(SalesOrder.placed_at) < placed_to)
    found = run(session, _orders(session.info["actor"].partner_ids), query, extra)
    currency = get_network(session).currency
    gross = minor_to_micros(found.totals["gross_amount"], currency) + found.totals["imported_micros"]
    listing = found.showing(_order_rows(session, found.rows))
    return replace(listing, totals={"gross_amount": micros_to_minor(gross, currency)})


def _orders(own_ids: Sequence[int]) -> ListSpec:
    imported = (
        select(func.coalesce(func.sum(JournalLeg.amount), 0))
        .where(col(JournalLeg.order_id) == col(SalesOrder.id), col(JournalLeg.qty) > 0)
        .correlate(SalesOrder)
        .scalar_subquery()
    )
    gross = col(SalesOrder.gross_amount)
    return ListSpec(
        entity=SalesOrder,
        key=(col(SalesOrder.id),),
        sorts={
            "placed_at": (col(SalesOrder.placed_at),),
            "number": (col(SalesOrder.number),),
            "status": (col(SalesOrder.status),),
            "gross_amount": (gross,),
        },
        default_sort="-placed_at",
        names=(col(SalesOrder.number),),
        also=party_matches(col(SalesOrder.seller_id), col(SalesOrder.buyer_id)),
        facets={
            "status": Facet(col(SalesOrder.status), allowed=frozenset(OrderStatus)),
            "role": Choices(
                {
                    "buyer": col(SalesOrder.buyer_id).in_(own_ids),
                    "seller": col(SalesOrder.seller_id).in_(own_ids),
                }
            ),
            "state": Choices({"urgent": col(SalesOrder.urgency) != ""}),
            "seller": party_facet(col(SalesOrder.seller_id)),
            "buyer": party_facet(col(SalesOrder.buyer_id)),
        },
        totals={"gross_amount": gross, "imported_micros": case((gross.is_(None), imported), else_=0)},
    )


def _order_rows(session: Session, orders: Sequence[SalesOrder]) -> tuple[OrderRow, ...]:
    ids = [row_id(order) for order in orders]
    names = party_names(session, [key for order in orders for key in (order.seller_id, order.buyer_id)])
    counts = dict(
        session.exec(
            select(OrderLine.order_id, func.count(col(OrderLine.id)))
            .where(col(OrderLine.order_id).in_(ids))
            .group_by(col(OrderLine.order_id))
        ).all()
    )
    imported = [row_id(order) for order in orders if order.gross_amount is None]
    booked = dict(
        session.exec(
            select(JournalLeg.order_id, func.sum(JournalLeg.amount))
            .where(col(JournalLeg.order_id).in_(imported), col(JournalLeg.qty) > 0)
            .group_by(col(JournalLeg.order_id))
        ).all()
    )
    rows = []
    for order in orders:
        gross = order.gross_amount
        if gross is None:
            gross = micros_to_minor(int(booked.get(row_id(order), 0)), order.currency)
        rows.append(
            OrderRow(
                number=order.number,
                status=order.status,
                seller=names[order.seller_id],
                buyer=names[order.buyer_id],
                placed_at=order.placed_at,
                currency=order.currency,
                gross_amount=gross,
                line_count=counts.get(row_id(order), 0),
                is_urgent=bool(order.urgency),
                version=order.version,
            )
        )
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class SellerRow:
    """A seller the reader's company may order from."""

    buyer: PartyName
    seller: PartyName


def list_sellers(session: Session, actor: Actor) -> list[SellerRow]:
    """The sellers that the actor's own companies have an open trading account with."""
    actor.require(Permission.ORDERS_PLACE)
    accounts = session.exec(
        select(TradingAccount)
        .where(col(TradingAccount.buyer_id).in_(actor.partner_ids), col(TradingAccount.is_closed).is_(False))
        .order_by(col(TradingAccount.id))
    ).all()
    names = party_names(session, [key for row in accounts for key in (row.seller_id, row.buyer_id)])
    return [SellerRow(names[row.buyer_id], names[row.seller_id]) for row in accounts]
