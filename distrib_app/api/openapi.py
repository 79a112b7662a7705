"""The description of the API (OpenAPI 3.1): what FastAPI knows of the routes, completed by what they say."""

import hashlib
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .caller import KEY, KEY_PATTERN
from .examples import EXAMPLES, sample
from .problems import ADVICE, MEDIA_TYPE, TITLES
from .schemas import OBJECT, TEXT, Schema, object_of
from .tags import ABOUT, TAGS

PROBLEM: Schema = object_of(
    type=TEXT | {"format": "uri-reference", "description": "A page that explains the code."},
    title=TEXT | {"description": "What kind of problem it is, in the caller's language."},
    status={"type": "integer"},
    detail=TEXT | {"description": "What happened this time, in the caller's language."},
    code=TEXT | {"description": "Stable, for machines."},
    request_id=TEXT | {"description": "As in the header X-Request-Id; name it when you ask for help."},
)
PROBLEM["properties"] |= {
    "errors": {
        "type": "array",
        "items": object_of(field=TEXT, reason=TEXT),
        "description": "The fields that are not acceptable, and why.",
    },
    "reasons": {
        "type": "array",
        "items": object_of(code=TEXT, title=TEXT),
        "description": "Every reason why an order was refused.",
    },
    "error_id": TEXT | {"description": "Under which a fault of ours stands in the log."},
}
_READ = (400, 401, 403, 404, 405, 422, 429, 500)
_WRITE = (400, 401, 403, 404, 405, 409, 412, 413, 422, 424, 429, 500, 507)
_HEADERS: Schema = {
    "X-Request-Id": {"schema": TEXT, "description": "The request's id."},
    "RateLimit": {"schema": TEXT, "description": "Requests left at once, seconds until all are."},
}
_ETAG: Schema = {"schema": TEXT, "description": "For If-None-Match, and with a version for If-Match."}
_IF_NONE_MATCH: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": TEXT,
    "description": "An ETag: the answer is 304 without a body while nothing changed.",
}
_IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": TEXT,
    "description": "The ETag of what was read: 412 when the record has another version by now.",
}
_KEY: Schema = {
    "name": KEY,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": KEY_PATTERN},
    "description": "One per intention: a repeated request gets the first answer for 48 hours.",
}


def describe(api: FastAPI) -> Callable[[], dict[str, Any]]:
    """The function that FastAPI asks for the description of `api`; made once."""

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            document = get_openapi(
                title=api.title,
                version=api.version,
                openapi_version="3.1.0",
                description=ABOUT,
                routes=api.routes,
                tags=[{"name": name, "description": text} for name, text in TAGS.items()],
            )
            api.openapi_schema = _complete(document)
        return api.openapi_schema

    return openapi


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas: Schema = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    for item in document["paths"].values():
        for method, operation in item.items():
            _complete_operation(method, operation, schemas)
    used = {tag for item in document["paths"].values() for one in item.values() for tag in one["tags"]}
    document["tags"] = [tag for tag in document["tags"] if tag["name"] in used]
    return document


def _complete_operation(method: str, operation: Schema, schemas: Schema) -> None:
    permissions = operation.get("x-permission", [])
    operation["security"] = [{"bearer": names.split()} for names in permissions] or [{"bearer": []}]
    answer = operation.pop("x-answer", {"name": "", "schema": OBJECT})
    is_list = "next_cursor" in answer["schema"].get("properties", {})
    schema = _hoist(answer, schemas)
    parameters: list[Schema] = operation.setdefault("parameters", [])
    operation["summary"] = operation.get("description", "").split("\n\n")[0].replace("\n", " ")
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            _complete_answer(method, response, schema, is_list=is_list)
    if method == "get" and not is_list:
        parameters.append(_IF_NONE_MATCH)
        operation["responses"]["304"] = {"description": "Nothing changed since the ETag in If-None-Match."}
    elif _takes_version(operation, schemas):
        parameters.append(_IF_MATCH)
    if method == "post" and not any(one["name"] == KEY for one in parameters):
        parameters.append(_KEY)
    for status in _READ if method == "get" else _WRITE:
        operation["responses"][str(status)] = _problem(status)
    _add_example(operation, schemas)


def _takes_version(operation: Schema, schemas: Schema) -> bool:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    named = schemas.get(body.get("$ref", "").rpartition("/")[2], body)
    return "version" in named.get("properties", {})


def _complete_answer(method: str, response: Schema, schema: Schema, *, is_list: bool) -> None:
    response["description"] = "What was asked for." if method == "get" else "Done; the record as it is now."
    response["headers"] = dict(_HEADERS)
    if is_list:
        response["headers"]["Link"] = {"schema": TEXT, "description": 'The next window, rel="next".'}
    elif method == "get":
        response["headers"]["ETag"] = _ETAG
    elif method == "post":
        response["headers"]["Idempotency-Replayed"] = {
            "schema": {"enum": ["true"]},
            "description": "There where this is the first answer to the key, given again.",
        }
    if "application/json" in response.get("content", {}):
        response["content"]["application/json"] = {"schema": schema}


def _problem(status: int) -> Schema:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": f"{TITLES[status]}. {ADVICE[status]}", "content": content}


def _add_example(operation: Schema, schemas: Schema) -> None:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None:
        body["example"] = EXAMPLES.get(operation["operationId"]) or sample(body["schema"], schemas)


def _hoist(answer: Schema, schemas: Schema) -> Schema:
    """The schema of an answer, or a reference to it among the components, with those inside it."""
    schema = _hoist_inside(answer["schema"], schemas)
    if not answer["name"]:
        return schema
    if schemas.setdefault(answer["name"], schema) != schema:
        # two answers of one name: the later one is told apart, so that neither describes the other
        name = f"{answer['name']}_{hashlib.sha256(repr(schema).encode()).hexdigest()[:6]}"
        schemas[name] = schema
        return {"$ref": f"#/components/schemas/{name}"}
    return {"$ref": f"#/components/schemas/{answer['name']}"}


def _hoist_inside(value: Any, schemas: Schema) -> Any:
    if isinstance(value, dict):
        if "x-named" in value:
            return _hoist(value["x-named"], schemas)
        return {key: _hoist_inside(one, schemas) for key, one in value.items()}
    if isinstance(value, list):
        return [_hoist_inside(one, schemas) for one in value]
    return value
