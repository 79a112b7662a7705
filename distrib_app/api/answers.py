"""JSON answers of single records carry a tag, so that a client can ask for news and change what it saw."""

import hashlib
from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask


class Answer(JSONResponse):
    """An answer; a record's ETag is its version and a digest of the text, a list has none.

    The version alone is what `If-Match` compares; the digest tells `If-None-Match` that something around the
    record changed (an exposure, the next actions, the language), which leaves the version as it is.
    """

    def __init__(
        self,
        content: Any,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type, background)
        if self.status_code < 300 and isinstance(content, dict) and "items" not in content:
            self.headers["etag"] = _tag(content.get("version"), bytes(self.body))


def _tag(version: object, text: bytes) -> str:
    digest = hashlib.sha256(text).hexdigest()[:16]
    return f'"{version}-{digest}"' if isinstance(version, int) else f'W/"{digest}"'
