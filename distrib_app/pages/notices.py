"""The inbox of notices and how one wants to hear of things."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.notices import Notices
from .components import action_button, empty_state, loading, page_header, section
from .layout import framed
from .registry import Page, register


def notices_page() -> rx.Component:
    """Notices, newest first; a click reads one and opens its record."""
    return rx.fragment(
        page_header(
            t(msg("Notices")),
            rx.el.div(
                _segment(t(msg("All")), "", ~Notices.is_unread_only),
                _segment(t(msg("Unread")), "unread", Notices.is_unread_only),
                class_name="segments",
            ),
            action_button(t(msg("Mark all as read")), Notices.read_all),
            action_button(t(msg("Notice settings")), Notices.toggle_preferences),
        ),
        rx.cond(Notices.is_choosing, preferences_card()),
        rx.cond(Notices.is_loaded, rx.el.section(notice_list(), class_name="card"), loading()),
    )


def _segment(text: Any, state: str, is_chosen: Any) -> rx.Component:
    return rx.el.button(
        text,
        type="button",
        on_click=Notices.show(state),
        aria_pressed=rx.cond(is_chosen, "true", "false"),
        class_name="segment",
    )


def notice_list() -> rx.Component:
    """The notices of one page."""
    return rx.cond(
        Notices.rows.length() > 0,
        rx.fragment(
            rx.el.ul(rx.foreach(Notices.rows, _notice), class_name="notices"),
            rx.cond(
                (Notices.page > 1) | Notices.has_next,
                rx.el.div(
                    rx.el.button(
                        rx.icon("chevron-left", size=16),
                        on_click=Notices.turn(-1),
                        disabled=Notices.page <= 1,
                        aria_label=t(msg("Previous page")),
                        class_name="icon-button",
                    ),
                    rx.el.button(
                        rx.icon("chevron-right", size=16),
                        on_click=Notices.turn(1),
                        disabled=~Notices.has_next,
                        aria_label=t(msg("Next page")),
                        class_name="icon-button",
                    ),
                    class_name="pager",
                ),
            ),
        ),
        rx.cond(
            Notices.is_unread_only,
            empty_state(t(msg("Everything is read"))),
            empty_state(
                t(msg("No notices yet")), t(msg("What concerns you appears here: mentions, decisions, jobs."))
            ),
        ),
    )


def _notice(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.span(class_name=rx.cond(row["unread"] != "", "unread-dot", "unread-dot read")),
            rx.el.span(
                rx.cond(row["unread"] != "", rx.el.span(t(msg("Unread")), " ", class_name="visually-hidden")),
                row["text"],
                class_name="notice-text",
            ),
            rx.el.span(row["subject"], class_name="notice-subject"),
            rx.el.span(row["at"], class_name="note"),
            type="button",
            on_click=Notices.open_notice(row["key"]),
            class_name=rx.cond(row["unread"] != "", "notice-row unread", "notice-row"),
        )
    )


def preferences_card() -> rx.Component:
    """A box per kind and way."""
    return section(
        t(msg("Notice settings")),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(t(msg("Kind")), scope="col"),
                    rx.el.th(t(msg("In the inbox")), scope="col"),
                    rx.el.th(t(msg("By e-mail")), scope="col"),
                )
            ),
            rx.el.tbody(
                rx.foreach(
                    Notices.preferences,
                    lambda row: rx.el.tr(
                        rx.el.th(row["name"], scope="row"),
                        rx.el.td(_box(row, "inbox", t(msg("In the inbox")))),
                        rx.el.td(_box(row, "mail", t(msg("By e-mail")))),
                    ),
                )
            ),
            class_name="preference-table",
        ),
        note=t(msg("E-mails go to the address of your account.")),
        class_name="spaced",
    )


def _box(row: Any, way: str, label: Any) -> rx.Component:
    return rx.el.input(
        type="checkbox",
        checked=row[way] != "",
        on_change=lambda is_wanted: Notices.choose(row["kind"], way, is_wanted),
        aria_label=rx.Var.create(row["name"]).to(str) + " · " + label,
    )


register(
    Page(route=routes.NOTICES, title=msg("Notices"), component=framed(notices_page), on_load=[Notices.load])
)
