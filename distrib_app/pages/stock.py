"""Stock: balances by place and SKU, and goods received."""

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.shell import Shell
from ..state.stock import Stock
from .components import (
    action_button,
    chooser,
    columns_of,
    data_table,
    field,
    link,
    list_tools,
    page_header,
    section,
    submit_button,
)
from .layout import framed
from .registry import Page, register

COLUMNS = columns_of(
    "stock",
    {"sku": "link", "on_hand": "figure", "reserved": "figure", "available": "figure"},
    {"location_name": 2, "name": 3, "reserved": 3, "on_hand": 2},
)


def stock_page() -> rx.Component:
    """The list; a SKU leads to its record at its place."""
    return rx.fragment(
        page_header(
            t(msg("Stock")),
            link(t(msg("Network stock")), href=routes.STOCK_NETWORK, class_name="button quiet"),
            rx.cond(
                Shell.permissions.contains(Permission.STOCK_WRITE),
                action_button(t(msg("Receive goods")), Stock.toggle_form, is_primary=True),
            ),
        ),
        rx.cond(Stock.is_form_open, receipt_form()),
        rx.el.section(
            list_tools(Stock, COLUMNS, t(msg("SKU, place or partner"))),
            data_table(
                COLUMNS,
                Stock,
                caption=t(msg("Stock")),
                empty=t(msg("No stock that you may see")),
            ),
            class_name="card",
        ),
    )


def receipt_form() -> rx.Component:
    """Goods received at an own place; lot and expiry only for what is kept by lot."""
    return rx.el.div(
        section(
            t(msg("Receive goods")),
            rx.el.form(
                chooser(t(msg("Place")), "location", Stock.locations),
                field(t(msg("SKU")), "sku", required=True, max_length=60),
                field(t(msg("Quantity")), "qty", kind="number", required=True, min=1),
                cost_field(),
                field(t(msg("Document")), "cause", required=True, max_length=40),
                *lot_fields(),
                submit_button(t(msg("Receive goods"))),
                on_submit=Stock.receive,
                class_name="form-row",
            ),
            note=t(msg("Lot and expiry only for SKUs that are kept by lot")),
        ),
        class_name="spaced",
    )


def cost_field() -> rx.Component:
    """What one cost, without tax."""
    return field(t(msg("Net cost per unit")), "unit_cost", required=True, input_mode="decimal", max_length=20)


def lot_fields() -> tuple[rx.Component, ...]:
    """The lot of goods, and its last good day where the lot is new."""
    return (
        field(t(msg("Lot")), "lot", max_length=40),
        field(t(msg("Good until")), "expires_on", kind="date"),
    )


register(
    Page(
        route=routes.STOCK,
        title=msg("Stock"),
        component=framed(stock_page),
        on_load=[Stock.load],
        permission=Permission.STOCK_READ,
        section="trade",
        icon="warehouse",
    )
)
