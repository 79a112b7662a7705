"""Reads of the catalogue. It is global: everybody who may read it sees all of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func
from sqlmodel import Session, col, select

from ..channels import ProductLine
from ..kernel.db import get_by, row_id
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from .models import Category, Product, Sku, SkuKind
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


def list_skus(session: Session, *, query: ListQuery = FIRST_PAGE) -> Listing[SkuRow]:
    """SKUs by code. Sorts: code, name, category, tax. Facets: category (with those below it), kind, state.

    Raises `NotFoundError` for an unknown category.
    """
    found = run(session, SKUS, query)
    return found.showing([_sku_row(*row) for row in found.rows])


def _with_category(statement: Select[Any]) -> Select[Any]:
    return statement.join(Product, col(Product.id) == col(Sku.product_id)).join(
        Category, col(Category.id) == col(Product.category_id)
    )


def _in_categories(session: Session, codes: tuple[str, ...]) -> ColumnElement[bool]:
    ids = {key for code in codes for key in _category_ids(session, code)}
    return col(Product.category_id).in_(ids)


SKUS = ListSpec(
    entity=Sku,
    columns=(Product, Category),
    join=_with_category,
    key=(col(Sku.id),),
    sorts={
        "code": (col(Sku.code),),
        "name": (col(Sku.name),),
        "category": (col(Category.code),),
        "tax": (col(Sku.tax_ppm),),
    },
    default_sort="code",
    codes=(col(Sku.code), col(Sku.barcode)),
    names=(col(Sku.name), col(Sku.name_en)),
    initials=(col(Sku.initials),),
    facets={
        "category": Facet(
            col(Category.code), col(Category.name), col(Category.name_en), where=_in_categories
        ),
        "kind": Facet(col(Sku.kind), allowed=frozenset(SkuKind)),
        "state": Choices(
            {
                "orderable": col(Sku.is_orderable).is_(True),
                "closed": col(Sku.is_orderable).is_(False),
                "backorder": col(Sku.is_backorder_allowed).is_(True),
            }
        ),
    },
)


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
