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
    static_table,
    steps_panel,
    tabs,
    urgent_badge,
    urgent_cell,
    waiting_task,
    why_number,
)
from .layout import framed
from .order_forms import action_form
from .order_parts import fulfilment_tab, holds_notice, shipments_card, tracking_card
from .registry import Page, register

ORDER_COLUMNS = columns_of(
    "orders",
    {"number": "link", "status": "badge", "amount": "figure", "lines": "figure"},
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
                rx.fragment(rx.el.div(shipments_card(), class_name="spaced"), reports_card()),
                OrderRecord.shipments.length(),
            ),
            Tab("returns", msg("Returns"), returns_card(), OrderRecord.returns.length()),
        ),
        aside=rx.fragment(rx.cond(OrderRecord.steps.length() > 0, why), tracking_card()),
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
            fact(t(msg("Promised")), why_number(OrderRecord, "promised", facts["promised"])),
            fact(t(msg("Net")), why_number(OrderRecord, "net", facts["net"])),
            fact(t(msg("Tax")), why_number(OrderRecord, "tax", facts["tax"])),
            fact(t(msg("Total")), why_number(OrderRecord, "gross", facts["gross"])),
            fact(t(msg("Invoices")), rx.foreach(OrderRecord.invoices, rx.el.div)),
            class_name="facts",
        ),
        class_name="card",
    )


def lines_card() -> rx.Component:
    """The lines; a click on a number explains it."""
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

    def why(name: str, value: Any) -> rx.Component:
        return why_number(OrderRecord, rx.Var.create(f"{name}:") + line["line_no"], value)

    return rx.el.tr(
        rx.el.td(link(line["sku"], href=line["sku_href"], class_name="link")),
        rx.el.td(line["name"]),
        rx.el.td(line["location"], class_name="note"),
        rx.el.td(why("promised", line["promised"]), class_name="nowrap"),
        *[
            rx.el.td(why(key, line[key]), class_name="number")
            for key in ("qty", "reserved", "shipped", "returned", "price")
        ],
        rx.el.td(why("amount", line["gross"]), class_name="number"),
    )


def reports_card() -> rx.Component:
    """What carriers and people reported of the shipments, the latest first."""
    columns = [
        Column("at", msg("When")),
        Column("what", msg("What happened")),
        Column("place", msg("Place")),
        Column("note", msg("Note")),
        Column("waybill", msg("Waybill")),
    ]
    return rx.cond(
        OrderRecord.reports.length() > 0,
        section(
            t(msg("On the way")),
            static_table(columns, OrderRecord.reports, caption=t(msg("On the way"))),
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
    return section(
        t(msg("Returns")),
        rx.cond(
            OrderRecord.returns.length() > 0,
            static_table(columns, OrderRecord.returns, caption=t(msg("Returns")), cells={"amount": _refund}),
            rx.el.p(t(msg("Nothing came back")), class_name="note"),
        ),
        class_name="untitled",
    )


def _refund(row: Any) -> rx.Component:
    return rx.el.td(
        why_number(OrderRecord, rx.Var.create("refund:") + row["number"], row["amount"]), class_name="number"
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
    Page(route=routes.ORDER, title=msg("Order"), component=framed(order_page), on_load=[OrderRecord.load])
)
