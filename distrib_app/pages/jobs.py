"""Jobs: what runs, what ran, and for administrators what runs when."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.jobs import Jobs
from .components import (
    action_button,
    badge,
    download,
    empty_state,
    page_header,
    pager,
    polling,
    progress_bar,
    search_box,
    section,
    url_select,
)
from .layout import framed
from .registry import Page, register


def jobs_page() -> rx.Component:
    """Runs first, the schedule below."""
    return rx.fragment(
        polling(Jobs.is_busy, Jobs.poll),
        page_header(
            t(msg("Jobs")),
            search_box(Jobs, t(msg("Number or kind"))),
            url_select(
                Jobs,
                "status",
                Jobs.status,
                Jobs.status_options,
                label=t(msg("Status")),
                everything=t(msg("All statuses")),
            ),
            url_select(
                Jobs,
                "kind",
                Jobs.kind,
                Jobs.kind_options,
                label=t(msg("Kind")),
                everything=t(msg("All kinds")),
            ),
            rx.cond(Jobs.is_admin, whose()),
        ),
        rx.el.section(
            rx.cond(
                Jobs.is_loaded,
                rx.cond(Jobs.total > 0, rx.fragment(runs(), pager(Jobs)), nothing()),
                rx.el.div(*[rx.el.div(class_name="skeleton-row") for _ in range(8)], class_name="skeleton"),
            ),
            class_name="card spaced",
        ),
        rx.cond(Jobs.is_admin, section(t(msg("Schedule")), schedule())),
    )


def whose() -> rx.Component:
    """Own runs, or everybody's."""
    return rx.el.div(
        rx.el.button(
            t(msg("Mine")),
            type="button",
            on_click=Jobs.filter_by("whose", ""),
            aria_pressed=(Jobs.whose == "").to_string(),
            class_name="segment",
        ),
        rx.el.button(
            t(msg("Everybody's")),
            type="button",
            on_click=Jobs.filter_by("whose", "all"),
            aria_pressed=(Jobs.whose == "all").to_string(),
            class_name="segment",
        ),
        class_name="segments",
    )


def nothing() -> rx.Component:
    """No runs at all, or none that the filters leave."""
    return rx.cond(
        (Jobs.search != "") | (Jobs.status != "") | (Jobs.kind != ""),
        empty_state(t(msg("No results")), t(msg("Nothing matches the search and the filters."))),
        empty_state(
            t(msg("No jobs yet")), t(msg("Imports and large exports appear here and can be followed."))
        ),
    )


def runs() -> rx.Component:
    """Every run with its progress, what it says and what can be done."""
    heads = [
        msg("Number"),
        msg("Job"),
        msg("Status"),
        msg("Progress"),
        msg("Started by"),
        msg("Asked at"),
        msg("Took"),
    ]
    return rx.el.div(
        rx.el.table(
            rx.el.caption(t(msg("Jobs")), class_name="visually-hidden"),
            rx.el.thead(
                rx.el.tr(
                    *[rx.el.th(t(text), scope="col", class_name=tone(text)) for text in heads],
                    rx.el.th(rx.el.span(t(msg("Actions")), class_name="visually-hidden"), scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(Jobs.rows, run_row)),
        ),
        class_name="table-wrap",
    )


def tone(head: str) -> str:
    """Durations stand at the right."""
    return "number" if head == "Took" else ""


def run_row(row: Any) -> rx.Component:
    """One run."""
    return rx.el.tr(
        rx.el.td(row["number"], class_name="nowrap"),
        rx.el.td(row["name"]),
        rx.el.td(badge(row["status"], row["status_tone"])),
        rx.el.td(
            rx.cond(row["is_busy"] != "", progress_bar(row), rx.el.span(row["figures"])),
            rx.cond(row["says"] != "", rx.el.div(row["says"], class_name="note")),
            class_name="job-progress",
        ),
        rx.el.td(row["starter"]),
        rx.el.td(row["created_at"], class_name="nowrap"),
        rx.el.td(row["took"], class_name="number"),
        rx.el.td(
            rx.cond(row["can_cancel"] != "", action_button(t(msg("Cancel")), Jobs.cancel(row["number"]))),
            rx.cond(row["file_href"] != "", download(row["file_href"])),
            class_name="number",
        ),
    )


def schedule() -> rx.Component:
    """What runs when, and how it went."""
    heads = [
        (msg("Job"), ""),
        (msg("Cadence"), ""),
        (msg("Status"), ""),
        (msg("Last run"), ""),
        (msg("Took"), "number"),
        (msg("Next run"), ""),
    ]
    return rx.el.div(
        rx.el.table(
            rx.el.caption(t(msg("Schedule")), class_name="visually-hidden"),
            rx.el.thead(
                rx.el.tr(
                    *[rx.el.th(t(text), scope="col", class_name=name) for text, name in heads],
                    rx.el.th(rx.el.span(t(msg("Actions")), class_name="visually-hidden"), scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(Jobs.schedule, schedule_row)),
        ),
        class_name="table-wrap",
    )


def schedule_row(row: Any) -> rx.Component:
    """One scheduled job."""
    return rx.el.tr(
        rx.el.td(row["name"], rx.cond(row["says"] != "", rx.el.div(row["says"], class_name="note"))),
        rx.el.td(row["cadence"]),
        rx.el.td(badge(row["status"], row["status_tone"])),
        rx.el.td(row["last_at"], class_name="nowrap"),
        rx.el.td(row["took"], class_name="number"),
        rx.el.td(row["next_at"], class_name="nowrap"),
        rx.el.td(
            rx.el.div(
                action_button(t(msg("Run now")), Jobs.run_now(row["kind"]), disabled=row["is_busy"] != ""),
                rx.cond(
                    row["is_paused"] != "",
                    action_button(t(msg("Resume")), Jobs.pause(row["kind"], False)),
                    action_button(t(msg("Pause")), Jobs.pause(row["kind"], True)),
                ),
                class_name="row-actions",
            ),
        ),
    )


register(
    Page(
        route=routes.JOBS,
        title=msg("Jobs"),
        component=framed(jobs_page),
        on_load=[Jobs.load],
        section="system",
        icon="list-checks",
    )
)
