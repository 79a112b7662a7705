"""The cockpit over REST, and the rows behind its figures."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from sqlmodel import Session

from ..core.analytics import (
    CockpitQuery,
    RowsQuery,
    SalesRow,
    View,
    available_views,
    cockpit_json,
    get_cockpit,
    list_sales_rows,
)
from ..core.channels import get_network
from ..core.kernel.access import Actor
from ..core.kernel.money import micros_to_string
from ..core.kernel.paging import Page
from ..lake import get_lake
from .caller import CallerDep
from .models import CodeQuery, Json, PeriodDep, Window, WindowDep, page_json, parse_period, row_json

__all__ = ["parse_period", "router"]

router = APIRouter(tags=["analytics"])

ViewQuery = Annotated[Literal["", "brand", "partner"], Query(description="The caller's usual one without.")]


@router.get("/cockpit")
async def read_cockpit(
    caller: CallerDep,
    period: PeriodDep,
    region: CodeQuery = "",
    category: CodeQuery = "",
    view: ViewQuery = "",
) -> Json:
    """The sales cockpit of the caller: brand view or partner view, within its scope."""
    query = CockpitQuery(period=period, region_code=region, category_code=category, view=view)
    return cockpit_json(await caller.read(get_cockpit, store=get_lake(), query=query))


@router.get("/sales-rows")
async def read_sales_rows(
    caller: CallerDep,
    window: WindowDep,
    period: PeriodDep,
    region: CodeQuery = "",
    category: CodeQuery = "",
    partner: CodeQuery = "",
    view: ViewQuery = "",
    side: Annotated[Literal["sales", "purchases"], Query(description="In the partner view.")] = "sales",
) -> Json:
    """The rows behind a figure, newest first, with the sums over all of them."""
    query = partial(
        RowsQuery,
        period=period,
        region_code=region,
        category_code=category,
        partner_code=partner,
        is_purchases=side == "purchases",
    )
    return await caller.read(_rows, view=view, query=query, window=window)


def _rows(session: Session, actor: Actor, *, view: str, query: partial[RowsQuery], window: Window) -> Json:
    """The rows in the view asked for if the caller has it, else in its usual one, as in the cockpit."""
    views = available_views(actor, get_network(session))
    chosen = View(view) if view in views else views[0]
    found = list_sales_rows(
        session, actor, query=query(view=chosen), offset=window.offset, limit=window.limit
    )

    def show(row: SalesRow) -> Json:
        answer = row_json(row, omit=("order_id", "amount"))
        return answer | {"amount": micros_to_string(row.amount, found.currency)}

    return page_json(Page(found.rows, found.total, window.offset, window.limit), show) | {
        "view": chosen.value,
        "currency": found.currency,
        "sales": micros_to_string(found.sales, found.currency),
        "returns": micros_to_string(found.returns, found.currency),
    }
