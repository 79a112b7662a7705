"""What is shown only once: a link, a token, recovery codes, with a button that copies it."""

from typing import Any

import reflex as rx

from ...core.kernel.errors import msg
from ...i18n import t


def shown_once(title: Any, value: Any, *, note: Any) -> rx.Component:
    """A secret in its box; `note` says what to do with it now."""
    return rx.el.div(
        rx.el.p(title, class_name="once-title"),
        rx.el.div(
            rx.el.code(value, class_name="once-value"),
            rx.el.button(
                rx.icon("copy", size=16),
                type="button",
                on_click=rx.set_clipboard(value),
                aria_label=t(msg("Copy")),
                class_name="icon-button",
            ),
            class_name="once-row",
        ),
        rx.el.p(note, class_name="note"),
        role="status",
        class_name="once",
    )
