"""How a suggestion explains itself: position, lines, packs, and where else the goods could come from."""

from collections.abc import Iterator

from ..kernel.errors import msg
from ..kernel.explain import Step
from ..kernel.money import Money
from .order_points import MovePlan, OrderPoint

ALTERNATIVES = 3


def basis(point: OrderPoint) -> Iterator[Step]:
    """The position, and the turnover where it misses its benchmark."""
    position = point.position
    yield Step(
        msg(
            "Position: {on_hand} on hand + {in_transit} in transit + {on_order} on order"
            " − {reserved} reserved − {backorder} back-ordered − {leaving} suggested to leave"
        ),
        {
            "on_hand": position.on_hand,
            "in_transit": position.in_transit,
            "on_order": position.on_order,
            "reserved": position.reserved,
            "backorder": position.backorder,
            "leaving": position.leaving,
        },
        str(position.qty),
    )
    if point.missed is not None:
        text = (
            msg("Turnover of the category here is {own} a year, the industry's is {benchmark}")
            if point.missed.is_industry
            else msg("Turnover of the category here is {own} a year, the median of its peers {benchmark}")
        )
        yield Step(
            text, {"own": _turns(point.missed.own_milli), "benchmark": _turns(point.missed.benchmark_milli)}
        )


def order_steps(point: OrderPoint, wanted: int) -> Iterator[Step]:
    """Why so much is wanted: the line it is below, the maximum, the packs."""
    lines, position = point.lines, point.position.qty
    if point.is_urgent:
        text, line = msg("Below the safety line {line}: urgent, up to the maximum {most}"), lines.safety_qty
    else:
        text, line = msg("Below the warning line {line}: up to the maximum {most}"), lines.warning_qty
    yield Step(text, {"line": line, "most": lines.max_qty}, str(lines.max_qty - position))
    if not wanted:
        text = msg(
            "0, because one pack of {multiple} would pass the maximum; raise it, or order smaller packs"
        )
        yield Step(text, {"multiple": point.multiple}, "0")
    elif wanted < lines.max_qty - position:
        text = msg("Packs of {multiple}: one more would pass the maximum")
        yield Step(text, {"multiple": point.multiple}, str(wanted))


def alternatives(plan: MovePlan, currency: str) -> Iterator[Step]:
    """Where else it could have come from, the cheapest ways first."""
    if not plan.into:
        yield Step(msg("No place with a surplus has an open lane to here"))
    ranked = sorted(plan.into, key=lambda transfer: (-transfer.gain, transfer.source.place))
    for transfer in ranked[:ALTERNATIVES]:
        text = (
            msg("From {place}: {free} free, {days} days old, freight of a pack {freight}")
            if transfer.packs
            else msg("Not from {place}: {free} free, {days} days old, freight of a pack {freight}")
        )
        facts = {
            "place": transfer.source.place,
            "free": transfer.source.surplus_qty,
            "days": transfer.source.age_days,
            "freight": str(Money(currency, transfer.freight)),
        }
        yield Step(text, facts, str(transfer.packs * transfer.target.multiple))


def _turns(milli: int) -> str:
    return f"{milli // 1000}.{milli % 1000 // 100}"
