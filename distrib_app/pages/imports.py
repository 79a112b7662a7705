"""The import wizard: five steps from a sheet to records."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.imports import Imports
from .components import (
    Column,
    action_button,
    download,
    empty_state,
    fact,
    job_progress,
    link,
    loading,
    page_header,
    section,
    static_table,
)
from .layout import framed
from .registry import Page, register

FORM = "sheet-form"
ACCEPTED = ".xlsx,.csv,.txt"
STEPS = (
    msg("Choose what to import"),
    msg("Upload the sheet"),
    msg("Map the columns"),
    msg("Check"),
    msg("Import"),
)


def imports_page() -> rx.Component:
    """The steps above, the present one below."""
    return rx.fragment(
        page_header(t(msg("Import")), note=Imports.title),
        rx.cond(
            Imports.is_loaded,
            rx.cond(
                Imports.entities.length() > 0,
                rx.fragment(
                    steps(),
                    rx.match(
                        Imports.step,
                        (1, choose()),
                        (2, upload()),
                        (3, mapping()),
                        result(),
                    ),
                ),
                rx.el.section(
                    empty_state(
                        t(msg("Nothing you may import")),
                        t(msg("Ask an administrator if you need it for your work.")),
                    ),
                    class_name="card",
                ),
            ),
            loading(),
        ),
    )


def steps() -> rx.Component:
    """Where one stands."""
    return rx.el.ol(
        *[
            rx.el.li(
                t(text),
                aria_current=rx.cond(Imports.step == number, "step", "false"),
                class_name=rx.cond(Imports.step >= number, "wizard-step on", "wizard-step"),
            )
            for number, text in enumerate(STEPS, start=1)
        ],
        class_name="wizard-steps spaced",
    )


def choose() -> rx.Component:
    """One card per kind of record."""
    return rx.el.ul(
        rx.foreach(
            Imports.entities,
            lambda one: rx.el.li(
                link(
                    rx.el.strong(one["title"]),
                    rx.el.span(one["fields"], class_name="note"),
                    href=f"{routes.IMPORT}?entity=" + one["name"].to(str),
                    class_name="card wizard-card",
                )
            ),
        ),
        class_name="wizard-cards",
    )


def upload() -> rx.Component:
    """The template on one side, the box for the filled sheet on the other."""
    return rx.el.div(
        section(
            t(msg("Upload the sheet")),
            rx.el.form(
                rx.el.label(
                    rx.icon("file-up", size=24),
                    rx.el.span(t(msg("Choose a file, or drop it here"))),
                    rx.el.span(
                        t(msg("XLSX, or CSV in UTF-8 or GB18030; at most 10,000 lines")), class_name="note"
                    ),
                    rx.el.input(type="file", name="file", accept=ACCEPTED, class_name="visually-hidden"),
                    class_name="sheet-box",
                ),
                rx.el.p(class_name="sheet-status note", role="status", aria_live="polite"),
                id=FORM,
                on_submit=rx.call_script(f"sendSheet('{FORM}')", callback=Imports.sent),
                custom_attrs={
                    "data-action": routes.FILES,
                    "data-failed": t(msg("The file could not be sent. Try again.")),
                },
                class_name="sheet-form",
            ),
        ),
        section(
            t(msg("Template")),
            rx.el.p(
                t(
                    msg(
                        "The template has every column, with remarks and an example. "
                        "Your own sheet will do as well: its columns are mapped in the next step."
                    )
                ),
                class_name="note spaced",
            ),
            rx.el.div(
                download(Imports.template_href, t(msg("Download the template"))),
                link(t(msg("Choose something else")), href=routes.IMPORT, class_name="button quiet"),
                class_name="row-actions start",
            ),
        ),
        class_name="columns",
    )


def mapping() -> rx.Component:
    """Every field with the column it comes from."""
    return section(
        t(msg("Map the columns")),
        rx.el.div(
            rx.el.table(
                rx.el.caption(t(msg("Map the columns")), class_name="visually-hidden"),
                rx.el.thead(
                    rx.el.tr(
                        *[
                            rx.el.th(t(text), scope="col")
                            for text in (msg("Field"), msg("Column of the sheet"), msg("First values"))
                        ]
                    )
                ),
                rx.el.tbody(rx.foreach(Imports.fields, mapping_row)),
            ),
            class_name="table-wrap spaced",
        ),
        rx.el.div(
            action_button(t(msg("Check the sheet")), Imports.check, is_primary=True),
            link(
                t(msg("Another file")),
                href=f"{routes.IMPORT}?entity=" + Imports.entity,
                class_name="button quiet",
            ),
            class_name="row-actions start",
        ),
        note=t(msg("{count} lines"), count=Imports.line_count),
    )


def mapping_row(field: Any) -> rx.Component:
    """One field."""
    return rx.el.tr(
        rx.el.td(
            field["title"],
            rx.cond(field["is_required"] != "", rx.el.span(" *", class_name="tone bad")),
            rx.cond(field["note"] != "", rx.el.div(field["note"], class_name="note")),
        ),
        rx.el.td(
            rx.el.select(
                rx.el.option("–", value=""),
                rx.foreach(Imports.headers, lambda header: rx.el.option(header, value=header)),
                value=field["header"],
                on_change=lambda header: Imports.choose_column(field["key"], header),
                aria_label=field["title"],
                class_name="input",
            )
        ),
        rx.el.td(field["sample"], class_name="note"),
    )


def result() -> rx.Component:
    """The run with its progress, then what it found or did."""
    problems = [
        Column("line", msg("Line"), "number"),
        Column("field", msg("Field")),
        Column("text", msg("What is wrong")),
    ]
    return rx.fragment(
        rx.el.section(job_progress(Imports), class_name="card spaced"),
        rx.cond(
            Imports.counts.contains("lines"),
            rx.el.section(
                rx.el.dl(
                    fact(t(msg("Lines")), Imports.counts["lines"]),
                    fact(t(msg("New")), Imports.counts["created"]),
                    fact(t(msg("Changed")), Imports.counts["updated"]),
                    fact(t(msg("Unchanged")), Imports.counts["unchanged"]),
                    fact(t(msg("Wrong")), Imports.counts["failed"]),
                    class_name="facts",
                ),
                class_name="card spaced",
            ),
        ),
        rx.cond(
            Imports.problems.length() > 0,
            section(
                t(msg("What is wrong")),
                rx.el.div(static_table(problems, Imports.problems), class_name="scroll-box"),
                note=t(msg("The downloaded sheet has every wrong line with its sentence.")),
                class_name="spaced",
            ),
        ),
        rx.cond(~Imports.is_job_busy, what_next()),
    )


def what_next() -> rx.Component:
    """Import what was checked, mend the sheet, or begin anew."""
    again = f"{routes.IMPORT}?entity=" + Imports.entity
    return rx.el.div(
        rx.cond(Imports.can_commit, action_button(t(msg("Import now")), Imports.commit, is_primary=True)),
        link(t(msg("Another file")), href=again, class_name="button quiet"),
        link(t(msg("Choose something else")), href=routes.IMPORT, class_name="button quiet"),
        class_name="row-actions start",
    )


register(
    Page(
        route=routes.IMPORT,
        title=msg("Import"),
        component=framed(imports_page),
        on_load=[Imports.load],
        permission=Permission.STOCK_WRITE,
        or_permissions=[Permission.ACCOUNTS_WRITE, Permission.CUSTOMERS_WRITE, Permission.PARTNERS_WRITE],
        section="system",
        icon="file-up",
    )
)
