"""The price book: effective-dated, bitemporal prices and the decision which one holds."""

from .actions import sku_actions
from .errors import PriceScopeError, PriceValueError
from .models import BuyerScope, Channel, PriceKind, PriceRow
from .queries import (
    PriceHistoryRow,
    PriceListRow,
    find_prices,
    holding_rows,
    list_price_rows,
    price_changes,
    price_history,
    prices_for,
)
from .rules import (
    BuyerFacts,
    PriceCandidate,
    PriceDecision,
    PriceSegment,
    RejectedPrice,
    price_segments,
    price_text,
    resolve_price,
)
from .service import add_price

__all__ = [
    "BuyerFacts",
    "BuyerScope",
    "Channel",
    "PriceCandidate",
    "PriceDecision",
    "PriceHistoryRow",
    "PriceKind",
    "PriceListRow",
    "PriceRow",
    "PriceScopeError",
    "PriceSegment",
    "PriceValueError",
    "RejectedPrice",
    "add_price",
    "find_prices",
    "holding_rows",
    "list_price_rows",
    "price_changes",
    "price_history",
    "price_segments",
    "price_text",
    "prices_for",
    "resolve_price",
    "sku_actions",
]
