"""The metrics of the cockpit, each defined once, as Ibis expressions over journal rows.

`sales` = rows with positive quantity, `returns` = rows with negative quantity, `net_sales` = their sum;
`orders` = distinct parent orders, `partners` = distinct buyers, `skus` = distinct SKUs, `lines` and `units`
= count and quantity, all of positive rows. Amounts are exact integers, millionths of the currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..kernel.errors import msg


@dataclass(frozen=True, slots=True)
class Figures:
    """The metrics of one cell."""

    sales: int = 0
    returns: int = 0
    orders: int = 0
    partners: int = 0
    units: int = 0
    lines: int = 0
    skus: int = 0

    @property
    def net_sales(self) -> int:
        """Sales plus (negative) returns."""
        return self.sales + self.returns


NOTHING = Figures()


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as people read it: name, definition, whether it is money."""

    key: str
    name: str
    definition: str
    is_money: bool = False


METRICS = (
    Metric(
        "sales",
        msg("Sales"),
        msg("Sell-in: goods shipped by the brand to its direct buyers, tax included, before returns."),
        is_money=True,
    ),
    Metric("net_sales", msg("Net sales"), msg("Sales less returns booked in the period."), is_money=True),
    Metric("orders", msg("Orders"), msg("Orders with goods shipped in the period.")),
    Metric("partners", msg("Active partners"), msg("Direct buyers that received goods in the period.")),
    Metric("units", msg("Units"), msg("Quantity shipped, before returns.")),
)
PARTNER_METRICS = (
    Metric(
        "sales",
        msg("My sales"),
        msg("Goods you shipped to your buyers, tax included, before returns."),
        is_money=True,
    ),
    Metric(
        "purchases",
        msg("My purchases"),
        msg("Goods your suppliers shipped to you, before returns."),
        is_money=True,
    ),
    Metric("orders", msg("Orders"), msg("Orders of your buyers with goods shipped in the period.")),
    Metric("partners", msg("Active buyers"), msg("Buyers that received goods from you in the period.")),
    Metric("units", msg("Units"), msg("Quantity shipped to your buyers, before returns.")),
)


def aggregates(rows: Any) -> dict[str, Any]:
    """The metric expressions over a table of journal rows."""
    positive, negative = rows.qty > 0, rows.qty < 0
    return {
        "sales": rows.amount.sum(where=positive).fill_null(0),
        "returns": rows.amount.sum(where=negative).fill_null(0),
        "orders": rows.order_id.nunique(where=positive),
        "partners": rows.buyer_id.nunique(where=positive),
        "units": rows.qty.sum(where=positive).fill_null(0),
        "lines": rows.count(where=positive),
        "skus": rows.sku_id.nunique(where=positive),
    }


def figures_of(record: Mapping[str, Any]) -> Figures:
    """A result row as `Figures`; every value is an integer already."""
    return Figures(**{key: int(record[key]) for key in Figures.__dataclass_fields__})
