"""What the cockpit shows of regions, categories and buyers: tiles, ranking, shares, league."""

from typing import Any

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t
from ..state.cockpit import CockpitState as State
from .components import empty_state, link, section


def areas() -> rx.Component:
    """The country as tiles; networks without a layout show only the ranking."""
    return rx.cond(
        State.tiles.length() > 0,
        section(
            t(msg("Sales by region")),
            rx.el.div(rx.foreach(State.tiles, tile), class_name="tiles"),
            note=t(msg("{unit} · total {total}"), unit=State.money_unit, total=State.area_total),
            class_name="areas",
        ),
    )


def tile(item: Any) -> rx.Component:
    """One region: its short name and sales, shaded by amount."""
    return rx.el.button(
        rx.el.span(item["name"], class_name="tile-name"),
        rx.el.span(item["text"]),
        on_click=State.choose("region", item["code"]),
        disabled=item["disabled"] != "",
        aria_label=item["label"],
        aria_pressed=rx.cond(item["chosen"] != "", "true", "false"),
        title=item["label"],
        class_name=rx.Var.create("tile ") + item["shade"],
        style={"gridColumn": item["column"], "gridRow": item["line"]},
        data_region=item["code"],
    )


def ranking_card() -> rx.Component:
    """Regions by sales, with a bar and the change against last year."""
    return section(
        t(msg("Region ranking")),
        rx.cond(
            State.ranking.length() > 0,
            rx.el.ol(rx.foreach(State.ranking, rank_row), class_name="ranking"),
            nothing_here(),
        ),
        note=t(msg("{unit} · YoY"), unit=State.money_unit),
        class_name="ranking-card",
    )


def rank_row(item: Any) -> rx.Component:
    """One bar; a click filters."""
    return rx.el.li(
        rx.el.button(
            rx.el.span(item["rank"], class_name="rank"),
            rx.el.span(item["name"], class_name="rank-name"),
            rx.el.span(rx.el.span(style={"width": item["width"]}, class_name="bar-fill"), class_name="bar"),
            rx.el.span(item["text"], class_name="rank-value"),
            rx.el.span(
                rx.match(item["direction"], ("up", "▲ "), ("down", "▼ "), ""),
                item["change"],
                class_name=rx.Var.create("change ") + item["direction"],
            ),
            on_click=State.choose("region", item["code"]),
            disabled=item["disabled"] != "",
            aria_pressed=rx.cond(item["chosen"] != "", "true", "false"),
            class_name="rank-row",
            data_region=item["code"],
        )
    )


def nothing_here() -> rx.Component:
    """An empty card: no trade, or withheld from a reader of national figures."""
    return rx.cond(
        State.is_restricted,
        empty_state(
            t(msg("Not shown together with another filter")),
            t(msg("Figures of others are shown one filter at a time.")),
        ),
        empty_state(t(msg("No trade in this period"))),
    )


def category_and_league() -> rx.Component:
    """Category share as one bar, and the direct buyers."""
    return rx.el.div(
        section(
            t(msg("Category share")),
            rx.cond(
                State.categories.length() > 0,
                rx.el.div(rx.foreach(State.categories, category_part), class_name="shares"),
                nothing_here(),
            ),
        ),
        section(
            rx.cond(State.is_partner_view, t(msg("My buyers")), t(msg("Partner league"))),
            rx.cond(
                State.league.length() > 0,
                rx.el.div(
                    rx.el.table(
                        rx.el.thead(
                            rx.el.tr(
                                rx.el.th(t(msg("Name")), scope="col"),
                                rx.el.th(t(msg("Sales")), scope="col", class_name="number"),
                                rx.el.th(t(msg("Share")), scope="col", class_name="number"),
                                rx.el.th(t(msg("YoY")), scope="col", class_name="number"),
                            )
                        ),
                        rx.el.tbody(rx.foreach(State.league, league_row)),
                    ),
                    class_name="league-scroll",
                    tab_index=0,
                ),
                rx.cond(
                    State.is_restricted,
                    empty_state(t(msg("Only your own line would be shown here"))),
                    empty_state(t(msg("No trade in this period"))),
                ),
            ),
            note=rx.cond(
                State.is_restricted,
                t(msg("your own line only")),
                t(msg("{count} shown"), count=State.league_count),
            ),
            class_name="league",
        ),
        class_name="side",
    )


def category_part(item: Any) -> rx.Component:
    """One category of the bar; a click filters."""
    return rx.el.button(
        rx.el.span(item["name"]),
        rx.el.strong(item["share"]),
        on_click=State.choose("category", item["code"]),
        aria_pressed=rx.cond(item["chosen"] != "", "true", "false"),
        title=item["name"] + " " + item["amount"] + " " + item["change"],
        class_name=rx.Var.create("share ") + item["shade"],
        style={"flexGrow": item["grow"]},
        data_category=item["code"],
    )


def league_row(item: Any) -> rx.Component:
    """A buyer: amount, share, change; opens its rows."""
    return rx.el.tr(
        rx.el.td(
            link(
                item["name"],
                rx.el.span(" ", item["tier"], class_name="note"),
                href=item["href"],
                class_name="league-name",
                title=item["code"],
            )
        ),
        rx.el.td(item["amount"], class_name="number"),
        rx.el.td(item["share"], class_name="number"),
        rx.el.td(
            rx.match(item["direction"], ("up", "▲ "), ("down", "▼ "), ""),
            item["change"],
            class_name=rx.Var.create("number change ") + item["direction"],
        ),
    )
