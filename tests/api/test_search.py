"""The one search over REST: what the palette finds, within the caller's scope."""

from .market import Market


def _keys(market: Market, who: str, word: str) -> dict[str, list[str]]:
    groups = market.get(who, "/search", q=word)["groups"]
    return {group["kind"]: [row["key"] for row in group["rows"]] for group in groups}


def test_the_brand_finds_a_partner_with_its_orders_and_accounts(traded: Market) -> None:
    answer = traded.get("admin", "/search", q="gz")
    first = answer["groups"][0]
    assert (first["kind"], first["title"]) == ("partner", "Partners")
    assert first["rows"][0] == {
        "key": "GZ",
        "title": "GZ 家电",
        "title_en": "GZ 家电",
        "note": "GZ",
        "match": "exact",
    }
    found = _keys(traded, "admin", "gz")
    assert "BR:GZ" in found["account"] and found["order"]


def test_a_rival_finds_nothing_of_it(traded: Market) -> None:
    number = _keys(traded, "admin", "gz")["order"][0]
    assert _keys(traded, "gz", number) == {"order": [number]}
    assert _keys(traded, "sz", number) == {}
    assert "GZ" not in str(_keys(traded, "sz", "gz"))


def test_the_heading_speaks_the_callers_language(traded: Market) -> None:
    answer = traded.call("gz", "GET", "/search?q=TV", headers={"accept-language": "zh-CN"}).json()
    assert [group["title"] for group in answer["groups"]] == ["商品"]


def test_bad_questions_are_refused(traded: Market) -> None:
    for query in ("", "?q=%00", "?q=" + "x" * 101, "?q=a&limit=0", "?q=a&limit=51"):
        traded.refuse("gz", "GET", f"/search{query}", 422)
    assert traded.get("gz", "/search", q=" ") == {"groups": []}
