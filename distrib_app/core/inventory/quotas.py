"""Quotas of scarce goods: who may have how much of a SKU from a seller in a period.

The most specific quota decides: the buyer's own, else its tier's, else the one for everybody. Where there is
none, nothing is limited.
"""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select, update

from ..catalog import Sku
from ..channels import Partner, Tier
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import Period
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import ConflictError, InvalidError
from ..kernel.events import emit
from .errors import NotYourQuotaError, QuotaExceededError
from .fair_share import fair_share
from .planning_models import Quota
from .rules import MAX_QTY


def set_quota(
    session: Session,
    actor: Actor,
    *,
    seller_code: str,
    sku_code: str,
    qty: int,
    period: Period,
    buyer_code: str = "",
    tier_code: str = "",
    version: int | None = None,
    now: datetime,
) -> Quota:
    """Let a buyer, a tier or everybody have `qty` of a seller's SKU in a period.

    The same period again changes its quantity, never below what is used. Raises `ConflictError` for one that
    overlaps another, `InvalidError` (quantity, period, buyer and tier at once), `StaleError`,
    `NotYourQuotaError`, `NotFoundError`.
    """
    actor.require(Permission.STOCK_WRITE)
    seller = get_by(session, Partner, "partner", code=seller_code)
    if not (actor.is_system or seller.id in actor.partner_ids):
        raise NotYourQuotaError(seller=seller_code)
    if buyer_code and tier_code:
        raise InvalidError(field="tier", reason=f"{buyer_code}, {tier_code}")
    if not 0 <= qty <= MAX_QTY:
        raise InvalidError(field="qty", reason=f"{qty} – 0 … {MAX_QTY}")
    if period.start == period.end:
        raise InvalidError(field="period", reason=str(period.start))
    sku_id = row_id(get_by(session, Sku, "SKU", code=sku_code))
    buyer_id = row_id(get_by(session, Partner, "partner", code=buyer_code)) if buyer_code else None
    tier_id = row_id(get_by(session, Tier, "tier", code=tier_code)) if tier_code else None
    session.get_one(Partner, row_id(seller), with_for_update=True)  # two quotas at once could overlap
    row = _same(session, row_id(seller), sku_id, buyer_id, tier_id, period)
    if row is None:
        row = Quota(
            seller_id=row_id(seller),
            sku_id=sku_id,
            buyer_id=buyer_id,
            tier_id=tier_id,
            valid_from=period.start,
            valid_to=period.end,
            qty=qty,
        )
        session.add(row)
    else:
        check_version(row, version, sku_code)
        if qty < row.used_qty:
            raise InvalidError(field="qty", reason=f"{qty} < {row.used_qty}")
        row.qty = qty
    session.flush()
    facts = {"sku": sku_code, "buyer": buyer_code, "tier": tier_code, "qty": qty}
    emit(session, actor, "quota.set", subject=("partner", seller_code), now=now, **facts)
    return row


def share_out(
    session: Session,
    actor: Actor,
    *,
    seller_code: str,
    sku_code: str,
    total: int,
    needs: Mapping[str, int],
    weights: Mapping[str, int] | None = None,
    period: Period,
    now: datetime,
) -> dict[str, int]:
    """Share `total` units fairly among buyers (code → need, code → weight) and set their quotas.

    Returns what each got. Raises as `set_quota` and `fair_share` do.
    """
    codes = sorted(needs)
    shares = None if weights is None else [weights.get(code, 0) for code in codes]
    parts = fair_share(total, [needs[code] for code in codes], shares)
    for code, part in zip(codes, parts, strict=True):
        set_quota(
            session,
            actor,
            seller_code=seller_code,
            sku_code=sku_code,
            qty=part,
            period=period,
            buyer_code=code,
            now=now,
        )
    return dict(zip(codes, parts, strict=True))


def take_quota(
    session: Session, *, seller_id: int, buyer_id: int, sku_id: int, qty: int, day: date
) -> int | None:
    """Use `qty` of the quota that holds for a buyer on a day; its id, None where nothing is limited.

    One conditional update, so that two orders never use the same unit. Raises `QuotaExceededError` naming
    what is left.
    """
    with unscoped(session, "a buyer takes from the quota its seller set"):
        row = _deciding(session, seller_id, buyer_id, sku_id, day)
        if row is None:
            return None
        taken = session.exec(
            update(Quota)
            .where(col(Quota.id) == row.id, col(Quota.used_qty) + qty <= col(Quota.qty))
            .values(used_qty=col(Quota.used_qty) + qty)
            .execution_options(synchronize_session=False)
        )
        session.refresh(row)
        if taken.rowcount != 1:
            code = session.get_one(Sku, sku_id).code
            raise QuotaExceededError(sku=code, wanted=qty, left=row.qty - row.used_qty)
        return row_id(row)


def give_back_quota(session: Session, *, quota_id: int, qty: int) -> None:
    """Give back what was taken from a quota. Raises `InvalidError` for more than was."""
    with unscoped(session, "what a buyer gives back returns to its seller's quota"):
        given = session.exec(
            update(Quota)
            .where(col(Quota.id) == quota_id, col(Quota.used_qty) >= qty)
            .values(used_qty=col(Quota.used_qty) - qty)
        )
        if given.rowcount != 1:
            raise InvalidError(field="qty", reason=str(qty))


def _same(
    session: Session, seller_id: int, sku_id: int, buyer_id: int | None, tier_id: int | None, period: Period
) -> Quota | None:
    """The quota of exactly this period for the same buyers. Raises `ConflictError` for an overlap."""
    rows = session.exec(
        select(Quota).where(
            Quota.seller_id == seller_id,
            Quota.sku_id == sku_id,
            Quota.buyer_id == buyer_id,
            Quota.tier_id == tier_id,
            col(Quota.valid_from) < period.end,
            col(Quota.valid_to) > period.start,
        )
    ).all()
    for row in rows:
        if (row.valid_from, row.valid_to) != (period.start, period.end):
            raise ConflictError(subject=f"{row.valid_from} – {row.valid_to}")
    return rows[0] if rows else None


def _deciding(session: Session, seller_id: int, buyer_id: int, sku_id: int, day: date) -> Quota | None:
    """The most specific quota of a day."""
    buyer = session.get_one(Partner, buyer_id)
    rows = session.exec(
        select(Quota).where(
            Quota.seller_id == seller_id,
            Quota.sku_id == sku_id,
            col(Quota.valid_from) <= day,
            col(Quota.valid_to) > day,
            or_(
                col(Quota.buyer_id) == buyer_id,
                col(Quota.tier_id) == buyer.tier_id,
                and_(col(Quota.buyer_id).is_(None), col(Quota.tier_id).is_(None)),
            ),
        )
    ).all()
    return min(rows, key=lambda row: (row.buyer_id is None, row.tier_id is None), default=None)
