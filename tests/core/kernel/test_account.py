"""What people do with their own account: password, name, one-time links, sessions and tokens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from distrib_app.core.kernel.access import (
    SYSTEM,
    Actor,
    ApiToken,
    DeadLinkError,
    Invitation,
    LinkKind,
    User,
    UserSession,
    WrongPasswordError,
    accept_invitation,
    change_password,
    change_profile,
    create_user,
    end_session,
    end_token,
    find_link,
    find_session,
    find_token,
    has_password,
    hash_password,
    issue_token,
    note_session_use,
    open_invitation_link,
    open_session,
    person,
    sessions_of,
    tokens_of,
    verify_password,
)
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.errors import DomainError, ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.events import Event

HASH = hash_password("correct horse")
DAY = timedelta(days=1)


class House:
    """A house with `ann` (who has a password) and `eve` (invited), and calls as one of them."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now
        with database.write(SYSTEM) as session:
            session.add(User(username="ann", name="Ann", password_hash=HASH, created_at=now))
            create_user(session, username="eve", name="Eve", password=None, email="eve@x.cn", now=now)

    def user(self, username: str) -> User:
        with self.database.read(SYSTEM) as session:
            return get_by(session, User, "user", username=username)

    def call(self, function: Callable[..., Any], who: str = "ann", **facts: Any) -> Any:
        """A verb of somebody, in a transaction of its own."""
        with self.database.write(SYSTEM) as session:
            actor = person(get_by(session, User, "user", username=who))
            return function(session, actor, **{"now": self.now} | facts)

    def link(self, who: str = "eve", at: datetime | None = None) -> str:
        with self.database.write(SYSTEM) as session:
            user = get_by(session, User, "user", username=who)
            token: str = open_invitation_link(session, person(user), user=user, now=at or self.now)
            return token

    def accept(self, token: str, password: str = "ten--chars", at: datetime | None = None) -> str:
        with self.database.write(SYSTEM) as session:
            return accept_invitation(session, token=token, password=password, now=at or self.now).username

    def sign_in(self, who: str = "ann", agent: str = "", at: datetime | None = None) -> str:
        with self.database.write(SYSTEM) as session:
            user = get_by(session, User, "user", username=who)
            return open_session(
                session, user=user, hours=12, now=at or self.now, address="10.0.0.1", agent=agent
            )

    def is_open(self, token: str) -> bool:
        with self.database.read(SYSTEM) as session:
            return find_session(session, token=token, now=self.now) is not None

    def record(self) -> tuple[Any, ...]:
        """What a refusal must not have touched."""
        with self.database.read(SYSTEM) as session:
            users = [
                (user.username, user.name, user.email, user.password_hash, user.version)
                for user in session.exec(select(User).order_by(col(User.id)))
            ]
            links = session.exec(select(Invitation.used_at).order_by(col(Invitation.id))).all()
            counts = [
                session.exec(select(func.count()).select_from(model)).one()
                for model in (UserSession, ApiToken, Event)
            ]
        return users, links, counts

    def refused(self, call: Callable[[], Any]) -> DomainError:
        before = self.record()
        with pytest.raises(DomainError) as caught:
            call()
        assert self.record() == before
        return caught.value


@pytest.fixture
def home(house: Database, now: datetime) -> House:
    return House(house, now)


def test_a_link_sets_the_first_password_and_ends(home: House) -> None:
    assert not has_password(home.user("eve"))
    token = home.link()
    with home.database.read(SYSTEM) as session:
        found = find_link(session, token=token, now=home.now)
        stored = session.exec(select(Invitation)).one()
    assert (found.username, found.name, found.kind) == ("eve", "Eve", LinkKind.INVITATION)
    assert found.expires_at == home.now + 7 * DAY
    assert token not in stored.token_hash
    error = home.refused(lambda: home.accept(token, "too short"))
    assert error.facts == {"field": "password", "reason": "at least 10 characters"}
    assert home.accept(token) == "eve"
    with home.database.read(SYSTEM) as session:
        assert verify_password(session, username="eve", password="ten--chars").username == "eve"
        kinds = session.exec(select(Event.kind).order_by(col(Event.id))).all()
    assert kinds == ["user.link_opened", "user.joined"]
    assert isinstance(home.refused(lambda: home.accept(token)), DeadLinkError)


def test_old_unknown_and_replaced_links_are_dead(home: House) -> None:
    first = home.link()
    second = home.link()
    for token, at in ((first, home.now), ("unknown", home.now), (second, home.now + 7 * DAY), ("", home.now)):
        assert isinstance(home.refused(lambda token=token, at=at: home.accept(token, at=at)), DeadLinkError)
        with home.database.read(SYSTEM) as session, pytest.raises(DeadLinkError):
            find_link(session, token=token, now=at)
    assert home.accept(second, at=home.now + 7 * DAY - timedelta(seconds=1)) == "eve"


def test_a_disabled_users_link_is_dead(home: House) -> None:
    token = home.link()
    with home.database.write(SYSTEM) as session:
        get_by(session, User, "user", username="eve").is_disabled = True
    assert isinstance(home.refused(lambda: home.accept(token)), DeadLinkError)


def test_a_reset_ends_every_session(home: House) -> None:
    tokens = [home.sign_in(), home.sign_in()]
    link = home.link("ann")
    with home.database.read(SYSTEM) as session:
        assert find_link(session, token=link, now=home.now).kind == LinkKind.RESET
    home.accept(link, "another horse")
    assert [home.is_open(token) for token in tokens] == [False, False]


def test_ones_own_password_takes_the_present_one(home: House) -> None:
    here, there = home.sign_in(), home.sign_in()
    wrong = {"present": "wrong", "password": "another horse", "keep": here}
    assert isinstance(home.refused(lambda: home.call(change_password, **wrong)), WrongPasswordError)
    weak = {"present": "correct horse", "password": "ann", "keep": here}
    assert isinstance(home.refused(lambda: home.call(change_password, **weak)), InvalidError)
    home.call(change_password, **wrong | {"present": "correct horse"})
    assert (home.is_open(here), home.is_open(there)) == (True, False)
    with home.database.read(SYSTEM) as session:
        verify_password(session, username="ann", password="another horse")


def test_a_profile_is_changed_or_refused(home: House) -> None:
    home.call(change_profile, name=" 安娜 ", email="ann@example.com")
    assert (home.user("ann").name, home.user("ann").email) == ("安娜", "ann@example.com")
    for facts in (
        {"name": " ", "email": ""},
        {"name": "x" * 121, "email": ""},
        {"name": "Ann", "email": "no address"},
        {"name": "Ann", "email": "a@b"},
        {"name": "Ann", "email": "a@b.cn,c@d.cn"},
    ):
        error = home.refused(lambda facts=facts: home.call(change_profile, **facts))
        assert isinstance(error, InvalidError)


def sessions(home: House, who: str, current: str = "") -> list[Any]:
    with home.database.read(SYSTEM) as session:
        user = get_by(session, User, "user", username=who)
        return list(sessions_of(session, user=user, now=home.now, current=current))


def test_sessions_are_listed_and_ended(home: House) -> None:
    old = home.sign_in(agent="Firefox", at=home.now - timedelta(hours=1))
    here = home.sign_in(agent="Chrome")
    home.sign_in("eve")
    rows = sessions(home, "ann", here)
    assert [(row.agent, row.address, row.is_current, row.viewing) for row in rows] == [
        ("Chrome", "10.0.0.1", True, ""),
        ("Firefox", "10.0.0.1", False, ""),
    ]
    assert [row.seen_at for row in rows] == [home.now, home.now - timedelta(hours=1)]
    with home.database.write(SYSTEM) as session:
        note_session_use(session, token=old, now=home.now + timedelta(seconds=9))
    assert [row.agent for row in sessions(home, "ann")] == ["Firefox", "Chrome"]

    def end(session: Session, actor: Actor, *, of: str, key: str, now: datetime) -> None:
        user = get_by(session, User, "user", username=of)
        end_session(session, actor, user=user, key=key, now=now)

    key = rows[1].key
    assert isinstance(home.refused(lambda: home.call(end, of="eve", key=key)), NotFoundError)
    home.call(end, of="ann", key=key)
    assert (home.is_open(old), home.is_open(here)) == (False, True)


def test_a_token_is_issued_listed_and_ended(home: House) -> None:
    token = home.call(issue_token, name=" ERP ", scopes=("orders.read", "stock.read"), days=30)
    plain = home.call(issue_token, name="all")
    with home.database.read(SYSTEM) as session:
        rows = tokens_of(session, user=get_by(session, User, "user", username="ann"), now=home.now)
        stored = session.exec(select(ApiToken.token_hash)).all()
        found = find_token(session, token=token, now=home.now + 30 * DAY - timedelta(seconds=1))
        assert found is not None and found.scopes == {"orders.read", "stock.read"}
        assert find_token(session, token=token, now=home.now + 30 * DAY) is None
        assert find_token(session, token=plain, now=home.now + 9999 * DAY) is not None
    assert [(row.name, row.scopes, row.expires_at) for row in rows] == [
        ("all", (), None),
        ("ERP", ("orders.read", "stock.read"), home.now + 30 * DAY),
    ]
    assert not {token, plain} & set(stored)
    assert not {row.key for row in rows} & {one[:12] for one in stored}

    def end(session: Session, actor: Actor, *, key: str, now: datetime) -> None:
        end_token(session, actor, user=get_by(session, User, "user", username="ann"), key=key, now=now)

    home.call(end, key=rows[1].key)
    with home.database.read(SYSTEM) as session:
        assert find_token(session, token=token, now=home.now) is None
    assert isinstance(home.refused(lambda: home.call(end, key=rows[1].key)), NotFoundError)


@pytest.mark.parametrize(
    "facts", [{"name": ""}, {"name": "x", "scopes": ("moon.read",)}, {"name": "x", "days": 0}]
)
def test_a_token_that_makes_no_sense_is_refused(home: House, facts: dict[str, Any]) -> None:
    assert isinstance(home.refused(lambda: home.call(issue_token, **facts)), InvalidError)


def test_a_narrowed_token_issues_no_other(home: House) -> None:
    def narrowed(session: Session, actor: Actor, *, now: datetime) -> None:
        limited = Actor(actor.user_id, "ann", "Ann", token_scopes=frozenset({"orders.read"}))
        issue_token(session, limited, name="wide", now=now)

    assert isinstance(home.refused(lambda: home.call(narrowed)), ForbiddenError)
