"""The parts of orders as those who serve them work through them: a list through the actor's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func
from sqlmodel import Session, col, select

from ..accounts import PartyName, party_facet, party_matches, party_names
from ..inventory import Location, Shipment
from ..kernel.db import row_id
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from .models import FulfilmentLine, FulfilmentMode, FulfilmentOrder, FulfilmentStatus, SalesOrder
from .progress import ENDED_PARTS, OPEN_PARTS, OUT_PARTS


@dataclass(frozen=True, slots=True)
class PartListRow:
    """A part of an order in a list; the place is told only to those who see it.

    Whoever owns the goods and is no party of the order sees its part alone (`is_order_visible`).
    """

    number: str
    order_number: str
    is_order_visible: bool
    status: str
    mode: str
    owner: PartyName
    seller: PartyName
    buyer: PartyName
    location_code: str
    location_name: str
    location_name_en: str
    piece_count: int
    ready_on: date | None
    promised_on: date | None
    is_late: bool
    is_urgent: bool
    shipment_number: str
    version: int


def list_parts(session: Session, *, today: date, query: ListQuery = FIRST_PAGE) -> Listing[PartListRow]:
    """Parts of orders within scope: what has not arrived, urgent ones first, then what was promised first.

    A search looks into the number and the parties. Sorts: due, number, status, promised_on. Facets: status,
    mode, place, owner, buyer, state (open, out, late, urgent). `is_late` is judged on `today`.
    """
    found = run(session, _parts(session, today), query)
    return found.showing(_rows(session, found.rows, today))


def _parts(session: Session, today: date) -> ListSpec:
    own_ids = session.info["actor"].partner_ids
    part = FulfilmentOrder
    arriving = col(part.status).in_(sorted(OPEN_PARTS | OUT_PARTS - {FulfilmentStatus.DELIVERED}))
    return ListSpec(
        entity=part,
        columns=(Location,),
        join=_with_place,
        key=(col(part.id),),
        sorts={
            "due": (
                case((arriving, 0), else_=1),
                case((col(part.is_urgent), 0), else_=1),
                col(part.promised_on),
            ),
            "number": (col(part.number),),
            "status": (col(part.status),),
            "promised_on": (col(part.promised_on),),
        },
        default_sort="due",
        names=(col(part.number),),
        also=party_matches(col(part.seller_id), col(part.buyer_id), col(part.owner_id)),
        facets={
            "status": Facet(col(part.status), allowed=frozenset(FulfilmentStatus)),
            "mode": Facet(col(part.mode), allowed=frozenset(FulfilmentMode)),
            "place": Facet(col(Location.code), col(Location.name), col(Location.name_en)),
            "role": Choices(
                {
                    "owner": col(part.owner_id).in_(own_ids),
                    "buyer": col(part.buyer_id).in_(own_ids),
                }
            ),
            "buyer": party_facet(col(part.buyer_id)),
            "state": Choices(
                {
                    "open": col(part.status).in_(sorted(OPEN_PARTS)),
                    "out": col(part.status).in_(
                        [FulfilmentStatus.SHIPPED.value, FulfilmentStatus.IN_TRANSIT.value]
                    ),
                    "late": arriving & (col(part.promised_on) < today),
                    "urgent": col(part.is_urgent).is_(True),
                }
            ),
        },
    )


def _with_place(statement: Select[Any]) -> Select[Any]:
    return statement.outerjoin(Location, col(Location.id) == col(FulfilmentOrder.location_id))


def _rows(
    session: Session, found: Sequence[tuple[FulfilmentOrder, Location | None]], today: date
) -> list[PartListRow]:
    parts = [part for part, _ in found]
    parties = [key for part in parts for key in (part.owner_id, part.seller_id, part.buyer_id)]
    names = party_names(session, parties)
    ids = [row_id(part) for part in parts]
    counts = dict(
        session.exec(
            select(FulfilmentLine.fulfilment_id, func.sum(FulfilmentLine.qty))
            .where(col(FulfilmentLine.fulfilment_id).in_(ids))
            .group_by(col(FulfilmentLine.fulfilment_id))
        ).all()
    )
    shipment_ids = {part.shipment_id for part in parts if part.shipment_id is not None}
    numbers = dict(
        session.exec(select(Shipment.id, Shipment.number).where(col(Shipment.id).in_(shipment_ids))).all()
    )
    orders = set(
        session.exec(select(SalesOrder.id).where(col(SalesOrder.id).in_({part.order_id for part in parts})))
    )
    return [
        PartListRow(
            number=part.number,
            order_number=part.number.rpartition("-")[0],
            is_order_visible=part.order_id in orders,
            status=part.status,
            mode=part.mode,
            owner=names[part.owner_id],
            seller=names[part.seller_id],
            buyer=names[part.buyer_id],
            location_code=place.code if place else "",
            location_name=place.name if place else "",
            location_name_en=place.name_en if place else "",
            piece_count=int(counts.get(row_id(part), 0)),
            ready_on=part.ready_on,
            promised_on=part.promised_on,
            is_late=is_late(part.status, part.promised_on, today),
            is_urgent=part.is_urgent,
            shipment_number=numbers.get(part.shipment_id, ""),
            version=part.version,
        )
        for part, place in found
    ]


def is_late(status: str, promised_on: date | None, today: date) -> bool:
    """Whether a part that has not arrived was promised for a day that is over."""
    is_finished = status == FulfilmentStatus.DELIVERED or status in ENDED_PARTS
    return not is_finished and promised_on is not None and promised_on < today
