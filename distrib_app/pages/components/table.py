"""Tables: rows are dictionaries of strings the state has formatted; columns say how they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from ...core.kernel.errors import msg
from ...i18n import t
from .basics import badge, empty_state, link


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the row's key, the heading (msgid), and whether it is a number, a link or a badge.

    A link takes its address from the row's `<key>_href`, a badge its tone from `<key>_tone`.
    """

    key: str
    title: str
    kind: str = "text"


def _cell(column: Column, row: Any) -> rx.Component:
    value = row[column.key]
    if column.kind == "link":
        href = row[f"{column.key}_href"]
        return rx.el.td(rx.cond(href != "", link(value, href=href, class_name="link"), value))
    if column.kind == "badge":
        return rx.el.td(badge(value, row[f"{column.key}_tone"]))
    return rx.el.td(value, class_name="number" if column.kind == "number" else "")


def static_table(columns: Sequence[Column], rows: Any, *, caption: Any = None) -> rx.Component:
    """A table of all rows of a var."""
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="visually-hidden") if caption is not None else rx.fragment(),
            rx.el.thead(
                rx.el.tr(
                    *[
                        rx.el.th(
                            t(column.title),
                            scope="col",
                            class_name="number" if column.kind == "number" else "",
                        )
                        for column in columns
                    ]
                )
            ),
            rx.el.tbody(
                rx.foreach(rows, lambda row: rx.el.tr(*[_cell(column, row) for column in columns])),
            ),
        ),
        class_name="table-wrap",
    )


def data_table(
    columns: Sequence[Column], state: Any, *, caption: Any = None, empty: Any = None
) -> rx.Component:
    """A paged list: skeleton while loading, rows, or one of two empty states (empty, no result)."""
    nothing = rx.cond(
        state.is_filtered,
        empty_state(t(msg("No results")), t(msg("Nothing matches the search and the filters."))),
        empty_state(empty if empty is not None else t(msg("Nothing here yet"))),
    )
    return rx.cond(
        state.is_loaded,
        rx.cond(
            state.total > 0,
            rx.fragment(static_table(columns, state.rows, caption=caption), pager(state)),
            nothing,
        ),
        rx.el.div(*[rx.el.div(class_name="skeleton-row") for _ in range(8)], class_name="skeleton"),
    )


def pager(state: Any) -> rx.Component:
    """Which rows are shown, and the two arrows."""
    return rx.el.div(
        rx.el.span(
            t(msg("{first}–{last} of {total}"), first=state.first, last=state.last, total=state.total_text)
        ),
        rx.el.button(
            rx.icon("chevron-left", size=16),
            on_click=state.previous_page,
            disabled=state.page <= 1,
            aria_label=t(msg("Previous page")),
            class_name="icon-button",
        ),
        rx.el.button(
            rx.icon("chevron-right", size=16),
            on_click=state.next_page,
            disabled=state.last >= state.total,
            aria_label=t(msg("Next page")),
            class_name="icon-button",
        ),
        class_name="pager",
    )


def search_box(state: Any, hint: Any) -> rx.Component:
    """A search box whose word lives in the URL."""
    return rx.el.input(
        type="search",
        name="search",
        placeholder=hint,
        aria_label=hint,
        default_value=state.search,
        key=state.search_key.to_string(),
        on_change=state.search_for.debounce(300),
        class_name="input search",
    )
