"""Twelve weeks of the demo network: routing and merging against "all direct from the plant, nothing merged".

    python benchmarks/fulfilment_sim.py --json [--seed N] [--weeks N] [--window DAYS]

The demo network is generated into a throwaway database; its places, lanes, tariffs, weights and the orders
that partners placed with the brand in the last weeks are read, everything else happens in memory with the
rules the product runs on. Two sets of orders: "as ordered" (a partner's five lines at once), and "line by
line", the same goods by partners who order each line by itself, one a working day.

* **Parcels** pay their lane's tariff and handling. An order is ready as the product says (cut-off, rest days)
  and promised for three days after that, or for the quickest lane's day where no place is so near. One
  shipment in fifty meets a day's delay on the road, under every policy.
* **Direct**: every order from the plant on its own. **Routed**: `orders.routing.route` over all places; of
  its front the cheapest plan that keeps the promise. The plant has everything; a regional warehouse has what
  its water lines (`compute_lines`, R = 7, demand of its provinces in the last 90 days) brought in.
* **Transfers** are booked to routing: a unit that leaves a regional warehouse has paid for its way there, by
  billed weight and kilometre at the product's yardstick for the road (`TONNE_KM_AMOUNT`), as warehouses are
  filled by whole trucks. Routing decides on the order's mean weight per unit and is charged the real one.
* **Merged**: parts of one receiver and place wait up to `--window` days for each other, and leave `--reserve`
  days before the last day that keeps the promise at the latest; freight is shared by weight (`merge_saving`).

"small" are orders up to the tariff's last weight break that went with others: what they would have paid
alone from the same place, and what their share is. "floor" is what no merging can undercut: every order at
the last price per kilogram of its best lane, transfer included, nothing else. Amounts are yuan. The last line
is one JSON object.
"""

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.demo_orders import AS_OF, Order, Road, World, demo_world, measure
from distrib_app.core.inventory.freight import billed_weight, find_zone, merge_saving
from distrib_app.core.inventory.order_points import TONNE_KM_AMOUNT, Position
from distrib_app.core.inventory.suggestions import replenishment
from distrib_app.core.inventory.water_lines import (
    THOUSAND,
    Demand,
    Supply,
    compute_lines,
)
from distrib_app.core.inventory.water_lines import Lines as WaterLines
from distrib_app.core.kernel.money import MILLION, divide
from distrib_app.core.orders.quoting import LATE_AMOUNT_PER_DAY, MAX_PARCELS, SPLIT_AMOUNT
from distrib_app.core.orders.routing import route
from distrib_app.core.orders.routing_rules import RouteLine, RouteSource, RouteTerms
from distrib_app.core.orders.sourcing import ready_day
from distrib_app.core.workbench import work_calendar

PROMISED_DAYS = 3
DELAYED_ONE_IN = 50
HISTORY_DAYS = 90
PLENTY = 1_000_000
CUT_OFF_MINUTE = 960
# (SKU, quantity) each
Parcel = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Settings:
    """Days of the merge window and in hand, the warehouses' service level, fen per tonne-km of a transfer."""

    window: int = 2
    reserve: int = 1
    service_ppm: int = 990_000
    tonne_km: int = TONNE_KM_AMOUNT


@dataclass(frozen=True)
class Part:
    """What one place sends for one order."""

    order: Order
    place: str
    weight_g: int
    volume_cm3: int


@dataclass
class Tally:
    """What a policy came to, in minor units."""

    freight: int = 0
    handling: int = 0
    transfers: int = 0
    shipments: int = 0
    late: set[str] = field(default_factory=set)
    small: int = 0
    small_alone: int = 0
    small_shared: int = 0

    @property
    def cost(self) -> int:
        """Freight + handling + transfers."""
        return self.freight + self.handling + self.transfers


def main() -> None:
    """Generate, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--window", type=int, default=Settings.window)
    parser.add_argument("--reserve", type=int, default=Settings.reserve)
    parser.add_argument("--service", type=int, default=Settings.service_ppm, help="in millionths")
    parser.add_argument("--tonne-km", type=int, default=Settings.tonne_km, help="of a transfer, in fen")
    options = parser.parse_args()
    settings = Settings(options.window, options.reserve, options.service, options.tonne_km)
    started = time.perf_counter()
    first = AS_OF - timedelta(weeks=options.weeks)
    world, orders = demo_world(options.seed, first - timedelta(days=HISTORY_DAYS))
    read = time.perf_counter() - started
    results: dict[str, Any] = {"weeks": options.weeks, "settings": asdict(settings)}
    for name, asked in (("as_ordered", orders), ("line_by_line", line_by_line(orders))):
        dated = [dates(order, world, options.seed) for order in asked]
        results[name] = compare(world, dated, first, settings)
    results |= {
        "read_seconds": round(read, 1),
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(results))


def line_by_line(orders: Sequence[Order]) -> list[Order]:
    """The same goods, each line an order of its own: the first at once, one more every working day."""
    calendar = work_calendar()
    singles = []
    for order in orders:
        placed_at = order.placed_at
        for no, line in enumerate(order.lines, start=1):
            singles.append(replace(order, number=f"{order.number}/{no}", placed_at=placed_at, lines=(line,)))
            day = calendar.working_day_from(placed_at.date() + timedelta(days=1))
            placed_at = datetime.combine(day, placed_at.timetz())
    return sorted(singles, key=lambda order: (order.placed_at, order.number))


def dates(order: Order, world: World, seed: int) -> Order:
    """The order with the day it is ready, the day it is promised for, and whether the road delays it."""
    ready_on = ready_day(order.placed_at, CUT_OFF_MINUTE, work_calendar())
    quickest = min(world.roads[place, order.province].days for place in world.home)
    return replace(
        order,
        ready_on=ready_on,
        promised_on=ready_on + timedelta(days=max(PROMISED_DAYS, quickest)),
        is_delayed=random.Random(f"{seed}:{order.number}").randrange(DELAYED_ONE_IN) == 0,
    )


def compare(world: World, orders: Sequence[Order], first: date, settings: Settings) -> dict[str, Any]:
    """Both ways of sourcing, each with parts alone and merged; orders before `first` are history."""
    counted = [order for order in orders if order.placed_at.date() >= first]
    direct = [whole(order, world) for order in counted]
    routed, transfers = source(world, orders, first, settings)
    found = {
        "direct": ship(world, direct, None),
        "direct_merged": ship(world, direct, settings),
        "routed": ship(world, routed, None),
        "routed_merged": ship(world, routed, settings),
    }
    for name in ("routed", "routed_merged"):
        found[name].transfers = transfers
    base, ours = found["direct"], found["routed_merged"]
    weights = sorted(
        billed_weight(world.roads[part.place, part.order.province].tariff, part.weight_g, part.volume_cm3)
        for part in direct
    )
    return {
        "orders": len(counted),
        "median_kg": weights[len(weights) // 2] // THOUSAND,
        "cost_change": round(ours.cost / base.cost - 1, 4),
        "on_time": round(1 - len(ours.late) / len(counted), 4),
        "on_time_direct": round(1 - len(base.late) / len(counted), 4),
        "floor_change": round(sum(floor(part, world, settings) for part in direct) / base.cost - 1, 4),
        "small_freight_change": round(ours.small_shared / ours.small_alone - 1, 4) if ours.small else None,
        "policies": {name: figures(tally, len(counted)) for name, tally in found.items()},
    }


def floor(part: Part, world: World, settings: Settings) -> int:
    """What an order pays at the last price per kilogram on its best lane, in minor units."""
    costs = []
    for place in world.home:
        road = world.roads[place, part.order.province]
        measures = (part.weight_g, part.volume_cm3)
        charge = find_zone(road.tariff, road.zone)
        amount = billed_weight(road.tariff, *measures) * road.tariff.bands[-1].kg_amount
        amount = divide(amount * (MILLION + charge.surcharge_ppm), THOUSAND * MILLION)
        costs.append(amount + transfer_cost(world, place, measures, settings))
    return min(costs)


def figures(tally: Tally, orders: int) -> dict[str, float]:
    """A policy's figures, amounts in yuan."""
    return {
        "cost": tally.cost // 100,
        "freight": tally.freight // 100,
        "handling": tally.handling // 100,
        "transfers": tally.transfers // 100,
        "shipments": tally.shipments,
        "on_time": round(1 - len(tally.late) / orders, 4),
        "small_merged": tally.small,
        "small_freight_alone": tally.small_alone // 100,
        "small_freight_shared": tally.small_shared // 100,
    }


def whole(order: Order, world: World) -> Part:
    """All of an order from the plant."""
    return Part(order, world.plant, *measure(order.lines, world.goods))


def source(world: World, orders: Sequence[Order], first: date, settings: Settings) -> tuple[list[Part], int]:
    """The parts of every order since `first` as routing sources them, and what their transfers cost."""
    warehouses = Warehouses(world, orders, first, settings)
    parts: list[Part] = []
    transfers = 0
    for order in orders:
        if order.placed_at.date() < first:
            continue
        warehouses.turn_to(order.placed_at.date())
        for place, lines in routed(order, world, warehouses):
            warehouses.take(place, lines)
            part = Part(order, place, *measure(lines, world.goods))
            parts.append(part)
            transfers += transfer_cost(world, place, (part.weight_g, part.volume_cm3), settings)
    return parts, transfers


def transfer_cost(world: World, place: str, measures: tuple[int, int], settings: Settings) -> int:
    """The way of goods from the plant to a place in whole trucks, in minor units."""
    road = world.roads[world.plant, world.home[place]]
    if place == world.plant:
        return 0
    return divide(billed_weight(road.tariff, *measures) * road.km * settings.tonne_km, MILLION)


def routed(order: Order, world: World, warehouses: "Warehouses") -> list[tuple[str, Parcel]]:
    """Place and lines of each parcel: the cheapest plan that keeps the promise, else the product's choice."""
    measures = measure(order.lines, world.goods)
    units = sum(qty for _, qty in order.lines)
    sources = []
    for place in world.home:
        road = world.roads[place, order.province]
        sources.append(
            RouteSource(
                code=place,
                owner_code="BR",
                mode="direct" if place == world.plant else "regional",
                stock={sku: warehouses.free(place, sku) for sku, _ in order.lines},
                tariff=road.tariff,
                zone=road.zone,
                ready_on=order.ready_on,
                arrives_on=order.ready_on + timedelta(days=road.days),
                distance_km=road.km,
                handling_amount=road.handling,
                transfer_amount=divide(transfer_cost(world, place, measures, warehouses.settings), units),
            )
        )
    lines = [
        RouteLine(no, sku, qty, world.goods[sku].weight_g, world.goods[sku].volume_cm3)
        for no, (sku, qty) in enumerate(order.lines)
    ]
    terms = RouteTerms(
        currency=world.currency,
        split_amount=SPLIT_AMOUNT,
        late_amount_per_day=LATE_AMOUNT_PER_DAY,
        wanted_on=order.promised_on,
        may_backorder=True,
        max_parcels=MAX_PARCELS,
    )
    plan = route(lines, sources, terms)
    in_time = [point for point in plan.front if point.arrives_on <= order.promised_on]
    parcels = min(in_time, key=lambda point: point.cost).parcels if in_time else plan.parcels
    return [
        (parcel.source_code, tuple((order.lines[no][0], qty) for no, qty in parcel.lines))
        for parcel in parcels
    ]


class Warehouses:
    """What lies in the brand's places from day to day; the plant has plenty, the others what they ordered."""

    def __init__(self, world: World, orders: Sequence[Order], first: date, settings: Settings) -> None:
        self.world, self.day, self.settings = world, first, settings
        self.start = first - timedelta(days=HISTORY_DAYS)
        self.demand: dict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for order in orders:
            place = world.nearest(order.province)
            if place != world.plant:
                for sku, qty in order.lines:
                    self.demand[place, sku][(order.placed_at.date() - self.start).days] += qty
        self.coming: dict[date, list[tuple[str, str, int]]] = defaultdict(list)
        self.on_order: dict[tuple[str, str], int] = defaultdict(int)
        self.lines = {key: self._lines(*key) for key in self.demand}
        self.stock = {key: lines.max_qty for key, lines in self.lines.items()}

    def free(self, place: str, sku: str) -> int:
        """What may be taken of a SKU."""
        return PLENTY if place == self.world.plant else self.stock.get((place, sku), 0)

    def take(self, place: str, lines: Parcel) -> None:
        """What a parcel holds is gone."""
        if place != self.world.plant:
            for sku, qty in lines:
                self.stock[place, sku] -= qty

    def turn_to(self, day: date) -> None:
        """Every morning up to `day`: receive, compute lines anew on Mondays, order what is below them."""
        while self.day < day:
            self.day += timedelta(days=1)
            for place, sku, qty in self.coming.pop(self.day, ()):
                self.stock[place, sku] += qty
                self.on_order[place, sku] -= qty
            for key in self.lines:
                if self.day.weekday() == 0:
                    self.lines[key] = self._lines(*key)
                position = Position(on_hand=self.stock[key], on_order=self.on_order[key])
                if qty := replenishment(position.qty, self.lines[key], 1):
                    self.on_order[key] += qty
                    self.coming[self.day + self._lead(key[0])].append((*key, qty))

    def _lead(self, place: str) -> timedelta:
        return timedelta(days=self.world.roads[self.world.plant, self.world.home[place]].days)

    def _lines(self, place: str, sku: str) -> WaterLines:
        end = (self.day - self.start).days
        daily = self.demand[place, sku]
        demand = Demand.of([daily.get(day, 0) for day in range(end - HISTORY_DAYS, end)])
        return compute_lines(
            demand, Supply(self._lead(place).days * THOUSAND, 0, service_ppm=self.settings.service_ppm), 1
        )


def ship(world: World, parts: Sequence[Part], settings: Settings | None) -> Tally:
    """Send all parts, those of one receiver and place together that may wait; without settings each alone."""
    queues: dict[tuple[str, str, str], list[Part]] = defaultdict(list)
    for part in sorted(parts, key=lambda part: (part.order.ready_on, part.order.number)):
        queues[part.place, part.order.buyer, part.order.province].append(part)
    tally = Tally()
    for (place, _, province), queue in queues.items():
        road = world.roads[place, province]
        group: list[Part] = []
        leaves_on = date.min
        for part in queue:
            if group and (settings is None or part.order.ready_on > leaves_on):
                send(road, group, leaves_on, tally)
                group = []
            latest = last_day(part.order, road, settings) if settings else part.order.ready_on
            leaves_on = min(leaves_on, latest) if group else latest
            group.append(part)
        send(road, group, leaves_on, tally)
    return tally


def last_day(order: Order, road: Road, settings: Settings) -> date:
    """The last working day on which a part may leave: within the window, with days in hand."""
    calendar = work_calendar()
    day = min(
        order.ready_on + timedelta(days=settings.window),
        order.promised_on - timedelta(days=road.days + settings.reserve),
    )
    while day > order.ready_on and not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return max(day, order.ready_on)


def send(road: Road, group: Sequence[Part], leaves_on: date, tally: Tally) -> None:
    """One shipment: what it costs, who of it is late, and what the small ones among them save."""
    parcels = [(part.weight_g, part.volume_cm3) for part in group]
    saving = merge_saving(road.tariff, parcels, zone=road.zone)
    tally.freight += saving.merged.amount
    tally.handling += road.handling
    tally.shipments += 1
    arrives_on = leaves_on + timedelta(days=road.days + group[0].order.is_delayed)
    tally.late |= {part.order.number for part in group if arrives_on > part.order.promised_on}
    if len(group) == 1:
        return
    last_break = road.tariff.bands[-1].over_g
    for parcel, alone, share in zip(parcels, saving.alone, saving.shares, strict=True):
        if billed_weight(road.tariff, *parcel) <= last_break:
            tally.small += 1
            tally.small_alone += alone
            tally.small_shared += share


if __name__ == "__main__":
    main()
