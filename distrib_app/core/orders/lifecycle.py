"""What may be done with an order, by whom, and why not: one table per side.

The seller allocates, ships, delivers, cancels and takes back; the buyer receives, cancels and asks for
returns. A return keeps the state: what came back stands on the lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.lifecycle import ActionRow, Lifecycle, Transition
from .errors import NotYourOrderError
from .models import OrderStatus


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the guards look at; quantities are sums over the lines."""

    is_seller_active: bool
    is_buyer_active: bool
    unreserved_qty: int
    returnable_qty: int


def _may_ship(facts: OrderFacts) -> str | None:
    if not facts.is_buyer_active:
        return msg("the buyer is not active")
    if not facts.is_seller_active:
        return msg("the seller is not active")
    if facts.unreserved_qty:
        return msg("not everything is reserved yet")
    return None


def _may_allocate(facts: OrderFacts) -> str | None:
    return None if facts.unreserved_qty else msg("everything is reserved already")


def _may_deliver(facts: OrderFacts) -> str | None:
    return None if facts.returnable_qty else msg("everything came back")


def _may_return(facts: OrderFacts) -> str | None:
    return None if facts.returnable_qty else msg("everything came back already")


_PLACED = frozenset({OrderStatus.PLACED.value})
_SHIPPED = frozenset({OrderStatus.SHIPPED.value})
_DELIVERED = frozenset({OrderStatus.DELIVERED.value})
_OUT = frozenset({OrderStatus.SHIPPED.value, OrderStatus.DELIVERED.value})

SELLER_LIFECYCLE = Lifecycle(
    "order",
    (
        Transition(
            "allocate",
            _PLACED,
            OrderStatus.PLACED,
            Permission.ORDERS_FULFIL,
            msg("Reserve what is missing"),
            _may_allocate,
        ),
        Transition("ship", _PLACED, OrderStatus.SHIPPED, Permission.ORDERS_FULFIL, msg("Ship"), _may_ship),
        Transition(
            "deliver",
            _SHIPPED,
            OrderStatus.DELIVERED,
            Permission.ORDERS_FULFIL,
            msg("Confirm delivery"),
            _may_deliver,
        ),
        Transition("return", _OUT, "", Permission.ORDERS_FULFIL, msg("Take goods back"), _may_return),
        Transition("cancel", _PLACED, OrderStatus.CANCELLED, Permission.ORDERS_FULFIL, msg("Cancel")),
    ),
)
BUYER_LIFECYCLE = Lifecycle(
    "order",
    (
        Transition(
            "deliver",
            _SHIPPED,
            OrderStatus.DELIVERED,
            Permission.ORDERS_RECEIVE,
            msg("Confirm delivery"),
            _may_deliver,
        ),
        Transition(
            "request_return",
            _DELIVERED,
            "",
            Permission.ORDERS_RECEIVE,
            msg("Request a return"),
            _may_return,
        ),
        Transition("cancel", _PLACED, OrderStatus.CANCELLED, Permission.ORDERS_PLACE, msg("Cancel")),
    ),
)


def require_verb(actor: Actor, verb: str) -> None:
    """Raise `ForbiddenError` when the actor could not do `verb` on either side of any order."""
    permissions = [
        transition.permission
        for lifecycle in (SELLER_LIFECYCLE, BUYER_LIFECYCLE)
        for transition in lifecycle.transitions
        if transition.verb == verb
    ]
    if not any(actor.can(permission) for permission in permissions):
        actor.require(permissions[0])


def find_lifecycle(actor: Actor, verb: str, *, number: str, seller_id: int, buyer_id: int) -> Lifecycle:
    """The table under which the actor may do `verb` here, the seller's first.

    Raises `NotYourOrderError` when the actor sees the order but stands on neither side that does this,
    `ForbiddenError` when it stands there without the permission.
    """
    mine = [
        lifecycle
        for lifecycle in _sides(actor, seller_id=seller_id, buyer_id=buyer_id)
        if any(transition.verb == verb for transition in lifecycle.transitions)
    ]
    if not mine:
        raise NotYourOrderError(order=number, verb=verb)
    for lifecycle in mine:
        if actor.can(lifecycle.find(verb).permission):
            return lifecycle
    actor.require(mine[0].find(verb).permission)
    return mine[0]


def order_actions(
    actor: Actor, *, state: str, facts: OrderFacts, seller_id: int, buyer_id: int
) -> tuple[ActionRow, ...]:
    """What this actor can do with an order in this state, each once; with the reason where not now."""
    rows: dict[str, ActionRow] = {}
    for lifecycle in _sides(actor, seller_id=seller_id, buyer_id=buyer_id):
        for row in lifecycle.actions(actor, state, facts):
            rows.setdefault(row.verb, row)
    return tuple(rows.values())


def _sides(actor: Actor, *, seller_id: int, buyer_id: int) -> Iterator[Lifecycle]:
    if actor.is_system or seller_id in actor.partner_ids:
        yield SELLER_LIFECYCLE
    if actor.is_system or buyer_id in actor.partner_ids:
        yield BUYER_LIFECYCLE
