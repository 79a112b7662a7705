"""Preferences as somebody sets them: at once in this tab, and in every other browser of the same person."""

import re
from collections.abc import Callable

from .conftest import Person


def test_preferences_follow_the_person(sign_in: Callable[..., Person]) -> None:
    here = sign_in("city2")
    page = here.page
    page.click("a[aria-label='偏好设置']")
    page.wait_for_selector("form.stack select[name=numbers]")
    try:
        page.select_option("select[name=language]", "en")
        page.fill("input[name=zone]", "Europe/Berlin")
        page.select_option("select[name=numbers]", "full")
        page.select_option("select[name=rise]", "red")
        page.select_option("select[name=theme]", "dark")
        page.select_option("select[name=currency]", "code")
        page.click("form.stack button[type=submit]")
        page.wait_for_selector("h1:has-text('Preferences')")
        page.wait_for_selector("html.dark[lang=en]")
        assert page.title() == "Preferences · 渠道云"
        assert "CNY\u00a0438,123,457" in page.inner_text(".facts")
        here.screenshot("preferences")
        _is_followed(sign_in("city2"))
    finally:
        _set_back(page)


def _is_followed(there: Person) -> None:
    """Another browser of the same person: nothing was chosen in it."""
    page = there.page
    page.wait_for_selector("html.dark[lang=en]")
    page.wait_for_selector(".kpi-figure")
    assert page.inner_text("h1") == "Sales cockpit"
    assert page.locator(".app.red-up").count() == 1
    assert page.locator(".kpi-unit").first.inner_text() == ""
    assert re.fullmatch(r"CNY\u00a0[\d,]+", page.inner_text("[data-metric=sales] .kpi-figure"))
    there.screenshot("cockpit-full-digits")
    # what this tab is switched to stays here, whatever is preferred
    page.click("[data-switch=language]")
    page.wait_for_selector("html[lang=zh-CN]")
    page.click(".nav-link[href='/orders']")
    page.wait_for_selector("h1:has-text('订单')")


def _set_back(page) -> None:  # type: ignore[no-untyped-def]
    for name, value in (("language", "zh_CN"), ("numbers", "auto"), ("rise", "auto"), ("theme", "light")):
        page.select_option(f"select[name={name}]", value)
    page.select_option("select[name=currency]", "symbol")
    page.fill("input[name=zone]", "Asia/Shanghai")
    page.click("form.stack button[type=submit]")
    page.wait_for_selector("html.light[lang=zh-CN]")


def test_an_unknown_zone_is_refused_and_what_was_typed_stays(sign_in: Callable[..., Person]) -> None:
    person = sign_in("outlet", at="")
    person.open("/preferences/")
    page = person.page
    page.wait_for_selector("input[name=zone]")
    page.fill("input[name=zone]", "Mars/Olympus")
    page.click("form.stack button[type=submit]")
    page.wait_for_selector("[data-sonner-toast][data-type=error]")
    assert page.inner_text("[data-sonner-toast] [data-title]") == "时区:Mars/Olympus"
    assert page.input_value("input[name=zone]") == "Mars/Olympus"
    person.open("/preferences/")
    page.wait_for_selector("input[name=zone]")
    assert page.input_value("input[name=zone]") == "Asia/Shanghai"


def test_focus_title_and_skip_link(sign_in: Callable[..., Person]) -> None:
    page = sign_in("ops").page
    page.click(".nav-link[href='/orders']")
    page.wait_for_selector("h1:has-text('订单')")
    page.wait_for_function("document.activeElement.tagName === 'H1'")
    assert page.title() == "订单 · 渠道云"
    page.goto(page.url)
    page.wait_for_selector("table")
    assert page.evaluate("document.activeElement.tagName") == "BODY"  # a page load moves nothing
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'main'")
