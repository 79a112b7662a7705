"""The chosen task of the inbox: what may be done, facts, evidence, steps."""

from typing import Any

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t
from ..state.tasks import Inbox
from .components import badge, empty_state, fact, field, link, section, steps_panel, submit_button

KEYS = {"approve": "a", "reject": "r"}


def chosen_task() -> rx.Component:
    """The task with what may be done, what explains it, and its steps."""
    return rx.cond(
        Inbox.is_missing,
        rx.el.section(
            empty_state(
                t(msg("This task does not exist, or you cannot see it.")),
                t(msg("A task is seen by those who decide and those who asked.")),
            ),
            class_name="card",
        ),
        rx.cond(
            Inbox.chosen != "",
            rx.el.article(
                task_header(),
                rx.cond(Inbox.form != "", task_form()),
                facts_card(),
                rx.cond(
                    Inbox.evidence.length() > 0,
                    steps_panel(Inbox.evidence, t(msg("Facts and evidence"))),
                ),
                steps_card(),
                rx.cond(
                    Inbox.explanation.length() > 0,
                    steps_panel(Inbox.explanation, t(msg("Why these steps"))),
                ),
                class_name="stack",
                aria_label=Inbox.facts["number"],
            ),
        ),
    )


def task_header() -> rx.Component:
    """Kind, number, clock and the next actions with their keys."""
    facts = Inbox.facts
    return rx.el.div(
        rx.el.button(
            rx.icon("arrow-left", size=16),
            t(msg("To the list")),
            type="button",
            on_click=Inbox.close_task,
            class_name="button quiet with-icon only-phone",
        ),
        rx.el.div(
            rx.el.h2(facts["kind"], " ", facts["number"], class_name="task-heading"),
            badge(facts["status"], facts["status_tone"]),
            rx.cond(
                facts["clock"] != "",
                rx.el.span(facts["clock"], class_name=rx.Var.create("clock ") + facts["clock_tone"]),
            ),
            class_name="page-title",
        ),
        rx.el.div(
            mover("chevron-up", t(msg("Previous task")), -1, "k"),
            mover("chevron-down", t(msg("Next task")), 1, "j"),
            class_name="task-movers",
        ),
        rx.el.p(facts["title"], class_name="task-says"),
        rx.cond(facts["reason"] != "", rx.el.p(facts["reason"], class_name="notice")),
        refused(),
        rx.el.div(rx.foreach(Inbox.actions, action), class_name="task-actions"),
        class_name="task-header",
    )


def mover(icon: str, label: Any, steps: int, key: str) -> rx.Component:
    """To the task beside this one."""
    return rx.el.button(
        rx.icon(icon, size=16),
        type="button",
        on_click=Inbox.move(steps),
        aria_label=label,
        title=label,
        custom_attrs={"data-key": key, "aria-keyshortcuts": key},
        class_name="icon-button",
    )


def action(row: Any) -> rx.Component:
    """A next action; approving says how much, and the two common ones their keys."""
    return rx.cond(
        (row["verb"] == "assign") | ((Inbox.box == "waiting") & (row["reason"] != "")),
        rx.fragment(),
        rx.el.button(
            row["label"],
            rx.cond(
                (row["verb"] == "approve") & (Inbox.facts["most_text"] != ""),
                rx.el.span(Inbox.facts["most_text"]),
            ),
            rx.match(
                row["verb"],
                *[(verb, rx.el.kbd(key.upper())) for verb, key in KEYS.items()],
                rx.fragment(),
            ),
            type="button",
            on_click=Inbox.act(row["verb"]),
            disabled=row["reason"] != "",
            title=row["reason"],
            aria_expanded=rx.cond(Inbox.form == row["verb"], "true", "false"),
            custom_attrs={
                "data-key": rx.match(row["verb"], *KEYS.items(), ""),
                "data-verb": row["verb"],
            },
            class_name=rx.match(
                row["verb"],
                ("approve", "button primary"),
                ("resolve", "button primary"),
                ("answer", "button primary"),
                ("reject", "button danger"),
                "button quiet",
            ),
        ),
    )


def refused() -> rx.Component:
    """Why the reader cannot decide; the same reason stands once."""
    return rx.foreach(
        Inbox.actions,
        lambda row: rx.cond(
            (row["reason"] != "")
            & (Inbox.box == "inbox")
            & ((row["verb"] == "approve") | (row["verb"] == "resolve")),
            rx.el.p(row["reason"], class_name="note"),
        ),
    )


def task_form() -> rx.Component:
    """What the chosen action needs: a reason, an amount, an answer."""
    reason = field(t(msg("Reason")), "reason", required=True, max_length=400, auto_focus=True)
    return rx.match(
        Inbox.form,
        ("reject", form_of(t(msg("Reject")), reason)),
        (
            "supplement",
            form_of(
                t(msg("Ask for a supplement")),
                field(t(msg("What is missing")), "reason", required=True, max_length=400, auto_focus=True),
            ),
        ),
        (
            "partly",
            form_of(
                t(msg("Approve a part")),
                field(
                    t(msg("Amount")), "amount", required=True, input_mode="decimal", max_length=24,
                    default_value=Inbox.facts["most"], auto_complete="off", auto_focus=True,
                ),
                field(t(msg("Remark")), "reason", max_length=400),
            ),
        ),
        (
            "answer",
            form_of(
                t(msg("Answer")),
                field(t(msg("Your answer")), "reason", required=True, max_length=400, auto_focus=True),
            ),
        ),
        (
            "resolve",
            form_of(
                t(msg("Mark as resolved")),
                rx.cond(Inbox.resolutions.length() > 0, rx.foreach(Inbox.evidence, choice_field)),
                field(t(msg("What was done")), "reason", required=True, max_length=400, auto_focus=True),
            ),
        ),
        rx.fragment(),
    )  # fmt: skip


def choice_field(row: Any, index: Any) -> rx.Component:
    """In which of the ways one row of the evidence is settled."""
    return rx.el.label(
        rx.el.span(t(msg("How it is settled")), " · ", row["text"]),
        rx.el.select(
            rx.foreach(Inbox.resolutions, lambda one: rx.el.option(one["text"], value=one["value"])),
            name="choice-" + (index + 1).to_string(),
            class_name="input",
        ),
        class_name="field choice-field",
    )


def form_of(title: Any, *fields: rx.Component) -> rx.Component:
    """The card of an action's form."""
    return section(
        title,
        rx.el.form(
            *fields,
            submit_button(title),
            on_submit=Inbox.submit,
            key=Inbox.chosen + Inbox.form,
            class_name="form-row task-form",
        ),
    )


def facts_card() -> rx.Component:
    """About what, by whom, how much, until when."""
    facts = Inbox.facts
    return rx.el.section(
        rx.el.dl(
            fact(
                t(msg("About")),
                rx.cond(
                    facts["subject_href"] != "",
                    link(facts["subject"], href=facts["subject_href"], class_name="link"),
                    facts["subject"],
                ),
            ),
            fact(t(msg("Amount")), facts["asked"]),
            fact(t(msg("Asked by")), facts["requester"], hint=facts["requested_at"]),
            fact(
                t(msg("Due by")),
                facts["due_at"],
                hint=rx.cond(facts["clock"] != "", facts["clock"], ""),
            ),
            class_name="facts four",
        ),
        class_name="card",
    )


def steps_card() -> rx.Component:
    """Who decides in which order, and what was decided."""
    return section(
        t(msg("Steps")),
        rx.el.ol(
            rx.foreach(
                Inbox.steps,
                lambda step: rx.el.li(
                    rx.el.span(step["position"], class_name="step-number"),
                    rx.el.div(
                        rx.el.div(step["roles"], class_name="step-roles"),
                        rx.cond(
                            step["at"] != "–",
                            rx.el.div(step["who"], " · ", step["at"], class_name="note"),
                        ),
                        rx.cond(step["reason"] != "", rx.el.div(step["reason"])),
                    ),
                    rx.el.b(step["amount"]),
                    badge(step["decision"], step["tone"]),
                    class_name="approval-step",
                ),
            ),
            class_name="approval-steps",
        ),
    )
