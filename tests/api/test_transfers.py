"""Transfers over REST: by both sides from request to settlement, their refusals, and from suggestions."""

from .market import Market

ASKED = {"from_location": "GD-WH", "to_location": "GZ-WH", "lines": [{"sku": "AC", "qty": 4}]}


def test_a_transfer_by_its_two_sides(market: Market) -> None:
    made = market.send("gd", "POST", "/transfers", ASKED, key="t-1")
    number, path = made["number"], f"/transfers/{made['number']}"
    assert (made["status"], made["title"], made["giver"]["code"]) == ("requested", "direct", "GD")
    assert made["lines"][0]["gross_amount"] == "14000.00"
    assert market.send("gd", "POST", "/transfers", ASKED, key="t-1")["number"] == number
    came_in = {"lines": [{"line_no": 1, "received_qty": 1}], "signed_by": "王"}
    bodies = {"reject": {"reason": "full"}, "receive": came_in, "cancel": {"outcome": "restore"}}
    for verb in ("approve", "reject", "pick", "ship", "receive", "cancel", "settle"):
        market.refuse("sz", "POST", f"{path}/{verb}", 404, json=bodies.get(verb, {}))
    market.refuse("sz", "POST", "/transfers", 403, 404, json=ASKED, key="t-1")
    assert market.refuse("gd", "POST", f"{path}/approve", 403, json={})["code"] == "not_your_transfer"
    assert market.send("gz", "POST", f"{path}/approve", {})["status"] == "approved"
    assert market.refuse("gz", "POST", f"{path}/ship", 403, json={})["code"] == "not_your_transfer"
    assert market.send("gd", "POST", f"{path}/pick", {})["status"] == "picked"
    sent = market.send("gd", "POST", f"{path}/ship", {"carrier": "SF", "waybill": "SF1"})
    assert (sent["status"], sent["shipment"]["waybill"]) == ("in_transit", "SF1")
    assert sent["shipment"]["freight_amount"] == "0.00"
    assert market.get("gz", path)["shipment"]["freight_amount"] is None
    lines = [{"line_no": 1, "received_qty": 3, "short_qty": 1}]
    bad = market.refuse("gz", "POST", f"{path}/receive", 422, json={"lines": lines, "signed_by": "王"})
    assert bad["code"] == "reason_missing"
    lines[0]["short_reason"] = "lost"
    came = market.send("gz", "POST", f"{path}/receive", {"lines": lines, "signed_by": "王"})
    assert [action["verb"] for action in came["actions"]] == []
    assert (came["status"], came["lines"][0]["short_qty"]) == ("received", 1)
    done = market.send("gd", "POST", f"{path}/settle", {})
    assert [(row["kind"], row["gross_amount"]) for row in done["settlement"]] == [("invoice", "10500.00")]
    assert market.get("gz", "/transfers", status="settled")["total"] == 1
    assert market.get("sz", "/transfers")["total"] == 0
    market.refuse("sz", "GET", path, 404)
    market.refuse("fin", "GET", path, 403)
    assert market.get("gz", "/transfers/cycle")["count"] == 1


def test_called_off_and_refused(market: Market) -> None:
    first = market.send("gd", "POST", "/transfers", ASKED, key="t-1")["number"]
    said = market.send("gz", "POST", f"/transfers/{first}/reject", {"reason": "full"})
    assert said["status"] == "rejected"
    second = market.send("gd", "POST", "/transfers", ASKED, key="t-2")["number"]
    market.send("gz", "POST", f"/transfers/{second}/approve", {})
    market.send("gd", "POST", f"/transfers/{second}/ship", {})
    assert market.refuse("gd", "POST", f"/transfers/{second}/cancel", 422, json={})["code"] == "invalid"
    back = market.send("gd", "POST", f"/transfers/{second}/cancel", {"outcome": "restore"})
    assert (back["status"], back["lines"][0]["restored_qty"]) == ("cancelled", 4)
    assert {row["code"] for row in market.get("gz", "/transfers/places")["items"]} >= {"GZ-WH", "GD-WH"}
    assert "SZ-WH" not in {row["code"] for row in market.get("gz", "/transfers/places")["items"]}


def test_a_suggestion_becomes_a_draft(market: Market) -> None:
    lines = {"safety_qty": 10, "warning_qty": 20, "max_qty": 40}
    market.send("gz", "PUT", "/water-lines/GZ-WH/AC", lines)
    market.send("gz", "POST", "/suggestions", {})
    (row,) = market.get("gz", "/suggestions")["items"]
    taken = market.send("gz", "POST", f"/suggestions/{row['number']}/accept", {})
    assert (taken["status"], taken["accepted_document"][:6]) == ("accepted", "DRAFT-")
    draft = market.get("gz", "/order-drafts/GZ/GD")
    assert draft["lines"] == [{"sku": "AC", "qty": 40}]
    market.refuse("sz", "POST", f"/suggestions/{row['number']}/accept", 403, 404, json={})
    again = market.refuse("gz", "POST", f"/suggestions/{row['number']}/accept", 409, json={})
    assert again["code"] == "suggestion_not_open"
