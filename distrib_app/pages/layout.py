"""The frame of every page: top bar, navigation from the registry, main area."""

from collections.abc import Callable
from itertools import groupby

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import Locale, t
from ..state.shell import Shell
from .components import link, plain_form
from .registry import Page, pages

BRAND_NAME = "渠道云"


def framed(content: Callable[[], rx.Component]) -> Callable[[], rx.Component]:
    """Put a page's content into the frame."""

    def page() -> rx.Component:
        return rx.el.div(
            rx.el.a(t(msg("Skip to content")), href="#main", class_name="skip-link"),
            top_bar(),
            rx.el.div(
                navigation(),
                rx.el.main(content(), id="main", class_name="main", tab_index=-1),
                class_name="body",
            ),
            class_name="app",
        )

    return page


def top_bar() -> rx.Component:
    """Brand, language, colour mode, who is signed in."""
    return rx.el.header(
        rx.el.button(
            rx.icon("menu", size=18),
            on_click=Shell.toggle_menu,
            aria_label=t(msg("Menu")),
            class_name="icon-button menu-button",
        ),
        rx.el.a(rx.el.span(class_name="logo"), BRAND_NAME, href=routes.COCKPIT, class_name="brand"),
        rx.el.div(class_name="spacer"),
        preferences(),
        rx.el.div(
            rx.el.span(Shell.user_name, class_name="user-name"),
            rx.el.span(Shell.company, class_name="user-company"),
            class_name="user",
        ),
        plain_form(
            rx.el.button(t(msg("Sign out")), type="submit", class_name="button quiet"),
            action=routes.SIGN_OUT,
        ),
        class_name="top-bar",
    )


def preferences() -> rx.Component:
    """Language and light or dark."""
    return rx.el.div(
        rx.el.button(
            rx.cond(Locale.lang == "en", "中文", "EN"),
            on_click=Shell.switch_language,
            aria_label=rx.cond(Locale.lang == "en", "切换到中文", "Switch to English"),
            class_name="icon-button text",
        ),
        rx.el.button(
            rx.cond(rx.color_mode == "dark", rx.icon("sun", size=16), rx.icon("moon", size=16)),
            on_click=rx.toggle_color_mode,
            aria_label=t(msg("Light or dark")),
            class_name="icon-button",
        ),
        class_name="preferences",
    )


def navigation() -> rx.Component:
    """Links to the pages the actor may open, grouped by section."""
    shown = [page for page in pages() if page.in_navigation]
    groups = [
        rx.el.div(*[_link(page) for page in group], class_name="nav-group")
        for _, group in groupby(shown, key=lambda page: page.section)
    ]
    return rx.el.nav(
        *groups,
        aria_label=t(msg("Navigation")),
        class_name=rx.cond(Shell.is_menu_open, "nav open", "nav"),
    )


def _link(page: Page) -> rx.Component:
    path = rx.State.router.url.path
    is_here = path == page.route if page.route == "/" else (path + "/").startswith(page.route + "/")
    return rx.cond(
        Shell.permissions.contains(page.permission),
        link(
            rx.icon(page.icon, size=16),
            t(page.title),
            href=page.route,
            aria_current=rx.cond(is_here, "page", ""),
            class_name=rx.cond(is_here, "nav-link here", "nav-link"),
        ),
    )
