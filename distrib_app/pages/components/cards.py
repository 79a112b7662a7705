"""Cards that records have again and again: a table or why there is none, and the form of an action."""

from collections.abc import Mapping, Sequence
from typing import Any

import reflex as rx

from .basics import section, submit_button
from .table import Column, static_table


def table_card(
    title: Any,
    columns: Sequence[Column],
    rows: Any,
    *extras: rx.Component,
    nothing: Any,
    is_long: bool = False,
    cells: Mapping[str, Any] | None = None,
) -> rx.Component:
    """All rows of a var under a heading that the tab says already; `nothing` where there are none.

    `extras` stand below the rows; a long table scrolls in its own box. `cells` as in
    `static_table`.
    """
    table = static_table(columns, rows, caption=title, cells=cells)
    if is_long:
        table = rx.el.div(table, tab_index=0, class_name="scroll-box")
    return section(
        title,
        rx.cond(rows.length() > 0, rx.fragment(table, *extras), rx.el.p(nothing, class_name="note")),
        class_name="untitled",
    )


def action_card(state: Any, title: Any, *fields: rx.Component, class_name: str = "form-row") -> rx.Component:
    """What an action of a record asks for; sent, the state takes the action whose form is open."""
    return plain_card(
        title,
        *fields,
        rx.el.div(submit_button(title)),
        on_submit=state.submit,
        class_name=class_name,
    )


def plain_card(title: Any, *fields: rx.Component, on_submit: Any, class_name: str) -> rx.Component:
    """The form of an action that brings its own buttons."""
    return rx.el.div(
        section(title, rx.el.form(*fields, on_submit=on_submit, class_name=class_name)),
        class_name="spaced",
    )
