"""The language of a tab, and `t()`: both texts in the bundle, switched at once."""

import operator
import re
from functools import reduce
from typing import Any

import reflex as rx

from ..core.kernel.access import AUTO, Preferences
from .catalogue import LANGUAGES, gettext
from .reader import Reader


class Locale(rx.State):
    """How a tab is read: what the signed-in person prefers, unless this tab was switched to something else.

    The browser keeps the language, so that the login page speaks it too.
    """

    lang: str = rx.LocalStorage(LANGUAGES[0], name="lang")
    theme: str = ""  # to be set in the browser; empty leaves it as it is
    rise: str = AUTO
    _zone: str = "Asia/Shanghai"
    _numbers: str = AUTO
    _currency: str = "symbol"
    _own_lang: str = ""  # switched to in this tab
    _has_own_theme: bool = False

    def _follow(self, preferences: Preferences) -> None:
        """Take over what a person prefers."""
        self.lang = self._own_lang or preferences.language
        self.theme = "" if self._has_own_theme or preferences.theme == AUTO else preferences.theme
        self.rise = preferences.rise
        self._zone = preferences.zone
        self._numbers = preferences.numbers
        self._currency = preferences.currency

    def _forget(self) -> None:
        """Forget what this tab was switched to: somebody chose anew, or somebody else sits here."""
        self._own_lang = ""
        self._has_own_theme = False

    def _reader(self) -> Reader:
        """The language with the manner in which figures are written."""
        lang = (
            self.lang if self.lang in LANGUAGES else LANGUAGES[0]
        )  # the browser keeps it: it may be anything
        return Reader(lang, numbers=self._numbers, currency=self._currency)


def t(text: str, /, **facts: Any) -> rx.Var[str]:
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
