"""What every record page has: loading, missing, its content; and the one timeline."""

from typing import Any

import reflex as rx

from ...core.kernel.errors import msg
from ...i18n import t
from .basics import empty_state, link, section
from .choices import loading


def record(
    state: Any, *content: rx.Component, missing: Any, hint: Any = None, back: tuple[Any, str] | None = None
) -> rx.Component:
    """A record page: skeleton while loading, a designed refusal when it does not exist for its reader.

    `back` is the text and address of the link to the list.
    """
    links = [link(back[0], href=back[1], class_name="button quiet")] if back else []
    return rx.cond(
        state.is_loaded,
        rx.cond(
            state.is_missing,
            rx.el.section(empty_state(missing, hint, *links), class_name="card"),
            rx.fragment(*content),
        ),
        loading(),
    )


def timeline(events: Any) -> rx.Component:
    """What happened; `events` is a var of rows text, note."""
    return section(
        t(msg("Timeline")),
        rx.cond(
            events.length() > 0,
            rx.el.ol(
                rx.foreach(
                    events,
                    lambda event: rx.el.li(
                        rx.el.div(event["text"]), rx.el.div(event["note"], class_name="note")
                    ),
                ),
                class_name="timeline",
            ),
            rx.el.p(t(msg("Nothing has been recorded yet")), class_name="note"),
        ),
    )
