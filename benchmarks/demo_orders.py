"""The demo's world for simulations: places, roads, goods, and what partners ordered from the brand."""

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from distrib_app.core.inventory.freight import Tariff, freight

AS_OF = date(2026, 11, 20)
TARIFF_FIELDS = {"code", "currency", "volumetric_divisor", "minimum_amount", "bands", "zones"}


@dataclass(frozen=True)
class Road:
    """The way from a place to a buyer's province."""

    tariff: Tariff
    zone: str
    km: int
    days: int
    handling: int

    def cost(self, weight_g: int, volume_cm3: int) -> int:
        """Freight and handling of one parcel in minor units."""
        return freight(self.tariff, weight_g=weight_g, volume_cm3=volume_cm3, zone=self.zone).amount + (
            self.handling
        )


@dataclass(frozen=True)
class Goods:
    """What one unit of a SKU measures."""

    weight_g: int
    volume_cm3: int


@dataclass(frozen=True)
class Order:
    """What a buyer wants of which SKUs, when it is ready and until when it must be there."""

    number: str
    buyer: str
    province: str
    placed_at: datetime
    lines: tuple[tuple[str, int], ...]
    is_delayed: bool = False
    ready_on: date = date.min
    promised_on: date = date.min

    def measure(self, goods: Mapping[str, Goods]) -> tuple[int, int]:
        """Weight and volume of all of it."""
        return measure(self.lines, goods)


@dataclass(frozen=True)
class World:
    """The brand's places (the plant by its code), the roads from them to provinces, and the goods."""

    plant: str
    home: Mapping[str, str]
    roads: Mapping[tuple[str, str], Road]
    goods: Mapping[str, Goods]
    currency: str

    def nearest(self, province: str) -> str:
        """The place that serves a province in the fewest kilometres."""
        return min(self.home, key=lambda place: (self.roads[place, province].km, place))


def measure(lines: Sequence[tuple[str, int]], goods: Mapping[str, Goods]) -> tuple[int, int]:
    """Weight (g) and volume (cm³) of quantities of SKUs."""
    return (
        sum(qty * goods[sku].weight_g for sku, qty in lines),
        sum(qty * goods[sku].volume_cm3 for sku, qty in lines),
    )


def demo_world(seed: int, first: date) -> tuple[World, list[Order]]:
    """The demo, generated into a throwaway database, as `read_world` finds it there."""
    from distrib_app.core import tables as _tables  # noqa: F401  (all tables, as in the app)
    from distrib_app.core.demo import generate_demo
    from distrib_app.core.kernel.db import Database
    from distrib_app.core.kernel.migrate import upgrade
    from distrib_app.core.reactions import TASK_KINDS
    from distrib_app.core.workbench import install_task_kinds

    install_task_kinds(TASK_KINDS)  # as the composition root does
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/demo.db")
        upgrade(database)
        now = datetime.combine(AS_OF, datetime.min.time(), tzinfo=UTC) + timedelta(days=1)
        generate_demo(database, seed=seed, as_of=AS_OF, now=now)
        try:
            return read_world(database, first)
        finally:
            database.dispose()


def read_world(database: Any, first: date) -> tuple[World, list[Order]]:
    """Places, roads, goods, and what partners ordered from the brand since `first`, by time."""
    from sqlmodel import col, select

    from distrib_app.core.catalog import Sku
    from distrib_app.core.channels import Network, Partner, Region
    from distrib_app.core.inventory import CarrierTariff, LocationKind, read_tariff
    from distrib_app.core.inventory.demand import find_lane, read_lanes, read_spots
    from distrib_app.core.inventory.models import Location
    from distrib_app.core.kernel.access import SYSTEM
    from distrib_app.core.orders import OrderLine, SalesOrder

    with database.read(SYSTEM) as session:
        brand = session.get_one(Network, 1).brand_id
        spots = read_spots(session, [col(Location.partner_id) == brand])
        tariffs = {
            row.id: read_tariff(**row.model_dump(include=TARIFF_FIELDS))
            for row in session.exec(select(CarrierTariff))
        }
        goods = {sku.code: Goods(sku.weight_g, sku.volume_cm3) for sku in session.exec(select(Sku))}
        since = datetime.combine(first, datetime.min.time(), tzinfo=UTC)
        rows = session.execute(
            select(
                SalesOrder.number, Partner.code, Region.path, SalesOrder.placed_at, Sku.code, OrderLine.qty
            )
            .join(OrderLine, col(OrderLine.order_id) == SalesOrder.id)
            .join(Sku, col(Sku.id) == OrderLine.sku_id)
            .join(Partner, col(Partner.id) == SalesOrder.buyer_id)
            .join(Region, col(Region.id) == SalesOrder.region_id)
            .where(SalesOrder.seller_id == brand, SalesOrder.placed_at >= since)
            .order_by(col(SalesOrder.placed_at), col(SalesOrder.id), col(OrderLine.line_no))
        ).all()
        lanes = read_lanes(session)
        roads = {}
        for spot in spots:
            for path in {row[2] for row in rows} | {one.region_path for one in spots}:
                lane = find_lane(lanes[spot.id], path)
                assert lane is not None, f"{spot.code} reaches every province"
                roads[spot.code, path] = Road(
                    tariffs[lane.tariff_id], lane.zone, lane.distance_km, lane.lead_days, lane.handling_amount
                )
    plant = next(spot.code for spot in spots if spot.kind == LocationKind.PLANT)
    home = {spot.code: spot.region_path for spot in spots}
    lines: dict[tuple[str, str, str, datetime], list[tuple[str, int]]] = defaultdict(list)
    for number, buyer, path, placed_at, sku, qty in rows:
        lines[number, buyer, path, placed_at].append((sku, qty))
    currency = next(iter(roads.values())).tariff.currency
    orders = [Order(*key, tuple(found)) for key, found in lines.items()]
    return World(plant, home, roads, goods, currency), orders
