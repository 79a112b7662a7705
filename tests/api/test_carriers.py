"""Carriers over REST and over the wire: a real local service books, and pushes signed messages."""

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from sqlmodel import func, select

from distrib_app.api.envelope import sender as limited_as
from distrib_app.carriers import simulate, track_shipments
from distrib_app.carriers.demonstration import OnlyDemoError
from distrib_app.carriers.simulator import SimulatedCarrier, waybill_of
from distrib_app.core.inventory import Carrier, ShipmentEvent
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.settings import get_settings
from distrib_app.core.kernel.signatures import make_secret, sign

from .market import API, Market, prove

Sender = tuple[Market, SimulatedCarrier]
HOOK = f"{API}/carriers/SIM/events"


class Door(ThreadingHTTPServer):
    """The platform's door as the carrier reaches it: a real socket in front of the application."""

    daemon_threads = True


@contextmanager
def door(market: Market) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = market.client.request("POST", self.path, headers=dict(self.headers), content=body)
            self.send_response(answer.status_code)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: Any) -> None:
            pass

    server = Door(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def sender(market: Market) -> Iterator[Sender]:
    """A simulated carrier that the administrator has set up."""
    market.send("admin", "PUT", "/carriers/SIM", {"name": "模拟速运", "name_en": "Simulated Express"})
    secret = market.send("admin", "POST", "/carriers/SIM/secret", {})["secret"]
    with door(market) as url, SimulatedCarrier(secret=secret, platform_url=url + HOOK) as carrier:
        body = {"name": "模拟速运", "name_en": "Simulated Express", "service_url": carrier.url, "version": 2}
        market.send("admin", "PUT", "/carriers/SIM", body)
        yield market, carrier


def booked(market: Market, key: str = "k") -> tuple[str, str, str]:
    """An order on its way with the carrier: number, shipment, waybill."""
    number = market.place("gz", "BR", {"TV": 2}, key=key, ship="ops")
    shipment = market.get("gz", f"/orders/{number}")["shipments"][0]["number"]
    said = market.send("ops", "POST", f"/shipments/{shipment}/booking", {"carrier": "SIM"})
    return number, shipment, said["waybill"]


def push(market: Market, secret: str, key: str, payload: Any, *, sent_at: datetime | None = None) -> Any:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = sign(secret, key=key, sent_at=sent_at or datetime.now(UTC), body=body)
    return market.client.request("POST", HOOK, headers=headers, content=body)


def message(waybill: str, kind: str = "delivered", **data: Any) -> dict[str, Any]:
    stamp = datetime.now(UTC).isoformat()
    return {"type": f"shipment.{kind}", "timestamp": stamp, "data": {"waybill": waybill} | data}


def test_booked_and_carried_to_the_end(sender: Sender) -> None:
    market, carrier = sender
    number, shipment, waybill = booked(market)
    assert waybill == waybill_of(shipment)
    again = market.send("ops", "POST", f"/shipments/{shipment}/booking", {"carrier": "SIM"})
    assert (again["waybill"], again["carrier"]) == (waybill, "模拟速运")
    assert [carrier.advance(waybill) for _ in range(5)] == [
        "picked_up",
        "arrived_hub",
        "out_for_delivery",
        "delivered",
        "",
    ]
    order = market.get("gz", f"/orders/{number}")
    assert (order["status"], order["shipments"][0]["signed_by"]) == ("delivered", "收件人")
    events = market.get("gz", f"/shipments/{shipment}/events")["items"]
    assert [(row["kind"], row["source"]) for row in events] == [
        ("picked_up", "SIM"),
        ("arrived_hub", "SIM"),
        ("out_for_delivery", "SIM"),
        ("delivered", "SIM"),
    ]
    prove(market)


def test_what_was_never_pushed_is_asked_for(sender: Sender) -> None:
    market, carrier = sender
    number, _, waybill = booked(market)
    for kind in ("picked_up", "delivered"):
        carrier.say(waybill, kind)
    assert track_shipments()[1] == {"asked": 1, "new": 2, "failed": 0}
    assert market.get("gz", f"/orders/{number}")["status"] == "delivered"
    assert track_shipments()[1] == {"asked": 0, "new": 0, "failed": 0}
    assert carrier.push(carrier.events_of(waybill)[1]) == 200  # pushed late after all: known already
    prove(market)


def test_the_same_message_five_times_at_once_is_one_event(sender: Sender) -> None:
    market, carrier = sender
    number, _, waybill = booked(market)
    said = carrier.say(waybill, "delivered", signed_by="王五")
    gate, statuses = threading.Barrier(5), []

    def tell() -> None:
        gate.wait()
        statuses.append(carrier.push(said))

    threads = [threading.Thread(target=tell) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 5
    with market.database.read(SYSTEM) as session:
        assert session.exec(select(func.count(ShipmentEvent.id))).one() == 1
    assert market.get("gz", f"/orders/{number}")["status"] == "delivered"
    prove(market)


def test_what_is_refused_changes_nothing(sender: Sender) -> None:
    market, carrier = sender
    _, _, waybill = booked(market)
    good = message(waybill)
    now = datetime.now(UTC)
    other = f"SIM{'0' * 12}"
    before = market.commits()
    for status, code, answer in (
        (401, "bad_signature", push(market, make_secret(), "m1", good)),
        (401, "bad_signature", market.client.request("POST", HOOK, json=good)),
        (400, "message_too_old", push(market, carrier.secret, "m1", good, sent_at=now - timedelta(hours=1))),
        (400, "message_too_old", push(market, carrier.secret, "m1", good, sent_at=now + timedelta(hours=1))),
        (404, "not_found", push(market, carrier.secret, "m1", message(other))),
        (404, "not_found", push(market, carrier.secret, "m1", message(waybill, region="Mars"))),
        (422, "invalid", push(market, carrier.secret, "m1", b"{")),
        (422, "invalid", push(market, carrier.secret, "m1", b"[" * 100_000)),
        (422, "invalid", push(market, carrier.secret, "m1", [])),
        (422, "invalid", push(market, carrier.secret, "m1", message(waybill, "beamed"))),
        (422, "invalid", push(market, carrier.secret, "m1", message(waybill, short_qty=3))),
        (422, "invalid", push(market, carrier.secret, "m1", message(waybill, short_qty=True))),
        (422, "invalid", push(market, carrier.secret, "m1", message(waybill, place="x" * 81))),
        (422, "invalid", push(market, carrier.secret, "m1", good | {"timestamp": "2026-10-15T12:00:00"})),
        (422, "invalid", push(market, carrier.secret, "m1", good | {"timestamp": "2999-10-15T12:00:00Z"})),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert market.commits() == before
    for address in ("NOBODY", "sim"):
        body = json.dumps(good).encode()
        headers = sign(carrier.secret, key="m1", sent_at=now, body=body)
        answer = market.client.request(
            "POST", f"{API}/carriers/{address}/events", headers=headers, content=body
        )
        assert answer.status_code == 401
    assert push(market, carrier.secret, "m1", good).status_code == 200


def test_a_message_is_about_one_shipment(sender: Sender) -> None:
    market, carrier = sender
    first, second = (booked(market, key)[2] for key in ("k1", "k2"))
    assert push(market, carrier.secret, "m1", message(first, "picked_up")).json() == {"is_new": True}
    assert push(market, carrier.secret, "m1", message(first, "delivered")).json() == {"is_new": False}
    answer = push(market, carrier.secret, "m1", message(second, "delivered"))
    assert (answer.status_code, answer.json()["code"]) == (409, "reused_message")


def test_a_carrier_speaks_of_its_own_parcels_only(sender: Sender) -> None:
    market, carrier = sender
    number = market.place("gz", "BR", {"TV": 1}, key="k9")
    market.send("ops", "POST", f"/orders/{number}/ship", {"carrier": "顺丰", "waybill": "SF1"})
    assert push(market, carrier.secret, "m1", message("SF1")).status_code == 404
    assert market.get("gz", f"/orders/{number}")["status"] == "shipped"


def test_a_new_secret_ends_the_old_one(sender: Sender) -> None:
    market, carrier = sender
    _, _, waybill = booked(market)
    own = "whsec_" + base64.b64encode(bytes(range(32))).decode()
    assert market.send("admin", "POST", "/carriers/SIM/secret", {"secret": own}) == {"secret": own}
    assert push(market, carrier.secret, "m1", message(waybill)).status_code == 401
    assert push(market, own, "m1", message(waybill)).status_code == 200
    body = {"name": "模拟速运", "is_active": False}
    market.send("admin", "PUT", "/carriers/SIM", body | {"version": 4})
    assert push(market, own, "m2", message(waybill)).status_code == 401


def test_who_sets_carriers_up_and_who_books(sender: Sender) -> None:
    market, carrier = sender
    shown = market.get("gz", "/carriers")["items"]
    assert [(row["code"], row["has_secret"], row["is_active"]) for row in shown] == [("SIM", True, True)]
    with market.database.read(SYSTEM) as session:
        secret = session.exec(select(Carrier.secret)).one()
    assert secret not in json.dumps(shown)
    assert shown[0]["service_url"] == ""
    assert market.get("admin", "/carriers")["items"][0]["service_url"] == carrier.url
    number = market.place("gz", "BR", {"TV": 1}, key="k9", ship="ops")
    shipment = market.get("gz", f"/orders/{number}")["shipments"][0]["number"]
    for who, status in (("gz", 403), ("sz", 404), ("boss", 403)):
        market.refuse(who, "POST", f"/shipments/{shipment}/booking", status, json={"carrier": "SIM"})
        line = {"carrier": "顺丰", "waybill": "SF1"}
        market.refuse(who, "PUT", f"/shipments/{shipment}/waybill", status, json=line)
    for who in ("ops", "gz", "boss"):
        market.refuse(who, "PUT", "/carriers/SIM", 403, json={"name": "x"})
        market.refuse(who, "POST", "/carriers/SIM/secret", 403, json={})
    for wrong in ({"service_url": "http://example.org"}, {"service_url": "ftp://x"}, {"name": " "}):
        market.refuse("admin", "PUT", "/carriers/SIM", 422, json={"name": "x"} | wrong)
    market.refuse("admin", "POST", "/carriers/SIM/secret", 422, json={"secret": "whsec_AAAA"})
    market.refuse("ops", "POST", f"/shipments/{shipment}/booking", 404, json={"carrier": "NONE"})
    line = {"carrier": "顺丰", "waybill": "SF1"}
    assert market.send("ops", "PUT", f"/shipments/{shipment}/waybill", line)["waybill"] == "SF1"
    market.refuse("ops", "POST", f"/shipments/{shipment}/booking", 409, json={"carrier": "SIM"})
    market.refuse("ops", "PUT", f"/shipments/{shipment}/waybill", 409, json=line | {"waybill": "SF2"})


def test_a_carrier_that_does_not_answer(sender: Sender) -> None:
    market, carrier = sender
    number = market.place("gz", "BR", {"TV": 1}, key="k9", ship="ops")
    shipment = market.get("gz", f"/orders/{number}")["shipments"][0]["number"]
    address = f"/shipments/{shipment}/booking"
    refused = {"name": "模拟速运", "service_url": "http://127.0.0.1:9", "version": 3}
    market.send("admin", "PUT", "/carriers/SIM", refused)
    problem = market.refuse("ops", "POST", address, 424, json={"carrier": "SIM"})
    assert problem["code"] == "carrier_unreachable"
    wrong_path = refused | {"service_url": f"{carrier.url}/elsewhere", "version": 4}
    market.send("admin", "PUT", "/carriers/SIM", wrong_path)
    problem = market.refuse("ops", "POST", address, 424, json={"carrier": "SIM"})
    assert "HTTP 404" in problem["detail"]
    assert track_shipments()[1]["asked"] == 0


def test_nothing_is_locked_while_a_carrier_is_asked(market: Market) -> None:
    """The carrier itself takes the database's one write lock meanwhile; it would wait for a minute."""

    class Curious(SimulatedCarrier):
        def take_booking(self, parcel: Mapping[str, Any]) -> str:
            with market.database.write(SYSTEM) as session:
                session.exec(select(Carrier)).one().name_en = "Asked"
            return super().take_booking(parcel)

    market.send("admin", "PUT", "/carriers/SIM", {"name": "模拟速运"})
    secret = market.send("admin", "POST", "/carriers/SIM/secret", {})["secret"]
    with Curious(secret=secret, platform_url="http://127.0.0.1:9") as carrier:
        known = {"name": "模拟速运", "service_url": carrier.url, "version": 2}
        market.send("admin", "PUT", "/carriers/SIM", known)
        began = time.monotonic()
        _, shipment, waybill = booked(market)
        assert time.monotonic() - began < 5
    assert waybill == waybill_of(shipment)
    assert market.get("gz", "/carriers")["items"][0]["name_en"] == "Asked"


def test_the_service_serves_the_platform_only(sender: Sender) -> None:
    _, carrier = sender
    assert httpx.post(f"{carrier.url}/bookings", json={"shipment_number": "SH-1"}).status_code == 401
    assert httpx.get(f"{carrier.url}/waybills/X/events").status_code == 401


def test_a_carrier_pays_for_itself_once_it_has_signed(sender: Sender) -> None:
    """Its messages are counted apart from strangers of the same address, so that a busy day is no flood."""
    asked = {"type": "http", "path": HOOK, "method": "POST", "client": ("10.0.0.1", 1), "headers": []}
    assert limited_as(asked) == "carrier SIM 10.0.0.1"
    bearer = [(b"authorization", b"Bearer abc")]
    assert limited_as(asked | {"headers": bearer}) == "carrier SIM 10.0.0.1"
    assert limited_as(asked | {"path": f"{API}/orders", "headers": bearer}) == "abc"
    assert limited_as(asked | {"method": "GET"}) == ""


def test_the_simulated_carrier_is_for_demonstrations(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "0")
    get_settings.cache_clear()
    before = market.commits()
    with pytest.raises(OnlyDemoError):
        simulate(market.database, platform_url="http://127.0.0.1:1", port=0, seconds=1)
    assert market.commits() == before


def test_a_transfer_is_carried_to_its_place_and_counted_there(sender: Sender) -> None:
    market, carrier = sender
    asked = {"from_location": "GD-WH", "to_location": "GZ-WH", "lines": [{"sku": "AC", "qty": 4}]}
    number = market.send("gd", "POST", "/transfers", asked, key="t-1")["number"]
    path = f"/transfers/{number}"
    market.send("gz", "POST", f"{path}/approve", {})
    shipment = market.send("gd", "POST", f"{path}/ship", {})["shipment"]["number"]
    said = market.send("gd", "POST", f"/shipments/{shipment}/booking", {"carrier": "SIM"})
    waybill = said["waybill"]
    parcel = carrier._parcels[waybill].parcel
    assert (parcel["receiver"], parcel["region_code"], parcel["pieces"]) == ("GZ 家电 GZ-WH", "440000", 4)
    while carrier.advance(waybill):
        pass
    found = market.get("gz", path)
    assert (found["status"], found["shipment"]["status"]) == ("in_transit", "delivered")
    assert [event["kind"] for event in found["shipment"]["events"]][-1] == "delivered"
    (task,) = market.get("gz", "/tasks", box="inbox")["items"]
    assert (task["kind"], task["subject"]["key"]) == ("transfer_arrived", number)
    lines = [{"line_no": 1, "received_qty": 3, "short_qty": 1, "short_reason": "lost"}]
    market.send("gz", "POST", f"{path}/receive", {"lines": lines, "signed_by": "王"})
    assert market.get("gz", "/tasks", box="inbox")["items"] == []
    (task,) = market.get("gd", "/tasks", box="inbox")["items"]
    assert (task["kind"], task["amount"]) == ("transfer_short", "2000.00")
    choice = {"resolution": "claimed", "reason": "外箱破损，已取证"}
    assert market.send("gd", "POST", f"/tasks/{task['number']}/resolve", choice)["status"] == "done"
    assert market.get("gz", path)["status"] == "settled"
    prove(market)
