"""What could leave together: groups of open parts with the freight apart, together, and what is saved."""

from typing import Any

import reflex as rx

from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.merging import Merging
from ..state.shell import Shell
from .components import badge, choices, section, steps_panel, urgent_badge

HEADS = (
    (msg("Receiver"), ""),
    (msg("From"), ""),
    (msg("Parts"), ""),
    (msg("Leaves"), ""),
    (msg("Freight apart"), "number"),
    (msg("Freight together"), "number"),
    (msg("Saving"), "number"),
    (msg("Actions"), ""),
)


def merge_card() -> rx.Component:
    """The groups within the chosen window; nothing at all where nothing could be merged."""
    return rx.cond(
        Merging.is_loaded
        & Shell.permissions.contains(Permission.ORDERS_FULFIL)
        & (Merging.groups.length() > 0),
        rx.el.div(
            rx.el.div(
                section(
                    t(msg("Can leave together")),
                    rx.el.div(
                        rx.el.label(
                            t(msg("Ready within")),
                            " ",
                            rx.el.select(
                                choices(Merging.windows),
                                value=Merging.hours,
                                on_change=Merging.choose_window,
                                class_name="input",
                            ),
                            class_name="inline-field",
                        ),
                        rx.el.span(Merging.benefit, class_name="note"),
                        class_name="form-row",
                    ),
                    _table(),
                ),
            ),
            rx.cond(Merging.steps.length() > 0, steps_panel(Merging.steps, Merging.steps_title)),
            class_name=rx.cond(Merging.steps.length() > 0, "columns wide-left spaced", "spaced"),
        ),
    )


def _table() -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.caption(t(msg("Can leave together")), class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*[rx.el.th(t(text), scope="col", class_name=name) for text, name in HEADS])),
            rx.el.tbody(rx.foreach(Merging.groups, _row)),
        ),
        tab_index=0,
        role="region",
        aria_label=t(msg("Can leave together")),
        class_name="table-wrap scroll-box",
    )


def _row(group: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            group["buyer"],
            " ",
            rx.cond(group["cold"] != "", badge(group["cold"], "accent")),
            urgent_badge(group["urgent"]),
        ),
        rx.el.td(group["place"]),
        rx.el.td(rx.el.span(group["count"], title=group["numbers"])),
        rx.el.td(group["ready_on"]),
        rx.el.td(group["apart"], class_name="number"),
        rx.el.td(group["together"], class_name="number"),
        rx.el.td(
            rx.el.button(
                group["saving"],
                type="button",
                on_click=Merging.explain(group["key"]),
                aria_label=t(msg("Why {saving} is saved"), saving=group["saving"]),
                class_name="link",
            ),
            class_name="number",
        ),
        rx.el.td(
            rx.el.button(
                t(msg("Ship together")),
                type="button",
                on_click=Merging.ship_group(group["key"]),
                class_name="button quiet",
            )
        ),
    )
