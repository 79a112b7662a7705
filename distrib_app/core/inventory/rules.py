"""Pure rules of stock: how a quantity is spread over locations, what is on hand by layer, how old it is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..kernel.errors import InvalidError, msg

# Ageing buckets in days since the origin day: (label, last day inside); None is open.
AGE_BUCKETS: tuple[tuple[str, int | None], ...] = (
    (msg("0–30 days"), 30),
    (msg("31–60 days"), 60),
    (msg("61–90 days"), 90),
    (msg("91–180 days"), 180),
    (msg("over 180 days"), None),
)
# Quantities are 32-bit columns; one line may not come near their end.
MAX_QTY = 10_000_000


@dataclass(frozen=True, slots=True)
class Layer:
    """A quantity that came in on one origin day at one net cost (millionths per unit; None: unknown).

    `lot_id` names its lot where the SKU is kept by lot.
    """

    origin_on: date | None
    unit_cost_micros: int | None
    qty: int
    lot_id: int | None = None


def check_qty(qty: int, field: str = "qty") -> None:
    """Refuse a quantity that is not between 1 and `MAX_QTY`."""
    if not 1 <= qty <= MAX_QTY:
        raise InvalidError(field=field, reason=f"{qty} – 1 … {MAX_QTY}")


def net_receipts(receipts: Sequence[Layer], sent_back: Iterable[Layer]) -> list[Layer]:
    """Receipts less what went back to its supplier: each return undoes receipts of its own day, cost and lot.

    `receipts` are oldest first; of equal ones the latest is undone first. What matches no receipt is
    ignored: it then counts as consumed oldest first, like any other issue.
    """
    undone: dict[tuple[date | None, int | None, int | None], int] = defaultdict(int)
    for layer in sent_back:
        undone[layer.origin_on, layer.unit_cost_micros, layer.lot_id] += layer.qty
    kept = []
    for layer in reversed(receipts):
        key = (layer.origin_on, layer.unit_cost_micros, layer.lot_id)
        part = min(layer.qty, undone[key])
        undone[key] -= part
        if layer.qty > part:
            kept.append(replace(layer, qty=layer.qty - part))
    return kept[::-1]


def derive_layers(on_hand: int, receipts: Sequence[Layer], *, lot_id: int | None = None) -> list[Layer]:
    """What lies on hand under FIFO: the newest receipts until the quantity is covered; newest first.

    `receipts` come in booking order; the newest is the one with the latest origin day, among equal days
    the latest booked. A quantity no receipt covers becomes a last layer of unknown origin. For what lies of
    one lot: `lot_id` with the receipts of that lot.
    """
    ordered = sorted(
        enumerate(receipts), key=lambda item: (item[1].origin_on or date.min, item[0]), reverse=True
    )
    layers = []
    missing = on_hand
    for _, receipt in ordered:
        if missing <= 0:
            break
        part = min(missing, receipt.qty)
        layers.append(replace(receipt, qty=part))
        missing -= part
    if missing > 0:
        layers.append(Layer(None, None, missing, lot_id))
    return layers


def take_oldest(layers: Sequence[Layer], qty: int) -> list[Layer]:
    """What leaves when `qty` leaves: the oldest of `layers` (newest first), oldest first."""
    taken = []
    for layer in reversed(layers):
        if qty <= 0:
            break
        part = min(qty, layer.qty)
        taken.append(replace(layer, qty=part))
        qty -= part
    return taken


def slice_layers(layers: Sequence[Layer], start: int, qty: int) -> list[Layer]:
    """Units `start … start + qty` of `layers` laid end to end: which of the shipped units come back next."""
    parts = []
    position = 0
    for layer in layers:
        first, last = max(start, position), min(start + qty, position + layer.qty)
        if last > first:
            parts.append(replace(layer, qty=last - first))
        position += layer.qty
    return parts


def age_bucket(days: int) -> str:
    """The label (msgid) of the ageing bucket; day 0 is the origin day itself."""
    for label, last in AGE_BUCKETS:
        if last is None or days <= last:
            return label
    raise AssertionError("the last bucket is open")


def age_layers(layers: Iterable[Layer], day: date) -> dict[str, int]:
    """Quantity per ageing bucket on `day`, every bucket present; unknown origin counts as the oldest."""
    totals = {label: 0 for label, _ in AGE_BUCKETS}
    for layer in layers:
        label = AGE_BUCKETS[-1][0] if layer.origin_on is None else age_bucket((day - layer.origin_on).days)
        totals[label] += layer.qty
    return totals
