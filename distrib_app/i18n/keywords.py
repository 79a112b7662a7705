"""What a text of the pages is found by: both languages, and the pinyin initials of the Chinese one."""

from ..core.kernel.words import initials
from .catalogue import gettext


def keywords(text: str) -> str:
    """The message in Chinese, its initials, and in English, all in small letters."""
    chinese = gettext(text, "zh_CN")
    return " ".join((chinese, initials(chinese), gettext(text, "en"))).lower()
