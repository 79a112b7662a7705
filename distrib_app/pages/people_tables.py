"""Tables that the account page and the page of a user share: browsers and bearer tokens."""

from typing import Any

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t
from .components import badge


def actions_table(caption: Any, heads: list[str], rows: Any, row: Any) -> rx.Component:
    """A table whose last column holds what can be done; `row` makes the cells of one."""
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="visually-hidden"),
            rx.el.thead(
                rx.el.tr(
                    *[rx.el.th(t(head), scope="col") for head in heads],
                    rx.el.th(rx.el.span(t(msg("Actions")), class_name="visually-hidden"), scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(rows, lambda item: rx.el.tr(*row(item)))),
        ),
        class_name="table-wrap",
    )


def end_button(text: Any, label: Any, on_click: Any) -> rx.Component:
    """The quiet button at the end of a row."""
    return rx.el.td(
        rx.el.div(
            rx.el.button(text, type="button", on_click=on_click, aria_label=label, class_name="button quiet"),
            class_name="row-actions",
        )
    )


def sessions_table(rows: Any, on_end: Any) -> rx.Component:
    """Where somebody is signed in; `on_end` takes the key of a browser."""

    def cells(row: Any) -> list[rx.Component]:
        return [
            rx.el.td(
                row["browser"],
                rx.cond(row["current"] != "", rx.el.span(row["current"], class_name="note"), ""),
                rx.cond(row["viewing"] != "", rx.el.span(row["viewing"], class_name="note"), ""),
                class_name="with-note",
            ),
            rx.el.td(row["address"]),
            rx.el.td(row["since"], class_name="nowrap"),
            rx.el.td(row["seen"], class_name="nowrap"),
            rx.cond(
                row["current"] != "",
                rx.el.td(),
                end_button(
                    t(msg("Sign this browser out")),
                    t(msg("Sign out {browser}"), browser=row["browser"]),
                    on_end(row["key"]),
                ),
            ),
        ]

    heads = [msg("Browser"), msg("Address"), msg("Signed in at"), msg("Last seen")]
    return rx.cond(
        rows.length() > 0,
        actions_table(t(msg("Browsers")), heads, rows, cells),
        rx.el.p(t(msg("Signed in nowhere")), class_name="note"),
    )


def keys_table(rows: Any, on_end: Any) -> rx.Component:
    """Bearer tokens; `on_end` takes the key of one."""

    def cells(row: Any) -> list[rx.Component]:
        return [
            rx.el.td(row["name"]),
            rx.el.td(row["scopes"]),
            rx.el.td(row["used"], class_name="nowrap"),
            rx.el.td(row["expires"], class_name="nowrap"),
            rx.el.td(badge(row["status"], row["status_tone"])),
            end_button(t(msg("End")), t(msg("End token {name}"), name=row["name"]), on_end(row["key"])),
        ]

    heads = [msg("Name"), msg("May"), msg("Last used"), msg("Valid until"), msg("Status")]
    return rx.cond(
        rows.length() > 0,
        actions_table(t(msg("Tokens")), heads, rows, cells),
        rx.el.p(t(msg("No token has been issued")), class_name="note"),
    )
