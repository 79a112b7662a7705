"""The inbox and what one waits for: list, chosen task, timeline, side by side."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.tasks import Inbox
from .components import (
    badge,
    empty_state,
    field,
    link,
    loading,
    submit_button,
    timeline,
    url_select,
)
from .layout import framed
from .registry import Page, register
from .task_detail import chosen_task


def tasks_page() -> rx.Component:
    """List at the left, the task in the middle, its timeline at the right; on a phone one after the other."""
    return rx.cond(
        Inbox.is_loaded,
        rx.el.div(
            task_list(),
            rx.el.div(chosen_task(), class_name="inbox-task"),
            rx.el.div(rx.cond(Inbox.chosen != "", timeline(Inbox)), class_name="inbox-side"),
            class_name=rx.cond(Inbox.is_opened, "inbox opened", "inbox"),
        ),
        loading(),
    )


# --- the list ---------------------------------------------------------------------------------------------


def task_list() -> rx.Component:
    """What waits, the most urgent first, with filters and the bar for several at once."""
    return rx.el.section(
        rx.el.div(
            rx.el.h1(
                rx.cond(Inbox.box == "inbox", t(msg("To decide")), t(msg("What I asked for"))),
            ),
            rx.el.span(Inbox.total_text, class_name="note"),
            rx.el.span(class_name="spacer"),
            rx.cond(
                Inbox.box == "inbox",
                link(
                    rx.icon("settings-2", size=16),
                    href=routes.APPROVALS,
                    aria_label=t(msg("Deputies and approval rules")),
                    title=t(msg("Deputies and approval rules")),
                    class_name="icon-button",
                ),
            ),
            class_name="inbox-head",
        ),
        rx.el.div(
            url_select(
                Inbox, "kind", Inbox.kind, Inbox.kind_options,
                label=t(msg("Kind")), everything=t(msg("All kinds")),
            ),
            rx.cond(
                Inbox.box == "inbox",
                rx.fragment(
                    url_select(
                        Inbox, "severity", Inbox.severity, Inbox.severity_options,
                        label=t(msg("Severity")), everything=t(msg("Any severity")),
                    ),
                    url_select(
                        Inbox, "late", Inbox.late, Inbox.late_options,
                        label=t(msg("Due")), everything=t(msg("Any time")),
                    ),
                ),
                url_select(
                    Inbox, "status", Inbox.status, Inbox.status_options,
                    label=t(msg("Status")), everything=t(msg("All statuses")),
                ),
            ),
            class_name="inbox-filters",
        ),
        rx.cond(Inbox.selected.length() > 0, bulk_bar()),
        rx.cond(Inbox.results.length() > 0, bulk_results()),
        rx.cond(
            Inbox.rows.length() > 0,
            rx.el.ul(rx.foreach(Inbox.rows, task_card), class_name="task-list"),
            nothing(),
        ),
        aria_label=t(msg("Tasks")),
        class_name="inbox-list",
    )  # fmt: skip


def nothing() -> rx.Component:
    """An empty box, or one emptied by filters."""
    return rx.cond(
        Inbox.is_filtered,
        empty_state(t(msg("No results")), t(msg("Nothing matches the search and the filters."))),
        rx.cond(
            Inbox.box == "inbox",
            empty_state(t(msg("Nothing waits for you")), t(msg("New requests appear here."))),
            empty_state(
                t(msg("You have asked for nothing yet")),
                t(msg("What needs somebody else's approval appears here with where it stands.")),
            ),
        ),
    )


def task_card(row: Any) -> rx.Component:
    """A task in the list; the box at its left chooses it for the bar."""
    return rx.el.li(
        rx.cond(
            Inbox.box == "inbox",
            rx.el.input(
                type="checkbox",
                checked=Inbox.selected.contains(row["number"]),
                on_change=lambda _checked: Inbox.select(row["number"]),
                aria_label=row["number"],
                class_name="task-check",
            ),
        ),
        rx.el.button(
            rx.el.span(
                rx.el.span(row["kind"], class_name="tag"),
                rx.el.span(row["number"], class_name="note"),
                rx.cond(
                    row["clock"] != "",
                    rx.el.span(row["clock"], class_name=rx.Var.create("clock ") + row["clock_tone"]),
                    rx.el.span(row["status"], class_name=rx.Var.create("clock ") + row["status_tone"]),
                ),
                class_name="task-top",
            ),
            rx.el.span(row["title"], class_name="task-title"),
            rx.el.span(
                rx.el.b(row["amount"]),
                rx.cond(
                    row["severity"] != "",
                    rx.el.span(row["severity"], class_name=rx.Var.create("clock ") + row["severity_tone"]),
                ),
                rx.el.span(row["requester"], class_name="note"),
                class_name="task-bottom",
            ),
            type="button",
            on_click=Inbox.open_task(row["number"]),
            aria_current=rx.cond(Inbox.chosen == row["number"], "true", "false"),
            class_name="task-open",
        ),
        class_name=rx.cond(Inbox.chosen == row["number"], "task-card here", "task-card"),
    )


def bulk_bar() -> rx.Component:
    """Approve or reject what is chosen."""
    return rx.el.div(
        rx.el.span(t(msg("{count} chosen"), count=Inbox.selected.length())),
        rx.el.span(class_name="spacer"),
        rx.el.button(
            t(msg("Approve")), type="button", on_click=Inbox.approve_selected, class_name="button primary"
        ),
        rx.el.button(
            t(msg("Reject")),
            type="button",
            on_click=Inbox.ask_reason,
            aria_expanded=rx.cond(Inbox.is_refusing, "true", "false"),
            class_name="button danger",
        ),
        rx.el.button(
            rx.icon("x", size=16),
            type="button",
            on_click=Inbox.clear_selection,
            aria_label=t(msg("Choose none")),
            class_name="icon-button",
        ),
        rx.cond(
            Inbox.is_refusing,
            rx.el.form(
                field(t(msg("Reason")), "reason", required=True, max_length=400, auto_focus=True),
                submit_button(t(msg("Reject"))),
                on_submit=Inbox.reject_selected,
                class_name="form-row",
            ),
        ),
        class_name="bulk",
    )


def bulk_results() -> rx.Component:
    """What became of each."""
    return rx.el.ul(
        rx.foreach(
            Inbox.results,
            lambda row: rx.el.li(
                rx.el.span(row["number"], class_name="note"), badge(row["text"], row["tone"])
            ),
        ),
        role="status",
        class_name="bulk-results",
    )


register(
    Page(
        route=routes.INBOX,
        title=msg("Approvals"),
        component=framed(tasks_page),
        on_load=[Inbox.load],
        section="work",
        icon="inbox",
    )
)
register(
    Page(
        route=routes.WAITING,
        title=msg("My requests"),
        component=framed(tasks_page),
        on_load=[Inbox.load],
        section="work",
        icon="hourglass",
    )
)
