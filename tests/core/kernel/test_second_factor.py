"""One-time codes and recovery codes: enrolled, asked for, used once, taken away."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest

from distrib_app.core.kernel.access import (
    SYSTEM,
    Actor,
    User,
    WrongCodeError,
    WrongPasswordError,
    begin_second_factor,
    complete_session,
    confirm_second_factor,
    disable_second_factor,
    find_session,
    has_second_factor,
    hash_password,
    open_session,
    person,
    renew_recovery_codes,
    take_code,
)
from distrib_app.core.kernel.access.second_factor import accepted_counter
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.errors import ConflictError, DomainError, ForbiddenError, InvalidError

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HASH = hash_password("correct horse")
STEP = timedelta(seconds=30)


@pytest.fixture
def ann(house: Database, now: datetime) -> Callable[..., Any]:
    """Calls a function as `ann` in a transaction of its own."""
    with house.write(SYSTEM) as session:
        session.add(User(username="ann", name="Ann", password_hash=HASH, created_at=now))

    def call(function: Callable[..., Any], *, at: datetime = now, **facts: Any) -> Any:
        with house.write(SYSTEM) as session:
            actor = person(get_by(session, User, "user", username="ann"))
            return function(session, actor, now=at, **facts)

    return call


def row(session: Any, _actor: Actor, *, now: datetime) -> tuple[Any, ...]:
    """What is stored of the second factor."""
    user = get_by(session, User, "user", username="ann")
    return user.totp_secret, user.totp_counter, tuple(user.recovery_hashes)


def refused(call: Callable[..., Any], function: Callable[..., Any], **facts: Any) -> DomainError:
    """The refusal, which changed nothing."""
    before = call(row)
    with pytest.raises(DomainError) as caught:
        call(function, **facts)
    assert call(row) == before
    return caught.value


def code_at(secret: str, at: datetime) -> str:
    """What an authenticator app shows."""
    return pyotp.TOTP(secret).at(at)


def enrol(call: Callable[..., Any], now: datetime) -> tuple[str, tuple[str, ...]]:
    """A second factor that is on: its secret and recovery codes; the code of `now` is used up."""
    secret = call(begin_second_factor).secret
    return secret, call(confirm_second_factor, code=code_at(secret, now))


def test_a_code_opens_in_its_step_and_the_neighbours_and_never_again(now: datetime) -> None:
    present = int(now.timestamp()) // 30
    for offset, answer in ((-2, None), (-1, present - 1), (0, present), (1, present + 1), (2, None)):
        code = code_at(SECRET, now + offset * STEP)
        assert accepted_counter(SECRET, code, last=0, now=now) == answer
        if answer is not None:
            assert accepted_counter(SECRET, code, last=answer, now=now) is None
            assert accepted_counter(SECRET, f" {code[:3]} {code[3:]} ", last=answer - 1, now=now) == answer
    for nonsense in ("", "000", "abcdef", "１２３４５６"):
        assert accepted_counter(SECRET, nonsense, last=0, now=now) is None


def test_a_second_factor_is_on_only_after_a_first_code(ann: Callable[..., Any], now: datetime) -> None:
    enrolment = ann(begin_second_factor)
    assert enrolment.uri.startswith("otpauth://totp/Distrib:ann?secret=" + enrolment.secret)
    assert not ann(lambda session, actor, now: has_second_factor(get_by(session, User, "u", username="ann")))
    assert isinstance(refused(ann, confirm_second_factor, code="000000"), WrongCodeError)
    codes = ann(confirm_second_factor, code=code_at(enrolment.secret, now))
    secret, counter, hashes = ann(row)
    assert (secret, counter, len(set(codes)), len(hashes)) == (
        enrolment.secret,
        int(now.timestamp()) // 30,
        10,
        10,
    )
    assert not set(codes) & set(hashes)
    assert isinstance(refused(ann, begin_second_factor), ConflictError)
    assert isinstance(refused(ann, confirm_second_factor, code=codes[0]), InvalidError)


def test_sign_in_takes_two_steps(house: Database, ann: Callable[..., Any], now: datetime) -> None:
    secret, codes = enrol(ann, now)
    later = now + timedelta(minutes=5)
    with house.write(SYSTEM) as session:
        user = get_by(session, User, "user", username="ann")
        token = open_session(session, user=user, hours=12, now=later)
    with house.read(SYSTEM) as session:
        assert find_session(session, token=token, now=later) is None
        assert find_session(session, token=token, now=later, is_half=True) is not None
        assert find_session(session, token=token, now=later + timedelta(minutes=10), is_half=True) is None
    code = code_at(secret, later)
    assert [ann(take, code=code, at=later) for _ in range(2)] == [True, False]  # a replayed code is refused
    assert not ann(take, code=code_at(secret, later - STEP), at=later)  # nor one before it
    assert [ann(take, code=codes[3].upper(), at=later) for _ in range(2)] == [True, False]
    assert len(ann(row)[2]) == 9
    with house.write(SYSTEM) as session:
        new = complete_session(session, token=token, hours=12, now=later)
    with house.read(SYSTEM) as session:
        assert find_session(session, token=token, now=later) is None
        found = find_session(session, token=new, now=later + timedelta(hours=11, minutes=59))
    assert found is not None and found[1].username == "ann"


def take(session: Any, _actor: Actor, *, code: str, now: datetime) -> bool:
    """A code at the door."""
    return take_code(session, get_by(session, User, "user", username="ann"), code, now=now)


def test_it_goes_off_with_password_and_code(ann: Callable[..., Any], now: datetime) -> None:
    secret, codes = enrol(ann, now)
    used = code_at(secret, now)
    for facts, kind in (
        ({"password": "wrong", "code": codes[0]}, WrongPasswordError),
        ({"password": "correct horse", "code": used}, WrongCodeError),
        ({"password": "correct horse", "code": ""}, WrongCodeError),
    ):
        assert isinstance(refused(ann, disable_second_factor, **facts), kind)
    renewed = ann(renew_recovery_codes, code=codes[0])
    assert not set(renewed) & set(codes)
    assert isinstance(refused(ann, renew_recovery_codes, code=codes[1]), WrongCodeError)
    ann(disable_second_factor, password="correct horse", code=code_at(secret, now + STEP))
    assert ann(row) == ("", 0, ())
    assert isinstance(refused(ann, renew_recovery_codes, code=renewed[0]), WrongCodeError)


def test_a_narrowed_token_does_not_stand_for_its_person(house: Database, ann: Callable[..., Any]) -> None:
    def narrowed(session: Any, actor: Actor, *, now: datetime) -> None:
        limited = Actor(actor.user_id, "ann", "Ann", token_scopes=frozenset({"orders.read"}))
        begin_second_factor(session, limited, now=now)

    assert isinstance(refused(ann, narrowed), ForbiddenError)
