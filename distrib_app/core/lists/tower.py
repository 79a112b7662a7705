"""The list of the control tower."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from ..channels import get_network
from ..kernel.access import Actor, Permission
from ..kernel.clock import business_day
from ..kernel.errors import msg
from ..kernel.listing import Listing
from ..orders import TOWER_STAGES, list_tower
from .frame import Asked, FacetWords, ListColumn, ListPage, amount
from .words import ORDER_STATES

# what has to happen next, by the code of `orders.next_step`
NEXT_STEPS: dict[str, str] = {
    "release": msg("Settle what holds it, then release"),
    "answer": msg("Wait for the partner's answer"),
    "allocate": msg("Reserve what is missing"),
    "produce": msg("Wait for production"),
    "pick": msg("Pick"),
    "ship": msg("Ship"),
    "follow": msg("Follow the carrier"),
    "chase": msg("Ask the carrier where it is"),
}


def _read_tower(session: Session, actor: Actor, asked: Asked, now: datetime) -> Listing[Any]:
    actor.require(Permission.ORDERS_READ)
    return list_tower(session, today=business_day(now, get_network(session).zone), query=asked.query)


TOWER = ListPage(
    title=msg("Control tower"),
    permission=Permission.ORDERS_READ,
    read=_read_tower,
    columns=(
        ListColumn("number", msg("Number"), lambda row, to: row.number, "number"),
        ListColumn("status", msg("Status"), lambda row, to: to.say(ORDER_STATES[row.status])),
        ListColumn("buyer", msg("Buyer"), lambda row, to: to.party(row.buyer)),
        ListColumn("promised_on", msg("Promised"), lambda row, to: row.promised_on, "promised_on"),
        ListColumn("delay", msg("Days late"), lambda row, to: row.delay_days, "late", is_number=True),
        ListColumn("place", msg("Last seen at"), lambda row, to: to.name(row.place, row.place_en)),
        ListColumn("next", msg("Next"), lambda row, to: to.say(NEXT_STEPS[row.next_step])),
        ListColumn("seller", msg("Seller"), lambda row, to: to.party(row.seller)),
        ListColumn("placed_at", msg("Placed"), lambda row, to: to.local(row.placed_at), "placed_at"),
        ListColumn(
            "amount",
            msg("Amount"),
            lambda row, to: amount(row.gross_amount, row.currency),
            "gross_amount",
            is_number=True,
            is_amount=True,
            total="gross_amount",
        ),
    ),
    facets={
        "status": FacetWords(msg("Status"), {stage: ORDER_STATES[stage] for stage in TOWER_STAGES}),
        "state": FacetWords(
            msg("State"), {"late": msg("late"), "held": msg("held"), "urgent": msg("urgent")}
        ),
        "seller": FacetWords(msg("Seller")),
        "buyer": FacetWords(msg("Buyer")),
    },
)
