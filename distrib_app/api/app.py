"""The FastAPI application: routers, the error door, the description and its pages."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from .. import __version__, routes
from ..core.kernel.errors import DomainError, NotFoundError, StorageError
from ..i18n import gettext
from . import carriers, documents, exports, files, imports, reference, sessions
from .answers import Answer
from .caller import get_caller
from .envelope import Envelope, unexpected
from .limits import Limiter
from .openapi import describe
from .problems import AT_ONCE, NO_METHOD, NOT_VALID, OUT_OF_RANGE, language_of, problem, refusal
from .validation import finding_json

log = structlog.get_logger()

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def create_api(routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The REST application; every router sits below `/api/v1`, behind the bearer token."""
    api = FastAPI(
        title="Distrib",
        version=__version__,
        openapi_url=f"{routes.API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    api.include_router(sessions.router)
    api.include_router(exports.downloads)
    api.include_router(files.downloads)
    api.include_router(documents.pages)
    api.include_router(imports.downloads)
    api.include_router(carriers.messages)
    for router in routers:
        api.include_router(
            router, prefix=routes.API, dependencies=[Depends(get_caller)], default_response_class=Answer
        )
    api.openapi = describe(api)  # type: ignore[method-assign]
    api.include_router(reference.router, prefix=routes.API)
    api.add_api_route(
        f"{routes.API}/{{path:path}}",
        _unknown,
        methods=list(METHODS),
        dependencies=[Depends(get_caller)],
        include_in_schema=False,
    )
    api.state.limiter = Limiter()
    api.add_middleware(Envelope, limiter=api.state.limiter)
    handlers: dict[type[Exception], Callable[..., Any]] = {
        DomainError: _refused,
        OperationalError: _storage,
        IntegrityError: _at_once,
        DataError: _out_of_range,
        RequestValidationError: _invalid,
        HTTPException: _http,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
    return api


def prepare(api: FastAPI) -> FastAPI:
    """Lay out all routes now; FastAPI would do it while its first callers wait."""
    for route in api.routes:
        route.matches({"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": []})
    return api


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


async def _unknown(request: Request, path: str) -> Response:
    """Whatever no router answers; without it such paths would fall through to the pages."""
    methods = _methods_of(request)
    if not methods:
        raise NotFoundError(kind="route", key=path)
    detail = gettext(NO_METHOD, language_of(request), method=request.method)
    return problem(request, 405, "method_not_allowed", detail, headers={"Allow": ", ".join(methods)})


def _methods_of(request: Request) -> list[str]:
    """What else the address takes."""
    found: list[str] = []
    for template, item in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), request.url.path):
            found += [method.upper() for method in item]
    return sorted(set(found))


async def _refused(request: Request, error: DomainError) -> JSONResponse:
    return refusal(request, error)


async def _storage(request: Request, error: OperationalError) -> JSONResponse:
    return refusal(request, StorageError(cause=str(error.orig).splitlines()[0]))


async def _at_once(request: Request, error: IntegrityError) -> JSONResponse:
    """Two writers with the same unique value: the check passed for both, the database let one through."""
    log.warning("integrity", error=str(error.orig))
    return problem(request, 409, "conflict", gettext(AT_ONCE, language_of(request)))


async def _out_of_range(request: Request, error: DataError) -> JSONResponse:
    log.warning("out of range", error=str(error.orig))
    return problem(request, 422, "invalid", gettext(OUT_OF_RANGE, language_of(request)))


async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    language = language_of(request)
    found = [finding_json(item, language) for item in error.errors()]
    fields = "; ".join(f"{item['field']} {item['reason']}" for item in found)
    return problem(request, 422, "invalid", gettext(NOT_VALID, language, fields=fields), errors=found)


async def _http(request: Request, error: HTTPException) -> JSONResponse:
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "bad_request")
    headers = dict(error.headers) if error.headers else None
    return problem(request, error.status_code, code, str(error.detail), headers=headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    return unexpected(request.scope, error)
