"""The language of a tab, and `t()`: both texts in the bundle, switched at once."""

import operator
import re
from functools import reduce
from typing import Any

import reflex as rx

from .catalogue import LANGUAGES, gettext


class Locale(rx.State):
    """The language a tab shows; kept by the browser, so that the login page speaks it too."""

    lang: str = rx.LocalStorage(LANGUAGES[0], name="lang")
    _zone: str = "Asia/Shanghai"  # the signed-in person's, written down by the shell


def t(text: str, **facts: Any) -> rx.Var[str]:
    """The message `text` in the tab's language; `facts` may be vars (`t("{n} rows", n=State.count)`)."""
    chinese, english = (_filled(gettext(text, language), facts) for language in LANGUAGES)
    return rx.cond(Locale.lang == "en", english, chinese)


def _filled(template: str, facts: dict[str, Any]) -> Any:
    if not facts:
        return template
    parts = [part for part in re.split(r"(\{\w+\})", template) if part]
    pieces = [_text(facts[part[1:-1]] if part.startswith("{") else part) for part in parts]
    return reduce(operator.add, pieces)


def _text(piece: Any) -> rx.Var[str]:
    variable = rx.Var.create(piece)
    return variable.to_string(use_json=False) if isinstance(variable, rx.vars.NumberVar) else variable
