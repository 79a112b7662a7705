"""People over REST: invited, managed, signed out; what a token may; who looks through whose eyes."""

from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest

from distrib_app import doors, gate
from distrib_app.core.kernel.access import SYSTEM, User, ViewOnlyError, open_session
from distrib_app.core.kernel.db import get_by
from distrib_app.core.kernel.errors import UnauthenticatedError

from .market import Market

EVE = {"username": "eve", "name": "Eve", "email": "eve@x.cn", "partner": "GZ", "role": "owner"}
HASHED = ("hash", "secret", "password")


def keys(value: Any) -> set[str]:
    """Every name in an answer."""
    if isinstance(value, dict):
        return set(value) | {name for item in value.values() for name in keys(item)}
    if isinstance(value, list):
        return {name for item in value for name in keys(item)}
    return set()


def invite(market: Market, who: str = "gz", **changes: str) -> str:
    """Invite somebody; the token of the link."""
    answer = market.send(who, "POST", "/users", EVE | changes)
    assert answer["username"] == (EVE | changes)["username"]
    token: str = answer["path"].removeprefix("/invitation/")
    return token


def browser(market: Market, username: str) -> str:
    """A signed-in browser."""
    with market.database.write(SYSTEM) as session:
        user = get_by(session, User, "user", username=username)
        return open_session(session, user=user, hours=1, now=datetime.now(UTC))


def test_somebody_is_invited_and_signs_in(market: Market) -> None:
    token = invite(market)
    row = market.get("gz", "/users/eve")
    assert (row["user"]["status"], row["user"]["email"]) == ("invited", "eve@x.cn")
    assert [(post["partner_code"], post["role_code"]) for post in row["user"]["posts"]] == [("GZ", "owner")]
    assert doors.use_link(token, "ten--chars") == "eve"
    session = doors.sign_in("eve", "ten--chars", "198.51.100.7", "Firefox")
    assert gate.read(gate.Credential(session_token=session), lambda _session, actor: actor.name) == "Eve"
    seen = market.get("admin", "/users/eve")
    assert [(one["address"], one["agent"]) for one in seen["sessions"]] == [("198.51.100.7", "Firefox")]
    names = keys(seen) | keys(market.get("admin", "/users"))
    assert not {name for name in names if any(word in name for word in HASHED)}
    assert token not in str(seen)


def test_an_owner_stays_in_the_own_company(market: Market) -> None:
    for partner in ("GD", "SZ", "JS", "BR"):
        market.refuse("gz", "POST", "/users", 404, json=EVE | {"partner": partner})
    invite(market, partner="OUT", username="tom")
    assert [row["username"] for row in market.get("gz", "/users")["items"]] == ["gz"]
    for stranger in ("sz", "admin", "tom", "ghost"):
        market.refuse("gz", "GET", f"/users/{stranger}", 404)
        market.refuse("gz", "POST", f"/users/{stranger}/link", 404)
        market.refuse("gz", "PUT", f"/users/{stranger}/access", 404, json={"is_disabled": True})
    for path in ("/audit", "/users/gz/reach"):
        market.refuse("gz", "GET", path, 403)
    market.refuse("ops", "GET", "/users", 403)


def test_posts_and_access_change(market: Market) -> None:
    invite(market)
    post = {"partner": "GZ", "role": "finance"}
    detail = market.send("gz", "POST", "/users/eve/posts", post)
    assert [row["role_code"] for row in detail["user"]["posts"]] == ["owner", "finance"]
    detail = market.send(
        "gz", "POST", "/users/eve/posts/change", {"partner": "GZ", "role": "owner", "new_role": "executive"}
    )
    assert [row["role_code"] for row in detail["user"]["posts"]] == ["finance", "executive"]
    assert market.call("gz", "POST", "/users/eve/posts/end", json=post).status_code == 204
    cookie = browser(market, "eve")
    detail = market.send("gz", "PUT", "/users/eve/access", {"is_disabled": True})
    assert detail["user"]["status"] == "disabled"
    with pytest.raises(UnauthenticatedError):
        gate.read(gate.Credential(session_token=cookie), lambda _session, _actor: None)


def test_a_narrowed_token_may_only_that(market: Market) -> None:
    answer = market.send("ops", "POST", "/me/tokens", {"name": "erp", "scopes": ["orders.read"], "days": 30})
    market.tokens["narrow"] = answer["token"]
    market.get("narrow", "/orders")
    for method, path, facts in (
        ("GET", "/partners", {}),
        ("GET", "/me/account", {}),
        ("POST", "/me/tokens", {"json": {"name": "wide"}}),
        ("PUT", "/me/profile", {"json": {"name": "x"}}),
        ("POST", "/me/second-factor", {}),
    ):
        market.refuse("narrow", method, path, 403, **facts)
    rows = market.get("ops", "/me/account")["tokens"]
    assert [(row["name"], row["scopes"]) for row in rows] == [("erp", ["orders.read"]), ("test", [])]
    assert answer["token"] not in str(rows)
    market.refuse("ops", "POST", "/me/tokens", 422, json={"name": "x", "scopes": ["moon.read"]})
    assert market.call("ops", "POST", "/me/tokens/end", json={"key": rows[0]["key"]}).status_code == 204
    market.refuse("narrow", "GET", "/orders", 401)


def test_a_second_factor_from_enrolment_to_its_end(market: Market) -> None:
    with market.database.write(SYSTEM) as session:
        user = get_by(session, User, "user", username="fin")
        from distrib_app.core.kernel.access import hash_password

        user.password_hash = hash_password("correct horse")
    enrolment = market.send("fin", "POST", "/me/second-factor", {})
    totp = pyotp.TOTP(enrolment["secret"])
    code = totp.now()
    codes = market.send("fin", "POST", "/me/second-factor/confirm", {"code": code})["recovery_codes"]
    assert len(codes) == 10
    half = doors.sign_in("fin", "correct horse", "198.51.100.7")
    assert doors.is_half_signed_in(half)
    with pytest.raises(UnauthenticatedError):
        gate.read(gate.Credential(session_token=half), lambda _session, _actor: None)
    from distrib_app.core.kernel.access import WrongCodeError

    with pytest.raises(WrongCodeError):
        doors.give_code(half, code, "198.51.100.7")  # it was used when it was confirmed
    whole = doors.give_code(half, codes[0], "198.51.100.7")
    assert gate.read(gate.Credential(session_token=whole), lambda _session, actor: actor.username) == "fin"
    proof = {"password": "correct horse", "code": codes[0]}
    problem = market.call("fin", "POST", "/me/second-factor/disable", json=proof)
    assert (problem.status_code, problem.json()["code"]) == (422, "wrong_code")
    proof["code"] = codes[1]
    assert market.call("fin", "POST", "/me/second-factor/disable", json=proof).status_code == 204
    assert not market.get("fin", "/me/account")["has_second_factor"]


def test_guessing_the_password_of_a_signed_in_person_is_slowed_down(market: Market) -> None:
    wrong = {"present": "guess", "password": "another horse"}
    statuses = [market.call("fin", "POST", "/me/password", json=wrong).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    kinds = [row["kind"] for row in market.get("admin", "/audit", search="fin")["items"]]
    assert kinds[:2] == ["sign_in.locked", "sign_in.proof_failed"]


def test_a_view_changes_nothing_and_ends(market: Market) -> None:
    own = browser(market, "admin")
    seen = doors.begin_view(own, "gz")
    credential = gate.Credential(session_token=seen)
    actor = gate.read(credential, lambda _session, actor: actor)
    assert (actor.username, actor.permissions) == ("gz", frozenset(market_permissions(market, "gz")))
    assert actor.impersonated_by is not None
    before = market.commits()
    with pytest.raises(ViewOnlyError):
        gate.write(credential, lambda _session, _actor, *, now: None)
    # the cookie opens no REST, whoever's eyes it has
    market.tokens["viewer"] = seen
    market.refuse("viewer", "GET", "/me", 401)
    market.refuse("viewer", "POST", "/users", 401, json=EVE)
    assert market.commits() == before
    with pytest.raises(UnauthenticatedError):
        gate.read(gate.Credential(session_token=own), lambda _session, _actor: None)
    back = doors.end_view(seen)
    assert gate.read(gate.Credential(session_token=back), lambda _session, actor: actor.username) == "admin"
    kinds = [row["kind"] for row in market.get("admin", "/audit", subject="user", search="gz")["items"]]
    assert kinds == ["admin.view_as_ended", "admin.view_as_started"]


def market_permissions(market: Market, username: str) -> list[str]:
    """What a user may, as the API says it."""
    permissions: list[str] = market.get(username, "/me")["permissions"]
    return permissions


def test_a_view_dies_with_what_allowed_it(market: Market) -> None:
    seen = doors.begin_view(browser(market, "admin"), "gz")
    market.send("admin", "POST", "/users/gz/posts", {"partner": "BR", "role": "administrator"})
    with pytest.raises(UnauthenticatedError):
        gate.read(gate.Credential(session_token=seen), lambda _session, _actor: None)


def test_sessions_of_others_end_at_once(market: Market) -> None:
    cookies = [browser(market, "gz") for _ in range(2)]
    rows = market.get("admin", "/users/gz")["sessions"]
    body = {"key": rows[0]["key"]}
    assert market.call("admin", "POST", "/users/gz/sessions/end", json=body).status_code == 204
    alive = []
    for cookie in cookies:
        try:
            alive.append(gate.read(gate.Credential(session_token=cookie), lambda _s, actor: actor.username))
        except UnauthenticatedError:
            alive.append("")
    assert sorted(alive) == ["", "gz"]
    market.refuse("admin", "POST", "/users/gz/sessions/end", 404, json=body)
    assert market.call("admin", "POST", "/users/gz/sessions/end", json={}).status_code == 204
    assert market.get("admin", "/users/gz")["sessions"] == []


def test_a_reset_link_is_shown_once_and_a_forgotten_password_tells_nothing(market: Market) -> None:
    path = market.send("admin", "POST", "/users/gz/link", {})["path"]
    second = market.send("admin", "POST", "/users/gz/link", {})["path"]
    assert path != second
    for name in ("gz", "ghost", "gz"):
        doors.ask_reset(name)
    rows = market.get("admin", "/audit", search="gz", subject="user")["items"]
    kinds = [row["kind"] for row in rows]
    assert kinds == ["user.reset_asked", "user.link_opened", "user.link_opened"]
    assert [row["text"] for row in market.get("admin", "/notices")["items"]] == [
        "gz has forgotten the password and asks for a link"
    ]
    assert doors.use_link(second.removeprefix("/invitation/"), "ten--chars") == "gz"


def test_roles_and_tiers_change_what_everybody_may(market: Market) -> None:
    role = {"code": "clerk", "name": "文员", "permissions": ["orders.read"]}
    assert market.send("admin", "POST", "/roles", role)["member_count"] == 0
    changed = {"name": "文员", "permissions": ["orders.read", "stock.read"], "version": 1}
    assert market.send("admin", "PUT", "/roles/clerk", changed)["permissions"] == [
        "stock.read",
        "orders.read",
    ]
    market.refuse("admin", "PUT", "/roles/clerk", 409, json=changed)
    market.refuse("gz", "POST", "/roles", 403, json=role | {"code": "boss"})
    tiers = market.send("admin", "POST", "/tiers", {"code": "district", "name": "区级"})["items"]
    order = [row["code"] for row in tiers]
    assert order[-1] == "district"
    market.send("admin", "PUT", "/tiers/district", {"name": "街道"})
    turned = [order[0], "district", *order[1:-1]]
    answer = market.send("admin", "POST", "/tiers/order", {"codes": turned})
    assert [row["code"] for row in answer["items"]] == turned
    market.send("admin", "PUT", "/tiers/city/permissions/orders.read", {"is_allowed": False})
    market.refuse("gz", "GET", "/orders", 403)
    lock = {"is_allowed": False}
    problem = market.refuse("admin", "PUT", "/tiers/brand/permissions/admin.access", 409, json=lock)
    assert problem["code"] == "last_administrator"


def test_what_somebody_would_see(market: Market) -> None:
    reach = market.get("admin", "/users/gz/reach")
    counts = {count["table"]: count["count"] for row in reach["rows"] for count in row["counts"]}
    assert counts["partner"] == len(market.get("gz", "/partners")["items"])
