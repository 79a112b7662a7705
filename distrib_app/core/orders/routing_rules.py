"""What routing looks at, and the hard constraints: which source may serve which goods at all. Pure.

Amounts are minor units of the order's currency, weights grams, volumes cm³, quantities base units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import mul
from typing import Any

from ..inventory.freight import Tariff, ZoneCharge, billed_weight, charge_for
from ..inventory.rules import check_qty
from ..kernel.errors import InvalidError, msg
from ..kernel.money import CurrencyMismatchError, rate_of

# who serves a parcel, in the words of `FulfilmentMode`
Mode = str


@dataclass(frozen=True, slots=True)
class RouteLine:
    """An order line: weight, volume and value (`unit_amount`) of one unit, and what its goods ask for."""

    line_no: int
    sku_code: str
    qty: int
    weight_g: int
    volume_cm3: int
    is_cold_chain: bool = False
    qualification: str = ""
    unit_amount: int = 0


@dataclass(frozen=True, slots=True)
class RouteSource:
    """A place the goods may come from.

    `stock` is what may be taken there for this order, quotas taken off. `closed` is a message that says why
    nothing may be (no lane, outside its calendar), empty where it is open. Moving goods to the regional
    warehouse first and the owner's fee cost an amount per unit and a rate of its value, rounded per unit –
    so that splitting a line never changes them. The days come from cut-off, calendar and lane.
    """

    code: str
    owner_code: str
    mode: Mode
    stock: Mapping[str, int]
    tariff: Tariff
    zone: str
    ready_on: date
    arrives_on: date
    distance_km: int = 0
    handling_amount: int = 0
    transfer_amount: int = 0
    transfer_ppm: int = 0
    fee_amount: int = 0
    fee_ppm: int = 0
    is_cold_chain: bool = False
    qualifications: frozenset[str] = frozenset()
    closed: str = ""


@dataclass(frozen=True, slots=True)
class RouteTerms:
    """What a second parcel and a late day cost, and how far an order may be torn apart.

    Without `may_backorder` an order is served whole or not at all. Faster and dearer plans are looked for
    where `has_front` asks for them or a wanted day makes them count.
    """

    currency: str
    split_amount: int = 0
    late_amount_per_day: int = 0
    wanted_on: date | None = None
    may_backorder: bool = False
    max_parcels: int = 99
    has_front: bool = True


@dataclass(frozen=True, slots=True)
class Rejected:
    """A source that does not serve a line (None: the whole order), and why: a message with its facts."""

    source_code: str
    line_no: int | None
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Demand:
    """The lines added up per SKU, in the order of SKU codes; `lines` are those of each SKU by line number."""

    skus: tuple[str, ...]
    qty: tuple[int, ...]
    weight_g: tuple[int, ...]
    volume_cm3: tuple[int, ...]
    lines: tuple[tuple[RouteLine, ...], ...]

    def measure(self, taken: Sequence[int]) -> tuple[int, int]:
        """Weight and volume of `taken` of each SKU."""
        return sum(map(mul, taken, self.weight_g)), sum(map(mul, taken, self.volume_cm3))


@dataclass(slots=True, eq=False)
class Offer:
    """What an admitted source can give of each SKU, and what a unit of each costs in transfer and fee.

    `index` follows the order of source codes.
    """

    index: int
    source: RouteSource
    charge: ZoneCharge
    caps: tuple[int, ...]
    unit_amounts: tuple[int, ...]

    def parcel_cost(self, demand: Demand, taken: Sequence[int]) -> int:
        """Freight + handling + transfer + fee of a parcel with `taken` of each SKU."""
        return self.cost_of(demand.measure(taken), taken)

    def cost_of(self, measures: tuple[int, int], taken: Sequence[int]) -> int:
        """The same, its weight and volume known."""
        source = self.source
        freight = charge_for(source.tariff, billed_weight(source.tariff, *measures), self.charge)
        amount: int = sum(map(mul, taken, self.unit_amounts))
        return freight + source.handling_amount + amount


def demand_of(lines: Sequence[RouteLine]) -> Demand:
    """Add lines up per SKU. Raises `InvalidError` for a number used twice or a SKU described in two ways."""
    by_sku: dict[str, list[RouteLine]] = {}
    for line in sorted(lines, key=lambda line: line.line_no):
        check_qty(line.qty)
        if line.weight_g < 0 or line.volume_cm3 < 0:
            raise InvalidError(field="weight_g", reason=f"{line.sku_code}: < 0")
        by_sku.setdefault(line.sku_code, []).append(line)
    if len({line.line_no for line in lines}) < len(lines):
        raise InvalidError(field="line_no", reason="twice")
    groups = [tuple(by_sku[sku]) for sku in sorted(by_sku)]
    for first, *others in groups:
        if any(_goods(other) != _goods(first) for other in others):
            raise InvalidError(field="sku_code", reason=f"{first.sku_code}: two descriptions")
    return Demand(
        tuple(group[0].sku_code for group in groups),
        tuple(sum(line.qty for line in group) for group in groups),
        tuple(group[0].weight_g for group in groups),
        tuple(group[0].volume_cm3 for group in groups),
        tuple(groups),
    )


def _goods(line: RouteLine) -> tuple[Any, ...]:
    return (line.weight_g, line.volume_cm3, line.is_cold_chain, line.qualification, line.unit_amount)


def admit_sources(
    demand: Demand, sources: Sequence[RouteSource], terms: RouteTerms
) -> tuple[list[Offer], list[Rejected]]:
    """The sources that can give something, in the order of their codes, and every refusal with its reason.

    Raises `InvalidError` for a code used twice, `CurrencyMismatchError` for a tariff in another currency.
    """
    offers: list[Offer] = []
    rejected: list[Rejected] = []
    last = None
    for source in sorted(sources, key=lambda source: source.code):
        if source.code == last:
            raise InvalidError(field="source", reason=source.code)
        last = source.code
        if source.tariff.currency != terms.currency:
            raise CurrencyMismatchError(left=source.tariff.currency, right=terms.currency)
        charge = source.tariff.zones.get(source.zone)
        if source.closed:
            rejected.append(Rejected(source.code, None, source.closed))
        elif charge is None:
            facts = {"tariff": source.tariff.code, "zone": source.zone}
            reason = msg("tariff {tariff} has no price for zone {zone}")
            rejected.append(Rejected(source.code, None, reason, facts))
        else:
            caps = tuple(
                [
                    _cap(source, group, qty, rejected)
                    for group, qty in zip(demand.lines, demand.qty, strict=True)
                ]
            )
            if any(caps):
                offers.append(Offer(len(offers), source, charge, caps, _unit_amounts(demand, source)))
    rejected.sort(key=lambda each: (each.source_code, each.line_no or 0))
    return offers, rejected


def _cap(source: RouteSource, group: Sequence[RouteLine], qty: int, rejected: list[Rejected]) -> int:
    """How much of a SKU the source may give; a refusal is written down for each of its lines."""
    line = group[0]
    if line.is_cold_chain and not source.is_cold_chain:
        reason, facts = msg("it cannot keep {sku} cold"), {"sku": line.sku_code}
    elif line.qualification and line.qualification not in source.qualifications:
        reason = msg("it lacks the qualification {qualification}")
        facts = {"qualification": line.qualification}
    else:
        stock = source.stock.get(line.sku_code, 0)
        if stock > 0:
            return min(stock, qty)
        reason, facts = msg("it has no {sku} to give"), {"sku": line.sku_code}
    rejected.extend(Rejected(source.code, item.line_no, reason, facts) for item in group)
    return 0


def transfer_of(source: RouteSource, line: RouteLine) -> int:
    """What moving one unit to the regional warehouse costs."""
    return source.transfer_amount + rate_of(line.unit_amount, source.transfer_ppm)


def fee_of(source: RouteSource, line: RouteLine) -> int:
    """The owner's fee for one unit."""
    return source.fee_amount + rate_of(line.unit_amount, source.fee_ppm)


def _unit_amounts(demand: Demand, source: RouteSource) -> tuple[int, ...]:
    if source.transfer_ppm or source.fee_ppm:
        return tuple(transfer_of(source, group[0]) + fee_of(source, group[0]) for group in demand.lines)
    return (source.transfer_amount + source.fee_amount,) * len(demand.skus)
