"""Routing of one order: which sources serve it, in which parcels, at what cost, when, and why so. Pure.

Hard constraints first, then as many units as can be served, then cost; exact over all splits in whole
units (`routing_search`). Equal costs: fewer parcels, earlier arrival, source codes in order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import ge

from ..inventory.freight import FreightCharge, freight
from ..kernel.errors import msg
from ..kernel.explain import Step
from ..kernel.money import Money
from .routing_bounds import draw_floors
from .routing_rules import (
    Demand,
    Mode,
    Offer,
    Rejected,
    RouteLine,
    RouteSource,
    RouteTerms,
    admit_sources,
    demand_of,
    fee_of,
    transfer_of,
)
from .routing_search import Choice, cheapest, most_served


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one source sends: (line number, quantity) pairs, and each part of its cost in minor units."""

    source_code: str
    mode: Mode
    lines: tuple[tuple[int, int], ...]
    freight: FreightCharge
    handling: int
    transfer: int
    fee: int
    ready_on: date
    arrives_on: date

    @property
    def cost(self) -> int:
        """Freight + handling + transfer + fee."""
        return self.freight.amount + self.handling + self.transfer + self.fee


@dataclass(frozen=True, slots=True)
class FrontPoint:
    """The cheapest way to have as much as the plan by `arrives_on`; lateness is left out of its cost."""

    cost: int
    arrives_on: date
    parcels: tuple[Parcel, ...]


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """The decision. `missing` holds, by line number, what no source can serve; it never depends on cost.

    `cost` sums all parcels, the split and the lateness amount (minor units). Nothing to send: no parcels,
    no arrival. `front` is in the order of arrival, each later point cheaper.
    """

    parcels: tuple[Parcel, ...]
    missing: Mapping[int, int]
    cost: int
    split_amount: int
    late_amount: int
    arrives_on: date | None
    front: tuple[FrontPoint, ...]
    rejected: tuple[Rejected, ...]
    steps: tuple[Step, ...]


def route(lines: Sequence[RouteLine], sources: Sequence[RouteSource], terms: RouteTerms) -> RoutePlan:
    """The cheapest plan that serves the most units of `lines` from `sources`; the same for any input order.

    Raises `InvalidError` for lines or sources that contradict themselves, `CurrencyMismatchError` for a
    tariff in another currency than the order's.
    """
    demand = demand_of(lines)
    offers, rejected = admit_sources(demand, sources, terms)
    target = most_served(demand, offers, terms.max_parcels)
    if not target:
        return _nothing(_missing(demand, ()), rejected, Step(msg("No source can serve any of it")))
    choices = _choices(demand, offers, terms, target)
    best = min(
        choices, key=lambda choice: (choice.cost + _late_amount(terms, choice.arrives_on), *choice.rank[1:])
    )
    parcels = [_parcels(demand, choice) for choice in choices]
    missing = _missing(demand, best.taken)
    if missing and not terms.may_backorder:
        text = msg("Short by {missing}, and no part of the order may wait")
        return _nothing(missing, rejected, Step(text, {"missing": sum(missing.values())}))
    late = _late_amount(terms, best.arrives_on)
    plan = RoutePlan(
        parcels=parcels[choices.index(best)],
        missing=missing,
        cost=best.cost + late,
        split_amount=terms.split_amount * (len(best.offers) - 1),
        late_amount=late,
        arrives_on=best.arrives_on,
        front=_front(choices, parcels),
        rejected=(*rejected, *_unused(demand, offers, terms, best)),
        steps=(),
    )
    return replace(plan, steps=_steps(plan, terms, len(offers), len(sources)))


def _nothing(missing: Mapping[int, int], rejected: Sequence[Rejected], step: Step) -> RoutePlan:
    return RoutePlan((), missing, 0, 0, 0, None, (), tuple(rejected), (step,))


def _choices(demand: Demand, offers: Sequence[Offer], terms: RouteTerms, target: int) -> list[Choice]:
    """The cheapest plan for each day by which it may arrive, the latest day first.

    A plan that arrives before its day is also the cheapest for the days in between, so these are skipped.
    """
    floors = draw_floors(demand, offers, terms.split_amount)
    choices = []
    left = floors
    while left and (choice := cheapest(demand, left, terms, target)) is not None:
        choices.append(choice)
        if not terms.has_front and terms.wanted_on is None:
            break
        left = [floor for floor in left if floor.offer.source.arrives_on < choice.arrives_on]
    return choices


def _late_amount(terms: RouteTerms, arrives_on: date) -> int:
    if terms.wanted_on is None or arrives_on <= terms.wanted_on:
        return 0
    return terms.late_amount_per_day * (arrives_on - terms.wanted_on).days


def _front(choices: Sequence[Choice], parcels: Sequence[tuple[Parcel, ...]]) -> tuple[FrontPoint, ...]:
    """The points that no earlier one undercuts or equals, in the order of arrival."""
    points: list[FrontPoint] = []
    for choice, sent in zip(reversed(choices), reversed(parcels), strict=True):
        if not points or choice.cost < points[-1].cost:
            points.append(FrontPoint(choice.cost, choice.arrives_on, sent))
    return tuple(points)


def _parcels(demand: Demand, choice: Choice) -> tuple[Parcel, ...]:
    """The parcels in the order of source codes; lines of one SKU are filled in the order of their numbers."""
    filled = [0] * len(demand.skus)
    parcels = []
    for offer, taken in zip(choice.offers, choice.taken, strict=True):
        pairs: list[tuple[int, int]] = []
        for k, qty in enumerate(taken):
            if qty:
                pairs += _line_parts(demand.lines[k], filled[k], qty)
                filled[k] += qty
        parcels.append(_parcel(demand, offer, taken, tuple(sorted(pairs))))
    return tuple(parcels)


def _line_parts(group: Sequence[RouteLine], start: int, qty: int) -> list[tuple[int, int]]:
    """Units `start … start + qty` of the lines of a SKU laid end to end, as (line number, quantity)."""
    parts = []
    position = 0
    for line in group:
        part = min(start + qty, position + line.qty) - max(start, position)
        if part > 0:
            parts.append((line.line_no, part))
        position += line.qty
    return parts


def _parcel(demand: Demand, offer: Offer, taken: Sequence[int], lines: tuple[tuple[int, int], ...]) -> Parcel:
    source = offer.source
    weight, volume = demand.measure(taken)
    pairs = [(qty, group[0]) for qty, group in zip(taken, demand.lines, strict=True) if qty]
    return Parcel(
        source.code,
        source.mode,
        lines,
        freight(source.tariff, weight_g=weight, volume_cm3=volume, zone=source.zone),
        source.handling_amount,
        sum(qty * transfer_of(source, line) for qty, line in pairs),
        sum(qty * fee_of(source, line) for qty, line in pairs),
        source.ready_on,
        source.arrives_on,
    )


def _missing(demand: Demand, taken: Sequence[Sequence[int]]) -> dict[int, int]:
    """What is short by line number; of a SKU's lines the last ones go short."""
    missing: dict[int, int] = {}
    for k, group in enumerate(demand.lines):
        served = sum(row[k] for row in taken)
        missing.update(_line_parts(group, served, demand.qty[k] - served))
    return dict(sorted(missing.items()))


def _unused(demand: Demand, offers: Sequence[Offer], terms: RouteTerms, best: Choice) -> list[Rejected]:
    """The sources that might have served and do not, with what they would cost alone if they could."""
    served = [sum(column) for column in zip(*best.taken, strict=True)]
    measures = demand.measure(served)
    reasons = []
    for offer in offers:
        if offer in best.offers:
            continue
        reason, facts = msg("no plan that uses it ranks before this one"), {}
        if all(map(ge, offer.caps, served)):
            arrives_on = offer.source.arrives_on
            cost = offer.cost_of(measures, served) + _late_amount(terms, arrives_on)
            reason = msg("serving all of it from here costs {cost}, arriving {day}")
            facts = {"cost": str(Money(terms.currency, cost)), "day": arrives_on.isoformat()}
        reasons.append(Rejected(offer.source.code, None, reason, facts))
    return reasons


def _steps(plan: RoutePlan, terms: RouteTerms, admitted: int, looked_at: int) -> tuple[Step, ...]:
    """How the plan's cost comes about; the freight of a parcel explains itself in its own steps."""

    def text(amount: int) -> str:
        return str(Money(terms.currency, amount))

    facts = {"admitted": admitted, "looked_at": looked_at}
    steps = [Step(msg("{admitted} of {looked_at} sources can serve goods of this order"), facts)]
    steps += [_parcel_step(parcel, text) for parcel in plan.parcels]
    if plan.split_amount:
        facts = {"parcels": len(plan.parcels) - 1}
        steps.append(Step(msg("Parcels beyond the first: {parcels}"), facts, text(plan.split_amount)))
    if plan.late_amount and terms.wanted_on and plan.arrives_on:
        late = {"days": (plan.arrives_on - terms.wanted_on).days, "day": terms.wanted_on.isoformat()}
        steps.append(Step(msg("Days after {day}: {days}"), late, text(plan.late_amount)))
    if plan.missing:
        facts = {"missing": sum(plan.missing.values())}
        steps.append(Step(msg("Waiting, because no source can serve it: {missing}"), facts))
    steps.append(Step(msg("No other way of serving as much costs less"), {}, text(plan.cost)))
    return tuple(steps)


def _parcel_step(parcel: Parcel, text: Callable[[int], str]) -> Step:
    facts = {
        "source": parcel.source_code,
        "units": sum(qty for _, qty in parcel.lines),
        "day": parcel.arrives_on.isoformat(),
        "freight": text(parcel.freight.amount),
        "handling": text(parcel.handling),
        "transfer": text(parcel.transfer),
        "fee": text(parcel.fee),
    }
    return Step(
        msg(
            "{source}: {units} units, arriving {day}: freight {freight}, handling {handling}, "
            "transfer {transfer}, fee {fee}"
        ),
        facts,
        text(parcel.cost),
    )
