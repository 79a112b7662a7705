"""Numbers, money and dates as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from distrib_app.i18n import Reader, gettext
from distrib_app.i18n.presentation import (
    change,
    compact,
    compact_micros,
    day,
    for_people,
    instant,
    micros,
    money,
    month,
    number,
    price,
    short_scale_of,
    tenths,
)


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (0, ("0", ""), ("0", "")),
        (9_999, ("9,999", ""), ("10.00", "K")),
        (10_000, ("1.00", "万"), ("10.00", "K")),
        (18_264, ("1.83", "万"), ("18.26", "K")),
        (12_345, ("1.23", "万"), ("12.35", "K")),  # 12.345 rounds away from zero, not to even
        (438_000_000, ("4.38", "亿"), ("438.00", "M")),
        (-25_000, ("−2.50", "万"), ("−25.00", "K")),
    ],
)
def test_compact(value: int, chinese: tuple[str, str], english: tuple[str, str]) -> None:
    assert compact(value, "zh_CN") == chinese
    assert compact(value, "en") == english


def test_money_keeps_every_digit_and_its_sign() -> None:
    assert money(3_604_400, "CNY", "zh_CN") == "¥36,044.00"
    assert money(-5, "CNY", "en") == "−¥0.05"
    assert money(1_737_480_427, "GBP", "en") == "£17,374,804.27"
    assert money(1234, "JPY", "zh_CN").endswith("1,234")
    assert money(None, "CNY", "zh_CN") == "–"


def test_millionths_are_rounded_once() -> None:
    assert micros(17_374_804_265_000, "GBP", "en") == "£17,374,804.27"
    assert micros(-5_000, "CNY", "en") == "−¥0.01"
    assert compact_micros(438_123_456_000_000, "CNY", "zh_CN") == ("¥4.38", "亿")


def test_prices_keep_their_digits() -> None:
    assert price(Decimal("0.0123"), "CNY", "zh_CN") == "¥0.0123"
    assert price(Decimal("88"), "CNY", "en") == "¥88.00"


def test_changes() -> None:
    assert change(112_400, 100_000) == ("12.4%", "up")
    assert change(90, 100) == ("10.0%", "down")
    assert change(100, 100) == ("0.0%", "flat")
    assert change(1_100, 100) == (">999%", "up")
    assert change(5, 0) == ("–", "none")
    assert change(5, None) == ("–", "none")
    assert tenths(342, 1000) == "34.2"


def test_days_and_instants_in_the_users_zone() -> None:
    moment = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)
    assert instant(moment, "Asia/Shanghai") == "2026-04-01 00:30"
    assert day(date(2026, 4, 1)) == "2026-04-01"
    assert day(None) == "–"
    assert (month(date(2026, 10, 1), "zh_CN"), month(date(2026, 10, 1), "en")) == ("2026年10月", "Oct 2026")
    assert number(1234567, "zh_CN") == "1,234,567"


def test_amounts_and_instants_inside_a_text() -> None:
    shanghai = "Asia/Shanghai"
    said = for_people("Exposure 1160199.00 CNY of 2 m", "zh_CN", shanghai)
    assert said == "Exposure ¥1,160,199.00 of 2 m"
    assert for_people("SKU 12 ABC", "en", shanghai) == "SKU 12 ABC"
    assert for_people("13 × 8.123456 CNY, -105.605 CNY", "en", shanghai) == "13 × ¥8.123456, −¥105.605"
    assert for_people("1.2345678 CNY, 2.1.50 CNY", "en", shanghai) == "1.2345678 CNY, 2.1.50 CNY"
    assert for_people("recorded 2026-02-14T16:00:00+00:00.", "en", shanghai) == "recorded 2026-02-15 00:00."


@pytest.mark.parametrize(
    ("language", "numbers", "expected"),
    [
        ("zh_CN", "auto", ("¥4.38", "亿")),
        ("en", "auto", ("¥438.12", "M")),
        ("zh_CN", "thousand", ("¥438.12", "M")),
        ("en", "wan", ("¥4.38", "亿")),
        ("zh_CN", "full", ("¥438,123,457", "")),
        ("en", "full", ("¥438,123,457", "")),
    ],
)
def test_large_figures_as_their_reader_shortens_them(
    language: str, numbers: str, expected: tuple[str, str]
) -> None:
    reader = Reader(language, numbers=numbers)
    assert compact_micros(438_123_456_500_000, "CNY", reader) == expected
    assert gettext("Save", reader) == gettext("Save", language)


def test_where_no_room_is_all_digits_are_shortened_as_is_usual() -> None:
    assert short_scale_of(Reader("zh_CN", numbers="full")) == short_scale_of("zh_CN")
    assert short_scale_of(Reader("en", numbers="full")) == short_scale_of("en")
    assert short_scale_of(Reader("en", numbers="wan")) == short_scale_of("zh_CN")


def test_codes_instead_of_signs() -> None:
    reader = Reader("zh_CN", currency="code")
    assert money(-3_604_400, "CNY", reader) == "−CNY\N{NO-BREAK SPACE}36,044.00"
    assert price(Decimal("0.0123"), "GBP", reader) == "GBP\N{NO-BREAK SPACE}0.0123"
    assert compact_micros(438_123_456_000_000, "CNY", reader) == ("CNY\N{NO-BREAK SPACE}4.38", "亿")
    assert (
        for_people("Exposure 1160199.00 CNY", reader, "UTC") == "Exposure CNY\N{NO-BREAK SPACE}1,160,199.00"
    )
    assert money(3_604_400, "CNY", reader, sign=False) == "36,044.00"
