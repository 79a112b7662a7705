"""Verbs of the catalogue: categories, products, SKUs and what may be ordered."""

from datetime import datetime

from sqlmodel import Session, SQLModel, select

from ..channels import ProductLine
from ..kernel.access import Actor, Permission
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import ConflictError, InvalidError
from ..kernel.events import emit
from ..kernel.money import MILLION
from .errors import BarcodeError
from .models import Category, Product, Sku, SkuKind
from .rules import is_gtin


def create_category(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    line_code: str,
    parent_code: str | None = None,
    name_en: str = "",
    now: datetime,
) -> Category:
    """Add a category to a product line. Raises `ConflictError`, `NotFoundError`, `InvalidError`."""
    actor.require(Permission.CATALOG_WRITE)
    code, name = _named(code, name, code_most=40, name_most=80)
    _check_free(session, Category, code)
    line = get_by(session, ProductLine, "product_line", code=line_code)
    parent = get_by(session, Category, "category", code=parent_code) if parent_code else None
    category = Category(
        code=code,
        name=name,
        name_en=name_en.strip() or name,
        product_line_id=row_id(line),
        parent_id=row_id(parent) if parent else None,
    )
    session.add(category)
    session.flush()
    emit(session, actor, "category.created", subject=("category", code), now=now)
    return category


def create_product(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    category_code: str,
    name_en: str = "",
    description: str = "",
    now: datetime,
) -> Product:
    """Add a product to the global catalogue. Raises `ConflictError`, `NotFoundError`, `InvalidError`."""
    actor.require(Permission.CATALOG_WRITE)
    code, name = _named(code, name)
    _check_free(session, Product, code)
    category = get_by(session, Category, "category", code=category_code)
    product = Product(
        code=code,
        name=name,
        name_en=name_en.strip(),
        description=description.strip(),
        category_id=row_id(category),
    )
    session.add(product)
    session.flush()
    emit(session, actor, "product.created", subject=("product", code), now=now, category=category_code)
    return product


def create_sku(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    product_code: str,
    name_en: str = "",
    kind: str = SkuKind.GOODS,
    unit: str = "件",
    barcode: str = "",
    tax_ppm: int = 0,
    order_multiple_qty: int = 1,
    is_backorder_allowed: bool = False,
    now: datetime,
) -> Sku:
    """Add a SKU to a product; `tax_ppm` is the rate in millionths (13 % = 130 000).

    Raises `ConflictError` for a used code, `NotFoundError` for an unknown product, `BarcodeError`,
    `InvalidError` for a value out of range.
    """
    actor.require(Permission.CATALOG_WRITE)
    code, name = _named(code, name)
    if kind not in set(SkuKind):
        raise InvalidError(field="kind", reason=kind)
    if barcode and not is_gtin(barcode):
        raise BarcodeError(barcode=barcode)
    if not 0 <= tax_ppm < MILLION:
        raise InvalidError(field="tax_ppm", reason=str(tax_ppm))
    if order_multiple_qty < 1:
        raise InvalidError(field="order_multiple_qty", reason=f"{order_multiple_qty} < 1")
    _check_free(session, Sku, code)
    product = get_by(session, Product, "product", code=product_code)
    sku = Sku(
        code=code,
        name=name,
        name_en=name_en.strip(),
        product_id=row_id(product),
        kind=kind,
        unit=unit,
        barcode=barcode,
        tax_ppm=tax_ppm,
        order_multiple_qty=order_multiple_qty,
        is_backorder_allowed=is_backorder_allowed,
    )
    session.add(sku)
    session.flush()
    emit(session, actor, "sku.created", subject=("sku", code), now=now, product=product_code)
    return sku


def set_sku_flags(
    session: Session,
    actor: Actor,
    *,
    code: str,
    version: int,
    is_orderable: bool | None = None,
    is_backorder_allowed: bool | None = None,
    now: datetime,
) -> Sku:
    """Say whether a SKU may be ordered, and ordered beyond its stock; None leaves a flag as it is.

    `version` is the one the editor saw. Raises `StaleError` when somebody else was faster.
    """
    actor.require(Permission.CATALOG_WRITE)
    sku = get_by(session, Sku, "SKU", code=code)
    session.refresh(sku, with_for_update=True)  # two editors with the same version: the second one waits here
    check_version(sku, version, code)
    if is_orderable is not None:
        sku.is_orderable = is_orderable
    if is_backorder_allowed is not None:
        sku.is_backorder_allowed = is_backorder_allowed
    emit(
        session,
        actor,
        "sku.flags_changed",
        subject=("sku", code),
        now=now,
        is_orderable=sku.is_orderable,
        is_backorder_allowed=sku.is_backorder_allowed,
    )
    return sku


def _named(code: str, name: str, *, code_most: int = 60, name_most: int = 200) -> tuple[str, str]:
    """Code and name without blanks around, neither empty nor longer than their columns."""
    code, name = code.strip(), name.strip()
    for field, text, most in (("code", code, code_most), ("name", name, name_most)):
        if not 1 <= len(text) <= most:
            raise InvalidError(field=field, reason=f"{len(text)} – 1 … {most}")
    return code, name


def _check_free(session: Session, model: type[SQLModel], code: str) -> None:
    if session.exec(select(model).filter_by(code=code)).first() is not None:
        raise ConflictError(subject=code)
