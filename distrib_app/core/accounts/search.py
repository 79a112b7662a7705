"""Finding trading accounts by one of their parties."""

from sqlalchemy import or_
from sqlmodel import Session, col, select

from ..channels import match_partners
from ..kernel.access import Actor
from ..kernel.db import row_id
from ..workbench import FoundRow
from .models import TradingAccount
from .queries import party_names


def search_accounts(session: Session, _actor: Actor, word: str, limit: int) -> list[FoundRow]:
    """Accounts of the partners that meet the word, for the palette; the key is `seller:buyer`."""
    partners = match_partners(session, word)
    matches = {row_id(row): match for match, row in partners}
    if not matches:
        return []
    found = session.exec(
        select(TradingAccount)
        .where(
            or_(col(TradingAccount.buyer_id).in_(matches), col(TradingAccount.seller_id).in_(matches)),
            col(TradingAccount.is_closed).is_(False),
        )
        .order_by(col(TradingAccount.id))
        .limit(limit)
    ).all()
    names = party_names(session, [key for row in found for key in (row.seller_id, row.buyer_id)])
    rows = []
    for account in found:
        seller, buyer = names[account.seller_id], names[account.buyer_id]
        met = [matches[key] for key in (account.seller_id, account.buyer_id) if key in matches]
        rows.append(
            FoundRow(
                kind="account",
                key=f"{seller.code}:{buyer.code}",
                title=f"{seller.name} → {buyer.name}",
                title_en=f"{seller.name_en or seller.name} → {buyer.name_en or buyer.name}",
                note=account.currency,
                match=min(met),
            )
        )
    return rows
