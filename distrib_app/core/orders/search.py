"""Finding orders by number or by a party, newest first."""

from sqlalchemy import or_
from sqlmodel import Session, col, select

from ..accounts import party_names
from ..channels import match_partners
from ..kernel.access import Actor
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.matching import Match, find_by_index
from ..workbench import FoundRow
from .models import SalesOrder


def search_orders(session: Session, actor: Actor, word: str, limit: int) -> list[FoundRow]:
    """Orders whose number begins with the word, then the newest of the partners that meet it."""
    number = col(SalesOrder.number)
    found = find_by_index(session, SalesOrder, word, limit, code=number, order=number.desc())
    if len(found) < limit:
        known = {order.number for _, order in found}
        found += [
            (match, order) for match, order in _of_partners(session, word, limit) if order.number not in known
        ]
    names = party_names(session, [key for _, row in found for key in (row.seller_id, row.buyer_id)])
    rows = []
    for match, order in found[:limit]:
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


def _of_partners(session: Session, word: str, limit: int) -> list[tuple[Match, SalesOrder]]:
    partners = match_partners(session, word)
    matches = {row_id(row): match for match, row in partners}
    if not matches:
        return []
    orders = session.exec(
        select(SalesOrder)
        .where(or_(col(SalesOrder.buyer_id).in_(matches), col(SalesOrder.seller_id).in_(matches)))
        .order_by(col(SalesOrder.id).desc())
        .limit(limit)
    ).all()
    return [
        (min(matches[key] for key in (order.seller_id, order.buyer_id) if key in matches), order)
        for order in orders
    ]
