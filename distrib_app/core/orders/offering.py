"""What an order would be if it were placed now, for who is about to place it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session

from ..kernel.access import Actor
from .errors import OrderRefusedError
from .goods import find_ordered
from .parties import find_parties
from .quoting import OrderQuote, quote_lines
from .rules import LineRequest, sum_lines
from .supplying import price_supply


def quote_order(
    session: Session,
    actor: Actor,
    *,
    buyer_code: str,
    seller_code: str,
    lines: Sequence[LineRequest],
    requested_on: date | None = None,
    now: datetime,
) -> OrderQuote:
    """Price and route an order for the actor's own company, with every reason against placing it.

    Quantities of the same SKU are added up. Prices and due days are those of the network's business day.
    Where the brand would ship for the seller, the seller's own price and credit with it count as well.
    Of other people's stock only the number that can be promised is told. Raises `NotFoundError` for a
    partner the buyer has no dealings with, `NotYourBuyerError`, `ForbiddenError`.
    """
    parties = find_parties(session, actor, buyer_code=buyer_code, seller_code=seller_code)
    wanted = sum_lines(lines)
    skus = find_ordered(session, [line.sku_code for line in wanted])
    quote = quote_lines(session, parties=parties, lines=wanted, skus=skus, requested_on=requested_on, now=now)
    if not quote.can_place:
        return quote
    try:
        price_supply(session, parties, quote, skus)
    except OrderRefusedError as error:
        return replace(quote, reasons=error.reasons)
    return quote
