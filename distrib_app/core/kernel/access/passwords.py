"""Passwords: what a new one must be, and the argon2id hashes that are kept of them."""

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from ..errors import DomainError, InvalidError, msg

MIN_PASSWORD = 10
MAX_PASSWORD = 200
# of those that every guesser tries first, the ones long enough to pass otherwise (letters and digits only)
COMMON = frozenset(
    {
        "administrator",
        "changeme123",
        "iloveyou123",
        "letmein1234",
        "password12",
        "password123",
        "password1234",
        "p4ssw0rd123",
        "passw0rd123",
        "qazwsxedcrfv",
        "1qaz2wsx3edc",
        "1q2w3e4r5t",
        "1q2w3e4r5t6y",
        "qwerty1234",
        "qwerty12345",
        "qwerty123456",
        "qwertyuiop",
        "qwertyuiop123",
        "asdfghjkl123",
        "welcome123",
        "welcome1234",
        "woaini1314",
        "woaini1314520",
        "woaini520520",
        "abcdefghij",
        "abc1234567",
        "abc123456789",
        "a123456789",
        "a1234567890",
        "aa123456789",
    }
)
TOO_SHORT = msg("at least 10 characters")
TOO_LONG = msg("at most 200 characters")
LIKE_USER_NAME = msg("not the user name")
TOO_COMMON = msg("not one that everybody tries first")


class BadCredentialsError(DomainError):
    """User name and password don't belong together (or the user is disabled)."""

    code = "bad_credentials"
    status = 401
    template = msg("User name or password is wrong.")


class WrongPasswordError(DomainError):
    """Somebody who is signed in did not give the present password."""

    code = "wrong_password"
    status = 422
    template = msg("The present password is wrong.")


def password_fault(password: str, username: str) -> str | None:
    """Why `password` is no good for a new one (msgid), or None."""
    plain = "".join(sign for sign in password.lower() if sign.isalnum())
    if len(password) < MIN_PASSWORD:
        return TOO_SHORT
    if len(password) > MAX_PASSWORD:
        return TOO_LONG
    name = "".join(sign for sign in username.lower() if sign.isalnum())
    if plain.strip("0123456789") == name.strip("0123456789") or plain == name:
        return LIKE_USER_NAME
    if plain in COMMON or len(set(password)) < 4 or plain in "01234567890123456789":
        return TOO_COMMON
    return None


def check_new_password(password: str, username: str) -> None:
    """Raise `InvalidError` unless `password` may become the user's."""
    fault = password_fault(password, username)
    if fault is not None:
        raise InvalidError(field="password", reason=fault)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobody_hash() -> str:
    return _hasher().hash(secrets.token_hex(8))


def hash_password(password: str) -> str:
    """An argon2id hash with its parameters."""
    return _hasher().hash(password)


def is_password(stored: str, password: str) -> bool:
    """Whether `password` is what `stored` was made of; takes as long where nothing usable is stored."""
    has_one = stored.startswith("$")
    try:
        _hasher().verify(stored if has_one else _nobody_hash(), password)
    except VerificationError:
        return False
    return has_one
