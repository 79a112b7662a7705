"""A trade from quote to statement over REST, with amounts worked out by hand; repeats do nothing."""

from .market import Market, prove, today

WANTED = {"seller": "BR", "buyer": "GZ", "lines": [{"sku": "AC", "qty": 2}, {"sku": "TV", "qty": 3}]}
# 2 × 3390 = 6780.00, of it tax 780.00; 3 × 3.333333 = 9.999999 → 10.00, net 10 ÷ 1.13 = 8.849… → 8.85
TOTAL = {"net_amount": "6008.85", "tax_amount": "781.15", "gross_amount": "6790.00"}


def test_from_quote_to_statement(market: Market) -> None:
    before = market.commits()
    quote = market.send("gz", "POST", "/orders/quote", WANTED)
    assert market.commits() == before
    assert quote["can_place"] is True
    assert quote["reasons"] == []
    assert {name: quote[name] for name in TOTAL} == TOTAL
    assert [(line["sku_code"], line["unit_price"], line["gross_amount"]) for line in quote["lines"]] == [
        ("AC", "3390", "6780.00"),
        ("TV", "3.333333", "10.00"),
    ]
    assert quote["lines"][0]["available_qty"] == 10
    assert quote["lines"][0]["steps"][-1] == {"text": "Net amount", "result": "6000.00 CNY"}
    assert quote["exposure"]["available"] == "1000000.00"

    placed = market.send("gz", "POST", "/orders", WANTED, key="first")
    assert market.commits() != before
    number = placed["number"]
    order = market.get("gz", f"/orders/{number}")
    assert placed == {name: order[name] for name in placed}
    assert {*placed} >= {"number", "status", "version", "currency", "promised_on", *TOTAL}
    assert (order["status"], order["version"], order["seller"]["code"]) == ("allocated", 1, "BR")
    assert {name: order[name] for name in TOTAL} == TOTAL
    assert [action["verb"] for action in order["actions"]] == ["cancel"]
    assert order["events"][0]["facts"]["gross_amount"] == "6790.00"
    account = market.get("gz", "/accounts/BR/GZ")
    assert account["exposure"] == {
        "unpaid": "0.00",
        "overdue": "0.00",
        "open_orders": "6790.00",
        "unapplied": "0.00",
        "total": "6790.00",
        "limit": "1000000.00",
        "available": "993210.00",
    }

    shipped = market.send(
        "ops",
        "POST",
        f"/orders/{number}/ship",
        {"carrier": "SF", "waybill": "SF1", "version": order["version"]},
    )
    assert shipped["status"] == "shipped"
    assert (shipped["shipments"][0]["carrier"], shipped["shipments"][0]["waybill"]) == ("SF", "SF1")
    assert [line["location_codes"] for line in shipped["lines"]] == [["PLANT"], ["PLANT"]]
    [part] = shipped["parts"]
    assert (part["number"], part["mode"], part["status"]) == (f"{number}-1", "direct", "shipped")
    assert (part["location_code"], part["owner"]["code"], part["gross_amount"]) == ("PLANT", "BR", "6790.00")
    assert part["shipment_number"] == shipped["shipments"][0]["number"]
    delivered = market.send("gz", "POST", f"/orders/{number}/deliver", {"signed_by": "王"})
    assert delivered["status"] == "delivered"
    assert delivered["shipments"][0]["signed_by"] == "王"
    layers = market.get("gz", "/stock/GZ-WH/AC/layers")
    assert layers["on_hand_qty"] == 2
    assert layers["layers"] == [
        {
            "origin_on": today(),
            "qty": 2,
            "age_days": 0,
            "bucket": "0–30 days",
            "lot_code": "",
            "expires_on": None,
            "unit_cost": "3000",
        }
    ]

    back = {"lines": [{"line_no": 2, "qty": 1}], "reason": "scratched"}
    returned = market.send("ops", "POST", f"/orders/{number}/returns", back, key="back")
    assert returned["gross_amount"] == "3.33"
    assert returned["lines"] == [{"sku_code": "TV", "qty": 1}]

    money = {
        "seller": "BR",
        "buyer": "GZ",
        "amount": "6000.00",
        "method": "transfer",
        "received_on": today(),
        "reference": "bank 1",
    }
    receipt = market.send("fin", "POST", "/receipts", money, key="paid")
    assert (receipt["amount"], receipt["unapplied_amount"], receipt["currency"]) == ("6000.00", "0.00", "CNY")

    statement = market.get("gz", "/accounts/BR/GZ/statement")
    assert [(row["kind"], row["amount"], row["balance"]) for row in statement["rows"]] == [
        ("invoice", "6790.00", "6790.00"),
        ("credit_note", "-3.33", "6786.67"),
        ("receipt", "-6000.00", "786.67"),
    ]
    assert (statement["opening"], statement["closing"]) == ("0.00", "786.67")
    account = market.get("gz", "/accounts/BR/GZ")
    assert account["exposure"]["unpaid"] == "786.67"
    assert account["exposure_steps"][-1] == {"text": "Available credit", "result": "999213.33 CNY"}
    (item,) = account["open_items"]
    assert item["open_amount"] == "786.67"
    invoice = market.get("gz", f"/invoices/{item['number']}")
    assert (invoice["gross_amount"], invoice["open_amount"]) == ("6790.00", "786.67")
    assert [line["tax_amount"] for line in invoice["lines"]] == ["780.00", "1.15"]
    assert sorted(row["amount"] for row in invoice["applied"]) == ["3.33", "6000.00"]
    invoices = market.get("gz", "/invoices", only_open=True)
    assert [row["number"] for row in invoices["items"]] == [item["number"]]
    assert market.get("gz", "/invoices")["total"] == 2
    assert market.get("gz", "/receipts")["items"] == [receipt]
    prove(market)


def test_repeats_are_answered_and_do_nothing(market: Market) -> None:
    first = market.send("gz", "POST", "/orders", WANTED, key="k")["number"]
    market.send("ops", "POST", f"/orders/{first}/ship", {})
    back = {"lines": [{"line_no": 1, "qty": 1}]}
    returned = market.send("ops", "POST", f"/orders/{first}/returns", back, key="k")
    money = {"seller": "BR", "buyer": "GZ", "amount": "1", "method": "cash", "received_on": today()}
    receipt = market.send("fin", "POST", "/receipts", money, key="k")

    before = market.commits()
    again = market.send("gz", "POST", "/orders", WANTED, key="k")
    assert (again["number"], again["status"]) == (
        first,
        "allocated",
    )  # the first answer, not the present state
    assert market.send("ops", "POST", f"/orders/{first}/returns", back, key="k") == returned
    assert market.send("fin", "POST", "/receipts", money, key="k") == receipt
    assert market.commits() == before

    other = WANTED | {"lines": [{"sku": "AC", "qty": 1}]}
    refused = [
        market.refuse("gz", "POST", "/orders", 422, json=other, key="k"),
        market.refuse("fin", "POST", "/receipts", 422, json=money | {"amount": "2"}, key="k"),
        market.refuse(
            "ops",
            "POST",
            f"/orders/{first}/returns",
            422,
            json={"lines": [{"line_no": 2, "qty": 1}]},
            key="k",
        ),
    ]
    assert {problem["code"] for problem in refused} == {"idempotency_mismatch"}
    # a rival's key of the same name is its own
    assert market.place("sz", "BR", {"TV": 1}, key="k") != first
    prove(market)


def test_a_key_is_asked_for_by_name(market: Market) -> None:
    number = market.place("gz", "BR", {"TV": 1}, key="k", ship="ops")
    money = {"seller": "BR", "buyer": "GZ", "amount": "1", "method": "cash", "received_on": today()}
    for who, path, body in (
        ("gz", "/orders", WANTED),
        ("fin", "/receipts", money),
        ("ops", f"/orders/{number}/returns", {"lines": [{"line_no": 1, "qty": 1}]}),
    ):
        for facts in ({}, {"key": ""}, {"key": "x" * 81}, {"key": "a b"}, {"key": b"\xc3\xa9"}):
            problem = market.refuse(who, "POST", path, 422, json=body, **facts)
            assert [row["field"] for row in problem["errors"]] == ["Idempotency-Key"]
        assert market.call(who, "POST", path, json=body, key="x" * 80).status_code == 201


def test_states_and_versions_are_kept(market: Market) -> None:
    number = market.place("gz", "BR", {"LATE": 2}, key="k")
    problem = market.refuse("ops", "POST", f"/orders/{number}/ship", 409, json={})
    assert (problem["code"], "nothing is reserved yet" in problem["detail"]) == ("transition", True)
    assert market.refuse("ops", "POST", f"/orders/{number}/allocate", 409, json={})["code"] == (
        "insufficient_stock"
    )
    goods = {"location": "PLANT", "cause": "PO-1", "lines": [{"sku": "LATE", "qty": 5, "unit_cost": "800"}]}
    refused = market.refuse("admin", "POST", f"/orders/{number}/cancel", 409, json={"version": 9})
    assert refused["code"] == "stale"
    assert market.send("ops", "POST", "/stock/receipts", goods)["qty"] == 5
    allocated = market.send("ops", "POST", f"/orders/{number}/allocate", {"version": 1})
    assert (allocated["lines"][0]["reserved_qty"], allocated["version"]) == (2, 2)
    cancelled = market.send("gz", "POST", f"/orders/{number}/cancel", {"reason": "too late", "version": 2})
    assert cancelled["status"] == "cancelled"
    assert cancelled["events"][-1]["facts"]["reason"] == "too late"
    assert market.get("ops", "/stock", location="PLANT", sku="LATE")["items"][0]["available_qty"] == 5
    prove(market)


def test_orders_are_listed_by_side_status_and_day(market: Market) -> None:
    numbers = [market.place("gz", "BR", {"TV": qty}, key=f"k{qty}") for qty in (1, 2, 3)]
    market.send("ops", "POST", f"/orders/{numbers[0]}/ship", {})

    def listed(**params: object) -> list[str]:
        return [row["number"] for row in market.get("gz", "/orders", **params)["items"]]

    assert listed() == numbers[::-1]
    assert listed(sort="number", offset=1, limit=1) == [numbers[1]]
    assert listed(status="shipped") == [numbers[0]]
    assert listed(role="seller") == []
    assert listed(**{"from": today(), "to": today()}) == numbers[::-1]
    assert listed(**{"from": "2026-01-01", "to": "2026-01-31"}) == []
    page = market.get("gz", "/orders", limit=2)
    assert (page["total"], page["offset"], page["limit"], len(page["items"])) == (3, 0, 2, 2)
    assert page["items"][0]["gross_amount"] == "10.00"
