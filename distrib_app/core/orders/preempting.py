"""Whose soft allocation an urgent order takes; pure.

Soft is what has been promised and not yet picked, is not urgent itself and not held by a quota.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..kernel.errors import msg
from ..kernel.explain import Step


@dataclass(frozen=True, slots=True)
class Soft:
    """What a part of another order has reserved of a SKU at a place; `promised_on` is an ISO day or empty."""

    part_number: str
    place_id: int
    sku_code: str
    qty: int
    promised_on: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """How much is taken from whom."""

    soft: Soft
    qty: int


@dataclass(frozen=True, slots=True)
class Preemption:
    """The decision: whom it takes from, what it could not find, and why these."""

    taken: tuple[Taken, ...]
    missing: Mapping[tuple[int, str], int]
    steps: tuple[Step, ...]


def choose_victims(needs: Mapping[tuple[int, str], int], softs: Sequence[Soft]) -> Preemption:
    """Take `needs` – (place id, SKU) → quantity – from as few parts as possible, the latest promise first.

    Each need is looked at by itself, in the order of place and SKU. Among the fewest parts that cover it
    those that were promised latest give theirs (no promise is the latest), part numbers in order break ties;
    each gives all it has but the last, which keeps what is not needed. Where all together do not cover it,
    all give. The order of `softs` decides nothing.
    """
    taken: list[Taken] = []
    missing: dict[tuple[int, str], int] = {}
    steps: list[Step] = []
    for (place_id, sku), need in sorted(needs.items()):
        offers = [
            soft for soft in softs if (soft.place_id, soft.sku_code) == (place_id, sku) and soft.qty > 0
        ]
        offers.sort(key=lambda soft: soft.part_number)
        offers.sort(key=lambda soft: soft.promised_on or "9999", reverse=True)
        chosen = _fewest(offers, need)
        left = need
        for soft in chosen:
            part = min(left, soft.qty)
            left -= part
            taken.append(Taken(soft, part))
        if left:
            missing[place_id, sku] = left
        steps += _steps(sku, need, offers, chosen, left)
    return Preemption(tuple(taken), missing, tuple(steps))


def _fewest(offers: Sequence[Soft], need: int) -> list[Soft]:
    """The fewest offers that cover `need`, the first ones wherever there is a choice; all if none do.

    The largest offers tell how few suffice; then each offer, in order, is kept if the largest of those behind
    it still cover the rest in the number that is left.
    """
    if sum(soft.qty for soft in offers) <= need:
        return list(offers)
    count, covered = 0, 0
    for qty in sorted((soft.qty for soft in offers), reverse=True):
        if covered >= need:
            break
        count, covered = count + 1, covered + qty
    chosen: list[Soft] = []
    left = need
    for index, soft in enumerate(offers):
        if left <= 0:
            break
        behind = sorted((other.qty for other in offers[index + 1 :]), reverse=True)
        if soft.qty + sum(behind[: count - len(chosen) - 1]) >= left:
            chosen.append(soft)
            left -= soft.qty
    return chosen


def _steps(sku: str, need: int, offers: Sequence[Soft], chosen: Sequence[Soft], left: int) -> list[Step]:
    steps = [
        Step(
            msg("{sku}: {qty} short; {count} parts not yet picked could give way"),
            {"sku": sku, "qty": need, "count": len(offers)},
        )
    ]
    rest = need
    for soft in chosen:
        facts = {"part": soft.part_number, "has": soft.qty, "day": soft.promised_on or "–"}
        text = msg("{part} gives way: it has {has}, promised for {day}")
        steps.append(Step(text, facts, str(min(rest, soft.qty))))
        rest -= min(rest, soft.qty)
    if left:
        steps.append(Step(msg("{sku}: still short"), {"sku": sku}, str(left)))
    return steps
