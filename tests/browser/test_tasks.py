"""Two pairs of eyes: one asks, another decides with the keyboard, and both see what came of it."""

import re
from collections.abc import Callable
from decimal import Decimal

from .conftest import Person, Server, playwright_api
from .test_back_office import amount, card, fact, ship_order, toast

expect = playwright_api.expect
TASK = re.compile(r"TK-\d{8}-\d{4}")


def number_in(text: str) -> str:
    """The task number a person reads."""
    found = TASK.search(text)
    assert found, text
    return found[0]


def waiting_count(person: Person) -> int:
    """The badge beside the inbox in the navigation; nothing is none."""
    badge = person.page.locator(".nav-link[href^='/inbox'] .nav-count")
    return int(badge.inner_text()) if badge.count() else 0


def free_account(finance: Person) -> None:
    """Open the page of a buyer of the brand about whom nothing is asked yet."""
    finance.open("/accounts/?sort=-limit")
    finance.page.wait_for_selector("tbody tr a")
    links = finance.page.locator("a[href^='/accounts/BR/']").evaluate_all("all => all.map(a => a.pathname)")
    for path in links:
        finance.open(path)
        finance.page.wait_for_selector(".facts")
        if finance.page.locator("[role=status].notice").count() == 0:
            return
    raise AssertionError("every account waits for something")


def test_a_second_person_decides_on_a_limit_with_the_keyboard(sign_in: Callable[..., Person]) -> None:
    finance, second = sign_in("finance"), sign_in("finance2")
    free_account(finance)
    path = finance.page.evaluate("location.pathname")
    before = fact(finance, "信用额度").inner_text()
    finance.page.click("button:has-text('调整信用额度')")
    finance.page.fill("[name=limit]", "876,000")
    finance.page.click("form:has([name=limit]) button[type=submit]")
    expect(toast(finance)).to_contain_text("已提交审批")
    notice = finance.page.locator("[role=status].notice")
    expect(notice).to_contain_text("876,000.00")
    number = number_in(notice.inner_text())
    assert fact(finance, "信用额度").inner_text() == before
    finance.screenshot("credit-asked")

    second.open("/inbox/")
    card_of = second.page.locator(".task-card", has_text=number)
    card_of.locator(".task-open").click()
    heading = second.page.locator(".task-heading")
    expect(heading).to_contain_text(number)
    expect(second.page.locator("[data-verb=approve]")).to_contain_text("¥876,000.00")
    waiting = waiting_count(second)
    assert waiting >= 2
    second.screenshot("inbox")
    second.page.keyboard.press("k")
    expect(heading).not_to_contain_text(number)
    second.page.keyboard.press("j")
    expect(heading).to_contain_text(number)
    second.page.keyboard.press("a")
    expect(toast(second)).to_have_text(f"已通过：{number}")
    expect(card_of).to_have_count(0)
    expect(heading).not_to_contain_text(number)  # the next one opened itself
    expect(second.page.locator(".nav-link[href^='/inbox'] .nav-count")).to_have_text(str(waiting - 1))

    finance.open(path)
    expect(fact(finance, "信用额度")).to_have_text("¥876,000.00")
    expect(finance.page.locator("[role=status].notice")).to_have_count(0)


def test_a_refusal_needs_its_reason_and_reaches_who_asked(sign_in: Callable[..., Person]) -> None:
    finance, second = sign_in("finance"), sign_in("finance2", width=390, height=844)
    free_account(finance)
    finance.page.click("button:has-text('调整信用额度')")
    finance.page.fill("[name=limit]", "654,000")
    finance.page.click("form:has([name=limit]) button[type=submit]")
    number = number_in(finance.page.locator("[role=status].notice").inner_text())

    second.open("/inbox/")
    assert second.page.evaluate("document.documentElement.scrollWidth") == 390
    second.page.locator(".task-card", has_text=number).locator(".task-open").click()
    second.page.wait_for_selector(f".task-heading:has-text('{number}')")
    second.screenshot("inbox-phone")
    second.page.keyboard.press("r")
    reason = second.page.locator(".task-form [name=reason]")
    expect(reason).to_be_focused()
    second.page.click(".task-form button[type=submit]")
    assert reason.evaluate("field => field.validity.valueMissing")
    reason.fill("客户有逾期")
    second.page.keyboard.press("Enter")
    expect(toast(second)).to_have_text(f"已驳回：{number}")

    finance.open(f"/waiting/?task={number}")
    expect(finance.page.locator(".task-header .badge")).to_have_text("已驳回")
    expect(finance.page.locator(".task-header")).to_contain_text("客户有逾期")


def test_a_supplement_is_asked_for_and_given(sign_in: Callable[..., Person]) -> None:
    second = sign_in("finance2", at="")
    second.open("/waiting/")
    second.page.locator(".task-card", has_text="待补充").first.locator(".task-open").click()
    expect(second.page.locator(".task-header")).to_contain_text("回款记录")
    second.page.click("[data-verb=answer]")
    second.page.fill(".task-form [name=reason]", "已上传两个季度的银行回单")
    second.page.click(".task-form button[type=submit]")
    expect(second.page.locator(".task-header .badge")).to_have_text("审批中")
    expect(card(second, "事实与依据")).to_contain_text("已上传两个季度的银行回单")


def test_a_buyer_asks_for_a_return_and_the_seller_takes_back_a_part(
    sign_in: Callable[..., Person], demo: Server
) -> None:
    buyer, seller = sign_in("province"), sign_in("ops")
    order = ship_order(buyer, seller, 6)
    buyer.open(f"/orders/{order}/")
    buyer.page.click("button:has-text('确认签收')")
    buyer.page.fill("[name=signed_by]", "李雷")
    buyer.page.click("form button:has-text('确认签收')")
    buyer.page.wait_for_selector(".page-title .badge:has-text('已签收')")
    buyer.page.click("button:has-text('申请退货')")
    buyer.page.fill("[name=line-1]", "4")
    buyer.page.fill("[name=reason]", "压痕")
    buyer.page.click("form.form-row button[type=submit]")
    notice = buyer.page.locator("[role=status].notice")
    expect(notice).to_contain_text(order)
    number = number_in(notice.inner_text())

    seller.open(f"/inbox/?task={number}")
    asked = amount(seller.page.locator("[data-verb=approve]").inner_text())
    seller.page.click("[data-verb=partly]")
    field = seller.page.locator(".task-form [name=amount]")
    assert amount(field.input_value()) == asked
    field.fill(str(asked - Decimal("0.01")))
    seller.page.click(".task-form button[type=submit]")
    expect(toast(seller)).to_have_text(f"已部分通过：{number}")

    buyer.open(f"/orders/{order}/")
    line = buyer.page.locator(".card", has_text="订单明细").locator("tbody tr")
    expect(line.locator("td.number").nth(3)).to_have_text("3")
    expect(buyer.page.locator("[role=status].notice")).to_have_count(0)
    assert demo.broken() == []


def test_several_small_ones_are_decided_at_once(sign_in: Callable[..., Person]) -> None:
    finance = sign_in("finance", at="")
    finance.open("/inbox/?kind=credit_limit")
    cards = finance.page.locator(".task-card")
    cards.first.wait_for()
    numbers = [number_in(text) for text in cards.all_inner_texts()]
    for box in finance.page.locator(".task-check").all():
        box.click()
        expect(box).to_be_checked()
    finance.page.click(".bulk .button.primary")
    results = finance.page.locator(".bulk-results li")
    expect(results).to_have_count(len(numbers))
    texts = results.all_inner_texts()
    assert sum("已审批" in text for text in texts) == 2
    assert any("批量审批限额" in text for text in texts)
    finance.screenshot("inbox-bulk")


def test_a_large_count_waits_for_finance(sign_in: Callable[..., Person]) -> None:
    operations = sign_in("ops", at="")
    operations.open("/stock/?sort=-on_hand")
    row = operations.page.locator("tbody tr", has_text="远山电器").last
    on_hand = row.locator("td").nth(4).inner_text()
    row.locator("a.link").click()
    operations.page.click(".page-extras button:has-text('录入盘点')")
    operations.page.fill("[name=qty]", "0")
    operations.page.fill("[name=cause]", "年度盘点")
    operations.page.click("form:has([name=qty]) button[type=submit]")
    expect(toast(operations)).to_contain_text("已提交审批")
    expect(operations.page.locator(".fact:has-text('现有') dd").first).to_contain_text(on_hand)


def test_a_colleague_stands_in(sign_in: Callable[..., Person]) -> None:
    admin, operations = sign_in("admin"), sign_in("ops")
    operations.open("/inbox/")
    cards = operations.page.locator(".task-card")
    before = cards.count()
    admin.open("/approvals/")
    form = admin.page.locator("form:has([name=username])")
    form.locator("[name=username]").select_option("ops")
    today = admin.page.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'Asia/Shanghai'})")
    form.locator("[name=first]").fill(today)
    form.locator("[name=last]").fill(today)
    form.locator("button").click()
    lent = admin.page.locator("main .choices li")
    expect(lent).to_contain_text("我不在")
    admin.screenshot("deputies")
    operations.open("/inbox/")
    expect(cards).not_to_have_count(before)
    assert cards.count() > before
    admin.page.click("main button:has-text('收回')")
    expect(lent).to_have_count(0)
    operations.open("/inbox/")
    expect(cards).to_have_count(before)


def test_an_administrator_changes_what_needs_an_approval(sign_in: Callable[..., Person]) -> None:
    admin, finance = sign_in("admin"), sign_in("finance")
    admin.open("/approvals/")
    row = admin.page.locator("tr", has_text="库存调整")
    expect(row).to_contain_text("¥10,000.00 起")
    row.locator("button").click()
    form = admin.page.locator(".rule-form")
    assert amount(form.locator("[name=from-1]").input_value()) == 10_000
    form.locator("[name=from-1]").fill("12000")
    form.locator("button[type=submit]").click()
    expect(row).to_contain_text("¥12,000.00 起")
    admin.screenshot("approval-rules")
    finance.open("/approvals/")
    expect(finance.page.locator("tr", has_text="库存调整")).to_contain_text("¥12,000.00 起")
    expect(finance.page.locator("tr button")).to_have_count(0)
