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
from ..core.kernel.access import Actor, Permission
from ..core.kernel.listing import ListQuery
from ..core.kernel.money import micros_to_string
from ..lake import get_lake
from .caller import CallerDep
from .models import (
    CodeQuery,
    CodesQuery,
    Json,
    PeriodDep,
    Search,
    SortQuery,
    Window,
    WindowDep,
    page_json,
    row_json,
)
from .schemas import asks, both
from .shapes import COCKPIT, SALES_ROWS

__all__ = ["router"]

router = APIRouter(tags=["analytics"])

ViewQuery = Annotated[Literal["", "brand", "partner"], Query(description="The caller's usual one without.")]


@router.get("/cockpit", openapi_extra=asks(Permission.COCKPIT_READ, answers=COCKPIT))
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


@router.get(
    "/sales-rows",
    openapi_extra=asks(both(Permission.COCKPIT_READ, Permission.ORDERS_READ), answers=SALES_ROWS),
)
async def read_sales_rows(
    caller: CallerDep,
    window: WindowDep,
    period: PeriodDep,
    kind: CodesQuery,
    region: CodeQuery = "",
    category: CodeQuery = "",
    partner: CodeQuery = "",
    view: ViewQuery = "",
    search: Search = "",
    sort: SortQuery = "",
    side: Annotated[Literal["sales", "purchases"], Query(description="In the partner view.")] = "sales",
) -> Json:
    """The rows behind a figure, newest first, with the sums over all of them."""
    cut = partial(
        RowsQuery,
        period=period,
        region_code=region,
        category_code=category,
        partner_code=partner,
        is_purchases=side == "purchases",
    )
    query = window.query(search=search, sort=sort, kind=kind)
    return await caller.read(_rows, view=view, cut=cut, query=query, window=window)


def _rows(
    session: Session, actor: Actor, *, view: str, cut: partial[RowsQuery], query: ListQuery, window: Window
) -> Json:
    """The rows in the view asked for if the caller has it, else in its usual one, as in the cockpit."""
    network = get_network(session)
    views = available_views(actor, network)
    chosen = View(view) if view in views else views[0]
    found = list_sales_rows(session, actor, cut=cut(view=chosen), query=query)

    def show(row: SalesRow) -> Json:
        answer = row_json(row, omit=("order_id", "amount"))
        return answer | {"amount": micros_to_string(row.amount, network.currency)}

    return page_json(found, window, show) | {
        "view": chosen.value,
        "currency": network.currency,
        "sales": micros_to_string(found.totals["sales"], network.currency),
        "returns": micros_to_string(found.totals["returns"], network.currency),
    }
