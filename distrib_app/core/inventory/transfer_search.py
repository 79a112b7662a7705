"""Finding transfers by number or by one of their owners, newest first."""

from sqlmodel import Session, col

from ..accounts import party_names
from ..channels import find_documents
from ..kernel.access import Actor
from ..kernel.clock import business_day
from ..workbench import FoundRow
from .transfer_models import Transfer


def search_transfers(session: Session, actor: Actor, word: str, limit: int) -> list[FoundRow]:
    """Transfers whose number begins with the word, then the newest of the owners that meet it."""
    parties = (col(Transfer.taker_id), col(Transfer.giver_id))
    found = find_documents(session, Transfer, word, limit, parties=parties)
    names = party_names(session, [key for _, row in found for key in (row.giver_id, row.taker_id)])
    rows = []
    for match, transfer in found:
        giver, taker = names[transfer.giver_id], names[transfer.taker_id]
        english = f"{giver.name_en or giver.name} → {taker.name_en or taker.name}"
        rows.append(
            FoundRow(
                kind="transfer",
                key=transfer.number,
                title=f"{transfer.number} · {giver.name} → {taker.name}",
                title_en=f"{transfer.number} · {english}",
                note=business_day(transfer.requested_at, actor.zone).isoformat(),
                match=match,
            )
        )
    return rows
