"""Partner stock (代发): the owner accepts one order and declines another, which is routed again."""

from collections.abc import Callable

import pytest

from distrib_app.core.catalog import Sku
from distrib_app.core.inventory import Location, StockShare
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import get_by

from .conftest import Person, Server, playwright_api
from .goods import legs, let_buy, levels, order_lines, put_goods
from .test_back_office import card

expect = playwright_api.expect
SKU, OWNER, BUYER = "ZZ-SHARE-1", "GD-001", "GD-005"


@pytest.fixture(scope="module")
def goods(demo: Server) -> None:
    """Eight lie near by with a partner that lets others have six of them; the brand's lie far away."""
    with demo.records() as database, database.write(SYSTEM) as session:
        put_goods(session, SKU, price="113", stock={"GD-001-W1": 8, "BR-SY": 10}, cost="80", weight_g=20_000)
        let_buy(session, BUYER, limit_amount=1_000_000)
        session.add(
            StockShare(
                location_id=get_by(session, Location, "location", code="GD-001-W1").id,
                sku_id=get_by(session, Sku, "SKU", code=SKU).id,
                seller_id=1,
                shared_qty=6,
                fee_ppm=20_000,
                answer_hours=4,
            )
        )


def asked_for(owner: Person, number: str) -> "playwright_api.Locator":
    """The owner's row of a part, selected; the order behind it is none of its business."""
    owner.open(f"/fulfilments/?search={number}")
    row = owner.page.get_by_role("row").filter(has_text=f"{number}-1")
    row.get_by_role("checkbox").click()
    expect(row.get_by_role("checkbox")).to_be_checked()
    expect(row.get_by_role("link")).to_have_count(0)
    return row


def test_one_is_accepted_and_one_declined_and_routed_again(
    sign_in: Callable[..., Person], demo: Server, goods: None
) -> None:
    buyer, owner, staff = sign_in("city2", at=""), sign_in("province", at=""), sign_in("ops", at="")
    taken = order_lines(buyer, {SKU: 2}, seller="远山电器")
    refused = order_lines(buyer, {SKU: 3}, seller="远山电器")
    assert levels(demo, SKU) == {"GD-001-W1": (8, 5), "BR-SY": (10, 0)}

    row = asked_for(owner, taken)
    expect(row).to_contain_text("待接单")
    owner.screenshot("partner-stock-offered")
    owner.page.locator(".bulk-bar").get_by_role("button", name="接单").click()
    expect(row).to_contain_text("已配货")
    row = asked_for(owner, refused)
    owner.page.locator(".bulk-bar").get_by_role("button", name="拒单").click()
    expect(row).to_have_count(0)
    assert levels(demo, SKU) == {"GD-001-W1": (8, 2), "BR-SY": (10, 0)}

    staff.open(f"/orders/{refused}/?tab=parts")
    part = staff.page.locator(".parts .part")
    expect(part).to_contain_text("待货")
    staff.page.get_by_role("button", name="补充预留").click()
    expect(part).to_contain_text("已配货")
    expect(part).to_contain_text("BR-SY")
    part.get_by_role("button", name="为何从此发货").click()
    why = card(staff, f"为何从此发货（{refused}-2）")
    expect(why.locator("li").first).to_be_visible()
    staff.screenshot("partner-stock-rerouted")
    assert levels(demo, SKU) == {"GD-001-W1": (8, 2), "BR-SY": (10, 3)}
    staff.open(f"/orders/{taken}/?tab=parts")
    # 2 % of the net price of 100.00, for two
    expect(part.locator("div:has(> dt:text-is('代发服务费')) dd")).to_have_text("¥4.00")

    row = asked_for(owner, taken)
    owner.page.get_by_role("button", name="合单发货").click()
    owner.page.locator("form").get_by_role("button", name="发货").click()
    expect(row).to_contain_text("已发货")
    # sold by the brand to the buyer; the owner's two are bought back at what they had cost it, 80 and 13 %
    assert legs(demo, SKU) == [
        ("sell_in", "BR", BUYER, 2, 22_600),
        ("sell_in", "BR", OWNER, -2, -18_080),
    ]
    assert levels(demo, SKU) == {"GD-001-W1": (6, 0), "BR-SY": (10, 3)}
    buyer.open(f"/orders/{taken}/")
    expect(buyer.page.locator(".page-title .badge")).to_have_text("已发货")
    assert demo.broken() == []
