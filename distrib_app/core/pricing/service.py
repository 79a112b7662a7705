"""The verb of the price book: add a row. Rows are never changed; a correction is a later row."""

from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from ..accounts import require_seller
from ..catalog import Sku
from ..channels import Partner, Region, Tier, get_network, require_partner
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import get_by, row_id
from ..kernel.effective import check_range
from ..kernel.errors import InvalidError
from ..kernel.events import emit
from .errors import PriceScopeError, PriceValueError
from .models import BuyerScope, Channel, PriceKind, PriceRow
from .queries import candidates_for
from .rules import SCOPE_COLUMNS, BuyerFacts, find_warning, price_text, scope_problem

MOST = Decimal(10**12)
FINEST = Decimal("0.000001")
MAX_REASON = 200


def add_price(
    session: Session,
    actor: Actor,
    *,
    seller_code: str,
    sku_code: str,
    unit_price: Decimal,
    valid_from: date,
    valid_to: date | None = None,
    kind: str = PriceKind.BASE,
    buyer_scope: str = BuyerScope.ALL,
    buyer_code: str | None = None,
    tier_code: str | None = None,
    region_code: str | None = None,
    channel: str = Channel.OFFLINE,
    is_gross: bool = True,
    reason: str = "",
    now: datetime,
) -> PriceRow:
    """Add a price, valid `[valid_from, valid_to)`, to a seller's book in the network's currency.

    `buyer_scope` says which of buyer, tier and region must be named. Backdated rows are allowed (the event
    says so); they hold for what is decided from now on. Where a partner's own price comes to lie above its
    tier's a `price.above_tier` event warns. Raises `PriceValueError`, `PriceScopeError`, `InvalidError`,
    `NotYourSellerError`, `NotFoundError`.
    """
    actor.require(Permission.PRICES_WRITE)
    seller = require_seller(session, actor, seller_code)
    _check_words(kind=kind, buyer_scope=buyer_scope, channel=channel)
    _check_price(unit_price)
    if len(reason) > MAX_REASON:
        raise InvalidError(field="reason", reason=f"{len(reason)} > {MAX_REASON}")
    check_range(valid_from, valid_to)
    _check_scope(buyer_scope, buyer=buyer_code, tier=tier_code, region=region_code)
    network = get_network(session)
    sku = get_by(session, Sku, "SKU", code=sku_code)
    buyer = require_partner(session, buyer_code) if buyer_code else None
    tier = get_by(session, Tier, "tier", code=tier_code) if tier_code else None
    region = get_by(session, Region, "region", code=region_code) if region_code else None
    row = PriceRow(
        seller_id=row_id(seller),
        sku_id=row_id(sku),
        channel=channel,
        kind=kind,
        buyer_scope=buyer_scope,
        buyer_id=row_id(buyer) if buyer else None,
        tier_id=row_id(tier) if tier else None,
        region_id=row_id(region) if region else None,
        unit_price=unit_price,
        is_gross=is_gross,
        currency=network.currency,
        reason=reason.strip(),
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_at=now,
        recorded_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    emit(
        session,
        actor,
        "price.added",
        subject=("price", str(row_id(row))),
        now=now,
        seller=seller_code,
        sku=sku_code,
        buyer_scope=buyer_scope,
        price_kind=kind,
        unit_price=price_text(unit_price),
        valid_from=valid_from.isoformat(),
        is_backdated=valid_from < business_day(now, network.zone),
    )
    _warn(session, actor, row, sku, now=now)
    return row


def _warn(session: Session, actor: Actor, row: PriceRow, sku: Sku, *, now: datetime) -> None:
    """Emit a warning for every buyer whose own price the new row puts above its tier's."""
    with unscoped(session, "the warning compares a seller's prices for several buyers"):
        book = candidates_for(session, seller_id=row.seller_id, sku_ids=[row.sku_id], channel=row.channel)
        candidates = book[row.sku_id]
        own = {candidate.buyer_id for candidate in candidates if candidate.buyer_id is not None}
        buyers = session.exec(
            select(Partner, Region.path)
            .join(Region, col(Region.id) == col(Partner.region_id))
            .where(col(Partner.id).in_(own if row.buyer_id is None else {row.buyer_id}))
            .order_by(col(Partner.code))
        ).all()
    for buyer, region_path in buyers:
        warning = find_warning(
            [candidate for candidate in candidates if candidate.buyer_id in (None, buyer.id)],
            buyer=BuyerFacts(row_id(buyer), buyer.tier_id, region_path),
            since=row.valid_from,
            until=row.valid_to,
            row_id=row_id(row),
            channel=row.channel,
            tax_ppm=sku.tax_ppm,
        )
        if warning is not None:
            emit(
                session,
                actor,
                "price.above_tier",
                subject=("price", str(row_id(row))),
                now=now,
                buyer=buyer.code,
                sku=sku.code,
                day=warning.day.isoformat(),
                unit_price=price_text(warning.unit_price),
                tier_price=price_text(warning.tier_price),
            )


def _check_words(*, kind: str, buyer_scope: str, channel: str) -> None:
    for field, value, known in (
        ("kind", kind, PriceKind),
        ("buyer_scope", buyer_scope, BuyerScope),
        ("channel", channel, Channel),
    ):
        if value not in set(known):
            raise InvalidError(field=field, reason=value)


def _check_price(price: Decimal) -> None:
    if not (price.is_finite() and 0 < price < MOST and price == price.quantize(FINEST)):
        raise PriceValueError(price=price, most=price_text(MOST))


def _check_scope(buyer_scope: str, **columns: str | None) -> None:
    given = frozenset(name for name, value in columns.items() if value)
    if scope_problem(buyer_scope, given):
        raise PriceScopeError(
            scope=buyer_scope,
            wanted=", ".join(sorted(SCOPE_COLUMNS[buyer_scope])) or "–",
            given=", ".join(sorted(given)) or "–",
        )
