"""What may be done with a transfer, by whom, and why not: one table per side.

Who was asked decides; who gives the goods picks, ships, settles and answers for what is on the road; who
takes them receives. Before anything left either of the two may step back.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.lifecycle import ActionRow, Lifecycle, Transition
from .errors import NotYourTransferError
from .transfer_models import Transfer, TransferStatus


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """What the guards look at; `refusal` (msgid) is why the actor may not take the step that waits."""

    are_parties_active: bool
    road_qty: int
    refusal: str | None = None


def _decides(facts: TransferFacts) -> str | None:
    return facts.refusal


def _may_leave(facts: TransferFacts) -> str | None:
    return None if facts.are_parties_active else msg("a party is not active")


def _may_arrive(facts: TransferFacts) -> str | None:
    return None if facts.road_qty else msg("nothing is on its way")


_REQUESTED = frozenset({TransferStatus.REQUESTED.value})
_APPROVED = frozenset({TransferStatus.APPROVED.value})
_READY = _APPROVED | {TransferStatus.PICKED.value}
_ROAD = frozenset({TransferStatus.IN_TRANSIT.value, TransferStatus.PARTLY_RECEIVED.value})
_RECEIVED = frozenset({TransferStatus.RECEIVED.value})
OPEN_TRANSFERS = _REQUESTED | _READY | _ROAD | _RECEIVED
_WRITE = Permission.STOCK_WRITE

APPROVER_TRANSFERS = Lifecycle(
    "transfer",
    (
        Transition("approve", _REQUESTED, TransferStatus.APPROVED, _WRITE, msg("Approve"), _decides),
        Transition("reject", _REQUESTED, TransferStatus.REJECTED, _WRITE, msg("Reject"), _decides),
    ),
)
REQUESTER_TRANSFERS = Lifecycle(
    "transfer",
    (Transition("cancel", _REQUESTED, TransferStatus.CANCELLED, _WRITE, msg("Cancel")),),
)
GIVER_TRANSFERS = Lifecycle(
    "transfer",
    (
        Transition("pick", _APPROVED, TransferStatus.PICKED, _WRITE, msg("Pick"), _may_leave),
        Transition("ship", _READY, TransferStatus.IN_TRANSIT, _WRITE, msg("Ship"), _may_leave),
        Transition("settle", _RECEIVED, TransferStatus.SETTLED, _WRITE, msg("Settle")),
        Transition("cancel", _READY | _ROAD, TransferStatus.CANCELLED, _WRITE, msg("Cancel")),
    ),
)
TAKER_TRANSFERS = Lifecycle(
    "transfer",
    (
        Transition("receive", _ROAD, "", _WRITE, msg("Receive goods"), _may_arrive),
        Transition("cancel", _READY, TransferStatus.CANCELLED, _WRITE, msg("Cancel")),
    ),
)


def check_transfer(actor: Actor, transfer: Transfer, facts: TransferFacts, verb: str) -> str:
    """The state `verb` leads a transfer to, on the first of the actor's sides that does it in this state.

    Raises `NotYourTransferError` for who stands on no side that ever does this, `ForbiddenError`,
    `TransitionError`.
    """
    mine = [table for table in _sides(actor, transfer) if _has(table, verb)]
    if not mine:
        raise NotYourTransferError(transfer=transfer.number, verb=verb)
    fitting = [table for table in mine if transfer.status in table.find(verb).sources]
    table = (fitting or mine)[0]
    return table.check(actor, verb, state=transfer.status, document=facts, key=transfer.number).target


def transfer_actions(actor: Actor, transfer: Transfer, facts: TransferFacts) -> tuple[ActionRow, ...]:
    """What this actor can do with a transfer now, each once, stepping back last; the reason where not."""
    rows: dict[str, ActionRow] = {}
    for table in _sides(actor, transfer):
        for row in table.actions(actor, transfer.status, facts):
            rows.setdefault(row.verb, row)
    return tuple(sorted(rows.values(), key=lambda row: row.verb == "cancel"))


def _sides(actor: Actor, transfer: Transfer) -> Iterator[Lifecycle]:
    for party_id, table in (
        (transfer.approver_id, APPROVER_TRANSFERS),
        (transfer.requester_id, REQUESTER_TRANSFERS),
        (transfer.giver_id, GIVER_TRANSFERS),
        (transfer.taker_id, TAKER_TRANSFERS),
    ):
        if actor.is_system or party_id in actor.partner_ids:
            yield table


def _has(table: Lifecycle, verb: str) -> bool:
    return any(transition.verb == verb for transition in table.transitions)
