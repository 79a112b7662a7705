"""Limits of planning over REST: quotas of scarce goods, industry figures of turnover."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.inventory import MAX_QTY, Quota, set_quota, set_turnover_benchmark
from ..core.inventory.turnover import MAX_TURNOVER
from ..core.kernel.access import Permission
from ..core.kernel.clock import Period
from .caller import CallerDep, shown
from .models import PLAIN, Body, Code, Day, Json, Text, Version
from .schemas import NUMBER, TEXT, Named, asks, object_of

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
