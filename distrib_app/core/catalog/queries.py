"""Reads of the catalogue. It is global: everybody who may read it sees all of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from ..channels import ProductLine
from ..kernel.db import get_by, row_id
from ..kernel.paging import Page, check_window
from .models import Category, Product, Sku
from .rules import descendants


@dataclass(frozen=True, slots=True)
class SkuRow:
    """A SKU in a list; `version` is what an editor hands back."""

    id: int
    code: str
    name: str
    name_en: str
    product_code: str
    product_name: str
    category_code: str
    category_name: str
    category_name_en: str
    kind: str
    unit: str
    barcode: str
    tax_ppm: int
    order_multiple_qty: int
    is_backorder_allowed: bool
    is_orderable: bool
    version: int


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category with its place in the tree and how many SKUs hang directly on it."""

    code: str
    name: str
    name_en: str
    parent_code: str | None
    line_code: str
    sku_count: int


def list_skus(
    session: Session, *, search: str = "", category_code: str | None = None, offset: int = 0, limit: int = 50
) -> Page[SkuRow]:
    """SKUs by code. `search` looks into code, names and barcode; a category includes those below it.

    Raises `NotFoundError` for an unknown category.
    """
    check_window(offset, limit)
    conditions = []
    if search.strip():
        columns = (Sku.code, Sku.name, Sku.name_en, Sku.barcode)
        conditions.append(
            or_(*(col(column).icontains(search.strip(), autoescape=True) for column in columns))
        )
    if category_code is not None:
        conditions.append(col(Product.category_id).in_(_category_ids(session, category_code)))
    total = session.exec(
        select(func.count(col(Sku.id)))
        .join(Product, col(Product.id) == col(Sku.product_id))
        .where(*conditions)
    ).one()
    found = session.exec(
        select(Sku, Product, Category)
        .join(Product, col(Product.id) == col(Sku.product_id))
        .join(Category, col(Category.id) == col(Product.category_id))
        .where(*conditions)
        .order_by(col(Sku.code))
        .offset(offset)
        .limit(limit)
    ).all()
    return Page(tuple(_sku_row(*row) for row in found), total, offset, limit)


def find_skus_by_code(session: Session, codes: Iterable[str]) -> dict[str, Sku]:
    """The SKUs that exist among `codes`, in one statement."""
    wanted = sorted(set(codes))
    return {sku.code: sku for sku in session.exec(select(Sku).where(col(Sku.code).in_(wanted)))}


def list_categories(session: Session) -> list[CategoryRow]:
    """All categories by code, with the number of SKUs directly on each."""
    counts = dict(
        session.exec(
            select(Product.category_id, func.count(col(Sku.id)))
            .join(Sku, col(Sku.product_id) == col(Product.id))
            .group_by(col(Product.category_id))
        ).all()
    )
    found = session.exec(
        select(Category, ProductLine.code)
        .join(ProductLine, col(ProductLine.id) == col(Category.product_line_id))
        .order_by(col(Category.code))
    ).all()
    codes = {row_id(category): category.code for category, _ in found}
    return [
        CategoryRow(
            code=category.code,
            name=category.name,
            name_en=category.name_en,
            parent_code=codes[category.parent_id] if category.parent_id else None,
            line_code=line_code,
            sku_count=counts.get(row_id(category), 0),
        )
        for category, line_code in found
    ]


def _category_ids(session: Session, code: str) -> set[int]:
    root = row_id(get_by(session, Category, "category", code=code))
    parents = {row_id(row): row.parent_id for row in session.exec(select(Category))}
    return descendants(root, parents)


def _sku_row(sku: Sku, product: Product, category: Category) -> SkuRow:
    return SkuRow(
        id=row_id(sku),
        code=sku.code,
        name=sku.name,
        name_en=sku.name_en,
        product_code=product.code,
        product_name=product.name,
        category_code=category.code,
        category_name=category.name,
        category_name_en=category.name_en,
        kind=sku.kind,
        unit=sku.unit,
        barcode=sku.barcode,
        tax_ppm=sku.tax_ppm,
        order_multiple_qty=sku.order_multiple_qty,
        is_backorder_allowed=sku.is_backorder_allowed,
        is_orderable=sku.is_orderable,
        version=sku.version,
    )
