"""Brand direct for another seller: the brand ships, the seller buys from it what it sells on.

One shipment, two transfers of title: brand → seller at the seller's own price, seller → buyer as ordered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session

from ..accounts import Reason, TradingAccount, commit_amount, exposure_of
from ..kernel.errors import msg
from ..kernel.money import TaxSplit
from ..pricing import BuyerFacts, prices_for
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
    goods = [(index, line) for index in indexes for line in _goods(quote.parts[index], sku_of)]
    wanted = [(line.qty, sku_of[line.line_no]) for _, line in goods]
    bought = supply_lines(session, account, parties.seller.facts, wanted, day=quote.day)
    lines: dict[int, dict[int, SuppliedLine]] = {index: {} for index in indexes}
    for (index, line), one in zip(goods, bought, strict=True):
        lines[index][line.line_no] = one
    found = {index: Supply(account, part) for index, part in lines.items()}
    check_credit(session, account, sum(supply.gross for supply in found.values()), day=quote.day)
    return found


def supply_lines(
    session: Session,
    account: TradingAccount,
    seller: BuyerFacts,
    wanted: Sequence[tuple[int, OrderedSku]],
    *,
    day: date,
) -> list[SuppliedLine]:
    """What the seller pays the brand on `day` for each quantity of a SKU.

    Raises `OrderRefusedError` where it has no price of its own.
    """
    sku_ids = sorted({sku.id for _, sku in wanted})
    prices = prices_for(session, seller_id=account.seller_id, facts=seller, sku_ids=sku_ids, day=day)
    lines = []
    for qty, sku in wanted:
        price = prices.get(sku.id)
        if price is None or price.currency != account.currency:
            text = msg("{sku} has no price for the seller itself today.")
            raise OrderRefusedError([Reason("no_supply_price", text, {"sku": sku.code})])
        priced = price_line(
            qty,
            price.unit_price,
            is_gross=price.is_gross,
            tax_ppm=sku.tax_ppm,
            currency=account.currency,
        )
        lines.append(SuppliedLine(priced.unit_price, priced.amounts))
    return lines


def _goods(part: Part, sku_of: Mapping[int, OrderedSku]) -> list[PartLine]:
    return [line for line in part.lines if sku_of[line.line_no].is_goods]


def check_credit(session: Session, account: TradingAccount, gross: int, *, day: date) -> None:
    """Raise `OrderRefusedError` where a purchase takes more credit than the seller has with the brand."""
    if credit_holds(exposure_of(session, account, day=day), gross):
        raise OrderRefusedError([NO_SUPPLY_CREDIT])


def commit_supply(session: Session, supplies: Iterable[Supply], *, document: str, now: datetime) -> None:
    """What the purchases behind an order take of the seller's credit with the brand."""
    for supply in supplies:
        commit_amount(session, supply.account, document=document, amount=supply.gross, now=now)
