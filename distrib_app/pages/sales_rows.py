"""The rows behind a figure: what the cockpit adds up, as far as its reader may see it."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.sales_rows import SalesRowsState as State
from .components import Column, data_table, fact, page_header
from .layout import framed
from .registry import Page, register


def sales_rows_page() -> rx.Component:
    """Sums of all rows on top, the rows below."""
    columns = [
        Column("day", msg("Day")),
        Column("step", msg("Flow step")),
        Column("document", msg("Document"), "link"),
        Column("seller", msg("Seller")),
        Column("buyer", msg("Buyer")),
        Column("sku", msg("SKU")),
        Column("name", msg("Name")),
        Column("qty", msg("Quantity"), "number"),
        Column("amount", msg("Amount"), "number"),
    ]
    return rx.fragment(
        page_header(
            t(msg("Sales rows")),
            rx.foreach(State.filters, lambda text: rx.el.span(text, class_name="chip")),
        ),
        rx.el.div(
            rx.el.section(
                rx.el.dl(
                    _sum(t(msg("Sales")), State.sums["sales"]),
                    _sum(t(msg("Returns")), State.sums["returns"]),
                    _sum(t(msg("Net sales")), State.sums["net"]),
                    _sum(t(msg("Rows")), State.sums["rows"]),
                    class_name="facts",
                ),
                class_name="card",
            ),
            rx.el.section(
                data_table(
                    columns, State, caption=t(msg("Sales rows")), empty=t(msg("No rows that you may see"))
                ),
                class_name="card",
            ),
            class_name="stack",
        ),
    )


def _sum(label: Any, value: Any) -> rx.Component:
    return fact(label, rx.cond(State.is_loaded, value, "–"))


register(
    Page(
        route=routes.SALES_ROWS,
        title=msg("Sales rows"),
        component=framed(sales_rows_page),
        on_load=[State.load],
        permission=Permission.ORDERS_READ,
        section="insight",
        icon="table-2",
    )
)
