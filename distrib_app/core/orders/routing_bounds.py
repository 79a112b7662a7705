"""What a parcel costs at least, as an opening and an amount per unit: the bounds the search prunes by. Pure.

All amounts here are thousandths of a minor unit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from operator import mul

from ..inventory.freight import billed_weight
from ..inventory.tariff_lines import LINE_SCALE, lower_line
from .routing_rules import Demand, Offer

# quantities per parcel and SKU
Grid = tuple[tuple[int, ...], ...]


@dataclass(slots=True, eq=False)
class Floor:
    """A parcel of `offer` costs at least opening + Σ unit × quantity, whatever is taken.

    `shared` is `unit` with its share of the opening and of a split, as the largest parcel the offer can
    fill would spread them: what a unit costs at least where it isn't known yet whether there is a parcel.
    """

    offer: Offer
    opening: int
    unit: tuple[int, ...]
    shared: tuple[int, ...]


def is_bulky(demand: Demand, offer: Offer, low: Sequence[int], high: Sequence[int]) -> bool:
    """Whether a parcel in the middle of `low … high` of each SKU is billed by its volume."""
    divisor = offer.source.tariff.volumetric_divisor
    if divisor is None:
        return False
    (least_weight, least_volume), (most_weight, most_volume) = demand.measure(low), demand.measure(high)
    return (least_volume + most_volume) * 1000 > (least_weight + most_weight) * divisor


def draw_line(demand: Demand, offer: Offer, low: Sequence[int], high: Sequence[int]) -> tuple[int, int]:
    """Opening and slope per billed gram below every parcel of the offer with `low … high` of each SKU."""
    tariff = offer.source.tariff
    least = billed_weight(tariff, *demand.measure(low))
    most = billed_weight(tariff, *demand.measure(high))
    start, slope = lower_line(tariff, offer.charge, least, most)
    return start + LINE_SCALE * offer.source.handling_amount, slope


def unit_line(demand: Demand, offer: Offer, slope: int, *, by_volume: bool) -> list[int]:
    """What a unit of each SKU costs at least, with `slope` per billed gram.

    Billed weight is at least the actual and at least the volumetric one: `by_volume` says which of the two
    is used. Where all parcels of a plan use the same one, none can look cheap by the other.
    """
    divisor = offer.source.tariff.volumetric_divisor
    if by_volume and divisor is not None:
        slope *= 1000
        return [
            slope * each // divisor + LINE_SCALE * amount
            for each, amount in zip(demand.volume_cm3, offer.unit_amounts, strict=True)
        ]
    return [
        slope * each + LINE_SCALE * amount
        for each, amount in zip(demand.weight_g, offer.unit_amounts, strict=True)
    ]


def draw_floors(demand: Demand, offers: Iterable[Offer], split_amount: int) -> list[Floor]:
    """The floor of each offer over everything it could take."""
    floors = []
    nothing = (0,) * len(demand.qty)
    ones = (1,) * len(demand.qty)
    for offer in offers:
        by_volume = is_bulky(demand, offer, demand.qty, demand.qty)
        opening, slope = draw_line(demand, offer, nothing, offer.caps)
        unit = unit_line(demand, offer, slope, by_volume=by_volume)
        to_share = max(0, opening + LINE_SCALE * split_amount)
        weight: int = sum(map(mul, offer.caps, demand.weight_g))
        weights, whole = (demand.weight_g, weight) if weight else (ones, sum(offer.caps))
        shared = tuple(each + to_share * part // whole for each, part in zip(unit, weights, strict=True))
        floors.append(Floor(offer, opening, tuple(unit), shared))
    return floors


def whole_qty(demand: Demand, offers: Iterable[Offer]) -> tuple[int, ...]:
    """The most of each SKU that the offers serve together."""
    return tuple(map(min, demand.qty, map(sum, zip(*(offer.caps for offer in offers), strict=True))))


def fill_amount(qty: int, units: Sequence[int], caps: Sequence[int]) -> int:
    """What laying `qty` over places costs at least: the cheapest units first, as far as their room goes."""
    cheapest_unit = min(units)
    if caps[units.index(cheapest_unit)] >= qty:
        return qty * cheapest_unit
    amount = 0
    for unit, cap in sorted(zip(units, caps, strict=True)):
        part = min(qty, cap)
        amount += part * unit
        qty -= part
        if not qty:
            break
    return amount


def set_floor(chosen: Sequence[Floor], rest: Sequence[Floor], qty: Sequence[int], split_amount: int) -> int:
    """What plans cost at least that use all of `chosen` and any of `rest` to serve `qty` of each SKU."""
    extra = LINE_SCALE * split_amount
    total = sum(floor.opening for floor in chosen) + extra * (len(chosen) - 1)
    total += sum(min(0, floor.opening + extra) for floor in rest)
    units = zip(*(floor.unit for floor in chosen), *(floor.shared for floor in rest), strict=True)
    caps = zip(*(floor.offer.caps for floor in (*chosen, *rest)), strict=True)
    return total + sum(map(fill_amount, qty, units, caps))


def is_split_ruled_out(
    floors: Sequence[Floor], qty: Sequence[int], split_amount: int, most_parcels: int, limit: int
) -> bool:
    """Whether every plan of two parcels or more that serves `qty` of each SKU costs `limit` or more.

    Sets of two sources by their own floors, then of three …, until any larger set is ruled out by the lowest
    openings and the cheapest units of all sources.
    """
    extra = LINE_SCALE * split_amount
    openings = [floor.opening + extra for floor in floors]
    amounts = [tuple(map(mul, qty, floor.unit)) for floor in floors]
    lowest = sorted(openings)
    cheapest_units = sum(map(min, zip(*amounts, strict=True)))
    for size in range(2, min(len(floors), most_parcels) + 1):
        at_least = sum(lowest[:size]) + sum(each for each in lowest[size:] if each < 0)
        if at_least - extra + cheapest_units >= limit:
            return True
        for chosen in combinations(range(len(floors)), size):
            amount = sum(map(min, *(amounts[index] for index in chosen)))
            if amount + sum(openings[index] for index in chosen) - extra < limit:
                return False
    return True


def tighten(
    qty: Sequence[int], lows: Sequence[Sequence[int]], highs: Sequence[Sequence[int]]
) -> tuple[Grid, Grid] | None:
    """Draw the bounds of each parcel in to what the others leave it; None where nothing adds up to `qty`."""
    least = [sum(column) for column in zip(*lows, strict=True)]
    most = [sum(column) for column in zip(*highs, strict=True)]
    new_lows = tuple(
        tuple(max(low, want - total + high) for low, high, want, total in zip(*pair, qty, most, strict=True))
        for pair in zip(lows, highs, strict=True)
    )
    new_highs = tuple(
        tuple(min(high, want - total + low) for low, high, want, total in zip(*pair, qty, least, strict=True))
        for pair in zip(lows, highs, strict=True)
    )
    for pair in zip(new_lows, new_highs, strict=True):
        if any(low > high for low, high in zip(*pair, strict=True)):
            return None
    return new_lows, new_highs
