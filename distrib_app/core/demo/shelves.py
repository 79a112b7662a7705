"""How much of each SKU a reseller wants to have, and what it has or has on the way."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from heapq import nlargest

from .catalogue import CatalogueDraft, SkuPlan
from .demand import Account
from .network import Party

COVER_TENTHS = 14  # tenths of a month's demand a reseller wants to have
LEAST_QTY = 3


class Shelves:
    """Order-up-to stock of every reseller: a target per SKU from the demand of the last stops below it.

    The position is stock and goods ordered; it may lie above what is on the shelf by what is on the road.
    """

    def __init__(self, accounts: Sequence[Account], catalogue: CatalogueDraft) -> None:
        self._ranges = catalogue.ranges
        # Thousandths of a unit per average month, by partner and SKU.
        self._expected: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for account in accounts:
            if account.demand:
                self._expect(account)
        self._position: dict[int, dict[int, int]] = {}

    def _expect(self, account: Account) -> None:
        own = self._ranges[account.buyer.id]
        weights = [sku.appeal * sku.category.share for sku in own]
        whole = sum(weights)
        for sku, weight in zip(own, weights, strict=True):
            units = account.demand * 1_000 * weight // (whole * sku.base_yuan)
            party: Party | None = account.seller
            while party is not None and party.parent is not None:
                self._expected[party.id][sku.id] += units
                party = party.parent

    def target(self, party: Party, sku: SkuPlan, day: date) -> int:
        """What a reseller wants to have: more before the season, less after it, at half its swing."""
        swing = (100 + sku.category.season[day.month % 12]) // 2
        return max(LEAST_QTY, self._expected[party.id][sku.id] * swing * COVER_TENTHS // 1_000_000)

    def available(self, party: Party, sku: SkuPlan, day: date) -> int:
        """What a reseller can promise; a SKU not touched yet starts at its target."""
        held = self._position.setdefault(party.id, {})
        if sku.id not in held:
            held[sku.id] = self.target(party, sku, day)
        return held[sku.id]

    def move(self, party: Party, sku: SkuPlan, qty: int, day: date) -> None:
        """Goods ordered (+) or sold (−)."""
        self._position[party.id][sku.id] = self.available(party, sku, day) + qty

    def lacking(self, party: Party, day: date, count: int) -> list[tuple[SkuPlan, int]]:
        """The SKUs a reseller should order now, those that lack most in value first."""
        gaps = [
            (gap * sku.base_yuan, sku.id, gap, sku)
            for sku in self._ranges[party.id]
            if (gap := self.target(party, sku, day) - self.available(party, sku, day)) > 0
        ]
        return [(sku, gap) for _, _, gap, sku in nlargest(count, gaps)]
