"""The FastAPI application: routers, the error door, OpenAPI."""

import secrets
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError

from .. import __version__, routes
from ..core.kernel.errors import DomainError, StorageError
from ..i18n import LANGUAGES, translate_error
from . import sessions

log = structlog.get_logger()


def create_api(routers: list[APIRouter] | None = None) -> FastAPI:
    """The REST application; every router sits below `/api/v1`."""
    api = FastAPI(
        title="Distrib",
        version=__version__,
        openapi_url=f"{routes.API}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    api.include_router(sessions.router)
    for router in routers or []:
        api.include_router(router, prefix=routes.API)
    api.add_exception_handler(DomainError, _refused)
    api.add_exception_handler(OperationalError, _storage)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(Exception, _unexpected)
    return api


def problem(status: int, code: str, title: str, **extra: Any) -> JSONResponse:
    """An RFC 9457 answer."""
    return JSONResponse(
        {"type": "about:blank", "title": title, "status": status, "code": code} | extra,
        status_code=status,
        media_type="application/problem+json",
        headers={"WWW-Authenticate": "Bearer"} if status == 401 else None,
    )


def _language(request: Request) -> str:
    wanted = request.headers.get("accept-language", "")
    return LANGUAGES[0] if wanted.lower().startswith("zh") else LANGUAGES[1]


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)
    return problem(error.status, error.code, translate_error(error, _language(request)))


async def _storage(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OperationalError)
    return await _refused(request, StorageError(cause=str(error.orig).splitlines()[0]))


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "reason": item["msg"]}
        for item in error.errors()
    ]
    return problem(
        422, "invalid", "; ".join(f"{item['field']}: {item['reason']}" for item in fields), errors=fields
    )


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    error_id = secrets.token_hex(4)
    log.error("unexpected", error_id=error_id, exc_info=error)
    return problem(
        500, "unexpected", f"Something went wrong on our side. Nothing was saved. Error {error_id}."
    )
