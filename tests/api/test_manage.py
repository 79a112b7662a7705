"""Looking after the network over REST: partners, tiers, catalogue, prices, places, stock, accounts."""

from .market import Market, prove, today


def test_a_partner_is_admitted_granted_moved_and_suspended(market: Market) -> None:
    body = {"code": "FS", "name": " 佛山家电 ", "tier": "city", "parent": "GD", "region": "440600"}
    partner = market.send("ops", "POST", "/partners", body)
    assert (partner["code"], partner["name"], partner["parent_code"]) == ("FS", "佛山家电", "GD")
    assert (partner["status"], partner["version"], partner["tier_code"]) == ("active", 1, "city")
    territory = {"region": "440600", "is_exclusive": True, "valid_from": "2026-01-01"}
    granted = market.send("ops", "POST", "/partners/FS/territories", territory)
    assert [(row["region_code"], row["valid_from"]) for row in granted["territories"]] == [
        ("440600", "2026-01-01")
    ]
    clash = market.refuse("ops", "POST", "/partners/GZ/territories", 409, json=territory)
    assert clash["code"] == "territory_overlap"
    moved = market.send("ops", "POST", "/partners/FS/move", {"parent": "JS", "version": 1})
    assert (moved["parent_code"], moved["version"]) == ("JS", 2)
    stale = market.refuse("ops", "POST", "/partners/FS/status", 409, json={"status": "active", "version": 1})
    assert stale["code"] == "stale"
    suspended = market.send("ops", "POST", "/partners/FS/status", {"status": "suspended", "version": 2})
    assert (suspended["status"], suspended["events"][0]["kind"]) == (
        "suspended",
        "partner.status_changed",
    )
    assert market.get("js", "/partners/FS")["status"] == "suspended"
    assert market.get("js", "/partners", status="suspended")["total"] == 1
    market.refuse("gd", "GET", "/partners/FS", 404)


def test_the_account_follows_a_partner_that_moves(market: Market) -> None:
    """The reactions are installed in the process of the API as well."""
    market.send("ops", "POST", "/partners/GZ/move", {"parent": "JS"})
    assert market.get("fin", "/accounts", partner="GZ")["total"] == 3
    prove(market)


def test_a_tier_is_shown_more_or_less(market: Market) -> None:
    assert market.get("gd", "/stock", partner="GZ")["total"] == 0
    market.send(
        "ops",
        "POST",
        "/stock/receipts",
        {"location": "SOUTH", "cause": "PO-1", "lines": [{"sku": "TV", "qty": 1, "unit_cost": "2"}]},
    )
    market.send(
        "gz", "POST", "/stock/corrections", {"location": "GZ-WH", "sku": "TV", "delta_qty": 4, "cause": "C"}
    )
    tier = market.send("admin", "PUT", "/tiers/province/scopes/stock", {"level": "subtree"})
    assert (tier["code"], tier["levels"]["stock"]) == ("province", "subtree")
    assert market.get("gd", "/stock", partner="GZ")["items"][0]["on_hand_qty"] == 4
    assert market.get("js", "/stock", partner="GZ")["total"] == 0
    market.send("admin", "PUT", "/tiers/province/scopes/stock", {"level": "none"})
    assert market.get("gd", "/stock")["total"] == 0


def test_the_catalogue_grows(market: Market) -> None:
    product = {"code": "FAN", "name": "电扇", "name_en": "Fan", "category": "ALL", "description": "两行\n字"}
    assert market.send("ops", "POST", "/products", product) == {
        "code": "FAN",
        "name": "电扇",
        "name_en": "Fan",
        "description": "两行\n字",
        "category_code": "ALL",
        "version": 1,
    }
    body = {
        "code": "FAN-1",
        "name": "电扇 1",
        "product": "FAN",
        "tax_ppm": 130_000,
        "barcode": "4006381333931",
    }
    sku = market.send("ops", "POST", "/skus", body)
    assert (sku["product_code"], sku["tax_ppm"], sku["is_orderable"]) == ("FAN", 130_000, True)
    listed = market.get("gz", "/skus", search="FAN")
    assert (listed["total"], listed["items"][0]["barcode"]) == (1, "4006381333931")
    changed = market.send("ops", "PATCH", "/skus/FAN-1", {"version": 1, "is_orderable": False})
    assert (changed["is_orderable"], changed["is_backorder_allowed"], changed["version"]) == (False, False, 2)
    market.refuse("ops", "PATCH", "/skus/FAN-1", 409, json={"version": 1, "is_orderable": True})
    assert market.get("gz", "/categories")["items"][0]["sku_count"] == 6


def test_a_price_is_recorded_and_traced(market: Market) -> None:
    special = {
        "seller": "BR",
        "sku": "AC",
        "unit_price": "3300.50",
        "valid_from": "2026-03-01",
        "valid_to": "2026-04-01",
        "kind": "special",
        "buyer_scope": "partner",
        "buyer": "GZ",
        "reason": "spring",
    }
    row = market.send("ops", "POST", "/prices", special)
    assert (row["unit_price"], row["buyer"]["code"], row["seller"]["code"]) == ("3300.5", "GZ", "BR")
    assert market.get("gz", "/prices", sku="AC", day="2026-03-31")["items"][0] == row
    assert [one["seller"]["code"] for one in market.get("gz", "/prices", day="2026-04-01")["items"]] == ["GZ"]
    history = "/prices/history?seller=BR&buyer=GZ&sku=AC"
    year = market.get("gz", f"{history}&from=2026-01-01&to=2026-12-31")
    assert [(one["valid_from"], one["valid_to"], one["unit_price"]) for one in year["items"]] == [
        ("2026-01-01", "2026-03-01", "3390"),
        ("2026-03-01", "2026-04-01", "3300.5"),
        ("2026-04-01", "2027-01-01", "3390"),
    ]
    assert market.get("ops", history)["total"] == 3
    assert market.get("gz", f"{history}&limit=1&offset=1")["items"] == [year["items"][1]]


def test_goods_come_in_and_are_counted(market: Market) -> None:
    place = {"code": "GZ-2", "name": "二号仓", "kind": "warehouse", "partner": "GZ", "region": "440100"}
    location = market.send("gz", "POST", "/locations", place)
    assert (location["code"], location["partner_code"], location["priority"]) == ("GZ-2", "GZ", 0)
    assert [row["code"] for row in market.get("gz", "/locations")["items"]] == ["GZ-2", "GZ-WH"]
    goods = {
        "location": "GZ-2",
        "cause": "PO-7",
        "origin_on": "2026-09-01",
        "lines": [
            {"sku": "TV", "qty": 5, "unit_cost": "2.95"},
            {"sku": "TV", "qty": 1, "unit_cost": "3.000001"},
        ],
    }
    assert market.send("gz", "POST", "/stock/receipts", goods) == {
        "location_code": "GZ-2",
        "cause": "PO-7",
        "line_count": 2,
        "qty": 6,
    }
    broken = goods | {"lines": [*goods["lines"], {"sku": "POST", "qty": 1, "unit_cost": "1"}]}
    market.refuse("gz", "POST", "/stock/receipts", 422, json=broken)
    lost = {"location": "GZ-2", "sku": "TV", "delta_qty": -2, "cause": "COUNT"}
    assert market.send("gz", "POST", "/stock/corrections", lost)["on_hand_qty"] == 4
    moves = market.get("gz", "/stock/GZ-2/TV/movements")["items"]
    assert {(row["on_hand_delta"], row["unit_cost"], row["kind"]) for row in moves} == {
        (5, "2.95", "receipt"),
        (1, "3.000001", "receipt"),
        (-2, "2.95", "correction"),
    }
    (balance,) = market.get("gz", "/stock", location="GZ-2")["items"]
    assert (balance["on_hand_qty"], balance["reserved_qty"], balance["available_qty"]) == (4, 0, 4)
    prove(market)


def test_an_account_is_opened_and_its_credit_changed(market: Market) -> None:
    body = {"seller": "BR", "buyer": "OUT", "terms_days": 10, "credit_limit_amount": "1000.5"}
    account = market.send("fin", "POST", "/accounts", body)
    assert (account["credit_limit_amount"], account["currency"], account["version"]) == ("1000.50", "CNY", 1)
    asked = {"version": 1, "credit_limit_amount": "2000"}
    waiting = market.send("fin", "PATCH", "/accounts/BR/OUT", asked)
    assert (waiting["credit_limit_amount"], waiting["version"]) == ("1000.50", 1)
    assert waiting["task_number"]
    path = "/accounts/GZ/OUT"  # GZ has no rules of approval
    raised = market.send(
        "gz",
        "PATCH",
        path,
        {"version": 1, "temporary_limit_amount": "500", "temporary_limit_until_on": today()},
    )
    assert (raised["credit_limit_amount"], raised["temporary_limit_amount"]) == ("1000000.00", "500.00")
    assert (raised["terms_days"], raised["version"]) == (30, 2)
    market.refuse("gz", "PATCH", path, 409, json={"version": 1, "terms_days": 5})
    kept = market.send("gz", "PATCH", path, {"version": 2, "terms_days": 5})
    assert (kept["temporary_limit_until_on"], kept["terms_days"]) == (today(), 5)
    ended = {"version": 3, "temporary_limit_amount": "0", "temporary_limit_until_on": None}
    assert market.send("gz", "PATCH", path, ended)["exposure"]["limit"] == "1000000.00"
    assert market.get("fin", "/accounts", partner="OUT")["total"] == 2


def test_lists_are_cut_into_windows(market: Market) -> None:
    everything = market.get("gz", "/regions", parent="440000", limit=200)
    assert everything["total"] == len(everything["items"]) > 10
    pages = [
        market.get("gz", "/regions", parent="440000", offset=offset, limit=7)
        for offset in range(0, everything["total"], 7)
    ]
    assert [row for page in pages for row in page["items"]] == everything["items"]
    assert {(page["total"], page["limit"]) for page in pages} == {(everything["total"], 7)}
    beyond = market.get("gz", "/tiers", offset=1_000_000_000)
    assert (beyond["items"], beyond["total"]) == ([], 6)
    assert market.get("gz", "/regions", search="4401")["items"][0]["code"] == "440100"
