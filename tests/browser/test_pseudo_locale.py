"""The pseudo-locale: every registered page with all catalogue texts as ⟦…~~~⟧, a third longer.

What shows without brackets and is no data was never translated; what overflows will do so in some language.
The bundle is built beside the real one (`PSEUDO_LOCALE=1`, `.build/pseudo`).
"""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from distrib_app import routes
from distrib_app.pages.registry import Page, pages

from .conftest import ROOT, Server
from .visits import Visitor, furnish, visited

pytestmark = pytest.mark.sweep

FOLDER = ".build/pseudo"
PHONE = {"/inbox"}  # pages that people open on a phone
# names of things, the same in every language
PROPER = {
    "渠道云", "中文", "EN", "简体中文", "English", "切换到中文", "CSV", "XLSX", "alt+T", "Linux",
}  # fmt: skip
# columns that hold names and codes; what else the database holds (states, kinds) is translated when shown
DATA_COLUMNS = {
    "code", "name", "name_en", "short_name", "iso", "number", "username", "email", "carrier", "waybill",
    "signed_by", "reference", "barcode", "zone", "unit", "reason", "note", "text", "subject_key",
}  # fmt: skip
# what shows a record word for word, names of its fields included
VERBATIM = {routes.AUDIT: ".audit td:last-child"}
_BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
_FORMATS = re.compile(
    r"""[¥£€$]?[\d,.−+%-]+\ ?[KMB%]?        # figures
      | [A-Z][a-z]{2}\ \d{4}               # Oct 2026
      | [A-Z]{1,3}                         # a currency, a region, a unit
      | Chrome\ \d+                       # what somebody signed in with
      | [A-Z]{1,6}[-/]?[\dA-Z-]*\d[\w/-]*  # numbers of documents
      | [A-Za-z]+/[A-Za-z_]+               # a time zone
      | [a-z_]+(\.[a-z_]+)+                # the code of a permission or an event
      | [\d.]+\ m?s                        # a duration
    """,
    re.VERBOSE,
)
_FIGURE = re.compile(r"(?<!\S)[¥£€$]?[−+-]?[\d,.]*\d[%KMB]?(?!\S)")
_SEPARATORS = re.compile(r" · |, | / |[()\[\]:;/@]| – |–|→|×|\n|≤|\s{2,}")

COLLECT = """verbatim => {
  const found = []
  const how = { opacityProperty: true, visibilityProperty: true }
  const seen = element => element && element.checkVisibility(how)
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement
    if (!parent || parent.closest(`script, style, noscript, datalist, kbd, ${verbatim}`)) continue
    const box = parent.closest("option") ? parent.closest("select") : parent
    if (seen(box)) found.push(node.textContent)
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
    for (const name of ["aria-label", "title", "placeholder", "alt"])
      if (element.hasAttribute(name) && seen(element)) found.push(element.getAttribute(name))
  return [...new Set(found.map(text => text.trim()).filter(text => text))]
}"""
OVERFLOWS = """() => {
  const names = ".card, .page-header, .top-bar, .nav, .button, button, h1, h2, label, .badge, .note"
  const found = []
  if (document.documentElement.scrollWidth > window.innerWidth) found.push("the page")
  for (const element of document.querySelectorAll(names)) {
    if (!element.checkVisibility() || element.closest(".visually-hidden")) continue
    const style = getComputedStyle(element)
    if (style.overflowX !== "visible" || style.display === "inline") continue
    if (element.scrollWidth > element.clientWidth + 2)
      found.push(`${element.tagName}.${element.className} ${element.textContent.slice(0, 60)}`)
  }
  return found
}"""


@pytest.fixture(scope="module")
def pseudo_server(start_server: Callable[..., Server]) -> Iterator[Server]:
    """A demo server that speaks the pseudo-locale."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PSEUDO_LOCALE", "1")
        patch.setenv("REFLEX_WEB_WORKDIR", FOLDER)
        _borrow_node_modules()
        command = [sys.executable, "-c", "from distrib_app.serving import build_pages; build_pages()"]
        subprocess.run(command, cwd=ROOT, env=os.environ.copy(), check=True)
        yield start_server(["demo", "--lines", "6000"])


def _borrow_node_modules() -> None:
    """Hard links to the packages of the real bundle, so that nothing is installed twice."""
    there, here = ROOT / ".web" / "node_modules", ROOT / FOLDER / "node_modules"
    if there.exists() and not here.exists():
        shutil.copytree(there, here, symlinks=True, copy_function=os.link)


@pytest.fixture(scope="module")
def visitor(browser, pseudo_server: Server) -> Iterator[Callable[[int], Visitor]]:  # type: ignore[no-untyped-def]
    """A visitor per width of the window."""
    furnish(pseudo_server)
    visitors: dict[int, Visitor] = {}

    def visit(width: int) -> Visitor:
        if width not in visitors:
            visitors[width] = Visitor(browser, pseudo_server, lang="en", width=width)
        return visitors[width]

    yield visit
    for one in visitors.values():
        one.close()


@pytest.fixture(scope="module")
def names(pseudo_server: Server) -> frozenset[str]:
    """Every name and code of the demo network."""
    found: set[str] = set(PROPER)
    with sqlite3.connect(f"file:{pseudo_server.data / 'distrib.db'}?mode=ro", uri=True) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for _, column, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
                if column in DATA_COLUMNS:
                    rows = database.execute(f"SELECT DISTINCT {column} FROM {table}")
                    found |= {str(value).strip() for (value,) in rows if value}
    return frozenset(found)


@pytest.mark.parametrize("page", visited(), ids=lambda page: page.route)
def test_every_text_is_from_a_catalogue(
    visitor: Callable[[int], Visitor], names: frozenset[str], page: Page
) -> None:
    tab = visitor(1440).open(page)
    texts = tab.evaluate(COLLECT, VERBATIM.get(page.route, "none"))
    assert any("⟦" in text for text in texts)
    left = [text for text in texts if not is_translated(text, names)]
    left += [f"overflows: {element}" for element in tab.evaluate(OVERFLOWS)]
    assert not left, "\n".join(left)


@pytest.mark.parametrize(
    "page", [page for page in pages() if page.route in PHONE], ids=lambda page: page.route
)
def test_nothing_overflows_on_a_phone(visitor: Callable[[int], Visitor], page: Page) -> None:
    tab = visitor(390).open(page)
    found = tab.evaluate(OVERFLOWS)
    assert not found, "\n".join(found)


def is_translated(text: str, names: frozenset[str]) -> bool:
    """Whether what stands outside the brackets is data or a format."""
    rest = text
    while _BRACKETED.search(rest):
        rest = _BRACKETED.sub("\n", rest)
    return _is_data(rest.strip(), names) or _is_data(_FIGURE.sub("\n", rest).strip(), names)


def _is_data(text: str, names: frozenset[str]) -> bool:
    if not any(char.isalpha() for char in text) or text in names or _FORMATS.fullmatch(text):
        return True
    parts = [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
    if len(parts) > 1 or parts[0] != text:
        return all(_is_data(part, names) for part in parts)
    return len(text.split()) > 1 and all(_is_data(part, names) for part in text.split())


def test_what_the_check_finds() -> None:
    known = frozenset({"Dianhai Appliances", "渠道云", "GD-001"})
    good = [
        "⟦Orders~~~⟧",
        "¥314.08K",
        "Oct 2026",
        "⟦⟦Tax~~⟧ of 13 %~~⟧ 12",
        "Dianhai Appliances · GD-001",
        "▲ 3.1%",
    ]
    assert [text for text in good if not is_translated(text, known)] == []
    bad: list[Any] = ["Orders", "⟦Orders~~~⟧ here", "draft", "订单"]
    assert [text for text in bad if is_translated(text, known)] == []
