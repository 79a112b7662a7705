"""The import wizard, walked as somebody with a sheet would: mended, imported, and once more."""

from collections.abc import Callable
from pathlib import Path

from .conftest import Person

SHEET = "会员号,姓名,手机,说明\nK1,李雷,13800000001,老客户\nK2,,13800000002,\nK3,韩梅梅,不知道,\n"


def figures(person: Person) -> list[str]:
    """Lines, new, changed, unchanged, wrong."""
    person.page.wait_for_selector("main dl.facts dd")
    return person.page.locator("main dl.facts dd").all_inner_texts()


def send(person: Person, path: Path, text: str, encoding: str) -> None:
    """Choose the sheet; the wizard goes on to its columns."""
    path.write_text(text, encoding=encoding)
    person.page.set_input_files("#sheet-form input[type=file]", str(path))
    person.page.wait_for_selector("main select")


def test_a_sheet_is_checked_mended_and_imported_once(sign_in: Callable[..., Person], tmp_path: Path) -> None:
    buyer = sign_in("province", at="")
    page = buyer.page
    buyer.open("/import/")
    page.click("a.wizard-card:has-text('终端客户')")
    page.wait_for_selector("#sheet-form")
    with page.expect_download() as template:
        page.click("a:has-text('下载模板')")
    assert template.value.suggested_filename == "customers-template.xlsx"

    send(buyer, tmp_path / "customers.csv", SHEET, "gb18030")
    chosen = page.locator("main select").evaluate_all("all => all.map(one => one.value)")
    assert chosen[:2] == ["会员号", "姓名"]
    assert "手机" in chosen and "说明" in chosen
    buyer.screenshot("import-columns")
    page.click("button:has-text('检查表格')")
    assert figures(buyer) == ["3", "1", "0", "0", "2"]
    assert "不是有效的电话号码" in page.inner_text("main")
    assert page.locator("button:has-text('立即导入')").count() == 0
    with page.expect_download() as errors:
        page.click("a:has-text('下载'):not(:has-text('模板'))")
    assert errors.value.suggested_filename == "customers-errors.xlsx"
    buyer.screenshot("import-errors")
    page.reload()  # where one stands is in the address
    assert figures(buyer) == ["3", "1", "0", "0", "2"]

    page.click("a:has-text('换一个文件')")
    mended = SHEET.replace("K2,,", "K2,小明,").replace("不知道", "13800000003")
    send(buyer, tmp_path / "mended.csv", mended, "utf-8-sig")
    page.click("button:has-text('检查表格')")
    assert figures(buyer) == ["3", "3", "0", "0", "0"]
    page.click("button:has-text('立即导入')")
    page.wait_for_selector(".wizard-step[aria-current=step]:has-text('导入')")
    assert figures(buyer) == ["3", "3", "0", "0", "0"]
    buyer.screenshot("import-done")

    buyer.open("/customers/?search=hmm")
    page.wait_for_selector("tbody tr")
    assert page.locator("tbody tr").count() == 1
    page.click("tbody tr a")
    page.wait_for_selector("h1:has-text('韩梅梅')")
    page.fill("input[name=address]", "天河路 1 号")
    page.click("button:has-text('保存')")
    page.wait_for_selector("text=已保存")
    buyer.screenshot("customer")

    buyer.open("/import/?entity=customers")
    send(buyer, tmp_path / "again.csv", mended, "utf-8")
    page.click("button:has-text('检查表格')")
    assert figures(buyer) == ["3", "0", "0", "3", "0"]
