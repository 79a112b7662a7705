"""The frame of every page: top bar, navigation from the registry, main area."""

import operator
from collections.abc import Callable
from functools import reduce
from itertools import groupby
from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import Locale, t
from ..state.shell import Shell
from .components import heartbeat, link, plain_form, skip_link
from .palette import palette, palette_button
from .registry import BRAND_NAME, Page, pages


def framed(content: Callable[[], rx.Component]) -> Callable[[], rx.Component]:
    """Put a page's content into the frame."""

    def page() -> rx.Component:
        return rx.el.div(
            skip_link(t(msg("Skip to content")), "main"),
            top_bar(),
            rx.cond(Shell.is_viewing, view_banner()),
            rx.el.div(
                navigation(),
                rx.el.main(content(), id="main", class_name="main", tab_index=-1),
                class_name="body",
            ),
            palette(),
            class_name=rx.match(
                Locale.rise,
                ("red", "app red-up"),
                ("green", "app green-up"),
                rx.cond(Locale.lang == "en", "app green-up", "app red-up"),
            ),
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
        palette_button(),
        bell(),
        preferences(),
        link(
            rx.icon("settings-2", size=16),
            href=routes.PREFERENCES,
            aria_label=t(msg("Preferences")),
            class_name="icon-button",
        ),
        link(
            rx.el.span(Shell.user_name, class_name="user-name"),
            rx.el.span(Shell.company, class_name="user-company"),
            href=routes.ACCOUNT_OWN,
            title=t(msg("My account")),
            class_name="user",
        ),
        plain_form(
            rx.el.button(
                t(msg("Sign out")), type="submit", class_name="button quiet", data_switch="sign-out"
            ),
            action=routes.SIGN_OUT,
        ),
        class_name="top-bar",
    )


def view_banner() -> rx.Component:
    """An administrator looks through somebody's eyes: says so on every page, and how it ends."""
    return rx.el.div(
        rx.icon("eye", size=16),
        rx.el.span(t(msg("You are viewing as {name}. Nothing can be changed."), name=Shell.user_name)),
        plain_form(
            rx.el.button(t(msg("End the view")), type="submit", class_name="button quiet"),
            action=routes.END_VIEW,
        ),
        role="status",
        class_name="view-banner",
    )


def bell() -> rx.Component:
    """The way to the notices, with how many are unread."""
    return rx.fragment(
        heartbeat(Shell.count_notices, seconds=10),
        link(
            rx.icon("bell", size=16),
            rx.cond(Shell.unread != "", rx.el.span(Shell.unread, class_name="unread-count")),
            href=routes.NOTICES,
            aria_label=rx.cond(
                Shell.unread != "", t(msg("Notices: {count} unread"), count=Shell.unread), t(msg("Notices"))
            ),
            class_name="icon-button bell",
        ),
    )


def preferences() -> rx.Component:
    """Language and light or dark."""
    return rx.el.div(
        rx.el.button(
            rx.cond(Locale.lang == "en", "中文", "EN"),
            on_click=Shell.switch_language,
            aria_label=rx.cond(Locale.lang == "en", "切换到中文", "Switch to English"),
            class_name="icon-button text",
            data_switch="language",
        ),
        rx.el.button(
            rx.cond(rx.color_mode == "dark", rx.icon("sun", size=16), rx.icon("moon", size=16)),
            on_click=[rx.toggle_color_mode, Shell.keep_theme],
            aria_label=t(msg("Light or dark")),
            class_name="icon-button",
            data_switch="theme",
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


def _is_below(path: Any, route: str) -> Any:
    return (path + "/").startswith(route + "/")


def _link(page: Page) -> rx.Component:
    path = rx.State.router.url.path
    is_here = path == page.route if page.route == "/" else _is_below(path, page.route)
    for other in pages():  # the page of an address further down stands for itself
        if other.in_navigation and page.route != "/" and other.route.startswith(page.route + "/"):
            is_here = is_here & ~_is_below(path, other.route)
    shown = link(
        rx.icon(page.icon, size=16),
        t(page.title),
        inbox_badge() if page.route == routes.INBOX else rx.fragment(),
        href=page.route,
        aria_current=rx.cond(is_here, "page", ""),
        class_name=rx.cond(is_here, "nav-link here", "nav-link"),
    )
    # a page without a permission is for everybody who is signed in
    return rx.cond(_may_open(page) if page.permission else Shell.user_name != "", shown)


def inbox_badge() -> rx.Component:
    """How many tasks wait for the reader's decision."""
    return rx.cond(Shell.inbox != "", rx.el.span(Shell.inbox, class_name="nav-count"))


def _may_open(page: Page) -> rx.Var[bool]:
    """Whether the actor holds any of the permissions that open the page."""
    held = [Shell.permissions.contains(permission) for permission in (page.permission, *page.or_permissions)]
    return reduce(operator.or_, held)
