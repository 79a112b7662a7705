"""Orders: the list and the record."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.orders import OrderList, OrderRecord
from ..state.shell import Shell
from .components import (
    Column,
    Tab,
    action_buttons,
    badge,
    bulk_bar,
    columns_of,
    data_table,
    fact,
    link,
    list_tools,
    page_header,
    paper_links,
    record,
    record_columns,
    refusals,
    section,
    steps_panel,
    table_card,
    tabs,
    urgent_badge,
    urgent_cell,
    waiting_task,
)
from .layout import framed
from .order_actions import action_form
from .order_parts import fulfilment_tab, holds_notice, order_shipments, tracking_card
from .registry import Page, register
from .shipment_parts import reports_card

ORDER_COLUMNS = columns_of(
    "orders",
    {"number": "link", "status": "badge"},
    {"placed_at": 3, "lines": 3, "seller": 3, "buyer": 2, "urgent": 2},
)


def orders_page() -> rx.Component:
    """The list of orders; selected ones are reserved or shipped."""
    new = rx.cond(
        Shell.permissions.contains(Permission.ORDERS_PLACE) & ~Shell.is_brand,
        link(t(msg("New order")), href=routes.ORDER_NEW, class_name="button primary"),
    )
    return rx.fragment(
        page_header(t(msg("Orders")), new),
        rx.el.section(
            list_tools(OrderList, ORDER_COLUMNS, t(msg("Number, partner code or name"))),
            bulk_bar(OrderList),
            data_table(
                ORDER_COLUMNS,
                OrderList,
                caption=t(msg("Orders")),
                empty=t(msg("No orders yet")),
                next_action=new,
                has_selection=True,
                cells={"urgent": urgent_cell},
            ),
            class_name="card",
        ),
    )


def order_page() -> rx.Component:
    """One order: header with the next actions, facts, lines, what happened."""
    return record(
        OrderRecord,
        order_header(),
        action_form(),
        order_body(),
        missing=t(msg("This order does not exist, or you cannot see it.")),
        hint=t(msg("An order is seen by its buyer, its seller and those above them.")),
        back=(t(msg("To the orders")), routes.ORDERS),
    )


def order_header() -> rx.Component:
    """Number, status, next actions with the reason of those refused."""
    return rx.fragment(
        page_header(
            rx.fragment(t(msg("Order")), " ", OrderRecord.facts["number"]),
            rx.cond(
                OrderRecord.again_href != "",
                link(t(msg("Order again")), href=OrderRecord.again_href, class_name="button quiet"),
            ),
            action_buttons(OrderRecord),
            paper_links(OrderRecord.facts["paper"]),
            note=rx.fragment(
                badge(OrderRecord.facts["status"], OrderRecord.facts["status_tone"]),
                urgent_badge(OrderRecord.facts["urgent"]),
            ),
        ),
        refusals(OrderRecord),
        holds_notice(),
        waiting_task(OrderRecord),
    )


def order_body() -> rx.Component:
    """Facts and lines on the left, the why and the timeline on the right."""
    why = steps_panel(OrderRecord.steps, OrderRecord.steps_title)
    return record_columns(
        OrderRecord,
        facts_card(),
        tabs(
            OrderRecord,
            t(msg("Parts of the order")),
            Tab("lines", msg("Order lines"), lines_card(), OrderRecord.lines.length()),
            Tab("parts", msg("Fulfilment"), fulfilment_tab(), OrderRecord.parts.length()),
            Tab(
                "shipments",
                msg("Shipments"),
                rx.fragment(
                    rx.el.div(order_shipments(), class_name="spaced"), reports_card(OrderRecord.reports)
                ),
                OrderRecord.shipments.length(),
            ),
            Tab("returns", msg("Returns"), returns_card(), OrderRecord.returns.length()),
        ),
        aside=rx.fragment(tracking_card(), rx.cond(OrderRecord.steps.length() > 0, why)),
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
            fact(t(msg("Promised")), facts["promised"]),
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
        (msg("Promised"), ""),
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
                rx.el.caption(t(msg("Order lines")), class_name="visually-hidden"),
                rx.el.thead(
                    rx.el.tr(*[rx.el.th(t(text), scope="col", class_name=name) for text, name in heads])
                ),
                rx.el.tbody(rx.foreach(OrderRecord.lines, line_row)),
            ),
            class_name="table-wrap",
        ),
        class_name="untitled",
    )


def line_row(line: Any) -> rx.Component:
    """One line of the order."""
    return rx.el.tr(
        rx.el.td(link(line["sku"], href=line["sku_href"], class_name="link")),
        rx.el.td(line["name"]),
        rx.el.td(line["location"], class_name="note"),
        rx.el.td(line["promised"]),
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


def returns_card() -> rx.Component:
    """What came back."""
    columns = [
        Column("number", msg("Return")),
        Column("returned_at", msg("Returned")),
        Column("lines", msg("Lines")),
        Column("reason", msg("Reason")),
        Column("amount", msg("Refund"), "number"),
    ]
    return table_card(t(msg("Returns")), columns, OrderRecord.returns, nothing=t(msg("Nothing came back")))


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
    Page(route=routes.ORDER, title=msg("Order"), component=framed(order_page), on_load=[OrderRecord.load])
)
