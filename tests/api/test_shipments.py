"""What happens to shipments over REST: reported by those who send them, once each."""

from datetime import UTC, datetime, timedelta

from .market import Market, prove


def shipped(market: Market) -> tuple[str, str]:
    number = market.place("gz", "BR", {"TV": 2}, key="k", ship="ops")
    return number, market.get("gz", f"/orders/{number}")["shipments"][0]["number"]


def test_a_shipment_is_reported_until_it_arrives(market: Market) -> None:
    number, shipment = shipped(market)
    when = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    picked = {"kind": "picked_up", "key": "1", "occurred_at": when, "place": "顺德"}
    said = market.send("ops", "POST", f"/shipments/{shipment}/events", picked)
    assert [(row["kind"], row["place"], row["source"]) for row in said["items"]] == [
        ("picked_up", "顺德", "hand")
    ]
    assert market.get("gz", f"/orders/{number}")["status"] == "in_transit"
    assert market.send("ops", "POST", f"/shipments/{shipment}/events", picked) == said
    last = {"kind": "delivered", "key": "2", "signed_by": "王五", "region": "440100", "short_qty": 1}
    market.send("ops", "POST", f"/shipments/{shipment}/events", last)
    order = market.get("gz", f"/orders/{number}")
    assert (order["status"], order["shipments"][0]["signed_by"]) == ("delivered", "王五")
    events = market.get("gz", f"/shipments/{shipment}/events")["items"]
    assert [(row["kind"], row["region_code"], row["short_qty"]) for row in events] == [
        ("picked_up", "", 0),
        ("delivered", "440100", 1),
    ]
    assert order["shipments"][0]["events"] == events
    prove(market)


def test_who_may_not(market: Market) -> None:
    _, shipment = shipped(market)
    body = {"kind": "delivered", "key": "1"}
    for who, status in (("gz", 403), ("sz", 404), ("boss", 403)):
        market.refuse(who, "POST", f"/shipments/{shipment}/events", status, json=body)
    for wrong in ({"kind": "gone"}, {"short_qty": 3}, {"short_qty": -1}, {"key": ""}, {"region": "Mars"}):
        market.refuse("ops", "POST", f"/shipments/{shipment}/events", 404, 422, json=body | wrong)
    market.refuse("sz", "GET", f"/shipments/{shipment}/events", 404)
    market.refuse("ops", "GET", "/shipments/SH-0/events", 404)
