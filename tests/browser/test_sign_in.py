"""Signing in and out, as somebody sitting in front of the browser."""

from collections.abc import Callable

import pytest

from .conftest import Person, Server


def test_a_wrong_password_keeps_the_name_and_says_so(browser, demo: Server) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{demo.url}/login/")
    page.wait_for_selector(".demo-users form")
    page.fill("input[name=username]", "boss")
    page.fill("input[name=password]", "wrong-password")
    page.click("form.stack button")
    page.wait_for_selector("[role=alert]")
    assert page.inner_text("[role=alert]") == "用户名或密码错误。"
    assert page.input_value("form.stack input[name=username]") == "boss"
    page.fill("input[name=password]", "demo-demo-1")
    page.click("form.stack button")
    page.wait_for_selector("h1:has-text('销售驾驶舱')")
    page.close()


@pytest.mark.parametrize(
    "path", ["/", "/orders/", "/partners/", "/accounts/", "/stock/", "/catalogue/", "/tiers/"]
)
def test_nobody_gets_no_further_than_the_login_page(browser, demo: Server, path: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page()
    page.goto(demo.url + path)
    page.wait_for_url("**/login**")
    page.close()


def test_signing_out_ends_the_session_and_forgets_the_tab(
    sign_in: Callable[..., Person], demo: Server
) -> None:
    boss = sign_in("boss")
    boss.page.wait_for_selector('[data-metric="sales"]')
    cookie = boss.page.context.cookies()[0]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    boss.page.click("button:has-text('退出')")
    boss.page.wait_for_url("**/login**")
    boss.page.context.add_cookies([cookie])
    boss.page.goto(demo.url + "/")
    boss.page.wait_for_url("**/login**")


def test_every_page_of_the_navigation_renders(sign_in: Callable[..., Person]) -> None:
    staff = sign_in("admin")
    staff.page.wait_for_selector(".nav-link")
    paths = staff.page.eval_on_selector_all(
        ".nav-link", "links => links.map(link => link.getAttribute('href'))"
    )
    assert len(paths) >= 7
    for path in paths:
        staff.open(path.rstrip("/") + "/")
        staff.page.wait_for_function("!document.querySelector('.skeleton-row')")
        staff.screenshot(f"page{path.replace('/', '-')}")
