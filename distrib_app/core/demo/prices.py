"""The demo's price book: the brand's base and tier prices, each reseller's base price, moved once a year."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from ..kernel.clock import add_months
from ..kernel.money import MILLION, divide
from ..pricing.models import BuyerScope, Channel, PriceKind
from .catalogue import TAX_PPM, CatalogueDraft, SkuPlan, retail_price
from .network import NetworkDraft, Party
from .timeline import DAY, Timeline

# What the brand asks of its direct buyers, in ‰ of the base price.
TIER_FACTORS = {"province": 900, "city": 940}
CHANGE_MONTH = 3
ANNOUNCED = timedelta(days=14)
PRICE_COLUMNS = (
    "seller_id",
    "sku_id",
    "channel",
    "kind",
    "buyer_scope",
    "tier_id",
    "unit_price",
    "is_gross",
    "currency",
    "reason",
    "valid_from",
    "valid_to",
    "recorded_at",
)


@dataclass(frozen=True, slots=True)
class PricePlan:
    """Base prices in yuan per window of validity; every other price follows from them."""

    starts: tuple[date, ...]
    base: dict[int, tuple[int, ...]]

    def window(self, day: date) -> int:
        """Which window holds on a day."""
        return bisect_right(self.starts, day) - 1

    def recorded_second(self, window: int) -> int:
        """When the prices of a window were announced, in seconds since the start of the story."""
        return (self.starts[window] - self.starts[0] - ANNOUNCED).days * DAY

    def price(self, seller: Party, buyer: Party, sku: SkuPlan, window: int) -> int:
        """What a buyer pays, in yuan, tax included."""
        factor = TIER_FACTORS.get(buyer.tier, 1_000) if seller.parent is None else seller.markup
        return divide(self.base[sku.id][window] * factor, 1_000)

    def cost_micros(self, sku: SkuPlan, window: int) -> int:
        """Net production cost per unit in millionths: a share of the net base price."""
        return divide(self.base[sku.id][window] * sku.cost * MILLION * 1_000, MILLION + TAX_PPM)


def net_micros(yuan: int) -> int:
    """The net unit price in millionths of a price in yuan, tax included."""
    return divide(yuan * MILLION * MILLION, MILLION + TAX_PPM)


def plan_prices(catalogue: CatalogueDraft, timeline: Timeline, rng: Random) -> PricePlan:
    """Base prices from the start, changed every first of March: most go up a little, some come down."""
    first = date(timeline.start.year, CHANGE_MONTH, 1)
    changes = [add_months(first, 12 * years) for years in range(4)]
    starts = (timeline.start, *(day for day in changes if timeline.start < day <= timeline.as_of))
    base: dict[int, tuple[int, ...]] = {}
    for sku in catalogue.skus:
        steps = [sku.base_yuan]
        for _ in starts[1:]:
            # Screens and small things get cheaper, the rest dearer.
            low, high = (930, 1_000) if sku.category.code in ("TV", "SA") else (985, 1_050)
            moved = retail_price(steps[-1] * rng.randrange(low, high))
            steps.append(moved if moved != steps[-1] else moved - 10 if moved > 50 else moved + 10)
        base[sku.id] = tuple(steps)
    return PricePlan(starts, base)


def price_rows(
    plan: PricePlan,
    catalogue: CatalogueDraft,
    network: NetworkDraft,
    timeline: Timeline,
    tier_ids: dict[str, int],
) -> Iterator[tuple[Any, ...]]:
    """Rows of the price book as stored, in the order of `PRICE_COLUMNS`."""
    scopes = [(BuyerScope.ALL, None, 1_000)] + [
        (BuyerScope.TIER, tier_ids[tier], factor) for tier, factor in TIER_FACTORS.items()
    ]
    for window, start in enumerate(plan.starts):
        recorded = timeline.instant(plan.recorded_second(window))
        end = plan.starts[window + 1].isoformat() if window + 1 < len(plan.starts) else None
        reason = "年度调价" if window else "首版价格"
        for party in network.parties:
            if party is not network.brand and not party.sells:
                continue
            own = scopes if party is network.brand else [(BuyerScope.ALL, None, party.markup)]
            for sku in catalogue.ranges[party.id]:
                for scope, tier_id, factor in own:
                    yuan = divide(plan.base[sku.id][window] * factor, 1_000)
                    yield (
                        party.id,
                        sku.id,
                        str(Channel.OFFLINE),
                        str(PriceKind.BASE),
                        str(scope),
                        tier_id,
                        yuan * MILLION,
                        True,
                        "CNY",
                        reason,
                        start.isoformat(),
                        end,
                        recorded,
                    )
