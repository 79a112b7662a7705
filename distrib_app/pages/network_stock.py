"""Stock of the network: brand, partners or stores; by SKU, by place, or as a heat table."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.network_stock import NetworkStock as State
from .components import (
    action_button,
    close_button,
    columns_of,
    data_table,
    empty_state,
    link,
    list_tools,
    page_header,
    skeleton,
    steps_panel,
    why_number,
)
from .layout import framed
from .registry import Page, register

_COLUMNS = columns_of(
    "network-stock",
    {"code": "link", "state": "badge", "on_hand": "figure"},
    {
        "group": 4,
        "count": 4,
        "reserved": 3,
        "issued": 2,
        "age0": 2,
        "age1": 3,
        "age2": 3,
        "age3": 3,
        "age4": 2,
    },
)
_TITLES = {
    "sku": {"count": msg("Places"), "group": msg("Category")},
    "place": {"count": msg("SKUs"), "group": msg("Owner")},
}
# the same columns, headed by what the rows are
COLUMNS = {
    by: [replace(column, title=titles.get(column.key, column.title)) for column in _COLUMNS]
    for by, titles in _TITLES.items()
}
FIGURES = ("count", "issued", "cover", "age0", "age1", "age2", "age3", "age4")
BY = ((msg("By SKU"), "sku"), (msg("By place"), "place"), (msg("Heat table"), "heat"))


def network_stock_page() -> rx.Component:
    """Whose stock above, how it is looked at beside it, then the list or the heat table."""
    return rx.fragment(
        page_header(
            t(msg("Network stock")),
            rx.el.div(
                rx.foreach(
                    State.view_options,
                    lambda one: _segment(one["text"], "view", one["value"], State.view == one["value"]),
                ),
                class_name="segments",
            ),
            _segments("by", State.by, BY),
        ),
        rx.cond(
            State.by == "heat",
            heat_card(),
            rx.el.div(
                rx.el.section(
                    list_tools(State, _COLUMNS, t(msg("Code or name"))),
                    rx.cond(State.by == "place", _table("place"), _table("sku")),
                    class_name="card network",
                ),
                rx.cond(
                    State.why != "",
                    steps_panel(State.steps, State.steps_title, close_button(State.close_why)),
                ),
                class_name=rx.cond(State.why != "", "columns wide-left beside", ""),
            ),
        ),
    )


def _table(by: str) -> rx.Component:
    columns = COLUMNS[by]
    classes = {column.key: column.class_name for column in columns}

    def figure(key: str) -> Callable[[Any], rx.Component]:
        return lambda row: rx.el.td(
            why_number(State, rx.Var.create(f"{key}:") + row["code"], row[key]), class_name=classes[key]
        )

    return data_table(
        columns,
        State,
        caption=t(msg("Network stock")),
        empty=t(msg("No stock that you may see")),
        cells={key: figure(key) for key in FIGURES},
    )


def _segments(name: str, value: Any, options: tuple[tuple[str, str], ...]) -> rx.Component:
    return rx.el.div(
        *[_segment(t(text), name, one, value == one) for text, one in options], class_name="segments"
    )


def _segment(text: Any, name: str, value: Any, is_on: Any) -> rx.Component:
    return rx.el.button(
        text,
        type="button",
        on_click=State.choose(name, value),
        aria_pressed=rx.cond(is_on, "true", "false"),
        class_name="segment",
    )


def heat_card() -> rx.Component:
    """Provinces or tiers down, categories or the SKUs of one across; a cell leads to its balances."""
    return rx.el.section(
        rx.el.div(
            _segments("measure", State.measure, ((msg("Weeks of cover"), "cover"), (msg("Quantity"), "qty"))),
            _segments("columns", State.columns, ((msg("By province"), "region"), (msg("By tier"), "tier"))),
            rx.cond(
                State.inside != "",
                action_button(t(msg("All categories")), State.choose("inside", "")),
                rx.el.span(t(msg("A category opens its SKUs")), class_name="note"),
            ),
            class_name="list-tools",
        ),
        rx.cond(
            State.is_loaded,
            rx.cond(
                State.lines.length() > 0,
                rx.fragment(heat_table(), rx.cond(State.measure == "cover", legend())),
                empty_state(t(msg("No stock that you may see"))),
            ),
            skeleton(),
        ),
        class_name="card",
    )


def heat_table() -> rx.Component:
    """Numbers on their colours; the title of a cell says all of it."""
    return rx.el.div(
        rx.el.table(
            rx.el.caption(t(msg("Heat table")), class_name="visually-hidden"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(
                        rx.cond(State.columns == "tier", t(msg("Tier")), t(msg("Province"))), scope="col"
                    ),
                    rx.foreach(State.heads, _head),
                )
            ),
            rx.el.tbody(rx.foreach(State.lines, lambda line: rx.el.tr(rx.foreach(line, _cell)))),
            class_name="heat",
        ),
        tab_index=0,
        role="region",
        aria_label=t(msg("Heat table")),
        class_name="table-wrap",
    )


def _head(head: Any) -> rx.Component:
    return rx.el.th(
        rx.cond(
            State.inside != "",
            rx.el.span(head["name"], title=head["title"]),
            rx.el.button(
                head["name"],
                type="button",
                on_click=State.choose("inside", head["code"]),
                class_name="link",
            ),
        ),
        scope="col",
    )


def _cell(cell: Any) -> rx.Component:
    return rx.cond(
        cell["is_head"],
        rx.el.th(cell["text"], scope="row"),
        rx.el.td(
            rx.cond(
                cell["href"] != "",
                link(cell["text"], href=cell["href"], title=cell["title"], class_name="heat-cell"),
                rx.el.span(cell["text"], title=cell["title"], class_name="heat-cell"),
            ),
            class_name=cell["tone"],
        ),
    )


def legend() -> rx.Component:
    """What the colours mean, in words."""
    marks = (
        ("out", "0", msg("out of stock")),
        ("short", "< 2", msg("short")),
        ("fine", "2–8", msg("fine")),
        ("high", "8–16", msg("high")),
        ("much", "> 16", msg("too much")),
        ("idle", "–", msg("nothing goes out")),
    )
    return rx.el.ul(
        *[
            rx.el.li(
                rx.el.span(mark, class_name=f"heat-key cover-{key}"),
                rx.el.span(t(word), class_name="note"),
            )
            for key, mark, word in marks
        ],
        class_name="heat-legend",
    )


register(
    Page(
        route=routes.STOCK_NETWORK,
        title=msg("Network stock"),
        component=framed(network_stock_page),
        on_load=[State.load],
        permission=Permission.STOCK_READ,
        section="trade",
        icon="boxes",
    )
)
