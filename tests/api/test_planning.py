"""Planning over REST: lines, suggestions and limits; what a rival meets."""

from typing import Any

from .market import Market

LINES = {"safety_qty": 10, "warning_qty": 20, "max_qty": 40}


def receive(market: Market, who: str, location: str, qty: int) -> None:
    lines = [{"sku": "TV", "qty": qty, "unit_cost": "10"}]
    market.send(who, "POST", "/stock/receipts", {"location": location, "cause": "GRN", "lines": lines})


def suggested(market: Market, who: str, **params: str) -> list[tuple[Any, ...]]:
    found = market.get(who, "/suggestions", **params)["items"]
    return [(row["location_code"], row["kind"], row["qty"], row["is_urgent"], row["status"]) for row in found]


def test_lines_are_set_explained_and_given_back(market: Market) -> None:
    line = market.send("gz", "PUT", "/water-lines/GZ-WH/TV", LINES)
    assert (line["source"], line["max_qty"], line["version"]) == ("hand", 40, 1)
    stale = market.refuse("gz", "PUT", "/water-lines/GZ-WH/TV", 409, json=LINES | {"version": 9})
    assert stale["code"] == "stale"
    bad = market.refuse("gz", "PUT", "/water-lines/GZ-WH/TV", 422, json=LINES | {"max_qty": 5})
    assert "max_qty" in bad["detail"]
    assert market.get("gz", "/water-lines/GZ-WH/TV")["warning_qty"] == 20
    assert market.get("gz", "/water-lines", state="urgent")["total"] == 1
    receive(market, "gz", "GZ-WH", 30)
    assert market.get("gz", "/water-lines", state="urgent")["total"] == 0
    assert market.send("gz", "POST", "/water-lines/compute", {}) == {"computed": 0, "kept": 1}
    assert market.call("gz", "DELETE", "/water-lines/GZ-WH/TV").status_code == 204
    counted = market.send("gz", "POST", "/water-lines/compute", {"partner": "GZ", "lead_days": 3})
    assert counted == {"computed": 1, "kept": 0}
    computed = market.get("gz", "/water-lines/GZ-WH/TV")
    assert (computed["source"], computed["max_qty"], len(computed["steps"])) == ("computed", 0, 6)


def test_suggestions_are_made_once_and_decided(market: Market) -> None:
    receive(market, "gz", "GZ-WH", 5)
    market.send("gz", "PUT", "/water-lines/GZ-WH/TV", LINES)
    made = market.send("gz", "POST", "/suggestions", {})
    assert made == {"replenish": 1, "transfer": 0, "clearance": 0, "keep": 0}
    assert sum(market.send("gz", "POST", "/suggestions", {"partner": "GZ"}).values()) == 0
    assert suggested(market, "gz") == [("GZ-WH", "replenish", 35, True, "open")]
    (row,) = market.get("gz", "/suggestions", urgency="urgent")["items"]
    detail = market.get("gz", f"/suggestions/{row['number']}")
    assert detail["inputs"]["position"] == 5
    assert detail["steps"][1]["result"] == "35"
    path = f"/suggestions/{row['number']}"
    assert market.send("gz", "POST", f"{path}/snooze", {"days": 3})["status"] == "snoozed"
    assert market.send("gz", "POST", f"{path}/dismiss", {})["status"] == "dismissed"
    assert market.refuse("gz", "POST", f"{path}/snooze", 409, json={})["code"] == "suggestion_not_open"
    assert suggested(market, "gz") == []
    assert suggested(market, "gz", status="dismissed") == [("GZ-WH", "replenish", 35, True, "dismissed")]


def test_a_rival_plans_nothing_for_others(market: Market) -> None:
    market.send("sz", "PUT", "/water-lines/SZ-WH/TV", LINES)
    market.send("sz", "POST", "/suggestions", {})
    (row,) = market.get("sz", "/suggestions")["items"]
    for path in ("/suggestions", "/water-lines"):
        assert market.get("gz", path)["total"] == 0
        assert market.get("gz", path, partner="SZ")["total"] == 0
    for path in (f"/suggestions/{row['number']}", "/water-lines/SZ-WH/TV"):
        market.refuse("gz", "GET", path, 404)
        market.refuse("fin", "GET", path, 403)
    for method, path, body in (
        ("PUT", "/water-lines/SZ-WH/TV", LINES),
        ("DELETE", "/water-lines/SZ-WH/TV", None),
        ("POST", "/water-lines/compute", {"partner": "SZ"}),
        ("POST", "/suggestions", {"partner": "SZ"}),
        ("POST", f"/suggestions/{row['number']}/snooze", {}),
        ("POST", f"/suggestions/{row['number']}/dismiss", {}),
        ("POST", "/quotas", QUOTA | {"seller": "SZ"}),
        ("POST", "/quotas", QUOTA),
        ("POST", "/turnover-benchmarks", BENCHMARK),
    ):
        market.refuse("gz", method, path, 403, 404, json=body)
    assert market.get("sz", "/water-lines/SZ-WH/TV")["version"] == 1
    assert suggested(market, "sz") == [("SZ-WH", "replenish", 40, True, "open")]


QUOTA = {"seller": "GD", "sku": "TV", "buyer": "GZ", "first": "2026-10-01", "last": "2026-10-31", "qty": 5}
BENCHMARK = {"category": "ALL", "region": "CN", "turnover_milli": 6_000, "source": "Yearbook 2025"}


def test_limits_are_set_by_whom_they_belong_to(market: Market) -> None:
    quota = market.send("gd", "POST", "/quotas", QUOTA)
    assert (quota["qty"], quota["used_qty"], quota["version"]) == (5, 0, 1)
    assert market.send("gd", "POST", "/quotas", QUOTA | {"qty": 7, "version": 1})["version"] == 2
    clash = market.refuse("gd", "POST", "/quotas", 409, json=QUOTA | {"last": "2026-11-30"})
    assert clash["code"] == "conflict"
    assert market.send("ops", "POST", "/turnover-benchmarks", BENCHMARK)["turnover_milli"] == 6_000


def test_quotas_are_listed_proposed_and_shared_out(market: Market) -> None:
    market.send("gd", "POST", "/quotas", QUOTA)
    scarce = {"total": 7, "needs": [{"buyer": "GZ", "qty": 9}, {"buyer": "SZ", "qty": 3}]}
    shares = [{"buyer_code": "GZ", "qty": 5}, {"buyer_code": "SZ", "qty": 2}]
    assert market.send("gd", "POST", "/quotas/fair-share", scarce)["shares"] == shares
    assert market.get("gd", "/quotas")["total"] == 1
    days = {"first": "2026-11-01", "last": "2026-11-30"}
    whole = scarce | days | {"seller": "GD", "sku": "TV"}
    market.refuse("gz", "POST", "/quotas/share-out", 403, 404, json=whole)
    assert market.send("gd", "POST", "/quotas/share-out", whole)["shares"] == shares
    listed = market.get("gd", "/quotas", sort="period")["items"]
    assert [
        (row["buyer"]["code"], row["first_on"], row["last_on"], row["qty"], row["left_qty"]) for row in listed
    ] == [
        ("GZ", "2026-10-01", "2026-10-31", 5, 5),
        ("GZ", "2026-11-01", "2026-11-30", 5, 5),
        ("SZ", "2026-11-01", "2026-11-30", 2, 2),
    ]
    assert [row["qty"] for row in market.get("sz", "/quotas")["items"]] == [2]
    market.refuse("fin", "GET", "/quotas", 403)
