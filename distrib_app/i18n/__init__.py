"""Texts in two languages, from the gettext catalogues; numbers, money and dates for people.

`t()` builds a switch for pages (both strings sit in the bundle), `gettext()` translates on the server.
"""

from .catalogue import LANGUAGES, gettext, translate_error, translate_notice, translate_step
from .locale import Locale, t
from .reader import Reader

__all__ = [
    "LANGUAGES",
    "Locale",
    "Reader",
    "gettext",
    "t",
    "translate_error",
    "translate_notice",
    "translate_step",
]
