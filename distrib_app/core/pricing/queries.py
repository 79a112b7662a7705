"""Reads of the price book: decisions for a buyer, their history, and the rows themselves.

Most rows of a seller's book are not for the buyer's eyes; a decision is. Decisions are handed to the two
parties and to those who see all prices, row lists go through the scope like any other.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, bindparam, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from ..accounts import PartyName, party_names
from ..catalog import Sku
from ..channels import Partner, Region, Tier
from ..kernel.access import Resource, unscoped
from ..kernel.clock import Period
from ..kernel.db import row_id
from ..kernel.listing import FIRST_PAGE, Facet, Listing, ListQuery, ListSpec, run
from ..kernel.rows import decide, table_of
from .models import BuyerScope, Channel, PriceKind, PriceRow
from .rules import BuyerFacts, PriceCandidate, PriceDecision, price_segments, resolve_price


@dataclass(frozen=True, slots=True)
class PriceHistoryRow:
    """What a buyer paid a seller for a SKU over `[valid_from, valid_to)`."""

    valid_from: date
    valid_to: date | None
    unit_price: Decimal
    is_gross: bool
    currency: str
    kind: str
    row_id: int


@dataclass(frozen=True, slots=True)
class PriceListRow:
    """A row of the price book in a list; the scope's columns that don't apply are None or empty."""

    id: int
    seller: PartyName
    sku_code: str
    sku_name: str
    channel: str
    kind: str
    buyer_scope: str
    buyer: PartyName | None
    tier_code: str
    region_code: str
    unit_price: Decimal
    is_gross: bool
    currency: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    reason: str


def find_prices(
    session: Session,
    *,
    seller_id: int,
    buyer: Partner,
    sku_ids: Sequence[int],
    day: date,
    known_at: datetime | None = None,
    channel: str = Channel.OFFLINE,
) -> dict[int, PriceDecision]:
    """What `buyer` pays the seller per SKU on `day` (as known at an instant), in two statements.

    SKUs without a price are absent; so is everything for a reader who is no party and does not see all
    prices. The buyer's present tier and region decide.
    """
    if not _may_read(session, seller_id, row_id(buyer)):
        return {}
    with unscoped(session, "a buyer's region is part of its price"):
        facts = buyer_facts(session, buyer)
    return prices_for(
        session,
        seller_id=seller_id,
        facts=facts,
        sku_ids=sku_ids,
        day=day,
        known_at=known_at,
        channel=channel,
    )


def prices_for(
    session: Session,
    *,
    seller_id: int,
    facts: BuyerFacts,
    sku_ids: Sequence[int],
    day: date,
    known_at: datetime | None = None,
    channel: str = Channel.OFFLINE,
) -> dict[int, PriceDecision]:
    """What a buyer of these facts pays the seller per SKU on `day`, in one statement.

    For the verbs of the floors above, which have found out who the buyer is; SKUs without a price are absent.
    """
    with unscoped(session, "a price is decided by the seller's whole book; only the decision is handed out"):
        rows = decide(
            session,
            _BOOK,
            seller=seller_id,
            skus=list(sku_ids),
            day=day,
            channel=channel,
            buyer=facts.partner_id,
            tier=facts.tier_id,
            regions=facts.region_path.strip("/").split("/"),
        )
    book: dict[int, list[PriceCandidate]] = defaultdict(list)
    for row in rows:
        book[row.sku_id].append(_candidate(row, row.region_path or ""))
    decisions = {
        sku_id: resolve_price(rows, buyer=facts, day=day, known_at=known_at, channel=channel)
        for sku_id, rows in book.items()
    }
    return {sku_id: decision for sku_id, decision in decisions.items() if decision is not None}


_row, _region = table_of(PriceRow), table_of(Region)
# the rows of a seller's book that hold on a day and concern a buyer, asked on every order
_BOOK = (
    select_columns(
        *(
            _row.c[name]
            for name in (
                "id",
                "sku_id",
                "unit_price",
                "is_gross",
                "kind",
                "buyer_scope",
                "buyer_id",
                "tier_id",
                "valid_from",
                "valid_to",
                "recorded_at",
                "channel",
                "currency",
                "reason",
            )
        ),
        _region.c.path.label("region_path"),
    )
    .select_from(_row.outerjoin(_region, _region.c.id == _row.c.region_id))
    .where(
        _row.c.seller_id == bindparam("seller"),
        _row.c.sku_id.in_(bindparam("skus", expanding=True)),
        _row.c.channel == bindparam("channel"),
        _row.c.valid_from <= bindparam("day", type_=Date()),
        or_(_row.c.valid_to.is_(None), _row.c.valid_to > bindparam("day", type_=Date())),
        or_(_row.c.buyer_id.is_(None), _row.c.buyer_id == bindparam("buyer")),
        or_(_row.c.tier_id.is_(None), _row.c.tier_id == bindparam("tier")),
        or_(_row.c.region_id.is_(None), _region.c.code.in_(bindparam("regions", expanding=True))),
    )
    .order_by(_row.c.id)
)


def price_history(
    session: Session,
    *,
    seller_id: int,
    buyer: Partner,
    sku_id: int,
    period: Period,
    known_at: datetime | None = None,
    channel: str = Channel.OFFLINE,
) -> list[PriceHistoryRow]:
    """How the buyer's price moved in `period`, one row per deciding price, for the chart and its table.

    Days without a price are gaps. Empty for a reader who is no party and does not see all prices.
    """
    if not _may_read(session, seller_id, row_id(buyer)):
        return []
    with unscoped(session, "a price is decided by the seller's whole book; only the decision is handed out"):
        facts = buyer_facts(session, buyer)
        meets = (
            col(PriceRow.valid_from) < period.end,
            or_(col(PriceRow.valid_to).is_(None), col(PriceRow.valid_to) > period.start),
        )
        book = candidates_for(
            session, *meets, seller_id=seller_id, sku_ids=[sku_id], channel=channel, buyer=facts
        )
    segments = price_segments(
        book.get(sku_id, []), buyer=facts, period=period, known_at=known_at, channel=channel
    )
    return [
        PriceHistoryRow(
            valid_from=segment.valid_from,
            valid_to=segment.valid_to,
            unit_price=segment.decision.unit_price,
            is_gross=segment.decision.is_gross,
            currency=segment.decision.currency,
            kind=segment.decision.kind,
            row_id=segment.decision.row_id,
        )
        for segment in segments
    ]


def list_price_rows(
    session: Session, *, query: ListQuery = FIRST_PAGE, day: date | None = None
) -> Listing[PriceListRow]:
    """Rows of the price book within scope, later recorded first, on `day` or ever.

    A search looks into code and names of the SKU. Sorts: recorded_at, valid_from, sku, unit_price. Facets:
    sku, kind, buyer_scope, channel.
    """
    extra = [] if day is None else [PriceRow.as_of(day)]
    found = run(session, PRICES, query, extra)
    parties = {key for row, _, _, _ in found.rows for key in (row.seller_id, row.buyer_id) if key}
    names = party_names(session, parties)
    return found.showing([_list_row(names, *row) for row in found.rows])


def _with_names(statement: Select[Any]) -> Select[Any]:
    return (
        statement.join(Sku, col(Sku.id) == col(PriceRow.sku_id))
        .outerjoin(Tier, col(Tier.id) == col(PriceRow.tier_id))
        .outerjoin(Region, col(Region.id) == col(PriceRow.region_id))
    )


PRICES = ListSpec(
    entity=PriceRow,
    columns=(Sku, Tier, Region),
    join=_with_names,
    key=(col(PriceRow.id),),
    sorts={
        "recorded_at": (col(PriceRow.recorded_at),),
        "valid_from": (col(PriceRow.valid_from),),
        "sku": (col(Sku.code),),
        "unit_price": (col(PriceRow.unit_price),),
    },
    default_sort="-recorded_at",
    codes=(col(Sku.code),),
    names=(col(Sku.name), col(Sku.name_en)),
    initials=(col(Sku.initials),),
    facets={
        "sku": Facet(col(Sku.code), is_counted=False),
        "kind": Facet(col(PriceRow.kind), allowed=frozenset(PriceKind)),
        "buyer_scope": Facet(col(PriceRow.buyer_scope), allowed=frozenset(BuyerScope)),
        "channel": Facet(col(PriceRow.channel), allowed=frozenset(Channel)),
    },
)


def holding_rows(rows: Iterable[PriceListRow], day: date) -> frozenset[int]:
    """Ids of the rows that hold on `day`: for the same buyers a later record replaces an earlier one."""
    latest: dict[tuple[object, ...], PriceListRow] = {}
    for row in sorted(rows, key=lambda row: (row.recorded_at, row.id)):
        if row.valid_from <= day and (row.valid_to is None or day < row.valid_to):
            buyers = (row.buyer_scope, row.buyer, row.tier_code, row.region_code)
            latest[row.seller, row.sku_code, row.channel, row.kind, *buyers] = row
    return frozenset(row.id for row in latest.values())


def price_changes(rows: Sequence[PriceListRow]) -> list[tuple[date, Decimal | None]]:
    """The days on which the price changes, and what holds from each on (None: nothing does).

    `rows` are rows of one seller, SKU, channel, kind and group of buyers, ever recorded.
    """
    days = sorted({day for row in rows for day in (row.valid_from, row.valid_to) if day})
    prices = {row.id: row.unit_price for row in rows}
    held = [(day, next(iter(holding_rows(rows, day)), None)) for day in days]
    return [(day, None if key is None else prices[key]) for day, key in held]


def buyer_facts(session: Session, buyer: Partner) -> BuyerFacts:
    """What prices look at in a buyer, as it stands today."""
    return BuyerFacts(row_id(buyer), buyer.tier_id, session.get_one(Region, buyer.region_id).path)


def candidates_for(
    session: Session,
    *conditions: ColumnElement[bool],
    seller_id: int,
    sku_ids: Sequence[int],
    channel: str,
    buyer: BuyerFacts | None = None,
) -> dict[int, list[PriceCandidate]]:
    """Rows of a seller's book per SKU, in one statement; with `buyer` only those that concern it."""
    statement = (
        select(PriceRow, Region.path)
        .outerjoin(Region, col(Region.id) == col(PriceRow.region_id))
        .where(
            PriceRow.seller_id == seller_id,
            col(PriceRow.sku_id).in_(sku_ids),
            PriceRow.channel == channel,
            *conditions,
        )
        .order_by(col(PriceRow.id))
    )
    if buyer is not None:
        regions = buyer.region_path.strip("/").split("/")
        statement = statement.where(
            or_(col(PriceRow.buyer_id).is_(None), col(PriceRow.buyer_id) == buyer.partner_id),
            or_(col(PriceRow.tier_id).is_(None), col(PriceRow.tier_id) == buyer.tier_id),
            or_(col(PriceRow.region_id).is_(None), col(Region.code).in_(regions)),
        )
    book: dict[int, list[PriceCandidate]] = defaultdict(list)
    for row, region_path in session.exec(statement):
        book[row.sku_id].append(_candidate(row, region_path or ""))
    return book


def _may_read(session: Session, seller_id: int, buyer_id: int) -> bool:
    """Whether the session's reader may be told this seller's price for this buyer."""
    if session.info.get("unscoped"):
        return True
    scope = session.info["actor"].scope(Resource.PRICES)
    return scope.is_all or seller_id in scope.party_ids or buyer_id in scope.party_ids


def _candidate(row: Any, region_path: str) -> PriceCandidate:
    return PriceCandidate(
        row_id=row.id,
        unit_price=row.unit_price,
        is_gross=row.is_gross,
        kind=row.kind,
        buyer_scope=row.buyer_scope,
        buyer_id=row.buyer_id,
        tier_id=row.tier_id,
        region_path=region_path,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        recorded_at=row.recorded_at,
        channel=row.channel,
        currency=row.currency,
        reason=row.reason,
    )


def _list_row(
    names: dict[int, PartyName], row: PriceRow, sku: Sku, tier: Tier | None, region: Region | None
) -> PriceListRow:
    return PriceListRow(
        id=row_id(row),
        seller=names[row.seller_id],
        sku_code=sku.code,
        sku_name=sku.name,
        channel=row.channel,
        kind=row.kind,
        buyer_scope=row.buyer_scope,
        buyer=names[row.buyer_id] if row.buyer_id and row.buyer_scope == BuyerScope.PARTNER else None,
        tier_code=tier.code if tier else "",
        region_code=region.code if region else "",
        unit_price=row.unit_price,
        is_gross=row.is_gross,
        currency=row.currency,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        recorded_at=row.recorded_at,
        reason=row.reason,
    )
