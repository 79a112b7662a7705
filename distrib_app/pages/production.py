"""The planning board of production: a column per state, the load of the next weeks, one request beside it."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.production import COLUMN_WORDS, Production
from .components import (
    action_button,
    badge,
    choices,
    empty_state,
    fact,
    field,
    link,
    no_permission,
    page_header,
    section,
    skeleton,
    submit_button,
    urgent_badge,
)
from .layout import framed
from .registry import Page, register


def production_page() -> rx.Component:
    """What is to be made for which order, and when."""
    return rx.fragment(
        page_header(t(msg("Production"))),
        rx.cond(
            Production.is_loaded,
            rx.cond(Production.is_forbidden, no_permission(), board()),
            skeleton(),
        ),
    )


def board() -> rx.Component:
    """The load of the weeks, the columns, and the chosen request."""
    return rx.fragment(
        rx.el.section(
            rx.el.dl(
                rx.foreach(
                    Production.weeks,
                    lambda week: fact(
                        rx.fragment(t(msg("Week of")), " ", week["week"]),
                        rx.fragment(week["qty"], " ", t(msg("pieces"))),
                    ),
                ),
                class_name="facts",
            ),
            aria_label=t(msg("Planned for the next weeks")),
            class_name="card spaced",
        ),
        rx.cond(
            Production.cards.length() > 0,
            rx.el.div(
                rx.el.div(*[_column(status) for status in COLUMN_WORDS], class_name="board"),
                rx.cond(Production.chosen.contains("number"), request_panel()),
                class_name=rx.cond(Production.chosen.contains("number"), "columns wide-left beside", ""),
            ),
            empty_state(
                t(msg("Nothing is to be made")),
                t(msg("Orders for goods that may be ordered beyond stock appear here.")),
            ),
        ),
    )


def _column(status: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(t(COLUMN_WORDS[status]), " ", rx.el.span(Production.counts[status], class_name="note")),
        rx.el.ul(
            rx.foreach(
                Production.cards,
                lambda card: rx.cond(card["status"] == status, rx.el.li(_card(card))),
            ),
            class_name="board-cards",
        ),
        class_name="board-column",
    )


def _card(card: Any) -> rx.Component:
    return rx.el.button(
        rx.el.div(
            rx.el.strong(card["number"]),
            urgent_badge(card["urgent"]),
            rx.cond(card["late"] != "", badge(card["late"], "bad")),
            class_name="board-head",
        ),
        rx.el.div(card["goods"]),
        rx.el.div(t(msg("Ready on")), " ", card["promised"], class_name="note"),
        rx.el.div(card["part"], class_name="note"),
        type="button",
        on_click=Production.choose(card["number"]),
        aria_pressed=rx.cond(Production.chosen["number"] == card["number"], "true", "false"),
        class_name="board-card",
    )


def request_panel() -> rx.Component:
    """The chosen request and its next steps."""
    chosen = Production.chosen
    return section(
        rx.fragment(chosen["number"], " ", chosen["state"]),
        rx.el.dl(
            fact(
                t(msg("Order")),
                rx.cond(
                    chosen["order_href"] != "",
                    link(chosen["order"], href=chosen["order_href"], class_name="link"),
                    chosen["part"],
                ),
            ),
            fact(t(msg("Wanted on")), chosen["wanted"]),
            fact(t(msg("Ready on")), chosen["promised"]),
            fact(t(msg("Place")), chosen["place"]),
            class_name="facts pairs",
        ),
        rx.el.ul(rx.foreach(Production.lines, _goods), class_name="made-goods", aria_label=t(msg("Goods"))),
        rx.cond(chosen["can_plan"] != "", plan_form()),
        rx.cond(chosen["can_finish"] != "", finish_form()),
        rx.el.div(
            rx.cond(chosen["can_start"] != "", action_button(t(msg("Start")), Production.act("start"))),
            rx.cond(chosen["can_cancel"] != "", action_button(t(msg("Give up")), Production.act("cancel"))),
            action_button(t(msg("Close")), Production.choose(chosen["number"])),
            class_name="form-row under",
        ),
    )


def _goods(line: Any) -> rx.Component:
    """A SKU to be made, with what a unit is planned to cost and what it did."""
    return rx.el.li(
        rx.el.div(rx.el.strong(line["sku"]), rx.el.span(line["name"], class_name="note")),
        rx.el.dl(
            fact(t(msg("Quantity")), line["qty"]),
            fact(t(msg("Planned unit cost")), line["planned"]),
            rx.cond(line["cost"] != "–", fact(t(msg("Actual unit cost")), line["cost"])),
            class_name="facts pairs",
        ),
    )


def plan_form() -> rx.Component:
    """The day the goods are to be ready, where they come in, and what a unit is planned to cost."""
    return rx.el.form(
        field(t(msg("Ready on")), "promised_on", kind="date", required=True),
        rx.el.label(
            rx.el.span(t(msg("Place"))),
            rx.el.select(choices(Production.places), name="location", class_name="input"),
            class_name="field",
        ),
        rx.foreach(Production.lines, _cost),
        submit_button(t(msg("Plan"))),
        on_submit=Production.plan,
        key=Production.chosen["number"] + "plan",
        class_name="form-row under",
    )


def finish_form() -> rx.Component:
    """What the goods cost in the end, and their lot where they are kept by lot."""
    return rx.el.form(
        rx.foreach(
            Production.lines,
            lambda line: rx.fragment(_cost(line), rx.cond(line["has_lots"] != "", _lot(line))),
        ),
        submit_button(t(msg("Finish"))),
        on_submit=Production.finish,
        key=Production.chosen["number"] + "finish",
        class_name="form-row under",
    )


def _cost(line: Any) -> rx.Component:
    return rx.el.label(
        rx.el.span(t(msg("Net cost per unit")), " · ", line["sku"]),
        rx.el.input(
            name="cost-" + line["sku"],
            input_mode="decimal",
            max_length=20,
            default_value=line["typed"],
            auto_complete="off",
            class_name="input",
        ),
        class_name="field",
    )


def _lot(line: Any) -> rx.Component:
    return rx.fragment(
        rx.el.label(
            rx.el.span(t(msg("Lot")), " · ", line["sku"]),
            rx.el.input(name="lot-" + line["sku"], required=True, max_length=40, class_name="input"),
            class_name="field",
        ),
        rx.el.label(
            rx.el.span(t(msg("Good until")), " · ", line["sku"]),
            rx.el.input(name="expires-" + line["sku"], type="date", class_name="input"),
            class_name="field",
        ),
    )


register(
    Page(
        route=routes.PRODUCTION,
        title=msg("Production"),
        component=framed(production_page),
        on_load=[Production.load],
        permission=Permission.ORDERS_READ,
        section="trade",
        icon="factory",
    )
)
