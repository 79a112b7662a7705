"""The heat table: stock and weeks of cover of categories or SKUs by province or tier, in a few statements."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from ..catalog import Category, Product, Sku
from ..channels import Partner, Region, RegionLevel, Tier
from ..kernel.clock import day_start
from ..kernel.errors import InvalidError
from .cover import WEEKS, Cover, cover_of, cover_tenths
from .models import Balance, Location, Movement
from .network_stock import issued_since
from .network_views import NetworkView, places_of

COLUMNS = ("region", "tier")


@dataclass(frozen=True, slots=True)
class HeatName:
    """A row or column of the table."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class HeatCell:
    """What lies there and what went out in 13 weeks."""

    on_hand_qty: int
    issued_qty: int

    @property
    def cover_tenths(self) -> int | None:
        """Weeks of cover in tenths; None where nothing goes out."""
        return cover_tenths(self.on_hand_qty, self.issued_qty)

    @property
    def cover(self) -> Cover:
        """The word for it."""
        return cover_of(self.on_hand_qty, self.issued_qty)


@dataclass(frozen=True, slots=True)
class HeatTable:
    """Rows are categories, or the SKUs of one; columns provinces or tiers. `cells` by (row, column) code."""

    rows: tuple[HeatName, ...]
    columns: tuple[HeatName, ...]
    cells: Mapping[tuple[str, str], HeatCell]


def get_heat(
    session: Session, *, view: str, columns: str, day: date, zone: str, category_code: str = ""
) -> HeatTable:
    """The heat table of a view: by category, or by the SKUs of `category_code`. Raises `InvalidError`."""
    if view not in set(NetworkView) or columns not in COLUMNS:
        raise InvalidError(field="view" if columns in COLUMNS else "columns", reason=f"{view} {columns}")
    goods = _goods(session, category_code)
    names, column_of = _columns(session, view, columns)
    places = select(Location.id).where(places_of(session, view))
    lying = select(Balance.location_id, Balance.sku_id, Balance.on_hand_qty).where(
        col(Balance.location_id).in_(places)
    )
    since = day_start(day - timedelta(weeks=WEEKS), zone)
    gone = issued_since(since, sku=col(Movement.sku_id), place=col(Movement.location_id))
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for location_id, sku_id, qty in session.execute(lying):
        if sku_id in goods and location_id in column_of:
            found[goods[sku_id].code, column_of[location_id]][0] += qty
    for sku_id, location_id, qty in session.execute(gone):
        if sku_id in goods and location_id in column_of:
            found[goods[sku_id].code, column_of[location_id]][1] += int(qty)
    used = {row for row, _ in found}
    rows = {name.code: name for name in goods.values() if name.code in used}
    return HeatTable(
        tuple(rows.values()),
        tuple(name for name in names if any(name.code == column for _, column in found)),
        {key: HeatCell(on_hand, issued) for key, (on_hand, issued) in found.items()},
    )


def _goods(session: Session, category_code: str) -> dict[int, HeatName]:
    """The row of each SKU: its category, or itself inside one category."""
    statement = (
        select(Sku, Category)
        .join(Product, col(Product.id) == col(Sku.product_id))
        .join(Category, col(Category.id) == col(Product.category_id))
        .order_by(col(Category.id), col(Sku.code))
    )
    if category_code:
        statement = statement.where(Category.code == category_code)
    return {
        sku.id: HeatName(*((sku.code, sku.name, sku.name_en) if category_code else _named(category)))
        for sku, category in session.exec(statement)
        if sku.id is not None
    }


def _named(row: Any) -> tuple[str, str, str]:
    return row.code, row.name, row.name_en


def _columns(session: Session, view: str, columns: str) -> tuple[list[HeatName], dict[int, str]]:
    """The columns in order, and the column of each place: its province, or its owner's tier."""
    of_view = places_of(session, view)
    if columns == "tier":
        tiers = session.exec(select(Tier).order_by(col(Tier.rank))).all()
        rows = session.execute(
            select(Location.id, Tier.code)
            .join(Partner, col(Partner.id) == col(Location.partner_id))
            .join(Tier, col(Tier.id) == col(Partner.tier_id))
            .where(of_view)
        ).all()
        return [HeatName(*_named(tier)) for tier in tiers], {row[0]: row[1] for row in rows}
    provinces = session.exec(
        select(Region).where(Region.level == RegionLevel.PROVINCE).order_by(col(Region.code))
    ).all()
    names = {region.code: HeatName(region.code, region.short_name, region.name_en) for region in provinces}
    column_of = {}
    for place, path in session.execute(
        select(Location.id, Region.path)
        .join(Region, col(Region.id) == col(Location.region_id))
        .where(of_view)
    ):
        codes = path.strip("/").split("/")
        province = next((code for code in codes if code in names), codes[0])
        column_of[place] = province
        names.setdefault(province, HeatName(province, province, province))
    return list(names.values()), column_of
