"""Who gets in: nobody without a token; and how refusals look."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import APIRouter
from sqlmodel import Session, select

from distrib_app import routes
from distrib_app.api import ROUTERS, create_api
from distrib_app.api.caller import CallerDep
from distrib_app.core.channels import ProductLine
from distrib_app.core.kernel.access import SYSTEM, Actor, ApiToken, User, open_session
from distrib_app.core.kernel.access.sessions import hash_token
from distrib_app.gate import COOKIE

from .market import API, Market, all_routes, check_answer, serving

PUBLIC = {
    ("POST", routes.SIGN_IN),
    ("POST", routes.SIGN_IN_DEMO),
    ("POST", routes.SIGN_OUT),
    ("POST", f"{API}/carriers/{{code}}/events"),  # known by their signature
    ("GET", f"{API}/openapi.json"),
    ("GET", f"{API}/docs"),
    ("GET", f"{API}/problems"),
    ("GET", f"{API}/problems/{{code}}"),
}
ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
EVERYTHING_ELSE = {(method, API + "/{path:path}") for method in ALL_METHODS}
PROTECTED = sorted(
    route
    for route in set(all_routes(create_api(ROUTERS).routes)) - PUBLIC
    if route[0] != "HEAD" and route[1].startswith(API)
)


def test_every_route_is_described() -> None:
    document = create_api(ROUTERS).openapi()
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert set(PROTECTED) == described | EVERYTHING_ELSE


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_every_route_asks_for_a_token(traded: Market, method: str, path: str) -> None:
    with traded.database.write(SYSTEM) as session:
        user = session.exec(select(User).where(User.username == "admin")).one()
        cookie = open_session(session, user=user, hours=1, now=datetime.now(UTC))
    token = traded.tokens["admin"]
    for headers, body in (
        ({}, {}),
        ({}, {"json": {}}),
        ({"authorization": "Bearer wrong"}, {"json": {}}),
        ({"authorization": "Bearer "}, {}),
        ({"authorization": f"Basic {token}"}, {}),
        ({"authorization": token}, {}),
        ({"authorization": f"Bearer {hash_token(token)}"}, {}),
        ({"cookie": f"{COOKIE}={cookie}"}, {"json": {}}),
        ({"authorization": f"Bearer {cookie}", "cookie": f"{COOKIE}={cookie}"}, {}),
    ):
        response = traded.client.request(method, path, headers=headers, **body)
        check_answer(response)
        assert (response.status_code, response.json()["code"]) == (401, "unauthenticated"), headers
        assert response.headers["www-authenticate"] == "Bearer"


def test_revoked_tokens_and_disabled_users_are_out(market: Market) -> None:
    assert market.get("gz", "/partners")["total"] == 2
    with market.database.write(SYSTEM) as session:
        token = session.exec(
            select(ApiToken).where(ApiToken.token_hash == hash_token(market.tokens["gz"]))
        ).one()
        token.revoked_at = datetime.now(UTC) - timedelta(seconds=1)
        session.exec(select(User).where(User.username == "sz")).one().is_disabled = True
    # the door let gz in a moment ago and hears of it with the first call that the gate refuses
    assert market.call("gz", "GET", "/partners").status_code == 401
    assert market.call("gz", "POST", "/orders", json={"seller": 5}).status_code == 401
    assert market.call("sz", "GET", "/partners").status_code == 401


def test_what_is_no_route_is_a_problem_too(market: Market) -> None:
    for method, path in (("GET", "/nothing"), ("DELETE", "/nothing/at/all"), ("GET", "/partners/")):
        assert market.refuse("admin", method, path, 404)["code"] == "not_found"
    for method, path, allowed in (
        ("DELETE", "/orders/SO-1", "GET"),
        ("PUT", "/skus", "GET, POST"),
        ("OPTIONS", "/accounts/BR/GZ", "GET, PATCH"),
    ):
        response = market.call("admin", method, path)
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
        assert response.headers["allow"] == allowed


def test_refusals_speak_the_caller_s_language(market: Market) -> None:
    english = market.refuse("gz", "GET", "/partners/SZ", 404)
    chinese = market.refuse("gz", "GET", "/partners/SZ", 404, headers={"accept-language": "zh-CN,en"})
    assert (english["title"], english["detail"]) == ("Not found", "partner SZ was not found.")
    assert (chinese["title"], "SZ" in chinese["detail"]) == ("未找到", True)
    assert chinese["detail"] != english["detail"]
    body = {"seller": "BR", "buyer": "GZ", "lines": [{"sku": "AC", "qty": 99}, {"sku": "BOX", "qty": 3}]}
    problem = market.refuse("gz", "POST", "/orders", 422, json=body, key="k")
    assert problem["code"] == "order_refused"
    assert problem["reasons"] == [
        {"code": "short_stock", "title": "AC: 99 wanted, 10 available."},
        {"code": "multiple", "title": "BOX is sold in multiples of 5; 3 is none."},
    ]
    told = market.refuse("gz", "POST", "/orders", 422, json=body, key="k", headers={"accept-language": "zh"})
    assert [row["code"] for row in told["reasons"]] == ["short_stock", "multiple"]
    assert told["reasons"][0]["title"] != problem["reasons"][0]["title"]


def test_what_goes_wrong_inside_is_a_problem_too(built: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """A unique value that slipped past the check, and a fault of ours: neither tells how it is made."""
    router = APIRouter()

    def add_twice(session: Session, _actor: Actor, *, now: datetime) -> None:
        session.add_all(ProductLine(code="TWICE", name=str(now), name_en="", path="TWICE/") for _ in range(2))
        session.flush()

    def fail(_session: Session, _actor: Actor) -> None:
        raise RuntimeError("secret")

    @router.post("/twice")
    async def twice(caller: CallerDep) -> None:
        await caller.write(add_twice)

    @router.get("/fail")
    async def wrong(caller: CallerDep) -> None:
        await caller.read(fail)

    path, tokens = built
    shutil.copy(path, tmp_path / "test.db")
    with serving(tmp_path / "test.db", tokens, routers=[router]) as market:
        assert market.refuse("gz", "POST", "/twice", 409)["code"] == "conflict"
        headers = {"authorization": f"Bearer {tokens['gz']}"}
        response = market.client.request("GET", f"{API}/fail", headers=headers)
    assert (response.status_code, response.json()["code"]) == (500, "unexpected")
    assert response.headers["content-type"] == "application/problem+json"
    assert "secret" not in response.text
