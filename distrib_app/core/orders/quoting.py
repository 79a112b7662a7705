"""What an order would cost and whether it can be placed: priced lines, availability, every reason not to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, select

from ..accounts import Exposure, Reason, TradingAccount, exposure_of, find_account, lock_account
from ..catalog import Sku, SkuKind, find_skus_by_code
from ..channels import Partner, get_network, is_below, require_partner
from ..inventory import MAX_QTY, available_of
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import NotFoundError
from ..kernel.explain import Step
from ..kernel.money import TaxSplit
from ..pricing import PriceDecision, find_prices
from .errors import NotYourBuyerError
from .rules import LineFacts, LineRequest, PartyFacts, ordering_reasons, price_line, sum_lines

_NOTHING = TaxSplit(0, 0, 0)


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A priced line; amounts in minor units, `unit_price` with tax (None: no price).

    `available_qty` is what the seller can promise now, None for a service.
    """

    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    qty: int
    unit_price: Decimal | None
    tax_ppm: int
    amounts: TaxSplit
    available_qty: int | None
    is_backorder_allowed: bool
    steps: tuple[Step, ...]

    @property
    def short_qty(self) -> int:
        """What is missing now."""
        return 0 if self.available_qty is None else max(0, self.qty - self.available_qty)


@dataclass(frozen=True, slots=True)
class OrderQuote:
    """An order as it would be placed now; `reasons` says why it cannot be (empty: it can)."""

    seller_code: str
    buyer_code: str
    day: date
    currency: str
    lines: tuple[QuoteLine, ...]
    amounts: TaxSplit
    exposure: Exposure | None
    reasons: tuple[Reason, ...]

    @property
    def can_place(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Parties:
    """The two sides of an order to be, and their account."""

    seller: Partner
    buyer: Partner
    account: TradingAccount | None


def quote_order(
    session: Session,
    actor: Actor,
    *,
    buyer_code: str,
    seller_code: str,
    lines: Sequence[LineRequest],
    now: datetime,
) -> OrderQuote:
    """Price an order for the actor's own company, with every reason that speaks against placing it.

    Quantities of the same SKU are added up. Prices and due days are those of the network's business day.
    Of the seller's stock only the number that can be promised is told. Raises `NotFoundError` for a
    partner the buyer has no dealings with, `NotYourBuyerError`, `ForbiddenError`.
    """
    parties = find_parties(session, actor, buyer_code=buyer_code, seller_code=seller_code)
    skus = find_skus_by_code(session, [line.sku_code for line in lines])
    return quote_lines(session, parties=parties, lines=sum_lines(lines), skus=skus, now=now)


def find_parties(
    session: Session, actor: Actor, *, buyer_code: str, seller_code: str, lock: bool = False
) -> Parties:
    """Buyer (one of the actor's own), seller and account; with `lock` the account is held until the end.

    A buyer knows the sellers it has an account with and those above it; anybody else does not exist.
    """
    actor.require(Permission.ORDERS_PLACE)
    buyer = require_partner(session, buyer_code)
    if not (actor.is_system or row_id(buyer) in actor.partner_ids):
        raise NotYourBuyerError(buyer=buyer_code)
    with unscoped(session, "a buyer orders from partners above it, which it does not see"):
        seller = session.exec(select(Partner).where(Partner.code == seller_code)).one_or_none()
        account = None
        if seller is not None:
            account = find_account(session, seller_id=row_id(seller), buyer_id=row_id(buyer))
        if account is not None and lock:
            lock_account(session, account)
    is_known = account is not None or actor.is_system or (seller and is_below(buyer.path, seller.path))
    if seller is None or not is_known:
        raise NotFoundError(kind="partner", key=seller_code)
    return Parties(seller, buyer, account)


def quote_lines(
    session: Session,
    *,
    parties: Parties,
    lines: Sequence[LineRequest],
    skus: dict[str, Sku],
    now: datetime,
) -> OrderQuote:
    """The quote of summed lines; the caller has checked the parties."""
    network = get_network(session)
    day = business_day(now, network.zone)
    account = parties.account
    currency = account.currency if account is not None else network.currency
    sku_ids = [row_id(sku) for sku in skus.values()]
    seller_id = row_id(parties.seller)
    prices = find_prices(session, seller_id=seller_id, buyer=parties.buyer, sku_ids=sku_ids, day=day)
    goods = [row_id(sku) for sku in skus.values() if sku.kind == SkuKind.GOODS]
    available = available_of(session, partner_id=seller_id, sku_ids=goods)
    quoted, facts = [], []
    for line in lines:
        sku = skus.get(line.sku_code)
        if sku is None:
            facts.append(LineFacts(line.sku_code, line.qty, is_known=False))
            continue
        price, stock = prices.get(row_id(sku)), available.get(row_id(sku))
        quoted.append(_quote_line(line.qty, sku, price, stock, currency))
        facts.append(
            LineFacts(
                sku_code=sku.code,
                qty=line.qty,
                is_orderable=sku.is_orderable,
                multiple_qty=sku.order_multiple_qty,
                has_price=price is not None,
                is_foreign_currency=price is not None and price.currency != currency,
                available_qty=stock,
                is_backorder_allowed=sku.is_backorder_allowed,
            )
        )
    amounts = TaxSplit(
        sum(line.amounts.net for line in quoted),
        sum(line.amounts.tax for line in quoted),
        sum(line.amounts.gross for line in quoted),
    )
    exposure = exposure_of(session, account, day=day) if account is not None else None
    reasons = ordering_reasons(
        parties=_party_facts(parties), lines=facts, exposure=exposure, gross=amounts.gross
    )
    return OrderQuote(
        seller_code=parties.seller.code,
        buyer_code=parties.buyer.code,
        day=day,
        currency=currency,
        lines=tuple(quoted),
        amounts=amounts,
        exposure=exposure,
        reasons=reasons,
    )


def _party_facts(parties: Parties) -> PartyFacts:
    account = parties.account
    return PartyFacts(
        seller_code=parties.seller.code,
        seller_status=parties.seller.status,
        buyer_code=parties.buyer.code,
        buyer_status=parties.buyer.status,
        has_account=account is not None,
        is_account_closed=account is not None and account.is_closed,
    )


def _quote_line(
    qty: int, sku: Sku, price: PriceDecision | None, available: int | None, currency: str
) -> QuoteLine:
    unit_price: Decimal | None = None
    amounts, steps = _NOTHING, tuple[Step, ...]()
    # Out-of-range quantities and prices of another currency are refused by reason; they have no amount.
    if price is not None and price.currency == currency and 1 <= qty <= MAX_QTY:
        priced = price_line(
            qty, price.unit_price, is_gross=price.is_gross, tax_ppm=sku.tax_ppm, currency=currency
        )
        unit_price, amounts, steps = priced.unit_price, priced.amounts, (*price.steps, *priced.steps)
    return QuoteLine(
        sku_code=sku.code,
        sku_name=sku.name,
        sku_name_en=sku.name_en,
        unit=sku.unit,
        qty=qty,
        unit_price=unit_price,
        tax_ppm=sku.tax_ppm,
        amounts=amounts,
        available_qty=available,
        is_backorder_allowed=sku.is_backorder_allowed,
        steps=steps,
    )
