"""A matrix: what is decided down, who it is decided for across."""

from collections.abc import Callable
from typing import Any

import reflex as rx


def matrix(
    corner: Any,
    heads: Any,
    lines: Any,
    cell: Callable[[Any], rx.Component],
    *,
    caption: Any,
    count: Callable[[Any], Any],
) -> rx.Component:
    """`heads` are rows of name and count, `lines` lists of cells whose first names the line."""
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="visually-hidden"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(corner, scope="col"),
                    rx.foreach(
                        heads,
                        lambda head: rx.el.th(
                            rx.el.div(head["name"], class_name="matrix-tier"),
                            rx.cond(head["count"] != "", rx.el.div(count(head))),
                            scope="col",
                        ),
                    ),
                )
            ),
            rx.el.tbody(rx.foreach(lines, lambda line: rx.el.tr(rx.foreach(line, cell)))),
            class_name="matrix",
        ),
        class_name="table-wrap",
    )
