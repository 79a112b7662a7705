"""The demo's last day of orders: goods made to order, orders that may leave together, quotas of scarce goods.

Placed and worked on by the usual verbs after everything else, so that nothing of the plan changes.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from ..catalog import Category, Sku, create_product, create_sku
from ..channels import Network, ProductLine
from ..inventory import Balance, Location, set_quota
from ..kernel.access import SYSTEM
from ..kernel.clock import Period, business_day
from ..kernel.db import get_by
from ..orders import (
    LineRequest,
    MadeGoods,
    ProductionRequest,
    SalesOrder,
    finish_production,
    place_order,
    plan_production,
    start_production,
)
from ..pricing import PriceRow, add_price
from .first_aid import GOODS as FIRST_AID
from .network import NetworkDraft, Party
from .transfers import PLANT, person

# SKU: name, English, the brand's price and the provincial agent's, production cost, all in yuan
GOODS = (
    ("MTO01-01", "商用除湿机 定制款", "Commercial dehumidifier, made to order", 2_680, 2_890, 1_560),
    ("MTO01-02", "商用净水机 定制款", "Commercial water purifier, made to order", 3_480, 3_760, 2_040),
)
_FIRST, _SECOND = GOODS[0][0], GOODS[1][0]
# how far the production of each order has come: SKU, pieces, state, days until it is ready
_MAKING = (
    (_FIRST, 12, "open", 0),
    (_FIRST, 20, "planned", 12),
    (_SECOND, 8, "started", 5),
    (_SECOND, 5, "finished", 0),
)
_OF_ANOTHER_SELLER_QTY = 3
# pieces of two SKUs of the plant in each of the orders that may leave together
_SMALL = ((4, 2), (2, 3), (3, 1))
_QUOTA_OF_TIER, _QUOTA_OF_BUYER, _TAKEN = 60, 24, 6


def write_made_to_order(session: Session, network: NetworkDraft, *, now: datetime) -> None:
    """Orders that wait for production in each of its states, some to be merged, and quotas partly used."""
    people = {sign_in.username: sign_in.party for sign_in in network.sign_ins}
    buyer = people["province"]
    _list_goods(session, network.brand, buyer, now=now)
    for position, (sku, qty, state, days) in enumerate(_MAKING):
        _order(session, "province", buyer, network.brand, {sku: qty}, f"make-{position}", now=now)
        _make(session, state, sku, days=days, now=now)
    _order(session, "city", people["city"], buyer, {_FIRST: _OF_ANOTHER_SELLER_QTY}, "make-other", now=now)
    first, second = _in_stock(session, network.brand)
    for position, qtys in enumerate(_SMALL):
        lines = dict(zip((first, second), qtys, strict=True))
        _order(session, "province", buyer, network.brand, lines, f"small-{position}", now=now)
    _allow(session, network.brand, buyer, now=now)
    _order(session, "province", buyer, network.brand, {FIRST_AID[1][0]: _TAKEN}, "quota", now=now)


def _list_goods(session: Session, brand: Party, reseller: Party, *, now: datetime) -> None:
    """What is made when somebody orders it, with the prices of the brand and of one reseller."""
    founded_on = session.get_one(Network, 1).founded_on
    category = session.exec(
        select(Category.code)
        .join(ProductLine, col(ProductLine.id) == col(Category.product_line_id))
        .where(col(ProductLine.is_lot_tracked).is_(False), col(ProductLine.is_urgent).is_(False))
        .order_by(col(Category.id))
    ).all()[0]
    create_product(session, SYSTEM, code="MTO01", name="定制电器", category_code=category, now=now)
    for code, name, name_en, price, resale, _ in GOODS:
        create_sku(
            session,
            SYSTEM,
            code=code,
            name=name,
            name_en=name_en,
            product_code="MTO01",
            unit="台",
            tax_ppm=130_000,
            is_backorder_allowed=True,
            now=now,
        )
        for seller, yuan in ((brand, price), (reseller, resale)):
            add_price(
                session,
                SYSTEM,
                seller_code=seller.code,
                sku_code=code,
                unit_price=Decimal(yuan),
                valid_from=founded_on,
                now=now,
            )


def _order(
    session: Session,
    username: str,
    buyer: Party,
    seller: Party,
    lines: dict[str, int],
    key: str,
    *,
    now: datetime,
) -> None:
    placed = place_order(
        session,
        person(session, username, now),
        buyer_code=buyer.code,
        seller_code=seller.code,
        lines=[LineRequest(code, qty) for code, qty in lines.items()],
        idempotency_key=f"demo-{key}",
        now=now,
    )
    # like the history it has no public page: a link nobody can guess would differ each time
    get_by(session, SalesOrder, "order", number=placed.number).tracking_token = None


def _make(session: Session, state: str, sku: str, *, days: int, now: datetime) -> None:
    """Bring the newest request as far as `state`; an order that is held has asked for none."""
    if state == "open":
        return
    number = session.exec(
        select(ProductionRequest.number)
        .where(ProductionRequest.status == "open")
        .order_by(col(ProductionRequest.id).desc())
    ).first()
    if number is None:
        return
    ops = person(session, "ops", now)
    cost = next(Decimal(one[-1]) for one in GOODS if one[0] == sku)
    ready_on = business_day(now, session.get_one(Network, 1).zone) + timedelta(days=days)
    plan_production(
        session,
        ops,
        number=number,
        promised_on=ready_on,
        location_code=PLANT,
        unit_costs={sku: cost},
        now=now,
    )
    if state == "planned":
        return
    start_production(session, ops, number=number, now=now)
    if state == "finished":
        made = [MadeGoods(sku, cost - 20)]
        finish_production(session, ops, number=number, made=made, now=now)


def _in_stock(session: Session, brand: Party) -> list[str]:
    """The two SKUs the plant has most of that the brand has prices for."""
    free = col(Balance.on_hand_qty) - col(Balance.reserved_qty)
    priced = select(PriceRow.sku_id).where(PriceRow.seller_id == brand.id)
    return list(
        session.exec(
            select(Sku.code)
            .join(Balance, col(Balance.sku_id) == col(Sku.id))
            .join(Location, col(Location.id) == col(Balance.location_id))
            .where(
                Location.code == PLANT,
                col(Sku.order_multiple_qty) == 1,
                col(Sku.id).in_(priced),
                col(Sku.code).not_in([code for code, *_ in (*FIRST_AID, *GOODS)]),
            )
            .order_by(free.desc(), col(Sku.code))
            .limit(2)
        )
    )


def _allow(session: Session, brand: Party, buyer: Party, *, now: datetime) -> None:
    """First-aid kits are scarce: this month a tier and one buyer may have so many of them."""
    network = session.get_one(Network, 1)
    period = Period.month(business_day(now, network.zone))
    ops = person(session, "ops", now)
    limits = (
        (FIRST_AID[0][0], _QUOTA_OF_TIER, buyer.tier, ""),
        (FIRST_AID[1][0], _QUOTA_OF_BUYER, "", buyer.code),
    )
    for sku, qty, tier, buyer_code in limits:
        set_quota(
            session,
            ops,
            seller_code=brand.code,
            sku_code=sku,
            qty=qty,
            period=period,
            tier_code=tier,
            buyer_code=buyer_code,
            now=now,
        )
