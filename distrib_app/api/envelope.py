"""What surrounds every REST request: its id, its rate limit, the answer's tag, and the last safety net."""

import re
import secrets
import traceback

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import routes
from ..core.kernel.settings import get_settings
from ..i18n import gettext
from .limits import Limiter, Quota, Verdict, monotonic_ms
from .problems import TOO_MANY, UNEXPECTED, language_of, name_request, problem

log = structlog.get_logger()


def bearer_token(headers: Headers) -> str:
    """The token of an `Authorization: Bearer …` header; empty for any other."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


_CARRIER = re.compile(rf"{routes.API}/carriers/([^/]{{1,60}})/events")


def sender(scope: Scope) -> str:
    """What a caller is known by: a bearer token, or a carrier's address for its own messages."""
    carrier = _CARRIER.fullmatch(scope["path"])
    if carrier and scope["method"] == "POST":
        return f"carrier {carrier[1]} {scope['client'][0] if scope.get('client') else ''}"
    return bearer_token(Headers(scope=scope))


class Envelope:
    """Wraps the routes below `/api/v1`; everything else passes untouched."""

    def __init__(self, app: ASGIApp, limiter: Limiter) -> None:
        self.app = app
        self.limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request, let it pass if its caller may, and finish the headers of the answer."""
        if scope["type"] != "http" or not scope["path"].startswith(routes.API):
            await self.app(scope, receive, send)
            return
        request_id = name_request(scope)
        verdict = self._verdict(scope)
        answer = _Answer(scope, send, request_id, verdict)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if verdict is not None and not verdict.is_allowed:
                await _too_many(scope, verdict)(scope, receive, answer.send)
                return
            try:
                await self.app(scope, receive, answer.send)
            except Exception as error:
                if answer.is_started:
                    raise
                await unexpected(scope, error)(scope, receive, answer.send)

    def _verdict(self, scope: Scope) -> Verdict | None:
        settings = get_settings()
        if not settings.rate_limit_per_minute:
            return None
        token = sender(scope)
        strangers = settings.rate_limit_strangers
        return self.limiter.take(
            token,
            scope["client"][0] if scope.get("client") else "",
            known=Quota("token", settings.rate_limit_per_minute, settings.rate_limit_burst),
            stranger=Quota("address", strangers, min(strangers, settings.rate_limit_burst)),
            now_ms=monotonic_ms(),
        )


class _Answer:
    """The answer on its way out: headers added, 304 where the caller has it already."""

    def __init__(self, scope: Scope, send: Send, request_id: str, verdict: Verdict | None) -> None:
        self.is_started = False
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._verdict = verdict
        self._is_unchanged = False

    async def send(self, message: Message) -> None:
        """Pass a message on, finished."""
        if message["type"] == "http.response.start":
            self.is_started = True
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            headers["x-request-id"] = self._request_id
            if self._verdict is not None:
                message["headers"].extend(self._verdict.headers())
            if self._scope["state"].get("is_replay"):
                headers["idempotency-replayed"] = "true"
            if message["status"] == 200 and self._has_it(headers.get("etag", "")):
                self._is_unchanged = True
                message["status"] = 304
                del headers["content-length"]
                del headers["content-type"]
        elif self._is_unchanged and message["type"] == "http.response.body":
            message = {
                "type": "http.response.body",
                "body": b"",
                "more_body": message.get("more_body", False),
            }
        await self._send(message)

    def _has_it(self, etag: str) -> bool:
        """Whether `If-None-Match` names the tag (compared weakly, as the rules of HTTP want it)."""
        wanted = Headers(scope=self._scope).get("if-none-match", "")
        if not etag or not wanted or self._scope["method"] not in ("GET", "HEAD"):
            return False
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        return "*" in tags or etag.removeprefix("W/") in tags


def _too_many(scope: Scope, verdict: Verdict) -> Response:
    detail = gettext(TOO_MANY, language_of(scope), seconds=verdict.retry_after)
    return problem(scope, 429, "rate_limited", detail)


def unexpected(scope: Scope, error: Exception) -> Response:
    """A fault of ours: logged with an id, told without how it is made."""
    error_id = secrets.token_hex(4)
    # the plain trace: local variables may hold what belongs in no log
    log.error("unexpected", error_id=error_id, trace="".join(traceback.format_exception(error)))
    detail = gettext(UNEXPECTED, language_of(scope), error_id=error_id)
    return problem(scope, 500, "unexpected", detail, error_id=error_id)
