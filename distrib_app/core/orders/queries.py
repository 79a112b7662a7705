"""The list of orders, through the actor's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, asc, desc, func, or_
from sqlmodel import Session, col, select

from ..accounts import PartyName, TradingAccount, party_names
from ..channels import Partner
from ..journal import JournalLeg
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.db import row_id
from ..kernel.errors import InvalidError
from ..kernel.money import micros_to_minor
from ..kernel.paging import Page, check_window
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
    version: int


_SORTS = {
    "placed_at": SalesOrder.placed_at,
    "number": SalesOrder.number,
    "gross_amount": SalesOrder.gross_amount,
}


def list_orders(
    session: Session,
    *,
    search: str = "",
    status: str | None = None,
    role: str | None = None,
    placed_from: datetime | None = None,
    placed_to: datetime | None = None,
    sort: str = "-placed_at",
    offset: int = 0,
    limit: int = 50,
) -> Page[OrderRow]:
    """Orders within scope, newest first. `search` looks into the number and both parties' codes and names.

    `role` keeps those the actor's own companies `buyer` or `seller` stand in; the instants are `[from, to)`;
    `sort` is `placed_at`, `number` or `gross_amount`, `-` before it for descending.
    """
    check_window(offset, limit)
    conditions = _conditions(session, search, status, role)
    if placed_from is not None:
        conditions.append(col(SalesOrder.placed_at) >= placed_from)
    if placed_to is not None:
        conditions.append(col(SalesOrder.placed_at) < placed_to)
    column = _SORTS.get(sort.removeprefix("-"))
    if column is None:
        raise InvalidError(field="sort", reason=sort)
    turn = desc if sort.startswith("-") else asc
    total = session.exec(select(func.count(col(SalesOrder.id))).where(*conditions)).one()
    found = session.exec(
        select(SalesOrder)
        .where(*conditions)
        .order_by(turn(col(column)), turn(col(SalesOrder.id)))
        .offset(offset)
        .limit(limit)
    ).all()
    return Page(_order_rows(session, found), total, offset, limit)


def _conditions(
    session: Session, search: str, status: str | None, role: str | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if status:
        if status not in set(OrderStatus):
            raise InvalidError(field="status", reason=status)
        conditions.append(col(SalesOrder.status) == status)
    if role:
        sides = {"buyer": SalesOrder.buyer_id, "seller": SalesOrder.seller_id}
        if role not in sides:
            raise InvalidError(field="role", reason=role)
        conditions.append(col(sides[role]).in_(session.info["actor"].partner_ids))
    if search.strip():
        text = search.strip()
        columns = (Partner.code, Partner.name, Partner.name_en)
        with unscoped(session, "a reader may search by the other party; the orders found are scoped"):
            ids = session.exec(
                select(Partner.id).where(
                    or_(*(col(column).icontains(text, autoescape=True) for column in columns))
                )
            ).all()
        conditions.append(
            or_(
                col(SalesOrder.number).icontains(text, autoescape=True),
                col(SalesOrder.seller_id).in_(ids),
                col(SalesOrder.buyer_id).in_(ids),
            )
        )
    return conditions


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
