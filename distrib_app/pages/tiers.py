"""Tiers: how far each sees into each resource, and what it may do at all."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.tiers import TierMatrix
from .components import (
    choices,
    chooser,
    field,
    loading,
    matrix,
    no_permission,
    page_header,
    section,
    submit_button,
)
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
                rx.el.div(
                    levels_card(),
                    permissions_card(),
                    rx.cond(TierMatrix.can_edit, tier_forms()),
                    class_name="stack",
                ),
            ),
            loading(),
        ),
    )


def levels_card() -> rx.Component:
    """Resource × tier: how far one sees; administrators change it in place."""
    return section(
        t(msg("How far a tier sees")),
        matrix(
            t(msg("Data set")),
            TierMatrix.heads,
            TierMatrix.levels,
            level_cell,
            caption=t(msg("How far a tier sees")),
            count=_partners,
        ),
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
            TierMatrix.heads,
            TierMatrix.permissions,
            permission_cell,
            caption=t(msg("What a tier may do")),
            count=_partners,
        ),
        note=t(msg("A role held in a tier never exceeds this.")),
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
                TierMatrix.can_edit,
                rx.el.input(
                    type="checkbox",
                    checked=cell["has"] != "",
                    on_change=lambda _ticked: TierMatrix.toggle(
                        cell["tier"], cell["permission"], cell["has"]
                    ),
                    aria_label=cell["label"],
                ),
                rx.cond(
                    cell["has"] != "",
                    rx.el.span(
                        rx.icon("check", size=16), rx.el.span(t(msg("yes")), class_name="visually-hidden")
                    ),
                    rx.el.span("–", class_name="note"),
                ),
            )
        ),
    )


def _partners(head: Any) -> Any:
    return t(msg("Partners: {count}"), count=head["count"])


def tier_forms() -> rx.Component:
    """Order, names, a new tier."""
    return rx.el.div(
        section(
            t(msg("Order and names")),
            rx.el.ol(
                rx.foreach(
                    TierMatrix.heads,
                    lambda head, place: rx.el.li(
                        rx.el.span(head["name"], class_name="choice-name"),
                        rx.el.button(
                            rx.icon("arrow-up", size=16),
                            type="button",
                            on_click=TierMatrix.move_up(head["code"]),
                            disabled=place == 0,
                            aria_label=t(msg("Move {tier} up"), tier=head["name"]),
                            class_name="icon-button",
                        ),
                    ),
                ),
                class_name="choices",
            ),
        ),
        rx.el.div(
            section(
                t(msg("Rename a tier")),
                rx.el.form(
                    chooser(t(msg("Tier")), "tier", TierMatrix.tier_options),
                    _names(),
                    submit_button(t(msg("Rename"))),
                    on_submit=TierMatrix.rename,
                    key=TierMatrix.form_key.to_string() + ":rename",
                    class_name="stack form",
                ),
            ),
            section(
                t(msg("New tier")),
                rx.el.form(
                    field(t(msg("Code")), "new_code", required=True, max_length=40, auto_complete="off"),
                    _names(),
                    rx.el.p(
                        t(msg("It stands below all others, may nothing and sees nothing yet.")),
                        class_name="note",
                    ),
                    submit_button(t(msg("Add tier"))),
                    on_submit=TierMatrix.add,
                    key=TierMatrix.form_key.to_string() + ":add",
                    class_name="stack form",
                ),
            ),
            class_name="stack",
        ),
        class_name="columns even",
    )


def _names() -> rx.Component:
    return rx.el.div(
        field(t(msg("Name")), "name", required=True, max_length=80, auto_complete="off"),
        field(t(msg("English name")), "name_en", max_length=80, auto_complete="off"),
        class_name="field-pair",
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
