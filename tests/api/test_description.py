"""The description of the API is complete, its pages exist, and it asks for what the verbs ask for."""

import re
from typing import Any

import pytest
from sqlmodel import select, update

from distrib_app.api import ROUTERS, create_api
from distrib_app.api.guard import content_security_policy
from distrib_app.api.problems import problem_kinds
from distrib_app.api.tags import TAGS
from distrib_app.core.kernel.access import SYSTEM, ApiToken, Permission
from distrib_app.core.kernel.access.tokens import hash_token
from distrib_app.i18n import gettext

from .market import API, Market

DOCUMENT = create_api(ROUTERS).openapi()
OPERATIONS = [
    (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]
NAMES = [operation["operationId"] for _, _, operation in OPERATIONS]


def test_every_operation_is_described() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert len(NAMES) == len(set(NAMES))
    missing = [
        f"{method.upper()} {path}: add openapi_extra=asks(Permission.…, answers=…)"
        for method, path, operation in OPERATIONS
        if "x-permission" not in operation
    ]
    assert missing == []
    for _, path, operation in OPERATIONS:
        name = operation["operationId"]
        assert re.fullmatch(r"[a-z_]+", name), name
        assert operation["summary"].endswith((".", "…")), path
        assert set(operation["tags"]) <= set(TAGS), f"{path}: describe its tag in api/tags.py"
        for names in operation["x-permission"]:
            assert set(names.split()) <= set(Permission), path
        assert operation["security"] == [
            {"bearer": names.split()} for names in operation["x-permission"]
        ] or operation["security"] == [{"bearer": []}]


def test_every_answer_is_described() -> None:
    for method, path, operation in OPERATIONS:
        answers = operation["responses"]
        assert any(status.startswith("2") for status in answers), path
        expected = {"401", "403", "404", "422", "429", "500"}
        assert expected | ({"409", "412", "413", "507"} if method != "get" else {"400"}) <= set(answers)
        for status, answer in answers.items():
            if status >= "4":
                assert set(answer["content"]) == {"application/problem+json"}, (path, status)
        headers = {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (method == "post"), path


def test_every_reference_leads_somewhere() -> None:
    def walk(value: Any) -> None:
        if isinstance(value, dict):
            assert "x-named" not in value
            if "$ref" in value:
                assert value["$ref"].rpartition("/")[2] in DOCUMENT["components"]["schemas"], value
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(DOCUMENT)


def test_the_description_is_public(market: Market) -> None:
    response = market.client.request("GET", f"{API}/openapi.json")
    assert response.status_code == 200
    assert response.json()["info"]["title"] == "Distrib"


def test_the_reference_shows_every_operation_and_loads_nothing(market: Market) -> None:
    response = market.client.request("GET", f"{API}/docs")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for name in NAMES:
        assert f'id="{name}"' in response.text
    for needle in ("<script", 'rel="stylesheet"', "<img", "@import", "url(", "x-named"):
        assert needle not in response.text, needle
    assert b"style-src 'self' 'unsafe-inline'" in content_security_policy()
    links = set(re.findall(r'href="#([^"]+)"', response.text))
    assert links <= set(re.findall(r'id="([^"]+)"', response.text))


def test_every_problem_code_has_a_page_in_both_languages(market: Market) -> None:
    kinds = problem_kinds()
    assert {"idempotency_mismatch", "already_done", "bad_cursor", "precondition_failed"} <= {
        kind.code for kind in kinds
    }
    listed = market.client.request("GET", f"{API}/problems").text
    for kind in kinds:
        assert f"{API}/problems/{kind.code}" in listed
    for kind in kinds[:: max(1, len(kinds) // 12)]:
        page = market.client.request("GET", f"{API}/problems/{kind.code}")
        assert page.status_code == 200
        plain = page.text.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")
        for language in ("en", "zh_CN"):
            assert gettext(kind.sentences[0], language) in plain
    unknown = market.client.request("GET", f"{API}/problems/nothing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


READS = [
    ("admin", path.removeprefix(API), operation["x-permission"])
    for method, path, operation in OPERATIONS
    if method == "get" and "{" not in path and operation["x-permission"]
]


@pytest.mark.parametrize(("who", "path", "permissions"), READS, ids=[path for _, path, _ in READS])
def test_a_token_does_what_its_scopes_name(
    market: Market, who: str, path: str, permissions: list[str]
) -> None:
    """With every scope but those the operation names it is refused; with those alone it is let in."""
    if "history" in path:
        path += "?seller=BR&buyer=GZ&sku=AC"
    digest = hash_token(market.tokens[who])

    def narrow(scopes: set[str]) -> None:
        with market.database.write(SYSTEM) as session:
            session.exec(update(ApiToken).where(ApiToken.token_hash == digest).values(scopes=sorted(scopes)))
            assert session.exec(select(ApiToken).where(ApiToken.token_hash == digest)).one().scopes

    named = {name for names in permissions for name in names.split()}
    narrow(set(Permission) - named)
    assert market.call(who, "GET", path).status_code == 403
    narrow(set(permissions[0].split()))
    assert market.call(who, "GET", path).status_code in (200, 422)
