"""Every page, once: route, title, permission, place in the navigation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from ..state.shell import Shell


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the composition root and the navigation see it. `title` and `section` are msgids."""

    route: str
    title: str
    component: Callable[[], rx.Component]
    on_load: Sequence[Any] = ()
    permission: str = ""
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
        app.add_page(page.component, route=page.route, title=TITLE, on_load=[*first, *page.on_load])


TITLE = "渠道云 Distrib"
