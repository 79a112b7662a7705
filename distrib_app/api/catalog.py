"""The catalogue over REST: categories, products, SKUs."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.catalog import (
    Category,
    Product,
    Sku,
    create_product,
    create_sku,
    list_categories,
    list_skus,
    set_sku_flags,
)
from ..core.inventory import MAX_QTY
from ..core.kernel.access import Permission
from ..core.kernel.money import MILLION
from ..gate import allowed
from .caller import CallerDep, shown
from .models import (
    PLAIN,
    Body,
    Code,
    CodePath,
    CodesQuery,
    Json,
    NewLongCode,
    Search,
    SortQuery,
    Text,
    Version,
    WindowDep,
    list_json,
    page_json,
    row_json,
)
from .schemas import asks, list_of
from .shapes import CATEGORY, PRODUCT_SHOWN, SKU, SKU_SHOWN

router = APIRouter(tags=["catalog"])

LongName = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN)]


class NewProduct(Body):
    """A product of the global catalogue."""

    code: NewLongCode
    name: LongName
    name_en: Text = ""
    category: Code
    description: Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")] = ""


class NewSku(Body):
    """A SKU of a product; `tax_ppm` is the rate in millionths (13 % = 130000)."""

    code: NewLongCode
    name: LongName
    name_en: Text = ""
    product: Code
    kind: Literal["goods", "service"] = "goods"
    unit: Annotated[str, Field(min_length=1, max_length=16, pattern=PLAIN)] = "件"
    barcode: Annotated[str, Field(max_length=20, pattern=PLAIN)] = ""
    tax_ppm: Annotated[int, Field(ge=0, lt=MILLION)] = 0
    order_multiple_qty: Annotated[int, Field(ge=1, le=MAX_QTY)] = 1
    is_backorder_allowed: bool = False


class SkuFlags(Body):
    """What may be ordered; a flag left out stays."""

    version: Version | None = None
    is_orderable: bool | None = None
    is_backorder_allowed: bool | None = None


@router.get("/skus", openapi_extra=asks(Permission.CATALOG_READ, answers=list_of(SKU)))
async def read_skus(
    caller: CallerDep,
    window: WindowDep,
    category: CodesQuery,
    kind: CodesQuery,
    state: CodesQuery,
    search: Search = "",
    sort: SortQuery = "",
) -> Json:
    """SKUs by code; a category includes those below it; `state` is orderable, closed or backorder."""
    query = window.query(search=search, sort=sort, category=category, kind=kind, state=state)
    page = await caller.read(allowed(Permission.CATALOG_READ, list_skus), query=query)
    return page_json(page, window, lambda row: row_json(row, omit=("id",)))


@router.post(
    "/products", status_code=201, openapi_extra=asks(Permission.CATALOG_WRITE, answers=PRODUCT_SHOWN)
)
async def add_product(caller: CallerDep, body: NewProduct) -> Json:
    """Add a product."""
    return await caller.write(
        shown(create_product, _show_product),
        code=body.code,
        name=body.name,
        name_en=body.name_en,
        category_code=body.category,
        description=body.description,
    )


@router.post("/skus", status_code=201, openapi_extra=asks(Permission.CATALOG_WRITE, answers=SKU_SHOWN))
async def add_sku(caller: CallerDep, body: NewSku) -> Json:
    """Add a SKU to a product."""
    return await caller.write(
        shown(create_sku, _show_sku),
        code=body.code,
        name=body.name,
        name_en=body.name_en,
        product_code=body.product,
        kind=body.kind,
        unit=body.unit,
        barcode=body.barcode,
        tax_ppm=body.tax_ppm,
        order_multiple_qty=body.order_multiple_qty,
        is_backorder_allowed=body.is_backorder_allowed,
    )


@router.patch("/skus/{code}", openapi_extra=asks(Permission.CATALOG_WRITE, answers=SKU_SHOWN))
async def change_sku(caller: CallerDep, code: CodePath, body: SkuFlags) -> Json:
    """Say whether a SKU may be ordered, and ordered beyond its stock."""
    return await caller.write(
        shown(set_sku_flags, _show_sku),
        code=code,
        version=caller.seen(body.version),
        is_orderable=body.is_orderable,
        is_backorder_allowed=body.is_backorder_allowed,
    )


@router.get("/categories", openapi_extra=asks(Permission.CATALOG_READ, answers=list_of(CATEGORY)))
async def read_categories(caller: CallerDep, window: WindowDep) -> Json:
    """The categories by code, with the number of SKUs directly on each."""
    return list_json(await caller.read(allowed(Permission.CATALOG_READ, list_categories)), window)


def _show_product(session: Session, product: Product) -> Json:
    return {
        "code": product.code,
        "name": product.name,
        "name_en": product.name_en,
        "description": product.description,
        "category_code": session.get_one(Category, product.category_id).code,
        "version": product.version,
    }


def _show_sku(session: Session, sku: Sku) -> Json:
    return {
        "code": sku.code,
        "name": sku.name,
        "name_en": sku.name_en,
        "product_code": session.get_one(Product, sku.product_id).code,
        "kind": sku.kind,
        "unit": sku.unit,
        "barcode": sku.barcode,
        "tax_ppm": sku.tax_ppm,
        "order_multiple_qty": sku.order_multiple_qty,
        "is_backorder_allowed": sku.is_backorder_allowed,
        "is_orderable": sku.is_orderable,
        "version": sku.version,
    }
