"""The order pad as a buyer uses it: lines from search, paste and sheet, refusals by field, split, again."""

import re
from collections.abc import Callable

import pytest

from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.orders import get_order

from .conftest import Person, Server, playwright_api
from .goods import levels, put_goods

expect = playwright_api.expect
PLAIN, PACKED, FAR = "ZZ-PAD-1", "ZZ-PAD-6", "ZZ-PAD-9"


@pytest.fixture(scope="module")
def goods(demo: Server) -> None:
    """One near by, one sold in sixes, and one of which a part lies far away."""
    with demo.records() as database, database.write(SYSTEM) as session:
        put_goods(session, PLAIN, price="113", stock={"BR-FS": 100})
        put_goods(session, PACKED, price="22.60", stock={"BR-FS": 60}, multiple=6)
        put_goods(session, FAR, price="200", stock={"BR-FS": 4, "BR-XA": 9})


def row(person: Person, code: str) -> "playwright_api.Locator":
    """The draft's line of a SKU."""
    return person.page.get_by_role("row").filter(has=person.page.get_by_label(f"{code} 的数量"))


def set_qty(person: Person, code: str, qty: str) -> None:
    """Type another quantity and leave the field."""
    field = person.page.get_by_label(f"{code} 的数量")
    field.fill(qty)
    field.press("Tab")


def total(person: Person) -> str:
    return person.page.locator(".fact:has(dt:text-is('合计')) dd").inner_text()


def test_lines_by_search_paste_and_sheet_kept_quoted_and_ordered_again(
    sign_in: Callable[..., Person], demo: Server, goods: None
) -> None:
    buyer = sign_in("province", at="")
    page = buyer.page
    buyer.open("/orders/new/")
    page.get_by_role("searchbox", name="SKU 编码或名称").fill(PLAIN)
    page.get_by_role("button", name=f"添加 {PLAIN}").click()
    expect(row(buyer, PLAIN)).to_contain_text("¥113.00")

    page.get_by_role("button", name="批量粘贴").click()
    area = page.locator("textarea[name=pasted]")
    # out of a sheet saved as CSV; its second row has no whole number
    area.fill(f"{PLAIN},4\n{PACKED},十二\n{FAR},6")
    page.get_by_role("button", name="添加", exact=True).click()
    expect(page.locator("[data-sonner-toast]").first).to_contain_text(
        f"第 2 行“{PACKED},十二”：应为一个 SKU 编码和一个整数。"
    )
    expect(area).to_have_value(f"{PLAIN},4\n{PACKED},十二\n{FAR},6")
    expect(page.get_by_label(f"{FAR} 的数量")).to_have_count(0)
    area.fill(f"{PLAIN},4\n{PACKED}\t12\n{FAR} 6\nZZ-NONE 1")
    page.get_by_role("button", name="添加", exact=True).click()
    expect(row(buyer, "ZZ-NONE")).to_contain_text("没有 SKU ZZ-NONE。")
    assert page.get_by_role("button", name="提交订单").is_disabled()
    buyer.screenshot("pad-refused")
    set_qty(buyer, "ZZ-NONE", "0")
    expect(page.get_by_label("ZZ-NONE 的数量")).to_have_count(0)

    set_qty(buyer, PACKED, "13")
    expect(row(buyer, PACKED)).to_contain_text(f"{PACKED} 按 6 的倍数销售；13 不是其倍数。")
    expect(page.get_by_label(f"{PACKED} 的数量")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label(f"{PLAIN} 的数量")).not_to_have_attribute("aria-invalid", "true")
    assert page.get_by_role("button", name="提交订单").is_disabled()
    buyer.open("/orders/")
    buyer.open("/orders/new/")  # what was left is still there, refusal and all
    expect(page.get_by_label(f"{PACKED} 的数量")).to_have_value("13")
    set_qty(buyer, PACKED, "12")
    # 5 × 113 + 12 × 22.60 + 6 × 200
    expect(page.locator(".fact:has(dt:text-is('合计')) dd")).to_have_text("¥2,036.20")

    # four of the six lie near and come tomorrow, two come from Xi'an two days later
    parts = page.get_by_role("table", name="如何送达").locator("tbody tr")
    expect(parts).to_have_count(2)
    near = parts.filter(has_text=f"{FAR} × 4")
    far = parts.filter(has_text=f"{FAR} × 2")
    days = [re.findall(r"\d{4}-\d\d-\d\d", part.inner_text())[0] for part in (near, far)]
    assert days[0] < days[1]
    expect(row(buyer, PLAIN)).to_contain_text(days[0])
    expect(row(buyer, FAR)).to_contain_text(days[1])
    buyer.screenshot("pad-split")
    page.get_by_role("button", name="提交订单").click()
    page.wait_for_url(re.compile(r"/orders/SO-\d{8}-\d{4}"))
    number = page.url.rstrip("/").rpartition("/")[2]
    with demo.records() as database, database.read(SYSTEM) as session:
        order = get_order(session, number)
    assert order.amounts.gross == 203_620
    assert [(line.sku_code, line.qty, str(line.promised_on)) for line in order.lines] == [
        (PLAIN, 5, days[0]),
        (PACKED, 12, days[0]),
        (FAR, 6, days[1]),
    ]
    assert {part.location_code: sum(line.qty for line in part.lines) for part in order.parts} == {
        "BR-FS": 21,
        "BR-XA": 2,
    }
    assert levels(demo, FAR) == {"BR-FS": (4, 4), "BR-XA": (9, 2)}

    # three clicks: the order in the list, again, place
    buyer.open(f"/orders/?search={number}")
    page.get_by_role("link", name=number).click()
    page.get_by_role("link", name="再次订购").click()
    page.locator("button:not([disabled])", has_text="提交订单").click()
    page.wait_for_url(lambda url: "/orders/SO-" in url and number not in url)
    expect(page.locator(".fact:has(dt:text-is('合计')) dd")).to_have_text("¥2,036.20")
    assert levels(demo, PLAIN) == {"BR-FS": (100, 10)}
    assert levels(demo, FAR) == {"BR-FS": (4, 4), "BR-XA": (9, 8)}
