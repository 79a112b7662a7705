"""What an order would cost, who would serve it and when, and every reason that speaks against placing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from ..accounts import Exposure, Reason, exposure_of
from ..channels import PartnerKind
from ..inventory import MAX_QTY, QuotaLeft, quotas_for
from ..kernel.clock import business_day
from ..kernel.money import TaxSplit, divide
from ..pricing import prices_for
from .goods import OrderedSku
from .models import FulfilmentMode
from .parties import Parties
from .quoted_lines import QuoteLine, line_facts, price_of, quote_line
from .routing import RoutePlan, route
from .routing_rules import RouteLine, RouteTerms
from .rules import (
    LineRequest,
    PartyFacts,
    credit_holds,
    ordering_reasons,
)
from .soft_allocations import soft_stock
from .sourcing import Source, Wanted, find_sources
from .splitting import Part, SplitLine, split_order, sum_amounts
from .urgency import urgency_of

# what one parcel more costs the seller in packing and receiving, and a day too late, in minor units
SPLIT_AMOUNT = 500
LATE_AMOUNT_PER_DAY = 2_000
MAX_PARCELS = 5
# a line that is known: its number, what is wanted, the SKU
Known = tuple[int, LineRequest, OrderedSku]


@dataclass(frozen=True, slots=True)
class OrderQuote:
    """An order as it would be placed now.

    `reasons` says why it cannot be placed (empty: it can); `holds` why it would wait once placed. `parts` is
    who serves what and when, `plan` the decision behind it.
    """

    seller_code: str
    buyer_code: str
    day: date
    currency: str
    lines: tuple[QuoteLine, ...]
    amounts: TaxSplit
    exposure: Exposure | None
    reasons: tuple[Reason, ...]
    holds: tuple[Reason, ...]
    parts: tuple[Part, ...]
    plan: RoutePlan
    sources: Mapping[str, Source]
    urgency: str
    urgent_reason: str
    quotas: Mapping[str, QuotaLeft]

    @property
    def can_place(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    @property
    def promised_on(self) -> date | None:
        """When the last part arrives; None while a part has no date."""
        days = [part.promised_on for part in self.parts]
        return None if None in days or not days else max(day for day in days if day is not None)


def quote_lines(
    session: Session,
    *,
    parties: Parties,
    lines: Sequence[LineRequest],
    skus: Mapping[str, OrderedSku],
    requested_on: date | None = None,
    lock: bool = False,
    now: datetime,
) -> OrderQuote:
    """The quote of summed lines; the caller has checked the parties. With `lock` the stock is held."""
    day = business_day(now, parties.zone)
    account = parties.account
    currency = account.currency if account is not None else parties.currency
    known = [(no, line, skus[line.sku_code]) for no, line in enumerate(lines, 1) if line.sku_code in skus]
    prices = prices_for(
        session,
        seller_id=parties.seller.id,
        facts=parties.buyer.facts,
        sku_ids=[sku.id for _, _, sku in known],
        day=day,
    )
    priced = {no: price_of(line.qty, sku, prices.get(sku.id), currency) for no, line, sku in known}
    nets = {no: amounts.net for no, (_, amounts, _) in priced.items()}
    urgent = urgency_of(
        ((sku.line_code, sku.is_urgent) for _, _, sku in known),
        is_urgent_buyer=account is not None and account.is_urgent,
    )
    wanted = _wanted(parties, known, currency, is_urgent=bool(urgent))
    sources, plan = _route(session, wanted, known, nets, requested_on=requested_on, lock=lock, now=now)
    available: dict[str, int] = {sku.code: 0 for sku in skus.values() if sku.is_goods}
    for source in sources.values():
        if not source.route.closed:
            for code, qty in source.route.stock.items():
                available[code] += qty
    promised = _promises(plan, sources)
    amounts = sum_amounts(one for _, one, _ in priced.values())
    exposure = exposure_of(session, account, day=day) if account is not None else None
    quotas = _quotas(session, parties, known, day)
    soft: Mapping[str, int] = {}
    if urgent and plan.missing and not credit_holds(exposure, amounts.gross):
        soft = soft_stock(session, wanted, now=now)
    bumped = {no: min(plan.missing.get(no, 0), soft.get(sku.code, 0)) for no, _, sku in known}
    quoted = tuple(
        quote_line(
            no, line.qty, sku, priced[no], available.get(sku.code), promised.get(no), bumped[no], quotas
        )
        for no, line, sku in known
    )
    facts = [
        line_facts(
            line,
            skus.get(line.sku_code),
            prices,
            available,
            plan.missing.get(no, 0),
            bumped.get(no, 0),
            quotas,
            currency,
        )
        for no, line in enumerate(lines, 1)
    ]
    reasons, holds = ordering_reasons(
        parties=_party_facts(parties), lines=facts, exposure=exposure, gross=amounts.gross
    )
    split = tuple(
        SplitLine(no, line.qty, quoted[index].amounts, sku.is_goods)
        for index, (no, line, sku) in enumerate(known)
    )
    waiting = FulfilmentMode.DIRECT if parties.seller.kind == PartnerKind.BRAND else FulfilmentMode.OWN
    return OrderQuote(
        seller_code=parties.seller.code,
        buyer_code=parties.buyer.code,
        day=day,
        currency=currency,
        lines=quoted,
        amounts=amounts,
        exposure=exposure,
        reasons=reasons,
        holds=holds,
        parts=split_order(split, plan, waiting_mode=waiting) if split else (),
        plan=plan,
        sources=sources,
        urgency=urgent.kind,
        urgent_reason=urgent.reason,
        quotas=quotas,
    )


def _goods(known: Sequence[Known]) -> list[Known]:
    """The lines that routing looks at."""
    return [(no, line, sku) for no, line, sku in known if sku.is_goods and 1 <= line.qty <= MAX_QTY]


def _wanted(parties: Parties, known: Sequence[Known], currency: str, *, is_urgent: bool) -> Wanted:
    goods = _goods(known)
    return Wanted(
        seller_id=parties.seller.id,
        seller_kind=parties.seller.kind,
        supplier_id=parties.brand.id if parties.brand is not None else None,
        buyer_id=parties.buyer.id,
        region_path=parties.buyer.region_path,
        currency=currency,
        qtys={sku.id: line.qty for _, line, sku in goods},
        codes={sku.id: sku.code for _, _, sku in goods},
        goods={sku.id: sku.handling for _, _, sku in goods},
        is_urgent=is_urgent,
        needs_cold=any(sku.is_cold_chain for _, _, sku in goods),
    )


def _route(
    session: Session,
    wanted: Wanted,
    known: Sequence[Known],
    nets: Mapping[int, int],
    *,
    requested_on: date | None,
    lock: bool,
    now: datetime,
) -> tuple[dict[str, Source], RoutePlan]:
    goods = _goods(known)
    found = find_sources(session, wanted, lock=lock, now=now) if goods else ()
    plan = route(
        [
            RouteLine(
                line_no=no,
                sku_code=sku.code,
                qty=line.qty,
                weight_g=sku.weight_g,
                volume_cm3=sku.volume_cm3,
                is_cold_chain=sku.is_cold_chain,
                unit_amount=divide(nets[no], line.qty),
            )
            for no, line, sku in goods
        ],
        [source.route for source in found],
        RouteTerms(
            currency=wanted.currency,
            split_amount=SPLIT_AMOUNT,
            late_amount_per_day=LATE_AMOUNT_PER_DAY,
            wanted_on=requested_on,
            may_backorder=True,
            max_parcels=MAX_PARCELS,
            has_front=not lock,  # whoever compares asks for a quote; the order keeps what was chosen
        ),
    )
    return {source.route.code: source for source in found}, plan


def _promises(plan: RoutePlan, sources: Mapping[str, Source]) -> dict[int, date]:
    """Per line number the day on which its last unit arrives; absent while some of it is missing."""
    promised: dict[int, date] = {}
    for parcel in plan.parcels:
        for no, _ in parcel.lines:
            promised[no] = max(parcel.arrives_on, promised.get(no, parcel.arrives_on))
    return {no: day for no, day in promised.items() if not plan.missing.get(no)}


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


def _quotas(session: Session, parties: Parties, known: Sequence[Known], day: date) -> dict[str, QuotaLeft]:
    """The buyer's quotas by SKU code; no statement where none of the SKUs has any."""
    limited = {sku.id: sku.code for _, _, sku in known if sku.has_quota}
    if not limited:
        return {}
    found = quotas_for(
        session,
        seller_id=parties.seller.id,
        buyer_id=parties.buyer.id,
        tier_id=parties.buyer.tier_id,
        sku_ids=limited,
        day=day,
    )
    return {limited[sku_id]: quota for sku_id, quota in found.items()}
