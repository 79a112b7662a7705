"""Selects whose options come from the state, and the states of a page that shows nothing."""

from typing import Any

import reflex as rx

from ...core.kernel.errors import msg
from ...i18n import t
from .basics import empty_state


def url_select(
    state: Any, name: str, value: Any, options: Any, *, label: Any, everything: Any
) -> rx.Component:
    """A filter of a list that lives in the URL; `options` are rows of value and text."""
    return rx.el.select(
        rx.el.option(everything, value=""),
        choices(options),
        value=value,
        on_change=lambda chosen: state.filter_by(name, chosen),
        aria_label=label,
        class_name="input",
    )


def choices(options: Any) -> rx.Component:
    """The options of a select out of rows of value and text."""
    return rx.foreach(options, lambda row: rx.el.option(row["text"], value=row["value"]))


def no_permission() -> rx.Component:
    """What a page says to those it is not meant for."""
    return empty_state(
        t(msg("You do not have access to this page")),
        t(msg("Ask an administrator if you need it for your work.")),
    )


def loading() -> rx.Component:
    """The skeleton of a record."""
    return rx.el.div(*[rx.el.div(class_name="skeleton-row") for _ in range(8)], class_name="skeleton card")


def chooser(label: Any, name: str, options: Any, **props: Any) -> rx.Component:
    """A labelled select whose options come from the state."""
    return rx.el.label(
        rx.el.span(label),
        rx.el.select(choices(options), name=name, class_name="input", **props),
        class_name="field",
    )
