"""Scarce goods shared out: in proportion, exactly, nobody more than asked for."""

from collections.abc import Sequence

from ..kernel.errors import InvalidError
from ..kernel.money import allocate


def fair_share(total: int, needs: Sequence[int], weights: Sequence[int] | None = None) -> list[int]:
    """Share `total` units by `weights` (none: by need), capped by each need; the parts are whole units.

    Whose share passes its need gets the need, and the rest is shared anew among the others, until nobody's
    does. Σ parts = min(total, Σ needs). Weights that are all zero count as equal. Raises `InvalidError` for
    a negative number or lists of different length.
    """
    shares = list(needs if weights is None else weights)
    if len(shares) != len(needs):
        raise InvalidError(field="weights", reason=f"{len(shares)} ≠ {len(needs)}")
    if total < 0 or any(need < 0 for need in needs):
        raise InvalidError(field="needs", reason="negative")
    parts = [0] * len(needs)
    open_positions = [position for position, need in enumerate(needs) if need]
    left = min(total, sum(needs))
    while open_positions:
        offered = allocate(left, [shares[position] for position in open_positions])
        full = [
            position
            for position, part in zip(open_positions, offered, strict=True)
            if part >= needs[position]
        ]
        if not full:
            for position, part in zip(open_positions, offered, strict=True):
                parts[position] = part
            break
        for position in full:
            parts[position] = needs[position]
            left -= needs[position]
        open_positions = [position for position in open_positions if position not in full]
    return parts
