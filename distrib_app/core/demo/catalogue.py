"""The demo's products as a plan: SKUs with their popularity, and who carries which of them."""

from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from ..kernel.money import divide
from .assortment import CATEGORIES, CategoryPlan
from .network import NetworkDraft

TAX_PPM = 130_000
# How many SKUs a partner carries, by tier; what a partner resells comes out of its own range.
RANGE = {"province": 60, "city": 28, "county": 16, "outlet": 10}


@dataclass(slots=True, eq=False)
class SkuPlan:
    """A SKU: base price in yuan at the start, production cost in ‰ of it (both net), appeal to buyers."""

    id: int
    code: str
    name: str
    name_en: str
    product_index: int
    category: CategoryPlan
    base_yuan: int
    appeal: int
    cost: int
    is_backorder_allowed: bool
    barcode: str


@dataclass(slots=True)
class ProductPlan:
    """A product with its category's position."""

    code: str
    name: str
    name_en: str
    category_index: int


@dataclass(slots=True)
class CatalogueDraft:
    """Products and SKUs; `ranges` says which SKUs a partner (by id) carries."""

    products: list[ProductPlan]
    skus: list[SkuPlan]
    ranges: dict[int, list[SkuPlan]] = field(default_factory=dict)


def plan_catalogue(*, first_sku_id: int, rng: Random) -> CatalogueDraft:
    """All products and SKUs."""
    products: list[ProductPlan] = []
    skus: list[SkuPlan] = []
    for category_index, category in enumerate(CATEGORIES):
        variants = [text.split("|") for text in category.variants.split(";")]
        lines = [text.split("|") for text in category.products.split(";")]
        for number, (name, name_en, price) in enumerate(lines, start=1):
            product = ProductPlan(f"{category.code}{number:02d}", name.lstrip("*"), name_en, category_index)
            for position, (variant, variant_en, factor) in enumerate(variants, start=1):
                skus.append(
                    SkuPlan(
                        id=first_sku_id + len(skus),
                        code=f"{product.code}-{position:02d}",
                        name=f"{product.name} {variant}",
                        name_en=f"{name_en}, {variant_en}",
                        product_index=len(products),
                        category=category,
                        base_yuan=retail_price(int(price) * int(factor)),
                        # Few SKUs sell much, many sell little.
                        appeal=rng.randrange(2, 12) ** 2,
                        cost=rng.randrange(580, 680),
                        is_backorder_allowed=name.startswith("*") and position % 2 == 1,
                        barcode=_ean13(690_123_000_000 + len(skus) + 1),
                    )
                )
            products.append(product)
    return CatalogueDraft(products, skus)


def retail_price(permille: int) -> int:
    """A price in yuan as shops like it, ending in 9, from thousandths of a yuan."""
    return max(9, divide(permille, 10_000) * 10 - 1)


def _ean13(number: int) -> str:
    digits = [int(digit) for digit in str(number)]
    return f"{number}{-sum(d * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10}"


def assign_ranges(catalogue: CatalogueDraft, network: NetworkDraft, rng: Random) -> None:
    """Give every partner its range: direct buyers choose from everything, others from their supplier's."""
    catalogue.ranges[network.brand.id] = catalogue.skus
    for party in network.parties[1:]:
        assert party.parent is not None
        offered = catalogue.ranges[party.parent.id]
        count = min(RANGE[party.tier], len(offered))
        chosen = pick_distinct(rng, offered, cumulated(sku.appeal for sku in offered), count)
        catalogue.ranges[party.id] = sorted(chosen, key=lambda sku: sku.id)


def cumulated(weights: Iterable[int]) -> list[int]:
    """Running sums of weights."""
    return list(accumulate(weights))


def pick_distinct(rng: Random, skus: list[SkuPlan], cumulative: list[int], count: int) -> list[SkuPlan]:
    """`count` different SKUs, each draw in proportion to its weight."""
    chosen: dict[int, SkuPlan] = {}
    total = cumulative[-1]
    for _ in range(count * 30):
        if len(chosen) == count:
            break
        position = bisect(cumulative, rng.randrange(total))
        chosen[position] = skus[position]
    for position, sku in enumerate(skus):  # a range so lopsided that luck ran out
        if len(chosen) == count:
            break
        chosen[position] = sku
    return list(chosen.values())


def seasonal_weights(party_range: list[SkuPlan], month_number: int) -> list[int]:
    """Running sums of the demand weights of a range in a calendar month."""
    return cumulated(
        sku.appeal * sku.category.share * sku.category.season[month_number - 1] for sku in party_range
    )
