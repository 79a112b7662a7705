"""The daily work behind the orders: prices, goods in, goods back, partners, receipts and credit."""

import re
from collections.abc import Callable
from decimal import Decimal

from .conftest import Person, Server, playwright_api

Locator = playwright_api.Locator
expect = playwright_api.expect


def amount(text: str) -> Decimal:
    """The number a person reads in a formatted amount or quantity."""
    return Decimal(re.sub(r"[^\d.−-]", "", text).replace("−", "-"))


def fact(person: Person, label: str) -> Locator:
    """The value that stands below a label of the facts."""
    return person.page.locator(".fact", has=person.page.locator(f"dt:text-is('{label}')")).locator("dd")


def card(person: Person, heading: str) -> Locator:
    """The card with a heading."""
    return person.page.locator(".card", has=person.page.locator(f"h2:text-is('{heading}')"))


def toast(person: Person) -> Locator:
    """What the page said last."""
    return person.page.locator("[data-sonner-toast]").first


def column(table: Locator, index: int) -> list[str]:
    """The texts of one column of a table."""
    return table.locator(f"tbody tr td:nth-child({index})").all_inner_texts()


def test_a_new_price_stands_in_the_book_and_a_bad_one_names_its_field(sign_in: Callable[..., Person]) -> None:
    operations = sign_in("ops", at="")
    page = operations.page
    operations.open("/catalogue/")
    page.click("tbody tr:last-child a")
    page.wait_for_url(re.compile(r"/catalogue/.+"))
    book = card(operations, "价格簿")
    expect(book.locator("tbody tr").first).to_be_visible()
    before = book.locator("tbody tr").count()
    own = book.locator("tbody tr", has=page.locator("td:text-is('远山电器')")).filter(has_text="所有买方")
    holding = own.filter(has_text="今日生效").locator("td")
    old = amount(holding.nth(3).inner_text())

    page.click("button:has-text('新建价格')")
    form = card(operations, "新建价格")
    form.locator("[name=unit_price]").fill("三千")
    form.locator("[name=reason]").fill("旺季调价")
    form.locator("button[type=submit]").click()
    expect(toast(operations)).to_have_text("含税价:不是金额")
    assert form.locator("[name=unit_price]").input_value() == "三千"
    assert form.locator("[name=reason]").input_value() == "旺季调价"
    assert book.locator("tbody tr").count() == before
    operations.screenshot("price-refused")

    new = old - Decimal("1.50")
    form.locator("[name=unit_price]").fill(str(new))
    today = form.locator("[name=valid_from]").input_value()
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)
    expect(book.locator("tbody tr")).to_have_count(before + 1)
    first = book.locator("tbody tr").first.locator("td").all_inner_texts()
    assert first[1:3] == ["基准价", "所有买方"]
    assert amount(first[3]) == new
    assert first[4:] == [f"{today} → –", today, "今日生效", "旺季调价"]
    assert holding.count() == 8, "one row holds"
    assert amount(own.filter(has_text="已被取代").locator("td").nth(3).inner_text()) == old
    page.get_by_role("tab", name="基准价走势").click()
    page.wait_for_selector(".js-plotly-plot")
    last = page.evaluate("() => document.querySelector('.js-plotly-plot').data[0].y.at(-1)")
    assert Decimal(last) == new
    operations.screenshot("price-book")


def test_goods_received_raise_the_stock_by_exactly_that(sign_in: Callable[..., Person]) -> None:
    agent = sign_in("province", at="")
    page = agent.page
    agent.open("/stock/?search=GD-001-W1")
    page.wait_for_function("!document.querySelector('.skeleton-row')")
    row = page.locator("tbody tr").first
    sku = row.locator("td").nth(2).inner_text()
    before = [amount(row.locator("td").nth(index).inner_text()) for index in (4, 5, 6)]

    page.click(".page-extras button:has-text('收货')")
    form = card(agent, "收货")
    form.locator("[name=location]").select_option("GD-001-W1")
    form.locator("[name=sku]").fill(sku)
    form.locator("[name=qty]").fill("37")
    form.locator("[name=unit_cost]").fill("八百")
    form.locator("[name=cause]").fill("PO-2201")
    form.locator("button[type=submit]").click()
    expect(toast(agent)).to_have_text("单位净成本:不是金额")
    assert form.locator("[name=qty]").input_value() == "37"
    form.locator("[name=unit_cost]").fill("812.50")
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)

    row = page.locator("tr", has=page.locator(f"a:text-is('{sku}')")).first
    expect(row.locator("td").nth(4)).to_have_text(f"{before[0] + 37:,}")
    after = [amount(row.locator("td").nth(index).inner_text()) for index in (4, 5, 6)]
    assert after == [before[0] + 37, before[1], before[2] + 37]
    row.locator("a.link").first.click()
    movement = page.locator(".list-table tbody tr").first
    expect(movement).to_contain_text("PO-2201")
    cells = movement.locator("td").all_inner_texts()
    assert cells[1:6] == ["入库", "PO-2201", "–", "+37", "–"]
    assert amount(cells[6]) == before[0] + 37
    agent.screenshot("stock-received")


def ship_order(buyer: Person, seller: Person, qty: int) -> str:
    """An order over one line, placed by the buyer and shipped by the seller, who looks at it."""
    buyer.open("/orders/new/")
    buyer.page.click(".choices li:first-child button")
    buyer.page.fill("td .input.qty", str(qty))
    buyer.page.press("td .input.qty", "Tab")
    expect(buyer.page.locator(f"td .input.qty[value='{qty}']")).to_be_visible()
    buyer.page.click("button.primary:not([disabled]):has-text('提交订单')")
    buyer.page.wait_for_url(re.compile(r"/orders/SO-\d{8}-\d{4}"))
    number = buyer.page.url.rstrip("/").rpartition("/")[2]
    seller.open(f"/orders/{number}/")
    seller.page.click("button:has-text('发货')")
    seller.page.click("form button:has-text('发货')")
    seller.page.wait_for_selector(".page-title .badge:has-text('已发货')")
    return number


def test_goods_come_back_with_their_money_and_never_more_than_went(
    sign_in: Callable[..., Person], demo: Server
) -> None:
    seller, colleague = sign_in("ops"), sign_in("admin")
    number = ship_order(sign_in("province"), seller, 12)
    line = seller.page.locator(".card", has_text="订单明细").locator("tbody tr")
    price = amount(line.locator("td").nth(8).inner_text())
    for person in (seller, colleague):
        person.open(f"/orders/{number}/")
        person.page.click("button:has-text('退货')")
        assert person.page.get_attribute("[name=line-1]", "max") == "12"

    seller.page.fill("[name=line-1]", "5")
    seller.page.fill("[name=reason]", "外箱破损")
    seller.page.click("form.form-row button[type=submit]")
    expect(line.locator("td.number").nth(3)).to_have_text("5")
    assert [cell.inner_text() for cell in line.locator("td.number").all()][2:4] == ["12", "5"]
    seller.page.get_by_role("tab", name="退货").click()
    back = card(seller, "退货").locator("table")
    expect(back.locator("tbody tr")).to_have_count(1)
    cells = back.locator("tbody tr td").all_inner_texts()
    assert cells[2].endswith("× 5")
    assert cells[3] == "外箱破损"
    assert abs(amount(cells[4])) == price * 5

    colleague.page.fill("[name=line-1]", "8")  # 12 when this page was read, 7 by now
    colleague.page.click("form.form-row button[type=submit]")
    expect(toast(colleague)).to_contain_text("：要退 8，最多可退 7。")
    assert colleague.page.input_value("[name=line-1]") == "8"
    colleague.screenshot("return-refused")
    seller.page.reload()
    expect(back.locator("tbody tr")).to_have_count(1)
    seller.screenshot("order-returned")
    seller.page.get_by_role("tab", name="订单明细").click()
    expect(line.locator("td.number").nth(3)).to_have_text("5")
    assert [cell.inner_text() for cell in line.locator("td.number").all()][2:4] == ["12", "5"]
    assert demo.broken() == []


def test_a_partner_moves_and_another_one_begins(sign_in: Callable[..., Person], demo: Server) -> None:
    admin = sign_in("admin", at="")
    page = admin.page
    admin.open("/partners/BJ-008/")
    expect(fact(admin, "上级")).to_contain_text("BJ-002")
    page.click("button:has-text('调整上级')")
    move = card(admin, "调整上级")
    move.locator("[name=parent]").fill("BJ-008")
    move.locator("button").click()
    expect(toast(admin)).to_be_visible()
    assert move.locator("[name=parent]").input_value() == "BJ-008"
    admin.screenshot("partner-move-refused")
    move.locator("[name=parent]").fill("BJ-003")
    move.locator("button").click()
    expect(fact(admin, "上级")).to_contain_text("BJ-003")
    expect(page.locator(".timeline li").first).to_contain_text("BJ-003")
    admin.screenshot("partner-moved")

    page.click(".fact dd a")
    page.wait_for_url(re.compile("/partners/BJ-003"))
    below = card(admin, "下级伙伴").locator("table")
    expect(below).to_contain_text("BJ-008")
    codes = column(below, 1)
    page.click("button:has-text('新增下级伙伴')")
    form = card(admin, "新增下级伙伴")
    for name, value in {"new_code": "BJ-901", "name": "西城新风电器", "region": "110102"}.items():
        form.locator(f"[name={name}]").fill(value)
    form.locator("button").click()
    expect(below.locator("tbody tr")).to_have_count(len(codes) + 1)
    assert sorted(column(below, 1)) == sorted([*codes, "BJ-901"])
    below.locator("a:text-is('BJ-901')").click()
    page.wait_for_url(re.compile("/partners/BJ-901"))
    expect(page.locator("h1")).to_have_text("西城新风电器")
    expect(fact(admin, "上级")).to_contain_text("BJ-003")
    admin.screenshot("partner-new")
    assert demo.broken() == []


def test_a_receipt_pays_the_oldest_invoice_first(sign_in: Callable[..., Person]) -> None:
    buyer, operations, finance = (sign_in(name) for name in ("province", "ops", "finance"))
    for qty in (2, 1):
        ship_order(buyer, operations, qty)
    finance.open("/accounts/BR/GD-001/")
    items = card(finance, "未结发票").locator("table")
    before = [(number, amount(text)) for number, text in zip(column(items, 1), column(items, 4), strict=True)]
    exposure = amount(fact(finance, "信用占用").inner_text())
    (_, first), (second, rest), *others = before
    due = column(items, 2)
    assert due == sorted(due)
    paid = first + Decimal("100.25")

    finance.page.click("button:has-text('登记收款')")
    form = card(finance, "登记收款")
    form.locator("[name=amount]").fill("一百")
    form.locator("[name=reference]").fill("招行回单 88")
    form.locator("button").click()
    expect(toast(finance)).to_have_text("金额:不是金额")
    assert form.locator("[name=reference]").input_value() == "招行回单 88"
    form.locator("[name=amount]").fill(f"{paid:,}")
    form.locator("button").click()
    expect(items.locator("tbody tr")).to_have_count(len(before) - 1)
    after = [(number, amount(text)) for number, text in zip(column(items, 1), column(items, 4), strict=True)]
    assert after == [(second, rest - Decimal("100.25")), *others]
    assert amount(fact(finance, "信用占用").inner_text()) == exposure - paid
    expect(form).to_have_count(0)
    finance.screenshot("receipt-recorded")


def test_a_new_credit_limit_moves_what_is_available(sign_in: Callable[..., Person]) -> None:
    finance = sign_in("province")  # a partner without approval rules: what it sets holds at once
    finance.open("/accounts/?search=GD-001")
    finance.page.locator("a[href^='/accounts/GD-001/']").first.click()
    finance.page.wait_for_url(re.compile("/accounts/GD-001/"))
    limit, available = (amount(fact(finance, label).inner_text()) for label in ("信用额度", "可用"))
    finance.page.click("button:has-text('调整信用额度')")
    form = card(finance, "信用")
    assert amount(form.locator("[name=limit]").input_value()) == limit
    form.locator("[name=limit]").fill("-5")
    form.locator("button").click()
    expect(toast(finance)).to_have_text("信用额度:不是金额")
    assert form.locator("[name=limit]").input_value() == "-5"
    assert amount(fact(finance, "信用额度").inner_text()) == limit

    form.locator("[name=limit]").fill(f"{limit + 250_000:,}")
    form.locator("button").click()
    expect(fact(finance, "信用额度")).to_have_text(f"¥{limit + 250_000:,.2f}")
    assert amount(fact(finance, "可用").inner_text()) == available + 250_000
    finance.screenshot("credit-agreed")
