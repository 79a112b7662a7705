"""The list of transfers."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from ..inventory import list_transfers
from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.listing import Listing
from .frame import Asked, FacetWords, ListColumn, ListPage
from .parties import today
from .words import TRANSFER_STATES


def _read_transfers(session: Session, actor: Actor, asked: Asked, now: datetime) -> Listing[Any]:
    actor.require(Permission.STOCK_READ)
    return list_transfers(session, today=today(session, now), query=asked.query)


TRANSFERS = ListPage(
    title=msg("Transfers"),
    permission=Permission.STOCK_READ,
    read=_read_transfers,
    columns=(
        ListColumn("number", msg("Number"), lambda row, to: row.number, "number"),
        ListColumn("status", msg("Status"), lambda row, to: to.say(TRANSFER_STATES[row.status])),
        ListColumn("from", msg("From"), lambda row, to: to.party(row.source)),
        ListColumn("to", msg("Sent to"), lambda row, to: to.party(row.target)),
        ListColumn("giver", msg("Giver"), lambda row, to: to.party(row.giver)),
        ListColumn("taker", msg("Taker"), lambda row, to: to.party(row.taker)),
        ListColumn("pieces", msg("Pieces"), lambda row, to: row.piece_count, is_number=True),
        ListColumn(
            "requested_at", msg("Asked for"), lambda row, to: to.local(row.requested_at), "requested_at"
        ),
        ListColumn("promised_on", msg("Expected"), lambda row, to: row.promised_on, "promised_on"),
        ListColumn("suggestion", msg("Suggestion"), lambda row, to: row.suggestion_number),
    ),
    facets={
        "state": FacetWords(
            msg("State"),
            {
                "open": msg("not over yet"),
                "road": msg("on its way"),
                "late": msg("late"),
                "short": msg("came in short"),
            },
        ),
        "status": FacetWords(msg("Status"), TRANSFER_STATES),
        "role": FacetWords(msg("Side"), {"in": msg("We get"), "out": msg("We give")}),
        "giver": FacetWords(msg("Giver")),
        "taker": FacetWords(msg("Taker")),
    },
)
