"""Customers and imports over REST: what the pages can do, a program can."""

import io

import httpx
from python_calamine import CalamineWorkbook

from distrib_app.worker import get_job_files, work_once

from .market import API, Market

SHEET = "客户编码,姓名,手机号\nC1,李雷,13800000001\nC2,韩梅梅,\n"


def upload(market: Market, who: str, text: str) -> str:
    response = market.client.request(
        "POST",
        f"{API}/files",
        headers={"authorization": f"Bearer {market.tokens[who]}"},
        files={"file": ("c.csv", io.BytesIO(text.encode("gb18030")), "text/csv")},
    )
    assert response.status_code == 201, response.text
    key: str = response.json()["files"][0]["key"]
    return key


def fetch(market: Market, who: str, path: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {market.tokens[who]}", "accept-language": "zh"}
    return market.client.request("GET", API + path, headers=headers)


def test_customers_are_kept_by_their_company(market: Market) -> None:
    made = market.send("gz", "PUT", "/customers/C1", {"name": "李雷", "region": "440106", "version": 0})
    assert (made["partner_code"], made["code"], made["version"]) == ("GZ", "C1", 1)
    market.refuse("gz", "PUT", "/customers/C1", 409, json={"name": "x", "version": 0})
    changed = market.send("gz", "PUT", "/customers/C1", {"name": "李磊", "version": 1})
    assert (changed["name"], changed["region_code"], changed["version"]) == ("李磊", "", 2)
    market.refuse("gz", "PUT", "/customers/C1", 409, json={"name": "y", "version": 1})
    market.refuse("gz", "PUT", "/customers/C2", 422, json={"name": "x", "email": "nonsense"})
    market.refuse("gz", "PUT", "/customers/C2", 404, json={"name": "x", "version": 3})
    assert [row["code"] for row in market.get("gz", "/customers", search="ll")["items"]] == ["C1"]
    for who in ("gd", "sz", "ops", "admin"):
        assert market.get(who, "/customers")["items"] == []
        market.refuse(who, "GET", "/customers/C1", 404, 403)
        market.refuse(who, "PUT", "/customers/C1", 403, 404, params={"partner": "GZ"}, json={"name": "x"})
        market.refuse(who, "DELETE", "/customers/C1", 403, 404)
    market.refuse("boss", "GET", "/customers", 403)
    response = market.client.request(
        "DELETE", f"{API}/customers/C1", headers={"authorization": f"Bearer {market.tokens['gz']}"}
    )
    assert response.status_code == 204
    assert market.get("gz", "/customers")["total"] == 0


def test_a_sheet_becomes_customers(market: Market) -> None:
    get_job_files.cache_clear()
    entities = {row["name"]: row for row in market.get("gz", "/imports")["items"]}
    assert "partners" not in entities  # nobody but the brand's people admits partners
    assert [field["key"] for field in entities["customers"]["fields"] if field["is_required"]] == [
        "code",
        "name",
    ]
    key = upload(market, "gz", SHEET)
    look = market.send("gz", "POST", "/imports/customers/look", {"file": key})
    assert (look["line_count"], look["columns"]) == (
        2,
        {"code": "客户编码", "name": "姓名", "phone": "手机号"},
    )
    body = {"file": key, "columns": look["columns"]}
    checked = market.send("gz", "POST", "/imports/customers/check", body, key="i-1")
    assert work_once()
    result = market.get("gz", f"/jobs/{checked['number']}")["result"]
    assert (result["created"], result["failed"], result["is_committed"]) == (2, 0, False)
    assert market.get("gz", "/customers")["total"] == 0
    started = market.send("gz", "POST", "/imports/customers/commit", body, key="i-2")
    assert market.send("gz", "POST", "/imports/customers/commit", body, key="i-2") == started
    assert work_once()
    assert not work_once()
    assert market.get("gz", f"/jobs/{started['number']}")["result"]["is_committed"]
    assert market.get("gz", "/customers")["total"] == 2


def test_what_an_import_refuses(market: Market) -> None:
    key = upload(market, "gz", SHEET)
    columns = {"code": "客户编码", "name": "姓名"}
    market.refuse("gz", "POST", "/imports/partners/look", 403, json={"file": key})
    market.refuse("gz", "POST", "/imports/none/look", 404, json={"file": key})
    market.refuse("sz", "POST", "/imports/customers/look", 404, json={"file": key})
    market.refuse("gz", "POST", "/imports/customers/check", 422, json={"file": key, "columns": {"code": "?"}})
    market.refuse("sz", "POST", "/imports/customers/commit", 404, json={"file": key, "columns": columns})
    market.refuse("sz", "POST", "/imports/customers/check", 404, json={"file": key, "columns": columns})
    market.refuse("gz", "GET", "/imports/partners/template", 403)
    assert market.get("boss", "/imports")["items"] == []


def test_a_template_speaks_the_readers_language(market: Market) -> None:
    response = fetch(market, "gz", "/imports/customers/template")
    assert response.status_code == 200
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    head, remarks = sheets.get_sheet_by_index(0).to_python()
    assert head[:4] == ["客户编码*", "名称*", "类型", "电话"]
    assert remarks[0].startswith("#")  # no line to import, whoever leaves it there
    assert sheets.get_sheet_by_index(1).to_python()[1][:2] == ["C-1001", "李雷"]
    assert "customers-template.xlsx" in response.headers["content-disposition"]
