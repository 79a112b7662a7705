"""The rows behind a figure: what the cockpit adds up, as far as its reader may see it."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.sales_rows import SalesRowsState as State
from .components import (
    columns_of,
    data_table,
    fact,
    list_tools,
    page_header,
)
from .layout import framed
from .registry import Page, register

COLUMNS = columns_of(
    "sales-rows", {"document": "link"}, {"step": 3, "seller": 3, "buyer": 2, "sku": 2, "name": 3}
)


def sales_rows_page() -> rx.Component:
    """Sums of all rows on top, the rows below."""
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
                list_tools(State, COLUMNS, t(msg("Document, SKU or partner"))),
                data_table(
                    COLUMNS, State, caption=t(msg("Sales rows")), empty=t(msg("No rows that you may see"))
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
