"""The rows behind a figure of the cockpit: journal legs within the reader's scope, with their sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, select
from sqlmodel import Session, col

from ..accounts import PartyName, party_facet, party_matches, party_names
from ..catalog.models import Category, Product, Sku
from ..channels.models import Partner, Region
from ..journal.models import FlowStep, JournalLeg
from ..kernel.access import Actor, Permission
from ..kernel.clock import Period
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
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


def list_sales_rows(
    session: Session, actor: Actor, *, cut: RowsQuery, query: ListQuery = FIRST_PAGE
) -> Listing[SalesRow]:
    """The rows behind a figure (its `cut`), newest first, those the actor may see. Raises `ForbiddenError`.

    A search looks into document, SKU and both parties. Sorts: booked_on, sku, qty, amount. Facets: kind
    (sale, return), step, buyer. Totals in millionths of the network's currency: sales, returns, net; and qty.
    """
    actor.require(Permission.COCKPIT_READ)
    actor.require(Permission.ORDERS_READ)
    found = run(session, SALES_ROWS, query, _conditions(session, actor, cut))
    return found.showing(_rows(session, found.rows))


def _with_sku(statement: Select[Any]) -> Select[Any]:
    return statement.join(Sku, col(Sku.id) == col(JournalLeg.sku_id))


_QTY, _AMOUNT = col(JournalLeg.qty), col(JournalLeg.amount)
SALES_ROWS = ListSpec(
    entity=JournalLeg,
    columns=(Sku,),
    join=_with_sku,
    key=(col(JournalLeg.id),),
    sorts={
        "booked_on": (col(JournalLeg.booked_on),),
        "sku": (col(Sku.code),),
        "qty": (_QTY,),
        "amount": (_AMOUNT,),
    },
    default_sort="-booked_on",
    codes=(col(Sku.code),),
    names=(col(JournalLeg.document), col(Sku.name), col(Sku.name_en)),
    initials=(col(Sku.initials),),
    also=party_matches(col(JournalLeg.seller_id), col(JournalLeg.buyer_id)),
    facets={
        "kind": Choices({"sale": _QTY > 0, "return": _QTY < 0}),
        "step": Facet(col(JournalLeg.step), allowed=frozenset(FlowStep)),
        "buyer": party_facet(col(JournalLeg.buyer_id)),
    },
    totals={
        "sales": case((_QTY > 0, _AMOUNT), else_=0),
        "returns": case((_QTY < 0, _AMOUNT), else_=0),
        "net": _AMOUNT,
        "qty": _QTY,
    },
)


def _conditions(session: Session, actor: Actor, cut: RowsQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if cut.view is View.BRAND:
        conditions.append(col(JournalLeg.step) == FlowStep.SELL_IN)
    else:
        side = JournalLeg.buyer_id if cut.is_purchases else JournalLeg.seller_id
        conditions.append(col(side).in_(actor.partner_ids))
    if cut.period is not None:
        conditions.append(col(JournalLeg.booked_on) >= cut.period.start)
        conditions.append(col(JournalLeg.booked_on) < cut.period.end)
    if cut.region_code:
        path = session.scalars(select(col(Region.path)).where(col(Region.code) == cut.region_code)).first()
        below = select(col(Region.id)).where(col(Region.path).startswith(path or "?", autoescape=True))
        conditions.append(col(JournalLeg.region_id).in_(below))
    if cut.category_code:
        conditions.append(col(JournalLeg.sku_id).in_(_skus_below(session, cut.category_code)))
    if cut.partner_code:
        other = JournalLeg.seller_id if cut.is_purchases else JournalLeg.buyer_id
        ids = select(col(Partner.id)).where(col(Partner.code) == cut.partner_code)
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
