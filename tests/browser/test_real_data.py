"""The real data sets on page, command line and API: the same figures, to the cent."""

import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from distrib_app.core.demo import import_adventureworks, import_online_retail
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.settings import get_settings

from .conftest import Server

SETS = {
    "online-retail": (
        "online_retail_ii/online_retail_II.csv.xz",
        {"sales": "17374804.27", "orders": 36_969, "partners": 5_878, "skus": 4_631, "lines": 779_425},
    ),
    "adventureworks": (
        "adventureworks_dw",
        {"sales": "80450596.98", "orders": 3_796, "partners": 635, "skus": 250, "lines": 60_855},
    ),
}
COUNTS = {
    "online-retail": {
        "lines": 1_067_371, "imported": 797_815, "sales_lines": 779_425, "return_lines": 18_390,
        "rejected": 235_221, "rejected_bad_debt": 6, "rejected_return_without_customer": 714,
        "rejected_negative_quantity": 3_393, "rejected_zero_price": 2_621, "rejected_no_customer": 228_487,
        "rejected_return_not_negative": 0,
        "duplicates": 34_335, "duplicates_overlap": 22_844, "duplicates_elsewhere": 11_491,
        "orders": 36_969, "returns": 7_901, "buying_customers": 5_878, "partners": 5_939,
        "skus": 4_646, "skus_sold": 4_631, "service_skus": 11,
    },
    "adventureworks": {"lines": 60_855, "imported": 60_855, "rejected": 0, "duplicates": 0},
}  # fmt: skip
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("source", list(SETS))
def test_page_command_line_and_api_agree(
    browser,  # type: ignore[no-untyped-def]
    start_server: Callable[..., Server],
    source: str,
) -> None:
    name, facts = SETS[source]
    path = Path(get_settings().shared_data).resolve() / name
    if not path.exists():
        pytest.skip(f"the data set is not here: {path}")
    server = start_server(["import", source, str(path)])
    report = json.loads(server.told[0])
    assert {key: report["counts"][key] for key in COUNTS[source]} == COUNTS[source]
    server.command("create-admin", "--user", "root", typed="a-good-password\n")
    token = server.token("root")

    said = json.loads(server.command("cockpit", "--json"))
    assert {key: said[key] for key in facts} == facts
    assert sum(row["lines"] for row in said["regions"]) == facts["lines"]
    if source == "adventureworks":
        assert {row["name"]: row["sales"] for row in said["regions"]}["Southwest"] == "18466458.79"
    else:
        assert report["amounts"]["rejected_no_customer"] == "3090394.12"
        assert said["returns"] == report["amounts"]["returns"] == "-1084812.98"
        top = sorted((float(row["sales"]) for row in said["league"]), reverse=True)[:1_175]
        assert round(100 * sum(top) / float(said["sales"]), 2) == 77.23

    assert ask_api(server, token) == said

    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(30_000)
    page.goto(f"{server.url}/login/")
    page.fill("input[name=username]", "root")
    page.fill("input[name=password]", "a-good-password")
    page.click("form.stack button")
    page.wait_for_selector('[data-metric="sales"]')
    page.goto(f"{server.url}/?period=all")
    page.wait_for_function(
        "value => (document.querySelector('[data-metric=sales]')?.dataset.exact || '')"
        ".replace(/[^0-9.]/g, '') === value",
        arg=facts["sales"],
    )
    shown = {
        metric: re.sub(r"[^\d.]", "", page.get_attribute(f'[data-metric="{metric}"]', "data-exact") or "")
        for metric in ("orders", "partners")
    }
    assert shown == {"orders": str(facts["orders"]), "partners": str(facts["partners"])}
    assert re.sub(r"\D", "", page.inner_text('[data-metric="orders"] .note')) == str(facts["lines"])
    assert re.sub(r"\D", "", page.inner_text('[data-metric="units"] .note')) == str(facts["skus"])
    assert page.locator(".tiles").count() == 0, "a network without a tile layout shows the ranking instead"
    page.close()

    assert import_again(server, source, path), "a second run changes nothing"
    assert ask_api(server, token) | {"as_of": ""} == said | {"as_of": ""}
    assert server.broken() == []


def ask_api(server: Server, token: str) -> Any:
    """The cockpit over REST."""
    request = urllib.request.Request(
        f"{server.url}/api/v1/cockpit", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def import_again(server: Server, source: str, path: Path) -> bool:
    """Import once more what is there; whether everything was there already."""
    common: dict[str, Any] = {
        "rejects_path": server.data / "again.csv",
        "now": utc_now(),
        "progress": lambda *_: None,
    }
    with server.records() as database:
        if source == "online-retail":
            return import_online_retail(database, path=path, **common).already_imported
        return import_adventureworks(database, folder=path, **common).already_imported
