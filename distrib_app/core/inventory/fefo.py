"""First expired, first out: which lots leave a place, in which order, and which may not leave any more.

Pure: lots with their layers in, what is taken with its steps out. `day` is the owner's business day.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..kernel.errors import msg
from ..kernel.explain import Step
from .rules import Layer, derive_layers, take_oldest


@dataclass(frozen=True, slots=True)
class LotStock:
    """What lies of a lot at one place: its layers, newest first."""

    lot_id: int
    code: str
    expires_on: date
    layers: tuple[Layer, ...]

    @property
    def qty(self) -> int:
        """How much lies there."""
        return sum(layer.qty for layer in self.layers)


@dataclass(frozen=True, slots=True)
class Picking:
    """What leaves, what is missing, how much of what lies there may not leave any more, and why."""

    taken: tuple[Layer, ...]
    missing_qty: int
    short_lived_qty: int
    steps: tuple[Step, ...]


def life_left(expires_on: date, day: date) -> int:
    """Days from `day` to the last good day: 0 on that day itself, negative once expired."""
    return (expires_on - day).days


def is_fit(expires_on: date, day: date, min_life_days: int) -> bool:
    """Whether a lot may still be shipped: on its last good day only where no life has to be left."""
    return life_left(expires_on, day) >= min_life_days


def split_lots(on_hand: Mapping[int, int], receipts: Sequence[Layer]) -> dict[int, tuple[Layer, ...]]:
    """The layers of each lot: what is on hand of it under FIFO, out of the receipts of that lot alone."""
    of_lot: dict[int, list[Layer]] = defaultdict(list)
    for layer in receipts:
        if layer.lot_id is not None:
            of_lot[layer.lot_id].append(layer)
    return {
        lot_id: tuple(derive_layers(qty, of_lot[lot_id], lot_id=lot_id))
        for lot_id, qty in on_hand.items()
        if qty > 0
    }


def pick_first_expired(
    lots: Iterable[LotStock], qty: int, *, day: date, min_life_days: int | None
) -> Picking:
    """Take `qty` from the lots that expire first, inside a lot the oldest layers first.

    Lots with fewer than `min_life_days` left on `day` stay behind and are named; None takes any lot, the
    expired ones too (what is written off). Equal days go by lot code.
    """
    taken: list[Layer] = []
    steps: list[Step] = []
    missing, short_lived = qty, 0
    for lot in sorted(lots, key=lambda one: (one.expires_on, one.code)):
        facts: dict[str, object] = {"lot": lot.code, "expires_on": lot.expires_on.isoformat(), "qty": lot.qty}
        if min_life_days is not None and not is_fit(lot.expires_on, day, min_life_days):
            short_lived += lot.qty
            facts |= {"left": life_left(lot.expires_on, day), "needed": min_life_days}
            text = msg(
                "Lot {lot}: {qty} expire too soon, on {expires_on} ({left} days left, {needed} asked for)"
            )
            steps.append(Step(text, facts, "0"))
            continue
        part = min(missing, lot.qty)
        if part > 0:
            taken += take_oldest(lot.layers, part)
            missing -= part
            steps.append(Step(msg("Lot {lot}: expires on {expires_on}, {qty} there"), facts, str(part)))
    return Picking(tuple(taken), missing, short_lived, tuple(steps))
