"""What the giver says of units that never came in: found, lost for good, or claimed on the carrier."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from ..kernel.access import Actor, unscoped
from ..kernel.errors import msg
from ..kernel.events import emit
from ..workbench import Task, check_reason
from .balances import lock_places, put
from .models import MovementKind
from .transfer_moves import settle_transfer
from .transfer_tasks import written_off
from .transfer_work import SUBJECT, TransferWork, load_transfer


class ShortOutcome(StrEnum):
    """What became of units that did not come in."""

    FOUND = "found"
    WRITTEN_OFF = "written_off"
    CLAIMED = "claimed"


SHORT_OUTCOMES: dict[str, str] = {
    ShortOutcome.FOUND: msg("Found: they lie with us again"),
    ShortOutcome.WRITTEN_OFF: msg("Lost: they stay written off"),
    ShortOutcome.CLAIMED: msg("Claimed on the carrier"),
}


def settle_short_transfer(
    session: Session, actor: Actor, task: Task, _amount: int | None, now: datetime
) -> None:
    """What the giver's choice (`task.resolution`) means for all that was short; the transfer is settled.

    *found*: what was written off is back in the books of the place it left, with its own days and costs.
    Otherwise it stays written off; a claim is kept with its reason. Raises `ReasonMissingError`, and what
    `settle_transfer` raises.
    """
    reason = check_reason(task.reason)
    work = load_transfer(session, actor, number=task.subject_key, verb="settle", version=None)
    outcome = ShortOutcome(task.resolution)
    if outcome is ShortOutcome.FOUND:
        _take_back(session, work, now=now)
    emit(
        session,
        actor,
        "transfer.short_settled",
        subject=(SUBJECT, work.transfer.number),
        now=now,
        outcome=outcome.value,
        qty=sum(line.short_qty for line in work.lines),
        reason=reason,
    )
    settle_transfer(session, actor, number=work.transfer.number, now=now)


def _take_back(session: Session, work: TransferWork, *, now: datetime) -> None:
    """The opposite of what was written off, layer by layer."""
    lost = written_off(session, work)
    places = [(sku_id, work.transfer.from_location_id) for sku_id, _ in lost]
    with unscoped(session, "what was found is back in the books of the place it left"):
        lock_places(session, places)
        for place, (_, layer) in zip(places, lost, strict=True):
            put(session, place, layer, MovementKind.CORRECTION, cause=work.transfer.number, now=now)
    session.flush()
