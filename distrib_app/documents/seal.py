"""What makes a printed document checkable: its facts with a keyed hash, in a QR code.

The token carries kind, number, day and amount as they were printed; whoever scans it is told whether this
platform issued exactly that. Nothing is looked up, so nothing else can be learned.
"""

import base64
import binascii
import hashlib
import hmac
import io
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import segno

from ..core.kernel.settings import get_settings

_TAG = 15  # bytes of the hash that the token carries
_MOST = 300  # characters of a token that are looked at
_FIELDS = 5


@dataclass(frozen=True, slots=True)
class Seal:
    """What a document says about itself; `amount` is minor units of `currency`, or pieces without one."""

    kind: str
    number: str
    day: str
    amount: int
    currency: str


def seal_token(seal: Seal, secret: bytes) -> str:
    """The facts with their keyed hash, as they stand in a URL."""
    facts = "\n".join((seal.kind, seal.number, seal.day, str(seal.amount), seal.currency)).encode()
    return _written(facts + _tag(facts, secret))


def open_seal(token: str, secret: bytes) -> Seal | None:
    """The facts of a token that this secret made; None for every other text."""
    if len(token) > _MOST:
        return None
    try:
        whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    if _written(whole) != token:  # the last character has bits that nobody reads
        return None
    facts, tag = whole[:-_TAG], whole[-_TAG:]
    if not hmac.compare_digest(tag, _tag(facts, secret)):
        return None
    parts = facts.decode().split("\n")
    if len(parts) != _FIELDS:
        return None
    kind, number, day, amount, currency = parts
    return Seal(kind, number, day, int(amount), currency)


def _written(whole: bytes) -> str:
    return base64.urlsafe_b64encode(whole).decode().rstrip("=")


def _tag(facts: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, facts, hashlib.sha256)[:_TAG]


def qr_svg(url: str) -> str:
    """The QR code of a URL as inline SVG."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=True,
        border=0,
        scale=1,
        omitsize=True,
        svgclass="qr",
        lineclass=None,
    )
    return out.getvalue().decode()


def qr_data_uri(url: str) -> str:
    """The QR code of a URL as an image that stands in the page itself."""
    return str(segno.make(url, error="m", micro=False).svg_data_uri(border=2, scale=4))


def get_secret() -> bytes:
    """The key of this deployment: from the settings, else made once in DATA_DIR."""
    settings = get_settings()
    if settings.document_secret:
        return settings.document_secret.encode()
    return _stored_secret(settings.data_dir / "document.key")


@lru_cache(maxsize=4)
def _stored_secret(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_hex(32))
    try:
        os.link(fresh, path)  # whoever is first; the others read that one
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text().encode()
