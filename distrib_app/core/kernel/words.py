"""Words as people type them: the pinyin initials of a name, and what a search word is compared as."""

import unicodedata
from functools import lru_cache
from itertools import groupby

from pypinyin import Style, lazy_pinyin, load_phrases_dict

MOST = 80  # characters of a search word that are looked at
# readings of the trade that the general dictionary gives otherwise
_READINGS = {
    "朝阳": "cháo yáng",
    "长治": "cháng zhì",
    "单县": "shàn xiàn",
    "五金行": "wǔ jīn háng",
    "贸易行": "mào yì háng",
    "电器行": "diàn qì háng",
    "车行": "chē háng",
    "曾记": "zēng jì",
}
# full-width digits, letters and the signs of codes; other full-width signs stand in names as they are
_WIDE = {0x3000: " "} | {
    code: chr(code - 0xFEE0)
    for first, last in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
    for code in (*range(first, last + 1), 0xFF0D, 0xFF0E, 0xFF0F, 0xFF3F)
}

load_phrases_dict({text: [[part] for part in reading.split()] for text, reading in _READINGS.items()})


def initials(text: str, most: int = 60) -> str:
    """The first letter of every Chinese character's pinyin; ASCII letters and digits stay, in lower case.

    `粤海家电` is `yhjd`, `TCL 电视机` is `tcldsj`; signs and blanks fall away. At most `most` characters.
    """
    narrow = unicodedata.normalize("NFKC", text)
    return "".join(
        "".join(run) if is_ascii else _letters("".join(run))
        for is_ascii, run in groupby((char for char in narrow if char.isalnum()), key=str.isascii)
    ).lower()[:most]


@lru_cache(maxsize=20_000)
def _letters(text: str) -> str:
    letters = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors="ignore"))
    return "".join(char for char in letters if char.isascii() and char.isalnum())


def search_words(text: str, most: int = MOST) -> str:
    """What somebody typed as it is compared: narrow letters in lower case, single blanks, at most `most`.

    NUL and other control characters fall away: PostgreSQL takes none, and nobody means them.
    """
    narrow = text.translate(_WIDE)
    spaced = "".join(" " if char.isspace() else char for char in narrow)
    plain = "".join(char for char in spaced if char.isprintable())
    return " ".join(plain.split())[:most].strip().lower()
