"""Users, passwords, throttling, browser sessions and tokens; what is stored of a secret."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

import pytest
from sqlmodel import Session, func, select

from distrib_app.core.kernel.access import (
    NO_SCOPE,
    SYSTEM,
    Actor,
    ApiToken,
    BadCredentialsError,
    FailedSignIn,
    Level,
    Permission,
    Resource,
    Scope,
    User,
    UserSession,
    check_throttle,
    close_session,
    create_token,
    create_user,
    find_demo_user,
    find_session,
    find_token,
    hash_password,
    open_session,
    record_failure,
    verify_password,
)
from distrib_app.core.kernel.access.sessions import hash_token
from distrib_app.core.kernel.access.throttle import (
    MAX_FAILURES_PER_ADDRESS,
    MAX_FAILURES_PER_USER,
    THROTTLE_WINDOW,
)
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
)

from .copies import LazyCopies

SECRET = "correct horse 电池"
SECOND = timedelta(seconds=1)


@cache
def secret_hash() -> str:
    """The hash of the one password, made once: hashing is slow on purpose."""
    return hash_password(SECRET)


def with_people(database: Database, now: datetime) -> Database:
    """The database with the users `ann` and `bob` (a demo user) of the same password."""
    with database.write(SYSTEM) as session:
        session.add_all(
            User(username=name, name=name, password_hash=secret_hash(), is_demo=is_demo, created_at=now)
            for name, is_demo in (("ann", False), ("bob", True))
        )
    return database


@pytest.fixture
def people(house: Database, now: datetime) -> Database:
    """A house with people, on both databases: where instants are compared."""
    return with_people(house, now)


@pytest.fixture
def file_people(sqlite_houses: LazyCopies, now: datetime) -> Database:
    """The same in a SQLite file: where passwords and tokens are checked."""
    return with_people(sqlite_houses.fresh(), now)


def change(database: Database, username: str, **values: object) -> None:
    """Set columns of a user."""
    with database.write(SYSTEM) as session:
        user = get_by(session, User, "user", username=username)
        for name, value in values.items():
            setattr(user, name, value)


def read(database: Database, query: Callable[[Session], Any]) -> Any:
    """What a query finds."""
    with database.read(SYSTEM) as session:
        return query(session)


def test_a_user_is_created_with_a_hashed_password(sqlite_houses: LazyCopies, now: datetime) -> None:
    house = sqlite_houses.fresh()
    with house.write(SYSTEM) as session:
        create_user(session, username="eve", name="", password=SECRET, now=now)
    eve = read(house, lambda session: verify_password(session, username="eve", password=SECRET))
    assert (eve.username, eve.name, eve.language, eve.zone) == ("eve", "eve", "zh_CN", "Asia/Shanghai")
    assert eve.password_hash.startswith("$argon2id$")
    assert SECRET not in eve.password_hash
    assert (eve.created_at, eve.is_disabled, eve.is_demo) == (now, False, False)


def test_a_user_that_does_not_fit_is_refused(file_people: Database, now: datetime) -> None:
    usual = {"username": "eve", "name": "", "password": SECRET}
    for facts, error in (
        ({"username": "ann"}, ConflictError),
        ({"username": "Ann"}, InvalidError),
        ({"username": "a"}, InvalidError),
        ({"username": "a" * 65}, InvalidError),
        ({"username": "ann\n"}, InvalidError),
        ({"username": "安娜"}, InvalidError),
        ({"password": "7 chars"}, InvalidError),
    ):
        with pytest.raises(error), file_people.write(SYSTEM) as session:
            create_user(session, **usual | facts, now=now)
    assert read(file_people, lambda session: session.exec(select(func.count(User.id))).one()) == 2


def test_a_wrong_password_an_unknown_name_and_a_disabled_user_sound_the_same(file_people: Database) -> None:
    change(file_people, "bob", is_disabled=True)
    said = set()
    for username, password in (("ann", "wrong"), ("ghost", SECRET), ("bob", SECRET), ("", "")):
        with file_people.read(SYSTEM) as session, pytest.raises(BadCredentialsError) as caught:
            verify_password(session, username=username, password=password)
        said.add(str(caught.value))
    assert said == {"User name or password is wrong."}


def fail(database: Database, count: int, at: datetime, username: str = "ann", address: str = "::1") -> None:
    """Failed sign-ins."""
    with database.write(SYSTEM) as session:
        for _ in range(count):
            record_failure(session, username=username, address=address, now=at)


def is_throttled(database: Database, at: datetime, username: str = "ann", address: str = "::2") -> bool:
    """Whether a sign-in would be refused unseen."""
    with database.read(SYSTEM) as session:
        try:
            check_throttle(session, username=username, address=address, now=at)
        except RateLimitedError as error:
            return error.facts == {"minutes": 15}
    return False


def test_a_name_is_throttled_after_its_failures_and_freed_by_time(people: Database, now: datetime) -> None:
    fail(people, MAX_FAILURES_PER_USER - 1, now)
    assert not is_throttled(people, now)
    fail(people, 1, now + SECOND)
    assert is_throttled(people, now + SECOND)
    assert not is_throttled(people, now + SECOND, username="bob")
    assert is_throttled(people, now + THROTTLE_WINDOW - SECOND)
    assert not is_throttled(people, now + THROTTLE_WINDOW)  # the first nine are outside
    fail(people, 1, now + THROTTLE_WINDOW)
    kept = read(people, lambda session: session.exec(select(func.count(FailedSignIn.id))).one())
    assert kept == 2


def test_an_address_is_throttled_over_many_names(people: Database, now: datetime) -> None:
    for name in range(MAX_FAILURES_PER_ADDRESS):
        fail(people, 1, now, username=f"user{name}")
    assert is_throttled(people, now, username="somebody", address="::1")
    assert not is_throttled(people, now, username="somebody")


def test_a_failure_of_any_length_is_counted(file_people: Database, now: datetime) -> None:
    fail(file_people, 1, now, username="x" * 5000, address="y" * 5000)
    found = read(file_people, lambda session: session.exec(select(FailedSignIn)).one())
    assert (len(found.username), len(found.address)) == (64, 64)


def test_a_browser_session_lives_as_long_as_it_says(people: Database, now: datetime) -> None:
    with people.write(SYSTEM) as session:
        ann = get_by(session, User, "user", username="ann")
        token = open_session(session, user=ann, hours=12, now=now)
    end = now + timedelta(hours=12)

    def user_at(at: datetime, shown: str = token) -> str | None:
        found = read(people, partial(find_session, token=shown, now=at))
        return found[1].username if found else None

    assert [user_at(at) for at in (now, end - SECOND, end)] == ["ann", "ann", None]
    assert user_at(now, hash_token(token)) is None  # what is stored opens nothing
    assert user_at(now, "") is None
    stored = read(people, lambda session: session.exec(select(UserSession)).one())
    assert stored.token_hash == hash_token(token)
    assert token not in stored.token_hash
    change(people, "ann", is_disabled=True)
    assert user_at(now) is None


def test_signing_out_ends_one_session_and_signing_in_clears_old_ones(people: Database, now: datetime) -> None:
    def sign_in(at: datetime) -> str:
        with people.write(SYSTEM) as session:
            return open_session(session, user=get_by(session, User, "user", username="ann"), hours=1, now=at)

    first, second = sign_in(now), sign_in(now)
    assert first != second
    with people.write(SYSTEM) as session:
        close_session(session, token=first)
        close_session(session, token="unknown")
    assert read(people, partial(find_session, token=first, now=now)) is None
    assert read(people, partial(find_session, token=second, now=now)) is not None
    sign_in(now + timedelta(hours=2))
    assert read(people, lambda session: session.exec(select(func.count(UserSession.id))).one()) == 1


def test_a_bearer_token_opens_until_it_is_revoked(file_people: Database, now: datetime) -> None:
    with file_people.write(SYSTEM) as session:
        token = create_token(session, username="ann", name="erp", now=now)
        other = create_token(session, username="ann", name="erp", now=now)

    def owner(shown: str) -> str | None:
        found = read(file_people, partial(find_token, token=shown, now=now))
        return (
            read(file_people, lambda session: session.get_one(User, found.user_id).username)
            if found
            else None
        )

    assert owner(token) == "ann"
    assert owner(token + "x") is None
    with file_people.write(SYSTEM) as session:
        stored = get_by(session, ApiToken, "token", token_hash=hash_token(token))
        assert (stored.name, stored.created_at) == ("erp", now)
        stored.revoked_at = now
    assert owner(token) is None
    assert owner(other) == "ann"
    change(file_people, "ann", is_disabled=True)
    assert owner(other) is None
    with pytest.raises(NotFoundError), file_people.write(SYSTEM) as session:
        create_token(session, username="ghost", name="x", now=now)


def test_only_demo_users_are_found_without_a_password(file_people: Database) -> None:
    assert read(file_people, partial(find_demo_user, username="bob")).username == "bob"
    assert read(file_people, partial(find_demo_user, username="ann")) is None
    change(file_people, "bob", is_disabled=True)
    assert read(file_people, partial(find_demo_user, username="bob")) is None


def test_an_actor_holds_what_it_was_given_and_nothing_else() -> None:
    scope = Scope(Level.PARTNER, party_ids=(7,))
    ann = Actor(
        user_id=1,
        username="ann",
        name="Ann",
        permissions=frozenset({"orders.read"}),
        scopes={Resource.STOCK: scope},
    )
    ann.require(Permission.ORDERS_READ)
    with pytest.raises(ForbiddenError) as caught:
        ann.require(Permission.ORDERS_PLACE)
    assert caught.value.facts == {"permission": "orders.place"}
    assert (ann.scope("stock"), ann.scope(Resource.PRICES)) == (scope, NO_SCOPE)
    assert all(SYSTEM.can(permission) and SYSTEM.can("anything") for permission in Permission)
    assert all(SYSTEM.scope(resource).is_all for resource in Resource)


def test_levels_ascend() -> None:
    assert [level.rank for level in Level] == [0, 1, 2, 3, 4, 5]
    assert max(Level, key=lambda level: level.rank) is Level.ALL
