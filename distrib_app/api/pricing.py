"""The price book over REST."""

from decimal import Decimal
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session

from ..core.accounts import get_account
from ..core.catalog import Sku
from ..core.channels import Partner, get_network
from ..core.kernel.access import Permission
from ..core.kernel.clock import Period
from ..core.kernel.db import get_by, row_id
from ..core.kernel.errors import NotFoundError
from ..core.kernel.listing import ListQuery
from ..core.pricing import PriceHistoryRow, PriceRow, add_price, list_price_rows, price_history
from ..gate import allowed
from .caller import CallerDep, shown
from .models import (
    PLAIN,
    Body,
    Code,
    CodeQuery,
    CodesQuery,
    Day,
    Json,
    PeriodDep,
    Price,
    Search,
    SortQuery,
    Text,
    WindowDep,
    Word,
    list_json,
    page_json,
    row_json,
    today,
)
from .schemas import asks, list_of
from .shapes import PRICE, PRICE_SPAN

router = APIRouter(tags=["pricing"])

RequiredCode = Annotated[str, Query(min_length=1, max_length=60, pattern=PLAIN)]
_row = partial(row_json, omit=("id",))


class NewPrice(Body):
    """A price of a seller from `valid_from` until before `valid_to`.

    `buyer_scope` (partner, tier_in_region, region, tier, all) says which of buyer, tier, region to name.
    """

    seller: Code
    sku: Code
    unit_price: Price
    valid_from: Day
    valid_to: Day | None = None
    kind: Word = "base"
    buyer_scope: Word = "all"
    buyer: Code | None = None
    tier: Code | None = None
    region: Code | None = None
    channel: Word = "offline"
    is_gross: bool = True
    reason: Text = ""


@router.get("/prices", openapi_extra=asks(Permission.PRICES_READ, answers=list_of(PRICE)))
async def read_prices(
    caller: CallerDep,
    window: WindowDep,
    kind: CodesQuery,
    sku: CodeQuery = "",
    day: Day | None = None,
    search: Search = "",
    sort: SortQuery = "",
) -> Json:
    """Rows of the price book within scope, later recorded first: of one SKU or all, on a day or ever."""
    query = window.query(search=search, sort=sort, sku=sku, kind=kind)
    page = await caller.read(allowed(Permission.PRICES_READ, list_price_rows), query=query, day=day)
    return page_json(page, window, _row)


@router.get("/prices/history", openapi_extra=asks(Permission.PRICES_READ, answers=list_of(PRICE_SPAN)))
async def read_history(
    caller: CallerDep,
    window: WindowDep,
    period: PeriodDep,
    seller: RequiredCode,
    buyer: RequiredCode,
    sku: RequiredCode,
) -> Json:
    """What a buyer pays a seller for a SKU over time, one row per deciding price.

    The network's whole life up to today without dates; the first and last row are cut at the period's ends.
    """
    rows = await caller.read(
        allowed(Permission.PRICES_READ, _history), seller=seller, buyer=buyer, sku=sku, period=period
    )
    return list_json(rows, window, partial(row_json, omit=("row_id",)))


def _history(
    session: Session, *, seller: str, buyer: str, sku: str, period: Period | None
) -> list[PriceHistoryRow]:
    """The history between two parties whose account the reader sees."""
    account = get_account(session, seller_code=seller, buyer_code=buyer)
    return price_history(
        session,
        seller_id=account.seller_id,
        buyer=get_by(session, Partner, "partner", code=buyer),
        sku_id=row_id(get_by(session, Sku, "SKU", code=sku)),
        period=period or Period.inclusive(get_network(session).founded_on, today(session)),
    )


@router.post("/prices", status_code=201, openapi_extra=asks(Permission.PRICES_WRITE, answers=PRICE))
async def record_price(caller: CallerDep, body: NewPrice) -> Json:
    """Add a price; a correction is a later row."""

    def show(session: Session, row: PriceRow) -> Json:
        rows = list_price_rows(session, query=ListQuery(facets={"sku": (body.sku,)})).rows
        found = next((one for one in rows if one.id == row.id), None)
        if found is None:
            raise NotFoundError(kind="price", key=body.sku)
        return _row(found)

    return await caller.write(
        shown(add_price, show),
        seller_code=body.seller,
        sku_code=body.sku,
        unit_price=Decimal(body.unit_price),
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        kind=body.kind,
        buyer_scope=body.buyer_scope,
        buyer_code=body.buyer,
        tier_code=body.tier,
        region_code=body.region,
        channel=body.channel,
        is_gross=body.is_gross,
        reason=body.reason,
    )
