"""Deputies and approval rules."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.approvals import ROLES, Approvals
from .components import (
    choices,
    chooser,
    empty_state,
    field,
    link,
    loading,
    page_header,
    section,
    submit_button,
)
from .layout import framed
from .registry import Page, register


def approvals_page() -> rx.Component:
    """Who stands in for whom at the top, the company's rules below."""
    return rx.cond(
        Approvals.is_loaded,
        rx.fragment(
            page_header(
                t(msg("Deputies and approval rules")),
                link(t(msg("To the inbox")), href=routes.INBOX, class_name="button quiet"),
            ),
            rx.el.div(deputies(), rules(), class_name="stack"),
        ),
        loading(),
    )


def deputies() -> rx.Component:
    """What is lent now, and the form to lend."""
    return section(
        t(msg("Deputies")),
        rx.cond(
            Approvals.deputies.length() > 0,
            rx.el.ul(rx.foreach(Approvals.deputies, deputy), class_name="choices spaced"),
            rx.el.p(t(msg("Nobody stands in for anybody now.")), class_name="note spaced"),
        ),
        rx.cond(
            Approvals.colleagues.length() > 0,
            rx.el.form(
                chooser(t(msg("Colleague")), "username", Approvals.colleagues),
                field(t(msg("From day")), "first", kind="date", required=True),
                field(t(msg("Through")), "last", kind="date", required=True),
                field(t(msg("Reason")), "reason", max_length=200),
                submit_button(t(msg("Let decide in my place"))),
                on_submit=Approvals.lend,
                key="lend" + Approvals.form_key.to_string(),
                class_name="form-row",
            ),
            empty_state(t(msg("You have no colleagues here yet"))),
        ),
    )


def deputy(row: Any) -> rx.Component:
    """Somebody decides for somebody."""
    return rx.el.li(
        rx.el.span(
            rx.el.b(row["whose"]),
            " ",
            row["from"],
            " → ",
            row["to"],
            " ",
            rx.el.span(row["since"], " – ", row["until"], " ", row["reason"], class_name="note"),
            class_name="choice-name",
        ),
        rx.cond(
            row["username"] != "",
            rx.el.button(
                t(msg("Take back")),
                type="button",
                on_click=Approvals.revoke(row["username"]),
                class_name="button quiet",
            ),
        ),
    )


def rules() -> rx.Component:
    """Each kind with its steps; those who run the company change them."""
    heads = [(msg("Kind"), ""), (msg("Steps"), ""), (msg("Business hours"), "number")]
    return section(
        t(msg("What needs an approval")),
        rx.el.div(
            rx.el.table(
                rx.el.caption(t(msg("What needs an approval")), class_name="visually-hidden"),
                rx.el.thead(
                    rx.el.tr(
                        *[rx.el.th(t(text), scope="col", class_name=name) for text, name in heads],
                        rx.cond(
                            Approvals.can_edit,
                            rx.el.th(rx.el.span(t(msg("Change")), class_name="visually-hidden"), scope="col"),
                        ),
                    )
                ),
                rx.el.tbody(rx.foreach(Approvals.rules, rule_row)),
            ),
            class_name="table-wrap",
        ),
        rx.cond(Approvals.editing != "", rule_form()),
        rx.cond(
            ~Approvals.can_edit,
            rx.el.p(
                t(msg("Administrators and owners of the company change these rules.")), class_name="note"
            ),
        ),
    )


def rule_row(row: Any) -> rx.Component:
    """A kind with its steps."""
    return rx.el.tr(
        rx.el.td(row["kind"]),
        rx.el.td(row["steps"]),
        rx.el.td(row["hours"], class_name="number"),
        rx.cond(
            Approvals.can_edit,
            rx.el.td(
                rx.el.button(
                    t(msg("Change")),
                    type="button",
                    on_click=Approvals.edit(row["code"]),
                    aria_expanded=rx.cond(Approvals.editing == row["code"], "true", "false"),
                    class_name="link",
                ),
                class_name="number",
            ),
        ),
    )


def rule_form() -> rx.Component:
    """Up to three steps; one without a role is none."""
    return rx.el.form(
        rx.el.h3(Approvals.editing_name, class_name="form-title"),
        rx.foreach(Approvals.fields, step_fields),
        rx.el.div(submit_button(t(msg("Save the rules"))), class_name="form-row"),
        on_submit=Approvals.save,
        key="rule" + Approvals.form_key.to_string(),
        class_name="stack rule-form",
    )


def step_fields(step: Any) -> rx.Component:
    """The fields of one step."""
    return rx.el.fieldset(
        rx.el.legend(t(msg("Step {position}"), position=step["position"]), class_name="note"),
        *[
            rx.el.label(
                rx.el.span(t(msg("Role")) if place == 1 else t(msg("or role"))),
                rx.el.select(
                    rx.el.option("–", value=""),
                    choices(Approvals.role_options),
                    name="role-" + step["position"] + f"-{place}",
                    default_value=step[f"role{place}"],
                    class_name="input",
                ),
                class_name="field",
            )
            for place in range(1, ROLES + 1)
        ],
        field(
            t(msg("From amount")), "from-" + step["position"], default_value=step["from"],
            input_mode="decimal", max_length=24,
        ),
        field(
            t(msg("Several at once up to")), "bulk-" + step["position"], default_value=step["bulk"],
            input_mode="decimal", max_length=24,
        ),
        field(
            t(msg("Business hours")), "hours-" + step["position"], kind="number",
            default_value=step["hours"], min=1, max=400,
        ),
        class_name="form-row",
    )  # fmt: skip


register(
    Page(
        route=routes.APPROVALS,
        title=msg("Deputies and approval rules"),
        component=framed(approvals_page),
        on_load=[Approvals.load],
    )
)
