"""Pure rules of suggestions: what to do about every order point, from one snapshot of the network.

Below its warning line a place wants goods up to its maximum; above its maximum it offers them. What is
offered goes to who wants it over open lanes where that gains most; the rest is ordered, or cleared.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..kernel.errors import msg
from ..kernel.explain import Step
from .order_points import MovePlan, OrderPoint, Transfer, Way
from .planning_models import SuggestionKind
from .suggestion_steps import alternatives, basis, order_steps
from .transport import best_flow
from .water_lines import Lines

# (place id, SKU id)
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is suggested for an order point, with the quantities it was decided on and the explanation."""

    place_id: int
    sku_id: int
    kind: SuggestionKind
    qty: int
    is_urgent: bool
    from_place_id: int | None
    inputs: Mapping[str, Any]
    steps: tuple[Step, ...]


def replenishment(position_qty: int, lines: Lines, multiple: int) -> int:
    """How much brings a position below its warning line up to the maximum: whole packs, never beyond it.

    The pack that rounding up to the multiple would add is left out again, since it would pass the maximum.
    """
    if position_qty >= lines.warning_qty:
        return 0
    return (lines.max_qty - position_qty) // multiple * multiple


def decide(
    points: Sequence[OrderPoint], ways: Mapping[tuple[int, int], Way], currency: str
) -> list[Decision]:
    """A decision for every order point that needs one, in the order of `points`.

    `ways` are the open lanes by (from place, to place). A way is used only where it gains: what a pack is
    worth and its shelf costs by now are more than its freight.
    """
    plans = _match(points, ways)
    return [
        decision
        for point in points
        for decision in _decide(point, plans.get((point.place_id, point.sku_id), MovePlan()), currency)
    ]


def _match(points: Sequence[OrderPoint], ways: Mapping[tuple[int, int], Way]) -> dict[Key, MovePlan]:
    """All transfers that are possible, with their packs: one transport problem per SKU, solved together."""
    offering: dict[int, list[tuple[int, OrderPoint]]] = defaultdict(list)
    offers: list[int] = []
    for point in points:
        if packs := point.surplus_qty // point.multiple:
            offering[point.sku_id].append((len(offers), point))
            offers.append(packs)
    gaps: list[int] = []
    found: list[tuple[Transfer, int, int]] = []
    for target in points:
        wanted = replenishment(target.position.qty, target.lines, target.multiple) // target.multiple
        if not wanted or target.sku_id not in offering:
            continue
        for offer, source in offering[target.sku_id]:
            way = ways.get((source.place_id, target.place_id))
            if way is not None and (way.is_cold or not target.is_cold):
                found.append((Transfer(source, target, way.freight(target)), offer, len(gaps)))
        gaps.append(wanted)
    flow = best_flow(offers, gaps, [(offer, gap, one.gain) for one, offer, gap in found])
    plans: dict[Key, MovePlan] = defaultdict(MovePlan)
    for (transfer, _, _), packs in zip(found, flow, strict=True):
        transfer.packs = packs
        plans[transfer.target.place_id, transfer.target.sku_id].into.append(transfer)
        plans[transfer.source.place_id, transfer.source.sku_id].out.append(transfer)
    return plans


def _decide(point: OrderPoint, plan: MovePlan, currency: str) -> Iterator[Decision]:
    if point.is_short:
        yield from _fill(point, plan, currency)
    elif point.position.qty > point.lines.max_qty:
        yield from _clear(point, plan)
    elif point.missed is not None:
        yield _keep(point, _why_nothing(point))


def _fill(point: OrderPoint, plan: MovePlan, currency: str) -> Iterator[Decision]:
    """Transfers for a place below its line, and an order for the rest."""
    wanted = replenishment(point.position.qty, point.lines, point.multiple)
    steps = [*basis(point), *order_steps(point, wanted)]
    if not wanted:
        yield _keep(point, steps)
        return
    chosen = [transfer for transfer in plan.into if transfer.packs]
    others = tuple(alternatives(plan, currency))
    for transfer in chosen:
        qty = transfer.packs * point.multiple
        text = msg("{qty} lie beyond the maximum at {place}, {days} days old")
        facts = {"qty": transfer.source.surplus_qty, "place": transfer.source.place}
        from_there = Step(text, facts | {"days": transfer.source.age_days}, str(qty))
        yield Decision(
            point.place_id,
            point.sku_id,
            SuggestionKind.TRANSFER,
            qty,
            point.is_urgent,
            transfer.source.place_id,
            _inputs(point) | {"age_days": transfer.source.age_days},
            (*steps, from_there, *others),
        )
    covered = sum(transfer.packs for transfer in chosen) * point.multiple
    if wanted > covered:
        if covered:
            rest = Step(msg("{covered} of it come by transfer"), {"covered": covered}, str(wanted - covered))
            steps = [*steps, rest]
        yield _decision(point, SuggestionKind.REPLENISH, wanted - covered, (*steps, *others))


def _clear(point: OrderPoint, plan: MovePlan) -> Iterator[Decision]:
    """What is left above the maximum once transfers have taken their part."""
    given = sum(transfer.packs for transfer in plan.out) * point.multiple
    surplus = point.surplus_qty
    above = Step(
        msg("Above the maximum line {line}, {free} of it free"),
        {"line": point.lines.max_qty, "free": surplus},
        str(point.position.qty - point.lines.max_qty),
    )
    steps = [*basis(point), above]
    if surplus:
        steps.append(Step(msg("{days} days old on average"), {"days": point.age_days}))
    if given:
        steps.append(Step(msg("{given} of it go to places below their line"), {"given": given}, str(given)))
    elif plan.out:
        steps.append(Step(msg("Every place below its line is served on a better way")))
    else:
        steps.append(Step(msg("No place below its line has an open lane from here")))
    if surplus > given:
        yield _decision(point, SuggestionKind.CLEARANCE, surplus - given, tuple(steps))
    elif not given and point.missed is not None:
        yield _keep(point, steps)


def _why_nothing(point: OrderPoint) -> list[Step]:
    lines = {"warning": point.lines.warning_qty, "most": point.lines.max_qty}
    reason = Step(
        msg("0, because the position lies between the warning line {warning} and the maximum {most}"),
        lines,
        "0",
    )
    return [*basis(point), reason]


def _keep(point: OrderPoint, steps: Sequence[Step]) -> Decision:
    return _decision(point, SuggestionKind.KEEP, 0, tuple(steps))


def _decision(point: OrderPoint, kind: SuggestionKind, qty: int, steps: tuple[Step, ...]) -> Decision:
    return Decision(point.place_id, point.sku_id, kind, qty, point.is_urgent, None, _inputs(point), steps)


def _inputs(point: OrderPoint) -> dict[str, Any]:
    position, lines, missed = point.position, point.lines, point.missed
    return {
        "position": position.qty,
        "on_hand": position.on_hand,
        "reserved": position.reserved,
        "in_transit": position.in_transit,
        "on_order": position.on_order,
        "backorder": position.backorder,
        "leaving": position.leaving,
        "safety": lines.safety_qty,
        "warning": lines.warning_qty,
        "maximum": lines.max_qty,
        "multiple": point.multiple,
        "age_days": point.age_days,
        "turnover_milli": missed.own_milli if missed else None,
        "benchmark_milli": missed.benchmark_milli if missed else None,
    }
