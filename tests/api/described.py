"""Every answer that any test of the API sees is held against the description."""

import re
from functools import lru_cache
from typing import Any

import httpx
import jsonschema_rs

from distrib_app.api import ROUTERS, create_api


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The description."""
    return create_api(ROUTERS).openapi()


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    # addresses without a variable first: /prices/history is no price called history
    paths = sorted(document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path) for path in paths]


@lru_cache(maxsize=1000)
def _validator(path: str, method: str, status: str) -> Any:
    answer = document()["paths"][path][method]["responses"][status]
    (content,) = answer.get("content", {None: {"schema": {}}}).values()
    return jsonschema_rs.validator_for(
        content.get("schema", {}) | {"components": document()["components"]}, validate_formats=True
    )


def hold(response: httpx.Response) -> None:
    """Assert that the description knows this status of the operation and the shape of its answer."""
    method, target = response.request.method.lower(), response.request.url.path
    path = next((path for pattern, path in _patterns() if pattern.fullmatch(target)), None)
    if path is None or method not in document()["paths"][path]:
        return
    answers = document()["paths"][path][method]["responses"]
    assert str(response.status_code) in answers, f"{method} {path}: {response.status_code} is not described"
    if response.content and "json" in response.headers.get("content-type", ""):
        validator = _validator(path, method, str(response.status_code))
        broken = [f"{one.instance_path}: {one.message}" for one in validator.iter_errors(response.json())]
        assert broken == [], f"{method} {path} {response.status_code}: {broken[:5]}"
