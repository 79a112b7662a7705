"""One line of a quote: its price and amounts, what can be promised, and the facts that speak against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..inventory import MAX_QTY, QuotaLeft
from ..kernel.explain import Step
from ..kernel.money import TaxSplit
from ..pricing import PriceDecision
from .goods import OrderedSku
from .rules import LineFacts, LineRequest, price_line

_NOTHING = TaxSplit(0, 0, 0)
# unit price with tax (None: no price), amounts, and the steps that led to them
Priced = tuple[Decimal | None, TaxSplit, tuple[Step, ...]]


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A priced line; amounts in minor units, `unit_price` with tax (None: no price).

    `available_qty` is what can be promised now, None for a service; `promised_on` when all of it arrives
    (None: a part of it has no date yet). `bumped_qty` is what an urgent order would take from others,
    `quota_left` what the buyer's quota still allows (None: no quota).
    """

    line_no: int
    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    qty: int
    unit_price: Decimal | None
    tax_ppm: int
    amounts: TaxSplit
    available_qty: int | None
    is_backorder_allowed: bool
    promised_on: date | None
    steps: tuple[Step, ...]
    bumped_qty: int = 0
    quota_left: int | None = None

    @property
    def short_qty(self) -> int:
        """What is missing now."""
        return 0 if self.available_qty is None else max(0, self.qty - self.available_qty)


def line_facts(
    line: LineRequest,
    sku: OrderedSku | None,
    prices: Mapping[int, PriceDecision],
    available: Mapping[str, int],
    missing: int,
    bumped: int,
    quotas: Mapping[str, QuotaLeft],
    currency: str,
) -> LineFacts:
    """What the reasons against an order look at: `missing` nobody can serve, `bumped` others give way for."""
    if sku is None:
        return LineFacts(line.sku_code, line.qty, is_known=False)
    price = prices.get(sku.id)
    return LineFacts(
        sku_code=sku.code,
        qty=line.qty,
        is_orderable=sku.is_orderable,
        multiple_qty=sku.order_multiple_qty,
        has_price=price is not None,
        is_foreign_currency=price is not None and price.currency != currency,
        available_qty=(
            min(available[sku.code], line.qty - missing) + bumped if missing else available.get(sku.code)
        ),
        is_backorder_allowed=sku.is_backorder_allowed,
        quota_left=quotas[sku.code].left if sku.code in quotas else None,
    )


def price_of(qty: int, sku: OrderedSku, price: PriceDecision | None, currency: str) -> Priced:
    """Unit price, amounts and steps. A quantity out of range or a price of another currency has no amount."""
    if price is None or price.currency != currency or not 1 <= qty <= MAX_QTY:
        return None, _NOTHING, ()
    priced = price_line(
        qty, price.unit_price, is_gross=price.is_gross, tax_ppm=sku.tax_ppm, currency=currency
    )
    return priced.unit_price, priced.amounts, (*price.steps, *priced.steps)


def quote_line(
    no: int,
    qty: int,
    sku: OrderedSku,
    priced: Priced,
    available: int | None,
    promised_on: date | None,
    bumped_qty: int,
    quotas: Mapping[str, QuotaLeft],
) -> QuoteLine:
    """The line as its buyer sees it."""
    unit_price, amounts, steps = priced
    return QuoteLine(
        line_no=no,
        sku_code=sku.code,
        sku_name=sku.name,
        sku_name_en=sku.name_en,
        unit=sku.unit,
        qty=qty,
        unit_price=unit_price,
        tax_ppm=sku.tax_ppm,
        amounts=amounts,
        available_qty=available,
        is_backorder_allowed=sku.is_backorder_allowed,
        promised_on=promised_on,
        steps=steps,
        bumped_qty=bumped_qty,
        quota_left=quotas[sku.code].left if sku.code in quotas else None,
    )
