"""From the partner's order to the recipient's stars, and what happens when less arrives than was sent."""

import io
import re
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from .conftest import Person, Server, playwright_api

# what the browser fetched for this page, in bytes as they came over the wire
LOADED = """Object.fromEntries(performance.getEntriesByType('resource')
  .filter(one => !one.name.includes('/_event')).map(one => [one.name, one.encodedBodySize]))"""


@pytest.fixture
def phone(browser: "playwright_api.Browser", demo: Server) -> Iterator[Person]:
    """Somebody with a phone who is not signed in."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, reduced_motion="reduce", locale="zh-CN"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield Person(page, demo)
    context.close()


def order(buyer: Person, qty: int) -> str:
    """An order of the first product of the pad; its number."""
    buyer.open("/orders/new/")
    buyer.page.click(".choices li:first-child button")
    buyer.page.wait_for_selector("td .input.qty")
    buyer.page.fill("td .input.qty", str(qty))
    buyer.page.press("td .input.qty", "Tab")
    buyer.page.wait_for_selector("button.primary:not([disabled]):has-text('提交订单')")
    buyer.page.click("button:has-text('提交订单')")
    buyer.page.wait_for_url(re.compile(r"/orders/SO-\d{8}-\d{4}"))
    buyer.page.wait_for_selector("h1:has-text('SO-')")
    return buyer.page.url.rstrip("/").rpartition("/")[2]


def link_of(person: Person) -> str:
    """The public page of the order that is shown."""
    href = person.page.get_attribute("a:has-text('打开物流跟踪页')", "href")
    assert href
    return href


def test_from_the_pad_to_the_stars(sign_in: Callable[..., Person], demo: Server, phone: Person) -> None:
    buyer = sign_in("province", at="")
    first, second = order(buyer, 1), order(buyer, 1)
    operations = sign_in("ops", at="")
    operations.open(f"/fulfilments/?search={first[:11]}&status=allocated&sort=-number")
    for number in (first, second):  # two parts of one receiver leave as one shipment
        operations.page.click(f"tr:has-text('{number}-1') input[type=checkbox]")
        operations.page.wait_for_selector(f"tr:has-text('{number}-1') input:checked")
    operations.page.click("button:has-text('合单发货')")
    operations.page.fill("input[name=carrier]", "顺丰")
    operations.page.fill("input[name=waybill]", "SF2026")
    operations.page.click("form button:has-text('发货')")
    operations.page.wait_for_selector(f"tr:has-text('{first}-1')", state="detached")

    buyer.open(f"/orders/{first}/?tab=parts")
    buyer.page.wait_for_selector(".map-stage.now:has-text('已发货')")
    link = link_of(buyer)
    phone.page.goto(demo.url + link)
    phone.page.wait_for_selector(".map-parcel:has-text('SF2026')")
    assert phone.page.locator(".stars").count() == 0

    buyer.page.click(".page-header button:has-text('确认签收')")
    buyer.page.fill("input[name=signed_by]", "李雷")
    buyer.page.click("form button:has-text('确认签收')")
    buyer.page.wait_for_selector(".page-title .badge:has-text('已签收')")
    buyer.open(f"/orders/{second}/")  # what shared the shipment has arrived too
    buyer.page.wait_for_selector(".page-title .badge:has-text('已签收')")

    phone.page.reload()
    phone.page.wait_for_selector(".map-signed:has-text('李*')")
    phone.page.click(".stars label[for=star-4]")
    phone.page.fill("textarea[name=word]", "很快")
    phone.page.click("button:has-text('提交评价')")
    phone.page.wait_for_selector("text=前可修改")
    phone.screenshot("tracking")
    assert "¥" not in phone.page.inner_text("main")
    sizes = phone.page.evaluate(LOADED)
    assert sum(sizes.values()) <= 450_000, sizes
    assert not [name for name in sizes if "plotly" in name.lower()]
    phone.page.goto(f"{demo.url}/track/nothing/?lang=en")
    phone.page.wait_for_selector("text=There is no order behind this link")
    assert demo.broken() == []


def test_a_short_delivery_becomes_a_task_and_is_credited(
    sign_in: Callable[..., Person], demo: Server
) -> None:
    buyer = sign_in("province", at="")
    number = order(buyer, 3)
    operations = sign_in("ops", at="")
    operations.open(f"/orders/{number}/")
    operations.page.click("button:has-text('发货')")
    operations.page.click("form button:has-text('发货')")
    operations.page.wait_for_selector(".page-title .badge:has-text('已发货')")

    buyer.page.reload()
    buyer.page.click(".page-header button:has-text('确认签收')")
    buyer.page.fill("input[name=signed_by]", "李雷")
    buyer.page.click("summary:has-text('实收少于发货')")
    buyer.page.fill("input[name=missing-1]", "1")
    buyer.page.select_option("select[name=why-1]", "damaged")
    buyer.page.set_input_files("input[data-proof]", files=[picture()])
    buyer.page.wait_for_selector(".proof-status:has-text('✓')")
    buyer.page.click("form button:has-text('确认签收')")
    buyer.page.wait_for_selector(".page-title .badge:has-text('已签收')")
    buyer.open(f"/orders/{number}/?tab=shipments")
    buyer.page.wait_for_selector("img.proof")

    operations.open(f"/orders/{number}/?tab=parts")
    operations.page.wait_for_selector("td:has-text('待处理')")
    operations.page.click(".notice a")
    operations.page.wait_for_selector("article h2:has-text('短少签收')")
    operations.page.click("button[data-verb=resolve]")
    operations.page.select_option("select[name=choice-1]", "credit")
    operations.page.fill("input[name=reason]", "照片核实")
    operations.page.click(".task-form button[type=submit]")
    operations.page.wait_for_selector("article h2:has-text('短少签收')", state="detached")
    operations.open(f"/orders/{number}/?tab=parts")
    operations.page.wait_for_selector("td:has-text('退款')")
    operations.screenshot("short-delivery")
    assert demo.broken() == []


def test_a_tile_of_the_tower_opens_its_orders(sign_in: Callable[..., Person]) -> None:
    operations = sign_in("ops", at="")
    operations.open("/control-tower/")
    operations.page.wait_for_selector("[data-stage=shipped]")
    count = operations.number("[data-stage=shipped] .tower-count")
    operations.page.click("[data-stage=shipped] .tower-word")
    operations.page.wait_for_url(re.compile("status=shipped"))
    operations.page.wait_for_selector("[data-stage=shipped][aria-pressed=true]")
    operations.page.wait_for_function(
        "wanted => [...document.querySelectorAll('tbody .badge')].length === Math.min(25, Number(wanted))",
        arg=count,
    )
    operations.screenshot("control-tower")


def picture() -> dict[str, object]:
    """A small photo as a phone would send it."""
    content = io.BytesIO()
    Image.new("RGB", (80, 60), "gray").save(content, "PNG")
    return {"name": "door.png", "mimeType": "image/png", "buffer": content.getvalue()}
