"""Brand direct for another seller: the brand ships, the seller buys from it what it sells on.

One shipment, two transfers of title: brand → seller at the seller's own price, seller → buyer as ordered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from ..accounts import Reason, TradingAccount, commit_amount, exposure_of
from ..kernel.errors import msg
from ..kernel.money import TaxSplit
from ..pricing import prices_for
from .errors import OrderRefusedError
from .goods import OrderedSku
from .parties import Parties
from .quoting import OrderQuote
from .rules import credit_holds, price_line
from .splitting import Part, PartLine

NO_SUPPLY_CREDIT = Reason(
    "no_supply_credit", msg("The seller cannot have it shipped by the brand at present.")
)


@dataclass(frozen=True, slots=True)
class SuppliedLine:
    """What the seller pays the brand for a line of a part."""

    unit_price: Decimal
    amounts: TaxSplit


@dataclass(frozen=True, slots=True)
class Supply:
    """The seller's purchase behind a part: its account with the brand, and its lines by line number."""

    account: TradingAccount
    lines: Mapping[int, SuppliedLine]

    @property
    def gross(self) -> int:
        """What the purchase takes of the seller's credit with the brand."""
        return sum(line.amounts.gross for line in self.lines.values())


def price_supply(
    session: Session, parties: Parties, quote: OrderQuote, skus: Mapping[str, OrderedSku]
) -> dict[int, Supply]:
    """The purchases behind the parts that the brand serves for the seller, by index of the part.

    Raises `OrderRefusedError` where the seller has no price of its own for the goods, or no credit left
    with the brand.
    """
    account, brand = parties.supply, parties.brand
    if account is None or brand is None:
        return {}
    indexes = [
        index
        for index, part in enumerate(quote.parts)
        if part.source_code is not None and quote.sources[part.source_code].owner_id == brand.id
    ]
    if not indexes:
        return {}
    sku_of = {line.line_no: skus[line.sku_code] for line in quote.lines}
    goods = {index: _goods(quote.parts[index], sku_of) for index in indexes}
    wanted = {sku_of[line.line_no].id for lines in goods.values() for line in lines}
    prices = prices_for(
        session, seller_id=brand.id, facts=parties.seller.facts, sku_ids=sorted(wanted), day=quote.day
    )
    found: dict[int, Supply] = {}
    for index in indexes:
        lines: dict[int, SuppliedLine] = {}
        for line in goods[index]:
            sku = sku_of[line.line_no]
            price = prices.get(sku.id)
            if price is None or price.currency != account.currency:
                text = msg("{sku} has no price for the seller itself today.")
                raise OrderRefusedError([Reason("no_supply_price", text, {"sku": sku.code})])
            priced = price_line(
                line.qty,
                price.unit_price,
                is_gross=price.is_gross,
                tax_ppm=sku.tax_ppm,
                currency=account.currency,
            )
            lines[line.line_no] = SuppliedLine(priced.unit_price, priced.amounts)
        found[index] = Supply(account, lines)
    _check_credit(session, quote, account, sum(supply.gross for supply in found.values()))
    return found


def _goods(part: Part, sku_of: Mapping[int, OrderedSku]) -> list[PartLine]:
    return [line for line in part.lines if sku_of[line.line_no].is_goods]


def _check_credit(session: Session, quote: OrderQuote, account: TradingAccount, gross: int) -> None:
    if credit_holds(exposure_of(session, account, day=quote.day), gross):
        raise OrderRefusedError([NO_SUPPLY_CREDIT])


def commit_supply(session: Session, supplies: Iterable[Supply], *, document: str, now: datetime) -> None:
    """What the purchases behind an order take of the seller's credit with the brand."""
    for supply in supplies:
        commit_amount(session, supply.account, document=document, amount=supply.gross, now=now)
