"""An order beyond the credit: held with its reason, released by staff once money came, then on its way."""

from collections.abc import Callable

import pytest

from distrib_app.core.kernel.access import SYSTEM

from .conftest import Person, Server, playwright_api
from .goods import let_buy, levels, order_lines, put_goods
from .test_back_office import card, fact, toast

expect = playwright_api.expect
SKU, BUYER = "ZZ-HOLD-1", "GD-052"


@pytest.fixture(scope="module")
def goods(demo: Server) -> None:
    """A shop that has bought nothing of the brand yet and may owe it 1,000.00."""
    with demo.records() as database, database.write(SYSTEM) as session:
        put_goods(session, SKU, price="113", stock={"BR-FS": 30})
        let_buy(session, BUYER, limit_amount=100_000)


def test_held_for_credit_released_and_shipped(
    sign_in: Callable[..., Person], demo: Server, goods: None
) -> None:
    shop, staff, finance = sign_in("outlet", at=""), sign_in("ops", at=""), sign_in("finance", at="")
    number = order_lines(shop, {SKU: 10}, seller="远山电器")
    why = "信用占用 ¥0.00 加上本单 ¥1,130.00，超出信用额度 ¥1,000.00 共 ¥130.00。"
    waiting = shop.page.locator("[role=status].notice")
    expect(shop.page.locator(".page-title .badge")).to_have_text("已暂缓")
    expect(waiting).to_contain_text(why)
    expect(waiting).to_contain_text("库存保留至")
    assert levels(demo, SKU) == {"BR-FS": (30, 10)}

    staff.open(f"/orders/{number}/")
    expect(staff.page.get_by_role("button", name="发货", exact=True)).to_have_count(0)
    staff.screenshot("order-held")
    staff.page.get_by_role("button", name="放行").click()
    expect(toast(staff)).to_contain_text(f"订单仍需暂缓：{why}")
    expect(staff.page.locator(".page-title .badge")).to_have_text("已暂缓")

    finance.open(f"/accounts/BR/{BUYER}/")
    finance.page.get_by_role("button", name="登记收款").click()
    form = card(finance, "登记收款")
    form.locator("[name=amount]").fill("130")
    form.locator("[name=reference]").fill("招行回单 130")
    form.locator("button[type=submit]").click()
    expect(fact(finance, "信用占用")).to_have_text("−¥130.00")

    # what is owed now is exactly the limit
    staff.page.get_by_role("button", name="放行").click()
    expect(staff.page.locator(".page-title .badge")).to_have_text("已配货")
    expect(staff.page.locator("[role=status].notice")).to_have_count(0)
    finance.open(f"/accounts/BR/{BUYER}/")
    expect(fact(finance, "信用占用")).to_have_text("¥1,000.00")
    expect(fact(finance, "可用")).to_have_text("¥0.00")
    staff.page.get_by_role("button", name="发货", exact=True).click()
    staff.page.locator("form").get_by_role("button", name="发货").click()
    expect(staff.page.locator(".page-title .badge")).to_have_text("已发货")
    shop.page.reload()
    expect(shop.page.locator(".page-title .badge")).to_have_text("已发货")
    expect(shop.page.locator(".timeline")).to_contain_text("放行")
    assert levels(demo, SKU) == {"BR-FS": (20, 0)}
    assert demo.broken() == []
