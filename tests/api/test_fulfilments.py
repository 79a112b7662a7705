"""Parts of orders over REST: held and released, shipped together, answered for by who shares its stock."""

from datetime import date
from decimal import Decimal

from sqlmodel import select

from distrib_app.core.accounts import set_credit
from distrib_app.core.catalog import Sku
from distrib_app.core.channels import Partner
from distrib_app.core.inventory import Location, StockShare, receive_stock
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.pricing import add_price
from tests.core.inventory.shop import NOW

from .market import Market, prove


def limit(market: Market, amount: int, *, version: int) -> None:
    """What GZ may owe the brand, in fen."""
    with market.database.write(SYSTEM) as session:
        set_credit(
            session,
            SYSTEM,
            seller_code="BR",
            buyer_code="GZ",
            credit_limit_amount=amount,
            version=version,
            now=NOW,
        )


def test_a_held_order_is_released_over_rest(market: Market) -> None:
    limit(market, 0, version=1)
    number = market.place("gz", "BR", {"TV": 3}, key="k")
    order = market.get("gz", f"/orders/{number}")
    assert order["status"] == "held"
    assert [hold["reason"] for hold in order["holds"]] == ["credit_limit"]
    assert market.get("gz", "/accounts/BR/GZ")["exposure"]["open_orders"] == "0.00"
    for who, status in (("ops", 409), ("gz", 403), ("sz", 404)):
        market.refuse(who, "POST", f"/orders/{number}/release", status, json={})
    limit(market, 1000, version=2)
    released = market.send("ops", "POST", f"/orders/{number}/release", {"version": 1})
    assert (released["status"], released["version"], released["holds"]) == ("allocated", 2, [])
    assert market.get("gz", "/accounts/BR/GZ")["exposure"]["open_orders"] == "10.00"
    prove(market)


def test_parts_are_picked_shipped_together_and_delivered(market: Market) -> None:
    numbers = [market.place("gz", "BR", {"TV": qty}, key=f"k{qty}") for qty in (1, 2)]
    first, second = (f"{number}-1" for number in numbers)
    listed = market.get("ops", "/fulfilments", state="open", sort="number")
    assert [(row["number"], row["order_number"], row["piece_count"]) for row in listed["items"]] == [
        (first, numbers[0], 1),
        (second, numbers[1], 2),
    ]
    assert market.get("sz", "/fulfilments")["total"] == 0
    picked = market.send("ops", "POST", f"/fulfilments/{first}/pick", {"version": 1})
    assert (picked["number"], picked["status"], picked["version"]) == (first, "picked", 2)
    market.refuse("ops", "POST", f"/fulfilments/{first}/pick", 409, json={})
    both = {"numbers": [first, second], "carrier": "SF", "waybill": "SF1"}
    for who, status in (("gz", 403), ("sz", 404)):
        market.refuse(who, "POST", "/shipments", status, json=both)
    shipment = market.send("ops", "POST", "/shipments", both)
    assert (shipment["documents"], shipment["carrier"]) == ([first, second], "SF")
    assert market.get("gz", f"/shipments/{shipment['number']}") == shipment
    market.refuse("sz", "GET", f"/shipments/{shipment['number']}", 404)
    market.refuse("ops", "POST", "/shipments", 409, json=both)
    delivered = market.send("gz", "POST", f"/fulfilments/{second}/deliver", {"signed_by": "王"})
    assert delivered["status"] == "delivered"
    assert [market.get("gz", f"/orders/{number}")["status"] for number in numbers] == ["delivered"] * 2
    done = market.send("gz", "POST", f"/orders/{numbers[0]}/complete", {})
    assert done["status"] == "completed"
    prove(market)


def test_who_shares_its_stock_accepts_over_rest(market: Market) -> None:
    with market.database.write(SYSTEM) as session:
        add_price(
            session,
            SYSTEM,
            seller_code="GD",
            sku_code="LATE",
            unit_price=Decimal(1200),
            valid_from=date(2026, 1, 1),
            now=NOW,
        )
        lines = [("LATE", 5, Decimal(800))]
        receive_stock(session, SYSTEM, location_code="SZ-WH", lines=lines, cause="G", now=NOW)
        session.add(
            StockShare(
                location_id=session.exec(select(Location.id).where(Location.code == "SZ-WH")).one(),
                sku_id=session.exec(select(Sku.id).where(Sku.code == "LATE")).one(),
                seller_id=session.exec(select(Partner.id).where(Partner.code == "GD")).one(),
                shared_qty=3,
            )
        )
    part = f"{market.place('gz', 'GD', {'LATE': 2}, key='k')}-1"
    market.refuse("gd", "POST", f"/fulfilments/{part}/accept", 403, json={})
    accepted = market.send("sz", "POST", f"/fulfilments/{part}/accept", {"version": 1})
    assert (accepted["number"], accepted["status"]) == (part, "allocated")
    prove(market)


def test_an_urgent_order_over_rest(market: Market) -> None:
    number = market.place("gz", "BR", {"TV": 3}, key="k")
    path = f"/orders/{number}"
    for who, status in (("gz", 403), ("sz", 404)):
        market.refuse(who, "POST", f"{path}/mark-urgent", status, json={"reason": "停电"})
    marked = market.send("ops", "POST", f"{path}/mark-urgent", {"reason": "停电", "version": 1})
    assert (marked["urgency"], marked["urgent_reason"], marked["parts"][0]["is_urgent"]) == (
        "hand",
        "停电",
        True,
    )
    listed = market.get("ops", "/orders", state="urgent")["items"]
    assert [(row["number"], row["is_urgent"]) for row in listed] == [(number, True)]
    assert market.refuse("ops", "POST", f"{path}/prioritise", 409, json={})["code"] == "transition"
    assert market.send("ops", "POST", f"{path}/unmark-urgent", {})["urgency"] == ""
    account = market.send("fin", "PUT", "/accounts/BR/GZ/urgency", {"is_urgent": True})
    assert account["is_urgent"] is True
    market.refuse("gz", "PUT", "/accounts/BR/GZ/urgency", 403, 404, json={"is_urgent": False})
    prove(market)


def test_what_may_leave_together_over_rest(market: Market) -> None:
    numbers = [f"{market.place('gz', 'BR', {'TV': 1}, key=key)}-1" for key in ("a", "b")]
    [group] = market.get("ops", "/merge-groups", hours="48")["items"]
    assert (group["numbers"], group["saving_amount"]) == (numbers, "0.00")
    assert [step["result"] for step in group["steps"][:3]] == ["0.00 CNY"] * 3
    assert market.get("gz", "/merge-groups")["items"] == []
    market.refuse("ops", "GET", "/merge-groups?hours=30", 422)
    market.send("ops", "POST", "/shipments", {"numbers": numbers})
    assert market.get("ops", "/merge-groups")["items"] == []
    benefit = market.get("ops", "/merge-benefit")
    assert (benefit["shipments"], benefit["saving_amount"]) == (0, "0.00")


def test_what_the_brand_is_short_of_is_made_over_rest(market: Market) -> None:
    with market.database.write(SYSTEM) as session:
        add_price(
            session,
            SYSTEM,
            seller_code="BR",
            sku_code="LATE",
            unit_price=Decimal(9),
            valid_from=date(2026, 1, 2),
            now=NOW,
        )
    number = market.place("gz", "BR", {"LATE": 2}, key="k")
    assert market.get("gz", f"/orders/{number}")["status"] == "in_production"
    [request] = market.get("ops", "/production", state="running")["items"]
    assert (request["order_number"], request["qty"]) == (number, 2)
    assert [action["verb"] for action in request["actions"]] == ["plan", "cancel"]
    path = f"/production/{request['number']}"
    market.refuse("gz", "GET", path, 404)
    plan = {"promised_on": "2099-03-02", "location": "PLANT"}
    market.refuse("gz", "POST", f"{path}/plan", 403, 404, json=plan)
    for verb in ("start", "finish", "cancel"):
        market.refuse("gz", "POST", f"{path}/{verb}", 403, 404, json={})
    assert market.send("ops", "POST", f"{path}/plan", plan)["status"] == "planned"
    assert market.get("gz", f"/orders/{number}")["promised_on"] == "2099-03-04"
    assert len(market.get("ops", "/production-weeks")["weeks"]) == 4
    assert market.send("ops", "POST", f"{path}/start", {})["status"] == "in_production"
    costs = {"made": [{"sku": "LATE", "unit_cost": "5.5"}]}
    assert market.send("ops", "POST", f"{path}/finish", costs)["status"] == "finished"
    assert market.get("gz", f"/orders/{number}")["status"] == "allocated"
    other = market.place("gz", "BR", {"LATE": 1}, key="l")
    [request] = market.get("ops", "/production", status="open")["items"]
    given_up = market.send("ops", "POST", f"/production/{request['number']}/cancel", {"reason": "停产"})
    assert given_up["status"] == "cancelled"
    asked = market.send("ops", "POST", f"/orders/{other}/produce", {})
    assert asked["status"] == "in_production"
    prove(market)


def test_a_part_that_waits_is_fed_by_a_transfer(market: Market) -> None:
    with market.database.write(SYSTEM) as session:
        for seller in ("BR", "GD"):
            add_price(
                session,
                SYSTEM,
                seller_code=seller,
                sku_code="LATE",
                unit_price=Decimal(9),
                valid_from=date(2026, 1, 2),
                now=NOW,
            )
    number = market.place("gz", "GD", {"LATE": 2}, key="k")
    assert market.get("ops", "/production")["items"][0]["part_number"] == f"{number}-1"
    with market.database.write(SYSTEM) as session:
        lines = [("LATE", 5, Decimal(1))]
        receive_stock(session, SYSTEM, location_code="PLANT", lines=lines, cause="G", now=NOW)
    path = f"/fulfilments/{number}-1/feed"
    found = market.get("gd", path)
    assert (found["to_code"], found["needs"]) == ("GD-WH", {"LATE": 2})
    assert [(one["place_code"], one["qtys"]) for one in found["sources"]] == [("PLANT", {"LATE": 2})]
    for rival in ("gz", "sz", "js", "boss"):
        market.refuse(rival, "GET", path, 403, 404)
        market.refuse(rival, "POST", path, 403, 404, json={"from": "PLANT"})
    market.refuse("gd", "POST", path, 409, 422, json={"from": "SOUTH"})
    assert market.send("gd", "POST", path, {"from": "PLANT"})["number"] == f"{number}-1"
    [feed] = market.get("gd", f"/orders/{number}")["feeds"]
    assert (feed["from_code"], feed["to_code"], feed["status"]) == ("PLANT", "GD-WH", "requested")
    market.refuse("gd", "POST", path, 409, json={"from": "PLANT"})
    prove(market)
