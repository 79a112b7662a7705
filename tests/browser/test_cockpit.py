"""The cockpit as an executive uses it."""

import json
import re
from collections.abc import Callable

from .conftest import LAST_MONTH, Person, Server

MONTH = f"?period={LAST_MONTH.start:%Y-%m}"
DAYS = ("--from", LAST_MONTH.start.isoformat(), "--to", LAST_MONTH.last.isoformat())


def open_month(person: Person) -> None:
    """The cockpit of last month, once it shows that month and no other."""
    person.open(f"/{MONTH}")
    person.page.wait_for_function(
        "month => document.querySelector('.page-extras select')?.value === month",
        arg=MONTH.removeprefix("?period="),
    )


def exact(person: Person, metric: str) -> str:
    """The exact value behind a card."""
    text = person.page.get_attribute(f'[data-metric="{metric}"]', "data-exact") or ""
    return re.sub(r"[^\d.−-]", "", text)


def test_the_page_the_command_line_and_the_api_say_the_same(
    sign_in: Callable[..., Person], demo: Server
) -> None:
    boss = sign_in("boss")
    open_month(boss)
    said = json.loads(demo.command("cockpit", "--json", *DAYS))
    boss.page.wait_for_selector('[data-metric="sales"]')
    assert exact(boss, "sales") == said["sales"]
    assert exact(boss, "net_sales") == said["net_sales"]
    assert exact(boss, "orders") == str(said["orders"])
    assert exact(boss, "partners") == str(said["partners"])
    boss.screenshot("cockpit-zh")


def test_a_click_cross_filters_and_the_url_keeps_it(sign_in: Callable[..., Person], demo: Server) -> None:
    boss = sign_in("boss")
    open_month(boss)
    boss.page.click('.tile[data-region="440000"]')
    boss.page.wait_for_url("**region=440000**")
    boss.page.wait_for_selector(".chip.set")
    said = json.loads(demo.command("cockpit", "--json", *DAYS, "--region", "440000"))
    boss.page.wait_for_function(
        "value => document.querySelector('[data-metric=sales]')"
        ".dataset.exact.replace(/[^0-9.]/g, '') === value",
        arg=said["sales"],
    )
    assert boss.page.locator('.tile[data-region="440000"]').get_attribute("aria-pressed") == "true"
    first = boss.page.locator(".share").first
    code = first.get_attribute("data-category")
    first.click()
    boss.page.wait_for_url(f"**category={code}**")
    boss.page.go_back()
    boss.page.wait_for_url(lambda url: "category" not in url)
    boss.page.wait_for_function("document.querySelectorAll('.chip.set').length === 1")
    boss.page.click(".chip.set")
    boss.page.wait_for_url(lambda url: "region" not in url)


def test_a_figure_opens_its_rows_and_they_add_up(sign_in: Callable[..., Person]) -> None:
    boss = sign_in("boss")
    open_month(boss)
    boss.page.wait_for_selector('[data-metric="sales"]')
    sales = exact(boss, "sales")
    boss.page.click('[data-metric="sales"]')
    boss.page.wait_for_url("**/sales-rows**")
    boss.page.wait_for_selector(".facts .fact:first-child dd:has-text('¥')")
    assert boss.number(".facts .fact:first-child dd") == sales
    boss.screenshot("sales-rows")


def test_language_and_colours_switch_at_once(sign_in: Callable[..., Person]) -> None:
    boss = sign_in("boss")
    open_month(boss)
    assert boss.page.inner_text("h1") == "销售驾驶舱"
    boss.page.click("text=EN")
    boss.page.wait_for_function("document.querySelector('h1').innerText === 'Sales cockpit'")
    boss.page.wait_for_function("document.documentElement.lang === 'en'")
    boss.page.wait_for_function("!/[\\u4e00-\\u9fff]/.test(document.querySelector('.ranking').innerText)")
    boss.screenshot("cockpit-en")
    boss.page.click('[aria-label="Light or dark"]')
    boss.page.wait_for_selector("html.dark")
    boss.screenshot("cockpit-dark")


def test_the_trend_can_be_read_as_a_table(sign_in: Callable[..., Person]) -> None:
    boss = sign_in("boss")
    open_month(boss)
    boss.page.wait_for_selector(".trend .js-plotly-plot .point", state="attached")
    boss.page.click(".trend .link")
    boss.page.wait_for_selector(".trend table tbody tr")
    assert boss.page.inner_text(".trend tbody tr:first-child td:first-child") == MONTH.removeprefix(
        "?period="
    )


def test_it_fits_one_screen(sign_in: Callable[..., Person]) -> None:
    boss = sign_in("boss")
    open_month(boss)
    boss.page.wait_for_selector(".trend .js-plotly-plot")
    assert boss.page.evaluate("document.documentElement.scrollHeight") <= 900
    assert boss.page.evaluate("document.documentElement.scrollWidth") <= 1440


def test_a_provincial_agent_reads_national_figures_without_small_cells(
    sign_in: Callable[..., Person], demo: Server
) -> None:
    agent = sign_in("province")
    open_month(agent)
    said = json.loads(demo.command("cockpit", "--json", *DAYS))
    assert exact(agent, "sales") == said["sales"]
    small = [row["code"] for row in said["regions"] if row["partners"] < 3]
    assert small, "the demo network has small provinces"
    for code in small:
        assert agent.page.inner_text(f'.ranking [data-region="{code}"] .rank-value') == "少于 3 家"
        assert agent.page.locator(f'.tile[data-region="{code}"]').is_disabled()
    shown = [row["code"] for row in said["regions"] if row["partners"] >= 3]
    hidden = [
        code
        for code in shown
        if not re.search(r"\d", agent.page.inner_text(f'.ranking [data-region="{code}"] .rank-value'))
    ]
    assert len(hidden) <= 1, "only what would reveal a small cell is withheld beside them"
    agent.screenshot("cockpit-province")
    named = agent.page.locator(".league-name").evaluate_all("links => links.map(link => link.title)")
    assert 0 < len(named) < said["partners"]
    for code in named:  # every name in the league is one the agent may look up
        agent.open(f"/partners/{code}/")
        agent.page.wait_for_selector(f"main:has-text('{code}')")
        assert agent.page.locator(".empty-title").count() == 0


def test_a_city_agent_gets_the_partner_view(sign_in: Callable[..., Person]) -> None:
    agent = sign_in("city", at="/?period=12m")  # the running month may be empty yet
    agent.page.wait_for_selector('[data-metric="purchases"]')
    agent.screenshot("cockpit-city")
    assert float(exact(agent, "purchases")) > 0
    assert agent.page.locator(".segment").count() == 0
