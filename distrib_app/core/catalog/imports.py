"""Sheets of products and their SKUs: one line per SKU, its product beside it."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from ..channels import find_named
from ..kernel.access import Actor, Permission
from ..kernel.errors import InvalidError, msg
from ..workbench.import_fields import FieldKind, ImportEntity, ImportField, check_same
from .models import Category, Product, Sku, SkuKind
from .service import create_product, create_sku

SKU_KINDS = {
    "商品": SkuKind.GOODS,
    "实物": SkuKind.GOODS,
    "goods": SkuKind.GOODS,
    "服务": SkuKind.SERVICE,
    "service": SkuKind.SERVICE,
}


def import_sku(session: Session, actor: Actor, *, row: dict[str, Any], now: datetime) -> str:
    """Add a SKU, and its product where it is new; differences to what is recorded are refused."""
    actor.require(Permission.CATALOG_WRITE)
    product_code = row.get("product", row["code"])
    product = session.exec(select(Product).where(Product.code == product_code)).one_or_none()
    if product is None:
        if "category" not in row:
            raise InvalidError(field="category", reason=msg("a new product needs its category"))
        category = find_named(session, Category, "category", row["category"])
        product = create_product(
            session,
            actor,
            code=product_code,
            name=row.get("product_name", row["name"]),
            category_code=category.code,
            now=now,
        )
    else:
        recorded = {"product_name": product.name}
        if "category" in row:
            category = find_named(session, Category, "category", row["category"])
            row = row | {"category": category.code}
            recorded["category"] = session.get_one(Category, product.category_id).code
        check_same(row, recorded)
    sku = session.exec(select(Sku).where(Sku.code == row["code"])).one_or_none()
    if sku is None:
        optional = (
            "name_en",
            "kind",
            "unit",
            "barcode",
            "tax_ppm",
            "order_multiple_qty",
            "is_backorder_allowed",
        )
        create_sku(
            session,
            actor,
            code=row["code"],
            name=row["name"],
            product_code=product.code,
            now=now,
            **{field: row[field] for field in optional if field in row},
        )
        return "created"
    check_same(
        row | {"product": product.code},
        {
            "product": session.get_one(Product, sku.product_id).code,
            "name": sku.name,
            "name_en": sku.name_en,
            "kind": sku.kind,
            "unit": sku.unit,
            "barcode": sku.barcode,
            "tax_ppm": sku.tax_ppm,
            "order_multiple_qty": sku.order_multiple_qty,
            "is_backorder_allowed": sku.is_backorder_allowed,
        },
    )
    return "unchanged"


SKUS = ImportEntity(
    name=msg("Products and SKUs"),
    permission=Permission.CATALOG_WRITE,
    key=("code",),
    commit=import_sku,
    fields=(
        ImportField(
            "code",
            msg("SKU code"),
            required=True,
            aliases=("sku", "code", "编码", "SKU编码", "商品编码", "物料编码", "货号", "规格编码"),
            example="AC-35GW-W",
        ),
        ImportField(
            "name",
            msg("SKU name"),
            required=True,
            aliases=("name", "名称", "SKU名称", "商品名称", "品名", "规格名称"),
            example="1.5 匹变频空调 白色",
        ),
        ImportField(
            "name_en", msg("English name"), aliases=("英文名", "英文名称"), example="AC 1.5 hp white"
        ),
        ImportField(
            "product",
            msg("Product code"),
            aliases=("product", "产品编码", "产品编号", "SPU", "款号"),
            example="AC-35GW",
            note=msg("empty means the same code as the SKU"),
        ),
        ImportField(
            "product_name",
            msg("Product name"),
            aliases=("产品名称", "产品名", "款名"),
            example="1.5 匹变频空调",
        ),
        ImportField(
            "category",
            msg("Category"),
            aliases=("category code", "类目", "品类", "分类", "类别"),
            example="空调",
            note=msg("code or name; needed for a new product"),
        ),
        ImportField("kind", msg("Kind"), aliases=("type", "类型"), example="商品", choices=SKU_KINDS),
        ImportField("unit", msg("Unit"), aliases=("单位", "计量单位"), example="台"),
        ImportField(
            "barcode",
            msg("Barcode"),
            aliases=("gtin", "ean", "条码", "条形码", "国际条码"),
            example="6901234567892",
        ),
        ImportField(
            "tax_ppm",
            msg("Tax rate"),
            aliases=("tax", "vat", "税率"),
            example="13%",
            kind=FieldKind.PERCENT,
        ),
        ImportField(
            "order_multiple_qty",
            msg("Order multiple"),
            aliases=("起订倍量", "订货倍数", "包装数"),
            example="1",
            kind=FieldKind.COUNT,
        ),
        ImportField(
            "is_backorder_allowed",
            msg("Backorder allowed"),
            aliases=("backorder", "允许欠单", "可欠单", "允许缺货下单"),
            example="否",
            kind=FieldKind.FLAG,
        ),
    ),
)
