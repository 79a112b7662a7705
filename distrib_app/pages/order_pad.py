"""The order pad: choose a seller, add SKUs, see price, stock and credit, place."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.order_pad import OrderPad
from .components import (
    Column,
    action_button,
    badge,
    choices,
    empty_state,
    fact,
    page_header,
    section,
    static_table,
    steps_panel,
    submit_button,
    why_number,
)
from .layout import framed
from .registry import Page, register


def pad_page() -> rx.Component:
    """Choose a seller, add SKUs, see price, stock and credit, place."""
    return rx.fragment(
        page_header(
            t(msg("New order")),
            rx.el.select(
                choices(OrderPad.sellers),
                value=OrderPad.chosen,
                on_change=OrderPad.choose_seller,
                aria_label=t(msg("Seller")),
                class_name="input",
            ),
            rx.el.label(
                t(msg("Wanted on")),
                " ",
                rx.el.input(
                    type="date",
                    value=OrderPad.requested_on,
                    on_change=OrderPad.request_day,
                    class_name="input",
                ),
                class_name="inline-field",
            ),
            action_button(t(msg("Paste lines")), OrderPad.toggle_pasting),
            action_button(
                t(msg("Place order")), OrderPad.place, is_primary=True, disabled=~OrderPad.can_place
            ),
        ),
        rx.cond(
            OrderPad.is_loaded & (OrderPad.sellers.length() == 0),
            empty_state(
                t(msg("You have no supplier yet")),
                t(msg("A trading account with a seller is needed to order.")),
            ),
            rx.el.div(
                rx.el.div(pad_lines(), pad_split(), pad_totals(), class_name="stack"),
                rx.el.div(
                    rx.cond(OrderPad.why != "", steps_panel(OrderPad.steps, OrderPad.steps_title)),
                    pad_search(),
                    rx.cond(OrderPad.credit.length() > 0, steps_panel(OrderPad.credit, t(msg("Credit")))),
                    class_name="stack",
                ),
                class_name="columns",
            ),
        ),
    )


def pad_lines() -> rx.Component:
    """The draft: quantities can be changed, zero removes."""
    heads = [
        (msg("SKU"), ""),
        (msg("Name"), ""),
        (msg("Quantity"), "number"),
        (msg("Available"), "number"),
        (msg("Promised"), ""),
        (msg("Price"), "number"),
        (msg("Amount"), "number"),
    ]
    return section(
        t(msg("Order lines")),
        rx.foreach(OrderPad.reasons, lambda text: rx.el.p(text, role="alert", class_name="notice bad")),
        rx.foreach(
            OrderPad.holds,
            lambda text: rx.el.p(
                text,
                " ",
                t(msg("The order will be held until then.")),
                role="status",
                class_name="notice warn",
            ),
        ),
        rx.cond(
            OrderPad.lines.length() > 0,
            rx.el.div(
                rx.el.table(
                    rx.el.thead(
                        rx.el.tr(*[rx.el.th(t(text), scope="col", class_name=name) for text, name in heads])
                    ),
                    rx.el.tbody(rx.foreach(OrderPad.lines, pad_row)),
                ),
                class_name="table-wrap",
            ),
            empty_state(t(msg("No lines yet")), t(msg("Find a SKU on the right and add it."))),
        ),
    )


def pad_row(line: Any) -> rx.Component:
    """One line of the draft; its numbers open their why."""

    def why(name: str, value: Any, shown: Any = None) -> rx.Component:
        return why_number(OrderPad, rx.Var.create(f"{name}:") + line["line_no"], value, shown)

    return rx.el.tr(
        rx.el.td(line["sku"], class_name="nowrap"),
        rx.el.td(line["name"]),
        rx.el.td(
            rx.el.input(
                input_mode="numeric",
                max_length=12,
                default_value=line["qty"],
                key=line["sku"] + line["qty"],
                on_blur=lambda value: OrderPad.set_qty(line["sku"], value),
                aria_label=t(msg("Quantity of {sku}"), sku=line["sku"]),
                aria_invalid=line["problem"] != "",
                class_name="input qty",
            ),
            rx.cond(
                line["problem"] != "", rx.el.div(line["problem"], role="alert", class_name="note refused")
            ),
            class_name="number",
        ),
        rx.el.td(
            why("available", line["available"], badge(line["available"], line["available_tone"])),
            rx.cond(line["bumped"] != "", rx.el.div(line["bumped"], class_name="note")),
            rx.cond(line["quota"] != "", rx.el.div(why("quota", line["quota"]), class_name="note")),
            class_name="number",
        ),
        rx.el.td(why("promised", line["promised"]), class_name="nowrap"),
        rx.el.td(why("price", line["price"]), class_name="number"),
        rx.el.td(why("amount", line["gross"]), class_name="number"),
    )


def pad_split() -> rx.Component:
    """Who serves what and when it arrives."""
    columns = [
        Column("mode", msg("Served by")),
        Column("lines", msg("Goods")),
        Column("status", msg("Status")),
        Column("promised", msg("Promised")),
    ]
    return rx.cond(
        OrderPad.parts.length() > 0,
        section(
            t(msg("How it will be delivered")),
            static_table(columns, OrderPad.parts, caption=t(msg("How it will be delivered"))),
        ),
    )


def pad_totals() -> rx.Component:
    """Net, tax, total."""
    return rx.cond(
        OrderPad.lines.length() > 0,
        rx.el.section(
            rx.el.dl(
                fact(t(msg("Net")), why_number(OrderPad, "net", OrderPad.totals["net"])),
                fact(t(msg("Tax")), why_number(OrderPad, "tax", OrderPad.totals["tax"])),
                fact(t(msg("Total")), why_number(OrderPad, "gross", OrderPad.totals["gross"])),
                class_name="facts",
            ),
            class_name="card",
        ),
    )


def pad_search() -> rx.Component:
    """Find SKUs and add them, or paste many at once."""
    return section(
        t(msg("Add goods")),
        rx.cond(OrderPad.is_pasting, pad_paste()),
        rx.el.input(
            type="search",
            placeholder=t(msg("SKU code or name")),
            aria_label=t(msg("SKU code or name")),
            on_change=OrderPad.find.debounce(250),
            class_name="input wide",
        ),
        rx.el.ul(
            rx.foreach(
                OrderPad.found,
                lambda row: rx.el.li(
                    rx.el.div(rx.el.strong(row["code"]), " ", row["name"], class_name="choice-name"),
                    rx.el.button(
                        rx.icon("plus", size=16),
                        on_click=OrderPad.add(row["code"], row["multiple"].to(int)),
                        aria_label=t(msg("Add {sku}"), sku=row["code"]),
                        class_name="icon-button",
                    ),
                ),
            ),
            class_name="choices",
        ),
    )


def pad_paste() -> rx.Component:
    """Lines out of a spreadsheet or a message."""
    return rx.el.form(
        rx.el.label(
            t(msg("One line each: SKU code and quantity")),
            rx.el.textarea(name="pasted", rows="5", max_length=20_000, class_name="input wide"),
            class_name="field",
        ),
        submit_button(t(msg("Add lines"))),
        on_submit=OrderPad.paste,
        class_name="stack",
    )


register(
    Page(route=routes.ORDER_NEW, title=msg("New order"), component=framed(pad_page), on_load=[OrderPad.load])
)
