"""The rows behind a figure of the cockpit: journal legs within the reader's scope, with their sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import Session, col

from ..accounts import PartyName, party_names
from ..catalog.models import Category, Product, Sku
from ..channels.models import Partner, Region
from ..channels.service import get_network
from ..journal.models import FlowStep, JournalLeg
from ..kernel.access import Actor, Permission
from ..kernel.clock import Period
from ..kernel.paging import check_window
from .rows import View


@dataclass(frozen=True, slots=True)
class RowsQuery:
    """Which rows: the filters of a cockpit, one partner, and in the partner view which side."""

    period: Period | None = None
    region_code: str = ""
    category_code: str = ""
    partner_code: str = ""
    view: View = View.BRAND
    is_purchases: bool = False


@dataclass(frozen=True, slots=True)
class SalesRow:
    """One journal leg; amount in millionths, negative for a return."""

    booked_on: date
    step: str
    document: str
    line_no: int
    order_id: int | None
    seller: PartyName
    buyer: PartyName
    sku_code: str
    sku_name: str
    sku_name_en: str
    qty: int
    amount: int


@dataclass(frozen=True, slots=True)
class SalesRows:
    """A window of rows and the sums over all of them."""

    rows: tuple[SalesRow, ...]
    total: int
    sales: int
    returns: int
    currency: str


def list_sales_rows(
    session: Session, actor: Actor, *, query: RowsQuery, offset: int = 0, limit: int = 50
) -> SalesRows:
    """The rows behind a figure, newest first, those the actor may see. Raises `ForbiddenError`."""
    actor.require(Permission.COCKPIT_READ)
    actor.require(Permission.ORDERS_READ)
    check_window(offset, limit)
    conditions = _conditions(session, actor, query)
    total, sales, returns = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((col(JournalLeg.qty) > 0, col(JournalLeg.amount)), else_=0)), 0),
            func.coalesce(func.sum(case((col(JournalLeg.qty) < 0, col(JournalLeg.amount)), else_=0)), 0),
        )
        .select_from(JournalLeg)
        .where(*conditions)
    ).one()
    found = session.execute(
        select(JournalLeg, Sku)
        .join(Sku, col(Sku.id) == col(JournalLeg.sku_id))
        .where(*conditions)
        .order_by(col(JournalLeg.booked_on).desc(), col(JournalLeg.id).desc())
        .offset(offset)
        .limit(limit)
    ).all()
    return SalesRows(
        _rows(session, [(leg, sku) for leg, sku in found]),
        int(total),
        int(sales),
        int(returns),
        get_network(session).currency,
    )


def _conditions(session: Session, actor: Actor, query: RowsQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.view is View.BRAND:
        conditions.append(col(JournalLeg.step) == FlowStep.SELL_IN)
    else:
        side = JournalLeg.buyer_id if query.is_purchases else JournalLeg.seller_id
        conditions.append(col(side).in_(actor.partner_ids))
    if query.period is not None:
        conditions.append(col(JournalLeg.booked_on) >= query.period.start)
        conditions.append(col(JournalLeg.booked_on) < query.period.end)
    if query.region_code:
        path = session.scalars(select(col(Region.path)).where(col(Region.code) == query.region_code)).first()
        below = select(col(Region.id)).where(col(Region.path).startswith(path or "?", autoescape=True))
        conditions.append(col(JournalLeg.region_id).in_(below))
    if query.category_code:
        conditions.append(col(JournalLeg.sku_id).in_(_skus_below(session, query.category_code)))
    if query.partner_code:
        other = JournalLeg.seller_id if query.is_purchases else JournalLeg.buyer_id
        ids = select(col(Partner.id)).where(col(Partner.code) == query.partner_code)
        conditions.append(col(other).in_(ids))
    return conditions


def _skus_below(session: Session, code: str) -> Any:
    parents = session.execute(select(col(Category.id), col(Category.parent_id), col(Category.code))).all()
    inside = {key for key, _, own in parents if own == code}
    while more := {key for key, parent, _ in parents if parent in inside and key not in inside}:
        inside |= more
    return (
        select(col(Sku.id))
        .join(Product, col(Product.id) == col(Sku.product_id))
        .where(col(Product.category_id).in_(inside))
    )


def _rows(session: Session, found: Sequence[tuple[JournalLeg, Sku]]) -> tuple[SalesRow, ...]:
    names = party_names(session, [key for leg, _ in found for key in (leg.seller_id, leg.buyer_id)])
    return tuple(
        SalesRow(
            booked_on=leg.booked_on,
            step=leg.step,
            document=leg.document,
            line_no=leg.line_no,
            order_id=leg.order_id,
            seller=names[leg.seller_id],
            buyer=names[leg.buyer_id],
            sku_code=sku.code,
            sku_name=sku.name,
            sku_name_en=sku.name_en,
            qty=leg.qty,
            amount=leg.amount,
        )
        for leg, sku in found
    )
