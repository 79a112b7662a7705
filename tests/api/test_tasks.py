"""Requests, decisions and answers over REST, each as somebody who may and somebody who may not."""

from datetime import UTC, datetime, timedelta
from typing import Any

from .market import Market, prove


def ask_credit(market: Market, amount: str = "500000.00", buyer: str = "GD") -> str:
    version = market.get("fin", f"/accounts/BR/{buyer}")["version"]
    body = {"credit_limit_amount": amount, "version": version}
    answer = market.send("fin", "PATCH", f"/accounts/BR/{buyer}", body)
    assert answer["version"] == version
    number: str = answer["task_number"]
    return number


def inbox(market: Market, who: str, **params: Any) -> list[str]:
    return [row["number"] for row in market.get(who, "/tasks", **params)["items"]]


def test_a_change_of_credit_from_request_to_limit(market: Market) -> None:
    number = ask_credit(market)
    assert inbox(market, "fin") == []
    assert inbox(market, "fin", box="waiting") == [number]
    assert inbox(market, "admin") == [number]
    task = market.get("admin", f"/tasks/{number}")
    assert task["title"] == "Credit limit of GD 家电: 1000000.00 CNY → 500000.00 CNY"
    assert (task["amount"], task["subject"]) == ("500000.00", {"kind": "account", "key": "BR:GD"})
    assert [action["verb"] for action in task["actions"] if not action["reason"]] == [
        "approve",
        "partly",
        "reject",
        "supplement",
        "assign",
    ]
    path = f"/tasks/{number}/decide"
    body = {"decision": "approved", "version": task["version"]}
    assert market.refuse("fin", "POST", path, 403, json=body)["code"] == "not_your_task"
    assert market.refuse("ops", "POST", path, 403, json=body)["code"] == "not_your_task"
    for stranger in ("gd", "js"):
        market.refuse(stranger, "POST", path, 404, json=body)
        market.refuse(stranger, "GET", f"/tasks/{number}", 404)
        assert inbox(market, stranger, box="all") == []
    market.refuse("admin", "POST", path, 409, json=body | {"version": 9})
    market.refuse("admin", "POST", path, 422, json={"decision": "rejected"})
    market.refuse("admin", "POST", path, 422, json={"decision": "partly", "amount": "500000.01"})
    answer = market.send("admin", "POST", path, body)
    assert answer == {"number": number, "status": "done", "is_asked_again": False}
    assert market.get("fin", "/accounts/BR/GD")["credit_limit_amount"] == "500000.00"
    market.refuse("admin", "POST", path, 409, json={"decision": "approved"})


def test_a_large_limit_goes_on_to_the_executive(market: Market) -> None:
    number = ask_credit(market, "1500000.00")
    market.send("admin", "POST", f"/tasks/{number}/decide", {"decision": "partly", "amount": "1200000"})
    market.send("boss", "POST", f"/tasks/{number}/decide", {"decision": "approved"})
    assert market.get("fin", "/accounts/BR/GD")["credit_limit_amount"] == "1200000.00"
    steps = market.get("fin", f"/tasks/{number}")["steps"]
    assert [(step["decision"], step["amount"]) for step in steps] == [
        ("partly", "1200000.00"),
        ("approved", "1200000.00"),
    ]


def test_a_supplement_and_its_answer(market: Market) -> None:
    number = ask_credit(market)
    body = {"decision": "supplement", "reason": "last quarter's figures"}
    assert market.send("admin", "POST", f"/tasks/{number}/decide", body)["status"] == "waiting"
    market.refuse("admin", "POST", f"/tasks/{number}/answer", 403, json={"answer": "?"})
    task = market.send("fin", "POST", f"/tasks/{number}/answer", {"answer": "attached"})
    assert (task["status"], task["evidence"][-1]["text"]) == ("open", "Supplement: attached")
    market.refuse("admin", "POST", f"/tasks/{number}/withdraw", 403, json={})
    assert market.send("fin", "POST", f"/tasks/{number}/withdraw", {})["status"] == "withdrawn"


def test_several_at_once_with_a_result_each(market: Market) -> None:
    small, large = ask_credit(market, "100000", "GD"), ask_credit(market, "900000", "GZ")
    body = {"numbers": [small, large, "TK-1"], "decision": "approved"}
    rows = market.send("admin", "POST", "/tasks/decide", body)["rows"]
    assert [(row["status"], row["code"]) for row in rows] == [
        ("done", None),
        (None, "bulk_limit"),
        (None, "not_found"),
    ]
    assert inbox(market, "admin") == [large]
    market.refuse("admin", "POST", "/tasks/decide", 422, json=body | {"decision": "partly"})


def test_a_buyer_asks_for_a_return(market: Market) -> None:
    number = market.place("gd", "BR", {"TV": 10}, key="k", ship="ops")
    body = {"lines": [{"line_no": 1, "qty": 4}], "reason": "scratched"}
    path = f"/orders/{number}/return-requests"
    market.refuse("gd", "POST", path, 409, json=body)
    market.send("gd", "POST", f"/orders/{number}/deliver", {"signed_by": "Li"})
    market.refuse("sz", "POST", path, 404, json=body)
    market.refuse("ops", "POST", path, 403, json=body)
    task = market.send("gd", "POST", path, body)
    assert (task["order"], task["status"]) == (number, "open")
    market.refuse("gd", "POST", path, 409, json=body)
    assert inbox(market, "ops") == [task["task_number"]]
    decision = {"decision": "partly", "amount": "10.00"}
    market.send("ops", "POST", f"/tasks/{task['task_number']}/decide", decision)
    (back,) = market.get("gd", f"/orders/{number}")["returns"]
    assert (back["gross_amount"], back["lines"]) == ("10.00", [{"sku_code": "TV", "qty": 3}])
    assert market.get("gd", f"/tasks/{task['task_number']}")["explanation"] == []
    prove(market)


def test_a_large_count_waits_and_a_small_one_does_not(market: Market) -> None:
    body = {"location": "SOUTH", "sku": "AC", "counted_qty": 4, "cause": "count"}
    answer = market.send("ops", "POST", "/stock/counts", body)
    assert (answer["on_hand_qty"], "task_number" in answer) == (4, False)
    body = {"location": "PLANT", "sku": "TV", "counted_qty": 90, "cause": "count"}
    answer = market.send("ops", "POST", "/stock/counts", body)
    assert answer["on_hand_qty"] == 100
    market.refuse("ops", "POST", "/stock/counts", 409, json=body)
    market.refuse("gd", "POST", "/stock/counts", 404, json=body)
    market.refuse("fin", "POST", "/stock/counts", 403, json=body)
    market.send("fin", "POST", f"/tasks/{answer['task_number']}/decide", {"decision": "approved"})
    assert market.get("ops", "/stock/PLANT/TV/layers")["on_hand_qty"] == 90
    prove(market)


def test_a_post_is_lent_and_taken_back(market: Market) -> None:
    now = datetime.now(UTC)
    body = {
        "username": "ops",
        "valid_from": (now - timedelta(minutes=1)).isoformat(),
        "valid_to": (now + timedelta(days=1)).isoformat(),
    }
    market.refuse("admin", "POST", "/delegations", 404, json=body | {"username": "gd"})
    market.refuse("admin", "POST", "/delegations", 422, json=body | {"username": "admin"})
    (row,) = market.send("admin", "POST", "/delegations", body)["items"]
    assert (row["to_username"], row["is_mine"]) == ("ops", True)
    number = ask_credit(market)
    assert inbox(market, "ops") == [number]
    token = {"authorization": f"Bearer {market.tokens['admin']}"}
    answer = market.client.request("DELETE", "/api/v1/delegations/ops", headers=token)
    assert answer.status_code == 204
    market.refuse("admin", "DELETE", "/delegations/ops", 404)
    assert inbox(market, "ops") == []


def test_rules_are_read_and_changed_by_those_they_belong_to(market: Market) -> None:
    rules = {row["kind"]: row["steps"] for row in market.get("fin", "/approval-rules/BR")["items"]}
    assert rules["credit_limit"][1] == {
        "roles": ["executive"],
        "from_amount": "1000000.00",
        "bulk_limit_amount": "0.00",
        "hours": 16,
    }
    body = {"steps": [{"roles": ["finance"], "from_amount": "600000", "hours": 8}]}
    path = "/approval-rules/BR/credit_limit"
    market.refuse("fin", "PUT", path, 403, json=body)
    market.refuse("gd", "PUT", path, 404, json=body)
    market.refuse("gd", "GET", "/approval-rules/BR", 404)
    market.refuse("admin", "PUT", "/approval-rules/BR/nothing", 422, json=body)
    market.refuse("admin", "PUT", path, 422, json={"steps": [{"roles": ["nobody"]}]})
    assert market.send("admin", "PUT", path, body)["steps"][0]["from_amount"] == "600000.00"
    change = {"credit_limit_amount": "599999.99", "version": 1}
    answer = market.send("fin", "PATCH", "/accounts/BR/GD", change)
    assert (answer["credit_limit_amount"], "task_number" in answer) == ("599999.99", False)


def test_every_verb_is_closed_to_those_it_is_not_meant_for(market: Market) -> None:
    number = ask_credit(market)
    bodies: dict[str, dict[str, str]] = {
        "decide": {"decision": "approved"},
        "answer": {"answer": "x"},
        "withdraw": {},
        "resolve": {"resolution": "done"},
        "assign": {"username": "ops"},
    }
    for verb, body in bodies.items():
        path = f"/tasks/{number}/{verb}"
        for stranger in ("gd", "js", "shop"):
            market.refuse(stranger, "POST", path, 404, json=body)
        market.refuse("ops", "POST", path, 403, 409, json=body)
    # an approval is decided, not resolved; only what was sent back is answered
    market.refuse("admin", "POST", f"/tasks/{number}/resolve", 409, json={"resolution": "done"})
    market.refuse("fin", "POST", f"/tasks/{number}/answer", 409, json={"answer": "x"})
    assert market.send("admin", "POST", f"/tasks/{number}/assign", {"username": "fin"})["assigned_to_name"]
    market.refuse("admin", "POST", f"/tasks/{number}/assign", 404, json={"username": "nobody"})


def test_nobody_gets_in(market: Market) -> None:
    for method, path in (
        ("GET", "/tasks"),
        ("GET", "/tasks/TK-1"),
        ("POST", "/tasks/TK-1/decide"),
        ("POST", "/tasks/decide"),
        ("GET", "/delegations"),
        ("PUT", "/approval-rules/BR/credit_limit"),
    ):
        assert market.client.request(method, f"/api/v1{path}", json={}).status_code == 401
