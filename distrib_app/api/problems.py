"""Refusals as problem+json (RFC 9457): what they say, in the caller's language, and what each code means."""

import re
import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import Scope

from .. import routes
from ..core.kernel.errors import DomainError, InvalidError, msg
from ..core.orders import OrderRefusedError
from ..i18n import LANGUAGES, gettext, translate_error

MEDIA_TYPE = "application/problem+json"

TITLES: dict[int, str] = {
    400: msg("The request could not be read"),
    401: msg("Not signed in"),
    403: msg("Not allowed"),
    404: msg("Not found"),
    405: msg("Method not allowed"),
    409: msg("Contradicts what is recorded"),
    412: msg("Changed meanwhile"),
    413: msg("Too large"),
    422: msg("Not acceptable"),
    424: msg("Another system does not answer"),
    429: msg("Too many requests"),
    500: msg("Something went wrong"),
    507: msg("Could not be stored"),
}
ADVICE: dict[int, str] = {
    400: msg("Correct the request; repeating it unchanged fails again."),
    401: msg("Send a valid token in the header Authorization: Bearer …"),
    403: msg("The token's user lacks the permission, the token was not given it, or another party decides."),
    404: msg("Check the code or number. What lies outside the caller's scope does not exist for it."),
    405: msg("The header Allow names the methods of this address."),
    409: msg("Read the record again, look at its state, and decide anew. Nothing was saved."),
    412: msg("Read the record again and send its new ETag in If-Match. Nothing was saved."),
    413: msg("Send less in one request."),
    422: msg("Correct the fields named in errors; repeating the request unchanged fails again."),
    424: msg("Nothing was saved. Try again when the other system answers."),
    429: msg("Wait as long as the header Retry-After says."),
    500: msg("Nothing was saved. Try again later; tell us the request_id if it stays."),
    507: msg("Nothing was saved. Try again later with the same Idempotency-Key."),
}
TOO_LARGE = msg("The request body is larger than {limit} bytes.")
NO_METHOD = msg("This address does not take {method}.")
TOO_MANY = msg("Too many requests. Try again in {seconds} seconds.")
UNEXPECTED = msg("Something went wrong on our side. Nothing was saved. Error {error_id}.")
AT_ONCE = msg("Somebody else recorded the same at the same moment. Reload and try again; nothing was saved.")
OUT_OF_RANGE = msg("A value is larger than can be stored; nothing was saved.")
NOT_VALID = msg("Fields are missing or not valid: {fields}.")
# codes of the web's own, which no verb raises: status and what is said
WEB: dict[str, tuple[int, str]] = {
    "bad_request": (400, TITLES[400]),
    "conflict": (409, AT_ONCE),
    "invalid": (422, NOT_VALID),
    "method_not_allowed": (405, NO_METHOD),
    "rate_limited": (429, TOO_MANY),
    "too_large": (413, TOO_LARGE),
    "unexpected": (500, UNEXPECTED),
}


class PreconditionFailedError(DomainError):
    """`If-Match` names another version than the record has; nothing was saved."""

    code = "precondition_failed"
    status = 412
    template = msg("The record has another version than If-Match names. Nothing was saved.")


_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def language_of(scope: Request | Scope) -> str:
    """Chinese for those who ask for it, English for everybody else."""
    headers = scope.headers if isinstance(scope, Request) else Headers(scope=scope)
    wanted = headers.get("accept-language", "")
    return LANGUAGES[0] if wanted.lower().startswith("zh") else LANGUAGES[1]


def name_request(scope: Scope) -> str:
    """The id of a request, written into its scope: the caller's own if it is a plain one, else a new one."""
    state: dict[str, Any] = scope.setdefault("state", {})
    if "request_id" not in state:
        given = Headers(scope=scope).get("x-request-id", "")
        state["request_id"] = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    return str(state["request_id"])


def problem(
    scope: Request | Scope,
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> JSONResponse:
    """An RFC 9457 answer; `detail` says in the caller's language what happened this time."""
    language = language_of(scope)
    request_id = name_request(scope.scope if isinstance(scope, Request) else scope)
    own = {"X-Request-Id": request_id} | ({"WWW-Authenticate": "Bearer"} if status == 401 else {})
    body = {
        "type": f"{routes.API}/problems/{code}",
        "title": gettext(TITLES.get(status, TITLES[500 if status >= 500 else 400]), language),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
    return JSONResponse(
        body | extra, status_code=status, media_type=MEDIA_TYPE, headers=own | dict(headers or {})
    )


def refusal(request: Request, error: DomainError) -> JSONResponse:
    """What a verb refused, with the fields or reasons it names."""
    language = language_of(request)
    extra: dict[str, Any] = {}
    if isinstance(error, InvalidError) and "field" in error.facts:
        reason = gettext(str(error.facts.get("reason", "")), language)
        extra["errors"] = [{"field": error.facts["field"], "reason": reason}]
    if isinstance(error, OrderRefusedError):
        extra["reasons"] = [
            {"code": reason.code, "title": gettext(reason.text, language, **reason.facts)}
            for reason in error.reasons
        ]
    return problem(request, error.status, error.code, translate_error(error, language), **extra)


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A code with its status and every sentence that is said under it (English msgids)."""

    code: str
    status: int
    sentences: tuple[str, ...]


def problem_kinds() -> list[ProblemKind]:
    """Every code there is, by name: the refusals of core, and the web's own."""
    found: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for code, (status, sentence) in WEB.items():
        found[code, status][sentence] = None
    waiting = [DomainError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__module__.startswith(routes.__name__.partition(".")[0]):
                found[kind.code, kind.status][kind.template] = None
            waiting.append(kind)
    return [ProblemKind(code, status, tuple(texts)) for (code, status), texts in sorted(found.items())]
