"""Scarce goods: a quota set on the page limits an order and says so; a fair share is proposed and set."""

from collections.abc import Callable

import pytest
from sqlmodel import col, select

from distrib_app.core.catalog import Sku
from distrib_app.core.channels import Partner
from distrib_app.core.inventory import Quota
from distrib_app.core.kernel.access import SYSTEM

from .conftest import Person, Server, playwright_api
from .goods import order_lines, put_goods

expect = playwright_api.expect
SKU, SCARCE = "ZZ-QUOTA-1", "ZZ-QUOTA-2"


@pytest.fixture(scope="module")
def goods(demo: Server) -> None:
    with demo.records() as database, database.write(SYSTEM) as session:
        put_goods(session, SKU, price="10", stock={"BR-FS": 100})
        put_goods(session, SCARCE, price="10", stock={"BR-FS": 10})


def quotas(demo: Server, code: str) -> dict[str, tuple[int, int]]:
    """(quantity, used) by buyer."""
    with demo.records() as database, database.read(SYSTEM) as session:
        rows = session.exec(
            select(Partner.code, Quota.qty, Quota.used_qty)
            .join(Quota, col(Quota.buyer_id) == col(Partner.id))
            .join(Sku, col(Sku.id) == col(Quota.sku_id))
            .where(Sku.code == code)
        ).all()
    return {buyer: (qty, used) for buyer, qty, used in rows}


def fill_days(form: "playwright_api.Locator") -> None:
    """From a day long ago to one far away."""
    form.locator("[name=first]").fill("2025-01-01")
    form.locator("[name=last]").fill("2099-12-31")


def test_a_quota_limits_an_order_and_says_so(
    sign_in: Callable[..., Person], demo: Server, goods: None
) -> None:
    staff, buyer = sign_in("ops", at=""), sign_in("province", at="")
    staff.open("/quotas/")
    staff.page.get_by_role("button", name="设置配额").click()
    form = staff.page.locator("form:has([name=buyer])")
    form.locator("[name=sku]").fill(SKU)
    form.locator("[name=buyer]").fill("GD-001")
    form.locator("[name=qty]").fill("6")
    fill_days(form)
    form.get_by_role("button", name="保存").click()
    row = staff.page.get_by_role("row").filter(has_text=SKU)
    expect(row).to_contain_text("粤海家电")
    assert quotas(demo, SKU) == {"GD-001": (6, 0)}

    number = order_lines(buyer, {SKU: 4})
    assert quotas(demo, SKU) == {"GD-001": (6, 4)}
    buyer.open("/orders/new/")
    buyer.page.get_by_role("button", name="批量粘贴").click()
    buyer.page.locator("textarea[name=pasted]").fill(f"{SKU} 3")
    buyer.page.get_by_role("button", name="添加", exact=True).click()
    field = buyer.page.get_by_label(f"{SKU} 的数量")
    line = buyer.page.get_by_role("row").filter(has=field)
    expect(line).to_contain_text("配额剩余：2")
    expect(line.get_by_role("alert")).to_have_text(f"{SKU}：需要 3，您的配额还剩 2。")
    expect(buyer.page.get_by_role("button", name="提交订单")).to_be_disabled()
    buyer.screenshot("quota-refused")
    field.fill("2")
    field.press("Tab")
    buyer.page.locator("button:not([disabled])", has_text="提交订单").click()
    buyer.page.wait_for_url(lambda url: "/orders/SO-" in url and number not in url)
    assert quotas(demo, SKU) == {"GD-001": (6, 6)}
    # what is cancelled may be had again
    buyer.page.get_by_role("button", name="取消").click()
    buyer.page.get_by_role("button", name="取消订单").click()
    expect(buyer.page.locator(".page-title .badge")).to_have_text("已取消")
    assert quotas(demo, SKU) == {"GD-001": (6, 4)}
    staff.page.reload()
    expect(row.locator("td.number")).to_have_text(["6", "4", "2"])


def test_a_fair_share_is_proposed_and_set(sign_in: Callable[..., Person], demo: Server, goods: None) -> None:
    staff = sign_in("ops", at="")
    staff.open("/quotas/")
    staff.page.get_by_role("button", name="公平分配").click()
    form = staff.page.locator("form:has([name=needs])")
    form.locator("[name=sku]").fill(SCARCE)
    form.locator("[name=total]").fill("10")
    fill_days(form)
    form.locator("[name=needs]").fill("GD-001 12\nGD-002 6\nHI-001 2")
    form.get_by_role("button", name="试算").click()
    # 10 of 20 asked for: half of each
    table = staff.page.get_by_role("table", name="公平分配")
    rows = table.locator("tbody tr")
    expect(rows).to_have_text(["GD-001126", "GD-00263", "HI-00121"])
    assert quotas(demo, SCARCE) == {}
    staff.screenshot("fair-share")
    staff.page.get_by_role("button", name="按此设置配额").click()
    expect(staff.page.get_by_role("row").filter(has_text=SCARCE)).to_have_count(3)
    assert quotas(demo, SCARCE) == {"GD-001": (6, 0), "GD-002": (3, 0), "HI-001": (1, 0)}
