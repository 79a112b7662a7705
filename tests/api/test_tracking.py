"""Tracking over REST: map, tower, what a link opens; signing for less and settling it."""

from typing import Any

import pytest

from distrib_app import tracking_door
from distrib_app.core.kernel.errors import NotFoundError, RateLimitedError

from .market import Market, prove, today


@pytest.fixture(autouse=True)
def _fresh_turnstile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking_door, "turnstile", tracking_door.Turnstile(lambda: 0))


def order(market: Market, lines: dict[str, int], *, key: str = "k") -> tuple[str, str]:
    """A shipped order and its link."""
    number = market.place("gz", "BR", lines, key=key, ship="ops")
    return number, market.get("gz", f"/orders/{number}")["tracking_token"]


def test_map_and_tower_tell_where_an_order_is(market: Market) -> None:
    number, _ = order(market, {"TV": 2})
    found = market.get("ops", f"/orders/{number}/map")
    assert [mark["state"] for mark in found["stages"]] == ["done", "done", "done", "now", "ahead", "ahead"]
    assert [tile["name"] for tile in found["journeys"][0]["tiles"]] == ["PLANT", "广州市"]
    assert [event["kind"] for event in found["events"]] == ["order.shipped", "order.placed"]
    market.refuse("sz", "GET", f"/orders/{number}/map", 404)
    [tile] = [one for one in market.get("ops", "/control-tower/tiles")["tiles"] if one["order_count"]]
    assert (tile["stage"], tile["order_count"], tile["gross_amount"]) == ("shipped", 1, "6.67")
    [row] = market.get("ops", "/control-tower", status="shipped")["items"]
    assert (row["number"], row["next_step"], row["hold"]) == (number, "follow", "")
    assert market.get("sz", "/control-tower")["items"] == []


def test_a_link_is_followed_rated_and_complained_about(market: Market) -> None:
    number, link = order(market, {"TV": 2})
    market.refuse("gz", "POST", f"/tracks/{link}/rating", 409, json={"rating": 5})
    market.send("gz", "POST", f"/orders/{number}/deliver", {"signed_by": "李雷"})
    seen = market.get("js", f"/tracks/{link}")  # the link is the key, whoever holds it
    assert (seen["number"], seen["is_delivered"], seen["can_rate"]) == (number, True, True)
    assert seen["map"]["journeys"][0]["signed_by"] == "李*"
    market.send("js", "POST", f"/tracks/{link}/rating", {"rating": 4, "word": "好"})
    rated = market.get("ops", "/partners/BR/ratings", **{"from": today(), "to": today()})
    assert (rated["counts"], rated["mean_hundredths"]) == ([0, 0, 0, 1, 0], 400)
    market.refuse("gz", "POST", f"/tracks/{link}/rating", 422, json={"rating": 6})
    sent = market.send("js", "POST", f"/tracks/{link}/complaint", {"kind": "late", "text": "三天了"})
    assert sent["is_passed_on"] is True
    [task] = [one for one in market.get("ops", "/tasks")["items"] if one["kind"] == "complaint"]
    assert number in str(task)
    market.refuse("gz", "GET", "/tracks/nothing", 404)
    prove(market)


def test_less_is_signed_for_and_settled_through_the_task(market: Market) -> None:
    number, _ = order(market, {"TV": 10})
    body: dict[str, Any] = {"signed_by": "李雷", "shortages": [{"line_no": 1, "qty": 11}]}
    market.refuse("gz", "POST", f"/orders/{number}/deliver", 422, json=body)
    body["shortages"] = [{"line_no": 1, "qty": 3, "reason": "damaged"}]
    detail = market.send("gz", "POST", f"/orders/{number}/deliver", body)
    assert [(line["delivered_qty"], line["missing_qty"]) for line in detail["lines"]] == [(7, 3)]
    [task] = [one for one in market.get("ops", "/tasks")["items"] if one["kind"] == "short_delivery"]
    market.refuse("ops", "POST", f"/tasks/{task['number']}/resolve", 422, json={"resolution": "done"})
    market.send("ops", "POST", f"/tasks/{task['number']}/resolve", {"resolution": "credit"})
    detail = market.get("gz", f"/orders/{number}")
    assert [(row["choice"], row["reason"]) for row in detail["shortages"]] == [("credit", "damaged")]
    assert [row["gross_amount"] for row in detail["returns"]] == ["10.00"]
    prove(market)


def test_each_row_of_a_short_delivery_has_its_own_way(market: Market) -> None:
    number, _ = order(market, {"TV": 10})
    short = [{"line_no": 1, "qty": 3}, {"line_no": 1, "qty": 2, "reason": "refused"}]
    market.send("gz", "POST", f"/orders/{number}/deliver", {"signed_by": "李雷", "shortages": short})
    [task] = [one for one in market.get("ops", "/tasks")["items"] if one["kind"] == "short_delivery"]
    path = f"/tasks/{task['number']}/resolve"
    body: dict[str, Any] = {"resolution": "credit", "choices": [{"row": 3, "resolution": "resend"}]}
    market.refuse("ops", "POST", path, 422, json=body)
    body["choices"][0]["row"] = 2
    assert market.send("ops", "POST", path, body)["resolution"] == "mixed"
    detail = market.get("gz", f"/orders/{number}")
    assert [(row["qty"], row["choice"]) for row in detail["shortages"]] == [(3, "credit"), (2, "resend")]
    assert [row["gross_amount"] for row in detail["returns"]] == ["10.00"]
    prove(market)


def test_the_time_of_signing_is_checked(market: Market) -> None:
    number, _ = order(market, {"TV": 1})
    for moment in ("2020-01-01T00:00:00+08:00", "2999-01-01T00:00:00Z", "yesterday"):
        body = {"signed_by": "x", "signed_at": moment}
        market.refuse("gz", "POST", f"/fulfilments/{number}-1/deliver", 422, json=body)


def test_the_public_door_lets_in_so_many_and_no_more(market: Market) -> None:
    _, link = order(market, {"TV": 1})
    for _ in range(tracking_door.PER_LINK.burst):
        assert tracking_door.look(link, "1.1.1.1").piece_count == 1
    with pytest.raises(RateLimitedError):
        tracking_door.look(link, "2.2.2.2")  # the link was asked too often, from wherever
    for guess in range(tracking_door.PER_ADDRESS.burst - tracking_door.PER_LINK.burst):
        with pytest.raises(NotFoundError):
            tracking_door.look(f"guess-{guess}", "1.1.1.1")
    with pytest.raises(RateLimitedError):
        tracking_door.look("another", "1.1.1.1")  # who guesses is stopped, whatever the guess


def test_answers_are_rarer_than_looks(market: Market) -> None:
    number, link = order(market, {"TV": 1})
    market.send("gz", "POST", f"/orders/{number}/deliver", {"signed_by": "李雷"})
    for rating in (1, 2, 3, 4, 5, 1):
        tracking_door.rate(link, "1.1.1.1", rating=rating, word="")
    with pytest.raises(RateLimitedError):
        tracking_door.object_to(link, "1.1.1.1", kind="late", text="x", contact="")
    assert tracking_door.look(link, "1.1.1.1").rating == 1
