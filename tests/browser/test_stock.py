"""Stock: the network at a glance, down to one balance with its lots, its report and its correction."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from .conftest import Person


def ready(person: Person) -> None:
    person.page.wait_for_function("!document.querySelector('.skeleton-row')")


def test_from_the_heat_table_to_one_balance(sign_in: Callable[..., Person]) -> None:
    ops = sign_in("ops")
    page = ops.page
    ops.open("/stock/network/?view=partner&by=heat")
    ready(ops)
    expect(page.locator("h1")).to_have_text("全网库存")
    expect(page.locator(".heat tbody tr")).not_to_have_count(0)
    expect(page.locator(".heat-legend")).to_contain_text("缺货")
    ops.screenshot("stock-heat")
    page.click(".heat thead button >> nth=0")
    page.wait_for_url(re.compile("inside="))
    expect(page.locator(".heat thead th").nth(1)).to_have_text(re.compile(r"[A-Z]{2}\d\d-\d\d"))
    cell = page.locator("a.heat-cell").first
    title = cell.get_attribute("title") or ""
    quantity = title.split(": ")[1].split(" · ")[0]
    cell.click()
    page.wait_for_url(re.compile(r"/stock/?\?.*region="))
    ready(ops)
    # the sum below the list is the number in the cell
    expect(page.locator("tfoot td").nth(3)).to_have_text(quantity)
    page.click("tbody tr >> nth=0 >> a")
    page.wait_for_url(re.compile(r"/stock/[^/]+/[A-Z]{2}\d\d-\d\d"))
    ready(ops)
    expect(page.locator(".why .steps li")).not_to_have_count(0)
    expect(page.locator("[role=tab][aria-selected=true]")).to_contain_text("库存变动")
    ops.screenshot("stock-record")


def test_views_by_sku_and_by_place(sign_in: Callable[..., Person]) -> None:
    ops = sign_in("ops")
    page = ops.page
    ops.open("/stock/network/")
    ready(ops)
    expect(page.locator(".segment[aria-pressed=true]").first).to_have_text("品牌")
    ops.screenshot("stock-network")
    page.click(".segment:has-text('门店')")
    page.wait_for_url(re.compile("view=store"))
    page.click(".segment:has-text('按地点')")
    page.wait_for_url(re.compile("by=place"))
    ready(ops)
    expect(page.locator("tbody tr").first).to_contain_text("门店")
    reader = sign_in("boss", lang="en")
    for theme in ("light", "dark"):
        reader.page.evaluate(f"localStorage.setItem('theme', '{theme}')")
        for name, path in (
            ("network", "/stock/network/?view=partner"),
            ("heat", "/stock/network/?view=brand&by=heat"),
            ("record", "/stock/BR-FS/FC01-01/?tab=layers"),
        ):
            reader.open(path)
            ready(reader)
            expect(reader.page.locator("h1")).not_to_be_empty()
            reader.screenshot(f"stock-{name}-en-{theme}")
    agent = sign_in("outlet")
    agent.open("/stock/network/")
    ready(agent)
    expect(agent.page.locator(".segments").first.locator(".segment")).to_have_count(1)


def test_an_owner_receives_reports_and_recalls_by_lot(sign_in: Callable[..., Person]) -> None:
    agent = sign_in("province")
    page = agent.page
    agent.open("/stock/GD-001-W1/FC01-01/")
    ready(agent)
    before = int(page.locator(".fact:has-text('现有') dd").first.inner_text().replace(",", "").split("盒")[0])
    page.click(".page-extras button:has-text('收货')")
    form = page.locator("form.form-row")
    form.locator("[name=qty]").fill("12")
    form.locator("[name=unit_cost]").fill("80.5")
    form.locator("[name=cause]").fill("PO-LOT-1")
    form.locator("button[type=submit]").click()
    expect(page.locator("[data-sonner-toast]").last).to_contain_text("按批次管理")
    form.locator("[name=lot]").fill("LX-1")
    form.locator("[name=expires_on]").fill("2099-12-31")
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)
    expect(page.locator(".fact:has-text('现有') dd").first).to_contain_text(f"{before + 12:,}")
    expect(page.locator(".list-table tbody tr").first).to_contain_text("LX-1")

    page.click(".page-extras button:has-text('上报库存')")
    form.locator("[name=qty]").fill(str(before + 9))
    form.locator("[name=cause]").fill("DAY-1")
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)
    expect(page.locator(".fact:has-text('差异') .badge").first).to_have_text("-3")
    page.click("[role=tab]:has-text('上报库存')")
    expect(page.locator("[role=tabpanel]")).to_contain_text("互不覆盖")
    agent.screenshot("stock-reported")
    page.click("[role=tab]:has-text('进货层与批次')")
    expect(page.locator("[role=tabpanel]")).to_contain_text("2099-12-31")
    agent.screenshot("stock-lots")
    page.locator("a:text-is('LX-1')").click()
    page.wait_for_url(re.compile("recall=LX-1"))
    expect(page.locator("[role=tabpanel]")).to_contain_text("尚未出库")
    agent.screenshot("stock-recall")
