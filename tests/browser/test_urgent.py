"""An urgent order bumps another and says so on both; what is short is made and its day promised."""

from collections.abc import Callable

import pytest
from sqlmodel import Session, col, func, select

from distrib_app.core.accounts import TradingAccount
from distrib_app.core.catalog import Sku
from distrib_app.core.channels import Membership, Network, Partner
from distrib_app.core.inventory import Balance
from distrib_app.core.kernel.access import SYSTEM, User
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.db import Database
from distrib_app.core.orders import LineRequest, place_order

from .conftest import Person, Server


def _place(session: Session, buyer: str, sku: str, qty: int) -> str:
    brand = session.exec(select(Partner.code).join(Network, col(Network.brand_id) == col(Partner.id))).one()
    return place_order(
        session,
        SYSTEM,
        buyer_code=buyer,
        seller_code=brand,
        lines=[LineRequest(sku, qty)],
        idempotency_key=f"urgent {buyer} {qty}",
        now=utc_now(),
    ).number


@pytest.fixture(scope="module")
def orders(demo: Server) -> tuple[str, str, str]:
    """All the brand has of a SKU is promised to another; then the province's agent orders one and two."""
    database = Database(f"sqlite:///{demo.data / 'distrib.db'}")
    with database.write(SYSTEM) as session:
        agent = session.exec(
            select(Partner.code)
            .join(Membership, col(Membership.partner_id) == col(Partner.id))
            .join(User, col(User.id) == col(Membership.user_id))
            .where(User.username == "province")
        ).one()
        network = session.get_one(Network, 1)
        other = session.exec(
            select(Partner.code)
            .join(TradingAccount, col(TradingAccount.buyer_id) == col(Partner.id))
            .where(
                TradingAccount.seller_id == network.brand_id,
                Partner.code != agent,
                col(TradingAccount.is_closed).is_(False),
            )
            .order_by(col(TradingAccount.credit_limit_amount).desc())
        ).first()
        free = func.sum(col(Balance.on_hand_qty) - col(Balance.reserved_qty))
        sku, qty = session.exec(
            select(Sku.code, free)
            .join(Balance, col(Balance.sku_id) == col(Sku.id))
            .where(Balance.partner_id == network.brand_id, col(Sku.is_backorder_allowed))
            .group_by(col(Sku.code))
            .having(free > 0)
            .order_by(free)
        ).first()
        assert other is not None
        bumped = _place(session, other, sku, int(qty))
        urgent, waiting = (_place(session, agent, sku, count) for count in (1, 2))
    database.dispose()
    return bumped, urgent, waiting


def test_an_urgent_order_bumps_another_and_says_so(
    sign_in: Callable[..., Person], demo: Server, orders: tuple[str, str, str]
) -> None:
    bumped, urgent, _ = orders
    operations = sign_in("ops", at="")
    operations.open(f"/orders/{urgent}/")
    operations.page.wait_for_selector(".page-title .badge:has-text('生产中')")
    operations.page.click("button:has-text('标记加急')")
    operations.page.fill("input[name=reason]", "医院停电")
    operations.page.click("form button:has-text('标记加急')")
    operations.page.wait_for_selector(".page-title .badge:has-text('加急：医院停电')")
    operations.page.click("button:has-text('从可缓订单抢占')")
    operations.page.wait_for_selector(".page-title .badge:has-text('已配货')")
    operations.page.wait_for_selector(f".timeline:has-text('{bumped}')")
    operations.screenshot("order-urgent")
    operations.open(f"/orders/{bumped}/")
    operations.page.wait_for_selector(f".timeline:has-text('为加急单 {urgent} 让货')")
    operations.screenshot("order-bumped")
    operations.open("/orders/?state=urgent")
    operations.page.wait_for_selector(f"tbody tr:has-text('{urgent}') .badge:has-text('加急')")
    operations.open("/fulfilments/")
    operations.page.wait_for_selector("tbody tr .badge:has-text('加急')")
    assert demo.broken() == []


def test_goods_beyond_stock_are_planned_and_the_buyer_sees_the_day(
    sign_in: Callable[..., Person], orders: tuple[str, str, str]
) -> None:
    _, _, waiting = orders
    operations = sign_in("ops", at="")
    operations.open("/production/")
    operations.page.click(f".board-card:has-text('{waiting}')")
    operations.page.fill("input[name=promised_on]", "2099-03-02")
    operations.page.click("form button:has-text('排产')")
    operations.page.wait_for_selector(f".board-column:nth-child(2) .board-card:has-text('{waiting}')")
    operations.screenshot("production")
    buyer = sign_in("province", at="")
    buyer.open(f"/orders/{waiting}/")
    buyer.page.wait_for_selector(".facts:has-text('2099')")
    assert "生产中" in buyer.page.inner_text(".page-title")
