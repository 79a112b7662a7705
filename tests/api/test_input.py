"""What people send by mistake: always a problem that names the field, never a fault of ours."""

from typing import Any

import pytest

from .market import API, Market, check_answer

WANTED = {"seller": "BR", "buyer": "GZ", "lines": [{"sku": "AC", "qty": 1}]}
PARTNER = {"code": "N1", "name": "N", "tier": "city", "parent": "GD", "region": "440600"}
SKU = {"code": "N1", "name": "N", "product": "P"}
PRICE = {"seller": "BR", "sku": "TV", "unit_price": "1", "valid_from": "2026-01-01"}
PLACE = {"code": "N1", "name": "N", "kind": "store", "partner": "GD", "region": "440000"}
GOODS = {"location": "PLANT", "cause": "X", "lines": [{"sku": "TV", "qty": 1, "unit_cost": "1"}]}
COUNT = {"location": "PLANT", "sku": "TV", "delta_qty": 1, "cause": "X"}
ACCOUNT = {"seller": "BR", "buyer": "OUT"}
MONEY = {"seller": "BR", "buyer": "GZ", "amount": "1", "method": "cash", "received_on": "2026-10-15"}
BACK = {"lines": [{"line_no": 1, "qty": 1}]}


def line(**facts: Any) -> list[dict[str, Any]]:
    """An order line with something else in it."""
    return [{"sku": "AC", "qty": 1} | facts]


def goods(**facts: Any) -> list[dict[str, Any]]:
    """A line of received goods with something else in it."""
    return [{"sku": "TV", "qty": 1, "unit_cost": "1"} | facts]


# method, path, a body that would do, what is changed in it, the field that must be named
BAD_FIELDS: list[tuple[str, str, dict[str, Any], dict[str, Any], str]] = [
    ("POST", "/orders", WANTED, {"lines": line(qty=0)}, "lines.0.qty"),
    ("POST", "/orders", WANTED, {"lines": line(qty=-1)}, "lines.0.qty"),
    ("POST", "/orders", WANTED, {"lines": line(qty=10_000_001)}, "lines.0.qty"),
    ("POST", "/orders", WANTED, {"lines": line(qty=10**400)}, "lines.0.qty"),
    ("POST", "/orders", WANTED, {"lines": line(qty="1")}, "lines.0.qty"),
    ("POST", "/orders", WANTED, {"lines": line(qty=1.5)}, "lines.0.qty"),
    ("POST", "/orders", WANTED, {"lines": line(qty=True)}, "lines.0.qty"),
    ("POST", "/orders", WANTED, {"lines": line(qty=None)}, "lines.0.qty"),
    ("POST", "/orders", WANTED, {"lines": line(price="1")}, "lines.0.price"),
    ("POST", "/orders", WANTED, {"lines": line(sku="")}, "lines.0.sku"),
    ("POST", "/orders", WANTED, {"lines": line(sku="A\x00C")}, "lines.0.sku"),
    ("POST", "/orders", WANTED, {"lines": line(sku=["AC"])}, "lines.0.sku"),
    ("POST", "/orders", WANTED, {"lines": []}, "lines"),
    ("POST", "/orders", WANTED, {"lines": line() * 501}, "lines"),
    ("POST", "/orders", WANTED, {"lines": "AC"}, "lines"),
    ("POST", "/orders", WANTED, {"buyer": None}, "buyer"),
    ("POST", "/orders", WANTED, {"buyer": "x" * 61}, "buyer"),
    ("POST", "/orders", WANTED, {"paid": True}, "paid"),
    ("POST", "/orders/quote", WANTED, {"seller": 1}, "seller"),
    ("POST", "/partners", PARTNER, {"code": "a b"}, "code"),
    ("POST", "/partners", PARTNER, {"code": "a/b"}, "code"),
    ("POST", "/partners", PARTNER, {"code": "x" * 41}, "code"),
    ("POST", "/partners", PARTNER, {"name": "  "}, "name"),
    ("POST", "/partners", PARTNER, {"name": "x" * 161}, "name"),
    ("POST", "/partners", PARTNER, {"kind": "brand"}, "kind"),
    ("POST", "/partners", PARTNER, {"since": "15.10.2026"}, "since"),
    ("POST", "/partners", PARTNER, {"since": 1_790_000_000}, "since"),
    ("POST", "/partners/GZ/status", {"status": "active"}, {"status": "asleep"}, "status"),
    ("POST", "/partners/GZ/status", {"status": "active"}, {"version": 0}, "version"),
    ("POST", "/partners/GZ/status", {"status": "active"}, {"version": 2**31}, "version"),
    (
        "POST",
        "/partners/GD/territories",
        {"region": "440000", "valid_from": "2026-02-01"},
        {"valid_to": "2026-01-01"},
        "valid_to",
    ),
    ("PUT", "/tiers/city/scopes/stock", {"level": "all"}, {"level": "universe"}, "level"),
    ("PUT", "/tiers/city/scopes/weather", {"level": "all"}, {}, "level"),
    ("POST", "/products", {"code": "N1", "name": "N", "category": "ALL"}, {"name": "x" * 201}, "name"),
    ("POST", "/skus", SKU, {"tax_ppm": -1}, "tax_ppm"),
    ("POST", "/skus", SKU, {"tax_ppm": 1_000_000}, "tax_ppm"),
    ("POST", "/skus", SKU, {"order_multiple_qty": 0}, "order_multiple_qty"),
    ("POST", "/skus", SKU, {"kind": "idea"}, "kind"),
    ("POST", "/skus", SKU, {"unit": "x" * 17}, "unit"),
    ("PATCH", "/skus/TV", {"version": 1}, {"version": None}, "version"),
    ("PATCH", "/skus/TV", {"version": 1}, {"is_orderable": "no"}, "is_orderable"),
    ("POST", "/prices", PRICE, {"unit_price": 1.5}, "unit_price"),
    ("POST", "/prices", PRICE, {"unit_price": "-1"}, "unit_price"),
    ("POST", "/prices", PRICE, {"unit_price": "1e3"}, "unit_price"),
    ("POST", "/prices", PRICE, {"unit_price": "NaN"}, "unit_price"),
    ("POST", "/prices", PRICE, {"unit_price": "0.1234567"}, "unit_price"),
    ("POST", "/prices", PRICE, {"unit_price": "1" * 13}, "unit_price"),
    ("POST", "/prices", PRICE, {"unit_price": "١٢"}, "unit_price"),
    ("POST", "/prices", PRICE, {"valid_from": "2026-02-30"}, "valid_from"),
    ("POST", "/prices", PRICE, {"valid_from": "9999-12-31"}, "valid_from"),
    ("POST", "/prices", PRICE, {"valid_to": "2026-01-01"}, "valid_to"),
    ("POST", "/prices", PRICE, {"kind": "gift"}, "kind"),
    ("POST", "/prices", PRICE, {"buyer_scope": "friends"}, "buyer_scope"),
    ("POST", "/prices", PRICE, {"channel": "fax"}, "channel"),
    ("POST", "/prices", PRICE, {"reason": "x" * 201}, "reason"),
    ("POST", "/locations", PLACE, {"kind": "cave"}, "kind"),
    ("POST", "/locations", PLACE, {"priority": -1}, "priority"),
    ("POST", "/stock/receipts", GOODS, {"lines": goods(qty=0)}, "lines.0.qty"),
    ("POST", "/stock/receipts", GOODS, {"lines": goods(unit_cost="free")}, "lines.0.unit_cost"),
    ("POST", "/stock/receipts", GOODS, {"lines": goods() * 501}, "lines"),
    ("POST", "/stock/receipts", GOODS, {"cause": "x" * 41}, "cause"),
    ("POST", "/stock/receipts", GOODS, {"origin_on": "2999-12-31"}, "origin_on"),
    ("POST", "/stock/corrections", COUNT, {"delta_qty": 0}, "delta_qty"),
    ("POST", "/stock/corrections", COUNT, {"delta_qty": -10_000_001}, "delta_qty"),
    ("POST", "/accounts", ACCOUNT, {"credit_limit_amount": "-1"}, "credit_limit_amount"),
    ("POST", "/accounts", ACCOUNT, {"credit_limit_amount": "1.005"}, "credit_limit_amount"),
    ("POST", "/accounts", ACCOUNT, {"credit_limit_amount": 100}, "credit_limit_amount"),
    ("POST", "/accounts", ACCOUNT, {"terms_days": 3651}, "terms_days"),
    ("POST", "/accounts", ACCOUNT, {"buyer": "BR"}, "buyer"),
    ("PATCH", "/accounts/BR/GZ", {"version": 1}, {"temporary_limit_amount": "5"}, "temporary_limit_until_on"),
    ("POST", "/receipts", MONEY, {"amount": "0"}, "amount"),
    ("POST", "/receipts", MONEY, {"amount": "1.001"}, "amount"),
    ("POST", "/receipts", MONEY, {"amount": "1" * 13}, "amount"),
    ("POST", "/receipts", MONEY, {"method": "barter"}, "method"),
    ("POST", "/receipts", MONEY, {"method": "acceptance_bill"}, "cleared_on"),
    ("POST", "/receipts", MONEY, {"cleared_on": "2026-10-14"}, "cleared_on"),
    ("POST", "/receipts", MONEY, {"received_on": "2999-12-31"}, "received_on"),
    ("POST", "/receipts", MONEY, {"reference": "x" * 81}, "reference"),
    ("POST", "/receipts", MONEY, {"invoice_numbers": ["x"] * 501}, "invoice_numbers"),
    ("POST", "/orders/{number}/returns", BACK, {"lines": [{"line_no": 0, "qty": 1}]}, "lines.0.line_no"),
    ("POST", "/orders/{number}/returns", BACK, {"lines": [{"line_no": 99, "qty": 1}]}, "line_no"),
    ("POST", "/orders/{number}/deliver", {"signed_by": "X"}, {"signed_by": " "}, "signed_by"),
    ("POST", "/orders/{number}/deliver", {"signed_by": "X"}, {"signed_by": "x" * 61}, "signed_by"),
    ("POST", "/orders/{number}/ship", {}, {"waybill": "x" * 61}, "waybill"),
    ("POST", "/orders/{number}/cancel", {}, {"reason": "x" * 201}, "reason"),
]
# method, path, body that names something there is not
UNKNOWN: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/partners/NOBODY", {}),
    ("GET", "/partners/" + "%27%20OR%201=1", {}),
    ("GET", "/orders/SO-19990101-0001", {}),
    ("GET", "/invoices/IN-0", {}),
    ("GET", "/accounts/BR/NOBODY", {}),
    ("GET", "/stock/PLANT/NOTHING/layers", {}),
    ("GET", "/stock/NOWHERE/TV/movements", {}),
    ("GET", "/prices/history?seller=BR&buyer=GZ&sku=NOTHING", {}),
    ("GET", "/cockpit?region=000000", {}),
    ("GET", "/regions?parent=000000", {}),
    ("POST", "/partners", PARTNER | {"tier": "emperor"}),
    ("POST", "/partners", PARTNER | {"parent": "NOBODY"}),
    ("POST", "/partners", PARTNER | {"region": "000000"}),
    ("POST", "/partners/GZ/move", {"parent": "NOBODY"}),
    ("POST", "/partners/GZ/territories", {"region": "440000", "line": "NONE", "valid_from": "2026-01-01"}),
    ("PUT", "/tiers/emperor/scopes/stock", {"level": "all"}),
    ("POST", "/products", {"code": "N1", "name": "N", "category": "NONE"}),
    ("POST", "/skus", SKU | {"product": "NONE"}),
    ("PATCH", "/skus/NONE", {"version": 1}),
    ("POST", "/prices", PRICE | {"sku": "NONE"}),
    ("POST", "/prices", PRICE | {"buyer_scope": "tier", "tier": "emperor"}),
    ("POST", "/locations", PLACE | {"region": "000000"}),
    ("POST", "/stock/receipts", GOODS | {"lines": goods(sku="NONE")}),
    ("POST", "/stock/corrections", COUNT | {"location": "NOWHERE"}),
    ("POST", "/accounts", ACCOUNT | {"buyer": "NOBODY"}),
    ("POST", "/receipts", MONEY | {"invoice_numbers": ["IN-0"]}),
    ("POST", "/orders/SO-0/ship", {}),
]
BAD_QUERIES = {
    "/partners?limit=0": "limit",
    "/partners?limit=201": "limit",
    "/orders?offset=-1": "offset",
    "/orders?offset=1e3": "offset",
    f"/orders?offset={10**30}": "offset",
    "/orders?from=2026-01-01": "to",
    "/orders?to=2026-01-01": "from",
    "/orders?from=2026-02-01&to=2026-01-01": "period",
    "/orders?from=1&to=2": "from",
    "/orders?status=lost": "status",
    "/orders?role=friend": "role",
    "/orders?sort=colour": "sort",
    "/orders?search=" + "x" * 101: "search",
    "/orders?search=%00": "search",
    "/prices?day=today": "day",
    "/prices/history?seller=BR&buyer=GZ": "sku",
    "/sales-rows?view=moon": "view",
    "/sales-rows?side=left": "side",
    "/cockpit?from=0001-01-01&to=9999-12-31": "from",
    "/invoices?only_open=perhaps": "only_open",
    "/partners/%00": "code",
    "/partners/" + "x" * 61: "code",
}


def field_names(problem: dict[str, Any]) -> list[str]:
    """The fields a problem names."""
    return [row["field"] for row in problem["errors"]]


@pytest.mark.parametrize(("method", "path", "body", "change", "field"), BAD_FIELDS)
def test_a_bad_value_is_named(
    traded: Market, method: str, path: str, body: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    path = path.format(number=traded.numbers["GZ"])
    who = "gz" if path in {"/orders", "/orders/quote"} else "admin"
    problem = traded.refuse(who, method, path, 422, json=body | change, key="k-bad")
    assert field_names(problem) == [field]
    assert problem["errors"][0]["reason"] in problem["detail"]


@pytest.mark.parametrize(("method", "path", "body"), UNKNOWN)
def test_what_there_is_not(traded: Market, method: str, path: str, body: dict[str, Any]) -> None:
    assert traded.refuse("admin", method, path, 404, json=body, key="k-none")["code"] == "not_found"


@pytest.mark.parametrize(("path", "field"), BAD_QUERIES.items())
def test_a_bad_query_is_named(traded: Market, path: str, field: str) -> None:
    assert field_names(traded.refuse("admin", "GET", path, 422)) == [field]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"seller": "BR"', "application/json"),
        (b"", "application/json"),
        (b"null", "application/json"),
        (b"[]", "application/json"),
        (b'"text"', "application/json"),
        (b"\xff\xfe{}", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"seller": "\\ud800", "buyer": "GZ", "lines": [{"sku": "AC", "qty": 1}]}', "application/json"),
        (b'{"seller": "BR", "buyer": "GZ", "lines": [{"sku": "AC", "qty": NaN}]}', "application/json"),
        (b'{"seller": "BR", "buyer": "GZ", "lines": []}', "text/plain"),
        (b"seller=BR&buyer=GZ", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_cannot_be_read(traded: Market, content: bytes, kind: str) -> None:
    problem = traded.refuse(
        "gz", "POST", "/orders", 400, 422, content=content, headers={"content-type": kind}, key="k-body"
    )
    if problem["status"] == 422:
        assert field_names(problem)


def test_reading_the_body_comes_after_the_token(traded: Market) -> None:
    response = traded.client.request("POST", f"{API}/orders", json={"lines": "nonsense"})
    check_answer(response)
    assert response.status_code == 401


def test_conflicts_are_told(traded: Market) -> None:
    for path, body in (
        ("/partners", PARTNER | {"code": "GZ"}),
        ("/products", {"code": "P", "name": "N", "category": "ALL"}),
        ("/skus", SKU | {"code": "TV"}),
        ("/locations", PLACE | {"code": "PLANT", "partner": "BR"}),
        ("/accounts", {"seller": "BR", "buyer": "GZ"}),
        ("/partners/GZ/move", {"parent": "BR", "version": 9}),
        ("/partners/GZ/status", {"status": "active", "version": 9}),
    ):
        traded.refuse("admin", "POST", path, 409, json=body)
    assert traded.refuse("admin", "PATCH", "/skus/TV", 409, json={"version": 9})["code"] == "stale"
    assert traded.refuse("admin", "PATCH", "/accounts/BR/GZ", 409, json={"version": 9})["code"] == "stale"


def test_more_reasons_to_refuse(traded: Market) -> None:
    number = traded.numbers["GZ"]
    for path, body, code in (
        ("/partners/GD/move", {"parent": "GZ"}, "tree_cycle"),
        ("/skus", SKU | {"barcode": "123"}, "barcode"),
        ("/prices", PRICE | {"unit_price": "0"}, "price_value"),
        ("/prices", PRICE | {"buyer": "GD"}, "price_scope"),
        ("/stock/receipts", GOODS | {"lines": goods(sku="POST")}, "not_stocked"),
        (f"/orders/{number}/returns", {"lines": [{"line_no": 1, "qty": 9}]}, "return_quantity"),
    ):
        problem = traded.refuse("admin", "POST", path, 422, json=body, key="k-more")
        assert problem["code"] == code
    refused = COUNT | {"delta_qty": -10_000}
    assert traded.refuse("ops", "POST", "/stock/corrections", 409, json=refused)["code"] == (
        "insufficient_stock"
    )
