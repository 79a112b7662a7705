"""Amounts in words: a table by hand after the payment rules, and reading them back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.i18n.capitals import amount_in_words

TABLE = {
    0: "零元整",
    1: "壹分",
    5: "伍分",
    10: "壹角整",
    30: "叁角整",
    35: "叁角伍分",
    100: "壹元整",
    105: "壹元零伍分",
    110: "壹元壹角整",
    1000: "壹拾元整",
    1050: "壹拾元伍角整",
    10_000: "壹佰元整",
    10_100: "壹佰零壹元整",
    11_000: "壹佰壹拾元整",
    100_105: "壹仟零壹元零伍分",
    101_000: "壹仟零壹拾元整",
    168_032: "壹仟陆佰捌拾元叁角贰分",
    140_950: "壹仟肆佰零玖元伍角整",
    600_714: "陆仟零柒元壹角肆分",
    32_504: "叁佰贰拾伍元零肆分",
    1_000_000: "壹万元整",
    1_000_001: "壹万元零壹分",
    1_000_100: "壹万零壹元整",
    10_700_053: "壹拾万柒仟元伍角叁分",
    10_070_000: "壹拾万零柒佰元整",
    12_345_678: "壹拾贰万叁仟肆佰伍拾陆元柒角捌分",
    1_000_000_000: "壹仟万元整",
    1_000_500_000: "壹仟万伍仟元整",
    10_000_000_001: "壹亿元零壹分",
    10_000_000_100: "壹亿零壹元整",
    10_010_000_000: "壹亿零壹拾万元整",
    10_001_000_000: "壹亿零壹万元整",
    123_456_789_012: "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分",
    100_000_000_000_000: "壹万亿元整",
    123_450_000_000_000: "壹万贰仟叁佰肆拾伍亿元整",
    100_000_000_000_100: "壹万亿零壹元整",
    -100_105: "负壹仟零壹元零伍分",
    -30: "负叁角整",
}


@pytest.mark.parametrize(("amount", "words"), TABLE.items())
def test_an_amount_in_words(amount: int, words: str) -> None:
    assert amount_in_words(amount) == words


def test_beyond_the_words() -> None:
    with pytest.raises(ValueError, match="beyond"):
        amount_in_words(10**16)


def read_back(words: str) -> int:
    """The amount that words stand for, digit by digit as a clerk reads them."""
    sign = -1 if words.startswith("负") else 1
    total = section = group = digit = 0
    for char in words.removeprefix("负").removesuffix("整"):
        if char in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(char)
        elif char in "拾佰仟":
            group += digit * 10 ** ("拾佰仟".index(char) + 1)
            digit = 0
        elif char == "万":
            section, group, digit = section + (group + digit) * 10_000, 0, 0
        elif char == "亿":
            total, section, group, digit = total + (section + group + digit) * 10**8, 0, 0, 0
        elif char == "元":
            total, section, group, digit = (total + section + group + digit) * 100, 0, 0, 0
        elif char == "角":
            total, digit = total + digit * 10, 0
        elif char == "分":
            total, digit = total + digit, 0
    return sign * total


@settings(max_examples=100)
@given(st.integers(min_value=-(10**16) + 1, max_value=10**16 - 1))
def test_words_read_back(amount: int) -> None:
    words = amount_in_words(amount)
    assert read_back(words) == amount
    assert "零零" not in words
