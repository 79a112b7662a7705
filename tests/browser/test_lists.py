"""A list as people work with it: filter, sort, keep the view, act on many, take the rows along."""

import re
from collections.abc import Callable
from decimal import Decimal

import python_calamine

from .conftest import Person


def test_filter_sort_share_act_and_export(sign_in: Callable[..., Person]) -> None:
    staff = sign_in("ops", lang="en", at="")
    page = staff.page
    staff.open("/orders/")
    page.wait_for_selector("tbody tr")

    # two facets and a sort, all of them in the address
    page.click(".facet summary:has-text('Status')")
    page.click(".facet[open] label:has-text('allocated')")
    page.wait_for_url(re.compile("status=allocated"))
    page.click(".facet[open] label:has-text('shipped')")
    page.wait_for_url(re.compile("status=allocated&status=shipped"))
    page.click(".facet[open] > summary")
    page.click(".facet summary:has-text('Seller')")
    page.click(".facet[open] label:first-child")
    page.wait_for_url(re.compile("seller="))
    page.click(".facet[open] > summary")
    page.click("th button:has-text('Amount')")
    page.wait_for_selector("th[aria-sort=ascending] button:has-text('Amount')")
    page.click("th button:has-text('Amount')")
    page.wait_for_selector("th[aria-sort=descending] button:has-text('Amount')")
    words = set(page.locator("tbody td .badge").all_inner_texts())
    assert words <= {"allocated", "shipped"}
    assert page.locator(".chips .chip").count() == 3
    staff.screenshot("list-orders")

    # a view shared with the colleagues is an address for them, too
    page.click(".menu summary:has-text('Views')")
    page.fill(".menu-form input[name=name]", "Open, large first")
    page.check(".menu-form input[name=is_shared]")
    page.click(".menu-form button[type=submit]")
    page.wait_for_selector(".menu summary:has-text('Open, large first')")
    address = page.url.partition("?")[2]
    colleague = sign_in("boss", lang="en", at="")
    colleague.open("/orders/")
    colleague.page.click(".menu summary:has-text('Views')")
    colleague.page.click(".menu-row:has-text('Open, large first')")
    colleague.page.wait_for_url(lambda url: url.partition("?")[2] == address)
    colleague.page.wait_for_selector(".chips .chip")

    # the file holds what the page holds, to the cent
    shown = staff.number("tfoot td.number:last-child")
    rows = int(re.sub(r"\D", "", page.inner_text(".pager span").rpartition("of")[2]))
    page.click(".menu summary:has-text('Export')")
    with page.expect_download() as waiting:
        page.click(".menu[open] a:has-text('XLSX')")
    assert waiting.value.suggested_filename.startswith("orders-")
    book = python_calamine.CalamineWorkbook.from_path(str(waiting.value.path()))
    cells = book.get_sheet_by_index(0).to_python()
    assert cells[0][0] == "Number"
    assert len(cells) == rows + 1
    assert sum(Decimal(str(row[-1])) for row in cells[1:]) == Decimal(shown)

    # back goes to what was shown before
    page.go_back()
    page.wait_for_selector("th[aria-sort=ascending] button:has-text('Amount')")


def test_a_bulk_action_tells_what_came_of_each_row(sign_in: Callable[..., Person]) -> None:
    buyer = sign_in("province", lang="en")
    for _ in range(2):
        buyer.open("/orders/new/")
        buyer.page.click(".choices li:first-child button")
        buyer.page.wait_for_selector("td .input.qty")
        buyer.page.wait_for_selector("button.primary:not([disabled]):has-text('Place order')")
        buyer.page.click("button:has-text('Place order')")
        buyer.page.wait_for_url(re.compile(r"/orders/SO-\d{8}-\d{4}"))
    seller = sign_in("ops", lang="en", at="")
    page = seller.page
    seller.open("/orders/?role=seller&sort=-placed_at")
    page.wait_for_selector("tbody tr")
    waits = "tbody tr:has(.badge:text-is('in production'))"  # nothing of it is there yet
    rows = [page.locator(one).first for one in ("tbody tr:nth-child(1)", "tbody tr:nth-child(2)", waits)]
    for count, row in enumerate(rows, 1):
        row.locator("td.select input").click()
        page.wait_for_selector(f".bulk-bar:has-text('{count} selected')")
    chosen = [row.locator("td:nth-child(2)").inner_text() for row in rows]
    page.click(".bulk-bar button:has-text('Ship')")
    page.wait_for_selector(".result-panel li")
    assert "2 done, 1 refused" in page.inner_text(".result-panel")
    refused = page.inner_text(".results li:has(.tone.bad)")
    assert chosen[2] in refused
    assert len(refused) > len(chosen[2]) + 10
    seller.screenshot("list-bulk")
    page.wait_for_selector(f"tr:has-text('{chosen[0]}') .badge:has-text('shipped')")
    page.click(".result-panel button[aria-label=Close]")
    page.wait_for_selector(".result-panel", state="detached")


def test_a_list_without_rows_says_why(sign_in: Callable[..., Person]) -> None:
    staff = sign_in("ops", lang="en", at="")
    page = staff.page
    staff.open("/partners/?search=nobody-is-called-so")
    page.click(".empty button:has-text('Clear filters')")
    page.wait_for_selector("tbody tr")
    staff.open("/partners/?sort=colour")
    page.wait_for_selector(".empty:has-text('colour') button:has-text('Try again')")
    page.fill("input.search", "zzzz")
    page.wait_for_url(re.compile("search=zzzz"))


def test_a_list_fits_a_phone(sign_in: Callable[..., Person]) -> None:
    staff = sign_in("ops", width=390, height=844)
    for path in ("/orders/", "/partners/", "/stock/"):
        staff.open(path)
        staff.page.wait_for_selector("tbody tr")
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not staff.page.evaluate(wide), path
        staff.screenshot(f"list-phone{path.replace('/', '-')}")
