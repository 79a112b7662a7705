"""Tiers: how far each sees into each resource, and what it may do at all."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.partners import TierMatrix
from .components import choices, loading, no_permission, page_header, section
from .layout import framed
from .registry import Page, register


def tiers_page() -> rx.Component:
    """Two tables: levels per resource, permissions."""
    return rx.fragment(
        page_header(
            t(msg("Tiers and access")),
            note=t(msg("What a tier sees is set per data set, not by its depth in the tree.")),
        ),
        rx.cond(
            TierMatrix.is_loaded,
            rx.cond(
                TierMatrix.is_forbidden,
                rx.el.section(no_permission(), class_name="card"),
                rx.el.div(levels_card(), permissions_card(), class_name="stack"),
            ),
            loading(),
        ),
    )


def levels_card() -> rx.Component:
    """Resource × tier: how far one sees; administrators change it in place."""
    return section(
        t(msg("How far a tier sees")),
        matrix(t(msg("Data set")), TierMatrix.levels, level_cell, caption=t(msg("How far a tier sees"))),
        note=rx.cond(
            TierMatrix.can_edit,
            t(msg("A change holds from the next click of everybody concerned.")),
            t(msg("Only administrators change this.")),
        ),
    )


def permissions_card() -> rx.Component:
    """Permission × tier: the most a role held there can have."""
    return section(
        t(msg("What a tier may do")),
        matrix(
            t(msg("Permission")),
            TierMatrix.permissions,
            permission_cell,
            caption=t(msg("What a tier may do")),
        ),
        note=t(msg("A role held in a tier never exceeds this.")),
    )


def matrix(corner: Any, lines: Any, cell: Any, *, caption: Any) -> rx.Component:
    """A table whose columns are the tiers."""
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="visually-hidden"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(corner, scope="col"),
                    rx.foreach(
                        TierMatrix.heads,
                        lambda head: rx.el.th(
                            rx.el.div(head["name"], class_name="matrix-tier"),
                            rx.cond(
                                head["count"] != "",
                                rx.el.div(t(msg("Partners: {count}"), count=head["count"])),
                            ),
                            scope="col",
                        ),
                    ),
                )
            ),
            rx.el.tbody(rx.foreach(lines, lambda line: rx.el.tr(rx.foreach(line, cell)))),
            class_name="matrix",
        ),
        class_name="table-wrap",
    )


def level_cell(cell: Any) -> rx.Component:
    """The resource's name, or a tier's level: a word, or a select for administrators."""
    return rx.cond(
        cell["tier"] == "",
        rx.el.th(cell["text"], scope="row"),
        rx.el.td(
            rx.cond(
                TierMatrix.can_edit,
                rx.el.select(
                    choices(TierMatrix.level_options),
                    value=cell["level"],
                    on_change=lambda level: TierMatrix.change_level(cell["tier"], cell["resource"], level),
                    aria_label=cell["label"],
                    class_name=rx.Var.create("input level-") + cell["level"],
                ),
                rx.el.span(cell["text"], class_name=rx.Var.create("level level-") + cell["level"]),
            )
        ),
    )


def permission_cell(cell: Any) -> rx.Component:
    """The permission's name, or whether a tier has it."""
    return rx.cond(
        cell["tier"] == "",
        rx.el.th(cell["text"], scope="row"),
        rx.el.td(
            rx.cond(
                cell["has"] != "",
                rx.el.span(
                    rx.icon("check", size=16), rx.el.span(t(msg("yes")), class_name="visually-hidden")
                ),
                rx.el.span("–", class_name="note"),
            )
        ),
    )


register(
    Page(
        route=routes.TIERS,
        title=msg("Tiers"),
        component=framed(tiers_page),
        on_load=[TierMatrix.load],
        permission=Permission.PARTNERS_READ,
        section="network",
        icon="layers",
    )
)
