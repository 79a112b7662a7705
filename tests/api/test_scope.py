"""What a rival meets over REST: no rows, no sums, no records, and no change, in every route there is."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from distrib_app.api import ROUTERS, create_api

from .market import API, Market, all_routes, today

ROUTES = {
    (method, path.removeprefix(API))
    for method, path in all_routes(create_api(ROUTERS).routes)
    if path.startswith(API) and "{path" not in path and "openapi" not in path
}
# What GZ may read, and in it nothing of its rival SZ; the catalogue, tiers and regions are everybody's.
LISTS: dict[str, list[dict[str, str]]] = {
    "/notices": [{}, {"state": "unread"}],
    "/notices/unread": [{}],
    "/notices/preferences": [{}],
    "/partners": [{}, {"search": "SZ"}, {"region": "440300"}],
    "/tiers": [{}],
    "/regions": [{}],
    "/skus": [{}],
    "/categories": [{}],
    "/prices": [{}, {"sku": "AC"}, {"sku": "AC", "day": "2026-10-15"}],
    "/locations": [{}, {"partner": "SZ"}],
    "/stock": [{}, {"partner": "SZ"}, {"location": "SZ-WH"}, {"search": "SZ"}, {"sku": "TV"}],
    "/network-stock": [
        {},
        {"view": "partner"},
        {"view": "partner", "by": "place"},
        {"view": "partner", "by": "place", "partner": "SZ"},
        {"view": "store", "search": "SZ"},
    ],
    "/network-stock/heat": [{"view": "partner"}, {"view": "brand", "columns": "tier", "category": "ALL"}],
    "/accounts": [{}, {"search": "SZ"}],
    "/receipts": [{}, {"search": "SZ"}],
    "/invoices": [{}, {"search": "SZ"}, {"only_open": "true"}],
    "/orders": [{}, {"search": "SZ"}, {"status": "allocated"}, {"role": "seller"}],
    "/fulfilments": [{}, {"search": "SZ"}, {"state": "open"}, {"buyer": "SZ"}, {"role": "owner"}],
    "/control-tower": [{}, {"search": "SZ"}],
    "/control-tower/tiles": [{}],
    "/merge-groups": [{}, {"hours": "48"}],
    "/production": [{}],
    "/production-weeks": [{}],
    "/quotas": [{}, {"search": "SZ"}],
    "/transfers": [{}, {"search": "SZ"}],
    "/transfers/places": [{}],
    "/cockpit": [{}, {"view": "brand"}, {"view": "partner"}, {"region": "440300"}],
    "/sales-rows": [{}, {"partner": "SZ"}, {"view": "brand"}, {"side": "purchases"}, {"region": "440300"}],
}
# A record of the rival per route: outside the scope it does not exist.
RECORDS: dict[str, list[str]] = {
    "/files/{key}": ["/files/{file}"],
    "/files/{key}/thumbnail": ["/files/{file}/thumbnail"],
    "/subjects/{kind}/{key}/comments": ["/subjects/order/{order}/comments"],
    "/subjects/{kind}/{key}/timeline": [
        "/subjects/order/{order}/timeline",
        "/subjects/partner/SZ/timeline",
        "/subjects/account/BR:SZ/timeline",
    ],
    "/partners/{code}": ["/partners/SZ", "/partners/GD", "/partners/BR"],
    "/prices/history": [
        "/prices/history?seller=GD&buyer=SZ&sku=AC",
        "/prices/history?seller=BR&buyer=SZ&sku=TV",
    ],
    "/stock/{location}/{sku}": ["/stock/SZ-WH/TV", "/stock/PLANT/TV"],
    "/lots/{sku}/{lot}/recall": ["/lots/TV/L1/recall"],
    "/stock/{location}/{sku}/movements": ["/stock/SZ-WH/TV/movements", "/stock/PLANT/TV/movements"],
    "/stock/{location}/{sku}/layers": ["/stock/SZ-WH/TV/layers", "/stock/GD-WH/AC/layers"],
    "/accounts/{seller}/{buyer}": ["/accounts/BR/SZ", "/accounts/GD/SZ", "/accounts/BR/GD"],
    "/accounts/{seller}/{buyer}/statement": ["/accounts/BR/SZ/statement", "/accounts/GD/SZ/statement"],
    "/invoices/{number}": ["/invoices/{invoice}"],
    "/orders/{number}": ["/orders/{order}", "/orders/{open}", "/orders/{from_gd}"],
    "/orders/{number}/map": ["/orders/{order}/map", "/orders/{from_gd}/map"],
    "/partners/{code}/ratings": ["/partners/SZ/ratings?from=2026-01-01&to=2026-12-31"],
}
LINES = [{"sku": "TV", "qty": 1}]
RETURN = {"lines": [{"line_no": 1, "qty": 1}]}
RECEIPT = {"amount": "1", "method": "cash", "received_on": "2026-10-15"}
# Every change on the rival's subject, with a body that is in order.
CHANGES: dict[tuple[str, str], list[tuple[str, dict[str, Any]]]] = {
    ("POST", "/files"): [],  # a form, see test_files.py
    ("DELETE", "/files/{key}"): [("/files/{file}", {})],
    ("POST", "/subjects/{kind}/{key}/comments"): [
        ("/subjects/order/{order}/comments", {"text": "x"}),
        ("/subjects/partner/SZ/comments", {"text": "x"}),
    ],
    ("POST", "/notices/{key}/read"): [("/notices/" + "0" * 32 + "/read", {})],
    ("POST", "/notices/read"): [],  # one's own only, see test_notices.py
    ("PUT", "/notices/preferences/{kind}"): [],
    ("POST", "/partners"): [
        ("/partners", {"code": "N1", "name": "N", "tier": "county", "parent": "SZ", "region": "440300"}),
        ("/partners", {"code": "N1", "name": "N", "tier": "county", "parent": "GZ", "region": "440100"}),
    ],
    ("POST", "/partners/{code}/move"): [("/partners/SZ/move", {"parent": "GZ"})],
    ("POST", "/partners/{code}/status"): [("/partners/SZ/status", {"status": "suspended"})],
    ("POST", "/partners/{code}/territories"): [
        ("/partners/SZ/territories", {"region": "440300", "valid_from": "2026-01-01"})
    ],
    ("PUT", "/tiers/{code}/scopes/{resource}"): [
        ("/tiers/city/scopes/stock", {"level": "all"}),
        ("/tiers/city/scopes/sales_documents", {"level": "none"}),
    ],
    ("POST", "/products"): [("/products", {"code": "N1", "name": "N", "category": "ALL"})],
    ("POST", "/skus"): [("/skus", {"code": "N1", "name": "N", "product": "P"})],
    ("PATCH", "/skus/{code}"): [("/skus/TV", {"version": 1, "is_orderable": False})],
    ("POST", "/prices"): [
        ("/prices", {"seller": "SZ", "sku": "TV", "unit_price": "1", "valid_from": "2026-01-01"}),
        ("/prices", {"seller": "BR", "sku": "TV", "unit_price": "1", "valid_from": "2026-01-01"}),
    ],
    ("POST", "/locations"): [
        ("/locations", {"code": "N1", "name": "N", "kind": "store", "partner": "SZ", "region": "440300"})
    ],
    ("POST", "/stock/receipts"): [
        (
            "/stock/receipts",
            {"location": place, "cause": "X", "lines": [{"sku": "TV", "qty": 1, "unit_cost": "1"}]},
        )
        for place in ("SZ-WH", "PLANT")
    ],
    ("POST", "/stock/reports"): [
        (
            "/stock/reports",
            {
                "source": "pos",
                "document": "D",
                "lines": [
                    {"location": place, "sku": "TV", "qty": 1, "counted_on": "2026-10-15", "line_no": 1}
                ],
            },
        )
        for place in ("SZ-WH", "PLANT")
    ],
    ("POST", "/stock/corrections"): [
        ("/stock/corrections", {"location": place, "sku": "TV", "delta_qty": -1, "cause": "X"})
        for place in ("SZ-WH", "PLANT")
    ],
    ("POST", "/accounts"): [
        ("/accounts", {"seller": "SZ", "buyer": "OUT"}),
        ("/accounts", {"seller": "GZ", "buyer": "SZ"}),
    ],
    ("PATCH", "/accounts/{seller}/{buyer}"): [
        ("/accounts/GD/SZ", {"version": 1, "credit_limit_amount": "9"}),
        # its own account, but as the buyer
        ("/accounts/BR/GZ", {"version": 1, "credit_limit_amount": "9"}),
    ],
    ("POST", "/receipts"): [
        ("/receipts", RECEIPT | {"seller": "BR", "buyer": "SZ"}),
        ("/receipts", RECEIPT | {"seller": "GD", "buyer": "SZ"}),
        ("/receipts", RECEIPT | {"seller": "BR", "buyer": "GZ"}),
    ],
    ("POST", "/orders/quote"): [("/orders/quote", {"seller": "BR", "buyer": "SZ", "lines": LINES})],
    ("POST", "/orders"): [
        ("/orders", {"seller": "BR", "buyer": "SZ", "lines": LINES}),
        ("/orders", {"seller": "SZ", "buyer": "GZ", "lines": LINES}),
        # its own outlet: seen, but not its own company
        ("/orders", {"seller": "GZ", "buyer": "OUT", "lines": LINES}),
    ],
    ("POST", "/orders/{number}/allocate"): [("/orders/{open}/allocate", {})],
    ("POST", "/orders/{number}/ship"): [("/orders/{open}/ship", {})],
    ("POST", "/orders/{number}/deliver"): [("/orders/{from_gd}/deliver", {"signed_by": "X"})],
    ("POST", "/orders/{number}/cancel"): [("/orders/{open}/cancel", {})],
    ("POST", "/orders/{number}/release"): [("/orders/{open}/release", {})],
    ("POST", "/orders/{number}/mark-urgent"): [("/orders/{open}/mark-urgent", {"reason": "x"})],
    ("POST", "/orders/{number}/unmark-urgent"): [("/orders/{open}/unmark-urgent", {})],
    ("POST", "/orders/{number}/prioritise"): [("/orders/{open}/prioritise", {})],
    ("POST", "/orders/{number}/produce"): [("/orders/{open}/produce", {})],
    ("PUT", "/accounts/{seller}/{buyer}/urgency"): [
        ("/accounts/GD/SZ/urgency", {"is_urgent": True}),
        # its own account, but as the buyer
        ("/accounts/GD/GZ/urgency", {"is_urgent": True}),
    ],
    ("POST", "/quotas/fair-share"): [],  # decides nothing, tells only what was sent
    ("POST", "/quotas/share-out"): [
        (
            "/quotas/share-out",
            {
                "seller": "SZ",
                "sku": "TV",
                "first": "2026-10-15",
                "last": "2026-10-16",
                "total": 1,
                "needs": [{"buyer": "OUT", "qty": 1}],
            },
        )
    ],
    ("POST", "/orders/{number}/complete"): [("/orders/{from_gd}/complete", {})],
    ("POST", "/fulfilments/{number}/accept"): [("/fulfilments/{open}-1/accept", {})],
    ("POST", "/fulfilments/{number}/decline"): [("/fulfilments/{open}-1/decline", {})],
    ("POST", "/fulfilments/{number}/pick"): [("/fulfilments/{open}-1/pick", {})],
    ("POST", "/fulfilments/{number}/feed"): [("/fulfilments/{open}-1/feed", {"from": "PLANT"})],
    ("POST", "/fulfilments/{number}/deliver"): [("/fulfilments/{from_gd}-1/deliver", {"signed_by": "X"})],
    ("POST", "/orders/{number}/returns"): [
        ("/orders/{order}/returns", RETURN),
        ("/orders/{from_gd}/returns", RETURN),
    ],
}
# One's own account, searches and the public pages: no address names anybody else.
OWN = re.compile(r"/(me(/.*)?|order-drafts/.*|search|docs|problems(/\{code\})?)")
# Routes whose files ask them as others themselves.
ELSEWHERE = {
    "test_carriers.py": """
        GET /carriers
        POST /carriers/{code}/events
        POST /shipments/{number}/booking
        PUT /shipments/{number}/waybill""",
    "test_shipments.py": """
        GET /shipments/{number}/events
        POST /shipments/{number}/events""",
    "test_tracking.py": """
        GET /tracks/{link}
        POST /tracks/{link}/complaint
        POST /tracks/{link}/rating""",
    "test_transfers.py": """
        GET /transfers/cycle
        GET /transfers/{number}
        POST /transfers
        POST /transfers/{number}/approve
        POST /transfers/{number}/cancel
        POST /transfers/{number}/pick
        POST /transfers/{number}/receive
        POST /transfers/{number}/reject
        POST /transfers/{number}/settle
        POST /transfers/{number}/ship
        POST /suggestions/{number}/accept""",
    "test_fulfilments.py": """
        GET /fulfilments/{number}/feed
        GET /merge-benefit
        GET /production/{number}
        POST /production/{number}/cancel
        POST /production/{number}/finish
        POST /production/{number}/plan
        POST /production/{number}/start
        GET /shipments/{number}
        POST /shipments""",
    "test_tasks.py": """
        GET /approval-rules/{partner}
        GET /delegations
        GET /tasks
        GET /tasks/{number}
        DELETE /delegations/{username}
        POST /delegations
        POST /orders/{number}/return-requests
        POST /stock/counts
        POST /tasks/decide
        POST /tasks/{number}/answer
        POST /tasks/{number}/assign
        POST /tasks/{number}/decide
        POST /tasks/{number}/resolve
        POST /tasks/{number}/withdraw
        PUT /approval-rules/{partner}/{kind}""",
    "test_exports.py": """
        GET /exports/{file}
        POST /exports
        GET /views/{page}
        POST /views
        PATCH /views/{page}/{name}
        DELETE /views/{page}/{name}""",
    "test_jobs.py": """
        GET /jobs
        GET /jobs/{number}
        POST /jobs
        POST /jobs/{number}/cancel""",
    "test_imports.py": """
        GET /customers
        GET /customers/{code}
        PUT /customers/{code}
        DELETE /customers/{code}
        GET /imports
        GET /imports/{entity}/template
        POST /imports/{entity}/look
        POST /imports/{entity}/check
        POST /imports/{entity}/commit""",
    "test_planning.py": """
        GET /suggestions
        POST /suggestions
        GET /suggestions/{number}
        POST /suggestions/{number}/snooze
        POST /suggestions/{number}/dismiss
        GET /water-lines
        POST /water-lines/compute
        GET /water-lines/{location}/{sku}
        PUT /water-lines/{location}/{sku}
        DELETE /water-lines/{location}/{sku}
        POST /quotas
        POST /turnover-benchmarks""",
    "test_documents.py": """
        GET /documents/{kind}/{number}.{form}""",
}
DOCUMENT = create_api(ROUTERS).openapi()
# What administrators alone do, with a body of the right shape.
ADMINISTRATION = [
    (
        method.upper(),
        path.removeprefix(API),
        operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example"),
    )
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if operation["x-permission"]
    and set(operation["x-permission"]) <= {"admin.access", "users.invite"}
    and (method.upper(), path.removeprefix(API)) not in CHANGES
]
KEYED = {"/receipts", "/orders", "/orders/{number}/returns"}
SELL_IN = {"GZ": "3400.00", "SZ": "20.12", "GD": "30.00", "JS": "40.00"}


def named(traded: Market, path: str) -> str:
    """A path with the rival's numbers in it."""
    numbers = traded.numbers
    (invoice,) = [
        row["number"] for row in traded.get("fin", "/invoices")["items"] if row["document"] == numbers["SZ"]
    ]
    return path.format(
        file=numbers["SZ file"],
        order=numbers["SZ"],
        open=numbers["SZ open"],
        from_gd=numbers["SZ from GD"],
        invoice=invoice,
    )


def traces(traded: Market, who: str) -> list[str]:
    """What would betray a partner: its code, its name, its places and its numbers."""
    own = [number for name, number in traded.numbers.items() if name.startswith(who)]
    return [f'"{who}"', f"{who} 家电", f"{who}-WH", *own]


def test_every_route_is_asked() -> None:
    reads = {("GET", path) for path in LISTS.keys() | RECORDS.keys()}
    elsewhere = {
        (method, path)
        for name, routes in ELSEWHERE.items()
        for method, _, path in (line.strip().partition(" ") for line in routes.strip().splitlines())
        if Path(__file__).with_name(name).exists()
    }
    own = {route for route in ROUTES if OWN.fullmatch(route[1])}
    asked = reads | CHANGES.keys() | own | elsewhere | {(method, path) for method, path, _ in ADMINISTRATION}
    missing = [
        f"{method} {path}: who else may see or do this? Add it to a table here"
        for method, path in ROUTES - asked
    ]
    assert missing == []
    assert asked <= ROUTES


@pytest.mark.parametrize(
    ("method", "path", "body"), ADMINISTRATION, ids=[f"{method} {path}" for method, path, _ in ADMINISTRATION]
)
def test_administration_is_closed_to_others(traded: Market, method: str, path: str, body: Any) -> None:
    """The executive may read much and administer nothing."""
    address = re.sub(r"\{[^}]+\}", "gz", path)
    problem = traded.refuse("boss", method, address, 403, 404, json=body)
    assert problem["code"] in {"forbidden", "not_found"}


@pytest.mark.parametrize("path", LISTS)
def test_a_rival_is_in_no_list(traded: Market, path: str) -> None:
    for params in LISTS[path]:
        response = traded.call("gz", "GET", path, params=params)
        assert response.status_code == 200, response.text
        text = json.dumps(response.json(), ensure_ascii=False)
        assert [trace for trace in traces(traded, "SZ") if trace in text] == [], params


@pytest.mark.parametrize("path", RECORDS)
def test_a_rival_s_record_does_not_exist(traded: Market, path: str) -> None:
    for record in RECORDS[path]:
        assert traded.refuse("gz", "GET", named(traded, record), 404)["code"] == "not_found"


@pytest.mark.parametrize("route", CHANGES, ids=" ".join)
def test_a_rival_changes_nothing(traded: Market, route: tuple[str, str]) -> None:
    for path, body in CHANGES[route]:
        key = {"key": "rival"} if route[1] in KEYED else {}
        traded.refuse("gz", route[0], named(traded, path), 403, 404, json=body, **key)


def test_a_scope_that_hides_a_filter_says_not_found(traded: Market) -> None:
    for path in ("/partners?parent=SZ", "/accounts?partner=SZ", "/partners?tier=nobody", "/skus?category=X"):
        traded.refuse("gz", "GET", path, 404)


def test_sums_are_one_s_own(traded: Market) -> None:
    """GZ bought 3390 + 10 from the brand and 3500 from GD, and sold nothing yet."""
    numbers = traded.numbers
    bought = traded.get("gz", "/sales-rows", side="purchases")
    assert (bought["view"], bought["total"], bought["sales"]) == ("partner", 3, "6900.00")
    assert {row["document"] for row in bought["items"]} == {numbers["GZ"], numbers["GZ from GD"]}
    assert traded.get("gz", "/sales-rows")["total"] == 0
    cockpit = traded.get("gz", "/cockpit")
    assert (cockpit["view"], cockpit["sales"], cockpit["purchases"]["sales"]) == (
        "partner",
        "0.00",
        "6900.00",
    )
    assert traded.get("gz", "/orders")["total"] == 2
    assert {row["document"]: row["gross_amount"] for row in traded.get("gz", "/invoices")["items"]} == {
        numbers["GZ"]: "3400.00",
        numbers["GZ from GD"]: "3500.00",
    }
    assert [row["number"] for row in traded.get("gz", "/receipts")["items"]] == [numbers["GZ paid"]]
    assert traded.get("gz", "/accounts")["total"] == 3
    assert traded.get("gz", "/accounts/BR/GZ/statement")["closing"] == "3395.00"
    assert {(row["sku_code"], row["on_hand_qty"]) for row in traded.get("gz", "/stock")["items"]} == {
        ("AC", 1),
        ("TV", 3),
    }
    assert [row["code"] for row in traded.get("gz", "/partners")["items"]] == ["GZ", "OUT"]
    assert {row["seller"]["code"] for row in traded.get("gz", "/prices")["items"]} == {"GZ"}
    history = traded.get("gz", "/prices/history?seller=BR&buyer=GZ&sku=AC")["items"]
    assert [(row["unit_price"], row["valid_from"]) for row in history] == [("3390", "2026-01-01")]


def test_the_provincial_agent_sees_the_nation_and_no_rival(traded: Market) -> None:
    national = traded.get("gd", "/cockpit", view="brand")
    assert national["is_restricted"] is True
    assert Decimal(national["sales"]) == sum(Decimal(amount) for amount in SELL_IN.values())
    assert national["partners"] == 4
    assert {row["code"] for row in national["league"]} == {"GD", "GZ", "SZ"}
    assert traded.get("boss", "/cockpit")["sales"] == national["sales"]
    jiangsu = next(row for row in national["regions"] if row["code"] == "320000")
    assert (jiangsu["sales"], jiangsu["hidden"]) == (None, "fewer than 3")

    js = traded.numbers["JS"]
    for path in (
        f"/orders/{js}",
        "/partners/JS",
        "/accounts/BR/JS",
        "/accounts/BR/JS/statement",
        "/prices/history?seller=BR&buyer=JS&sku=TV",
    ):
        traded.refuse("gd", "GET", path, 404)
    for path, queries in LISTS.items():
        for params in queries:
            response = traded.call("gd", "GET", path, params=params)
            text = json.dumps(response.json(), ensure_ascii=False)
            assert [trace for trace in traces(traded, "JS") if trace in text] == [], (path, params)
    # the trade of its own agents is open to it, their stock and their accounts with others are not
    assert traded.get("gd", f"/orders/{traded.numbers['SZ']}")["gross_amount"] == SELL_IN["SZ"]
    assert traded.get("gd", "/sales-rows", view="brand")["sales"] == "3450.12"
    for path in ("/stock/SZ-WH/TV/layers", "/accounts/BR/SZ", "/prices/history?seller=BR&buyer=SZ&sku=TV"):
        traded.refuse("gd", "GET", path, 404)


def test_permissions_are_asked_for(traded: Market) -> None:
    """Finance reads no stock and no prices, operations no accounts; nobody changes what is not its own."""
    for who, paths in {
        "fin": ["/stock", "/locations", "/prices", "/skus", "/categories", "/stock/PLANT/AC/layers"],
        "ops": ["/accounts", "/accounts/BR/GZ", "/accounts/BR/GZ/statement", "/invoices", "/receipts"],
    }.items():
        for path in paths:
            assert traded.refuse(who, "GET", path, 403)["code"] == "forbidden"
    receipt = RECEIPT | {"seller": "BR", "buyer": "GZ", "received_on": today()}
    traded.refuse("ops", "POST", "/receipts", 403, json=receipt, key="x")
    traded.refuse("boss", "POST", f"/orders/{traded.numbers['SZ open']}/ship", 403, json={})
    traded.refuse("ops", "PUT", "/tiers/city/scopes/stock", 403, json={"level": "all"})
