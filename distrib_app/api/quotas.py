"""Limits of planning over REST: quotas of scarce goods, industry figures of turnover."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.inventory import (
    MAX_QTY,
    Quota,
    QuotaRow,
    list_quotas,
    propose_shares,
    set_quota,
    set_turnover_benchmark,
    share_out,
)
from ..core.inventory.turnover import MAX_TURNOVER
from ..core.kernel.access import Permission
from ..core.kernel.clock import Period
from ..core.kernel.listing import Listing, ListQuery
from ..gate import allowed
from .caller import CallerDep, shown
from .models import (
    MAX_LINES,
    PLAIN,
    Body,
    Code,
    CodesQuery,
    Day,
    Json,
    Search,
    SortQuery,
    Text,
    Version,
    WindowDep,
    page_json,
    row_json,
    today,
)
from .schemas import NUMBER, TEXT, Named, array_of, asks, list_of, object_of, row_of

router = APIRouter(tags=["inventory"])

BENCHMARK = Named(
    "TurnoverBenchmark", object_of(category_code=TEXT, region_code=TEXT, turnover_milli=NUMBER, source=TEXT)
)
QUOTA = Named(
    "Quota",
    object_of(
        seller_code=TEXT,
        sku_code=TEXT,
        buyer_code=TEXT,
        tier_code=TEXT,
        qty=NUMBER,
        used_qty=NUMBER,
        version=NUMBER,
    ),
)
SHARES = Named("QuotaShares", object_of(shares=array_of(object_of(buyer_code=TEXT, qty=NUMBER))))
QUOTA_ROW = row_of("QuotaRow", QuotaRow, left_qty=NUMBER)


class Benchmark(Body):
    """How often a year the industry turns a category in a region, in thousandths, and who says so."""

    category: Code
    region: Code
    turnover_milli: Annotated[int, Field(ge=1, le=MAX_TURNOVER)]
    source: Annotated[str, Field(min_length=1, max_length=120, pattern=PLAIN)]


class NewQuota(Body):
    """How much of a SKU a buyer, a tier or everybody may have; both days included."""

    seller: Code
    sku: Code
    buyer: Text = ""
    tier: Text = ""
    first: Day
    last: Day
    qty: Annotated[int, Field(ge=0, le=MAX_QTY)]
    version: Version | None = None


class Need(Body):
    """How much a buyer asks for."""

    buyer: Code
    qty: Annotated[int, Field(ge=0, le=MAX_QTY)]


class Needs(Body):
    """What there is, and who asks for how much."""

    total: Annotated[int, Field(ge=0, le=MAX_QTY)]
    needs: Annotated[list[Need], Field(min_length=1, max_length=MAX_LINES)]


class SharedQuota(Needs):
    """Whose SKU it is, and when the shares hold; both days included."""

    seller: Code
    sku: Code
    first: Day
    last: Day


@router.post(
    "/turnover-benchmarks",
    status_code=201,
    openapi_extra=asks(Permission.CATALOG_WRITE, answers=BENCHMARK),
)
async def put_benchmark(caller: CallerDep, body: Benchmark) -> Json:
    """Load an industry figure; the same category and region again replaces it."""

    def show(_session: Session, row: Any) -> Json:
        return {
            "category_code": body.category,
            "region_code": body.region,
            "turnover_milli": row.turnover_milli,
            "source": row.source,
        }

    return await caller.write(
        shown(set_turnover_benchmark, show),
        category_code=body.category,
        region_code=body.region,
        turnover_milli=body.turnover_milli,
        source=body.source,
    )


@router.post("/quotas", status_code=201, openapi_extra=asks(Permission.STOCK_WRITE, answers=QUOTA))
async def put_quota(caller: CallerDep, body: NewQuota) -> Json:
    """Limit a SKU of one's own for a period; the same period again changes its quantity."""

    def show(_session: Session, row: Quota) -> Json:
        named = {"seller_code": body.seller, "sku_code": body.sku}
        whose = {"buyer_code": body.buyer, "tier_code": body.tier}
        return named | whose | {"qty": row.qty, "used_qty": row.used_qty, "version": row.version}

    return await caller.write(
        shown(set_quota, show),
        seller_code=body.seller,
        sku_code=body.sku,
        buyer_code=body.buyer,
        tier_code=body.tier,
        period=Period.inclusive(body.first, body.last),
        qty=body.qty,
        version=body.version,
    )


@router.get("/quotas", openapi_extra=asks(Permission.STOCK_READ, answers=list_of(QUOTA_ROW)))
async def read_quotas(
    caller: CallerDep,
    window: WindowDep,
    state: CodesQuery,
    sku: CodesQuery,
    buyer: CodesQuery,
    search: Search = "",
    sort: SortQuery = "-period",
) -> Json:
    """Quotas within scope: those one sets, and those one buys under."""
    query = window.query(search=search, sort=sort, state=state, sku=sku, buyer=buyer)
    page = await caller.read(allowed(Permission.STOCK_READ, _list), query=query)
    return page_json(page, window, _quota_json)


def _list(session: Session, *, query: ListQuery) -> Listing[QuotaRow]:
    return list_quotas(session, today=today(session), query=query)


def _quota_json(row: QuotaRow) -> Json:
    return row_json(row) | {"left_qty": row.left_qty}


@router.post("/quotas/fair-share", openapi_extra=asks(Permission.STOCK_WRITE, answers=SHARES))
async def propose(caller: CallerDep, body: Needs) -> Json:
    """How a scarce quantity would be shared fairly; nothing is set."""
    needs = {need.buyer: need.qty for need in body.needs}
    return _shares(await caller.read(propose_shares, total=body.total, needs=needs))


@router.post("/quotas/share-out", status_code=201, openapi_extra=asks(Permission.STOCK_WRITE, answers=SHARES))
async def set_shares(caller: CallerDep, body: SharedQuota) -> Json:
    """Share a scarce quantity fairly and set each buyer's quota to its share."""

    def show(_session: Session, shares: dict[str, int]) -> Json:
        return _shares(shares)

    return await caller.write(
        shown(share_out, show),
        seller_code=body.seller,
        sku_code=body.sku,
        total=body.total,
        needs={need.buyer: need.qty for need in body.needs},
        period=Period.inclusive(body.first, body.last),
    )


def _shares(shares: dict[str, int]) -> Json:
    return {"shares": [{"buyer_code": code, "qty": qty} for code, qty in shares.items()]}
