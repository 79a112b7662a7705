"""The command palette as a person with a keyboard uses it."""

import re
from collections.abc import Callable

from .conftest import Person


def open_palette(person: Person) -> None:
    """By the keyboard, from wherever the focus is."""
    person.page.keyboard.press("Control+k")
    person.page.wait_for_selector("dialog.palette[open]")


def look_for(person: Person, word: str) -> None:
    """Type, and wait until the server has answered for this word."""
    person.page.keyboard.type(word)
    person.page.wait_for_selector(f'.palette-found[data-for="{word}"]', state="attached")


def test_initials_and_enter_lead_to_the_partner(sign_in: Callable[..., Person]) -> None:
    person = sign_in("ops")
    open_palette(person)
    assert person.page.evaluate("document.activeElement.getAttribute('role')") == "combobox"
    look_for(person, "yhjd")
    person.page.wait_for_selector(".palette-found [role=option]")
    first = person.page.locator(".palette-found [role=option][aria-selected=true]")
    assert "家电" in first.inner_text()
    assert person.page.get_attribute(".palette-input", "aria-activedescendant") == first.get_attribute("id")
    code = first.locator(".palette-note").inner_text()
    person.screenshot("palette")
    person.page.keyboard.press("Enter")
    person.page.wait_for_url(re.compile(rf"/partners/{code}/?$"))
    person.page.wait_for_selector(f".page-title:has-text('{code}')")
    assert person.page.locator("dialog.palette[open]").count() == 0

    open_palette(person)
    person.page.wait_for_selector(".palette-recent [role=option]")
    assert code in person.page.inner_text(".palette-recent")
    person.page.keyboard.press("Escape")
    person.page.wait_for_selector("dialog.palette[open]", state="detached")


def test_pages_and_actions_by_initials_in_both_languages(sign_in: Callable[..., Person]) -> None:
    person = sign_in("ops")
    open_palette(person)
    look_for(person, "kc")
    person.page.keyboard.press("Enter")
    person.page.wait_for_url(re.compile(r"/stock/?$"))
    person.page.wait_for_selector("h1:has-text('库存')")
    open_palette(person)
    look_for(person, "switch lang")
    person.page.keyboard.press("Enter")
    person.page.wait_for_selector(".palette-button:has-text('Search')")
    person.page.click(".palette-button")
    look_for(person, "orders")
    person.page.keyboard.press("Enter")
    person.page.wait_for_url(re.compile(r"/orders/?$"))
    person.page.wait_for_selector("h1:has-text('Orders')")


def test_a_rival_finds_nothing_and_says_so(sign_in: Callable[..., Person]) -> None:
    city = sign_in("city", at="")
    city.open("/orders/")
    city.page.wait_for_selector("tbody tr a")
    number = city.page.inner_text("tbody tr a >> nth=0")
    open_palette(city)
    look_for(city, number)
    city.page.wait_for_selector(f".palette-found [role=option]:has-text('{number}')")
    rival = sign_in("city2")
    open_palette(rival)
    look_for(rival, number)
    rival.page.wait_for_selector(".palette-nothing:visible")
    assert rival.page.locator(".palette-found [role=option]").count() == 0


def test_the_focus_comes_back_where_it_was(sign_in: Callable[..., Person]) -> None:
    person = sign_in("ops", at="")
    person.open("/partners/")
    person.page.focus("input[type=search]")
    open_palette(person)
    for _ in range(4):
        person.page.keyboard.press("Tab")
        assert person.page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    person.page.keyboard.press("Escape")
    person.page.wait_for_selector("dialog.palette[open]", state="detached")
    assert person.page.evaluate("document.activeElement.type") == "search"


def test_on_a_phone_the_button_opens_it(sign_in: Callable[..., Person]) -> None:
    person = sign_in("city", width=390, height=844)
    person.page.click(".palette-button")
    look_for(person, "so-")
    person.page.wait_for_selector(".palette-found [role=option]")
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 390
    person.screenshot("palette-phone")
