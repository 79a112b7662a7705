"""Pure rules of water lines: safety, warning and maximum from demand, lead time and service level.

All arithmetic is exact: lines are the smallest multiples that are not below the formula's real value, found
with integer square roots, so that the same inputs give the same lines everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isqrt

from ..kernel.errors import InvalidError, msg
from ..kernel.explain import Step
from ..kernel.money import MILLION, divide
from .rules import MAX_QTY

THOUSAND = 1_000
# service level → z of the standard normal distribution, both in millionths
Z_MICROS = {
    800_000: 841_621,
    850_000: 1_036_433,
    900_000: 1_281_552,
    950_000: 1_644_854,
    970_000: 1_880_794,
    975_000: 1_959_964,
    980_000: 2_053_749,
    990_000: 2_326_348,
    995_000: 2_575_829,
    999_000: 3_090_232,
}


@dataclass(frozen=True, slots=True)
class Demand:
    """What left a place over a number of days. `spread` is days² × the variance of a day, an integer."""

    days: int
    total_qty: int
    spread: int

    @classmethod
    def of(cls, series: Sequence[int]) -> "Demand":
        """The demand of one quantity a day; days without demand stand in the series as zero."""
        return cls.summed(len(series), sum(series), sum(qty * qty for qty in series))

    @classmethod
    def summed(cls, days: int, total_qty: int, squares: int) -> "Demand":
        """The demand of `days` days whose quantities and their squares add up to these sums.

        Days without a row count as zero. More returned than sold is no demand.
        """
        if total_qty <= 0:
            return cls(days, 0, 0)
        return cls(days, total_qty, days * squares - total_qty * total_qty)

    @classmethod
    def counted(cls, days: int, total_qty: int) -> "Demand":
        """The demand that a stock count shows: how much, not on which day.

        The deviation is that of buyers who come one by one at random (Poisson): variance = mean.
        """
        return cls(days, max(0, total_qty), max(0, days * total_qty))

    @property
    def daily_milli(self) -> int:
        """Mean demand of a day in thousandths of a unit."""
        return divide(self.total_qty * THOUSAND, self.days)

    @property
    def deviation_milli(self) -> int:
        """Standard deviation of a day in thousandths of a unit, rounded down."""
        return isqrt(self.spread * MILLION) // self.days


@dataclass(frozen=True, slots=True)
class Supply:
    """How a place is supplied: lead time and its deviation (thousandths of a day), review, service level."""

    lead_milli: int
    lead_deviation_milli: int = 1_000
    review_days: int = 7
    service_ppm: int = 950_000


@dataclass(frozen=True, slots=True)
class Lines:
    """The three lines of a place and SKU, in base units."""

    safety_qty: int
    warning_qty: int
    max_qty: int


@dataclass(frozen=True, slots=True)
class LineDecision:
    """Computed lines and how they came about."""

    lines: Lines
    steps: tuple[Step, ...]


def check_lines(lines: Lines) -> None:
    """Refuse lines that are not 0 ≤ safety ≤ warning ≤ maximum. Raises `InvalidError` naming the field."""
    if not 0 <= lines.safety_qty <= MAX_QTY:
        raise InvalidError(field="safety_qty", reason=f"{lines.safety_qty} – 0 … {MAX_QTY}")
    if lines.warning_qty < lines.safety_qty:
        raise InvalidError(field="warning_qty", reason=f"{lines.warning_qty} < {lines.safety_qty}")
    if lines.max_qty < lines.warning_qty:
        raise InvalidError(field="max_qty", reason=f"{lines.max_qty} < {lines.warning_qty}")
    if lines.max_qty > MAX_QTY:
        raise InvalidError(field="max_qty", reason=f"{lines.max_qty} > {MAX_QTY}")


def check_supply(supply: Supply) -> None:
    """Refuse a lead time, review or service level that no line can be computed for (`InvalidError`)."""
    for field, value, most in (
        ("lead_days", supply.lead_milli, 365 * THOUSAND),
        ("lead_deviation_days", supply.lead_deviation_milli, 365 * THOUSAND),
        ("review_days", supply.review_days, 365),
    ):
        if not 0 <= value <= most:
            raise InvalidError(field=field, reason=f"{value} – 0 … {most}")
    if supply.service_ppm not in Z_MICROS:
        levels = ", ".join(_plain(level, 4) for level in Z_MICROS)
        raise InvalidError(field="service_level", reason=f"{_plain(supply.service_ppm, 4)} ∉ {levels}")


def compute_lines(demand: Demand, supply: Supply, multiple: int) -> Lines:
    """SS = z·√(L·σd² + d²·σL²), warning = d·L + SS, maximum = warning + d·R, each rounded up to `multiple`.

    d and σd are mean and deviation of a day's demand, L and σL of the lead time in days, R the review
    interval. Sources: Silver, Pyke, Thomas, Inventory and Production Management (reorder point under
    variable demand and lead time). Raises `InvalidError` as `check_supply` does.
    """
    check_supply(supply)
    # over the common denominator 10⁹ × days: SS = √under ÷ common, d·L = expected ÷ common
    common = THOUSAND**3 * demand.days
    root = _root_up(_under(demand, supply))
    expected = MILLION * demand.total_qty * supply.lead_milli
    review = THOUSAND**3 * demand.total_qty * supply.review_days
    safety, warning, most = (
        min(MAX_QTY, -(-numerator // (common * multiple)) * multiple)
        for numerator in (root, expected + root, expected + root + review)
    )
    return Lines(safety, warning, most)


def explain_lines(demand: Demand, supply: Supply, multiple: int) -> LineDecision:
    """The lines of `compute_lines` with the formula filled in."""
    lines = compute_lines(demand, supply, multiple)
    exact = divide(_root_up(_under(demand, supply)), MILLION * demand.days)  # thousandths of a unit
    steps = (
        Step(
            msg("{total} in {days} days: {mean} a day, deviation {deviation}"),
            {
                "total": demand.total_qty,
                "days": demand.days,
                "mean": _plain(demand.daily_milli),
                "deviation": _plain(demand.deviation_milli),
            },
        ),
        Step(
            msg("Lead time {lead} days, deviation {deviation}; reviewed every {review} days"),
            {
                "lead": _plain(supply.lead_milli),
                "deviation": _plain(supply.lead_deviation_milli),
                "review": supply.review_days,
            },
        ),
        Step(
            msg("Service level {level} %: z = {z}"),
            {"level": _plain(supply.service_ppm, 4), "z": _plain(Z_MICROS[supply.service_ppm], 6)},
        ),
        Step(
            msg("Safety = z·√(L·σd² + d²·σL²) = {exact}, up to a multiple of {multiple}"),
            {"exact": _plain(exact), "multiple": multiple},
            str(lines.safety_qty),
        ),
        Step(msg("Warning = d·L + safety before rounding"), {}, str(lines.warning_qty)),
        Step(
            msg("Maximum = warning before rounding + d·{review} days"),
            {"review": supply.review_days},
            str(lines.max_qty),
        ),
    )
    return LineDecision(lines, steps)


def _under(demand: Demand, supply: Supply) -> int:
    """What stands under the root, times the square of the common denominator."""
    variance = THOUSAND * supply.lead_milli * demand.spread
    return Z_MICROS[supply.service_ppm] ** 2 * (
        variance + demand.total_qty**2 * supply.lead_deviation_milli**2
    )


def _root_up(square: int) -> int:
    """The smallest integer whose square is not below `square`."""
    return isqrt(square - 1) + 1 if square > 0 else 0


def _plain(value: int, digits: int = 3) -> str:
    """A scaled integer as a plain decimal: 2500 thousandths → 2.5."""
    return f"{Decimal(value).scaleb(-digits).normalize():f}"
