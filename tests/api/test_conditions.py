"""Tags, cursors, limits, request ids: what surrounds every answer."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session

from distrib_app.api.cursors import encode, question
from distrib_app.core.catalog import create_sku
from distrib_app.core.channels import create_partner
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.clock import utc_now

from .market import API, Market, serving

WANTED = {"seller": "BR", "buyer": "GZ", "lines": [{"sku": "TV", "qty": 2}]}


def test_a_record_that_did_not_change_is_not_sent_again(market: Market) -> None:
    number = market.place("gz", "BR", {"TV": 1}, key="k")
    path = f"/orders/{number}"
    first = market.call("gz", "GET", path)
    tag = first.headers["etag"]
    assert re.fullmatch(r'"1-[0-9a-f]{16}"', tag)
    headers = {"authorization": f"Bearer {market.tokens['gz']}"}
    for wanted in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        same = market.client.request("GET", API + path, headers=headers | {"if-none-match": wanted})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    other = market.call("gz", "GET", path, headers={"if-none-match": '"1-0000000000000000"'})
    assert other.json() == first.json()
    # in another language it is another text of the same version
    chinese = market.call("gz", "GET", path, headers={"accept-language": "zh", "if-none-match": tag})
    assert (chinese.status_code, chinese.headers["etag"][:2]) == (200, '"1')
    market.send("ops", "POST", f"{path}/ship", {})
    assert market.call("gz", "GET", path, headers={"if-none-match": tag}).headers["etag"].startswith('"2-')
    assert "etag" not in market.call("gz", "GET", "/orders").headers
    assert market.call("gz", "GET", "/accounts/BR/GZ/statement").headers["etag"].startswith('W/"')


def test_a_change_names_what_was_seen(market: Market) -> None:
    number = market.place("gz", "BR", {"TV": 1}, key="k")
    ship = f"/orders/{number}/ship"
    tag = market.call("ops", "GET", f"/orders/{number}").headers["etag"]
    for wanted in ('"9"', '"9-00"', "nonsense", f"W/{tag}", f'{tag}, "1"'):
        problem = market.refuse("ops", "POST", ship, 412, json={}, headers={"if-match": wanted})
        assert problem["code"] == "precondition_failed"
    market.refuse("ops", "POST", ship, 412, json={"version": 2}, headers={"if-match": tag})
    assert market.refuse("ops", "POST", ship, 409, json={"version": 9})["code"] == "stale"
    done = market.call("ops", "POST", ship, json={}, headers={"if-match": tag})
    assert (done.status_code, done.json()["version"]) == (200, 2)
    # where a version must be named, either way will do
    assert market.refuse("ops", "PATCH", "/skus/TV", 422, json={})["errors"][0]["field"] == "version"
    flags = {"is_backorder_allowed": True}
    changed = market.call("ops", "PATCH", "/skus/TV", json=flags, headers={"if-match": '"1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    # what has no version cannot be held against one
    market.refuse("gz", "POST", "/orders", 412, json=WANTED, key="x", headers={"if-match": tag})


def pages(market: Market, who: str, path: str, limit: int, **params: Any) -> list[dict[str, Any]]:
    """All windows of a list, by cursor."""
    found = [market.get(who, path, limit=limit, **params)]
    while found[-1]["next_cursor"]:
        found.append(market.get(who, path, limit=limit, cursor=found[-1]["next_cursor"], **params))
    return found


@pytest.mark.parametrize(
    ("who", "path", "params"),
    [
        ("ops", "/partners", {}),
        ("ops", "/partners", {"sort": "-name"}),
        ("ops", "/skus", {}),
        ("ops", "/skus", {"sort": "-tax"}),
        ("ops", "/orders", {}),
        ("ops", "/orders", {"sort": "gross_amount"}),
        ("ops", "/orders", {"sort": "-gross_amount", "status": ["shipped", "allocated"]}),
        ("ops", "/stock", {}),
        ("ops", "/stock/PLANT/TV/movements", {}),
        ("ops", "/prices", {}),
        ("ops", "/prices", {"sort": "-unit_price"}),
        ("fin", "/invoices", {}),
        ("fin", "/receipts", {"sort": "amount"}),
        ("fin", "/accounts", {}),
        ("boss", "/sales-rows", {}),
        ("ops", "/regions", {"parent": "440000"}),
        ("ops", "/tiers", {}),
    ],
)
def test_cursors_lead_through_the_whole_list(
    traded: Market, who: str, path: str, params: dict[str, Any]
) -> None:
    whole = traded.get(who, path, limit=200, **params)
    assert (whole["next_cursor"], whole["total"]) == (None, len(whole["items"]))
    assert whole["total"] >= 2
    for limit in (1, 2):
        found = pages(traded, who, path, limit, **params)
        assert [row for page in found for row in page["items"]] == whole["items"]
        assert {page["total"] for page in found} == {whole["total"]}
        assert [page["offset"] for page in found] == [0] + [None] * (len(found) - 1)


def test_rows_that_come_in_are_neither_skipped_nor_repeated(market: Market) -> None:
    def admit(session: Session, code: str) -> None:
        facts = {"tier_code": "city", "parent_code": "GD", "region_code": "440600", "now": utc_now()}
        create_partner(session, SYSTEM, code=code, name=code, **facts)
        create_sku(session, SYSTEM, code=code, name=code, product_code="P", now=utc_now())

    lists = {"/partners": "code", "/skus": "code", "/orders": "number"}
    numbers = [market.place("gz", "BR", {"TV": qty}, key=f"k{qty}") for qty in (1, 2, 3)]
    before = {path: market.get("ops", path, limit=200)["items"] for path in lists}
    first = {path: market.get("ops", path, limit=2) for path in lists}
    with market.database.write(SYSTEM) as session:
        for code in ("A0", "ZZ"):
            admit(session, code)
    late = market.place("gz", "BR", {"TV": 4}, key="k4")
    for path, key in lists.items():
        seen = [row[key] for row in first[path]["items"]]
        cursor = first[path]["next_cursor"]
        while cursor:
            page = market.get("ops", path, limit=2, cursor=cursor)
            seen += [row[key] for row in page["items"]]
            cursor = page["next_cursor"]
        old = [row[key] for row in before[path]]
        assert [code for code in seen if code in old] == old, path
        assert len(seen) == len(set(seen))
    assert late not in {row["number"] for row in before["/orders"]} and late not in numbers
    # a movement more, while its list is read
    moves = "/stock/PLANT/TV/movements"
    page = market.get("ops", moves, limit=1)
    market.place("gz", "BR", {"TV": 5}, key="k5")
    following = market.get("ops", moves, limit=1, cursor=page["next_cursor"])
    assert following["items"] != page["items"]


def test_a_list_links_to_its_next_window(traded: Market) -> None:
    response = traded.call("ops", "GET", "/orders", params={"limit": 2, "status": ["shipped", "allocated"]})
    url = re.fullmatch(r'<(/api/v1/orders\?[^>]+)>; rel="next"', response.headers["link"])
    assert url is not None
    following = traded.call("ops", "GET", url[1].removeprefix(API))
    assert following.json()["items"][0] not in response.json()["items"]
    assert "link" not in traded.call("ops", "GET", "/tiers").headers


def test_a_cursor_belongs_to_its_question(traded: Market) -> None:
    cursor = traded.get("ops", "/orders", limit=1)["next_cursor"]
    asked = question(f"{API}/orders", [])
    for path, bad in (
        ("/orders", "nonsense"),
        ("/orders", "W10"),
        ("/orders", cursor[:-3]),
        ("/orders?sort=number", cursor),
        ("/partners", cursor),
        ("/orders", encode(asked, [1])),
        ("/orders", encode(asked, ["text", 1])),
        ("/orders", encode(asked, [None, 2**63 - 1, 3])),
        ("/orders", encode(asked, [[1], 2])),
        ("/tiers", encode(question(f"{API}/tiers", []), ["a"])),
        ("/tiers", encode(question(f"{API}/tiers", []), [-1])),
    ):
        joined = "&" if "?" in path else "?"
        problem = traded.refuse("ops", "GET", f"{path}{joined}cursor={bad}", 400)
        assert problem["code"] == "bad_cursor", (path, bad)


def test_a_request_keeps_its_id(traded: Market) -> None:
    given = traded.call("gz", "GET", "/nothing", headers={"x-request-id": "trace-1.2:3"})
    assert given.headers["x-request-id"] == given.json()["request_id"] == "trace-1.2:3"
    ids = set()
    for bad in ("", "x" * 65, "two words", 'a"b', "é".encode()):
        response = traded.call("gz", "GET", "/nothing", headers={"x-request-id": bad})
        ids.add(response.headers["x-request-id"])
    assert len(ids) == 5
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)


def test_too_many_requests_wait(built: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    path, tokens = built
    shutil.copy(path, tmp_path / "test.db")
    with serving(tmp_path / "test.db", tokens, rate_limit=60) as market:
        market.call("gz", "GET", "/tiers")  # the first request of a token is its address's
        answers = _until_refused(lambda _: market.call("gz", "GET", "/tiers"))
        assert [answer.status_code for answer in answers[:-1]] == [200] * (len(answers) - 1)
        assert len(answers) > 100
        refused = answers[-1]
        assert refused.json()["code"] == "rate_limited"
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["ratelimit-policy"] == '"token";q=60;w=60;burst=100'
        assert re.fullmatch(r'"token";r=0;t=\d+', refused.headers["ratelimit"])
        assert market.call("sz", "GET", "/tiers").status_code == 200

        def guess(number: int) -> httpx.Response:
            headers = {"authorization": f"Bearer guess{number}"}
            return market.client.request("GET", f"{API}/tiers", headers=headers)

        # guessing tokens is slowed by address, whatever token is tried
        guesses = _until_refused(guess)
        assert {answer.status_code for answer in guesses[:-1]} == {401}
        assert guesses[-1].headers["ratelimit-policy"].startswith('"address";q=60')
        assert market.call("sz", "GET", "/tiers").status_code == 200


def _until_refused(call: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    """The answers up to the first 429."""
    answers: list[httpx.Response] = []
    while len(answers) < 500 and (not answers or answers[-1].status_code != 429):
        answers.append(call(len(answers)))
    assert answers[-1].status_code == 429
    return answers
