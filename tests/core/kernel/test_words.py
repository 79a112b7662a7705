"""Pinyin initials and search words: the readings of the trade, widths, signs, lengths."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.kernel.words import initials, search_words

NAMES = {
    "粤海家电": "yhjd",
    "重庆": "cq",
    "长沙": "cs",
    "厦门": "xm",
    "大厦": "ds",
    "长虹": "ch",
    "长治": "cz",
    "朝阳": "cy",
    "台州": "tz",
    "六安": "la",
    "广州五金行": "gzwjh",
    "盛和贸易行": "shmyh",
    "调味品": "twp",
    "空调": "kt",
    "TCL 电视机-55寸": "tcldsj55c",
    "ＴＣＬ王牌": "tclwp",
    "Road-150 Red, 62": "road150red62",
    "（广州）商贸": "gzsm",
    "𠮷野家": "yj",
    "": "",
    "——": "",
    "Straße é": "strae",
}


@pytest.mark.parametrize(("name", "letters"), NAMES.items())
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_initials_are_cut_to_their_column() -> None:
    assert initials("家" * 100) == "j" * 60
    assert initials("家" * 100, 80) == "j" * 80


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_initials_are_small_ascii_and_final(text: str) -> None:
    letters = initials(text)
    assert letters.isascii() and letters == letters.lower() and (letters == "" or letters.isalnum())
    assert initials(letters) == letters


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("  ＡＢ－１\x00　粤海\t家电 ", "ab-1 粤海 家电"),
        ("（广州）", "（广州）"),
        ("\u200b\ufeff", ""),
        ("so-2026\n1123", "so-2026 1123"),
        ("X" * 500, "x" * 80),
        ("%_/\\'\"", "%_/\\'\""),
        ("İ", "i̇"),
    ],
)
def test_search_words(typed: str, word: str) -> None:
    assert search_words(typed) == word


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_a_search_word_is_normal_once_and_for_all(text: str) -> None:
    word = search_words(text)
    assert search_words(word) == word
    assert len(word) <= 80 and "\x00" not in word and word == word.strip()
