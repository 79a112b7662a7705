"""From suggestions to what follows from them: a transfer, or lines of a draft order, and what is to come."""

from datetime import datetime

from sqlmodel import Session, col, select

from ..accounts import TradingAccount, party_names
from ..catalog import Sku
from ..channels import Partner, Region, get_network
from ..inventory import (
    Location,
    Suggestion,
    SuggestionKind,
    accept_suggestion,
    clear_pending,
    transfer_for_suggestion,
)
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import get_by, row_id
from ..kernel.errors import InvalidError
from ..kernel.events import Event
from ..pricing import BuyerFacts, prices_for
from .drafts import draft_document, find_draft, keep_draft, read_draft
from .errors import NoSupplierError
from .models import OrderStatus, SalesOrder

_OVER = {OrderStatus.DELIVERED, OrderStatus.COMPLETED, OrderStatus.CANCELLED}


def take_up_suggestion(session: Session, actor: Actor, *, number: str, now: datetime) -> str:
    """Do what an open suggestion of one's own place says; the document it led to.

    A transfer is asked for; what is to be replenished is added to the actor's draft order with the seller
    that has a price for it, the parent first. It counts as on order from now on. Raises `NoSupplierError`,
    `InvalidError` for a kind that leads to no document, what `accept_suggestion` raises, and what
    `transfer_for_suggestion` and `keep_draft` raise.
    """
    actor.require(Permission.STOCK_WRITE)
    row = get_by(session, Suggestion, "suggestion", number=number)
    if row.kind == SuggestionKind.TRANSFER:
        return transfer_for_suggestion(session, actor, number=number, now=now).number
    if row.kind != SuggestionKind.REPLENISH:
        raise InvalidError(field="kind", reason=row.kind)
    place = session.get_one(Location, row.location_id)
    sku = session.get_one(Sku, row.sku_id)
    buyer = session.get_one(Partner, place.partner_id)
    codes = {"buyer_code": buyer.code, "seller_code": _supplier(session, buyer, sku, now=now)}
    lines = read_draft(session, actor, **codes)
    lines[sku.code] = lines.get(sku.code, 0) + row.qty
    keep_draft(session, actor, **codes, lines=lines, now=now)
    draft = find_draft(session, actor, **codes)
    assert draft is not None, "it was kept just now"
    document = draft_document(draft)
    accept_suggestion(session, actor, number=number, document=document, now=now)
    return document


def forget_expected(session: Session, event: Event, _now: datetime) -> None:
    """Reaction to `order.delivered` and `order.cancelled`: an order that is over brings no more."""
    with unscoped(session, "an order ends for both of its parties"):
        order = get_by(session, SalesOrder, "order", number=event.subject_key)
    if order.status in _OVER:
        clear_pending(session, cause=order.number)


def _supplier(session: Session, buyer: Partner, sku: Sku, *, now: datetime) -> str:
    """The code of a seller that has a price of the SKU for the buyer: its parent, else who came first."""
    network = get_network(session)
    accounts = session.exec(
        select(TradingAccount)
        .where(TradingAccount.buyer_id == row_id(buyer), col(TradingAccount.is_closed).is_(False))
        .order_by(col(TradingAccount.id))
    ).all()
    region_path = session.exec(select(Region.path).where(Region.id == buyer.region_id)).one()
    facts = BuyerFacts(row_id(buyer), buyer.tier_id, region_path)
    day = business_day(now, network.zone)
    for account in sorted(accounts, key=lambda row: row.seller_id != buyer.parent_id):
        if prices_for(session, seller_id=account.seller_id, facts=facts, sku_ids=[row_id(sku)], day=day):
            return party_names(session, [account.seller_id])[account.seller_id].code
    raise NoSupplierError(buyer=buyer.code, sku=sku.code)
