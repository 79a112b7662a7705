"""The one gate: who comes in, with which eyes, and that a refusal leaves nothing – on both databases."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError
from sqlmodel import Session, col, func, select, update

from distrib_app import doors, gate
from distrib_app.core.channels import (
    Membership,
    Partner,
    PartnerStatus,
    Tier,
    list_partners,
    set_partner_status,
    set_scope_level,
)
from distrib_app.core.kernel import events
from distrib_app.core.kernel.access import (
    SYSTEM,
    Actor,
    ApiToken,
    BadCredentialsError,
    FailedSignIn,
    Level,
    Permission,
    Resource,
    User,
    UserSession,
    create_token,
    hash_password,
    open_session,
)
from distrib_app.core.kernel.access.throttle import MAX_FAILURES_PER_USER
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.errors import (
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    StorageError,
    UnauthenticatedError,
)
from distrib_app.core.kernel.events import Event, emit
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.kernel.settings import get_settings
from distrib_app.gate import NOBODY, Credential
from tests.core.channels.town import build_town
from tests.core.inventory.copies import PostgresCopies, SqliteCopies

SECRET = "correct horse"
FAR = "198.51.100.7"


def build(session: Session) -> None:
    """The town with a password for `gz`, a demo user `ops`; memberships hold since long ago."""
    build_town(session)
    session.exec(update(Membership).values(valid_from=date(2020, 1, 1)))
    get_by(session, User, "user", username="gz").password_hash = hash_password(SECRET)
    get_by(session, User, "user", username="ops").is_demo = True


@pytest.fixture(scope="module")
def sqlite_gates(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("gate"), build)


@pytest.fixture(scope="module")
def postgres_gates(postgres_url: str, postgres_template: str) -> Iterator[PostgresCopies]:
    copies = PostgresCopies(postgres_url, postgres_template, build)
    yield copies
    copies.close()


def serve(database: Database, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Database]:
    """Let this process be configured for `database`, as a deployment would."""
    before = dict(events._reactions)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    monkeypatch.delenv("DEMO", raising=False)
    get_settings.cache_clear()
    gate.get_database.cache_clear()
    yield gate.get_database()
    gate.get_database().dispose()
    get_settings.cache_clear()
    gate.get_database.cache_clear()
    events.install_reactions(before)


@pytest.fixture(params=["sqlite_gates", "postgres_gates"])
def town(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Database]:
    """A fresh town behind the gate."""
    yield from serve(request.getfixturevalue(request.param).fresh(), monkeypatch, tmp_path)


@pytest.fixture
def file_town(
    sqlite_gates: SqliteCopies, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Database]:
    """The same in a SQLite file."""
    yield from serve(sqlite_gates.fresh(), monkeypatch, tmp_path)


def sign_in(username: str = "gz", password: str = SECRET, address: str = FAR) -> Credential:
    """A browser that signed in."""
    return Credential(session_token=doors.sign_in(username, password, address))


def browser(database: Database, username: str = "gz") -> Credential:
    """A browser that is signed in, without the slow password check."""
    with database.write(SYSTEM) as session:
        user = get_by(session, User, "user", username=username)
        return Credential(session_token=open_session(session, user=user, hours=1, now=utc_now()))


def bearer(database: Database, username: str) -> Credential:
    """A caller with a token."""
    with database.write(SYSTEM) as session:
        return Credential(bearer_token=create_token(session, username=username, name="test", now=utc_now()))


def count(database: Database, model: Any) -> int:
    """Rows of a table."""
    with database.read(SYSTEM) as session:
        return session.exec(select(func.count()).select_from(model)).one()


def change(database: Database, username: str, **values: object) -> None:
    """Set columns of a user."""
    with database.write(SYSTEM) as session:
        user = get_by(session, User, "user", username=username)
        for name, value in values.items():
            setattr(user, name, value)


def who_am_i(_session: Session, actor: Actor) -> str:
    """A query."""
    return actor.username


def codes(session: Session, _actor: Actor) -> list[str]:
    """A query on a scoped table."""
    return sorted(session.exec(select(Partner.code)).all())


def tell(session: Session, actor: Actor, *, now: datetime, fail: BaseException | None = None) -> str:
    """A verb that writes, and may then fail."""
    emit(session, actor, "test.told", subject=("test", "1"), now=now)
    session.flush()
    if fail is not None:
        raise fail
    return now.isoformat()


def test_nobody_is_let_in(town: Database) -> None:
    good = browser(town)
    before = count(town, Event)
    for credential in (
        NOBODY,
        Credential(session_token="x"),
        Credential(bearer_token="x"),
        Credential(bearer_token=good.session_token),  # a cookie is no bearer token
        Credential(session_token=bearer(town, "gz").bearer_token),
    ):
        with pytest.raises(UnauthenticatedError):
            gate.read(credential, codes)
        with pytest.raises(UnauthenticatedError):
            gate.write(credential, tell)
    assert count(town, Event) == before


def test_a_browser_and_a_token_are_the_same_person(file_town: Database) -> None:
    for credential in (sign_in(), bearer(file_town, "gz")):
        assert gate.read(credential, who_am_i) == "gz"
        assert gate.read(credential, codes) == ["GZ", "TH"]
    assert gate.read(bearer(file_town, "boss"), codes) == ["BR", "GD", "GZ", "JS", "NJ", "SZ", "TH"]


def test_arguments_pass_through(file_town: Database) -> None:
    def query(_session: Session, actor: Actor, first: int, /, *, second: int) -> tuple[str, int, int]:
        return actor.username, first, second

    assert gate.read(browser(file_town), query, 1, second=2) == ("gz", 1, 2)


def test_a_verb_is_told_the_time_and_committed_once(town: Database) -> None:
    before = utc_now()
    told = datetime.fromisoformat(gate.write(browser(town), tell))
    assert before <= told <= utc_now()
    with town.read(SYSTEM) as session:
        row = session.exec(select(Event).where(Event.kind == "test.told")).one()
        gz = get_by(session, User, "user", username="gz")
    assert (row.occurred_at, row.actor_user_id) == (told, gz.id)


@pytest.mark.parametrize(
    "error", [InvalidError(field="x", reason="y"), RuntimeError("a bug"), KeyboardInterrupt()]
)
def test_a_verb_that_fails_leaves_nothing(town: Database, error: BaseException) -> None:
    credential = browser(town)
    before = count(town, Event)
    with pytest.raises(type(error)):
        gate.write(credential, tell, fail=error)
    assert count(town, Event) == before
    gate.write(credential, tell)
    assert count(town, Event) == before + 1


def test_a_commit_that_fails_leaves_nothing(town: Database) -> None:
    def verb(session: Session, actor: Actor, *, now: datetime) -> None:
        emit(session, actor, "test.told", subject=("test", "1"), now=now)
        session.add(Tier(code="city", name="x", name_en="x", rank=9))

    before = count(town, Event)
    with pytest.raises(IntegrityError):
        gate.write(browser(town), verb)
    assert count(town, Event) == before


def test_a_refused_verb_of_core_leaves_nothing(file_town: Database) -> None:
    facts = {"code": "TH", "status": PartnerStatus.SUSPENDED}
    before = count(file_town, Event)
    with pytest.raises(ForbiddenError):
        gate.write(browser(file_town), set_partner_status, **facts)
    with pytest.raises(NotFoundError):
        gate.write(bearer(file_town, "ops"), set_partner_status, **facts | {"code": "XX"})
    assert count(file_town, Event) == before
    gate.write(bearer(file_town, "ops"), set_partner_status, **facts)
    assert count(file_town, Event) == before + 1


def test_a_query_cannot_write(town: Database) -> None:
    before = count(town, Event)
    with pytest.raises((OperationalError, InternalError)):
        gate.read(browser(town), tell, now=utc_now())
    assert count(town, Event) == before


def test_rows_read_to_know_the_actor_are_not_handed_out(town: Database) -> None:
    """The resolver loads the actor's own partner; an actor without the resource must not get it by its id."""
    with town.write(SYSTEM) as session:
        set_scope_level(session, SYSTEM, tier_code="city", resource="partners", level="none", now=utc_now())
        partner_id = get_by(session, Partner, "partner", code="GZ").id

    def query(session: Session, actor: Actor) -> tuple[Any, ...]:
        known = [type(row).__name__ for row in session.identity_map.values()]
        return session.get(Partner, partner_id), session.info["actor"] is actor, known

    assert gate.read(browser(town), query) == (None, True, [])

    def verb(session: Session, actor: Actor, *, now: datetime) -> tuple[Any, ...]:
        return query(session, actor)

    assert gate.write(browser(town), verb) == (None, True, [])


def test_an_actor_is_resolved_for_every_call(file_town: Database) -> None:
    credential = browser(file_town)

    def level(_session: Session, actor: Actor) -> Level:
        return actor.scope(Resource.PARTNERS).level

    assert gate.read(credential, level) is Level.SUBTREE
    with file_town.write(SYSTEM) as session:
        set_scope_level(session, SYSTEM, tier_code="city", resource="partners", level="own", now=utc_now())
    assert gate.read(credential, level) is Level.OWN
    with file_town.write(SYSTEM) as session:
        set_partner_status(session, SYSTEM, code="GZ", status="terminated", now=utc_now())
    assert gate.read(credential, level) is Level.NONE
    with pytest.raises(ForbiddenError):
        gate.read(credential, gate.allowed(Permission.PARTNERS_READ, list_partners))


def test_an_expired_session_and_a_disabled_user_are_nobody(file_town: Database) -> None:
    seen, token = browser(file_town), bearer(file_town, "gz")
    with file_town.write(SYSTEM) as session:
        session.exec(update(UserSession).values(expires_at=utc_now() - timedelta(seconds=1)))
    with pytest.raises(UnauthenticatedError):
        gate.read(seen, who_am_i)
    seen = browser(file_town)
    assert gate.read(seen, who_am_i) == "gz"
    change(file_town, "gz", is_disabled=True)
    for credential in (seen, token):
        with pytest.raises(UnauthenticatedError):
            gate.read(credential, who_am_i)
        with pytest.raises(UnauthenticatedError):
            gate.write(credential, tell)
    with pytest.raises(BadCredentialsError):
        sign_in()


def test_a_revoked_token_and_a_closed_session_are_nobody(file_town: Database) -> None:
    closed, other, token = browser(file_town), browser(file_town), bearer(file_town, "gz")
    with file_town.write(SYSTEM) as session:
        session.exec(update(ApiToken).values(revoked_at=utc_now()))
    doors.sign_out(closed.session_token)
    doors.sign_out("never seen")
    for credential in (closed, token):
        with pytest.raises(UnauthenticatedError):
            gate.read(credential, who_am_i)
    assert gate.read(other, who_am_i) == "gz"


def test_a_session_lives_as_long_as_configured(file_town: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESSION_HOURS", "3")
    get_settings.cache_clear()
    before = utc_now()
    sign_in()
    with file_town.read(SYSTEM) as session:
        stored = session.exec(select(UserSession)).one()
    assert stored.expires_at - stored.created_at == timedelta(hours=3)
    assert before <= stored.created_at <= utc_now()


def test_failures_are_kept_although_the_sign_in_is_refused(town: Database) -> None:
    for number, (username, password) in enumerate([("gz", "wrong"), ("ghost", SECRET), ("", "")], start=1):
        with pytest.raises(BadCredentialsError):
            sign_in(username, password)
        assert count(town, FailedSignIn) == number
    with town.read(SYSTEM) as session:
        rows = session.exec(select(FailedSignIn).order_by(col(FailedSignIn.id))).all()
    assert [(row.username, row.address) for row in rows] == [("gz", FAR), ("ghost", FAR), ("", FAR)]
    sign_in()
    assert (count(town, FailedSignIn), count(town, UserSession)) == (3, 1)


def test_guessing_is_slowed_down(file_town: Database) -> None:
    with file_town.write(SYSTEM) as session:
        session.add_all(
            FailedSignIn(username="gz", address=f"203.0.113.{last}", failed_at=utc_now())
            for last in range(MAX_FAILURES_PER_USER - 1)
        )
    with pytest.raises(BadCredentialsError):
        sign_in("gz", "wrong")
    with pytest.raises(RateLimitedError):
        sign_in("gz", SECRET)  # even the right password waits
    assert (count(file_town, FailedSignIn), count(file_town, UserSession)) == (MAX_FAILURES_PER_USER, 0)
    with file_town.write(SYSTEM) as session:
        session.exec(update(FailedSignIn).values(failed_at=utc_now() - timedelta(minutes=16)))
    sign_in("gz", SECRET)


def test_demo_users_sign_in_without_a_password_only_in_demo_mode(
    file_town: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(username: str) -> DomainError:
        with pytest.raises(NotFoundError) as caught:
            doors.sign_in_demo(username)
        return caught.value

    assert refused("ops").facts == refused("ops").facts == {"kind": "user", "key": "ops"}
    monkeypatch.setenv("DEMO", "1")
    get_settings.cache_clear()
    assert gate.read(Credential(session_token=doors.sign_in_demo("ops")), who_am_i) == "ops"
    for username in ("gz", "ghost", ""):
        refused(username)
    change(file_town, "ops", is_disabled=True)
    refused("ops")
    assert count(file_town, UserSession) == 1


def test_a_query_behind_a_permission(file_town: Database) -> None:
    listed = gate.allowed(Permission.PARTNERS_READ, list_partners)
    assert [row.code for row in gate.read(browser(file_town), listed, query=ListQuery(search="TH")).rows] == [
        "TH"
    ]
    with file_town.write(SYSTEM) as session:
        get_by(session, Tier, "tier", code="city").permissions = [Permission.ORDERS_READ]
    with pytest.raises(ForbiddenError) as caught:
        gate.read(browser(file_town), listed)
    assert caught.value.facts == {"permission": "partners.read"}


def test_a_full_disk_is_a_sentence_and_leaves_nothing(file_town: Database) -> None:
    credential = browser(file_town)
    file_town.dispose()
    pages = [0]

    @event.listens_for(file_town.engine, "connect")
    def limit(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        pages[0] = pages[0] or cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count={pages[0]}")

    def flood(session: Session, actor: Actor, *, now: datetime) -> None:
        for number in range(3000):
            emit(session, actor, "test.told", subject=("test", str(number)), now=now, filler="x" * 200)

    before = count(file_town, Event)
    with pytest.raises(StorageError) as caught:
        gate.write(credential, flood)
    assert (caught.value.code, caught.value.status) == ("storage", 507)
    assert caught.value.facts == {"cause": "database or disk is full"}
    assert count(file_town, Event) == before
    assert gate.read(credential, who_am_i) == "gz"  # reading goes on
    pages[0] += 5000
    file_town.dispose()
    gate.write(credential, flood)
    assert count(file_town, Event) == before + 3000


def test_use_is_noted_once_a_minute(file_town: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def seen() -> tuple[datetime | None, datetime | None]:
        with file_town.read(SYSTEM) as session:
            return (
                session.exec(select(UserSession.seen_at)).one(),
                session.exec(select(ApiToken.last_used_at)).one(),
            )

    credentials = browser(file_town), bearer(file_town, "gz")
    opened, unused = seen()
    assert unused is None
    for credential in credentials:
        gate.read(credential, who_am_i)
    first = seen()
    assert first[0] == opened and first[1] is not None  # signed in just now: nothing new to say
    later = utc_now() + timedelta(seconds=61)
    monkeypatch.setattr(gate, "utc_now", lambda: later)
    for credential in credentials:
        gate.read(credential, who_am_i)
        gate.write(credential, tell)
    assert seen() == (later, later)
    monkeypatch.setattr(gate, "utc_now", lambda: later + timedelta(seconds=59))
    for credential in credentials:
        gate.read(credential, who_am_i)
    assert seen() == (later, later)


def test_a_narrowed_token_holds_what_both_allow_and_no_office(file_town: Database) -> None:
    def who(_session: Session, actor: Actor) -> Actor:
        return actor

    with file_town.write(SYSTEM) as session:
        token = create_token(
            session, username="gz", name="x", scopes=("orders.read", "admin.access"), now=utc_now()
        )
        expired = create_token(session, username="gz", name="x", expires_at=utc_now(), now=utc_now())
    found = gate.read(Credential(bearer_token=token), who)
    assert (found.permissions, found.token_scopes) == (
        frozenset({"orders.read"}),
        frozenset({"orders.read", "admin.access"}),
    )
    assert found.posts == frozenset()
    assert gate.read(bearer(file_town, "gz"), who).posts != frozenset()
    with pytest.raises(UnauthenticatedError):
        gate.read(Credential(bearer_token=expired), who)
