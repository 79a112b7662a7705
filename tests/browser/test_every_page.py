"""Every registered page in both themes: axe finds nothing serious, one h1, a language, a title, no overflow.

Five pages in one theme each belong to `make test`; all of them in both themes to `make test-all`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

from distrib_app import routes
from distrib_app.pages.registry import Page

from .conftest import Server
from .visits import Visitor, furnish, visited

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"serious", "critical"}
THEMES = ("light", "dark")
# one list, one record, one form, the densest page and the door
SAMPLE = {
    (routes.COCKPIT, "dark"),
    (routes.ORDERS, "light"),
    (routes.ORDER, "dark"),
    (routes.PREFERENCES, "light"),
    (routes.LOGIN, "light"),
}


def _cases() -> Iterator[Any]:
    for page in visited():
        for theme in THEMES:
            marks = [] if (page.route, theme) in SAMPLE else [pytest.mark.sweep]
            yield pytest.param(page, theme, marks=marks, id=f"{page.route}-{theme}")


@pytest.fixture(scope="module")
def visitor(browser, demo: Server) -> Iterator[Callable[[str], Visitor]]:  # type: ignore[no-untyped-def]
    """A visitor per theme."""
    furnish(demo)
    visitors: dict[str, Visitor] = {}

    def visit(theme: str) -> Visitor:
        if theme not in visitors:
            visitors[theme] = Visitor(browser, demo, theme=theme)
        return visitors[theme]

    yield visit
    for one in visitors.values():
        one.close()


@pytest.mark.parametrize(("page", "theme"), _cases())
def test_a_page_is_accessible(visitor: Callable[[str], Visitor], page: Page, theme: str) -> None:
    tab = visitor(theme).open(page)
    assert tab.evaluate("document.documentElement.classList.contains('dark')") == (theme == "dark")
    assert grave_findings(tab) == []
    assert tab.locator("h1").count() == 1
    assert tab.locator("main").count() == 1
    assert tab.get_attribute("html", "lang") == "zh-CN"
    assert tab.title().endswith(" · 渠道云")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 1440


def grave_findings(tab: Any) -> list[str]:
    """What axe calls serious or critical on the page, one line per element."""
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE)
    found = tab.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})",
        RULES,
    )
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]} {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]
