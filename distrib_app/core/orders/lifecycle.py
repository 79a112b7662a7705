"""What may be done with an order, by whom, and why not: one table per side.

The seller allocates, releases, ships, delivers, cancels and takes back; the buyer receives, cancels and asks
for returns. Most verbs move parts of the order; the order's state follows from where its parts stand.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.lifecycle import ActionRow, Lifecycle, Transition
from .errors import NotYourOrderError
from .models import OrderStatus, Urgency


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the guards look at; quantities are sums over the parts' lines, `ready_parts` the seller's own.

    `is_made`: the brand makes what is missing, as the seller or because the seller buys from it.
    """

    is_seller_active: bool
    is_buyer_active: bool
    is_held: bool
    urgency: str
    is_made: bool
    waiting_parts: int
    unreserved_qty: int
    ready_parts: int
    open_parts: int
    arriving_qty: int
    returnable_qty: int
    missing_qty: int = 0


def _may_ship(facts: OrderFacts) -> str | None:
    if facts.is_held:
        return msg("the order is held")
    if not facts.is_buyer_active:
        return msg("the buyer is not active")
    if not facts.is_seller_active:
        return msg("the seller is not active")
    if not facts.ready_parts:
        return msg("nothing is reserved yet") if facts.unreserved_qty else msg("nothing is ready to leave")
    return None


def _may_allocate(facts: OrderFacts) -> str | None:
    return None if facts.unreserved_qty else msg("everything is reserved already")


def _may_mark(facts: OrderFacts) -> str | None:
    return msg("it is urgent already") if facts.urgency else None


def _may_unmark(facts: OrderFacts) -> str | None:
    return None if facts.urgency == Urgency.HAND else msg("nobody marked it urgent by hand")


def _may_prioritise(facts: OrderFacts) -> str | None:
    if facts.is_held:
        return msg("the order is held")
    if not facts.urgency:
        return msg("the order is not urgent")
    return _may_allocate(facts)


def _may_produce(facts: OrderFacts) -> str | None:
    if facts.is_held:
        return msg("the order is held")
    return None if facts.is_made and facts.waiting_parts else msg("nothing waits to be made")


def _may_cancel(facts: OrderFacts) -> str | None:
    return None if facts.open_parts else msg("everything has left already")


def _may_deliver(facts: OrderFacts) -> str | None:
    return None if facts.arriving_qty else msg("nothing is on its way")


def _may_return(facts: OrderFacts) -> str | None:
    return None if facts.returnable_qty else msg("nothing of it is out")


def _may_complete(facts: OrderFacts) -> str | None:
    return msg("a short delivery is still to be settled") if facts.missing_qty else None


_HELD = frozenset({OrderStatus.HELD.value})
_OPEN = frozenset(
    status.value
    for status in (
        OrderStatus.PLACED,
        OrderStatus.CONFIRMED,
        OrderStatus.IN_PRODUCTION,
        OrderStatus.ALLOCATED,
        OrderStatus.PICKED,
    )
)
_ARRIVING = _OPEN | {OrderStatus.SHIPPED.value, OrderStatus.IN_TRANSIT.value}
_OUT = _ARRIVING | {OrderStatus.DELIVERED.value, OrderStatus.COMPLETED.value}
_DELIVERED = frozenset({OrderStatus.DELIVERED.value})

_QUIET = frozenset(
    {
        "allocate",
        "deliver",
        "mark_urgent",
        "prioritise",
        "produce",
        "request_return",
        "return",
        "unmark_urgent",
    }
)

SELLER_LIFECYCLE = Lifecycle(
    "order",
    (
        Transition("release", _HELD, "", Permission.ORDERS_FULFIL, msg("Release")),
        Transition(
            "allocate",
            _OPEN | _HELD,
            "",
            Permission.ORDERS_FULFIL,
            msg("Reserve what is missing"),
            _may_allocate,
        ),
        Transition("mark_urgent", _OPEN | _HELD, "", Permission.ORDERS_FULFIL, msg("Mark urgent"), _may_mark),
        Transition(
            "unmark_urgent",
            _OPEN | _HELD,
            "",
            Permission.ORDERS_FULFIL,
            msg("No longer urgent"),
            _may_unmark,
        ),
        Transition(
            "prioritise",
            _OPEN,
            "",
            Permission.ORDERS_FULFIL,
            msg("Take from orders that can wait"),
            _may_prioritise,
        ),
        Transition("produce", _OPEN, "", Permission.ORDERS_FULFIL, msg("Have it made"), _may_produce),
        Transition("ship", _OPEN, "", Permission.ORDERS_FULFIL, msg("Ship"), _may_ship),
        Transition("deliver", _ARRIVING, "", Permission.ORDERS_FULFIL, msg("Confirm delivery"), _may_deliver),
        Transition(
            "complete",
            _DELIVERED,
            OrderStatus.COMPLETED,
            Permission.ORDERS_FULFIL,
            msg("Complete"),
            _may_complete,
        ),
        Transition("return", _OUT, "", Permission.ORDERS_FULFIL, msg("Take goods back"), _may_return),
        Transition("cancel", _OPEN | _HELD, "", Permission.ORDERS_FULFIL, msg("Cancel"), _may_cancel),
    ),
)
BUYER_LIFECYCLE = Lifecycle(
    "order",
    (
        Transition(
            "deliver", _ARRIVING, "", Permission.ORDERS_RECEIVE, msg("Confirm delivery"), _may_deliver
        ),
        Transition(
            "complete",
            _DELIVERED,
            OrderStatus.COMPLETED,
            Permission.ORDERS_RECEIVE,
            msg("Complete"),
            _may_complete,
        ),
        Transition(
            "request_return",
            _DELIVERED | {OrderStatus.COMPLETED.value},
            "",
            Permission.ORDERS_RECEIVE,
            msg("Request a return"),
            _may_return,
        ),
        Transition("cancel", _OPEN | _HELD, "", Permission.ORDERS_PLACE, msg("Cancel"), _may_cancel),
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
    """What this actor can do with an order in this state, each once; with the reason where not now.

    What makes no sense yet for any part is left out rather than refused.
    """
    rows: dict[str, ActionRow] = {}
    for lifecycle in _sides(actor, seller_id=seller_id, buyer_id=buyer_id):
        for row in lifecycle.actions(actor, state, facts):
            if row.is_allowed or row.verb not in _QUIET:
                rows.setdefault(row.verb, row)
    return tuple(rows.values())


def _sides(actor: Actor, *, seller_id: int, buyer_id: int) -> Iterator[Lifecycle]:
    if actor.is_system or seller_id in actor.partner_ids:
        yield SELLER_LIFECYCLE
    if actor.is_system or buyer_id in actor.partner_ids:
        yield BUYER_LIFECYCLE
