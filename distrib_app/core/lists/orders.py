"""Lists of orders: all of them, their parts, and the open ones in the control tower."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.listing import Listing
from ..orders import TOWER_STAGES, list_orders, list_parts, list_tower
from .frame import Asked, FacetWords, ListColumn, ListPage
from .parties import BUYER, GROSS, PARTIES, SELLER, today
from .words import FULFILMENT_MODES, ORDER_STATES, PART_STATES

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


def _read_orders(session: Session, actor: Actor, asked: Asked, _now: datetime) -> Listing[Any]:
    actor.require(Permission.ORDERS_READ)
    return list_orders(session, query=asked.query)


def _read_parts(session: Session, actor: Actor, asked: Asked, now: datetime) -> Listing[Any]:
    actor.require(Permission.ORDERS_READ)
    return list_parts(session, today=today(session, now), query=asked.query)


def _read_tower(session: Session, actor: Actor, asked: Asked, now: datetime) -> Listing[Any]:
    actor.require(Permission.ORDERS_READ)
    return list_tower(session, today=today(session, now), query=asked.query)


NUMBER = ListColumn("number", msg("Number"), lambda row, to: row.number, "number")
PLACED = ListColumn("placed_at", msg("Placed"), lambda row, to: to.local(row.placed_at), "placed_at")
PROMISED = ListColumn("promised_on", msg("Promised"), lambda row, to: row.promised_on, "promised_on")

ORDERS = ListPage(
    title=msg("Orders"),
    permission=Permission.ORDERS_READ,
    read=_read_orders,
    columns=(
        NUMBER,
        ListColumn("status", msg("Status"), lambda row, to: to.say(ORDER_STATES[row.status]), "status"),
        SELLER,
        BUYER,
        PLACED,
        ListColumn("urgent", msg("Urgent"), lambda row, to: to.say(msg("urgent")) if row.is_urgent else ""),
        ListColumn("lines", msg("Lines"), lambda row, to: row.line_count, is_number=True),
        GROSS,
    ),
    facets={
        "status": FacetWords(msg("Status"), ORDER_STATES),
        "state": FacetWords(msg("State"), {"urgent": msg("urgent")}),
        "role": FacetWords(msg("Side"), {"buyer": msg("We buy"), "seller": msg("We sell")}),
        **PARTIES,
    },
)
PARTS = ListPage(
    title=msg("Fulfilment"),
    permission=Permission.ORDERS_READ,
    read=_read_parts,
    columns=(
        ListColumn("number", msg("Part"), lambda row, to: row.number, "number"),
        ListColumn("status", msg("Status"), lambda row, to: to.say(PART_STATES[row.status]), "status"),
        ListColumn("mode", msg("Served by"), lambda row, to: to.say(FULFILMENT_MODES[row.mode])),
        ListColumn("place", msg("From"), lambda row, to: to.name(row.location_name, row.location_name_en)),
        BUYER,
        ListColumn("pieces", msg("Pieces"), lambda row, to: row.piece_count, is_number=True),
        ListColumn("ready_on", msg("Leaves"), lambda row, to: row.ready_on),
        PROMISED,
        ListColumn("urgent", msg("Urgent"), lambda row, to: to.say(msg("urgent")) if row.is_urgent else ""),
        ListColumn("shipment", msg("Shipment"), lambda row, to: row.shipment_number),
    ),
    facets={
        "state": FacetWords(
            msg("State"),
            {
                "open": msg("not left yet"),
                "out": msg("on its way"),
                "late": msg("late"),
                "urgent": msg("urgent"),
            },
        ),
        "status": FacetWords(msg("Status"), PART_STATES),
        "mode": FacetWords(msg("Served by"), FULFILMENT_MODES),
        "role": FacetWords(msg("Side"), {"buyer": msg("We buy"), "owner": msg("Our goods")}),
        "place": FacetWords(msg("From")),
        "buyer": FacetWords(msg("Buyer")),
    },
)
TOWER = ListPage(
    title=msg("Control tower"),
    permission=Permission.ORDERS_READ,
    read=_read_tower,
    columns=(
        NUMBER,
        ListColumn("status", msg("Status"), lambda row, to: to.say(ORDER_STATES[row.status])),
        BUYER,
        PROMISED,
        ListColumn("delay", msg("Days late"), lambda row, to: row.delay_days, "late", is_number=True),
        ListColumn("place", msg("Last seen at"), lambda row, to: to.name(row.place, row.place_en)),
        ListColumn("next", msg("Next"), lambda row, to: to.say(NEXT_STEPS[row.next_step])),
        SELLER,
        PLACED,
        GROSS,
    ),
    facets={
        "status": FacetWords(msg("Status"), {stage: ORDER_STATES[stage] for stage in TOWER_STAGES}),
        "state": FacetWords(
            msg("State"), {"late": msg("late"), "held": msg("held"), "urgent": msg("urgent")}
        ),
        **PARTIES,
    },
)
