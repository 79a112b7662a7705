"""Every page, once: route, title, permission, place in the navigation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from ..i18n import t
from ..state.shell import Shell
from .components import document

BRAND_NAME = "渠道云"
TITLE = "渠道云 Distrib"


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the composition root and the navigation see it. `title` and `section` are msgids.

    Any one of `permission` and `or_permissions` opens it in the navigation.
    """

    route: str
    title: str
    component: Callable[[], rx.Component]
    on_load: Sequence[Any] = ()
    permission: str = ""
    or_permissions: Sequence[str] = ()
    section: str = ""
    icon: str = ""
    is_public: bool = False

    @property
    def in_navigation(self) -> bool:
        """Whether the sidebar links to it."""
        return bool(self.section)


_pages: list[Page] = []


def register(page: Page) -> None:
    """Add a page to the registry."""
    _pages.append(page)


def pages() -> tuple[Page, ...]:
    """All registered pages in order."""
    return tuple(_pages)


def add_all(app: rx.App) -> None:
    """Hand every page to the app; each first learns who is signed in."""
    for page in _pages:
        first = [] if page.is_public else [Shell.open_page]
        app.add_page(attended(page), route=page.route, title=TITLE, on_load=[*first, *page.on_load])


def attended(page: Page) -> Callable[[], rx.Component]:
    """The page with what keeps the browser's document in step with it."""

    def component() -> rx.Component:
        return rx.fragment(document(t(page.title) + f" · {BRAND_NAME}"), page.component())

    return component
