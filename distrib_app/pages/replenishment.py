"""Replenishment: what to order, move or clear, each with its why."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.replenishment import Suggestions
from ..state.shell import Shell
from .components import (
    action_button,
    badge,
    bulk_bar,
    close_button,
    columns_of,
    data_table,
    fact,
    field,
    link,
    list_tools,
    page_header,
    section,
    steps_panel,
)
from .layout import framed
from .registry import Page, register

COLUMNS = columns_of(
    "suggestions",
    {"kind": "badge", "urgency": "badge", "status": "badge"},
    {"from": 3, "number": 4, "expires": 4, "name": 3, "position": 3, "lines": 2, "urgency": 2, "place": 2},
)


def replenishment_page() -> rx.Component:
    """The list; the chosen suggestion opens beside it."""
    return rx.fragment(
        page_header(
            t(msg("Replenishment")),
            link(t(msg("Water lines")), href=routes.WATER_LINES, class_name="button quiet"),
            rx.cond(
                Shell.permissions.contains(Permission.STOCK_WRITE),
                action_button(t(msg("Suggest now")), Suggestions.make, is_primary=True),
            ),
        ),
        rx.el.div(
            rx.el.section(
                list_tools(Suggestions, COLUMNS, t(msg("SKU, place or partner"))),
                bulk_bar(Suggestions),
                data_table(
                    COLUMNS,
                    Suggestions,
                    caption=t(msg("Replenishment")),
                    empty=t(msg("Nothing is suggested: every place lies between its lines")),
                    has_selection=True,
                    cells={
                        "sku": sku_cell,
                        "urgency": urgency_cell,
                        "qty": _number_cell("qty", "number"),
                        "position": _number_cell("position", "number rank-3"),
                        "lines": _number_cell("lines", "number rank-2"),
                    },
                ),
                class_name="card tight",
            ),
            rx.cond(Suggestions.chosen.contains("number"), why_panel()),
            class_name=rx.cond(Suggestions.chosen.contains("number"), "columns wide-left beside", ""),
        ),
    )


def sku_cell(row: Any) -> rx.Component:
    """The SKU opens why this is suggested."""
    return rx.el.td(
        rx.el.button(row["sku"], on_click=Suggestions.open_why(row["number"], "qty"), class_name="link"),
    )


def _number_cell(key: str, class_name: str) -> Callable[[Any], rx.Component]:
    """A number of the list that opens its why."""

    def cell(row: Any) -> rx.Component:
        return rx.el.td(
            rx.el.button(
                row[key],
                type="button",
                on_click=Suggestions.open_why(row["number"], key),
                class_name="figure",
                custom_attrs={"data-why": key},
            ),
            class_name=class_name,
        )

    return cell


def urgency_cell(row: Any) -> rx.Component:
    """Only what is urgent says so."""
    return rx.el.td(
        rx.cond(row["urgency_tone"] == "bad", badge(row["urgency"], "bad"), row["urgency"]),
        class_name="rank-2",
    )


def why_panel() -> rx.Component:
    """The chosen suggestion: what it says, what can be done with it, and why."""
    chosen = Suggestions.chosen
    return rx.el.div(
        section(
            rx.fragment(chosen["sku"], " ", chosen["name"]),
            rx.el.dl(
                fact(t(msg("Suggestion")), rx.fragment(chosen["kind"], " ", chosen["qty"])),
                fact(t(msg("Number")), chosen["number"]),
                fact(t(msg("Place")), chosen["place"]),
                fact(t(msg("From")), chosen["from"]),
                fact(t(msg("Suggested on")), chosen["suggested_on"]),
                fact(t(msg("Expires")), chosen["expires"]),
                rx.cond(
                    chosen["snoozed_until"] != "", fact(t(msg("Snoozed until")), chosen["snoozed_until"])
                ),
                rx.cond(
                    chosen["document"] != "",
                    fact(
                        t(msg("Document")),
                        link(chosen["document"], href=chosen["document_href"], class_name="link"),
                    ),
                ),
                class_name="facts spaced",
            ),
            rx.cond(
                Shell.permissions.contains(Permission.STOCK_WRITE) & (chosen["is_live"] != ""),
                rx.cond(
                    chosen["is_own"] != "",
                    decision_form(),
                    rx.el.p(t(msg("Only the people of this place decide on it.")), class_name="note"),
                ),
            ),
            note=close_button(Suggestions.close_why),
        ),
        steps_panel(Suggestions.steps, Suggestions.steps_title),
        class_name="stack",
    )


def decision_form() -> rx.Component:
    """Do it, say no, or sleep on it."""
    return rx.fragment(
        rx.el.div(
            rx.cond(
                Suggestions.chosen["can_accept"] != "",
                action_button(t(msg("Take up")), Suggestions.accept, is_primary=True),
            ),
            action_button(t(msg("Dismiss")), Suggestions.dismiss),
            class_name="form-row under",
        ),
        rx.el.form(
            field(t(msg("Days")), "days", kind="number", required=True, min=1, max=90, default_value="7"),
            rx.el.button(t(msg("Snooze")), type="submit", class_name="button quiet"),
            on_submit=Suggestions.snooze,
            class_name="form-row under",
        ),
    )


register(
    Page(
        route=routes.REPLENISHMENT,
        title=msg("Replenishment"),
        component=framed(replenishment_page),
        on_load=[Suggestions.load],
        permission=Permission.STOCK_READ,
        section="trade",
        icon="package-plus",
    )
)
