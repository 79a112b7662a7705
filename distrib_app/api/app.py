"""The FastAPI application: routers, the error door, OpenAPI."""

import secrets
import traceback
from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from starlette.exceptions import HTTPException

from .. import __version__, routes
from ..core.kernel.errors import DomainError, InvalidError, NotFoundError, StorageError, msg
from ..core.orders import OrderRefusedError
from ..i18n import gettext, translate_error
from . import sessions
from .caller import get_caller, language_of

log = structlog.get_logger()

UNEXPECTED = msg("Something went wrong on our side. Nothing was saved. Error {error_id}.")
AT_ONCE = msg("Somebody else recorded the same at the same moment. Reload and try again; nothing was saved.")
OUT_OF_RANGE = msg("A value is larger than can be stored; nothing was saved.")
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "A sentence for people, in the caller's language."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable, for machines."},
        "errors": {"type": "array", "description": "Fields and what is wrong with them."},
        "reasons": {"type": "array", "description": "Every reason why an order was refused."},
    },
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/problem+json": {"schema": _PROBLEM}}}
    for status, text in {
        401: "No token, or one that opens nothing.",
        403: "The permission is missing, or this is for another party to do.",
        404: "Does not exist, or lies outside the caller's scope.",
        409: "Contradicts what is recorded: used code or key, other version, other state.",
        422: "A value is not acceptable; names the field.",
    }.items()
}


def create_api(routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The REST application; every router sits below `/api/v1`, behind the bearer token."""
    api = FastAPI(
        title="Distrib",
        version=__version__,
        openapi_url=f"{routes.API}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    api.include_router(sessions.router)
    for router in routers:
        api.include_router(router, prefix=routes.API, dependencies=[Depends(get_caller)], responses=PROBLEMS)
    api.add_api_route(
        f"{routes.API}/{{path:path}}",
        _unknown,
        methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        dependencies=[Depends(get_caller)],
        include_in_schema=False,
    )
    api.add_exception_handler(DomainError, _refused)
    api.add_exception_handler(OperationalError, _storage)
    api.add_exception_handler(IntegrityError, _at_once)
    api.add_exception_handler(DataError, _out_of_range)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _unexpected)
    return api


def problem(
    status: int, code: str, title: str, *, headers: dict[str, str] | None = None, **extra: Any
) -> JSONResponse:
    """An RFC 9457 answer."""
    challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse(
        {"type": "about:blank", "title": title, "status": status, "code": code} | extra,
        status_code=status,
        media_type="application/problem+json",
        headers=challenge | (headers or {}),
    )


async def _unknown(path: str) -> None:
    """Whatever no router answers; without it such paths would fall through to the pages."""
    raise NotFoundError(kind="route", key=path)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)
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
    return problem(error.status, error.code, translate_error(error, language), **extra)


async def _storage(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OperationalError)
    return await _refused(request, StorageError(cause=str(error.orig).splitlines()[0]))


async def _at_once(request: Request, error: Exception) -> JSONResponse:
    """Two writers with the same unique value: the check passed for both, the database let one through."""
    assert isinstance(error, IntegrityError)
    log.warning("integrity", error=str(error.orig))
    return problem(409, "conflict", gettext(AT_ONCE, language_of(request)))


async def _out_of_range(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DataError)
    log.warning("out of range", error=str(error.orig))
    return problem(422, "invalid", gettext(OUT_OF_RANGE, language_of(request)))


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = [{"field": _field(item), "reason": item["msg"]} for item in error.errors()]
    return problem(
        422, "invalid", "; ".join(f"{item['field']}: {item['reason']}" for item in fields), errors=fields
    )


def _field(item: dict[str, Any]) -> str:
    """Which field a finding is about; the body as a whole where it could not be read."""
    where = item["loc"][1:]
    if item["type"] == "json_invalid" or not where:
        return "body"
    return ".".join(str(part) for part in where)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, code, str(error.detail), headers=headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    error_id = secrets.token_hex(4)
    # the plain trace: local variables may hold what belongs in no log
    log.error("unexpected", error_id=error_id, trace="".join(traceback.format_exception(error)))
    return problem(500, "unexpected", gettext(UNEXPECTED, language_of(request), error_id=error_id))
