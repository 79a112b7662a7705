"""The command palette over every page: a native dialog, so focus is trapped and given back by the browser.

`palette.js` opens it, moves the selection and filters what stands in the page already; records come from
the server as one types.
"""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..i18n.keywords import keywords
from ..state.palette import Palette
from ..state.shell import Shell
from .components import link
from .registry import Page, pages

LIST = "palette-list"


def palette_button() -> rx.Component:
    """What opens the palette without a keyboard."""
    return rx.el.button(
        rx.icon("search", size=15),
        rx.el.span(t(msg("Search")), class_name="palette-button-text"),
        rx.el.kbd(class_name="palette-keys", aria_hidden=True),
        type="button",
        aria_label=t(msg("Search everything")),
        aria_keyshortcuts="Control+K Meta+K",
        custom_attrs={"data-palette": "open"},
        class_name="palette-button",
    )


def palette() -> rx.Component:
    """The dialog with its input, what is found, and which keys do what."""
    return rx.el.dialog(
        rx.el.div(
            rx.icon("search", size=16),
            rx.el.input(
                type="text",
                role="combobox",
                placeholder=t(msg("Pages, partners, orders, products … by name, code or initials")),
                aria_label=t(msg("Search everything")),
                aria_expanded=True,
                aria_controls=LIST,
                aria_autocomplete="list",
                auto_complete="off",
                spell_check=False,
                max_length=80,
                on_change=Palette.look_for.debounce(120),
                class_name="palette-input",
            ),
            rx.el.button(
                rx.icon("x", size=16),
                type="button",
                aria_label=t(msg("Close")),
                custom_attrs={"data-palette": "close"},
                class_name="icon-button",
            ),
            class_name="palette-head",
        ),
        rx.el.div(
            _group("recent", t(msg("Recently opened"))),
            rx.el.div(
                rx.foreach(Palette.rows, _found),
                class_name="palette-found",
                custom_attrs={"data-for": Palette.asked},
            ),
            _group("pages", t(msg("Pages")), *[_page(page) for page in pages() if page.in_navigation]),
            _group("actions", t(msg("Actions")), *_actions()),
            id=LIST,
            role="listbox",
            aria_label=t(msg("What was found")),
            class_name="palette-list",
        ),
        rx.el.p(t(msg("Nothing was found")), class_name="palette-nothing note", role="status"),
        rx.el.div(
            _hint("↑ ↓", t(msg("to choose"))),
            _hint("↵", t(msg("to open"))),
            _hint("Esc", t(msg("to close"))),
            class_name="palette-foot",
        ),
        aria_label=t(msg("Search everything")),
        custom_attrs={"data-user": Shell.user_name},
        class_name="palette",
    )


def _hint(keys: str, text: Any) -> rx.Component:
    return rx.el.span(rx.el.kbd(keys), text)


def _group(name: str, title: Any, *options: rx.Component) -> rx.Component:
    """Options that stand in the page already; the script hides what does not meet the word."""
    return rx.el.div(
        rx.el.div(title, class_name="palette-heading", aria_hidden=True),
        rx.el.div(*options, custom_attrs={"data-options": name}),
        role="group",
        aria_label=title,
        class_name=f"palette-group palette-{name}",
    )


def _found(row: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(
            row["heading"] != "",
            rx.el.div(row["heading"], class_name="palette-heading", role="presentation"),
        ),
        link(
            rx.el.span(row["title"], class_name="palette-title"),
            rx.el.span(row["note"], class_name="palette-note"),
            href=row["href"],
            id=row["id"],
            role="option",
            tab_index=-1,
            class_name="palette-option",
        ),
    )


def _page(page: Page) -> rx.Component:
    return rx.cond(
        Shell.permissions.contains(page.permission),
        _option(page.title, page.icon, href=page.route, name=f"page-{page.route}"),
    )


def _actions() -> list[rx.Component]:
    """What can be done from everywhere; the script presses the control of the top bar."""
    return [
        rx.cond(
            Shell.permissions.contains(Permission.ORDERS_PLACE) & ~Shell.is_brand,
            _option(msg("New order"), "plus", href=routes.ORDER_NEW, name="new-order"),
        ),
        _press(msg("Switch language"), "languages", "[data-switch=language]"),
        _press(msg("Light or dark"), "sun-moon", "[data-switch=theme]"),
        _option(msg("Preferences"), "settings-2", href=routes.PREFERENCES, name="preferences"),
        _press(msg("Sign out"), "log-out", "[data-switch=sign-out]"),
    ]


def _option(text: str, icon: str, *, href: str, name: str) -> rx.Component:
    return link(
        rx.icon(icon, size=16),
        rx.el.span(t(text), class_name="palette-title"),
        href=href,
        id=f"palette-{name}",
        role="option",
        tab_index=-1,
        custom_attrs={"data-words": keywords(text)},
        class_name="palette-option",
    )


def _press(text: str, icon: str, control: str) -> rx.Component:
    return rx.el.div(
        rx.icon(icon, size=16),
        rx.el.span(t(text), class_name="palette-title"),
        id=f"palette-{icon}",
        role="option",
        custom_attrs={"data-words": keywords(text), "data-press": control},
        class_name="palette-option",
    )
