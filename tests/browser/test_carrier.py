"""A carrier fetches an order and delivers it one piece short: the pages follow, a task comes and goes."""

import json
import re
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from distrib_app.carriers.simulator import SimulatedCarrier

from .conftest import Person, Server


class Api:
    """REST as one user of the demo."""

    def __init__(self, server: Server, username: str) -> None:
        self.server = server
        self.token = server.token(username)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.server.url}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {self.token}", "content-type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.loads(response.read())

    def look(self) -> None:
        """Have the round of exceptions run now, and wait until it has."""

        def row() -> dict[str, Any]:
            rows = self.call("GET", "/schedule")["items"]
            return next(one for one in rows if one["kind"] == "exceptions")

        before = row()["last_at"]
        self.call("POST", "/schedule/exceptions/run", {})
        deadline = time.monotonic() + 30
        while row()["last_at"] == before or row()["last_status"] == "running":
            assert time.monotonic() < deadline, "the round of exceptions did not run"
            time.sleep(0.3)


def order_of(buyer: Person) -> str:
    """A new order of the first product of the pad, three pieces of it."""
    buyer.open("/orders/new/")
    buyer.page.click(".choices li:first-child button")
    buyer.page.wait_for_selector("td .input.qty")
    buyer.page.click("button.primary:not([disabled]):has-text('提交订单')")
    buyer.page.wait_for_url(re.compile(r"/orders/SO-\d{8}-\d{4}"))
    return buyer.page.url.rstrip("/").rpartition("/")[2]


def test_a_carrier_delivers_by_signed_messages(sign_in: Callable[..., Person], demo: Server) -> None:
    admin, ops = Api(demo, "admin"), Api(demo, "ops")
    admin.call("PUT", "/carriers/SIM", {"name": "模拟速运", "name_en": "Simulated Express"})
    secret = admin.call("POST", "/carriers/SIM/secret", {})["secret"]
    address = f"{demo.url}/api/v1/carriers/SIM/events"
    with SimulatedCarrier(secret=secret, platform_url=address) as carrier:
        known = {"name": "模拟速运", "service_url": carrier.url, "version": 2}
        admin.call("PUT", "/carriers/SIM", known)
        buyer = sign_in("province", at="")
        number = order_of(buyer)
        ops.call("POST", f"/orders/{number}/ship", {})
        shipment = ops.call("GET", f"/orders/{number}")["shipments"][0]["number"]
        waybill = ops.call("POST", f"/shipments/{shipment}/booking", {"carrier": "SIM"})["waybill"]
        assert carrier.advance(waybill, place="顺德网点") == "picked_up"
        buyer.open(f"/orders/{number}/")
        buyer.page.wait_for_selector(".page-title .badge:has-text('运输中')")
        assert carrier.advance(waybill, place="广州分拨中心") == "arrived_hub"
        assert carrier.advance(waybill, place="天河营业部") == "out_for_delivery"
        assert carrier.advance(waybill, place="天河路 1 号", signed_by="王五", short_qty=1) == "delivered"
    buyer.page.reload()
    buyer.page.wait_for_selector(".page-title .badge:has-text('已签收')")
    buyer.page.get_by_role("tab", name="发货").click()
    for text in ("承运商已揽收", "到达分拨中心", "派送中", "王五 签收", "短少 1 件", waybill):
        buyer.page.wait_for_selector(f"td:has-text('{text}')")
    buyer.screenshot("order-carried")

    admin.look()
    operations = sign_in("ops", at="")
    operations.open("/inbox/?kind=order_short")
    operations.page.wait_for_selector(f".task-title:has-text('{number}-1')")
    operations.screenshot("exception-task")
    line = ops.call("GET", f"/orders/{number}")["lines"][0]["line_no"]
    request = urllib.request.Request(
        f"{demo.url}/api/v1/orders/{number}/returns",
        data=json.dumps({"lines": [{"line_no": line, "qty": 1}], "reason": "短少"}).encode(),
        headers={
            "authorization": f"Bearer {ops.token}",
            "content-type": "application/json",
            "idempotency-key": f"short-{number}",
        },
        method="POST",
    )
    urllib.request.urlopen(request, timeout=20)
    admin.look()
    tasks = ops.call("GET", "/tasks?box=all&kind=order_short")["items"]
    assert [row["status"] for row in tasks if row["subject"]["key"] == f"{number}-1"] == ["cured"]
    assert demo.broken() == []
