"""Freight of one parcel: billed weight, first weight and started kilograms, minimum charge, zones. Pure.

Weights are grams, volumes cubic centimetres, amounts minor units of the tariff's currency. The amount only
ever grows with the billed weight (`check_tariff`), which the search for the cheapest route builds on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from ..kernel.errors import InvalidError, NotFoundError, msg
from ..kernel.explain import Step
from ..kernel.money import Money, allocate, exponent, rate_of
from .errors import TariffError

GRAMS_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class WeightBand:
    """Billed weights above `over_g`, up to where the next band begins (that weight included).

    A parcel pays `base_amount`, and `kg_amount` per started kilogram above `first_g`, the first weight.
    """

    over_g: int
    first_g: int
    base_amount: int
    kg_amount: int


@dataclass(frozen=True, slots=True)
class ZoneCharge:
    """What a zone adds: a rate of the band's amount (millionths) and a fixed amount per parcel."""

    surcharge_ppm: int = 0
    fixed_amount: int = 0


@dataclass(frozen=True, slots=True)
class Tariff:
    """A carrier's price list: bands in rising order (the first over 0, the last one open), zones by code.

    `volumetric_divisor` is cm³ per kilogram (6000: a parcel of 60 000 cm³ is billed as 10 kg at least),
    None where volume doesn't count. No parcel is charged less than `minimum_amount`.
    """

    code: str
    currency: str
    bands: tuple[WeightBand, ...]
    zones: Mapping[str, ZoneCharge]
    volumetric_divisor: int | None = None
    minimum_amount: int = 0


@dataclass(frozen=True, slots=True)
class FreightCharge:
    """What a parcel pays (minor units), the weight it was billed by, and how the amount came about."""

    amount: int
    billed_weight_g: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class MergeSaving:
    """Parcels alone against one merged parcel; `shares` is the merged freight over the parcels by weight.

    `saving_amount` is negative where the merged parcel would cost more.
    """

    alone: tuple[int, ...]
    merged: FreightCharge
    shares: tuple[int, ...]
    saving_amount: int
    steps: tuple[Step, ...]


def check_tariff(tariff: Tariff) -> None:
    """Refuse a tariff that is not priced for every weight or falls with the weight.

    Raises `TariffError` naming the first band where the amount falls, `InvalidError` naming the band or
    zone of a value that cannot be.
    """
    exponent(tariff.currency)
    if not tariff.bands or tariff.bands[0].over_g != 0:
        raise InvalidError(field="over_g", reason=f"{tariff.code}: 0")
    if tariff.minimum_amount < 0:
        raise InvalidError(field="minimum_amount", reason=f"{tariff.code}: {tariff.minimum_amount}")
    if tariff.volumetric_divisor is not None and tariff.volumetric_divisor < 1:
        raise InvalidError(field="volumetric_divisor", reason=f"{tariff.code}: {tariff.volumetric_divisor}")
    for code, zone in tariff.zones.items():
        if zone.surcharge_ppm < 0 or zone.fixed_amount < 0:
            raise InvalidError(field="zone", reason=f"{tariff.code}, {code}: < 0")
    for band in tariff.bands:
        if min(band.first_g, band.base_amount, band.kg_amount) < 0:
            raise InvalidError(field="band", reason=f"{tariff.code}, > {band.over_g} g: < 0")
    for lower, upper in pairwise(tariff.bands):
        if upper.over_g <= lower.over_g:
            raise InvalidError(field="over_g", reason=f"{tariff.code}: {lower.over_g}, {upper.over_g}")
        before = _band_amount(lower, upper.over_g)
        after = _band_amount(upper, upper.over_g + 1)
        if after < before:
            raise TariffError(
                tariff=tariff.code,
                band=kg_text(upper.over_g),
                after=Money(tariff.currency, after),
                before=Money(tariff.currency, before),
            )


def billed_weight(tariff: Tariff, weight_g: int, volume_cm3: int) -> int:
    """The greater of the actual and the volumetric weight, in grams.

    A started gram of volumetric weight counts as one: as kilograms are started ones too, this second
    rounding up never changes the amount.
    """
    if tariff.volumetric_divisor is None:
        return weight_g
    return max(weight_g, -(-volume_cm3 * GRAMS_PER_KG // tariff.volumetric_divisor))


def charge_for(tariff: Tariff, billed_weight_g: int, charge: ZoneCharge) -> int:
    """The amount for a billed weight in a zone: the arithmetic of `freight` without its explanation."""
    return charge_of_band(tariff, _band_amount(band_at(tariff, billed_weight_g), billed_weight_g), charge)


def charge_of_band(tariff: Tariff, band_amount: int, charge: ZoneCharge) -> int:
    """Band amount + surcharge of the zone (rounded once) + its fixed amount, at least the minimum charge."""
    amount = band_amount + charge.fixed_amount
    if charge.surcharge_ppm:
        amount += rate_of(band_amount, charge.surcharge_ppm)
    return max(amount, tariff.minimum_amount)


def band_at(tariff: Tariff, billed_weight_g: int) -> WeightBand:
    """The band that holds a billed weight; the first one also holds nothing at all."""
    found = tariff.bands[0]
    for band in tariff.bands:
        if band.over_g >= billed_weight_g:
            break
        found = band
    return found


def find_zone(tariff: Tariff, zone: str) -> ZoneCharge:
    """What the tariff charges for a zone. Raises `NotFoundError` where the tariff does not serve it."""
    charge = tariff.zones.get(zone)
    if charge is None:
        raise NotFoundError(kind="zone", key=zone)
    return charge


def freight(tariff: Tariff, *, weight_g: int, volume_cm3: int, zone: str) -> FreightCharge:
    """What one parcel pays under `tariff`, and why. Raises `NotFoundError` for a zone it does not serve.

    Billed weight = max(actual, volumetric); amount = max(minimum, band + round(band × surcharge) + fixed),
    band = base + amount per started kilogram above the band's first weight.
    """
    charge = find_zone(tariff, zone)
    billed = billed_weight(tariff, weight_g, volume_cm3)
    band = band_at(tariff, billed)
    started = started_kg(band, billed)
    band_amount = band.base_amount + started * band.kg_amount
    amount = charge_of_band(tariff, band_amount, charge)
    return FreightCharge(
        amount,
        billed,
        (
            _weight_step(tariff, weight_g, volume_cm3, billed),
            _band_step(tariff, band, started, band_amount),
            *_zone_steps(tariff, band_amount, charge, zone),
            *_minimum_steps(tariff, amount, band_amount, charge),
        ),
    )


def share_freight(amount: int, weights: Sequence[int]) -> list[int]:
    """The freight of a merged parcel over its orders by weight (largest remainder); it adds up exactly."""
    return allocate(amount, weights)


def merge_saving(tariff: Tariff, parcels: Sequence[tuple[int, int]], *, zone: str) -> MergeSaving:
    """What sending `parcels` – (weight in grams, volume in cm³) each – as one saves, and each one's share."""
    weights = [weight for weight, _ in parcels]
    alone = tuple(
        freight(tariff, weight_g=weight, volume_cm3=volume, zone=zone).amount for weight, volume in parcels
    )
    merged = freight(
        tariff, weight_g=sum(weights), volume_cm3=sum(volume for _, volume in parcels), zone=zone
    )
    shares = tuple(share_freight(merged.amount, weights))
    saving = sum(alone) - merged.amount

    def text(amount: int) -> str:
        return str(Money(tariff.currency, amount))

    return MergeSaving(
        alone,
        merged,
        shares,
        saving,
        (
            Step(msg("Parcels sent alone: {count}"), {"count": len(alone)}, text(sum(alone))),
            Step(
                msg("As one parcel of {weight} kg"),
                {"weight": kg_text(merged.billed_weight_g)},
                text(merged.amount),
            ),
            Step(msg("Saved by merging"), {}, text(saving)),
        ),
    )


def stairs(tariff: Tariff, charge: ZoneCharge, measures: tuple[int, int]) -> list[tuple[int, int]]:
    """What parcels up to a weight and volume pay: (greatest billed weight, amount) per started kilogram."""
    most = billed_weight(tariff, *measures)
    rows: list[tuple[int, int]] = []
    for band, after in zip(tariff.bands, (*tariff.bands[1:], None), strict=True):
        end = most if after is None else min(most, after.over_g)
        weights = {*range(band.first_g, end, GRAMS_PER_KG), end}
        rows += [
            (weight, charge_of_band(tariff, _band_amount(band, weight), charge))
            for weight in sorted(weights)
            if weight > band.over_g or not band.over_g
        ]
        if end == most:
            break
    return rows


def started_kg(band: WeightBand, billed_weight_g: int) -> int:
    """Started kilograms above the band's first weight."""
    return max(0, -((band.first_g - billed_weight_g) // GRAMS_PER_KG))


def kg_text(weight_g: int) -> str:
    """Grams as kilograms without needless zeros: 1500 → 1.5."""
    return f"{Decimal(weight_g).scaleb(-3).normalize():f}"


def _band_amount(band: WeightBand, billed_weight_g: int) -> int:
    return band.base_amount + band.kg_amount * started_kg(band, billed_weight_g)


def _weight_step(tariff: Tariff, weight_g: int, volume_cm3: int, billed: int) -> Step:
    facts = {"weight": kg_text(weight_g), "volume": volume_cm3}
    result = f"{kg_text(billed)} kg"
    if tariff.volumetric_divisor is None:
        return Step(msg("Billed by weight: {weight} kg"), facts, result)
    return Step(
        msg("Billed weight: the greater of {weight} kg and {volume} cm³ ÷ {divisor}"),
        {**facts, "divisor": tariff.volumetric_divisor},
        result,
    )


def _band_step(tariff: Tariff, band: WeightBand, started: int, amount: int) -> Step:
    facts = {
        "tariff": tariff.code,
        "first": kg_text(band.first_g),
        "base": str(Money(tariff.currency, band.base_amount)),
        "started": started,
        "each": str(Money(tariff.currency, band.kg_amount)),
    }
    text = msg("{tariff}: {base} up to {first} kg, then {started} started kg at {each}")
    return Step(text, facts, str(Money(tariff.currency, amount)))


def _zone_steps(tariff: Tariff, band_amount: int, charge: ZoneCharge, zone: str) -> tuple[Step, ...]:
    if not charge.surcharge_ppm and not charge.fixed_amount:
        return ()
    surcharge = rate_of(band_amount, charge.surcharge_ppm) + charge.fixed_amount
    facts = {
        "zone": zone,
        "rate": f"{Decimal(charge.surcharge_ppm).scaleb(-4).normalize():f} %",
        "fixed": str(Money(tariff.currency, charge.fixed_amount)),
    }
    text = msg("Zone {zone}: {rate} of that and {fixed} more")
    return (Step(text, facts, str(Money(tariff.currency, surcharge))),)


def _minimum_steps(tariff: Tariff, amount: int, band_amount: int, charge: ZoneCharge) -> tuple[Step, ...]:
    below = band_amount + rate_of(band_amount, charge.surcharge_ppm) + charge.fixed_amount
    if below >= amount:
        return ()
    minimum = str(Money(tariff.currency, tariff.minimum_amount))
    return (Step(msg("No parcel costs less than {minimum}"), {"minimum": minimum}, minimum),)
