"""Exact money: integer minor units, millionths, one rounding, one allocation.

Three integer scales, never a binary float:
  * documents and ledger – minor units of a currency (cents, fen, yen),
  * journal and lake – millionths of the currency unit (imported history is finer than a cent),
  * unit prices – `Decimal` in the domain, stored as a BIGINT of millionths (`UnitPrice`).
Rates are integer millionths (`ppm`): 13 % is 130_000.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import MAX_PREC, Decimal, localcontext
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from .errors import InvalidError, msg

MILLION = 1_000_000
MAX_BIGINT = 2**63 - 1
MAX_DIGITS = 19  # of a number that a BIGINT holds
# ISO 4217 exponents that differ from the usual two digits, for the currencies the platform is set up with.
_EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3}
# fmt: off
CURRENCIES = frozenset({
    "CNY", "USD", "EUR", "GBP", "JPY", "HKD", "TWD", "MOP", "SGD", "AUD", "CAD", "CHF", "KRW",
    "VND", "THB", "MYR", "IDR", "INR", "KWD", "BHD", "TND", "BRL", "MXN", "CLP", "ISK",
})
# fmt: on


class CurrencyMismatchError(InvalidError):
    """Amounts of two currencies were added or compared."""

    code = "currency_mismatch"
    template = msg("Amounts in {left} and {right} cannot be combined.")


def exponent(currency: str) -> int:
    """Digits after the point of `currency` (ISO 4217). Raises `InvalidError` for an unknown code."""
    if currency not in CURRENCIES:
        raise InvalidError(field="currency", reason=currency)
    return _EXPONENTS.get(currency, 2)


def minor_factor(currency: str) -> int:
    """Minor units per currency unit: 100 for CNY, 1 for JPY."""
    return int(10 ** exponent(currency))


def divide(numerator: int, denominator: int) -> int:
    """`numerator / denominator` rounded half away from zero, in integers: the one rounding of the house."""
    if denominator == 0:
        raise ZeroDivisionError("division of money by zero")
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, remainder = divmod(abs(numerator), denominator)
    if 2 * remainder >= denominator:
        quotient += 1
    return quotient if numerator >= 0 else -quotient


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to non-negative `weights`; the parts add up to `total` exactly.

    Largest remainder, ties to the earlier position, so the result is stable in order. All-zero weights
    count as equal ones. An empty list of weights takes only a total of zero.
    """
    if any(weight < 0 for weight in weights):
        raise InvalidError(field="weights", reason="negative")
    if not weights:
        if total:
            raise InvalidError(field="weights", reason="empty")
        return []
    shares = list(weights) if any(weights) else [1] * len(weights)
    whole = sum(shares)
    sign = 1 if total >= 0 else -1
    parts = [abs(total) * share // whole for share in shares]
    remainders = [abs(total) * share % whole for share in shares]
    missing = abs(total) - sum(parts)
    for index in sorted(range(len(shares)), key=lambda i: (-remainders[i], i))[:missing]:
        parts[index] += 1
    return [sign * part for part in parts]


def rate_of(amount: int, ppm: int) -> int:
    """`amount` × rate in millionths, rounded once."""
    return divide(amount * ppm, MILLION)


@dataclass(frozen=True, slots=True)
class TaxSplit:
    """A line's amount in minor units: `gross = net + tax`, always."""

    net: int
    tax: int
    gross: int


def split_gross(gross: int, tax_ppm: int) -> TaxSplit:
    """Split a tax-inclusive amount: tax = gross − round(gross ÷ (1 + rate))."""
    net = divide(gross * MILLION, MILLION + tax_ppm)
    return TaxSplit(net, gross - net, gross)


def split_net(net: int, tax_ppm: int) -> TaxSplit:
    """Add tax to a tax-exclusive amount: tax = round(net × rate)."""
    tax = rate_of(net, tax_ppm)
    return TaxSplit(net, tax, net + tax)


def _scaled(value: Decimal, digits: int) -> int | None:
    """`value × 10^digits` when that is a whole number that a BIGINT column holds, else None."""
    if not value.is_finite() or value.adjusted() + digits > MAX_DIGITS:
        return None
    with localcontext() as context:
        context.prec = MAX_PREC
        scaled = value.scaleb(digits)
        whole = scaled == scaled.to_integral_value()
    return int(scaled) if whole and abs(int(scaled)) <= MAX_BIGINT else None


def price_to_micros(price: Decimal) -> int:
    """A unit price as an integer of millionths. Raises `InvalidError` when it is finer or does not fit."""
    micros = _scaled(price, 6)
    if micros is None:
        raise InvalidError(field="price", reason=str(price))
    return micros


def micros_to_price(micros: int) -> Decimal:
    """Millionths of the currency's unit as the unit price they stand for (exact)."""
    return Decimal(micros).scaleb(-6)


def line_amount(qty: int, price: Decimal, currency: str) -> int:
    """Quantity × unit price in minor units, rounded once per line."""
    return divide(qty * price_to_micros(price) * minor_factor(currency), MILLION)


def minor_to_micros(amount: int, currency: str) -> int:
    """Minor units as millionths of the unit (exact)."""
    return amount * (MILLION // minor_factor(currency))


def micros_to_minor(micros: int, currency: str) -> int:
    """Millionths rounded once to minor units."""
    return divide(micros * minor_factor(currency), MILLION)


def minor_to_decimal(amount: int, currency: str) -> Decimal:
    """Minor units as an exact `Decimal` with the currency's digits: 1737480427 → 17374804.27."""
    return Decimal(amount).scaleb(-exponent(currency))


def micros_to_string(micros: int, currency: str) -> str:
    """An exact sum of millionths, rounded once to the minor unit, as a plain decimal string."""
    return format(minor_to_decimal(micros_to_minor(micros, currency), currency), "f")


def decimal_to_minor(value: Decimal, currency: str) -> int:
    """A decimal amount as minor units. Raises `InvalidError` when it is finer or does not fit."""
    amount = _scaled(value, exponent(currency))
    if amount is None:
        raise InvalidError(field="amount", reason=f"{value} {currency}")
    return amount


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units with its currency; adding two currencies raises."""

    currency: str
    amount: int

    def __add__(self, other: "Money") -> "Money":
        self._check(other)
        return Money(self.currency, self.amount + other.amount)

    def __sub__(self, other: "Money") -> "Money":
        self._check(other)
        return Money(self.currency, self.amount - other.amount)

    def __neg__(self) -> "Money":
        return Money(self.currency, -self.amount)

    def _check(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(left=self.currency, right=other.currency)

    def __str__(self) -> str:
        return f"{minor_to_decimal(self.amount, self.currency):f} {self.currency}"


class UnitPrice(TypeDecorator[Decimal]):
    """Column type of unit prices: a `Decimal` stored as a BIGINT of millionths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else price_to_micros(Decimal(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-6)
