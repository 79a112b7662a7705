"""Tabs of a record; the chosen one lives in the URL, so that a link opens it and Back returns to it."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from ...i18n import t


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: its name in the URL, its heading (msgid), what it shows, and how many there are of it."""

    key: str
    title: str
    content: rx.Component
    count: Any = None


def tabs(state: Any, label: Any, *items: Tab) -> rx.Component:
    """The row of tabs above the panel of the chosen one; the first when the URL names none of them."""
    first = items[0]
    others = [item.key for item in items[1:]]
    is_other = rx.Var.create(others).contains(state.tab)
    return rx.el.div(
        rx.el.div(
            *[
                _tab(state, item, ~is_other if item is first else state.tab == item.key)  # type: ignore[operator]
                for item in items
            ],
            role="tablist",
            aria_label=label,
            class_name="tabs",
        ),
        rx.match(state.tab, *[(item.key, _panel(item)) for item in items[1:]], _panel(first)),
        class_name="tabbed",
    )


def _tab(state: Any, item: Tab, is_chosen: Any) -> rx.Component:
    count = rx.fragment() if item.count is None else rx.el.span(item.count, class_name="tab-count")
    return rx.el.button(
        t(item.title),
        count,
        type="button",
        role="tab",
        id=f"tab-{item.key}",
        on_click=state.choose_tab(item.key),
        aria_selected=rx.cond(is_chosen, "true", "false"),
        aria_controls=f"panel-{item.key}",
        class_name="tab",
    )


def _panel(item: Tab) -> rx.Component:
    return rx.el.div(item.content, role="tabpanel", id=f"panel-{item.key}", aria_labelledby=f"tab-{item.key}")
