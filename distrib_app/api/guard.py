"""The outermost ASGI layer: request sizes, security headers, caching of assets."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..serving import STATIC

MAX_BODY = 1_048_576
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
        if (
            not length.isdigit()
            or int(length) > MAX_BODY
            or b"chunked" in headers.get(b"transfer-encoding", b"")
        ):
            await _refuse(send)
            return

        async def guarded_send(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_headers(scope["path"])]
            await send(message)

        await self.app(scope, receive, guarded_send)


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


async def _refuse(send: Any) -> None:
    body = b'{"type":"about:blank","title":"Request body too large","status":413,"code":"too_large"}'
    await send(
        {
            "type": "http.response.start",
            "status": 413,
            "headers": [
                (b"content-type", b"application/problem+json"),
                (b"content-length", str(len(body)).encode()),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
