"""Numbers, money and dates as people read them. Formatting only: nothing is converted or recomputed.

Rounding is half away from zero, in integers, before Babel sees a number.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, get_currency_symbol

from ..core.kernel.access import AUTO
from ..core.kernel.clock import zone
from ..core.kernel.money import (
    CURRENCIES,
    divide,
    micros_to_minor,
    minor_factor,
    minor_to_decimal,
)
from .reader import manner

NO_VALUE = "–"
LARGE_CHANGE = 10_000  # per mille: beyond that a percentage says nothing
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::[\d.]+)?[+-]\d{2}:\d{2}")
_AMOUNT = re.compile(r"(?<![\d.])(-?\d+(?:\.\d{1,6})?) ([A-Z]{3})\b")
Scale = tuple[tuple[int, str], ...]
_SCALES: dict[str, Scale] = {
    "wan": ((10**8, "亿"), (10**4, "万")),
    "thousand": ((10**9, "B"), (10**6, "M"), (10**3, "K")),
    "full": (),
}
_USUAL = {"zh_CN": "wan", "en": "thousand"}


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    """The locale of a language; from a name alone Babel would look for it anew at every call."""
    return Locale.parse(language)


def symbol(currency: str, language: str) -> str:
    """What stands before an amount: ¥, £, US$ (a plain ¥ for the home currency), or the code and a blank."""
    if manner(language).currency == "code":
        return f"{currency}\N{NO-BREAK SPACE}"
    if currency == "CNY":
        return "¥"
    return str(get_currency_symbol(currency, locale=_locale(language)))


def in_language(name: str, name_en: str, language: str) -> str:
    """A name that data carries, in the reader's language; the Chinese one where there is no English."""
    return name if language == "zh_CN" else name_en or name


class Named(Protocol):
    """A row of master data with a name in both languages."""

    @property
    def name(self) -> str:
        """The Chinese name."""
        ...

    @property
    def name_en(self) -> str:
        """The English name, or nothing."""
        ...


def own_name(row: Named, language: str) -> str:
    """The row's name in the reader's language."""
    return in_language(row.name, row.name_en, language)


def number(value: int | None, language: str) -> str:
    """A whole number with group separators; `–` for no value."""
    return NO_VALUE if value is None else str(format_decimal(value, locale=_locale(language)))


def money(amount: int | None, currency: str, language: str, *, sign: bool = True) -> str:
    """Minor units with all digits: ¥36,044.00."""
    if amount is None:
        return NO_VALUE
    digits = len(str(minor_factor(currency))) - 1
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text = str(
        format_decimal(abs(minor_to_decimal(amount, currency)), format=pattern, locale=_locale(language))
    )
    prefix = symbol(currency, language) if sign else ""
    return f"{'−' if amount < 0 else ''}{prefix}{text}"


def price(value: Decimal | None, currency: str, language: str) -> str:
    """A unit price with the digits it has, at least the currency's own."""
    if value is None:
        return NO_VALUE
    digits = len(str(minor_factor(currency))) - 1
    pattern = f"#,##0.{'0' * digits}{'#' * (6 - digits)}"
    return symbol(currency, language) + str(format_decimal(value, format=pattern, locale=_locale(language)))


def micros(value: int | None, currency: str, language: str) -> str:
    """Millionths, rounded once to the minor unit: ¥1,234.57."""
    return NO_VALUE if value is None else money(micros_to_minor(value, currency), currency, language)


def scale_of(language: str) -> Scale:
    """The steps in which the reader shortens figures, largest first: size and unit; none for all digits."""
    chosen = manner(language).numbers
    return _SCALES[_USUAL[language] if chosen == AUTO else chosen]


def short_scale_of(language: str) -> Scale:
    """The same where there is no room for all digits: on axes and tiles."""
    return scale_of(language) or _SCALES[_USUAL[language]]


def compact(
    value: int | None, language: str, *, digits: int = 2, scales: Scale | None = None
) -> tuple[str, str]:
    """A whole number as the reader shortens it (万/亿, K/M/B, or with all digits): figure and unit."""
    if value is None:
        return NO_VALUE, ""
    for scale, unit in scale_of(language) if scales is None else scales:
        if abs(value) >= scale:
            scaled = divide(value * 10**digits, scale)
            text = format_decimal(
                Decimal(abs(scaled)).scaleb(-digits), format="#,##0." + "0" * digits, locale=_locale(language)
            )
            return ("−" if value < 0 else "") + str(text), unit
    return str(format_decimal(value, locale=_locale(language))).replace("-", "−"), ""


def compact_micros(value: int | None, currency: str, language: str) -> tuple[str, str]:
    """Millionths of a currency as a short figure with sign, and its unit: (¥4.38, 亿)."""
    if value is None:
        return NO_VALUE, ""
    figure, unit = compact(divide(value, 1_000_000), language)
    negative = figure.startswith("−")
    return f"{'−' if negative else ''}{symbol(currency, language)}{figure.removeprefix('−')}", unit


def tenths(numerator: int, denominator: int) -> str:
    """A share in percent with one digit, without the sign: 34.2."""
    value = divide(numerator * 1000, denominator)
    return f"{abs(value) // 10}.{abs(value) % 10}"


def change(now: int, before: int | None) -> tuple[str, str]:
    """The change against `before` in percent and its direction (up, down, flat, none)."""
    if before is None or before == 0:
        return NO_VALUE, "none"
    moved = divide((now - before) * 1000, abs(before))
    direction = "up" if moved > 0 else "down" if moved < 0 else "flat"
    if abs(moved) >= LARGE_CHANGE:
        return ">999%", direction
    return f"{abs(moved) // 10}.{abs(moved) % 10}%", direction


def day(value: date | None) -> str:
    """An ISO day, the same in both languages."""
    return NO_VALUE if value is None else value.isoformat()


def instant(value: datetime | None, zone_name: str) -> str:
    """An instant in the user's zone: 2026-11-23 08:41."""
    if value is None:
        return NO_VALUE
    return str(format_datetime(value.astimezone(zone(zone_name)), "yyyy-MM-dd HH:mm", locale=_locale("en")))


def month(value: date, language: str) -> str:
    """A month for people: 2026年10月, Oct 2026."""
    return str(format_date(value, "y年M月" if language == "zh_CN" else "MMM y", locale=_locale(language)))


def for_people(text: str, language: str, zone_name: str) -> str:
    """A text with its plain amounts (`1160199.00 CNY`), prices and instants (ISO 8601) written for people."""
    text = with_amounts(text, language)
    return _INSTANT.sub(lambda match: instant(datetime.fromisoformat(match[0]), zone_name), text)


def with_amounts(text: str, language: str) -> str:
    """A text with its plain amounts and prices written for people."""
    return _AMOUNT.sub(lambda match: _written(match[0], language), text)


def _written(amount: str, language: str) -> str:
    figure, currency = amount.split(" ")
    if currency not in CURRENCIES:
        return amount
    return ("−" if figure.startswith("-") else "") + price(abs(Decimal(figure)), currency, language)
