"""A trading network with a few hundred orders of every kind, some imported, written as plain rows."""

import random
from datetime import timedelta

from sqlmodel import Session, select

from distrib_app.core.channels import Partner
from distrib_app.core.journal import JournalLeg, JournalPosting
from distrib_app.core.kernel.db import row_id
from distrib_app.core.orders import OrderStatus, SalesOrder
from tests.core.inventory.shop import NOW
from tests.core.orders.trade import build_trade

ORDERS = 160
STATUSES = (OrderStatus.PLACED, OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED)
PAIRS = (("BR", "GD"), ("BR", "GZ"), ("GD", "GZ"), ("GD", "SZ"), ("GZ", "OUT"), ("BR", "SZ"))


def build_many(session: Session) -> None:
    """Orders with ties in every column that can be sorted by; every seventh is imported history."""
    build_trade(session)
    session.flush()
    chance = random.Random(7)
    partners = {row.code: row for row in session.exec(select(Partner))}
    posting = JournalPosting(key="history", source="test", posted_at=NOW)
    session.add(posting)
    session.flush()
    for index in range(ORDERS):
        seller, buyer = (partners[code] for code in chance.choice(PAIRS))
        is_imported = index % 7 == 0
        order = SalesOrder(
            number=f"{'H' if is_imported else 'SO'}-{index * 37 % ORDERS:04d}",
            status=OrderStatus.RECORDED if is_imported else chance.choice(STATUSES),
            seller_id=row_id(seller),
            buyer_id=row_id(buyer),
            seller_path=seller.path,
            buyer_path=buyer.path,
            region_id=buyer.region_id,
            currency="CNY",
            gross_amount=None if is_imported else chance.choice([100, 250, 99_999, 1_000_000_000_001]),
            placed_at=NOW - timedelta(hours=chance.randrange(40)),
        )
        session.add(order)
        session.flush()
        if is_imported:
            session.add_all(_legs(chance, posting, order, seller, buyer))


def _legs(
    chance: random.Random, posting: JournalPosting, order: SalesOrder, seller: Partner, buyer: Partner
) -> list[JournalLeg]:
    return [
        JournalLeg(
            posting_id=row_id(posting),
            step="sell_in",
            booked_on=NOW.date(),
            seller_id=row_id(seller),
            buyer_id=row_id(buyer),
            seller_path=seller.path,
            buyer_path=buyer.path,
            region_id=buyer.region_id,
            sku_id=1,
            qty=qty,
            price_micros=1,
            amount=qty * chance.randrange(1, 10_000_000),
            order_id=row_id(order),
            document=order.number,
            line_no=line,
        )
        for line, qty in enumerate((2, 3, -1), 1)
    ]
