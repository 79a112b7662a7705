"""Quotas of scarce goods: who may have how much of a SKU from a seller in a period.

The most specific quota decides: the buyer's own, else its tier's, else the one for everybody. Where there is
none, nothing is limited.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, bindparam, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select, update

from ..catalog import Sku
from ..channels import Partner, Tier
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import Period
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import ConflictError, InvalidError
from ..kernel.events import emit
from ..kernel.rows import decide, table_of, update_all
from .errors import NotYourQuotaError, QuotaExceededError
from .fair_share import fair_share
from .planning_models import Quota
from .rules import MAX_QTY

_quota = table_of(Quota)
_HOLDING = (
    select_columns(_quota.c.id, _quota.c.sku_id, _quota.c.qty, _quota.c.used_qty)
    .where(
        _quota.c.seller_id == bindparam("seller"),
        _quota.c.sku_id.in_(bindparam("skus", expanding=True)),
        _quota.c.valid_from <= bindparam("day"),
        _quota.c.valid_to > bindparam("day"),
        or_(
            _quota.c.buyer_id == bindparam("buyer"),
            _quota.c.tier_id == bindparam("tier"),
            and_(_quota.c.buyer_id.is_(None), _quota.c.tier_id.is_(None)),
        ),
    )
    .order_by(_quota.c.sku_id, _quota.c.buyer_id.is_not(None), _quota.c.tier_id.is_not(None))
)
_TAKE = (
    update(_quota)
    .where(_quota.c.id == bindparam("quota"), _quota.c.used_qty + bindparam("more") <= _quota.c.qty)
    .values(used_qty=_quota.c.used_qty + bindparam("more"))
)


@dataclass(frozen=True, slots=True)
class QuotaLeft:
    """A quota that holds, and what is left of it."""

    id: int
    left: int


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


def propose_shares(
    _session: Session,
    actor: Actor,
    *,
    total: int,
    needs: Mapping[str, int],
    weights: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """How `total` units would be shared fairly among buyers (code → need, code → weight); nothing is set.

    Raises as `fair_share` does.
    """
    actor.require(Permission.STOCK_WRITE)
    codes = sorted(needs)
    shares = None if weights is None else [weights.get(code, 0) for code in codes]
    return dict(zip(codes, fair_share(total, [needs[code] for code in codes], shares), strict=True))


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
    shares = propose_shares(session, actor, total=total, needs=needs, weights=weights)
    for code, part in shares.items():
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
    return shares


def quotas_for(
    session: Session, *, seller_id: int, buyer_id: int, tier_id: int, sku_ids: Collection[int], day: date
) -> dict[int, QuotaLeft]:
    """The quota that holds for a buyer on a day, by SKU id; none where nothing is limited. One statement."""
    with unscoped(session, "a buyer takes from the quota its seller set"):
        rows = decide(
            session,
            _HOLDING,
            seller=seller_id,
            buyer=buyer_id,
            tier=tier_id,
            skus=sorted(sku_ids),
            day=day,
        )
    found: dict[int, QuotaLeft] = {}
    for row in rows:  # the most specific one comes last
        found[row.sku_id] = QuotaLeft(row.id, row.qty - row.used_qty)
    return found


def take_quotas(session: Session, taken: Mapping[int, int]) -> None:
    """Use quantities of quotas (id → quantity), all or none.

    One conditional update each, so that two orders never use the same unit. Raises `QuotaExceededError`
    naming what is left.
    """
    with unscoped(session, "a buyer takes from the quota its seller set"):
        for key, qty in sorted(taken.items()):
            if update_all(session, _TAKE, [{"quota": key, "more": qty}]) != 1:
                row = session.get_one(Quota, key, populate_existing=True)
                code = session.get_one(Sku, row.sku_id).code
                raise QuotaExceededError(sku=code, wanted=qty, left=row.qty - row.used_qty)


def take_quota(
    session: Session, *, seller_id: int, buyer_id: int, sku_id: int, qty: int, day: date
) -> int | None:
    """Use `qty` of the quota that holds for a buyer on a day; its id, None where nothing is limited.

    Raises `QuotaExceededError`.
    """
    with unscoped(session, "a buyer takes from the quota its seller set"):
        tier_id = session.get_one(Partner, buyer_id).tier_id
    found = quotas_for(
        session, seller_id=seller_id, buyer_id=buyer_id, tier_id=tier_id, sku_ids=[sku_id], day=day
    ).get(sku_id)
    if found is None:
        return None
    take_quotas(session, {found.id: qty})
    return found.id


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
