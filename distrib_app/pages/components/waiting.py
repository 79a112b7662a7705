"""The request about a record that still waits for its decision."""

from typing import Any

import reflex as rx

from ...core.kernel.errors import msg
from ...i18n import t
from .basics import link


def waiting_task(state: Any) -> rx.Component:
    """Says what was asked for and links to it; `state.waiting` is empty where nothing is."""
    return rx.cond(
        state.waiting.contains("number"),
        rx.el.p(
            rx.icon("hourglass", size=16),
            rx.el.span(t(msg("Sent for approval:")), " ", state.waiting["title"], " "),
            link(state.waiting["number"], href=state.waiting["href"], class_name="link"),
            role="status",
            class_name="notice with-icon spaced",
        ),
    )
