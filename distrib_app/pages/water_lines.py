"""Water lines: safety, warning and maximum per place and SKU."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.shell import Shell
from ..state.water_lines import WaterLines
from .components import (
    action_button,
    close_button,
    columns_of,
    data_table,
    fact,
    field,
    link,
    list_tools,
    page_header,
    section,
    steps_panel,
    submit_button,
)
from .layout import framed
from .registry import Page, register

COLUMNS = columns_of(
    "water-lines",
    {"source": "badge"},
    {"partner": 4, "name": 3, "daily": 3, "set_at": 4, "source": 2, "place": 2},
)


def water_lines_page() -> rx.Component:
    """The list; the chosen place and SKU opens beside it."""
    return rx.fragment(
        page_header(
            t(msg("Water lines")),
            link(t(msg("Replenishment")), href=routes.REPLENISHMENT, class_name="button quiet"),
            rx.cond(
                Shell.permissions.contains(Permission.STOCK_WRITE),
                action_button(t(msg("Compute")), WaterLines.compute, is_primary=True),
            ),
        ),
        rx.el.div(
            rx.el.section(
                list_tools(WaterLines, COLUMNS, t(msg("SKU, place or partner"))),
                data_table(
                    COLUMNS,
                    WaterLines,
                    caption=t(msg("Water lines")),
                    empty=t(msg("No lines yet: compute them from what was sold")),
                    cells={
                        "sku": sku_cell,
                        "daily": _number_cell("daily", "number rank-3"),
                        **{key: _number_cell(key) for key in ("available", "safety", "warning", "maximum")},
                    },
                ),
                class_name="card tight",
            ),
            rx.cond(WaterLines.chosen.contains("sku"), line_panel()),
            class_name=rx.cond(WaterLines.chosen.contains("sku"), "columns wide-left beside", ""),
        ),
    )


def sku_cell(row: Any) -> rx.Component:
    """The SKU opens its lines at this place."""
    return rx.el.td(
        rx.el.button(
            row["sku"],
            on_click=WaterLines.open_line(row["location"], row["sku"], "maximum"),
            class_name="link",
        )
    )


def _number_cell(key: str, class_name: str = "number") -> Callable[[Any], rx.Component]:
    """A number of the list that opens its why."""

    def cell(row: Any) -> rx.Component:
        return rx.el.td(
            rx.cond(
                row[key] == "–",
                row[key],
                rx.el.button(
                    row[key],
                    type="button",
                    on_click=WaterLines.open_line(row["location"], row["sku"], key),
                    class_name="figure",
                    custom_attrs={"data-why": key},
                ),
            ),
            class_name=class_name,
        )

    return cell


def line_panel() -> rx.Component:
    """The chosen lines: how they came about, and the form to set them."""
    chosen = WaterLines.chosen
    return rx.el.div(
        section(
            rx.fragment(chosen["sku"], " ", chosen["name"]),
            rx.el.dl(fact(t(msg("Place")), chosen["place"]), class_name="facts spaced"),
            rx.cond(
                Shell.permissions.contains(Permission.STOCK_WRITE),
                rx.el.form(
                    line_field(t(msg("Safety line")), "safety_qty"),
                    line_field(t(msg("Warning line")), "warning_qty"),
                    line_field(t(msg("Maximum line")), "max_qty"),
                    submit_button(t(msg("Set by hand"))),
                    on_submit=WaterLines.save,
                    key=WaterLines.form_key.to_string(),
                    class_name="form-row thirds",
                ),
            ),
            rx.cond(
                Shell.permissions.contains(Permission.STOCK_WRITE) & (chosen["is_hand"] != ""),
                rx.el.div(
                    action_button(t(msg("Compute again")), WaterLines.release), class_name="form-row under"
                ),
            ),
            note=close_button(WaterLines.close_why),
        ),
        steps_panel(WaterLines.steps, WaterLines.steps_title),
        class_name="stack",
    )


def line_field(label: Any, name: str) -> rx.Component:
    """A line as a number that can be changed."""
    return field(label, name, kind="number", required=True, min=0, default_value=WaterLines.chosen[name])


register(
    Page(
        route=routes.WATER_LINES,
        title=msg("Water lines"),
        component=framed(water_lines_page),
        on_load=[WaterLines.load],
        permission=Permission.STOCK_READ,
        section="trade",
        icon="waves",
    )
)
