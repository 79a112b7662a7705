"""Files over REST and by the browser's cookie: what is sent, what comes back, and under which headers."""

from typing import Any

import httpx
import pytest
from sqlmodel import select

from distrib_app import routes
from distrib_app.api.guard import MAX_BODY, Guard
from distrib_app.core.kernel.access import SYSTEM, User, open_session
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.settings import get_settings
from distrib_app.gate import COOKIE
from tests.core.workbench.office import picture

from .market import API, Client, Market

PNG = picture()
NAME = "签收 单.png"


def send(market: Market, who: str, *, key: str = "", **facts: Any) -> httpx.Response:
    form = {
        "subject_kind": "order",
        "subject_key": market.numbers.get("GZ", ""),
        "text": "",
        "is_shared": "false",
    }
    files = facts.pop("files", [("file", (NAME, PNG, "image/png"))])
    more = {"key": key} if key else {}
    return market.call(who, "POST", "/files", data=form | facts, files=files, **more)


def content(market: Market, who: str, path: str) -> httpx.Response:
    return market.client.request("GET", API + path, headers={"authorization": f"Bearer {market.tokens[who]}"})


def test_a_file_goes_up_and_comes_down_whole(traded: Market) -> None:
    sent = send(traded, "ops", text="看照片", is_shared="true")
    assert sent.status_code == 201
    (file,) = sent.json()["files"]
    assert (file["name"], file["media_type"], file["size"]) == (NAME, "image/png", len(PNG))
    assert (file["subject_kind"], file["is_shared"], file["has_thumbnail"]) == ("order", True, True)
    for who in ("ops", "gz", "gd"):
        answer = content(traded, who, f"/files/{file['key']}")
        assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == (
        "inline; filename=\"__ _.png\"; filename*=UTF-8''%E7%AD%BE%E6%94%B6%20%E5%8D%95.png"
    )
    small = content(traded, "gz", f"/files/{file['key']}/thumbnail")
    assert (small.headers["content-type"], small.content[8:12]) == ("image/webp", b"WEBP")
    assert len(small.content) < len(PNG)
    entry = traded.get("gz", f"/subjects/order/{traded.numbers['GZ']}/timeline")["items"][0]
    assert (entry["kind"], entry["text"], entry["files"][0]["key"]) == ("comment", "看照片", file["key"])
    assert entry["company"]["code"] == "BR"


def test_what_is_no_picture_has_no_thumbnail_and_is_downloaded(traded: Market) -> None:
    (file,) = send(traded, "ops", files=[("file", ("a.csv", b"a;b", "text/csv"))]).json()["files"]
    answer = content(traded, "ops", f"/files/{file['key']}")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    traded.refuse("ops", "GET", f"/files/{file['key']}/thumbnail", 404)
    traded.refuse("gz", "GET", f"/files/{file['key']}", 404)
    traded.refuse("gz", "DELETE", f"/files/{file['key']}", 404)
    assert traded.client.request("GET", f"{API}/files/{file['key']}").status_code == 401


def test_files_stand_and_fall_together(market: Market) -> None:
    good, bad = ("file", ("a.png", PNG, "image/png")), ("file", ("b.png", b"GIF89a", "image/png"))
    problem = market.refuse(
        "ops", "POST", "/files", 422, data={"subject_kind": "sku", "subject_key": "AC"}, files=[good, bad]
    )
    assert problem["code"] == "file_refused"
    assert "b.png" in problem["detail"]
    assert market.get("ops", "/subjects/sku/AC/timeline")["total"] == 1
    answer = market.call(
        "ops",
        "POST",
        "/files",
        data={"subject_kind": "sku", "subject_key": "AC", "text": "@nobody"},
        files=[good],
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "mention")
    assert market.get("ops", "/subjects/sku/AC/timeline")["total"] == 1


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"files": [("file", ("a.exe", b"MZ", "application/octet-stream"))]}, 422),
        ({"files": [("file", ("a.png", PNG, "text/html"))]}, 422),
        ({"files": []}, 422),
        ({"data": {"file": "text"}}, 422),
        ({"files": [("file", ("a.txt", b"x", "text/plain"))] * 11}, 400),
        ({"data": {"subject_kind": "order", "subject_key": "SO-1"}}, 404),
        ({"data": {"subject_kind": "moon", "subject_key": "1"}}, 404),
    ],
)
def test_a_bad_form_changes_nothing(market: Market, facts: dict[str, Any], status: int) -> None:
    known = {"files": [("file", ("a.txt", b"x", "text/plain"))], "data": {}}
    market.refuse("ops", "POST", "/files", status, **(known | facts))


def test_the_same_key_stores_once(market: Market) -> None:
    facts = {"subject_kind": "sku", "subject_key": "AC"}
    first, again = (send(market, "ops", key="once", **facts) for _ in range(2))
    assert first.json() == again.json()
    assert market.get("ops", "/subjects/sku/AC/timeline")["items"][0]["files"][0]["key"]
    kinds = [row["kind"] for row in market.get("ops", "/subjects/sku/AC/timeline")["items"]]
    assert kinds.count("file") == 1
    assert send(market, "ops", key="once", text="other", **facts).status_code in (409, 422)


def test_a_file_is_removed(market: Market) -> None:
    (file,) = send(market, "ops", subject_kind="sku", subject_key="AC", is_shared="true").json()["files"]
    market.refuse("gz", "DELETE", f"/files/{file['key']}", 403)
    removed = market.client.request(
        "DELETE", f"{API}/files/{file['key']}", headers={"authorization": f"Bearer {market.tokens['boss']}"}
    )
    assert removed.status_code == 204
    market.refuse("ops", "GET", f"/files/{file['key']}", 404)


# --- the browser --------------------------------------------------------------------------------------


class Browser:
    """Somebody signed in by the cookie, behind the guard."""

    def __init__(self, market: Market, username: str) -> None:
        self.client = Client(Guard(market.client._client._transport.app))
        with market.database.write(SYSTEM) as session:
            user = session.exec(select(User).where(User.username == username)).one()
            self._cookie = f"{COOKIE}={open_session(session, user=user, hours=1, now=utc_now())}"

    def call(self, method: str, path: str, **facts: Any) -> httpx.Response:
        """One request as the page sends it."""
        headers = {"cookie": self._cookie, "origin": "http://testserver"} | facts.pop("headers", {})
        return self.client.request(method, path, headers=headers, **facts)


def test_the_page_sends_and_shows_files(market: Market) -> None:
    browser = Browser(market, "ops")
    form = {"subject_kind": "sku", "subject_key": "AC", "text": "with a photo"}
    sent = browser.call("POST", routes.FILES, data=form, files={"file": (NAME, PNG, "image/png")})
    assert sent.status_code == 200, sent.text
    key = sent.json()["files"][0]["key"]
    shown = browser.call("GET", routes.file(key))
    assert shown.content == PNG
    for name, value in {
        "content-disposition": "inline",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-resource-policy": "same-origin",
    }.items():
        assert shown.headers[name].startswith(value)
    policies = shown.headers.get_list("content-security-policy")
    assert len(policies) == 1
    assert "sandbox" in policies[0] and "script" not in policies[0]
    assert browser.call("GET", routes.thumbnail(key)).headers["content-type"] == "image/webp"
    other = Browser(market, "gz")
    assert other.call("GET", routes.file(key)).status_code == 404
    nobody = other.client.request("GET", routes.file(key))
    assert nobody.status_code == 401


def test_a_text_alone_is_a_comment_and_nothing_is_refused(market: Market) -> None:
    browser = Browser(market, "ops")
    form = {"subject_kind": "sku", "subject_key": "AC", "text": "only words"}
    empty = {"file": ("", b"", "application/octet-stream")}
    assert browser.call("POST", routes.FILES, data=form, files=empty).json() == {"files": []}
    assert market.get("boss", "/subjects/sku/AC/comments")["items"][0]["text"] == "only words"
    refused = browser.call("POST", routes.FILES, data=form | {"text": " "}, files=empty)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


def test_another_site_and_a_stranger_post_nothing(market: Market) -> None:
    browser = Browser(market, "ops")
    form = {"subject_kind": "sku", "subject_key": "AC", "text": "x"}
    before = market.commits()
    foreign = browser.call("POST", routes.FILES, data=form, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    stranger = browser.call("POST", routes.FILES, data=form, headers={"cookie": ""})
    assert stranger.status_code == 401
    assert market.commits() == before


def test_only_uploads_may_be_large(market: Market) -> None:
    browser = Browser(market, "ops")
    large = b"x" * (MAX_BODY + 1)
    form = {"subject_kind": "sku", "subject_key": "AC"}
    sent = browser.call("POST", routes.FILES, data=form, files={"file": ("a.txt", large, "text/plain")})
    assert sent.status_code == 200, sent.text
    assert browser.call("POST", routes.SIGN_IN, content=large).status_code == 413
    limit = get_settings().file_max_bytes
    headers = {"content-length": str(limit + MAX_BODY + 1)}
    assert browser.call("POST", routes.FILES, content=b"", headers=headers).status_code == 413
    too_large = {"file": ("a.txt", b"x" * (limit + 1), "text/plain")}
    answer = browser.call("POST", routes.FILES, data=form, files=too_large)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
