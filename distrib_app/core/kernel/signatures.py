"""Signed messages between programs, after Standard Webhooks 1.0 (symmetric signatures).

What is signed is `id.timestamp.body` with HMAC-SHA256; the header holds one or several signatures
`v1,<base64>` separated by blanks. A secret reads `whsec_<base64 of 24 to 64 bytes>`.
Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import DomainError, InvalidError, msg

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = timedelta(minutes=5)
_PREFIX, _VERSION = "whsec_", "v1,"
_BYTES = (24, 64)
_KEY = re.compile(r"[\x21-\x7e]{1,80}")
_SECONDS = re.compile(r"[0-9]{1,12}")


class BadSignatureError(DomainError):
    """The message was not signed by who it claims to come from; nothing is told about why."""

    code = "bad_signature"
    status = 401
    template = msg("The signature of the message is not valid. Nothing was recorded.")


class MessageTooOldError(DomainError):
    """The message was signed too long ago, or ahead of time: it may be an old one sent again."""

    code = "message_too_old"
    status = 400
    template = msg("The message is stamped {stamped}, more than {minutes} minutes from now. Send it anew.")


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """What came over the wire: the id that makes a repeated message one, when it was sent, and its body."""

    key: str
    sent_at: datetime
    body: bytes


def make_secret() -> str:
    """A new secret of 32 random bytes."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def check_secret(secret: str) -> str:
    """A secret somebody gave. Raises `InvalidError` for one that is none."""
    raw = _raw(secret)
    if raw is None or not _BYTES[0] <= len(raw) <= _BYTES[1]:
        raise InvalidError(field="secret", reason=msg("is no whsec_… of 24 to 64 bytes"))
    return secret


def sign(secret: str, *, key: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message that goes out."""
    raw = _raw(secret)
    assert raw, "a secret was checked when it was set"
    stamp = str(int(sent_at.timestamp()))
    return {ID: key, TIMESTAMP: stamp, SIGNATURE: _VERSION + _digest(raw, key, stamp, body)}


def open_message(secret: str, *, headers: Mapping[str, str], body: bytes, now: datetime) -> SignedMessage:
    """A message that came in, if one of its signatures is right and it is of this moment.

    The signature is looked at first: who cannot sign learns nothing. Raises `BadSignatureError`,
    `MessageTooOldError`.
    """
    key, stamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    raw = _raw(secret)
    if not raw or not _KEY.fullmatch(key) or not _SECONDS.fullmatch(stamp):
        raise BadSignatureError
    wanted = _digest(raw, key, stamp, body).encode()
    given = [
        one.removeprefix(_VERSION) for one in headers.get(SIGNATURE, "").split() if one.startswith(_VERSION)
    ]
    # every signature is compared, each in constant time
    if not sum(hmac.compare_digest(wanted, one.encode()) for one in given):
        raise BadSignatureError
    try:
        sent_at = datetime.fromtimestamp(int(stamp), tz=now.tzinfo)
    except (ValueError, OverflowError, OSError) as error:
        raise BadSignatureError from error
    if abs(now - sent_at) > TOLERANCE:
        minutes = TOLERANCE // timedelta(minutes=1)
        raise MessageTooOldError(stamped=sent_at.isoformat(), minutes=minutes)
    return SignedMessage(key, sent_at, body)


def _raw(secret: str) -> bytes | None:
    if not secret.startswith(_PREFIX):
        return None
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None


def _digest(raw: bytes, key: str, stamp: str, body: bytes) -> str:
    content = b".".join((key.encode(), stamp.encode(), body))
    return base64.b64encode(hmac.new(raw, content, hashlib.sha256).digest()).decode()
