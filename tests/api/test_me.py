"""The caller over REST: who it is, and its preferences with what is left out untouched."""

import pytest

from .market import Market

FRESH = {
    "language": "zh_CN",
    "zone": "Asia/Shanghai",
    "numbers": "auto",
    "rise": "auto",
    "theme": "auto",
    "currency": "symbol",
}


def test_who_the_caller_is(market: Market) -> None:
    me = market.get("gz", "/me")
    assert {key: me[key] for key in ("username", "name", "email")} == {
        "username": "gz",
        "name": "gz",
        "email": "",
    }
    assert [company["code"] for company in me["companies"]] == ["GZ"]
    assert "orders.place" in me["permissions"] and "admin.access" not in me["permissions"]
    assert me["preferences"] == FRESH


def test_what_is_left_out_stays(market: Market) -> None:
    body = {"preferences": {"language": "en", "numbers": "full"}}
    assert market.send("gz", "PUT", "/me", body)["preferences"] == FRESH | body["preferences"]
    after = market.send("gz", "PUT", "/me", {"preferences": {"zone": "Europe/Berlin"}})["preferences"]
    assert after == FRESH | body["preferences"] | {"zone": "Europe/Berlin"}
    assert market.get("gz", "/me")["preferences"] == after
    assert market.get("sz", "/me")["preferences"] == FRESH


@pytest.mark.parametrize(
    "changes",
    [{"language": "fr"}, {"zone": "Mars/Olympus"}, {"rise": "blue"}, {"font": "song"}, {"theme": 1}],
    ids=str,
)
def test_what_cannot_be_chosen_is_refused(market: Market, changes: dict[str, object]) -> None:
    market.refuse("gz", "PUT", "/me", 422, json={"preferences": changes})
    market.refuse("gz", "PUT", "/me", 422, json={"preferences": {"numbers": "wan"} | changes})
    assert market.get("gz", "/me")["preferences"] == FRESH
