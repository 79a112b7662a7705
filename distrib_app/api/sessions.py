"""Signing in and out: plain form posts that set or clear the HttpOnly cookie, then a full page load."""

from typing import Annotated
from urllib.parse import quote, urlencode, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask

from .. import doors, gate, routes
from ..core.kernel.errors import DomainError, ForbiddenError, UnauthenticatedError
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
        token = await run_in_threadpool(doors.sign_in, name, password, _address(request), _agent(request))
    except DomainError as error:
        return _see_other(f"{routes.LOGIN}?{urlencode({'error': error.code, 'username': name})}")
    if await run_in_threadpool(doors.is_half_signed_in, token):
        return _with_cookie(request, token, routes.SECOND_STEP)
    return _signed_in(request, token)


@router.post(routes.GIVE_CODE)
async def give_code(request: Request, code: Annotated[str, Form()] = "") -> RedirectResponse:
    """The second step: a code of the authenticator app, or a recovery code."""
    check_origin(request)
    half = request.cookies.get(gate.COOKIE, "")
    try:
        token = await run_in_threadpool(doors.give_code, half, code[:40], _address(request))
    except UnauthenticatedError:
        return _see_other(f"{routes.LOGIN}?{urlencode({'error': 'too_late'})}")
    except DomainError as error:
        return _see_other(f"{routes.SECOND_STEP}?{urlencode({'error': error.code})}")
    return _signed_in(request, token)


@router.post(routes.ASK_RESET)
async def ask_reset(request: Request, username: Annotated[str, Form()] = "") -> RedirectResponse:
    """A forgotten password: the answer is the same whoever asks."""
    check_origin(request)
    response = _see_other(f"{routes.FORGOTTEN}?asked=1")
    # done after the answer, which takes as long for a name nobody has
    response.background = BackgroundTask(doors.ask_reset, username.strip().lower()[:64])
    return response


@router.post(routes.USE_LINK)
async def use_link(
    request: Request, link: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Set the password a one-time link stands for, then sign in with it."""
    check_origin(request)
    try:
        username = await run_in_threadpool(doors.use_link, link, password)
    except DomainError as error:
        return _see_other(f"{routes.invitation(quote(link, safe=''))}?{urlencode({'error': error.code})}")
    return _see_other(f"{routes.LOGIN}?{urlencode({'ready': '1', 'username': username})}")


@router.post(routes.BEGIN_VIEW)
async def begin_view(request: Request, username: Annotated[str, Form()] = "") -> RedirectResponse:
    """An administrator looks through somebody's eyes from now on."""
    check_origin(request)
    own = request.cookies.get(gate.COOKIE, "")
    try:
        token = await run_in_threadpool(doors.begin_view, own, username)
    except UnauthenticatedError:
        return _see_other(routes.LOGIN)
    except DomainError as error:
        return _see_other(f"{routes.user(quote(username, safe=''))}?{urlencode({'error': error.code})}")
    return _signed_in(request, token)


@router.post(routes.END_VIEW)
async def end_view(request: Request) -> RedirectResponse:
    """Back to one's own eyes."""
    check_origin(request)
    try:
        token = await run_in_threadpool(doors.end_view, request.cookies.get(gate.COOKIE, ""))
    except DomainError:
        return _see_other(routes.LOGIN)
    return _with_cookie(request, token, routes.USERS)


@router.post(routes.SIGN_IN_DEMO)
async def sign_in_demo(request: Request, username: Annotated[str, Form()] = "") -> RedirectResponse:
    """One-click sign-in of a demo user; exists only in demo mode."""
    check_origin(request)
    try:
        token = await run_in_threadpool(doors.sign_in_demo, username, _address(request), _agent(request))
    except DomainError as error:
        return _see_other(f"{routes.LOGIN}?{urlencode({'error': error.code})}")
    return _signed_in(request, token)


@router.post(routes.SIGN_OUT)
async def sign_out(request: Request) -> RedirectResponse:
    """End the browser session."""
    check_origin(request)
    await run_in_threadpool(doors.sign_out, request.cookies.get(gate.COOKIE, ""))
    response = _see_other(routes.LOGIN)
    response.delete_cookie(gate.COOKIE, path="/")
    return response


def _signed_in(request: Request, token: str) -> RedirectResponse:
    return _with_cookie(request, token, routes.COCKPIT)


def _with_cookie(request: Request, token: str, url: str) -> RedirectResponse:
    response = _see_other(url)
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


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")
