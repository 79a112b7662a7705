"""The routing of one order as an integer programme: for the few orders the search would take long over.

All figures are whole numbers and the gap is zero. The solver still counts in floating point, so its answer
is only believed after it has been priced exactly (`routing_search`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd

from ..inventory.freight import GRAMS_PER_KG, billed_weight, started_kg
from ..kernel.money import MILLION
from .routing_bounds import Grid
from .routing_rules import Demand, Offer, RouteTerms


@dataclass(frozen=True, slots=True)
class Answer:
    """What the programme found: least cost, then fewest parcels, and what each offer gives of each SKU."""

    cost: int
    parcels: int
    taken: Grid


@dataclass(slots=True)
class _Programme:
    """Columns (cost, upper bound; the lower one is 0) and rows (coefficients, bounds) of whole numbers."""

    costs: list[int] = field(default_factory=list)
    tops: list[int] = field(default_factory=list)
    rows: list[tuple[Mapping[int, int], int, int]] = field(default_factory=list)

    def column(self, cost: int, top: int) -> int:
        """A variable 0 … `top`; returns its number."""
        self.costs.append(cost)
        self.tops.append(top)
        return len(self.costs) - 1

    def at_least(self, coefficients: Mapping[int, int], bottom: int = 0) -> None:
        """Σ coefficient × variable ≥ `bottom`."""
        self.between(coefficients, bottom, sum(max(0, c) * self.tops[v] for v, c in coefficients.items()))

    def between(self, coefficients: Mapping[int, int], bottom: int, top: int) -> None:
        """`bottom` ≤ Σ coefficient × variable ≤ `top`."""
        self.rows.append((coefficients, bottom, top))


def solve_programme(demand: Demand, offers: Sequence[Offer], terms: RouteTerms, target: int) -> Answer:
    """The least cost of serving `target` units from the offers, with the fewest parcels at that cost.

    Raises `RuntimeError` if the solver gives up, which a feasible order never makes it.
    """
    # SciPy takes long to load and few orders need it
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
    from scipy.sparse import csr_array  # noqa: PLC0415

    programme = _Programme()
    # a cost counts more than all parcels together
    weight = len(offers) + 1
    parcels = [_add_parcel(programme, demand, offer, terms) for offer in offers]
    for k, wanted in enumerate(demand.qty):
        programme.between({taken[k]: 1 for _, taken in parcels if k in taken}, 0, wanted)
    programme.between({column: 1 for _, taken in parcels for column in taken.values()}, target, target)
    programme.between({used: 1 for used, _ in parcels}, 1, terms.max_parcels)
    costs = [cost * weight for cost in programme.costs]
    for used, _ in parcels:
        costs[used] += 1
    entries = [(r, c, value) for r, row in enumerate(programme.rows) for c, value in row[0].items()]
    row_numbers, columns, values = zip(*entries, strict=True)
    answer = milp(
        costs,
        integrality=[1] * len(costs),
        bounds=Bounds(0, programme.tops),
        constraints=LinearConstraint(
            csr_array((values, (row_numbers, columns)), shape=(len(programme.rows), len(costs))),
            [bottom for _, bottom, _ in programme.rows],
            [top for _, _, top in programme.rows],
        ),
        options={"mip_rel_gap": 0},
    )
    if answer.status != 0:
        raise RuntimeError(f"routing: {answer.message}")
    found = [round(value) for value in answer.x]
    cost, count = divmod(sum(map(int.__mul__, costs, found)), weight)
    return Answer(
        cost - terms.split_amount,
        count,
        tuple(
            tuple(found[taken[k]] if k in taken else 0 for k in range(len(demand.qty)))
            for _, taken in parcels
        ),
    )


def _add_parcel(
    programme: _Programme, demand: Demand, offer: Offer, terms: RouteTerms
) -> tuple[int, dict[int, int]]:
    """The variables of one source: (parcel sent or not, quantity by SKU)."""
    fixed = offer.source.handling_amount + terms.split_amount + offer.charge.fixed_amount
    used = programme.column(fixed, 1)
    taken = {
        k: programme.column(amount, cap)
        for k, (cap, amount) in enumerate(zip(offer.caps, offer.unit_amounts, strict=True))
        if cap
    }
    for k, column in taken.items():
        programme.at_least({used: offer.caps[k], column: -1})
    band_amount = _add_bands(programme, demand, offer, used, taken)
    _add_extras(programme, offer, used, band_amount)
    return used, taken


def _add_bands(
    programme: _Programme, demand: Demand, offer: Offer, used: int, taken: Mapping[int, int]
) -> dict[int, int]:
    """The band a parcel is billed in and its started kilograms; the band amount as coefficients."""
    tariff = offer.source.tariff
    most = billed_weight(tariff, *demand.measure(offer.caps))
    chosen = {used: -1}
    paid: dict[int, int] = {}
    ends: dict[int, int] = {}
    amounts: dict[int, int] = {}
    for band, after in zip(tariff.bands, (*tariff.bands[1:], None), strict=True):
        if band.over_g and band.over_g >= most:
            break
        end = most if after is None else min(most, after.over_g)
        least = started_kg(band, band.over_g + 1) if band.over_g else 0
        last = started_kg(band, end)
        is_here = programme.column(band.base_amount, 1)
        started = programme.column(band.kg_amount, last)
        programme.at_least({is_here: last, started: -1})
        programme.at_least({started: 1, is_here: -least})
        chosen[is_here] = 1
        paid |= {is_here: band.first_g, started: GRAMS_PER_KG}
        ends[is_here] = end
        amounts |= {is_here: band.base_amount, started: band.kg_amount}
    programme.between(chosen, 0, 0)
    weights = {column: -demand.weight_g[k] for k, column in taken.items()}
    for room in (paid, ends):
        programme.at_least({**room, **weights})
        if tariff.volumetric_divisor is not None:
            common = gcd(GRAMS_PER_KG, tariff.volumetric_divisor)
            per_gram, per_cm3 = tariff.volumetric_divisor // common, GRAMS_PER_KG // common
            volumes = {column: -demand.volume_cm3[k] * per_cm3 for k, column in taken.items()}
            programme.at_least({**{column: size * per_gram for column, size in room.items()}, **volumes})
    return amounts


def _add_extras(programme: _Programme, offer: Offer, used: int, band_amount: Mapping[int, int]) -> None:
    """The zone's surcharge, rounded half away from zero, and what is missing to the minimum charge."""
    tariff, charge = offer.source.tariff, offer.charge
    most = sum(amount * programme.tops[column] for column, amount in band_amount.items())
    total = {**band_amount, used: charge.fixed_amount}
    if charge.surcharge_ppm:
        common = gcd(MILLION, charge.surcharge_ppm)
        rate, whole = charge.surcharge_ppm // common, MILLION // common
        surcharge = programme.column(1, most * rate // whole + 1)
        # the least whole number above rate × amount − ½
        row = {column: -2 * rate * amount for column, amount in band_amount.items()}
        programme.at_least({**row, surcharge: 2 * whole, used: whole - 1})
        total[surcharge] = 1
    if tariff.minimum_amount:
        rest = programme.column(1, tariff.minimum_amount)
        programme.at_least({**total, rest: 1, used: charge.fixed_amount - tariff.minimum_amount})
