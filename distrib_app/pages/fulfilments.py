"""Fulfilment: the list of parts of orders, to be picked, answered for and shipped together."""

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.fulfilments import Fulfilments
from ..state.merging import Merging
from ..state.shell import Shell
from .components import (
    action_button,
    bulk_bar,
    columns_of,
    data_table,
    field,
    list_tools,
    page_header,
    section,
    submit_button,
    urgent_cell,
)
from .layout import framed
from .merging import merge_card
from .registry import Page, register

COLUMNS = columns_of(
    "fulfilments",
    {"number": "link", "status": "badge"},
    {"mode": 3, "ready_on": 4, "shipment": 2, "urgent": 2, "pieces": 2},
)


def fulfilments_page() -> rx.Component:
    """What leaves when and from where; selected parts of one receiver leave together."""
    return rx.fragment(
        page_header(
            t(msg("Fulfilment")),
            rx.cond(
                Shell.permissions.contains(Permission.ORDERS_FULFIL),
                action_button(
                    t(msg("Ship selected together")),
                    Fulfilments.toggle_shipping,
                    is_primary=True,
                    disabled=Fulfilments.selected.length() == 0,
                ),
            ),
        ),
        rx.cond(Fulfilments.is_shipping & (Fulfilments.selected.length() > 0), shipping_form()),
        merge_card(),
        rx.el.section(
            list_tools(Fulfilments, COLUMNS, t(msg("Number, partner code or name"))),
            bulk_bar(Fulfilments),
            data_table(
                COLUMNS,
                Fulfilments,
                caption=t(msg("Fulfilment")),
                empty=t(msg("Nothing to fulfil")),
                has_selection=True,
                cells={"urgent": urgent_cell},
            ),
            class_name="card",
        ),
    )


def shipping_form() -> rx.Component:
    """Who carries the shipment of what is selected."""
    return rx.el.div(
        section(
            t(msg("One shipment of {count} parts"), count=Fulfilments.selected.length().to_string()),
            rx.el.form(
                field(t(msg("Carrier")), "carrier", max_length=60),
                field(t(msg("Waybill")), "waybill", max_length=60),
                submit_button(t(msg("Ship"))),
                on_submit=Fulfilments.ship_together,
                class_name="form-row",
            ),
            note=t(msg("They must lie at one place and go to one receiver.")),
        ),
        class_name="spaced",
    )


register(
    Page(
        route=routes.FULFILMENTS,
        title=msg("Fulfilment"),
        component=framed(fulfilments_page),
        on_load=[Fulfilments.load, Merging.load],
        permission=Permission.ORDERS_READ,
        section="trade",
        icon="truck",
    )
)
