"""Where an order stands, from where its parts stand; pure."""

from collections.abc import Iterable

from .models import FulfilmentStatus, OrderStatus

# the stages of a part, and what the slowest part makes of the order
_STAGES: tuple[tuple[FulfilmentStatus, OrderStatus], ...] = (
    (FulfilmentStatus.OFFERED, OrderStatus.PLACED),
    (FulfilmentStatus.WAITING, OrderStatus.CONFIRMED),
    (FulfilmentStatus.IN_PRODUCTION, OrderStatus.IN_PRODUCTION),
    (FulfilmentStatus.ALLOCATED, OrderStatus.ALLOCATED),
    (FulfilmentStatus.PICKED, OrderStatus.PICKED),
    (FulfilmentStatus.SHIPPED, OrderStatus.SHIPPED),
    (FulfilmentStatus.IN_TRANSIT, OrderStatus.IN_TRANSIT),
    (FulfilmentStatus.DELIVERED, OrderStatus.DELIVERED),
)
_RANKS = {status.value: rank for rank, (status, _) in enumerate(_STAGES)}
# parts that have not left yet, and parts that are out
OPEN_PARTS = frozenset(
    status.value
    for status in (
        FulfilmentStatus.OFFERED,
        FulfilmentStatus.WAITING,
        FulfilmentStatus.IN_PRODUCTION,
        FulfilmentStatus.ALLOCATED,
        FulfilmentStatus.PICKED,
    )
)
OUT_PARTS = frozenset(
    status.value
    for status in (FulfilmentStatus.SHIPPED, FulfilmentStatus.IN_TRANSIT, FulfilmentStatus.DELIVERED)
)


# parts that nothing more is expected of, because nothing of them stays with the buyer
ENDED_PARTS = frozenset({FulfilmentStatus.RETURNED.value, FulfilmentStatus.CANCELLED.value})


def roll_up(statuses: Iterable[str], *, is_held: bool = False) -> OrderStatus:
    """An order stands where its slowest living part stands.

    Without any it was returned if something of it had left, else cancelled. A hold shows as long as nothing
    has left.
    """
    found = list(statuses)
    living = [status for status in found if status not in ENDED_PARTS]
    if not living:
        has_left = FulfilmentStatus.RETURNED.value in found
        return OrderStatus.RETURNED if has_left else OrderStatus.CANCELLED
    if is_held and not any(status in OUT_PARTS for status in living):
        return OrderStatus.HELD
    return _STAGES[min(_RANKS[status] for status in living)][1]
