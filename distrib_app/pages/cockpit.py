"""The sales cockpit: cards on top, region tiles and ranking, categories and league, trend below."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..figures.cockpit import TREND_HEIGHT
from ..i18n import t
from ..state.cockpit import CockpitState as State
from .cockpit_parts import areas, category_and_league, ranking_card
from .components import Column, chart, link, page_header, section, static_table
from .layout import framed
from .registry import Page, register


def cockpit_page() -> rx.Component:
    """One screen; a click on anything filters everything else."""
    return rx.fragment(
        header(),
        rx.cond(
            State.is_loaded,
            rx.el.div(
                rx.el.div(rx.foreach(State.cards, kpi_card), class_name="cards"),
                rx.el.div(
                    areas(),
                    ranking_card(),
                    category_and_league(),
                    class_name=rx.cond(
                        State.tiles.length() > 0, "cockpit-middle with-tiles", "cockpit-middle"
                    ),
                ),
                trend_card(),
                class_name="cockpit",
            ),
            rx.el.div(*[rx.el.div(class_name="skeleton-row") for _ in range(12)], class_name="skeleton card"),
        ),
        # asks every few seconds whether something new has reached the lake
        rx.moment(interval=4000, on_change=State.poll, display="none"),
    )


def header() -> rx.Component:
    """Title, view switch, filters, and when the figures are from."""
    return page_header(
        t(msg("Sales cockpit")),
        rx.el.span(t(msg("as of {instant}"), instant=State.as_of), class_name="note"),
        rx.cond(
            State.views.length() > 1,
            rx.el.div(
                rx.foreach(
                    State.views,
                    lambda item: rx.el.button(
                        item["text"],
                        on_click=State.choose("view", item["value"]),
                        aria_pressed=rx.cond(item["here"] != "", "true", "false"),
                        class_name="segment",
                    ),
                ),
                class_name="segments",
            ),
        ),
        rx.el.select(
            rx.foreach(State.period_options, lambda item: rx.el.option(item["text"], value=item["value"])),
            value=State.period,
            on_change=lambda value: State.choose("period", value),
            aria_label=t(msg("Period")),
            class_name="input",
        ),
        chip("region", State.region, State.region_name, t(msg("All regions"))),
        chip("category", State.category, State.category_name, t(msg("All categories"))),
        link(t(msg("Rows")), href=State.rows_href, class_name="button quiet"),
    )


def chip(name: str, value: Any, text: Any, none: Any) -> rx.Component:
    """A filter that is set, with a cross to take it away; or what holds without it."""
    return rx.cond(
        value != "",
        rx.el.button(
            text,
            rx.icon("x", size=14),
            on_click=State.choose(name, value),
            aria_label=t(msg("Remove filter {name}"), name=text),
            class_name="chip set",
        ),
        rx.el.span(none, class_name="chip"),
    )


def kpi_card(card: Any) -> rx.Component:
    """A figure with unit, its changes and its line; opens its rows."""
    return link(
        rx.el.div(card["name"], class_name="kpi-name"),
        rx.el.div(
            rx.el.span(
                card["figure"],
                class_name=rx.cond(card["figure"].length() > 13, "kpi-figure long", "kpi-figure"),
            ),
            rx.el.span(card["unit"], class_name="kpi-unit"),
        ),
        rx.el.div(
            change_text(card["year_change"], card["year_direction"], t(msg("YoY"))),
            change_text(card["last_change"], card["last_direction"], t(msg("PoP"))),
            class_name="kpi-changes",
        ),
        rx.el.svg(
            rx.el.svg.polyline(points=card["spark"], fill="none", stroke="currentColor", stroke_width="1.5"),
            view_box="0 0 96 24",
            class_name="spark",
            aria_hidden="true",
        ),
        rx.el.div(card["note"], class_name="note"),
        href=card["href"],
        title=card["definition"] + "  " + card["exact"],
        class_name="card kpi",
        data_metric=card["key"],
        data_exact=card["exact"],
    )


def change_text(text: Any, direction: Any, label: Any) -> rx.Component:
    """▲ 12.4 % and against what; the sign is in the arrow and in the colour."""
    return rx.el.span(
        rx.el.span(
            rx.match(direction, ("up", "▲ "), ("down", "▼ "), ""),
            text,
            class_name=rx.Var.create("change ") + direction,
        ),
        " ",
        label,
    )


def trend_card() -> rx.Component:
    """Monthly sales over the year before, as a chart or as a table."""
    columns = [
        Column("month", msg("Month")),
        Column("sales", msg("Sales"), "number"),
        Column("net_sales", msg("Net sales"), "number"),
        Column("orders", msg("Orders"), "number"),
    ]
    return section(
        rx.el.span(
            t(msg("Monthly trend")),
            rx.el.span(rx.el.span(class_name="key accent"), t(msg("this year")), class_name="legend"),
            rx.el.span(rx.el.span(class_name="key"), t(msg("year before")), class_name="legend"),
        ),
        rx.cond(
            State.is_trend_table,
            static_table(columns, State.months, caption=t(msg("Monthly trend"))),
            chart(State.trend, height=TREND_HEIGHT, on_click=State.choose_month),
        ),
        note=rx.el.button(
            rx.cond(State.is_trend_table, t(msg("Show as chart")), t(msg("Show as table"))),
            on_click=State.toggle_trend_table,
            class_name="link",
        ),
        class_name="trend",
    )


register(
    Page(
        route=routes.COCKPIT,
        title=msg("Cockpit"),
        component=framed(cockpit_page),
        on_load=[State.load],
        permission=Permission.COCKPIT_READ,
        section="insight",
        icon="layout-dashboard",
    )
)
