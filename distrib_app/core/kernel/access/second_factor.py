"""The second factor: one-time codes after RFC 6238, and recovery codes for a lost device.

A secret without a counter is being enrolled; the counter of the last accepted code says that the factor is on
and that no code up to it opens anything again.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlmodel import Session

from ..errors import ConflictError, DomainError, InvalidError, msg
from ..events import emit
from .actor import Actor
from .models import User
from .passwords import WrongPasswordError, is_password
from .sessions import hash_token
from .users import get_own_user

ISSUER = "Distrib"
STEP_SECONDS = 30
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10  # 80 bits: sixteen signs of base32


class WrongCodeError(DomainError):
    """The code is none of this moment, or opened something before."""

    code = "wrong_code"
    status = 422
    template = msg("The code is wrong or has been used already.")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs: shown once, to the person enrolling."""

    secret: str
    uri: str


def has_second_factor(user: User) -> bool:
    """Whether a code is asked for after the password."""
    return user.totp_counter > 0


def accepted_counter(secret: str, code: str, *, last: int, now: datetime) -> int | None:
    """The time step `code` belongs to: the present one or a neighbour, later than `last`; else None."""
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    plain = "".join(code.split())
    for counter in (present, present - 1, present + 1):
        if hmac.compare_digest(totp.generate_otp(counter).encode(), plain.encode()):
            return counter if counter > last else None
    return None


def take_code(session: Session, user: User, code: str, *, now: datetime) -> bool:
    """Whether `code` is right, a recovery code too; either opens only once. The user's row is locked."""
    session.refresh(user, with_for_update=True)
    counter = accepted_counter(user.totp_secret, code, last=user.totp_counter, now=now)
    if counter is not None:
        user.totp_counter = counter
        return True
    wanted = hash_token(_plain(code))
    if wanted not in user.recovery_hashes:
        return False
    user.recovery_hashes = [known for known in user.recovery_hashes if known != wanted]
    return True


def begin_second_factor(session: Session, actor: Actor, *, now: datetime) -> Enrolment:
    """A new secret for an authenticator app; nothing is asked for until a code confirms it.

    Raises `ConflictError` when a second factor is on already.
    """
    user = get_own_user(session, actor)
    if has_second_factor(user):
        raise ConflictError(subject=msg("A second factor"))
    user.totp_secret = pyotp.random_base32()
    emit(session, actor, "user.second_factor_begun", subject=("user", user.username), now=now)
    uri = pyotp.TOTP(user.totp_secret).provisioning_uri(name=user.username, issuer_name=ISSUER)
    return Enrolment(user.totp_secret, uri)


def confirm_second_factor(session: Session, actor: Actor, *, code: str, now: datetime) -> tuple[str, ...]:
    """Switch the second factor on with a first code; the recovery codes, shown once.

    Raises `InvalidError` when none is being enrolled, `WrongCodeError`.
    """
    user = get_own_user(session, actor)
    if not user.totp_secret or has_second_factor(user):
        raise InvalidError(field="code", reason=msg("no second factor is being set up"))
    counter = accepted_counter(user.totp_secret, code, last=0, now=now)
    if counter is None:
        raise WrongCodeError
    user.totp_counter = counter
    emit(session, actor, "user.second_factor_on", subject=("user", user.username), now=now)
    return _new_recovery_codes(user)


def renew_recovery_codes(session: Session, actor: Actor, *, code: str, now: datetime) -> tuple[str, ...]:
    """Ten new recovery codes in place of the old ones, shown once. Raises `WrongCodeError`."""
    user = get_own_user(session, actor)
    if not has_second_factor(user) or not take_code(session, user, code, now=now):
        raise WrongCodeError
    emit(session, actor, "user.recovery_codes_renewed", subject=("user", user.username), now=now)
    return _new_recovery_codes(user)


def disable_second_factor(session: Session, actor: Actor, *, password: str, code: str, now: datetime) -> None:
    """Switch one's own second factor off, with password and code.

    Raises `WrongPasswordError`, `WrongCodeError`.
    """
    user = get_own_user(session, actor)
    if not is_password(user.password_hash, password):
        raise WrongPasswordError
    if not has_second_factor(user) or not take_code(session, user, code, now=now):
        raise WrongCodeError
    clear_second_factor(user)
    emit(session, actor, "user.second_factor_off", subject=("user", user.username), now=now)


def clear_second_factor(user: User) -> None:
    """Forget secret and recovery codes; the caller has checked who may."""
    user.totp_secret, user.totp_counter, user.recovery_hashes = "", 0, []


def _new_recovery_codes(user: User) -> tuple[str, ...]:
    codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    user.recovery_hashes = [hash_token(_plain(code)) for code in codes]
    return codes


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _plain(code: str) -> str:
    return "".join(sign for sign in code.lower() if sign.isalnum())
