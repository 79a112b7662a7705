"""Orders: the list, the record, and the pad."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.orders import OrderList, OrderPad, OrderRecord
from ..state.shell import Shell
from .components import (
    Column,
    action_button,
    badge,
    data_table,
    empty_state,
    fact,
    field,
    link,
    page_header,
    search_box,
    section,
    static_table,
    steps_panel,
    submit_button,
)
from .layout import framed
from .registry import Page, register

STATUSES = [
    ("", msg("All statuses")),
    ("placed", msg("placed")),
    ("shipped", msg("shipped")),
    ("delivered", msg("delivered")),
    ("cancelled", msg("cancelled")),
    ("recorded", msg("recorded")),
]
ROLES = [("", msg("Bought and sold")), ("buyer", msg("We buy")), ("seller", msg("We sell"))]


def orders_page() -> rx.Component:
    """The list of orders."""
    columns = [
        Column("number", msg("Number"), "link"),
        Column("status", msg("Status"), "badge"),
        Column("seller", msg("Seller")),
        Column("buyer", msg("Buyer")),
        Column("placed_at", msg("Placed")),
        Column("lines", msg("Lines"), "number"),
        Column("amount", msg("Amount"), "number"),
    ]
    return rx.fragment(
        page_header(
            t(msg("Orders")),
            search_box(OrderList, t(msg("Number, partner code or name"))),
            url_select("status", OrderList.status, STATUSES, t(msg("Status"))),
            url_select("role", OrderList.role, ROLES, t(msg("Side"))),
            rx.cond(
                Shell.permissions.contains(Permission.ORDERS_PLACE) & ~Shell.is_brand,
                link(t(msg("New order")), href=routes.ORDER_NEW, class_name="button primary"),
            ),
        ),
        section_list(columns),
    )


def section_list(columns: list[Column]) -> rx.Component:
    """The table inside its card."""
    return rx.el.section(
        data_table(columns, OrderList, caption=t(msg("Orders")), empty=t(msg("No orders yet"))),
        class_name="card",
    )


def url_select(name: str, value: Any, options: list[tuple[str, str]], label: Any) -> rx.Component:
    """A filter of the list that lives in the URL."""
    return rx.el.select(
        *[rx.el.option(t(text), value=key) for key, text in options],
        value=value,
        on_change=lambda chosen: OrderList.filter_by(name, chosen),
        aria_label=label,
        class_name="input",
    )


def order_page() -> rx.Component:
    """One order: header with the next actions, facts, lines, what happened."""
    return rx.cond(
        OrderRecord.is_loaded,
        rx.cond(
            OrderRecord.is_missing,
            empty_state(t(msg("This order does not exist, or you cannot see it."))),
            rx.fragment(order_header(), action_form(), order_body()),
        ),
        rx.el.div(*[rx.el.div(class_name="skeleton-row") for _ in range(8)], class_name="skeleton card"),
    )


def order_header() -> rx.Component:
    """Number, status, next actions with the reason of those refused."""
    return page_header(
        rx.fragment(t(msg("Order")), " ", OrderRecord.facts["number"]),
        rx.foreach(
            OrderRecord.actions,
            lambda action: rx.el.button(
                action["label"],
                on_click=OrderRecord.act(action["verb"]),
                disabled=action["reason"] != "",
                title=action["reason"],
                class_name=rx.match(
                    action["verb"], ("cancel", "button danger"), ("return", "button quiet"), "button primary"
                ),
            ),
        ),
        note=badge(OrderRecord.facts["status"], OrderRecord.facts["status_tone"]),
    )


def action_form() -> rx.Component:
    """The fields the chosen action needs."""
    return rx.match(
        OrderRecord.form,
        (
            "ship",
            _form(
                t(msg("Ship")),
                field(t(msg("Carrier")), "carrier", max_length=60),
                field(t(msg("Waybill")), "waybill", max_length=60),
            ),
        ),
        (
            "deliver",
            _form(
                t(msg("Confirm delivery")),
                field(t(msg("Signed by")), "signed_by", required=True, max_length=60),
            ),
        ),
        ("cancel", _form(t(msg("Cancel the order")), field(t(msg("Reason")), "reason", max_length=200))),
        (
            "return",
            _form(
                t(msg("Take goods back")), return_fields(), field(t(msg("Reason")), "reason", max_length=200)
            ),
        ),
        rx.fragment(),
    )


def _form(title: Any, *fields: rx.Component) -> rx.Component:
    return rx.el.div(
        section(
            title,
            rx.el.form(
                *fields,
                submit_button(title),
                on_submit=OrderRecord.submit,
                class_name="form-row",
            ),
        ),
        class_name="spaced",
    )


def return_fields() -> rx.Component:
    """A quantity for each line that can come back."""
    return rx.fragment(
        rx.foreach(
            OrderRecord.lines,
            lambda line: rx.cond(
                line["returnable"] != "0",
                rx.el.label(
                    rx.el.span(line["sku"], " ≤ ", line["returnable"]),
                    rx.el.input(
                        name="line-" + line["line_no"],
                        type="number",
                        min=0,
                        max=line["returnable"],
                        class_name="input",
                    ),
                    class_name="field",
                ),
            ),
        )
    )


def order_body() -> rx.Component:
    """Facts and lines on the left, the why and the timeline on the right."""
    return rx.el.div(
        rx.el.div(facts_card(), lines_card(), shipments_card(), returns_card(), class_name="stack"),
        rx.el.div(
            rx.cond(
                OrderRecord.steps.length() > 0,
                steps_panel(
                    OrderRecord.steps, t(msg("Why this price (line {line})"), line=OrderRecord.steps_of)
                ),
            ),
            timeline_card(),
            class_name="stack",
        ),
        class_name="columns",
    )


def facts_card() -> rx.Component:
    """Who, when, how much."""
    facts = OrderRecord.facts
    return rx.el.section(
        rx.el.dl(
            fact(
                t(msg("Seller")),
                link(facts["seller"], href=facts["seller_href"], class_name="link"),
                hint=facts["seller_code"],
            ),
            fact(
                t(msg("Buyer")),
                link(facts["buyer"], href=facts["buyer_href"], class_name="link"),
                hint=facts["buyer_code"],
            ),
            fact(t(msg("Placed")), facts["placed_at"]),
            fact(t(msg("Net")), facts["net"]),
            fact(t(msg("Tax")), facts["tax"]),
            fact(t(msg("Total")), facts["gross"]),
            fact(t(msg("Invoices")), rx.foreach(OrderRecord.invoices, rx.el.div)),
            class_name="facts",
        ),
        class_name="card",
    )


def lines_card() -> rx.Component:
    """The lines; a click on a price explains it."""
    heads = [
        (msg("SKU"), ""),
        (msg("Name"), ""),
        (msg("From"), ""),
        (msg("Ordered"), "number"),
        (msg("Reserved"), "number"),
        (msg("Shipped"), "number"),
        (msg("Returned"), "number"),
        (msg("Price"), "number"),
        (msg("Amount"), "number"),
    ]
    return section(
        t(msg("Order lines")),
        rx.el.div(
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(*[rx.el.th(t(text), scope="col", class_name=name) for text, name in heads])
                ),
                rx.el.tbody(rx.foreach(OrderRecord.lines, line_row)),
            ),
            class_name="table-wrap",
        ),
    )


def line_row(line: Any) -> rx.Component:
    """One line of the order."""
    return rx.el.tr(
        rx.el.td(link(line["sku"], href=line["sku_href"], class_name="link")),
        rx.el.td(line["name"]),
        rx.el.td(line["location"], class_name="note"),
        *[rx.el.td(line[key], class_name="number") for key in ("qty", "reserved", "shipped", "returned")],
        rx.el.td(
            rx.cond(
                line["has_steps"] != "",
                rx.el.button(
                    line["price"],
                    on_click=OrderRecord.explain(line["line_no"]),
                    title=t(msg("Why this price")),
                    class_name="link",
                ),
                line["price"],
            ),
            class_name="number",
        ),
        rx.el.td(line["gross"], class_name="number"),
    )


def shipments_card() -> rx.Component:
    """What left."""
    columns = [
        Column("number", msg("Shipment")),
        Column("carrier", msg("Carrier")),
        Column("waybill", msg("Waybill")),
        Column("shipped_at", msg("Shipped")),
        Column("delivered_at", msg("Delivered")),
        Column("signed_by", msg("Signed by")),
    ]
    return rx.cond(
        OrderRecord.shipments.length() > 0,
        section(
            t(msg("Shipments")), static_table(columns, OrderRecord.shipments, caption=t(msg("Shipments")))
        ),
    )


def returns_card() -> rx.Component:
    """What came back."""
    columns = [
        Column("number", msg("Return")),
        Column("returned_at", msg("Returned")),
        Column("lines", msg("Lines")),
        Column("reason", msg("Reason")),
        Column("amount", msg("Refund"), "number"),
    ]
    return rx.cond(
        OrderRecord.returns.length() > 0,
        section(t(msg("Returns")), static_table(columns, OrderRecord.returns, caption=t(msg("Returns")))),
    )


def timeline_card() -> rx.Component:
    """What happened, oldest first."""
    return section(
        t(msg("Timeline")),
        rx.cond(
            OrderRecord.events.length() > 0,
            rx.el.ol(
                rx.foreach(
                    OrderRecord.events,
                    lambda event: rx.el.li(
                        rx.el.div(event["text"], " ", event["detail"]),
                        rx.el.div(event["at"], class_name="note"),
                    ),
                ),
                class_name="timeline",
            ),
            rx.el.p(t(msg("No events were recorded for this order.")), class_name="note"),
        ),
    )


def pad_page() -> rx.Component:
    """Choose a seller, add SKUs, see price, stock and credit, place."""
    return rx.fragment(
        page_header(
            t(msg("New order")),
            rx.el.select(
                rx.foreach(OrderPad.sellers, lambda row: rx.el.option(row["text"], value=row["value"])),
                value=OrderPad.chosen,
                on_change=OrderPad.choose_seller,
                aria_label=t(msg("Seller")),
                class_name="input",
            ),
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
                rx.el.div(pad_lines(), pad_totals(), class_name="stack"),
                rx.el.div(
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
        (msg("Price"), "number"),
        (msg("Amount"), "number"),
    ]
    return section(
        t(msg("Order lines")),
        rx.foreach(OrderPad.reasons, lambda text: rx.el.p(text, role="alert", class_name="notice bad")),
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
    """One line of the draft; its price explains itself on hover."""
    return rx.el.tr(
        rx.el.td(line["sku"]),
        rx.el.td(line["name"]),
        rx.el.td(
            rx.el.input(
                type="number",
                min=0,
                default_value=line["qty"],
                key=line["sku"] + line["qty"],
                on_blur=lambda value: OrderPad.set_qty(line["sku"], value),
                aria_label=t(msg("Quantity of {sku}"), sku=line["sku"]),
                class_name="input qty",
            ),
            class_name="number",
        ),
        rx.el.td(badge(line["available"], line["available_tone"]), class_name="number"),
        rx.el.td(rx.el.span(line["price"], title=line["steps"]), class_name="number"),
        rx.el.td(line["gross"], class_name="number"),
    )


def pad_totals() -> rx.Component:
    """Net, tax, total."""
    return rx.cond(
        OrderPad.lines.length() > 0,
        rx.el.section(
            rx.el.dl(
                fact(t(msg("Net")), OrderPad.totals["net"]),
                fact(t(msg("Tax")), OrderPad.totals["tax"]),
                fact(t(msg("Total")), OrderPad.totals["gross"]),
                class_name="facts",
            ),
            class_name="card",
        ),
    )


def pad_search() -> rx.Component:
    """Find SKUs and add them."""
    return section(
        t(msg("Add goods")),
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


register(
    Page(
        route=routes.ORDERS,
        title=msg("Orders"),
        component=framed(orders_page),
        on_load=[OrderList.load],
        permission=Permission.ORDERS_READ,
        section="trade",
        icon="package",
    )
)
register(
    Page(route=routes.ORDER_NEW, title=msg("New order"), component=framed(pad_page), on_load=[OrderPad.load])
)
register(
    Page(route=routes.ORDER, title=msg("Order"), component=framed(order_page), on_load=[OrderRecord.load])
)
