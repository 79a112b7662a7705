"""Everything by keyboard: sign in, open a record from its list, approve what waits. No mouse anywhere."""

from typing import Any

import pytest

from .conftest import Server

FOCUSED = """() => {
  const style = getComputedStyle(document.activeElement)
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
}"""


@pytest.fixture
def page(browser, demo: Server) -> Any:  # type: ignore[no-untyped-def]
    """A fresh browser at the login page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{demo.url}/login/")
    page.wait_for_selector(".demo-users form")
    yield page
    context.close()


def tab_to(page: Any, selector: str, most: int = 120) -> None:
    """Press Tab until what is wanted has the focus; whatever has it on the way shows that."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # around the end of the page
        assert page.evaluate(FOCUSED), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


def press(page: Any, selector: str, key: str = "Enter") -> None:
    """Go to an element and press a key on it."""
    tab_to(page, selector)
    page.keyboard.press(key)


def test_from_the_door_to_an_approval(page: Any) -> None:
    press(page, 'form:has(input[value="finance"]) button')
    page.wait_for_url(lambda url: "/login" not in url)
    page.wait_for_selector(".nav-link[href='/orders']")
    # a list, searched; the heading says where one has landed
    press(page, ".nav-link[href='/orders']")
    page.wait_for_function("document.activeElement.matches('main h1')")
    page.wait_for_selector("tbody a.link")
    number = page.inner_text("tbody a.link >> nth=0")
    tab_to(page, "input[type=search]")
    page.keyboard.type(number)
    page.wait_for_url(f"**search={number}**")
    page.wait_for_function("document.querySelectorAll('tbody a.link[href^=\"/orders/\"]').length === 1")
    # the record
    press(page, f"tbody a.link[href='/orders/{number}']")
    page.wait_for_selector(f"h1:has-text('{number}')")
    page.wait_for_function("document.activeElement.matches('main h1')")
    # past the navigation with the skip link: it is the first thing that Tab reaches on a page
    page.reload()
    page.wait_for_selector(f"h1:has-text('{number}')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'main'")
    # what waits for a decision
    press(page, ".nav-link[href='/inbox']")
    page.wait_for_selector(".task-open")
    before = page.locator(".task-open").count()
    press(page, ".task-open")
    page.wait_for_selector("[data-verb=approve]:not([disabled])")
    decided = page.inner_text(".task-heading").split()[-1]
    page.keyboard.press("a")
    page.wait_for_selector("[data-sonner-toast][data-type=success]")
    page.wait_for_function(f"document.querySelectorAll('.task-open').length < {before}")
    page.wait_for_function(
        "number => !document.querySelector('.inbox-list').innerText.includes(number)", arg=decided
    )
