"""Each number on the order and stock pages opens its why, whose steps end in the number shown."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Person

FIGURE = "button.figure[data-why]"


def number(text: str) -> str:
    """A number as it is compared: without the words around it, and the badge's."""
    return text.strip().splitlines()[0].removeprefix("剩余配额：").strip()


def figures(page: Page, inside: str) -> Iterator[Locator]:
    """The numbers that open their why, one after the other."""
    page.wait_for_function("!document.querySelector('.skeleton-row')")
    expect(page.locator(f"{inside} {FIGURE}").first).to_be_visible()
    for place in range(page.locator(f"{inside} {FIGURE}").count()):
        one = page.locator(f"{inside} {FIGURE}").nth(place)
        if one.is_visible():
            yield one


def end(page: Page, shown: str) -> None:
    """The steps that are open (above those of the credit) end in what was shown."""
    panel = page.locator(".why").first
    expect(panel.locator(".step-result").last).to_have_text(shown)
    assert panel.locator("h2").inner_text()


def open_all(page: Page, inside: str) -> set[str]:
    """Open every number within, and hold its steps against it; which numbers there were."""
    opened = set()
    for one in figures(page, inside):
        shown, key = number(one.inner_text()), one.get_attribute("data-why") or ""
        one.click()
        expect(page.locator(f'{FIGURE}[data-why="{key}"][aria-pressed=true]').first).to_be_visible()
        end(page, shown)
        opened.add(key)
    return opened


def follow(page: Page, cell: Locator) -> None:
    """A number of a list leads to the record, where its steps are open."""
    shown = number(cell.inner_text())
    cell.click()
    page.wait_for_url(re.compile("why="))
    page.wait_for_selector(".why .steps li")
    expect(page.locator(".why .step-result").last).to_have_text(re.compile(rf"^[¥]?{re.escape(shown)}$"))


def test_an_order_explains_its_numbers(sign_in: Callable[..., Person]) -> None:
    ops = sign_in("ops")
    page = ops.page
    ops.open("/orders/?status=delivered")
    page.wait_for_selector("tbody tr")
    follow(page, page.locator("tbody tr >> nth=0 >> td.number a.figure").last)
    assert open_all(page, ".facts") == {"promised", "net", "tax", "gross"}
    of_lines = open_all(page, "[role=tabpanel]")
    names = ("promised", "qty", "reserved", "shipped", "returned", "price", "amount")
    assert of_lines >= {f"{name}:1" for name in names}
    page.click("[role=tab]:has-text('履约')")
    of_parts = {key.partition(":")[0] for key in open_all(page, ".part")}
    assert of_parts >= {"promised", "amount"}
    ops.screenshot("why-order")
    ops.open("/control-tower/")
    page.wait_for_selector("tbody tr")
    follow(page, page.locator("tbody tr >> nth=0 >> a.figure").last)


def test_a_late_order_counts_its_days(sign_in: Callable[..., Person]) -> None:
    ops = sign_in("ops")
    page = ops.page
    ops.open("/control-tower/?state=late")
    page.wait_for_selector("tbody tr a.late-mark")
    days = re.sub(r"\D", "", page.inner_text("tbody tr >> nth=0 >> a.late-mark"))
    # the mark lies inside its tile
    tile = page.locator(".tower-tiles li:has(a.late-mark)").first
    mark, box = tile.locator("a.late-mark").bounding_box(), tile.locator("button").bounding_box()
    assert mark is not None and box is not None
    assert box["y"] <= mark["y"] and mark["y"] + mark["height"] <= box["y"] + box["height"]
    page.click("tbody tr >> nth=0 >> a.late-mark")
    page.wait_for_selector(".why .steps li")
    end(page, days)


def test_the_pad_explains_its_draft(sign_in: Callable[..., Person]) -> None:
    buyer = sign_in("province", at="")
    page = buyer.page
    buyer.open("/orders/new/")
    page.wait_for_selector(".choices li")
    page.click(".choices li:first-child button")
    page.wait_for_selector("td .input.qty")
    page.click(".choices li:nth-child(2) button")
    page.wait_for_selector("tbody tr:nth-child(2) .input.qty")
    kinds = {key.partition(":")[0] for key in open_all(page, ".columns > .stack:first-child")}
    assert kinds >= {"available", "promised", "price", "amount", "net", "tax", "gross"}
    buyer.screenshot("why-pad")
    # what is open follows the draft
    page.click(f'{FIGURE}[data-why="amount:1"]')
    page.fill("td .input.qty >> nth=0", "3")
    page.press("td .input.qty >> nth=0", "Tab")
    page.wait_for_selector(".why li:has-text('3 ×')")
    end(page, number(page.inner_text(f'{FIGURE}[data-why="amount:1"]')))
    for _ in range(2):
        page.fill("td .input.qty >> nth=0", "0")
        before = page.locator("td .input.qty").count()
        page.press("td .input.qty >> nth=0", "Tab")
        expect(page.locator("td .input.qty")).to_have_count(before - 1)


@pytest.mark.parametrize("key", ["on_hand", "reserved", "available"])
def test_stock_leads_to_what_it_is_made_of(sign_in: Callable[..., Person], key: str) -> None:
    ops = sign_in("ops")
    page = ops.page
    ops.open("/stock/?state=reserved")
    page.wait_for_selector("tbody tr")
    follow(page, page.locator(f"tbody tr >> nth=0 >> a.figure[href*='why={key}']"))
    assert open_all(page, ".facts") >= {"on_hand", "reserved", "available"}


def test_a_record_kept_by_lot_explains_itself(sign_in: Callable[..., Person]) -> None:
    ops = sign_in("ops")
    ops.open("/stock/BR-FS/FC01-01/?tab=reported")
    assert open_all(ops.page, ".facts") >= {"on_hand", "reserved", "unfit", "available"}
    ops.screenshot("why-stock")


def test_the_network_is_made_up_of_its_places(sign_in: Callable[..., Person]) -> None:
    boss = sign_in("boss")
    page = boss.page
    for by, word, names in (("sku", "按 SKU", {"issued", "cover", "age4"}), ("place", "按地点", {"issued"})):
        boss.open(f"/stock/network/?view=brand&by={by}")
        page.wait_for_selector(f".segment[aria-pressed=true]:has-text('{word}')")
        page.wait_for_selector("tbody tr")
        opened = set()
        keys = page.locator(f"tbody tr >> nth=0 >> {FIGURE}").evaluate_all(
            "all => all.map(one => one.dataset.why)"
        )
        for key in keys:  # the panel narrows the list, so each is opened on the whole one
            one = page.locator(f'{FIGURE}[data-why="{key}"]')
            shown = number(one.inner_text())
            if not one.is_visible():
                continue
            one.click()
            page.wait_for_selector(".why .steps li")
            if shown != "99+":
                end(page, shown)
            opened.add(key.partition(":")[0])
            page.click(".why .icon-button")
            page.wait_for_selector(".why", state="detached")
        assert opened >= names
    follow_list(page)


def follow_list(page: Page) -> None:
    """What lies there leads to its balances, whose sum it is."""
    cell = page.locator("tbody tr >> nth=0 >> td.number a.figure").first
    shown = cell.inner_text()
    cell.click()
    page.wait_for_url(re.compile("/stock/?\\?"))
    page.wait_for_selector("tfoot")
    expect(
        page.locator("tfoot td").filter(has_text=re.compile(rf"^{re.escape(shown)}$")).first
    ).to_be_visible()


def test_what_is_suggested_explains_itself(sign_in: Callable[..., Person]) -> None:
    ops = sign_in("ops")
    page = ops.page
    for path, keys in (
        ("/replenishment/", ("qty", "position", "lines")),
        ("/water-lines/", ("available", "safety", "warning", "maximum", "daily")),
    ):
        ops.open(path)
        page.wait_for_selector("tbody tr")
        for key in keys:
            cell = page.locator(f'tbody tr >> nth=4 >> {FIGURE}[data-why="{key}"]')
            shown = number(cell.inner_text())
            cell.click()
            page.wait_for_selector(".why .steps li")
            end(page, shown)
            page.click(".stack .card-head .icon-button")
            page.wait_for_selector(".why", state="detached")
    ops.screenshot("why-water-lines")
