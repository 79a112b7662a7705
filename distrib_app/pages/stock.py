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
    empty_state,
    field,
    page_header,
    pager,
    search_box,
    section,
    static_table,
    submit_button,
)
from .layout import framed
from .registry import Page, register


def stock_page() -> rx.Component:
    """The list on the left, the chosen balance on the right."""
    return rx.fragment(
        page_header(
            t(msg("Stock")),
            search_box(Stock, t(msg("SKU, place or partner"))),
            rx.cond(
                Shell.permissions.contains(Permission.STOCK_WRITE),
                action_button(t(msg("Receive goods")), Stock.toggle_form, is_primary=True),
            ),
        ),
        rx.cond(Stock.is_form_open, receipt_form()),
        rx.el.div(
            rx.el.section(
                rx.cond(
                    Stock.is_loaded,
                    rx.cond(
                        Stock.total > 0,
                        rx.fragment(balances(), pager(Stock)),
                        empty_state(t(msg("No stock that you may see")), t(msg("Try another search word."))),
                    ),
                    rx.el.div(
                        *[rx.el.div(class_name="skeleton-row") for _ in range(8)], class_name="skeleton"
                    ),
                ),
                class_name="card",
            ),
            balance_panel(),
            class_name="columns",
        ),
    )


def balances() -> rx.Component:
    """Balances; the SKU opens its movements and layers."""
    heads = [
        (msg("Partner"), ""),
        (msg("Place"), ""),
        (msg("SKU"), ""),
        (msg("Name"), ""),
        (msg("On hand"), "number"),
        (msg("Reserved"), "number"),
        (msg("Available"), "number"),
    ]
    return rx.el.div(
        rx.el.table(
            rx.el.caption(t(msg("Stock")), class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*[rx.el.th(t(text), scope="col", class_name=name) for text, name in heads])),
            rx.el.tbody(rx.foreach(Stock.rows, balance_row)),
        ),
        class_name="table-wrap",
    )


def balance_row(row: Any) -> rx.Component:
    """One balance."""
    return rx.el.tr(
        rx.el.td(row["partner"]),
        rx.el.td(row["location_name"], title=row["location"]),
        rx.el.td(
            rx.el.button(
                row["sku"], on_click=Stock.open_balance(row["location"], row["sku"]), class_name="link"
            )
        ),
        rx.el.td(row["name"]),
        rx.el.td(row["on_hand"], class_name="number"),
        rx.el.td(row["reserved"], class_name="number"),
        rx.el.td(row["available"], class_name="number"),
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
            section(t(msg("Latest movements")), static_table(movements, Stock.movements)),
            class_name="stack",
        ),
        section(
            t(msg("Layers and movements")), empty_state(t(msg("Choose a SKU to see how old its stock is.")))
        ),
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
