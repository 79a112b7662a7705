"""A straight line below a tariff: what a search over splits bounds the freight by. Pure."""

from bisect import bisect_left

from ..kernel.money import MILLION
from .freight import GRAMS_PER_KG, Tariff, WeightBand, ZoneCharge, charge_for, started_kg

# lines are kept in thousandths of a minor unit, so that a rate per kilogram is a whole number per gram
LINE_SCALE = 1000
_RATE_SCALE = MILLION // LINE_SCALE


def lower_line(tariff: Tariff, charge: ZoneCharge, low_g: int, high_g: int) -> tuple[int, int]:
    """A line that no amount lies below: (start, slope per gram), thousandths of a minor unit.

    amount(w) × 1000 ≥ start + slope × w for every billed weight `low_g … high_g`. The slope is that of the
    chord from the first stair to the last; the start is the lowest for which the line stays below. Where
    the whole range costs the same, the line is that amount.
    """
    corners: list[tuple[int, int]] = []
    bands = tariff.bands
    for index, band in enumerate(bands):
        if index and band.over_g >= high_g:
            break
        end = high_g if index + 1 == len(bands) else min(high_g, bands[index + 1].over_g)
        if end >= low_g:
            corners += _corners(tariff, band, low_g, end, charge)
    (first_g, first_amount), (last_g, last_amount) = corners[0], corners[-1]
    if first_amount == last_amount:
        return LINE_SCALE * charge_for(tariff, high_g, charge), 0
    slope = (last_amount - first_amount) // (last_g - first_g)
    start = min([amount - slope * weight for weight, amount in corners])
    # the surcharge is rounded to a minor unit, here to a thousandth: by half a unit less at most
    return start - (LINE_SCALE // 2 if charge.surcharge_ppm else 0), slope


def _corners(
    tariff: Tariff, band: WeightBand, low_g: int, end: int, charge: ZoneCharge
) -> list[tuple[int, int]]:
    """Stairs of a band as (greatest weight, thousandths), between which the amount grows evenly.

    Its ends, and where the minimum charge gives way to the weight.
    """
    base, each, first_g = band.base_amount, band.kg_amount, band.first_g
    rate, minimum = charge.surcharge_ppm, LINE_SCALE * tariff.minimum_amount
    fixed = LINE_SCALE * charge.fixed_amount

    def amount(started: int) -> int:
        paid = base + started * each
        return max(minimum, LINE_SCALE * paid + paid * rate // _RATE_SCALE + fixed)

    # the first band also holds nothing at all
    first = started_kg(band, max(low_g, band.over_g + 1) if band.over_g else low_g)
    last = started_kg(band, end)
    if first == last:
        return [(end, amount(last))]
    kept = [first, last - 1]
    if amount(first) == minimum:
        leaves = bisect_left(range(first, last), minimum + 1, key=amount) + first
        kept += [max(first, leaves - 1), min(leaves, last - 1)]
    stairs = [(first_g + started * GRAMS_PER_KG, amount(started)) for started in kept]
    stairs.append((end, amount(last)))
    return stairs
