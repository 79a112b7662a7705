"""Finding orders by number or by a party, newest first."""

from sqlmodel import Session, col

from ..accounts import party_names
from ..channels import find_documents
from ..kernel.access import Actor
from ..kernel.clock import business_day
from ..workbench import FoundRow
from .models import SalesOrder


def search_orders(session: Session, actor: Actor, word: str, limit: int) -> list[FoundRow]:
    """Orders whose number begins with the word, then the newest of the partners that meet it."""
    parties = (col(SalesOrder.buyer_id), col(SalesOrder.seller_id))
    found = find_documents(session, SalesOrder, word, limit, parties=parties)
    names = party_names(session, [key for _, row in found for key in (row.seller_id, row.buyer_id)])
    rows = []
    for match, order in found:
        buyer = names[order.buyer_id]
        rows.append(
            FoundRow(
                kind="order",
                key=order.number,
                title=f"{order.number} · {buyer.name}",
                title_en=f"{order.number} · {buyer.name_en or buyer.name}",
                note=business_day(order.placed_at, actor.zone).isoformat(),
                match=match,
            )
        )
    return rows
