"""Signing in and out: plain form posts that set or clear the HttpOnly cookie, then a full page load."""

from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from .. import gate, routes
from ..core.kernel.errors import DomainError, ForbiddenError
from ..core.kernel.settings import get_settings

router = APIRouter(include_in_schema=False)


def check_origin(request: Request) -> None:
    """Refuse a form that another site posts here."""
    origin = request.headers.get("origin")
    if origin is None:
        origin = request.headers.get("referer", "")
    if urlsplit(origin).netloc != request.headers.get("host"):
        raise ForbiddenError(permission="origin")


@router.post(routes.SIGN_IN)
async def sign_in(
    request: Request, username: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Password sign-in; a failure goes back to the login page with the name kept."""
    check_origin(request)
    name = username.strip().lower()
    try:
        token = await run_in_threadpool(gate.sign_in, name, password, _address(request))
    except DomainError as error:
        return _see_other(f"{routes.LOGIN}?{urlencode({'error': error.code, 'username': name})}")
    return _signed_in(request, token)


@router.post(routes.SIGN_IN_DEMO)
async def sign_in_demo(request: Request, username: Annotated[str, Form()] = "") -> RedirectResponse:
    """One-click sign-in of a demo user; exists only in demo mode."""
    check_origin(request)
    try:
        token = await run_in_threadpool(gate.sign_in_demo, username)
    except DomainError as error:
        return _see_other(f"{routes.LOGIN}?{urlencode({'error': error.code})}")
    return _signed_in(request, token)


@router.post(routes.SIGN_OUT)
async def sign_out(request: Request) -> RedirectResponse:
    """End the browser session."""
    check_origin(request)
    await run_in_threadpool(gate.sign_out, request.cookies.get(gate.COOKIE, ""))
    response = _see_other(routes.LOGIN)
    response.delete_cookie(gate.COOKIE, path="/")
    return response


def _signed_in(request: Request, token: str) -> RedirectResponse:
    response = _see_other(routes.COCKPIT)
    response.set_cookie(
        gate.COOKIE,
        token,
        max_age=get_settings().session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )
    return response


def _see_other(url: str) -> RedirectResponse:
    return RedirectResponse(url, status_code=303)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
