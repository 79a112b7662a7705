"""Transfers: the list with the form of a request, and how long they took."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.shell import Shell
from ..state.transfers import TransferList
from .components import (
    action_button,
    bulk_bar,
    chooser,
    columns_of,
    data_table,
    field,
    figure_tile,
    list_tools,
    page_header,
    section,
    steps_panel,
    submit_button,
)
from .layout import framed
from .registry import Page, register

# owners stand below their places, a suggestion on the record: files have columns of their own for them
_ELSEWHERE = {"giver", "taker", "suggestion"}
COLUMNS = [
    column
    for column in columns_of(
        "transfers",
        {"number": "link", "status": "badge"},
        {"requested_at": 3, "to": 2, "promised_on": 2},
    )
    if column.key not in _ELSEWHERE
]


def transfers_page() -> rx.Component:
    """The list; a request is asked for above it."""
    new = rx.cond(
        Shell.permissions.contains(Permission.STOCK_WRITE),
        action_button(t(msg("Ask for a transfer")), TransferList.toggle_form, is_primary=True),
    )
    return rx.fragment(
        page_header(t(msg("Transfers")), new),
        rx.cond(TransferList.is_asking, request_form()),
        cycle_tile(),
        rx.el.section(
            list_tools(TransferList, COLUMNS, t(msg("Number, partner code or name"))),
            bulk_bar(TransferList),
            data_table(
                COLUMNS,
                TransferList,
                caption=t(msg("Transfers")),
                empty=t(msg("No transfers yet")),
                next_action=new,
                has_selection=True,
                cells={
                    "from": lambda row: place_cell(row["from"], row["giver"]),
                    "to": lambda row: place_cell(row["to"], row["taker"], class_name="rank-2"),
                },
            ),
            class_name="card",
        ),
    )


def place_cell(place: Any, owner: Any, *, class_name: str = "") -> rx.Component:
    """A place, its owner below."""
    return rx.el.td(place, rx.el.div(owner, class_name="note"), class_name=class_name)


def cycle_tile() -> rx.Component:
    """How long transfers took of late; a click says how the figure came about."""
    return rx.cond(
        TransferList.cycle.contains("figure"),
        rx.el.div(
            figure_tile(
                t(msg("Cycle time, median of 90 days")),
                TransferList.cycle["figure"],
                TransferList.cycle["note"],
                on_click=TransferList.toggle_cycle,
                is_open=TransferList.is_cycle_open,
            ),
            rx.cond(TransferList.is_cycle_open, steps_panel(TransferList.cycle_steps)),
            class_name="tile-row spaced",
        ),
    )


def request_form() -> rx.Component:
    """From where, to where, which goods."""
    return rx.el.div(
        section(
            t(msg("Ask for a transfer")),
            rx.el.form(
                rx.el.div(
                    chooser(t(msg("From")), "from", TransferList.places),
                    chooser(t(msg("Sent to")), "to", TransferList.places),
                    field(t(msg("Note")), "note", max_length=200),
                    class_name="form-row",
                ),
                rx.el.label(
                    rx.el.span(t(msg("A SKU code and a quantity per line"))),
                    rx.el.textarea(
                        name="lines",
                        rows="4",
                        required=True,
                        max_length=20_000,
                        class_name="input",
                    ),
                    class_name="field",
                ),
                rx.el.div(
                    submit_button(t(msg("Ask"))),
                    action_button(t(msg("Close")), TransferList.toggle_form),
                    class_name="form-row",
                ),
                on_submit=TransferList.ask,
                class_name="form-stack",
            ),
            note=t(msg("Between two owners the other one decides.")),
        ),
        class_name="spaced",
    )


register(
    Page(
        route=routes.TRANSFERS,
        title=msg("Transfers"),
        component=framed(transfers_page),
        on_load=[TransferList.load, TransferList.load_cycle],
        permission=Permission.STOCK_READ,
        section="trade",
        icon="arrow-left-right",
    )
)
