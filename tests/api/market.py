"""A market to drive over REST: the small trading network, two rivals more, and a token for everybody.

BR (brand) ─ GD (province agent, Guangdong) ─ GZ, SZ (city agents) ; GZ ─ OUT (outlet)
           └ JS (province agent, Jiangsu)
"""

import asyncio
import sqlite3
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from sqlmodel import Session, update

from distrib_app import gate, lake
from distrib_app.api import ROUTERS, create_api
from distrib_app.core.accounts import open_account
from distrib_app.core.channels import add_membership, create_partner
from distrib_app.core.invariants import check_all
from distrib_app.core.kernel.access import SYSTEM, ApiToken, User, create_token
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.settings import get_settings
from tests.core.inventory.shop import LONG_AGO, USERS
from tests.core.orders.trade import MILLION_YUAN, build_trade

from .described import hold

API = "/api/v1"
OWN_IDS = {"request_id", "error_id"}  # of a request and a fault, not of a row
MORE_USERS = {"admin": ("BR", "administrator"), "fin": ("BR", "finance"), "js": ("JS", "owner")}


def build_market(session: Session) -> dict[str, str]:
    """Fill an empty database; returns a bearer token per user."""
    build_trade(session)
    create_partner(
        session,
        SYSTEM,
        code="JS",
        name="JS 家电",
        tier_code="province",
        parent_code="BR",
        region_code="320000",
        now=LONG_AGO,
    )
    for buyer in ("SZ", "JS"):
        open_account(
            session,
            SYSTEM,
            seller_code="BR",
            buyer_code=buyer,
            terms_days=30,
            credit_limit_amount=MILLION_YUAN,
            now=LONG_AGO,
        )
    for username, (partner, role) in MORE_USERS.items():
        session.add(User(username=username, name=username, password_hash="-", created_at=LONG_AGO))
        session.flush()
        add_membership(session, SYSTEM, username=username, partner_code=partner, role_code=role, now=LONG_AGO)
    session.flush()
    tokens = {
        name: create_token(session, username=name, name="test", now=LONG_AGO) for name in USERS | MORE_USERS
    }
    session.flush()
    # used just now and for ever, so that a read writes nothing down
    session.exec(update(ApiToken).values(last_used_at=datetime(2100, 1, 1, tzinfo=UTC)))
    return tokens


class Client:
    """Plain calls of an ASGI application; what it fails on is answered, as a server would."""

    def __init__(self, app: Any) -> None:
        # a loop of its own thread: a browser test of this process may have left one running in ours
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://testserver")

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def request(self, method: str, url: str, **facts: Any) -> httpx.Response:
        """One request."""
        response: httpx.Response = self._run(self._client.request(method, url, **facts))
        return response

    def close(self) -> None:
        """Give everything back."""
        self._run(self._client.aclose())
        self._run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass
class Market:
    """The API over one database; every answer is checked for what no answer may hold."""

    client: Client
    database: Database
    tokens: dict[str, str]
    watch: sqlite3.Connection
    numbers: dict[str, str] = field(default_factory=dict)

    def commits(self) -> int:
        """A number that another commit to the database changes, whatever it wrote."""
        version: int = self.watch.execute("PRAGMA data_version").fetchone()[0]
        return version

    def call(self, who: str, method: str, path: str, **facts: Any) -> httpx.Response:
        """One request as a user; a `key` becomes the Idempotency-Key header."""
        headers = {"authorization": f"Bearer {self.tokens[who]}"} | facts.pop("headers", {})
        if "key" in facts:
            headers["idempotency-key"] = facts.pop("key")
        response = self.client.request(method, API + path, headers=headers, **facts)
        check_answer(response)
        hold(response)
        return response

    def get(self, who: str, path: str, **params: Any) -> Any:
        """A read that must succeed."""
        response = self.call(who, "GET", path, params=params or None)
        assert response.status_code == 200, response.text
        return response.json()

    def send(self, who: str, method: str, path: str, body: Any, **facts: Any) -> Any:
        """A change that must succeed."""
        response = self.call(who, method, path, json=body, **facts)
        assert response.status_code in (200, 201), response.text
        return response.json()

    def refuse(self, who: str, method: str, path: str, *statuses: int, **facts: Any) -> dict[str, Any]:
        """A request that must be refused with one of `statuses` and change nothing."""
        before = self.commits()
        response = self.call(who, method, path, **facts)
        assert response.status_code in statuses, (method, path, response.status_code, response.text)
        assert self.commits() == before, (method, path)
        problem: dict[str, Any] = response.json()
        return problem

    def place(self, who: str, seller: str, lines: dict[str, int], *, key: str, ship: str = "") -> str:
        """Order for the user's own company (named like it); shipped by `ship`. Returns the number."""
        body = {
            "seller": seller,
            "buyer": who.upper(),
            "lines": [{"sku": sku, "qty": qty} for sku, qty in lines.items()],
        }
        number: str = self.send(who, "POST", "/orders", body, key=key)["number"]
        if ship:
            self.send(ship, "POST", f"/orders/{number}/ship", {})
        return number


def check_answer(response: httpx.Response) -> None:
    """Every refusal is problem+json; no answer holds a row id or a binary fraction."""
    assert response.status_code < 500, response.text
    if response.status_code == 204:
        assert response.content == b""
        return
    kind = response.headers["content-type"]
    if response.status_code >= 400:
        assert kind == "application/problem+json"
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["title"]
        assert problem["detail"]
        assert problem["type"] == f"{API}/problems/{problem['code']}"
        assert problem["request_id"] == response.headers["x-request-id"]
    else:
        assert kind == "application/json"
    for name, value in walk(response.json()):
        assert name != "id"
        assert name in OWN_IDS or not name.endswith(("_id", "_ids"))
        assert not isinstance(value, float)


def prove(market: Market) -> None:
    """Every invariant of the platform holds, the lake included."""
    lake.sync()
    with market.database.read(SYSTEM) as session:
        broken = [finding for finding in check_all(session, store=lake.get_lake()) if not finding.is_clean]
    assert broken == []


def walk(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every named value of a JSON answer."""
    yield name, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def all_routes(routes: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of every route, through included routers."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from all_routes(route.original_router.routes, prefix + route.include_context.prefix)
        else:
            methods = route.methods if isinstance(route, APIRoute) else route.methods - {"HEAD"}
            yield from ((method, prefix + route.path) for method in methods)


@contextmanager
def serving(
    path: Path, tokens: dict[str, str], routers: Sequence[APIRouter] = ROUTERS, *, rate_limit: int = 0
) -> Iterator[Market]:
    """The API with a SQLite file as the database of the process, a lake of its own, and no rate limit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{path}")
        patch.setenv("LAKE_DIR", str(path.parent / "lake"))
        patch.setenv("FILES_URL", str(path.parent / "files"))
        patch.setenv("RATE_LIMIT_PER_MINUTE", str(rate_limit))
        get_settings.cache_clear()
        gate.get_database.cache_clear()
        client = Client(create_api(routers))
        with closing(sqlite3.connect(path)) as watch:
            yield Market(client, gate.get_database(), tokens, watch)
        client.close()
        gate.get_database().dispose()
    get_settings.cache_clear()
    gate.get_database.cache_clear()


def today() -> str:
    """The present day in the network's zone, as the API says it."""
    from distrib_app.core.kernel.clock import business_day

    return business_day(datetime.now(UTC), "Asia/Shanghai").isoformat()


def run_trade(market: Market) -> None:
    """Everybody trades: what the scope tests look at. Ends with the lake brought up to date."""
    numbers = market.numbers
    numbers["GZ"] = market.place("gz", "BR", {"AC": 1, "TV": 3}, key="k", ship="ops")
    numbers["GZ from GD"] = market.place("gz", "GD", {"AC": 1}, key="k2", ship="gd")
    numbers["SZ"] = market.place("sz", "BR", {"TV": 6, "BOX": 10}, key="k", ship="ops")
    numbers["SZ from GD"] = market.place("sz", "GD", {"AC": 2}, key="k2", ship="gd")
    numbers["SZ open"] = market.place("sz", "BR", {"TV": 1}, key="k3")
    numbers["GD"] = market.place("gd", "BR", {"TV": 9}, key="k", ship="ops")
    numbers["JS"] = market.place("js", "BR", {"TV": 12}, key="k", ship="ops")
    for name in ("GZ", "SZ"):
        market.send(name.lower(), "POST", f"/orders/{numbers[name]}/deliver", {"signed_by": name})
        receipt = {
            "seller": "BR",
            "buyer": name,
            "amount": "5.00",
            "method": "transfer",
            "received_on": today(),
        }
        numbers[f"{name} paid"] = market.send("fin", "POST", "/receipts", receipt, key=f"r-{name}")["number"]
    for name in ("GZ", "SZ"):
        form = {"subject_kind": "order", "subject_key": numbers[name], "text": f"note of {name}"}
        part = {"file": (f"{name}.txt", name.encode(), "text/plain")}
        sent = market.call(name.lower(), "POST", "/files", data=form, files=part)
        numbers[f"{name} file"] = sent.json()["files"][0]["key"]
    lake.sync()
