"""A run of long work: its bar while it runs, then what came of it."""

from typing import Any

import reflex as rx

from ...core.kernel.errors import msg
from ...i18n import t
from .basics import action_button, badge


def progress_bar(row: Any) -> rx.Component:
    """How far a run is; `row` has percent, figures and says."""
    return rx.el.div(
        rx.el.div(
            rx.el.span(
                class_name="progress-fill", style={"width": rx.Var.create(row["percent"]).to(str) + "%"}
            ),
            role="progressbar",
            aria_valuenow=row["percent"],
            aria_valuemin="0",
            aria_valuemax="100",
            aria_label=row["name"],
            class_name="progress",
        ),
        rx.el.span(row["figures"], class_name="note progress-figures"),
        class_name="progress-row",
    )


def polling(is_busy: Any, handler: Any) -> rx.Component:
    """Calls `handler` each second while `is_busy`, and not at all otherwise."""
    return rx.cond(is_busy, rx.moment(interval=1000, on_change=handler, display="none"))


def job_progress(state: Any) -> rx.Component:
    """The run that a state with `JobWatch` watches; nothing while it watches none."""
    return rx.fragment(
        polling(state.is_job_busy, state.poll_job),
        rx.cond(
            state.job.contains("number"),
            rx.el.div(
                rx.el.div(
                    rx.el.strong(state.job["name"]),
                    badge(state.job["status"], state.job["status_tone"]),
                    rx.el.span(state.job["took"], class_name="note"),
                    rx.el.span(class_name="spacer"),
                    rx.cond(state.job["can_cancel"] != "", action_button(t(msg("Cancel")), state.cancel_job)),
                    rx.cond(state.job["file_href"] != "", download(state.job["file_href"])),
                    class_name="job-head",
                ),
                rx.cond(state.is_job_busy, progress_bar(state.job)),
                rx.cond(state.job["says"] != "", rx.el.p(state.job["says"], class_name="note")),
                aria_live="polite",
                class_name="job",
            ),
        ),
    )


def download(href: Any, text: Any = None) -> rx.Component:
    """A file from the server, which no page of the app answers: the one a run left, or what `text` says."""
    return rx.el.a(
        rx.icon("download", size=14),
        t(msg("Download")) if text is None else text,
        href=href,
        reload_document=True,
        class_name="button quiet with-icon",
    )
