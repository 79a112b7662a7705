"""Roles: which permission each has, changed in place."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.roles import RoleBook
from .components import chooser, field, loading, matrix, no_permission, page_header, section, submit_button
from .layout import framed
from .registry import Page, register


def roles_page() -> rx.Component:
    """The matrix, and the two forms below."""
    return rx.fragment(
        page_header(
            t(msg("Roles")),
            note=t(msg("What a member may do; the tier of the company caps it.")),
        ),
        rx.cond(
            RoleBook.is_loaded,
            rx.cond(
                RoleBook.is_forbidden,
                rx.el.section(no_permission(), class_name="card"),
                rx.el.div(
                    section(
                        t(msg("Permissions by role")),
                        matrix(
                            t(msg("Permission")),
                            RoleBook.heads,
                            RoleBook.lines,
                            cell,
                            caption=t(msg("Permissions by role")),
                            count=lambda head: t(msg("People: {count}"), count=head["count"]),
                        ),
                        note=t(msg("A change holds from the next click of everybody concerned.")),
                    ),
                    rx.el.div(add_card(), rename_card(), class_name="columns even"),
                    class_name="stack",
                ),
            ),
            loading(),
        ),
    )


def cell(item: Any) -> rx.Component:
    """The permission's name, or a box to tick."""
    return rx.cond(
        item["role"] == "",
        rx.el.th(item["text"], scope="row"),
        rx.el.td(
            rx.el.input(
                type="checkbox",
                checked=item["has"] != "",
                on_change=lambda _ticked: RoleBook.toggle(item["role"], item["permission"]),
                aria_label=item["label"],
            )
        ),
    )


def add_card() -> rx.Component:
    """A new role, alike another one to begin with."""
    return section(
        t(msg("New role")),
        rx.el.form(
            rx.el.div(
                field(t(msg("Code")), "new_code", required=True, max_length=40, auto_complete="off"),
                chooser(t(msg("May what this role may")), "like", RoleBook.model_options),
                class_name="field-pair",
            ),
            rx.el.div(
                field(t(msg("Name")), "name", required=True, max_length=80, auto_complete="off"),
                field(t(msg("English name")), "name_en", max_length=80, auto_complete="off"),
                class_name="field-pair",
            ),
            submit_button(t(msg("Add role"))),
            on_submit=RoleBook.add,
            key=RoleBook.form_key.to_string() + ":add",
            class_name="stack form",
        ),
    )


def rename_card() -> rx.Component:
    """Another name for a role."""
    return section(
        t(msg("Rename a role")),
        rx.el.form(
            chooser(t(msg("Role")), "role", RoleBook.role_options),
            rx.el.div(
                field(t(msg("Name")), "name", required=True, max_length=80, auto_complete="off"),
                field(t(msg("English name")), "name_en", max_length=80, auto_complete="off"),
                class_name="field-pair",
            ),
            submit_button(t(msg("Rename"))),
            on_submit=RoleBook.rename,
            key=RoleBook.form_key.to_string() + ":rename",
            class_name="stack form",
        ),
    )


register(
    Page(
        route=routes.ROLES,
        title=msg("Roles"),
        component=framed(roles_page),
        on_load=[RoleBook.load],
        permission=Permission.ADMIN_ACCESS,
        section="system",
        icon="shield-check",
    )
)
