"""The list of transfers, through the actor's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from ..accounts import PartyName, party_facet, party_matches, party_names
from ..kernel.access import unscoped
from ..kernel.db import row_id
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from .models import Location
from .places import PlaceName, place_name
from .transfer_lifecycle import OPEN_TRANSFERS
from .transfer_models import Transfer, TransferLine, TransferStatus


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer in a list; `is_late`: still on its way behind the day it was to arrive."""

    number: str
    status: str
    title: str
    giver: PartyName
    taker: PartyName
    source: PlaceName
    target: PlaceName
    piece_count: int
    line_count: int
    requested_at: datetime
    promised_on: date | None
    is_late: bool
    suggestion_number: str
    version: int


def list_transfers(session: Session, *, today: date, query: ListQuery = FIRST_PAGE) -> Listing[TransferRow]:
    """Transfers within scope, the newest first. A search looks into number and owners.

    Sorts: requested_at, number, promised_on. Facets: status, state (open, road, late, short), role
    (in, out), giver, taker. `is_late` is judged on `today`.
    """
    found = run(session, _spec(session, today), query)
    return found.showing(_rows(session, found.rows, today))


def _spec(session: Session, today: date) -> ListSpec:
    own_ids = session.info["actor"].partner_ids
    one = Transfer
    is_open = col(one.status).in_(sorted(OPEN_TRANSFERS))
    on_road = col(one.status).in_([TransferStatus.IN_TRANSIT, TransferStatus.PARTLY_RECEIVED])
    is_short = (
        select(TransferLine.id).where(TransferLine.transfer_id == one.id, TransferLine.short_qty > 0).exists()
    )
    return ListSpec(
        entity=one,
        key=(col(one.id),),
        sorts={
            "number": (col(one.number),),
            "requested_at": (col(one.requested_at),),
            "promised_on": (col(one.promised_on),),
        },
        default_sort="-requested_at",
        names=(col(one.number),),
        also=party_matches(col(one.giver_id), col(one.taker_id)),
        facets={
            "state": Choices(
                {
                    "open": is_open,
                    "road": on_road,
                    "late": on_road & (col(one.promised_on) < today),
                    "short": is_short,
                }
            ),
            "status": Facet(col(one.status), allowed=frozenset(TransferStatus)),
            "role": Choices({"in": col(one.taker_id).in_(own_ids), "out": col(one.giver_id).in_(own_ids)}),
            "giver": party_facet(col(one.giver_id)),
            "taker": party_facet(col(one.taker_id)),
        },
    )


def _rows(session: Session, found: Sequence[Transfer], today: date) -> list[TransferRow]:
    names = party_names(session, [key for row in found for key in (row.giver_id, row.taker_id)])
    ids = [row_id(row) for row in found]
    counts = {
        key: (int(pieces), int(lines))
        for key, pieces, lines in session.exec(
            select(TransferLine.transfer_id, func.sum(TransferLine.qty), func.count(col(TransferLine.id)))
            .where(col(TransferLine.transfer_id).in_(ids))
            .group_by(col(TransferLine.transfer_id))
        )
    }
    place_ids = {key for row in found for key in (row.from_location_id, row.to_location_id)}
    with unscoped(session, "both places stand on the document, also the one of the other owner"):
        rows = session.exec(select(Location).where(col(Location.id).in_(place_ids))).all()
    places = {row_id(row): place_name(row) for row in rows}
    road = {TransferStatus.IN_TRANSIT.value, TransferStatus.PARTLY_RECEIVED.value}
    return [
        TransferRow(
            number=row.number,
            status=row.status,
            title=row.title,
            giver=names[row.giver_id],
            taker=names[row.taker_id],
            source=places[row.from_location_id],
            target=places[row.to_location_id],
            piece_count=counts[row_id(row)][0],
            line_count=counts[row_id(row)][1],
            requested_at=row.requested_at,
            promised_on=row.promised_on,
            is_late=row.status in road and row.promised_on is not None and row.promised_on < today,
            suggestion_number=row.suggestion_number,
            version=row.version,
        )
        for row in found
    ]
