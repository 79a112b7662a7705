"""Stock over REST beyond one balance: record, reported stock, network and heat table."""

from .market import Market, today

REPORT = {
    "source": "pos",
    "document": "POS-1",
    "lines": [{"location": "GZ-WH", "sku": "TV", "qty": 7, "counted_on": "", "line_no": 1}],
}


def test_a_report_stands_beside_the_books(market: Market) -> None:
    day = today()
    goods = [{"sku": "TV", "qty": 9, "unit_cost": "100"}]
    market.send("gz", "POST", "/stock/receipts", {"location": "GZ-WH", "cause": "GRN", "lines": goods})
    body = REPORT | {"lines": [REPORT["lines"][0] | {"counted_on": day}]}  # type: ignore[index]
    told = {"source": "pos", "document": "POS-1", "line_count": 1, "new_count": 1}
    assert market.send("gz", "POST", "/stock/reports", body) == told
    assert market.send("gz", "POST", "/stock/reports", body)["new_count"] == 0
    changed = REPORT | {"lines": [body["lines"][0] | {"qty": 8}]}
    answer = market.refuse("gz", "POST", "/stock/reports", 409, json=changed)
    assert answer["code"] == "reported_otherwise"
    record = market.get("gz", "/stock/GZ-WH/TV")
    assert (record["on_hand_qty"], record["available_qty"], record["is_lot_tracked"]) == (9, 9, False)
    reported = record["reported"]
    assert (reported["reported_qty"], reported["calculated_qty"], reported["gap_qty"]) == (7, 9, -2)
    assert reported["layers"]["on_hand_qty"] == 7
    assert [action["verb"] for action in record["actions"]] == ["receive", "count", "correct", "report"]
    assert record["steps"][-1]["result"] == "-2"
    moves = market.get("gz", "/stock/GZ-WH/TV/movements", kind="receipt")["items"]
    assert (moves[0]["balance_qty"], moves[0]["lot_code"]) == (9, "")
    lot = {"sku": "TV", "qty": 1, "unit_cost": "1", "lot": "L1", "expires_on": "2099-01-01"}
    market.refuse(
        "gz", "POST", "/stock/receipts", 422, json={"location": "GZ-WH", "cause": "G2", "lines": [lot]}
    )


def test_the_network_by_sku_place_and_cell(market: Market) -> None:
    rows = market.get("ops", "/network-stock")["items"]
    assert all(sum(row["ageing"].values()) == row["on_hand_qty"] for row in rows)
    listed = market.get("ops", "/stock", view="brand", limit=200)["items"]
    assert sum(row["on_hand_qty"] for row in rows) == sum(row["on_hand_qty"] for row in listed)
    heat = market.get("ops", "/network-stock/heat", columns="tier")
    assert sum(cell["on_hand_qty"] for cell in heat["cells"]) == sum(row["on_hand_qty"] for row in rows)
    places = market.get("ops", "/network-stock", view="partner", by="place", partner="GZ")["items"]
    assert {row["group_code"] for row in places} <= {"GZ"}
    market.refuse("ops", "GET", "/network-stock", 422, params={"view": "moon"})
    market.refuse("ops", "GET", "/lots/TV/NONE/recall", 404)
