"""Stock: balances by place and SKU; movements and layers of one of them."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.shell import Shell
from ..state.stock import Stock
from .components import (
    Column,
    action_button,
    columns_of,
    data_table,
    empty_state,
    field,
    list_tools,
    page_header,
    section,
    static_table,
    submit_button,
)
from .layout import framed
from .registry import Page, register

COLUMNS = columns_of("stock", ranks={"location_name": 2, "name": 3, "reserved": 3, "on_hand": 2})


def stock_page() -> rx.Component:
    """The list on the left, the chosen balance on the right."""
    return rx.fragment(
        page_header(
            t(msg("Stock")),
            rx.cond(
                Shell.permissions.contains(Permission.STOCK_WRITE),
                action_button(t(msg("Receive goods")), Stock.toggle_form, is_primary=True),
            ),
        ),
        rx.cond(Stock.is_form_open, receipt_form()),
        rx.el.div(
            rx.el.section(
                list_tools(Stock, COLUMNS, t(msg("SKU, place or partner"))),
                data_table(
                    COLUMNS,
                    Stock,
                    caption=t(msg("Stock")),
                    empty=t(msg("No stock that you may see")),
                    cells={"sku": sku_cell},
                ),
                class_name="card",
            ),
            balance_panel(),
            class_name="columns wide-left",
        ),
    )


def sku_cell(row: Any) -> rx.Component:
    """The SKU opens the movements and layers of its balance."""
    return rx.el.td(
        rx.el.button(row["sku"], on_click=Stock.open_balance(row["location"], row["sku"]), class_name="link")
    )


def balance_panel() -> rx.Component:
    """Layers and movements of the chosen balance."""
    layers = [
        Column("origin", msg("Origin")),
        Column("age", msg("Days"), "number"),
        Column("qty", msg("Quantity"), "number"),
        Column("cost", msg("Net cost"), "number"),
    ]
    movements = [
        Column("at", msg("When")),
        Column("kind", msg("Movement")),
        Column("on_hand", msg("On hand"), "number"),
        Column("reserved", msg("Reserved"), "number"),
        Column("cause", msg("Cause")),
    ]
    return rx.cond(
        Stock.chosen != "",
        rx.el.div(
            section(t(msg("Layers")), static_table(layers, Stock.layers), note=Stock.chosen),
            rx.cond(Shell.permissions.contains(Permission.STOCK_WRITE), count_card()),
            section(t(msg("Latest movements")), static_table(movements, Stock.movements)),
            class_name="stack",
        ),
        section(
            t(msg("Layers and movements")), empty_state(t(msg("Choose a SKU to see how old its stock is.")))
        ),
    )


def count_card() -> rx.Component:
    """How many were counted here; the difference is corrected, a large one once it is approved."""
    return rx.cond(
        Stock.is_counting,
        section(
            t(msg("Enter a count")),
            rx.el.form(
                field(t(msg("Counted")), "counted", kind="number", required=True, min=0, auto_focus=True),
                field(t(msg("Document or reason")), "cause", required=True, max_length=40),
                submit_button(t(msg("Correct the stock"))),
                on_submit=Stock.count,
                class_name="form-row",
            ),
            note=Stock.chosen,
        ),
        rx.el.div(action_button(t(msg("Enter a count")), Stock.toggle_count)),
    )


def receipt_form() -> rx.Component:
    """Goods received at an own place."""
    return rx.el.div(
        section(
            t(msg("Receive goods")),
            rx.el.form(
                rx.el.label(
                    rx.el.span(t(msg("Place"))),
                    rx.el.select(
                        rx.foreach(
                            Stock.locations, lambda row: rx.el.option(row["text"], value=row["value"])
                        ),
                        name="location",
                        class_name="input",
                    ),
                    class_name="field",
                ),
                field(t(msg("SKU")), "sku", required=True, max_length=60),
                field(t(msg("Quantity")), "qty", kind="number", required=True, min=1),
                field(
                    t(msg("Net cost per unit")),
                    "unit_cost",
                    required=True,
                    input_mode="decimal",
                    max_length=20,
                ),
                field(t(msg("Document")), "cause", required=True, max_length=40),
                submit_button(t(msg("Receive goods"))),
                on_submit=Stock.receive,
                class_name="form-row",
            ),
        ),
        class_name="spaced",
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
