"""A figure of its own above a list."""

from typing import Any

import reflex as rx


def figure_tile(word: Any, figure: Any, note: Any, *, on_click: Any, is_open: Any) -> rx.Component:
    """A name, a figure and what belongs to it; a click opens its why."""
    return rx.el.button(
        rx.el.span(word, class_name="tower-word"),
        rx.el.span(figure, class_name="tower-count"),
        rx.el.span(note, class_name="note"),
        type="button",
        on_click=on_click,
        aria_expanded=rx.cond(is_open, "true", "false"),
        class_name="tower-tile",
    )
