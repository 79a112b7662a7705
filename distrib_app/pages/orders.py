"""Orders: the list and the record."""

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.orders import OrderList, OrderRecord
from ..state.shell import Shell
from .components import (
    Tab,
    action_buttons,
    badge,
    bulk_bar,
    columns_of,
    data_table,
    link,
    list_tools,
    page_header,
    paper_links,
    record,
    record_columns,
    refusals,
    steps_panel,
    tabs,
    urgent_badge,
    urgent_cell,
    waiting_task,
)
from .layout import framed
from .order_actions import action_form
from .order_cards import facts_card, lines_card, order_shipments, returns_card
from .order_parts import fulfilment_tab, holds_notice, tracking_card
from .registry import Page, register
from .shipment_parts import reports_card

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
                rx.fragment(
                    rx.el.div(order_shipments(), class_name="spaced"), reports_card(OrderRecord.reports)
                ),
                OrderRecord.shipments.length(),
            ),
            Tab("returns", msg("Returns"), returns_card(), OrderRecord.returns.length()),
        ),
        aside=rx.fragment(rx.cond(OrderRecord.steps.length() > 0, why), tracking_card()),
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
