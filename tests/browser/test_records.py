"""Talk on a record: comments, files and mentions, each person in a browser of their own."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.core.workbench.office import picture

from .conftest import Person

BOX = ".entry-form"


def bought(buyer: Person) -> str:
    """The number of an order that the buyer placed with the brand."""
    buyer.open("/orders/?role=buyer")
    buyer.page.wait_for_selector("main tbody tr a")
    return buyer.page.locator("main tbody tr a", has_text=re.compile(r"^SO-")).first.inner_text()


def known(page: Page) -> int:
    """How many unread notices the bell tells of."""
    count = page.locator(".unread-count")
    return int(count.inner_text()) if count.count() else 0


def comment(page: Page, text: str, *files: Path, shared: bool = False) -> None:
    """Write into the comment box, send, and wait until it stands in the timeline."""
    page.locator(f"{BOX} textarea").fill(text)
    if files:
        page.locator(f"{BOX} input[type=file]").set_input_files([str(path) for path in files])
        expect(page.locator(f"{BOX} .entry-files")).to_contain_text(files[0].name)
    page.locator(f"{BOX} select[name=is_shared]").select_option("true" if shared else "false")
    page.locator(f"{BOX} button[type=submit]").click()
    expect(page.locator(".entry-says", has_text=text)).to_be_visible()
    expect(page.locator(f"{BOX} textarea")).to_have_value("")


def test_a_mention_reaches_the_colleague_and_the_buyer_sees_what_is_shared(
    sign_in: Callable[..., Person], tmp_path: Path
) -> None:
    photo = tmp_path / "外箱.png"
    photo.write_bytes(picture(800, 600))
    buyer, boss, operations = sign_in("province"), sign_in("boss"), sign_in("ops")
    number = bought(buyer)
    boss.open("/partners/")
    expect(boss.page.locator(".bell")).to_be_visible()
    boss.page.wait_for_timeout(500)
    unread = known(boss.page)
    began = boss.page.evaluate("performance.timeOrigin")

    page = operations.page
    operations.open(f"/orders/{number}/")
    comment(page, "外箱破损 @boss 请看", photo)
    comment(page, "明天发货", shared=True)
    thumbnail = page.locator(".entry .thumbnail").first
    expect(thumbnail).to_be_visible()
    operations.screenshot("record-timeline")

    # counts up by itself, without a new page
    expect(boss.page.locator(".unread-count")).to_have_text(str(unread + 1), timeout=15_000)
    assert boss.page.evaluate("performance.timeOrigin") == began
    boss.page.click(".bell")
    row = boss.page.locator(".notice-row").first
    expect(row).to_contain_text("外箱破损 @boss 请看")
    boss.screenshot("notices")
    row.click()
    boss.page.wait_for_url(re.compile(f"/orders/{number}"))
    image = boss.page.locator(".entry .thumbnail").first
    expect(image).to_be_visible()
    boss.page.wait_for_function("document.querySelector('.entry .thumbnail').naturalWidth === 320")
    assert known(boss.page) == unread
    href = boss.page.locator(".file-link").first.get_attribute("href")
    opened = boss.page.request.get(boss.server.url + str(href))
    assert (opened.status, opened.body()) == (200, photo.read_bytes())

    buyer.open(f"/orders/{number}/")
    expect(buyer.page.locator(".entry-says", has_text="明天发货")).to_be_visible()
    assert "外箱破损" not in buyer.page.inner_text("main")
    assert buyer.page.locator(".thumbnail").count() == 0
    refused = buyer.page.request.get(buyer.server.url + str(href))
    assert refused.status == 404


def test_what_cannot_be_sent_says_why_and_keeps_the_text(
    sign_in: Callable[..., Person], tmp_path: Path
) -> None:
    wrong = tmp_path / "photo.png"
    wrong.write_bytes(b"GIF89a not a png")
    operations = sign_in("ops", at="")
    operations.open("/catalogue/")
    operations.page.wait_for_selector("main tbody tr a")
    operations.page.locator("main tbody tr a").first.click()
    box = operations.page.locator(BOX)
    box.locator("textarea").fill("看这个 @nobody.here")
    box.locator("button[type=submit]").click()
    expect(box.locator(".entry-status")).to_contain_text("@nobody.here")
    expect(box.locator("textarea")).to_have_value("看这个 @nobody.here")
    box.locator("textarea").fill("看这个")
    box.locator("input[type=file]").set_input_files(str(wrong))
    box.locator("button[type=submit]").click()
    expect(box.locator(".entry-status")).to_contain_text("photo.png")
    expect(box.locator("textarea")).to_have_value("看这个")
    box.locator("input[type=file]").set_input_files([])
    box.locator("select[data-mention]").select_option(index=1)
    assert re.fullmatch(r"看这个 @\S+ ", box.locator("textarea").input_value())
    box.locator("textarea").press("Control+Enter")
    expect(operations.page.locator(".entry-says", has_text="看这个")).to_be_visible()
    expect(operations.page.locator(".entry .badge", has_text="仅内部")).to_be_visible()


def test_a_tab_of_a_record_lives_in_the_url(sign_in: Callable[..., Person]) -> None:
    boss = sign_in("boss", at="")
    boss.open("/partners/")
    boss.page.wait_for_selector("main tbody tr a")
    boss.page.locator("main tbody tr a").first.click()
    expect(boss.page.get_by_role("tab", name="下级伙伴")).to_have_attribute("aria-selected", "true")
    boss.page.get_by_role("tab", name="授权区域").click()
    boss.page.wait_for_url(re.compile(r"tab=territories"))
    expect(boss.page.get_by_role("tab", name="授权区域")).to_have_attribute("aria-selected", "true")
    boss.page.reload()
    expect(boss.page.get_by_role("tab", name="授权区域")).to_have_attribute("aria-selected", "true")


def test_preferences_of_notices_are_kept(sign_in: Callable[..., Person]) -> None:
    person = sign_in("finance2", at="")
    person.open("/notices/")
    person.page.click("button:has-text('通知设置')")
    mail = person.page.get_by_role("checkbox", name=re.compile("有人提到我.*邮件"))
    expect(mail).not_to_be_checked()
    mail.click()  # kept on the server before it shows
    expect(mail).to_be_checked()
    again = sign_in("finance2", at="")
    again.open("/notices/")
    again.page.click("button:has-text('通知设置')")
    expect(again.page.get_by_role("checkbox", name=re.compile("有人提到我.*邮件"))).to_be_checked()
