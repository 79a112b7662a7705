"""The control tower: open orders by stage, the late ones first, with what has to happen next."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.control_tower import ControlTower
from .components import columns_of, data_table, heartbeat, link, list_tools, page_header
from .layout import framed
from .registry import Page, register

COLUMNS = columns_of(
    "control-tower",
    {"number": "link", "status": "badge", "amount": "figure"},
    {"seller": 3, "placed_at": 4, "place": 2, "amount": 2},
)


def control_tower_page() -> rx.Component:
    """Tiles by stage, and the list that they filter."""
    return rx.fragment(
        heartbeat(ControlTower.refresh, seconds=20),
        page_header(
            t(msg("Control tower")),
            link(t(msg("Fulfilment")), href=routes.FULFILMENTS, class_name="button quiet"),
        ),
        rx.el.ul(rx.foreach(ControlTower.tiles, _tile), class_name="tower-tiles"),
        rx.el.section(
            list_tools(ControlTower, COLUMNS, t(msg("Number, partner code or name"))),
            data_table(
                COLUMNS,
                ControlTower,
                caption=t(msg("Control tower")),
                empty=t(msg("No order is open")),
                cells={"delay": _delay, "next": _next, "number": _number},
            ),
            class_name="card tower tight",
        ),
    )


def _tile(tile: Any) -> rx.Component:
    """A stage; a click shows only its orders, once more shows all again."""
    return rx.el.li(
        rx.el.button(
            rx.el.span(tile["word"], class_name="tower-word"),
            rx.el.span(tile["count"], class_name="tower-count"),
            rx.el.span(tile["amount"], class_name="note"),
            rx.el.span(tile["oldest"], class_name="note"),
            type="button",
            on_click=ControlTower.toggle_facet("status", tile["stage"]),
            aria_pressed=rx.cond(tile["is_chosen"] != "", "true", "false"),
            class_name="tower-tile",
            custom_attrs={"data-stage": tile["stage"]},
        ),
        rx.cond(
            tile["late"] != "",
            link(
                rx.icon("clock-alert", size=14),
                tile["late"],
                href=rx.Var.create(f"{routes.CONTROL_TOWER}?state=late&status=") + tile["stage"],
                class_name="late-mark",
            ),
        ),
    )


def _number(row: Any) -> rx.Component:
    return rx.el.td(
        link(row["number"], href=row["number_href"], class_name="link"),
        rx.cond(row["urgent"] != "", rx.el.span(row["urgent"], class_name="tower-urgent")),
    )


def _delay(row: Any) -> rx.Component:
    return rx.el.td(
        rx.cond(
            row["delay"] != "",
            link(
                rx.icon("clock-alert", size=14), row["delay"], href=row["delay_href"], class_name="late-mark"
            ),
        ),
        class_name="number",
    )


def _next(row: Any) -> rx.Component:
    """What has to happen, and for a held order why it waits."""
    return rx.el.td(
        row["next"],
        rx.cond(row["hold"] != "", rx.el.div(row["hold"], class_name="note")),
    )


register(
    Page(
        route=routes.CONTROL_TOWER,
        title=msg("Control tower"),
        component=framed(control_tower_page),
        on_load=[ControlTower.load],
        permission=Permission.ORDERS_READ,
        section="trade",
        icon="radar",
    )
)
