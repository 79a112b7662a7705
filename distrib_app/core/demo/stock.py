"""The demo's stock: every movement that the orders, the plant and the counts cause.

Each place (location × SKU) is a stream of changes in time. What it must have held at the start so that it
never runs short follows from the stream's lowest point; that is its opening receipt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from ..inventory.models import MovementKind
from ..kernel.money import divide, minor_to_micros
from .assortment import MIN_LIFE_DAYS
from .catalogue import CatalogueDraft, SkuPlan
from .demand import Account
from .layers import Layer, Layers, slice_oldest
from .locations import LocationPlan
from .lots import LotBook, LotLayer, LotPlan, LotShelf
from .prices import PricePlan, net_micros
from .timeline import DAY, HOUR, Timeline
from .trade import CURRENCY, LinePlan, OrderPlan

BATCH = 10
OPENING_CAUSE = "OPENING"


@dataclass(slots=True)
class Change:
    """One change of a place. A return brings back the layers its line left with."""

    second: int
    kind: MovementKind
    on_hand: int
    reserved: int
    cause: str
    origin_on: date | None = None
    cost: int | None = None
    line: LinePlan | None = None


@dataclass(frozen=True, slots=True)
class MovementPlan:
    """A movement as it will be written."""

    second: int
    serial: int
    location: LocationPlan
    sku_id: int
    kind: MovementKind
    on_hand: int
    reserved: int
    cause: str
    origin_on: date | None
    cost: int | None
    lot_id: int | None = None


@dataclass(slots=True)
class BalancePlan:
    """What lies at a place in the end."""

    location: LocationPlan
    sku_id: int
    on_hand: int
    reserved: int


class StockHistory:
    """Collects the changes of every place, then lays them out as movements and balances."""

    def __init__(
        self,
        locations: Sequence[LocationPlan],
        catalogue: CatalogueDraft,
        prices: PricePlan,
        timeline: Timeline,
        rng: Random,
        *,
        first_lot_id: int,
    ) -> None:
        self.book = LotBook(first_lot_id)
        self.sent: dict[int, list[LotLayer]] = {}
        self.prices, self.timeline, self.rng = prices, timeline, rng
        self.skus = {sku.id: sku for sku in catalogue.skus}
        self.brand_places = {
            plan.code.partition("-")[2]: plan for plan in locations if plan.party.parent is None
        }
        self.own_place = {plan.party.id: plan for plan in locations if plan.party.parent is not None}
        self.by_id = {plan.id: plan for plan in locations}
        self.suppliers = {plan.party.id: plan.party.parent for plan in locations}
        # The plant holds everything there is, so that every SKU can be ordered.
        plant = self.brand_places["FS"]
        self.streams: dict[tuple[int, int], list[Change]] = {(plant.id, sku.id): [] for sku in catalogue.skus}

    def source(self, account: Account) -> LocationPlan:
        """From where the seller serves a buyer."""
        if not account.is_direct:
            return self.own_place[account.seller.id]
        assert account.buyer.province is not None
        return self.brand_places[account.buyer.province.warehouse]

    def record(self, order: OrderPlan) -> None:
        """What an order did at the seller's place and, once delivered, at the buyer's."""
        seller = self.source(order.account)
        buyer = self.own_place[order.account.buyer.id]
        for line in order.lines:
            out = self.streams.setdefault((seller.id, line.sku.id), [])
            if order.shipped is None:
                out.append(Change(order.placed, MovementKind.RESERVE, 0, line.qty, order.number))
                continue
            out.append(Change(order.shipped, MovementKind.SHIP, -line.qty, 0, f"{order.number}-1", line=line))
            if order.delivered is None:
                continue
            into = self.streams.setdefault((buyer.id, line.sku.id), [])
            origin = self.timeline.day(order.shipped)
            cost = divide(minor_to_micros(line.amount.net, CURRENCY), line.qty)
            cause = order.shipment_number
            into.append(Change(order.delivered, MovementKind.RECEIPT, line.qty, 0, cause, origin, cost, line))
            if order.returned and line.returned_qty:
                second, cause, qty = order.returned.second, order.returned.number, line.returned_qty
                into.append(Change(second, MovementKind.RETURN, -qty, 0, cause, origin, cost))
                out.append(Change(second, MovementKind.RETURN, qty, 0, cause, line=line))

    def lay_out(self) -> tuple[list[MovementPlan], list[BalancePlan]]:
        """All movements in time order, and the balances they add up to."""
        movements: list[MovementPlan] = []
        balances: list[BalancePlan] = []
        for (location_id, sku_id), changes in self._in_order():
            location, sku = self.by_id[location_id], self.skus[sku_id]
            changes.sort(key=_second)
            if location.party.parent is None:
                self._produce(location, sku, changes)
            elif not location.party.sells:
                self._count(changes)
            self._open(location, sku, changes)
            layered = self._lots_layered if sku.category.shelf_days else self._layered
            rows = list(layered(location, sku_id, changes, len(movements)))
            movements += rows
            on_hand, reserved = sum(row.on_hand for row in rows), sum(row.reserved for row in rows)
            if rows:
                balances.append(BalancePlan(location, sku_id, on_hand, reserved))
        movements.sort(key=lambda row: (row.second, row.serial))
        return movements, balances

    def _in_order(self) -> list[tuple[tuple[int, int], list[Change]]]:
        """The streams; those of goods kept by lot last, sellers before their buyers, who get their lots."""

        def rank(item: tuple[tuple[int, int], list[Change]]) -> int:
            (location_id, sku_id), _ = item
            has_lots = self.skus[sku_id].category.shelf_days
            return self.by_id[location_id].party.path.count("/") if has_lots else 0

        return sorted(self.streams.items(), key=rank)

    def _produce(self, location: LocationPlan, sku: SkuPlan, changes: list[Change]) -> None:
        """Once a month the plant makes up for what left the place since the last time."""
        position, gone = 0, 0
        batches = []
        for month in self.timeline.months[1:]:
            day = month.first_day + (sku.id * 7 + location.id) % 27
            second = day * DAY + 6 * HOUR
            if second > self.timeline.end:
                break
            while position < len(changes) and changes[position].second < second:
                gone += changes[position].reserved - changes[position].on_hand
                position += 1
            qty = -(-gone // BATCH) * BATCH
            if qty > 0:
                on = self.timeline.days[day]
                cost = self.prices.cost_micros(sku, self.prices.window(on))
                cause = f"MO-{on:%Y%m%d}"
                batches.append(Change(second, MovementKind.RECEIPT, qty, 0, cause, on, cost))
                gone -= qty
        changes += batches
        changes.sort(key=_second)

    def _count(self, changes: list[Change]) -> None:
        """Where nobody of the network buys, a count at the end of each month takes away what was retailed."""
        position, on_hand = 0, 0
        counts = []
        for month in self.timeline.months:
            day = month.first_day + month.day_count - 1
            second = day * DAY + 20 * HOUR
            if second > self.timeline.end:
                break
            received = 0
            while position < len(changes) and changes[position].second < second:
                received += max(0, changes[position].on_hand)
                on_hand += changes[position].on_hand
                position += 1
            left = max(received * self.rng.randrange(300, 700) // 1_000, on_hand // 4)
            if left < on_hand:
                cause = f"CT-{self.timeline.days[day]:%Y%m%d}"
                counts.append(Change(second, MovementKind.COUNT, left - on_hand, 0, cause))
                on_hand = left
        changes += counts
        changes.sort(key=_second)

    def _open(self, location: LocationPlan, sku: SkuPlan, changes: list[Change]) -> None:
        """The opening receipt: what the lowest point lacks, and a little more where goods are sold."""
        available, lowest = 0, 0
        for change in changes:
            available += change.on_hand - change.reserved
            lowest = min(lowest, available)
        party = location.party
        spare = 0
        if party.parent is None:
            spare = max(2 * BATCH, -lowest // 6)
        elif party.sells:
            spare = -lowest // 8
        qty = spare - lowest
        if not qty:
            return
        origin = self.timeline.start - timedelta(days=15 + sku.id % 30)
        supplier = self.suppliers[party.id]
        cost = (
            self.prices.cost_micros(sku, 0)
            if supplier is None
            else net_micros(self.prices.price(supplier, party, sku, 0))
        )
        changes.insert(0, Change(6 * HOUR, MovementKind.RECEIPT, qty, 0, OPENING_CAUSE, origin, cost))

    def _layered(
        self, location: LocationPlan, sku_id: int, changes: list[Change], serial: int
    ) -> Iterator[MovementPlan]:
        layers = Layers()
        shipped: dict[int, list[Layer]] = {}
        for change in changes:
            for origin_on, cost, on_hand in _parts(change, layers, shipped):
                serial += 1
                yield MovementPlan(
                    change.second,
                    serial,
                    location,
                    sku_id,
                    change.kind,
                    on_hand,
                    change.reserved,
                    change.cause,
                    origin_on,
                    cost,
                )

    def _lots_layered(
        self, location: LocationPlan, sku_id: int, changes: list[Change], serial: int
    ) -> Iterator[MovementPlan]:
        shelf, sku = LotShelf(), self.skus[sku_id]
        for change in changes:
            parts: Sequence[tuple[LotPlan | None, date | None, int | None, int]] = [(None, None, None, 0)]
            if change.on_hand > 0:
                came = self._lots_in(change, sku)
                for layer in came:
                    shelf.put(*layer)
                parts = came
            elif change.on_hand < 0:
                is_sold = change.kind is MovementKind.SHIP
                good_until = self.timeline.day(change.second) + timedelta(days=MIN_LIFE_DAYS * is_sold)
                left = shelf.take(-change.on_hand, good_until if is_sold else date.min)
                parts = [(lot, origin_on, cost, -qty) for lot, origin_on, cost, qty in left]
                if change.line is not None:
                    self.sent[id(change.line)] = left
            for lot_or_none, origin, unit_cost, on_hand in parts:
                serial += 1
                yield MovementPlan(
                    change.second,
                    serial,
                    location,
                    sku_id,
                    change.kind,
                    on_hand,
                    change.reserved,
                    change.cause,
                    origin,
                    unit_cost,
                    lot_or_none.id if lot_or_none else None,
                )

    def _lots_in(self, change: Change, sku: SkuPlan) -> list[LotLayer]:
        """The lots of goods that come in: those they were sent as, else the lot of the day they were made."""
        assert change.origin_on is not None
        assert change.cost is not None
        if change.line is not None:
            return [
                (lot, change.origin_on, change.cost, qty) for lot, _, _, qty in self.sent[id(change.line)]
            ]
        return [(self.book.find(sku, change.origin_on), change.origin_on, change.cost, change.on_hand)]


def _parts(
    change: Change, layers: Layers, shipped: dict[int, list[Layer]]
) -> Sequence[tuple[date | None, int | None, int]]:
    """The rows of a change (origin day, cost, quantity): one per layer that leaves or comes back."""
    if change.kind is MovementKind.SHIP and change.line is not None:
        left_with = shipped[id(change.line)] = layers.take(-change.on_hand)
        return [(origin_on, cost, -qty) for origin_on, cost, qty in left_with]
    if change.kind is MovementKind.RETURN and change.line is not None:
        back = slice_oldest(shipped[id(change.line)], change.on_hand)
        for layer in back:
            layers.put(*layer)
        return back
    if change.origin_on is None or change.cost is None:
        if change.on_hand < 0:
            layers.take(-change.on_hand)
    elif change.on_hand > 0:
        layers.put(change.origin_on, change.cost, change.on_hand)
    else:
        layers.undo(change.origin_on, change.cost, -change.on_hand)
    return [(change.origin_on, change.cost, change.on_hand)]


def _second(change: Change) -> int:
    return change.second
