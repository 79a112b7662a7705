"""An order from the buyer's pad to the cockpit of the brand, each person in a browser of their own."""

import re
import time
from collections.abc import Callable

from .conftest import Person, Server


def test_from_the_pad_to_the_cockpit_within_ten_seconds(sign_in: Callable[..., Person], demo: Server) -> None:
    boss = sign_in("boss")
    boss.page.wait_for_selector('[data-metric="sales"]')
    before = boss.page.get_attribute('[data-metric="orders"]', "data-exact")

    buyer = sign_in("province", at="")
    buyer.open("/orders/new/")
    buyer.page.wait_for_selector(".choices li")
    buyer.page.click(".choices li:first-child button")
    buyer.page.wait_for_selector("td .input.qty")
    buyer.page.wait_for_selector("button.primary:not([disabled]):has-text('提交订单')")
    buyer.screenshot("order-pad")
    buyer.page.click("button:has-text('提交订单')")
    buyer.page.wait_for_url(re.compile(r"/orders/SO-\d{8}-\d{4}"))
    buyer.page.wait_for_selector("h1:has-text('SO-')")
    number = buyer.page.url.rstrip("/").rpartition("/")[2]
    assert "已配货" in buyer.page.inner_text(".page-title")

    operations = sign_in("ops", at="")
    operations.open(f"/orders/{number}/")
    operations.page.click("button:has-text('发货')")
    operations.page.fill("input[name=carrier]", "顺丰")
    operations.page.fill("input[name=waybill]", "SF123")
    operations.page.click("form button:has-text('发货')")
    operations.page.wait_for_selector(".page-title .badge:has-text('已发货')")
    shipped_at = time.monotonic()
    boss.page.wait_for_function(
        "before => document.querySelector('[data-metric=orders]').dataset.exact !== before",
        arg=before,
        timeout=10_000,
    )
    assert time.monotonic() - shipped_at < 10
    operations.screenshot("order-shipped")

    buyer.page.reload()
    buyer.page.wait_for_selector(".page-title .badge:has-text('已发货')")
    buyer.page.click("button:has-text('确认签收')")
    buyer.page.fill("input[name=signed_by]", "李雷")
    buyer.page.click("form button:has-text('确认签收')")
    buyer.page.wait_for_selector(".page-title .badge:has-text('已签收')")
    buyer.page.get_by_role("tab", name="发货").click()
    buyer.page.wait_for_selector("td:has-text('李雷')")
    assert demo.broken() == []


def test_a_refused_action_says_why_and_keeps_the_draft(sign_in: Callable[..., Person]) -> None:
    buyer = sign_in("province", at="")
    buyer.open("/orders/new/")
    buyer.page.click(".choices li:first-child button")
    buyer.page.wait_for_selector("td .input.qty")
    buyer.page.fill("td .input.qty", "99999999")
    buyer.page.press("td .input.qty", "Tab")
    buyer.page.wait_for_selector("td [role=alert]")
    assert buyer.page.locator("button:has-text('提交订单')").is_disabled()
    assert buyer.page.input_value("td .input.qty") == "99999999"
    buyer.open("/orders/new/")  # the draft is kept on the server
    buyer.page.wait_for_selector("td .input.qty[value='99999999']")
    buyer.page.fill("td .input.qty", "0")
    buyer.page.press("td .input.qty", "Tab")
    buyer.page.wait_for_selector("td .input.qty", state="detached")


def test_a_rival_order_does_not_exist(sign_in: Callable[..., Person]) -> None:
    city = sign_in("city", at="")
    city.open("/orders/")
    city.page.wait_for_selector("tbody tr")
    number = city.page.inner_text("main tbody tr:first-child a")
    rival = sign_in("city2", at="")
    rival.open(f"/orders/{number}/")
    rival.page.wait_for_selector(".empty")
    assert number not in rival.page.inner_text("main")
    rival.open(f"/orders/?search={number}")
    rival.page.wait_for_selector(".empty")


def test_the_price_of_a_line_explains_itself(sign_in: Callable[..., Person]) -> None:
    operations = sign_in("ops", at="")
    operations.open("/orders/")
    operations.page.click("tbody tr:first-child a")
    operations.page.wait_for_selector(".why .steps li")
    assert operations.page.locator(".why .steps li").count() >= 1
    operations.screenshot("order-record")
