"""One way from end to end: two small orders, merged by staff, carried, signed for, followed in public."""

import re
from collections.abc import Callable

import pytest
from sqlmodel import col, select

from distrib_app.carriers.simulator import SimulatedCarrier
from distrib_app.core.inventory import Shipment
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.orders import FulfilmentOrder

from .conftest import Person, Server, playwright_api
from .goods import legs, let_buy, levels, order_lines, put_goods
from .test_back_office import card
from .test_carrier import Api

expect = playwright_api.expect
SKU, BUYER = "ZZ-WAY-1", "GD-005"


@pytest.fixture(scope="module")
def goods(demo: Server) -> None:
    """Twenty pieces weigh 20 kg: alone below the 30 kg of the first price, 40 kg together above it."""
    with demo.records() as database, database.write(SYSTEM) as session:
        put_goods(session, SKU, price="56.50", stock={"BR-FS": 50}, weight_g=1000)
        let_buy(session, BUYER, limit_amount=1_000_000)


def shipments_of(demo: Server, *orders: str) -> list[Shipment]:
    """The shipments that hold parts of these orders."""
    with demo.records() as database, database.read(SYSTEM) as session:
        return list(
            session.exec(
                select(Shipment)
                .join(FulfilmentOrder, col(FulfilmentOrder.shipment_id) == col(Shipment.id))
                .where(col(FulfilmentOrder.number).in_([f"{number}-1" for number in orders]))
            ).unique()
        )


def test_ordered_merged_carried_signed_and_followed_in_public(
    sign_in: Callable[..., Person],
    browser,  # type: ignore[no-untyped-def]
    demo: Server,
    goods: None,
) -> None:
    buyer, staff = sign_in("city2", at=""), sign_in("ops", at="")
    first, second = (order_lines(buyer, {SKU: 20}, seller="远山电器") for _ in range(2))
    assert levels(demo, SKU) == {"BR-FS": (50, 40)}

    # 68.00 each alone; 68.00 and ten further kilograms of 1.80 together
    staff.open("/fulfilments/")
    group = staff.page.get_by_role("region", name="可合单发货").get_by_role("row")
    group = group.filter(has_text="深圳德顺家电")
    for amount in ("¥136.00", "¥86.00", "¥50.00"):
        expect(group).to_contain_text(amount)
    group.get_by_role("button", name="为何节省 ¥50.00").click()
    expect(card(staff, "合单节省的由来").locator("li").first).to_be_visible()
    staff.screenshot("merge-saving")
    group.get_by_role("button", name="合单发货").click()
    expect(staff.page.locator("[data-sonner-toast]").first).to_contain_text("已发出")
    [shipment] = shipments_of(demo, first, second)
    assert (shipment.freight_amount, shipment.saving_amount, shipment.weight_g) == (8_600, 5_000, 40_000)
    assert shipment.freight is not None
    assert shipment.freight["shares"] == {f"{first}-1": 4_300, f"{second}-1": 4_300}
    assert levels(demo, SKU) == {"BR-FS": (10, 0)}
    assert legs(demo, SKU) == [("sell_in", "BR", BUYER, 20, 113_000)] * 2

    phone = browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
    admin, ops = Api(demo, "admin"), Api(demo, "ops")
    named = {"name": "行程速运", "name_en": "Journey Express"}
    admin.call("PUT", "/carriers/WAY", named)
    secret = admin.call("POST", "/carriers/WAY/secret", {})["secret"]
    events = f"{demo.url}/api/v1/carriers/WAY/events"
    with SimulatedCarrier(secret=secret, platform_url=events) as carrier:
        admin.call("PUT", "/carriers/WAY", named | {"service_url": carrier.url, "version": 2})
        waybill = ops.call("POST", f"/shipments/{shipment.number}/booking", {"carrier": "WAY"})["waybill"]
        assert carrier.advance(waybill, place="佛山网点") == "picked_up"
        buyer.open(f"/orders/{first}/")
        expect(buyer.page.locator(".page-title .badge")).to_have_text("运输中")
        phone.goto(
            demo.url + (buyer.page.get_by_role("link", name="打开物流跟踪页").get_attribute("href") or "")
        )
        expect(phone.locator(".map-parcel")).to_contain_text(waybill)
        expect(phone.locator(".map-stage.now")).to_contain_text("运输中")
        assert carrier.advance(waybill, place="深圳分拨中心") == "arrived_hub"
        assert carrier.advance(waybill, place="龙岗营业部") == "out_for_delivery"

        buyer.page.reload()
        buyer.page.locator(".page-header").get_by_role("button", name="确认签收").click()
        buyer.page.get_by_label("签收人").fill("韩梅梅")
        buyer.page.locator("form").get_by_role("button", name="确认签收").click()
        for number in (first, second):  # one parcel: both have arrived
            buyer.open(f"/orders/{number}/")
            expect(buyer.page.locator(".page-title .badge")).to_have_text("已签收")
        # what the carrier reports afterwards changes nothing any more
        assert carrier.advance(waybill, place="龙岗大道 1 号", signed_by="王五") == "delivered"

    phone.reload()
    expect(phone.locator(".map-signed")).to_contain_text("韩**")
    for place in ("佛山网点", "深圳分拨中心", "龙岗营业部"):
        expect(phone.locator("main")).to_contain_text(place)
    assert not re.search(r"[¥$]", phone.inner_text("main"))
    phone.close()
    [arrived] = shipments_of(demo, first, second)
    assert (arrived.signed_by, arrived.freight_amount, arrived.saving_amount) == ("韩梅梅", 8_600, 5_000)
    assert levels(demo, SKU) == {"BR-FS": (10, 0), "GD-005-W1": (40, 0)}
    assert demo.broken() == []
