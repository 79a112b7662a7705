"""Master data of an import: regions, categories, partners, products and SKUs that are not there yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table
from sqlmodel import Session, SQLModel, select

from ..catalog.models import Category, Product, Sku, SkuKind
from ..channels import (
    Partner,
    PartnerKind,
    PartnerPath,
    PartnerStatus,
    ProductLine,
    Tier,
    add_region,
    child_path,
)
from ..kernel.access import SYSTEM
from ..kernel.clock import day_start
from ..kernel.db import bulk_insert, get_by, next_id, row_id, sync_sequence
from ..kernel.words import initials
from .history import CategoryDraft, History, RegionDraft, SkuDraft


@dataclass(frozen=True, slots=True)
class Party:
    """A partner as documents refer to it."""

    id: int
    path: str


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model, for bulk inserts."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def write_regions(session: Session, drafts: Sequence[RegionDraft]) -> dict[str, int]:
    """Region ids by code."""
    found: dict[str, int] = {}
    for draft in drafts:
        region = add_region(
            session,
            SYSTEM,
            code=draft.code,
            name=draft.name,
            parent_code=draft.parent_code,
            level=draft.level,
        )
        found[draft.code] = row_id(region)
    return found


def write_categories(session: Session, drafts: Sequence[CategoryDraft]) -> dict[str, int]:
    """Category ids by code; a category without a parent becomes a product line as well."""
    found = {category.code: category for category in session.exec(select(Category)).all()}
    for draft in drafts:
        if draft.code in found:
            continue
        parent = found[draft.parent_code] if draft.parent_code else None
        category = Category(
            code=draft.code,
            name=draft.name,
            name_en=draft.name_en,
            product_line_id=parent.product_line_id if parent else _product_line(session, draft),
            parent_id=row_id(parent) if parent else None,
        )
        session.add(category)
        session.flush()
        found[draft.code] = category
    return {code: row_id(category) for code, category in found.items()}


def _product_line(session: Session, draft: CategoryDraft) -> int:
    path = child_path("", draft.code)
    line = ProductLine(code=draft.code, name=draft.name, name_en=draft.name_en, path=path)
    session.add(line)
    session.flush()
    return row_id(line)


def write_partners(
    session: Session, history: History, brand: Partner, regions: Mapping[str, int], *, now: datetime
) -> dict[str, Party]:
    """All buyers by code; new ones join below the brand on the first day of trade."""
    plan = history.plan
    tier_id = row_id(get_by(session, Tier, "tier", code="outlet"))
    rows = session.exec(select(Partner.code, Partner.id, Partner.path)).all()
    known = {code: Party(int(id_ or 0), path) for code, id_, path in rows}
    fresh = [draft for draft in history.partners if draft.code not in known]
    first = next_id(session, table_of(Partner))
    since = day_start(plan.founded_on, plan.zone)
    brand_id = row_id(brand)
    for offset, draft in enumerate(fresh):
        known[draft.code] = Party(first + offset, child_path(brand.path, first + offset))
    columns = (
        "id", "version", "code", "name", "name_en", "initials", "kind", "tier_id", "parent_id", "path",
        "region_id", "status", "language", "zone", "created_at",
    )  # fmt: skip
    bulk_insert(
        session,
        table_of(Partner),
        columns,
        (
            (
                known[draft.code].id, 1, draft.code, draft.name, draft.name, initials(draft.name),
                str(PartnerKind.OUTLET), tier_id, brand_id, known[draft.code].path,
                regions[draft.region_code], str(PartnerStatus.ACTIVE), "en", plan.zone, since,
            )
            for draft in fresh
        ),
    )  # fmt: skip
    sync_sequence(session, table_of(Partner))
    bulk_insert(
        session,
        table_of(PartnerPath),
        ("partner_id", "parent_id", "path", "valid_from", "recorded_at"),
        (
            (known[draft.code].id, brand_id, known[draft.code].path, plan.founded_on.isoformat(), now)
            for draft in fresh
        ),
    )
    return known


def write_skus(
    session: Session, drafts: Sequence[SkuDraft], categories: Mapping[str, int]
) -> NDArray[np.int64]:
    """Ids in the order of `drafts`; one product per new SKU. Known SKUs keep what they are called."""
    known = {code: int(id_ or 0) for code, id_ in session.exec(select(Sku.code, Sku.id)).all()}
    fresh = [draft for draft in drafts if draft.code not in known]
    first_product, first_sku = next_id(session, table_of(Product)), next_id(session, table_of(Sku))
    known |= {draft.code: first_sku + offset for offset, draft in enumerate(fresh)}
    bulk_insert(
        session,
        table_of(Product),
        ("id", "version", "code", "name", "name_en", "description", "category_id"),
        (
            (
                first_product + offset, 1, draft.code, draft.name, draft.name, draft.description,
                categories[draft.category_code],
            )
            for offset, draft in enumerate(fresh)
        ),
    )  # fmt: skip
    columns = (
        "id", "version", "code", "name", "name_en", "initials", "product_id", "kind", "unit", "barcode",
        "tax_ppm", "order_multiple_qty", "is_backorder_allowed", "is_orderable",
    )  # fmt: skip
    bulk_insert(
        session,
        table_of(Sku),
        columns,
        (
            (
                first_sku + offset, 1, draft.code, draft.name, draft.name, initials(draft.name),
                first_product + offset,
                str(draft.kind), "pc", "", 0, 1, False, draft.kind is SkuKind.GOODS,
            )
            for offset, draft in enumerate(fresh)
        ),
    )  # fmt: skip
    sync_sequence(session, table_of(Product))
    sync_sequence(session, table_of(Sku))
    return np.array([known[draft.code] for draft in drafts], dtype=np.int64)
