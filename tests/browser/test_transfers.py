"""A transfer from its request to its settlement by its two users."""

import re
from collections.abc import Callable

from .conftest import Person, playwright_api
from .test_back_office import toast

expect = playwright_api.expect
NUMBER = re.compile(r"TF-\d{8}-\d{4}")


def in_stock(person: Person) -> tuple[str, str]:
    """(place, SKU) of what a person has most of."""
    person.open("/stock/?state=available&sort=-available")
    person.page.wait_for_selector("tbody tr a")
    path = person.page.locator("tbody tr:first-child a[href^='/stock/']").first.get_attribute("href")
    _, _, place, sku = (path or "").rstrip("/").split("/")
    return place, sku


def act(person: Person, label: str) -> None:
    """Take a next action of the record."""
    person.page.click(f".page-extras button:has-text('{label}')")


def status(person: Person) -> "playwright_api.Locator":
    """The status beside the number."""
    return person.page.locator(".page-title .badge")


def test_from_request_to_settlement_by_both_sides(sign_in: Callable[..., Person]) -> None:
    city, province = sign_in("city"), sign_in("province", lang="en")
    place, sku = in_stock(city)
    target, _ = in_stock(province)

    city.open("/transfers/")
    city.page.click("button:has-text('申请调拨')")
    city.page.select_option("select[name=from]", place)
    city.page.select_option("select[name=to]", target)
    city.page.fill("textarea[name=lines]", f"{sku} 3")
    city.page.fill("input[name=note]", "滞销退回")
    city.page.click("form:has(textarea[name=lines]) button[type=submit]")
    city.page.wait_for_url(NUMBER)
    path = city.page.evaluate("location.pathname")
    expect(status(city)).to_have_text("已申请")
    city.screenshot("transfer-asked")

    province.open(path)
    expect(status(province)).to_have_text("asked for")
    act(province, "Approve")
    expect(status(province)).to_have_text("approved")

    city.open(path)
    act(city, "拣货")
    expect(status(city)).to_have_text("已拣货")
    act(city, "发货")
    city.page.fill("input[name=waybill]", "SF100200300")
    city.page.click("form:has(input[name=waybill]) button[type=submit]")
    expect(status(city)).to_have_text("运输中")
    expect(city.page.locator(".why li")).not_to_have_count(0)

    province.open(path)
    act(province, "Receive goods")
    province.page.fill("input[name=received-1]", "2")
    province.page.fill("input[name=short-1]", "1")
    province.page.fill("input[name=signed_by]", "Lin")
    province.page.click("form:has(input[name=signed_by]) button[type=submit]")
    expect(province.page.locator("[data-sonner-toast]").first).to_be_visible()  # a reason is missing
    assert province.page.input_value("input[name=received-1]") == "2"
    province.page.select_option("select[name=reason-1]", "damaged")
    province.page.click("form:has(input[name=signed_by]) button[type=submit]")
    expect(status(province)).to_have_text("received")
    province.screenshot("transfer-short")

    city.open(path)
    act(city, "结清")
    expect(toast(city)).to_be_visible()
    expect(status(city)).to_have_text("已结清")
    for person, words in ((city, ("结算", "贷项通知单")), (province, ("Settlement", "Credit note"))):
        person.open(path)
        person.page.click(f"[role=tab]:has-text('{words[0]}')")
        expect(person.page.locator("tbody tr")).to_have_count(1)
        expect(person.page.locator("tbody tr")).to_contain_text(words[1])
    city.screenshot("transfer-settled")
