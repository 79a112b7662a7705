"""The demo's orders: what is bought in each, when it ships and arrives, what comes back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from random import Random

from ..kernel.money import TaxSplit, divide, line_amount, split_gross
from .catalogue import TAX_PPM, CatalogueDraft, SkuPlan, pick_distinct, seasonal_weights
from .demand import Account, OrderSlot
from .names import CARRIERS, RETURN_REASONS, person
from .prices import PricePlan
from .shelves import Shelves
from .timeline import DAY, HOUR, Timeline

CURRENCY = "CNY"
RETURNED_LINES = 30  # ‰ of delivered lines
MAX_LINE_QTY = 200
SPARE_CHOICES = 4
TOP_UP_VALUE = 8_000  # yuan per line a reseller adds without need


@dataclass(slots=True, eq=False)
class LinePlan:
    """An order line; `refund` is what a returned quantity gives back."""

    no: int
    sku: SkuPlan
    qty: int
    yuan: int
    amount: TaxSplit
    returned_qty: int = 0
    refund: TaxSplit | None = None
    id: int = 0
    part_line_id: int = 0
    leg_id: int = 0


@dataclass(slots=True, eq=False)
class ReturnPlan:
    """Goods of one order that came back."""

    second: int
    reason: str
    number: str = ""
    credit_number: str = ""


@dataclass(slots=True, eq=False)
class OrderPlan:
    """An order; `shipped` and `delivered` are None while they lie in the future."""

    account: Account
    placed: int
    lines: list[LinePlan]
    shipped: int | None = None
    delivered: int | None = None
    carrier: str = ""
    waybill: str = ""
    signed_by: str = ""
    returned: ReturnPlan | None = None
    id: int = 0
    number: str = ""
    shipment_number: str = ""
    shipment_id: int = 0
    invoice_number: str = ""

    @property
    def amount(self) -> TaxSplit:
        """The order's totals."""
        return total(line.amount for line in self.lines)

    @property
    def refund(self) -> TaxSplit:
        """What the return gives back, positive."""
        return total(line.refund for line in self.lines if line.refund)


def total(parts: Iterable[TaxSplit]) -> TaxSplit:
    """The sum of amounts."""
    items = list(parts)
    return TaxSplit(sum(p.net for p in items), sum(p.tax for p in items), sum(p.gross for p in items))


@lru_cache(maxsize=100_000)
def line_split(qty: int, yuan: int) -> TaxSplit:
    """The amounts of a line: quantity × gross price, rounded once, split by its tax."""
    return split_gross(line_amount(qty, Decimal(yuan), CURRENCY), TAX_PPM)


def refund_split(amount: TaxSplit, returned_qty: int, qty: int) -> TaxSplit:
    """What a first return of `returned_qty` of `qty` units gives back."""
    gross = divide(amount.gross * returned_qty, qty)
    tax = divide(amount.tax * returned_qty, qty)
    return TaxSplit(gross - tax, tax, gross)


class Trade:
    """Fills order slots in time order; a reseller orders what its shelves lack."""

    def __init__(
        self,
        accounts: Sequence[Account],
        catalogue: CatalogueDraft,
        prices: PricePlan,
        timeline: Timeline,
        rng: Random,
    ) -> None:
        self.accounts, self.catalogue, self.prices = accounts, catalogue, prices
        self.timeline, self.rng = timeline, rng
        self.shelves = Shelves(accounts, catalogue)
        self.weights: dict[tuple[int, int], list[int]] = {}

    def warm_up(self, slots: Iterable[OrderSlot]) -> None:
        """Trade that nobody records: resellers come into the story with shelves to refill."""
        for slot in slots:
            self.fill(slot)

    def fill(self, slot: OrderSlot) -> OrderPlan:
        """The order of a slot with its lines, its way to the buyer and what comes back of it."""
        account = self.accounts[slot.account_index]
        day = self.timeline.day(slot.second)
        wanted = self._wanted(account, slot, day)
        window = self.prices.window(day)
        lines = []
        for no, (sku, qty) in enumerate(wanted, start=1):
            yuan = self.prices.price(account.seller, account.buyer, sku, window)
            lines.append(LinePlan(no, sku, qty, yuan, line_split(qty, yuan)))
            self._move(account, sku, qty, day)
        order = OrderPlan(account, slot.second, lines)
        self._dispatch(order, is_early=slot.is_early)
        if order.delivered is not None:
            self._take_back(order, order.delivered)
        return order

    def _wanted(self, account: Account, slot: OrderSlot, day: date) -> list[tuple[SkuPlan, int]]:
        """The lines of an order: what a reseller lacks, what a last stop takes; never two of one SKU."""
        wanted: list[tuple[SkuPlan, int]] = []
        if account.buyer.sells:
            wanted = self.shelves.lacking(account.buyer, day, slot.size)
        missing = slot.size - len(wanted)
        if missing:
            taken = {sku.id for sku, _ in wanted}
            value = TOP_UP_VALUE if account.buyer.sells else slot.line_value
            drawn = self._pick(account, slot.size + len(wanted) + SPARE_CHOICES, day)
            choices = [(sku, self._qty(account, sku, value, day)) for sku in drawn if sku.id not in taken]
            if not account.is_direct:  # rather what the seller has
                choices.sort(
                    key=lambda choice: self.shelves.available(account.seller, choice[0], day) < choice[1]
                )
            wanted += choices[:missing]
        if account.is_direct:
            return wanted
        return [
            (sku, max(1, min(qty, self.shelves.available(account.seller, sku, day)))) for sku, qty in wanted
        ]

    def _pick(self, account: Account, count: int, day: date) -> list[SkuPlan]:
        own = self.catalogue.ranges[account.buyer.id]
        key = (account.buyer.id, day.month)
        if key not in self.weights:
            self.weights[key] = seasonal_weights(own, day.month)
        return pick_distinct(self.rng, own, self.weights[key], min(count, len(own)))

    def _qty(self, account: Account, sku: SkuPlan, value: int, day: date) -> int:
        price = self.prices.price(account.seller, account.buyer, sku, self.prices.window(day))
        qty = value * self.rng.randrange(500, 1_500) // (1_000 * price)
        return min(max(1, qty), MAX_LINE_QTY)

    def _move(self, account: Account, sku: SkuPlan, qty: int, day: date) -> None:
        if account.buyer.sells:
            self.shelves.move(account.buyer, sku, qty, day)
        if not account.is_direct:
            self.shelves.move(account.seller, sku, -qty, day)

    def _dispatch(self, order: OrderPlan, *, is_early: bool) -> None:
        rng, timeline = self.rng, self.timeline
        ship_day = order.placed // DAY + (0 if is_early else rng.choice((0, 1, 1, 1, 2, 2, 3)))
        shipped = order.placed + rng.randrange(HOUR, 3 * HOUR)
        if ship_day > order.placed // DAY:
            shipped = ship_day * DAY + rng.randrange(9 * HOUR, 18 * HOUR)
        if is_early:
            shipped = min(shipped, timeline.end)
        arrived = (shipped // DAY + rng.randrange(1, 5)) * DAY + rng.randrange(9 * HOUR, 18 * HOUR)
        carrier, waybill = rng.choice(CARRIERS), f"{rng.randrange(10**11, 10**12)}"
        signer = person(rng)
        if shipped <= timeline.end:
            order.shipped, order.carrier, order.waybill = shipped, carrier, waybill
            if arrived <= timeline.end:
                order.delivered, order.signed_by = arrived, signer

    def _take_back(self, order: OrderPlan, delivered: int) -> None:
        rng = self.rng
        lines = [line for line in order.lines if rng.randrange(1_000) < RETURNED_LINES]
        lines = [
            line for line in lines if not line.sku.category.shelf_days
        ]  # what is opened is not taken back
        second = (delivered // DAY + rng.randrange(2, 20)) * DAY + rng.randrange(9 * HOUR, 18 * HOUR)
        if not lines or second > self.timeline.end:
            return
        order.returned = ReturnPlan(second, rng.choice(RETURN_REASONS))
        for line in lines:
            line.returned_qty = rng.randrange(line.qty // 2, line.qty) + 1
            line.refund = refund_split(line.amount, line.returned_qty, line.qty)
            self._move(order.account, line.sku, -line.returned_qty, self.timeline.day(delivered))
