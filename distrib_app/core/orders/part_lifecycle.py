"""What may be done with one part of an order, by whom, and why not: one table per side.

Whoever owns the goods picks and ships; the owner, the seller and the buyer may confirm the delivery.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..channels import PartnerStatus
from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.lifecycle import ActionRow, Lifecycle, Transition
from .errors import NotYourOrderError
from .models import FulfilmentStatus
from .work import OrderWork, PartWork


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What the guards look at."""

    is_held: bool
    are_parties_active: bool
    has_stock: bool
    out_qty: int
    lacking_qty: int = 0


def _may_leave(facts: PartFacts) -> str | None:
    if facts.is_held:
        return msg("the order is held")
    if not facts.are_parties_active:
        return msg("a party is not active")
    return None if facts.has_stock else msg("nothing is reserved yet")


def _may_arrive(facts: PartFacts) -> str | None:
    return None if facts.out_qty else msg("nothing is on its way")


def _may_be_fed(facts: PartFacts) -> str | None:
    if facts.is_held:
        return msg("the order is held")
    return None if facts.lacking_qty else msg("everything is reserved already")


_LACKING = frozenset({FulfilmentStatus.WAITING.value, FulfilmentStatus.IN_PRODUCTION.value})
_OFFERED = frozenset({FulfilmentStatus.OFFERED.value})
_ALLOCATED = frozenset({FulfilmentStatus.ALLOCATED.value})
_READY = _ALLOCATED | {FulfilmentStatus.PICKED.value}
_OUT = frozenset({FulfilmentStatus.SHIPPED.value, FulfilmentStatus.IN_TRANSIT.value})

OWNER_PARTS = Lifecycle(
    "fulfilment order",
    (
        Transition("accept", _OFFERED, FulfilmentStatus.ALLOCATED, Permission.ORDERS_FULFIL, msg("Accept")),
        Transition("decline", _OFFERED, FulfilmentStatus.WAITING, Permission.ORDERS_FULFIL, msg("Decline")),
        Transition(
            "pick", _ALLOCATED, FulfilmentStatus.PICKED, Permission.ORDERS_FULFIL, msg("Pick"), _may_leave
        ),
        Transition(
            "ship", _READY, FulfilmentStatus.SHIPPED, Permission.ORDERS_FULFIL, msg("Ship"), _may_leave
        ),
        Transition(
            "deliver",
            _OUT,
            FulfilmentStatus.DELIVERED,
            Permission.ORDERS_FULFIL,
            msg("Confirm delivery"),
            _may_arrive,
        ),
    ),
)
_ARRIVAL = Transition(
    "deliver",
    _OUT,
    FulfilmentStatus.DELIVERED,
    Permission.ORDERS_RECEIVE,
    msg("Confirm delivery"),
    _may_arrive,
)
BUYER_PARTS = Lifecycle("fulfilment order", (_ARRIVAL,))
SELLER_PARTS = Lifecycle(
    "fulfilment order",
    (
        OWNER_PARTS.find("deliver"),
        Transition("feed", _LACKING, "", Permission.ORDERS_FULFIL, msg("Have it brought"), _may_be_fed),
    ),
)


def require_part_verb(actor: Actor, verb: str) -> None:
    """Raise `ForbiddenError` when the actor could not do `verb` on any side of any part."""
    tables = [table for table in (OWNER_PARTS, SELLER_PARTS, BUYER_PARTS) if _has(table, verb)]
    permissions = [table.find(verb).permission for table in tables]
    if not any(actor.can(permission) for permission in permissions):
        actor.require(permissions[0])


def part_facts(work: OrderWork, part: PartWork) -> PartFacts:
    """What the guards look at in a part."""
    active = PartnerStatus.ACTIVE
    return PartFacts(
        is_held=bool(work.holds),
        are_parties_active=work.seller.status == active and work.buyer.status == active,
        has_stock=part.part.location_id is not None
        or all(not work.is_goods(line.sku_id) for line in part.lines),
        out_qty=sum(line.shipped_qty - line.returned_qty for line in part.lines),
        lacking_qty=sum(line.qty - line.reserved_qty for line in part.lines if work.lacks(part, line)),
    )


def check_part(actor: Actor, work: OrderWork, part: PartWork, verb: str) -> str:
    """The state `verb` leads a part to.

    Raises `NotYourOrderError` for who stands on no side that does this, `ForbiddenError`, `TransitionError`.
    """
    mine = [table for table in _sides(actor, part) if _has(table, verb)]
    if not mine:
        raise NotYourOrderError(order=part.part.number, verb=verb)
    able = [table for table in mine if actor.can(table.find(verb).permission)]
    table = (able or mine)[0]
    return table.check(
        actor, verb, state=part.part.status, document=part_facts(work, part), key=part.part.number
    ).target


def part_actions(actor: Actor, work: OrderWork, part: PartWork) -> tuple[ActionRow, ...]:
    """What this actor can do with a part now, each once; with the reason where not."""
    rows: dict[str, ActionRow] = {}
    for table in _sides(actor, part):
        for row in table.actions(actor, part.part.status, part_facts(work, part)):
            rows.setdefault(row.verb, row)
    return tuple(rows.values())


def _sides(actor: Actor, part: PartWork) -> Iterator[Lifecycle]:
    if actor.is_system or part.part.owner_id in actor.partner_ids:
        yield OWNER_PARTS
    if actor.is_system or part.part.seller_id in actor.partner_ids:
        yield SELLER_PARTS
    if actor.is_system or part.part.buyer_id in actor.partner_ids:
        yield BUYER_PARTS


def _has(table: Lifecycle, verb: str) -> bool:
    return any(transition.verb == verb for transition in table.transitions)
