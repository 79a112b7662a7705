"""The two sides of an order to be: who they are, their account, and who stands behind the seller."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlmodel import Session

from ..accounts import TradingAccount
from ..channels import Network, Partner, Region, is_below, require_partner
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.errors import NotFoundError
from ..kernel.rows import decide, table_of
from ..pricing import BuyerFacts
from .errors import NotYourBuyerError


@dataclass(frozen=True, slots=True)
class Party:
    """A partner as an order needs it."""

    id: int
    code: str
    kind: str
    status: str
    path: str
    tier_id: int
    region_id: int
    region_path: str

    @property
    def facts(self) -> BuyerFacts:
        """What prices look at in it."""
        return BuyerFacts(self.id, self.tier_id, self.region_path)


@dataclass(frozen=True, slots=True)
class Parties:
    """Seller, buyer and their account; `supply` is the seller's own account with the brand, if it has one.

    Accounts are copies of their rows, to be read; `zone` and `currency` are the network's.
    """

    seller: Party
    buyer: Party
    account: TradingAccount | None
    supply: TradingAccount | None
    brand: Party | None
    zone: str
    currency: str


def _columns(side: str) -> tuple[Any, list[Any]]:
    partner, region = table_of(Partner).alias(side), table_of(Region).alias(f"{side}_region")
    names = ("id", "code", "kind", "status", "path", "tier_id", "region_id")
    columns = [partner.c[name].label(f"{side}_{name}") for name in names]
    return (partner, region), [*columns, region.c.path.label(f"{side}_region_path")]


def _party(row: Any, side: str) -> Party:
    names = ("id", "code", "kind", "status", "path", "tier_id", "region_id", "region_path")
    return Party(*(getattr(row, f"{side}_{name}") for name in names))


(_seller, _seller_region), _seller_columns = _columns("seller")
(_buyer, _buyer_region), _buyer_columns = _columns("buyer")
_ACCOUNT = (
    "id",
    "seller_id",
    "buyer_id",
    "currency",
    "terms_days",
    "credit_limit_amount",
    "temporary_limit_amount",
    "temporary_limit_until_on",
    "is_closed",
    "is_urgent",
)
_account = table_of(TradingAccount)
_network = table_of(Network)
_supply = _account.alias("supply")
_SIDES = (
    select(
        *_seller_columns,
        *_buyer_columns,
        *(_account.c[name].label(f"account_{name}") for name in _ACCOUNT),
        *(_supply.c[name].label(f"supply_{name}") for name in _ACCOUNT),
        _network.c.brand_id,
        _network.c.zone,
        _network.c.currency,
    )
    .select_from(
        _buyer.join(_buyer_region, _buyer_region.c.id == _buyer.c.region_id)
        .join(_seller, _seller.c.code == bindparam("seller"))
        .join(_seller_region, _seller_region.c.id == _seller.c.region_id)
        .outerjoin(_account, and_(_account.c.seller_id == _seller.c.id, _account.c.buyer_id == _buyer.c.id))
        .join(_network, _network.c.id == 1)
        .outerjoin(
            _supply,
            and_(
                _supply.c.seller_id == _network.c.brand_id,
                _supply.c.buyer_id == _seller.c.id,
                _supply.c.is_closed.is_(False),
            ),
        )
    )
    .where(_buyer.c.code == bindparam("buyer"))
)
# the account of the two, and the seller's own with the brand, on whose credit the brand serves its buyers
_LOCK = (
    select(_account.c.id)
    .select_from(
        _account.join(_seller, _seller.c.code == bindparam("seller"))
        .join(_buyer, _buyer.c.code == bindparam("buyer"))
        .join(_network, _network.c.id == 1)
    )
    .where(
        or_(
            and_(_account.c.seller_id == _seller.c.id, _account.c.buyer_id == _buyer.c.id),
            and_(_account.c.seller_id == _network.c.brand_id, _account.c.buyer_id == _seller.c.id),
        )
    )
    .order_by(_account.c.id)
    .with_for_update(of=_account, key_share=True)
)
_ONE = (
    select(*_seller_columns)
    .select_from(_seller.join(_seller_region, _seller_region.c.id == _seller.c.region_id))
    .where(_seller.c.id == bindparam("party"))
)


def find_parties(
    session: Session, actor: Actor, *, buyer_code: str, seller_code: str, lock: bool = False
) -> Parties:
    """Buyer (one of the actor's own), seller and account; with `lock` the account is held until the end.

    A buyer knows the sellers it has an account with and those above it; anybody else does not exist.
    """
    actor.require(Permission.ORDERS_PLACE)
    with unscoped(session, "a buyer orders from partners above it, which it does not see"):
        if lock and session.get_bind().dialect.name != "sqlite":
            decide(session, _LOCK, buyer=buyer_code, seller=seller_code)
        rows = decide(session, _SIDES, buyer=buyer_code, seller=seller_code)
        if not rows or not _buys_for(actor, rows[0].buyer_id):
            row = None
        else:
            row = rows[0]
            seller, buyer = _party(row, "seller"), _party(row, "buyer")
            account, supply = _copy(row, "account"), _copy(row, "supply")
            brand = find_party(session, row.brand_id) if supply is not None else None
    if row is None:
        buyer_row = require_partner(session, buyer_code)
        if not _buys_for(actor, buyer_row.id):
            raise NotYourBuyerError(buyer=buyer_code)
        raise NotFoundError(kind="partner", key=seller_code)
    if account is None and not actor.is_system and not is_below(buyer.path, seller.path):
        raise NotFoundError(kind="partner", key=seller_code)
    return Parties(seller, buyer, account, supply, brand, row.zone, row.currency)


def find_party(session: Session, partner_id: int) -> Party:
    """One partner by id, for a decision (inside `unscoped`)."""
    return _party(decide(session, _ONE, party=partner_id)[0], "seller")


def _buys_for(actor: Actor, partner_id: int | None) -> bool:
    return actor.is_system or partner_id in actor.partner_ids


def _copy(row: Any, side: str) -> TradingAccount | None:
    if getattr(row, f"{side}_id") is None:
        return None
    return TradingAccount(**{name: getattr(row, f"{side}_{name}") for name in _ACCOUNT})
