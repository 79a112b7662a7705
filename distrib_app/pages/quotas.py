"""Quotas of scarce goods: the list, the form of one, and a fair share to propose and set."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.quotas import Quotas
from ..state.shell import Shell
from .components import (
    Column,
    action_button,
    columns_of,
    data_table,
    field,
    list_tools,
    page_header,
    section,
    static_table,
    submit_button,
)
from .layout import framed
from .registry import Page, register

COLUMNS = columns_of("quotas", {}, {"name": 3, "seller": 3, "first_on": 2})


def quotas_page() -> rx.Component:
    """The list; staff set quotas and share out what is scarce."""
    return rx.fragment(
        page_header(
            t(msg("Quotas")),
            rx.cond(
                Shell.permissions.contains(Permission.STOCK_WRITE),
                rx.fragment(
                    action_button(t(msg("Share fairly")), Quotas.toggle("share")),
                    action_button(t(msg("Set a quota")), Quotas.toggle("one"), is_primary=True),
                ),
            ),
        ),
        rx.match(Quotas.form, ("one", one_form()), ("share", share_form()), rx.fragment()),
        rx.el.section(
            list_tools(Quotas, COLUMNS, t(msg("SKU, partner code or name"))),
            data_table(
                COLUMNS,
                Quotas,
                caption=t(msg("Quotas")),
                empty=t(msg("Nothing is limited: everybody may order what there is")),
            ),
            class_name="card",
        ),
    )


def _days() -> tuple[rx.Component, ...]:
    return (
        field(t(msg("From day")), "first", kind="date", required=True),
        field(t(msg("To day")), "last", kind="date", required=True),
    )


def one_form() -> rx.Component:
    """A quota for a buyer, for a tier, or (both left empty) for everybody."""
    return _spaced(
        section(
            rx.fragment(t(msg("Set a quota")), " · ", Quotas.own_code),
            rx.el.form(
                field(t(msg("SKU")), "sku", required=True, max_length=60),
                field(t(msg("Buyer's code")), "buyer", max_length=40),
                field(t(msg("Tier's code")), "tier", max_length=40),
                field(t(msg("Quantity")), "qty", kind="number", required=True, min=0),
                *_days(),
                submit_button(t(msg("Save"))),
                on_submit=Quotas.save,
                class_name="form-row",
            ),
            note=t(msg("Neither buyer nor tier: for everybody. The most specific quota decides.")),
        )
    )


def share_form() -> rx.Component:
    """Who asks for how much of what there is, the proposal, and setting it."""
    columns = [
        Column("buyer", msg("Buyer")),
        Column("need", msg("Asks for"), "number"),
        Column("share", msg("Share"), "number"),
    ]
    return _spaced(
        section(
            rx.fragment(t(msg("Share fairly")), " · ", Quotas.own_code),
            rx.el.form(
                field(t(msg("SKU")), "sku", required=True, max_length=60),
                field(t(msg("To share")), "total", kind="number", required=True, min=0),
                *_days(),
                rx.el.label(
                    t(msg("One line each: buyer's code and what it asks for")),
                    rx.el.textarea(
                        name="needs", rows="4", required=True, max_length=20_000, class_name="input wide"
                    ),
                    class_name="field",
                ),
                submit_button(t(msg("Propose"))),
                on_submit=Quotas.propose,
                class_name="form-row",
            ),
            rx.cond(
                Quotas.shares.length() > 0,
                rx.fragment(
                    static_table(columns, Quotas.shares, caption=t(msg("Share fairly"))),
                    action_button(t(msg("Set these quotas")), Quotas.share, is_primary=True),
                ),
            ),
            note=t(msg("In proportion to what is asked for, nobody more than that, whole units.")),
        )
    )


def _spaced(content: Any) -> rx.Component:
    return rx.el.div(content, class_name="spaced")


register(
    Page(
        route=routes.QUOTAS,
        title=msg("Quotas"),
        component=framed(quotas_page),
        on_load=[Quotas.load],
        permission=Permission.STOCK_READ,
        section="trade",
        icon="scale",
    )
)
