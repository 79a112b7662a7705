"""No hard-coded text: whatever a compiled page shows comes from the catalogues, in both languages.

Data comes from vars; literals that stay are signs and numbers, or stand in the table `PROPER`.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest

import distrib_app.pages
from distrib_app.i18n.catalogue import LANGUAGES, catalogue
from distrib_app.pages.registry import Page, attended, pages

assert distrib_app.pages

# the same in both languages: the brand, languages in their own words, keys of a keyboard, kinds of files
PROPER = {
    "渠道云",
    "中文",
    "EN",
    "简体中文",
    "English",
    "切换到中文",
    "Switch to English",
    "Esc",
    "Ctrl K",
    "CSV",
    "XLSX",
}
# what of an element is shown or read out
SHOWN = {"title", "placeholder", "alt", "aria-label", "aria-description", "aria-roledescription", "label"}
BUTTONS = {'"button"', '"input"'}
LANGUAGE_VAR = "lang_rx_state_"

_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
# literals that are compared with, looked up by or handed to a function, never shown
_INNER = re.compile(
    r"""\[\s*"(?:[^"\\]|\\.)*"\s*\]            # row["name"]
      | "(?:[^"\\]|\\.)*"\?\.valueOf\?\.\(\)     # … === "en"?.valueOf?.()
      | JSON\.stringify\("(?:[^"\\]|\\.)*"\)     # the cases of a match
      | \.\w+\("(?:[^"\\]|\\.)*"\)               # .includes("x")
    """,
    re.VERBOSE,
)
_PROP = re.compile(r'"?([A-Za-z-]+)"?:(.*)', re.DOTALL)


def shown(node: Any) -> Iterator[str]:
    """The JavaScript of every text of a rendered component."""
    if isinstance(node, dict):
        if node.get("name") == '"kbd"':  # what stands on a key
            return
        if isinstance(node.get("contents"), str):
            yield node["contents"]
        for prop in node.get("props") or ():
            name, script = _PROP.fullmatch(prop).groups() if _PROP.fullmatch(prop) else ("", "")
            if name in SHOWN or (name == "value" and node.get("name") in BUTTONS):
                yield script
        for value in node.values():
            yield from shown(value)
    elif isinstance(node, (list, tuple)):
        for item in node:
            yield from shown(item)


def words(script: str) -> list[str]:
    """The literals with a letter in them that the script of a text may show."""
    found = [json.loads(literal) for literal in _LITERAL.findall(_INNER.sub("", script))]
    return [text.strip() for text in found if any(char.isalpha() for char in text)]


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """Every text of both languages, cut at its placeholders."""
    texts = set(catalogue("zh_CN")) | {text for name in LANGUAGES for text in catalogue(name).values()}
    return frozenset(piece.strip() for text in texts for piece in re.split(r"\{\w+\}", text))


def hard_coded(script: str) -> list[str]:
    """What a text shows that no catalogue knows, or that does not depend on the language."""
    left = [text for text in words(script) if text not in PROPER]
    if LANGUAGE_VAR not in script:
        return left
    return [text for text in left if text not in known()]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.route)
def test_every_text_of_a_page_comes_from_the_catalogues(page: Page) -> None:
    rendered = attended(page)().render()
    scripts = list(shown(rendered))
    assert len(scripts) > 5
    found = {text for script in scripts for text in hard_coded(script)}
    assert found == set()


def test_what_the_check_finds() -> None:
    switch = f'(state.{LANGUAGE_VAR}?.valueOf?.() === "en"?.valueOf?.()) ? '
    assert hard_coded('"Orders"') == ["Orders"]
    assert hard_coded(f'({switch} "Orders" : "订单")') == []
    assert hard_coded(f'({switch} "Oders" : "订单")') == ["Oders"]
    assert hard_coded('row?.["name"]') == []
    assert hard_coded('(row?.["on"]?.valueOf?.() === "yes"?.valueOf?.()) ? "▲ " : "12 %"') == []
    assert hard_coded('"\\u8ba2\\u5355"') == ["订单"]
    tree = {
        "name": '"button"',
        "props": ['title:"Why"', 'className:"Wide"'],
        "children": [{"contents": '"Go"'}],
    }
    assert list(shown(tree)) == ['"Why"', '"Go"']
