"""The outermost ASGI layer: request sizes, security headers, caching of assets."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.responses import Response

from .. import routes
from ..core.kernel.settings import get_settings
from ..i18n import gettext
from ..serving import STATIC
from .problems import TOO_LARGE, language_of, problem

MAX_BODY = 1_048_576
UPLOADS = frozenset({routes.FILES, f"{routes.API}/files"})
_INLINE = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


@lru_cache(maxsize=1)
def content_security_policy() -> bytes:
    """Own origin only; the inline scripts of the built pages by their hashes.

    Reflex runs toasts and scripts that a handler returns through `eval`, so that has to be allowed.
    """
    digests = sorted({_digest(script) for page in _pages() for script in _INLINE.findall(page.read_bytes())})
    scripts = " ".join(["'self'", "'unsafe-eval'", *digests])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    ).encode()


def _pages() -> list[Path]:
    return sorted(STATIC.rglob("*.html")) if STATIC.exists() else []


def _digest(script: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"


class Guard:
    """Wraps the whole application."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Refuse large bodies, then add headers to every answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        limit = _most(scope)
        is_chunked = b"chunked" in headers.get(b"transfer-encoding", b"")
        if not length.isdigit() or int(length) > limit or is_chunked:
            await _too_large(scope, limit)(scope, receive, send)
            return

        async def guarded_send(message: Any) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", [])
                # an answer that knows better (a file, its own policy) keeps its headers
                names = {name.lower() for name, _ in given}
                ours = [(name, value) for name, value in _headers(scope["path"]) if name not in names]
                message["headers"] = [*given, *ours]
            await send(message)

        await self.app(scope, receive, guarded_send)


def _most(scope: Any) -> int:
    """How large a body may be: files have a limit of their own, the form around them is small."""
    is_upload = scope["method"] == "POST" and scope["path"].rstrip("/") in UPLOADS
    return MAX_BODY + (get_settings().file_max_bytes if is_upload else 0)


def _headers(path: str) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"content-security-policy", content_security_policy()),
    ]
    if path.startswith("/assets/"):
        headers.append((b"cache-control", b"public, max-age=31536000, immutable"))
    else:
        headers.append((b"cache-control", b"no-cache"))
    return headers


def _too_large(scope: Any, limit: int) -> Response:
    return problem(scope, 413, "too_large", gettext(TOO_LARGE, language_of(scope), limit=limit))
