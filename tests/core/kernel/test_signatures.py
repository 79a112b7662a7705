"""Standard Webhooks: the vector of the specification, and everything that is refused."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.signatures import (
    BadSignatureError,
    MessageTooOldError,
    check_secret,
    make_secret,
    open_message,
    sign,
)

# from the test suite of the specification's own libraries
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SENT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNED = {
    "webhook-id": KEY,
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_vector_of_the_specification() -> None:
    assert sign(SECRET, key=KEY, sent_at=SENT, body=BODY) == SIGNED
    opened = open_message(SECRET, headers=SIGNED, body=BODY, now=SENT)
    assert (opened.key, opened.sent_at, opened.body) == (KEY, SENT, BODY)


def test_one_right_signature_of_several_will_do() -> None:
    several = f"v1a,zzzz v1,AAAA {SIGNED['webhook-signature']} v2,x"
    assert open_message(SECRET, headers=SIGNED | {"webhook-signature": several}, body=BODY, now=SENT)


@pytest.mark.parametrize(
    ("headers", "body", "secret"),
    [
        ({"webhook-id": "msg_other"}, BODY, SECRET),
        ({"webhook-id": ""}, BODY, SECRET),
        ({"webhook-id": "x" * 81}, BODY, SECRET),
        ({"webhook-timestamp": "1614265331"}, BODY, SECRET),
        ({"webhook-timestamp": "now"}, BODY, SECRET),
        ({"webhook-signature": ""}, BODY, SECRET),
        ({"webhook-signature": "v1,"}, BODY, SECRET),
        ({"webhook-signature": SIGNED["webhook-signature"].removeprefix("v1,")}, BODY, SECRET),
        ({"webhook-signature": SIGNED["webhook-signature"].replace("v1", "v2")}, BODY, SECRET),
        ({}, BODY + b" ", SECRET),
        ({}, BODY, "whsec_" + "A" * 43 + "="),
        ({}, BODY, ""),
        ({}, BODY, "whsec_"),
    ],
)
def test_what_is_not_signed_so_is_refused(headers: dict[str, str], body: bytes, secret: str) -> None:
    with pytest.raises(BadSignatureError):
        open_message(secret, headers=SIGNED | headers, body=body, now=SENT)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_old_and_early_messages_are_refused(seconds: int) -> None:
    with pytest.raises(MessageTooOldError):
        open_message(SECRET, headers=SIGNED, body=BODY, now=SENT + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_are_tolerated(seconds: int) -> None:
    assert open_message(SECRET, headers=SIGNED, body=BODY, now=SENT + timedelta(seconds=seconds))


def test_secrets() -> None:
    assert check_secret(make_secret()) != make_secret()
    for wrong in ("", "x", "whsec_", "whsec_???", "whsec_" + base64.b64encode(b"short").decode()):
        with pytest.raises(InvalidError):
            check_secret(wrong)
