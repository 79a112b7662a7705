"""Between which places somebody may ask for a transfer: those one sees, those of one's trading partners."""

from sqlalchemy import or_
from sqlmodel import Session, col, select

from ..accounts import TradingAccount
from ..channels import Partner
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.errors import NotFoundError
from .models import Location
from .queries import LocationRow, list_locations


def find_place_by_code(session: Session, actor: Actor, code: str) -> Location:
    """A place within scope, or of a partner one trades with. Raises `NotFoundError` for any other.

    Who trades with each other knows where the other's goods lie, though not how many there are.
    """
    found = session.exec(select(Location).where(Location.code == code)).one_or_none()
    if found is not None:
        return found
    with unscoped(session, "a trading partner's place may be named, though its stock is not seen"):
        found = session.exec(select(Location).where(Location.code == code)).one_or_none()
        if found is not None and found.partner_id in _trading_partners(session, actor):
            return found
    raise NotFoundError(kind="location", key=code)


def list_transfer_places(session: Session, actor: Actor) -> list[LocationRow]:
    """The places somebody may ask for a transfer from or to: one's own first, then by owner and code."""
    actor.require(Permission.STOCK_READ)
    seen = list_locations(session)
    with unscoped(session, "a trading partner's place may be named, though its stock is not seen"):
        partners = _trading_partners(session, actor)
        known = {row.code for row in seen}
        others = [
            row
            for code in session.exec(select(Partner.code).where(col(Partner.id).in_(partners)))
            for row in list_locations(session, partner_code=code)
            if row.code not in known
        ]
        own = set(session.exec(select(Partner.code).where(col(Partner.id).in_(actor.partner_ids))))
    return sorted([*seen, *others], key=lambda row: (row.partner_code not in own, row.partner_code, row.code))


def _trading_partners(session: Session, actor: Actor) -> set[int]:
    """Whom the actor's companies sell to or buy from."""
    own = actor.partner_ids
    rows = session.exec(
        select(TradingAccount.seller_id, TradingAccount.buyer_id).where(
            or_(col(TradingAccount.seller_id).in_(own), col(TradingAccount.buyer_id).in_(own)),
            col(TradingAccount.is_closed).is_(False),
        )
    )
    return {party for pair in rows for party in pair}
