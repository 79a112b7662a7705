"""What stands around the table of a list: filters, chips, columns, views, files, and the bulk bar."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from ...core.kernel.errors import msg
from ...i18n import t
from .basics import action_button, link
from .job import job_progress
from .table import Column


def menu(label: Any, *content: rx.Component, icon: str = "", class_name: str = "") -> rx.Component:
    """A button that opens a box below it; a click beside it closes it."""
    return rx.el.details(
        rx.el.summary(
            rx.icon(icon, size=14) if icon else rx.fragment(),
            label,
            rx.icon("chevron-down", size=14),
            class_name="button quiet with-icon",
        ),
        rx.el.div(*content, class_name="menu-box"),
        name="list-menu",
        class_name=f"menu {class_name}".strip(),
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
        max_length=80,
        class_name="input search",
    )


def list_tools(state: Any, columns: Sequence[Column], hint: Any) -> rx.Component:
    """Search, filters and chips at the left; views, columns and files at the right."""
    return rx.fragment(
        rx.el.div(
            search_box(state, hint),
            rx.foreach(state.facets, lambda box: _facet(state, box)),
            rx.el.div(class_name="spacer"),
            _views(state),
            _columns(state, columns),
            _files(state),
            class_name="list-tools",
        ),
        _chips(state),
        job_progress(state),
    )


def _facet(state: Any, box: Any) -> rx.Component:
    return menu(
        rx.fragment(
            box["title"],
            rx.cond(box["chosen"] != "", rx.el.span(box["chosen"], class_name="count on"), rx.fragment()),
        ),
        rx.cond(
            box["options"].length() > 0,
            rx.foreach(
                box["options"],
                lambda one: rx.el.label(
                    rx.el.input(
                        type="checkbox",
                        checked=one["is_on"],
                        on_change=lambda _on: state.toggle_facet(box["name"], one["value"]),
                    ),
                    rx.el.span(one["text"], class_name="menu-text"),
                    rx.el.span(one["count"], class_name="count"),
                    class_name="menu-row",
                ),
            ),
            rx.el.p(t(msg("Nothing to choose from")), class_name="note"),
        ),
        class_name="facet",
    )


def _chips(state: Any) -> rx.Component:
    return rx.cond(
        state.chips.length() > 0,
        rx.el.div(
            rx.foreach(
                state.chips,
                lambda chip: rx.el.button(
                    rx.el.span(chip["title"], ": ", chip["text"]),
                    rx.icon("x", size=12),
                    type="button",
                    on_click=state.toggle_facet(chip["name"], chip["value"]),
                    aria_label=t(msg("Remove the filter {value}"), value=chip["text"]),
                    class_name="chip set",
                ),
            ),
            rx.el.button(
                t(msg("Clear filters")), type="button", on_click=state.clear_filters, class_name="link"
            ),
            class_name="chips",
        ),
    )


def _columns(state: Any, columns: Sequence[Column]) -> rx.Component:
    rows = [
        rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=~state.hidden.contains(column.key),
                on_change=lambda _on, key=column.key: state.toggle_column(key),
            ),
            rx.el.span(t(column.title), class_name="menu-text"),
            class_name="menu-row",
        )
        for column in columns[1:]
    ]
    return menu(t(msg("Columns")), *rows, icon="columns-3", class_name="end wide-only")


def _views(state: Any) -> rx.Component:
    return menu(
        rx.cond(state.view_name != "", state.view_name, t(msg("Views"))),
        rx.foreach(
            state.views,
            lambda view: rx.el.div(
                link(
                    rx.cond(view["is_here"] != "", rx.icon("check", size=14), rx.el.span(class_name="blank")),
                    rx.el.span(view["name"], class_name="menu-text"),
                    rx.cond(
                        view["is_shared"] != "",
                        rx.el.span(
                            rx.icon("users", size=12),
                            title=t(msg("Shared with colleagues")),
                            class_name="count",
                        ),
                    ),
                    href=view["href"],
                    class_name="menu-row",
                ),
                rx.cond(
                    view["is_own"] != "",
                    rx.el.button(
                        rx.icon("trash-2", size=14),
                        type="button",
                        on_click=state.delete_view(view["name"]),
                        aria_label=t(msg("Delete the view {name}"), name=view["name"]),
                        class_name="icon-button",
                    ),
                ),
                class_name="menu-line",
            ),
        ),
        rx.el.form(
            rx.el.input(
                name="name",
                placeholder=t(msg("Name of the view")),
                aria_label=t(msg("Name of the view")),
                required=True,
                max_length=60,
                class_name="input",
            ),
            rx.el.label(
                rx.el.input(type="checkbox", name="is_shared"),
                rx.el.span(t(msg("Share with my company")), class_name="menu-text"),
                class_name="menu-row",
            ),
            rx.el.button(t(msg("Save this view")), type="submit", class_name="button primary"),
            on_submit=state.save_view,
            reset_on_submit=True,
            class_name="menu-form",
        ),
        icon="bookmark",
        class_name="end",
    )


def _files(state: Any) -> rx.Component:
    def one(form: str, label: Any, href: Any) -> rx.Component:
        return rx.cond(
            state.is_large,
            rx.el.button(label, type="button", on_click=state.start_export(form), class_name="menu-row"),
            # a file comes from the server: no page of the app answers this address
            rx.el.a(label, href=href, reload_document=True, class_name="menu-row"),
        )

    return menu(
        t(msg("Export")),
        one("xlsx", "XLSX", state.xlsx_href),
        one("csv", "CSV", state.csv_href),
        rx.cond(
            state.is_large,
            rx.el.p(t(msg("So many rows are written in the background.")), class_name="note menu-note"),
        ),
        icon="download",
        class_name="end",
    )


def bulk_bar(state: Any) -> rx.Component:
    """What can be done with the selected rows, and what came of it for each."""
    return rx.fragment(
        rx.cond(
            state.selected.length() > 0,
            rx.el.div(
                rx.el.span(t(msg("{count} selected"), count=state.selected.length())),
                rx.foreach(
                    state.bulk_actions,
                    lambda action: action_button(action["label"], state.act_on_selected(action["verb"])),
                ),
                role="group",
                aria_label=t(msg("Selected rows")),
                class_name="bulk-bar",
            ),
        ),
        rx.cond(
            state.results_title != "",
            rx.el.div(
                rx.el.div(
                    rx.el.strong(state.results_title),
                    rx.el.button(
                        rx.icon("x", size=14),
                        type="button",
                        on_click=state.close_results,
                        aria_label=t(msg("Close")),
                        class_name="icon-button",
                    ),
                    class_name="card-head",
                ),
                rx.el.ul(
                    rx.foreach(
                        state.results,
                        lambda row: rx.el.li(
                            rx.el.span(row["key"], class_name="result-key"),
                            rx.el.span(row["text"], class_name=rx.Var.create("tone ") + row["tone"]),
                        ),
                    ),
                    class_name="results",
                ),
                role="status",
                class_name="result-panel",
            ),
        ),
    )
