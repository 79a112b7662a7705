"""The audit: who did what, on what, when."""

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.audit import AuditList
from .components import columns_of, data_table, list_tools, page_header
from .layout import framed
from .registry import Page, register

COLUMNS = columns_of("audit", {"subject": "link"}, {"facts": 3, "who": 2})


def audit_page() -> rx.Component:
    """The list with its filters."""
    return rx.fragment(
        page_header(
            t(msg("Audit")),
            day_box("from", AuditList.first_day, t(msg("First day"))),
            day_box("to", AuditList.last_day, t(msg("Last day"))),
        ),
        rx.el.section(
            list_tools(AuditList, COLUMNS, t(msg("Subject, event or user name"))),
            data_table(COLUMNS, AuditList, caption=t(msg("Audit"))),
            class_name="card audit",
        ),
    )


def day_box(name: str, value: rx.Var[str], label: rx.Var[str]) -> rx.Component:
    """A day that lives in the URL."""
    return rx.el.input(
        type="date",
        value=value,
        on_change=lambda day: AuditList.filter_by(name, day),
        aria_label=label,
        class_name="input",
    )


register(
    Page(
        route=routes.AUDIT,
        title=msg("Audit"),
        component=framed(audit_page),
        on_load=[AuditList.load, AuditList.show_days],
        permission=Permission.ADMIN_ACCESS,
        section="system",
        icon="scroll-text",
    )
)
